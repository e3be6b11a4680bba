//! Exhaustive search: the playground's beside Stateright's, on the same models.
//!
//! Each model is written once, in the playground's interface, and given to Stateright through `adapter.rs`, so both
//! engines walk the same states by the same successor function. Two-phase commit is there twice: packed into a word, and
//! `plain.rs` in vectors and a set, as a first draft would have it.
//!
//! Every row is a process of its own, so that its peak of memory is its own; small models are searched several times
//! over and the time is divided. Counts must be equal to each other and to what is known, or the program fails.

mod adapter;
mod child;
mod plain;

use child::{Engine, Row};
use consensus_playground::check::models::paxos_tla::{Paxos, Rule};
use consensus_playground::check::models::two_phase::TwoPhase;
use plain::Plain;

/// A model with what is known of it.
struct Known {
    name: &'static str,
    generated: u64,
    unique: u64,
    depth: u32,
    /// How many times it is searched per row.
    times: u32,
    search: fn(Engine) -> (u64, u64, u32),
}

const MODELS: &[Known] = &[
    Known {
        name: "2pc 7",
        generated: 2_744_706,
        unique: 296_448,
        depth: 23,
        times: 4,
        search: |engine| child::search(TwoPhase::new(7), engine),
    },
    Known {
        name: "2pc 9",
        generated: 123_558_402,
        unique: 10_340_352,
        depth: 29,
        times: 1,
        search: |engine| child::search(TwoPhase::new(9), engine),
    },
    Known {
        name: "Paxos.tla, ballots 0..2",
        generated: 1_361_380,
        unique: 185_369,
        depth: 25,
        times: 4,
        search: |engine| child::search(Paxos::new(3, Rule::Highest), engine),
    },
    Known {
        name: "2pc 7, plain",
        generated: 2_744_706,
        unique: 296_448,
        depth: 23,
        times: 1,
        search: |engine| child::search(Plain { managers: 7 }, engine),
    },
];

/// The row that this process is to be, when it was started for one: prints what came of it.
pub fn row(model: &str, engine: &str) -> Result<(), String> {
    let known = MODELS.iter().find(|known| known.name == model).ok_or("there is no such model")?;
    let engine = Engine::named(engine).ok_or("there is no such engine")?;
    println!("{}", child::measure(known.times, || (known.search)(engine))?);
    Ok(())
}

/// Runs and prints all rows whose names contain `only`.
pub fn table(only: &str) -> Result<(), String> {
    println!("\nExhaustive search; per second of processor time, memory as the peak of a process of its own\n");
    println!(
        "{:<25} {:<28} {:>11} {:>10} {:>5} {:>8} {:>9} {:>8} {:>8} {:>9}",
        "model", "engine", "generated", "unique", "depth", "cpu s", "M gen./s", "MB", "B/state", "× faster"
    );
    for known in MODELS {
        let mut ours: Option<Row> = None;
        for engine in Engine::ALL {
            if !format!("{}, {}", known.name, engine.name()).contains(only) {
                continue;
            }
            let row = child::start(known.name, *engine)?;
            let counts = (row.generated, row.unique, row.depth);
            if counts != (known.generated, known.unique, known.depth) {
                return Err(format!("{}, {}: generated, unique, depth are {counts:?}", known.name, engine.name()));
            }
            let rate = |row: &Row| row.generated as f64 / row.cpu;
            let than = ours.as_ref().filter(|_| engine.is_peer());
            println!(
                "{:<25} {:<28} {:>11} {:>10} {:>5} {:>8.2} {:>9.2} {:>8.1} {:>8.1} {:>9}",
                known.name,
                engine.name(),
                row.generated,
                row.unique,
                row.depth,
                row.cpu,
                rate(&row) / 1e6,
                row.bytes as f64 / 1e6,
                row.bytes as f64 / row.unique as f64,
                than.map_or(String::new(), |ours| format!("{:.1}", rate(ours) / rate(&row))),
            );
            if *engine == Engine::Breadth {
                ours = Some(row);
            }
        }
    }
    println!("\n× faster: the playground's search in breadth, on one thread, than this one.");
    Ok(())
}
