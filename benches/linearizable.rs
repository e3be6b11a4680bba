//! What the checker of histories costs: a thousand operations of ten processes, with outcomes that are unknown.
//! `cargo bench --bench linearizable` prints it.
#![allow(clippy::disallowed_types, reason = "a benchmark reads the wall clock")]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/linearizable/generate.rs"]
mod generate;

use consensus_playground::properties::linearizable::{check, parse};
use generate::Shape;
use std::time::Instant;

/// The slowest of twelve histories of this shape.
fn slowest(name: &str, kind: fn(&Shape) -> String, shape: Shape) {
    let histories = (0..12).map(|seed| kind(&Shape { seed, ..shape }));
    let times = histories.map(|jsonl| {
        let history = parse(&jsonl).expect("a history");
        let start = Instant::now();
        assert!(check(&history).linearizable.is_some(), "{shape:?}");
        start.elapsed()
    });
    let worst = times.max().unwrap_or_default();
    println!(
        "{name:>20}, {} operations, {:>2} processes, {:>2} % unknown: {:>6} µs (slowest of 12)",
        shape.operations,
        shape.processes,
        shape.unknown,
        worst.as_micros()
    );
}

fn main() {
    let plain = Shape { operations: 1_000, processes: 10, ..Shape::plain(0) };
    for unknown in [0, 1, 10, 40] {
        let shape = Shape { unknown, ..plain };
        slowest("values differ", generate::distinct, shape);
        slowest("… a stale read", generate::distinct, Shape { falsify: true, ..shape });
        slowest("five values repeat", generate::register, shape);
    }
    let appends = Shape { operations: 2_000, processes: 50, keys: 10, unknown: 10, ..plain };
    slowest("appends on ten keys", generate::key_value, appends);
}
