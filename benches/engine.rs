//! What the engine costs: events a second, seeks in long runs, memory. `cargo bench --bench engine` prints it.
#![allow(clippy::disallowed_types, reason = "a benchmark reads the wall clock")]

use consensus_playground::check::models::two_phase::TwoPhase;
use consensus_playground::check::{Bounds, Order, Search};
use consensus_playground::protocol::{Habitat, Info, Shape};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::Scenario;
use consensus_playground::session::Session;
use consensus_playground::sim::{Options, Random, World};
use std::sync::Arc;
use std::time::Instant;

/// Five nodes, ten clients that hardly think: the log grows by one entry in about nine events.
fn busy(protocol: &str, events: u32) -> Scenario {
    // The page's benchmark, tests/e2e/bench.mjs, reads the same file.
    let json = include_str!("busy.json").replace("PROTOCOL", protocol).replace("999999", &events.to_string());
    Scenario::from_json(json).expect("a scenario")
}

fn rate(name: &str, protocol: &str, options: Options) {
    let scenario = Arc::new(busy(protocol, 500_000));
    let mut best = 0;
    let mut events = 0;
    for _ in 0..3 {
        let mut world = World::new(scenario.clone(), Arc::default(), options).expect("a world");
        let start = Instant::now();
        while world.step() {}
        events = world.events();
        best = best.max(u128::from(events) * 1_000_000 / start.elapsed().as_micros().max(1));
    }
    println!("{protocol:>12}, {name:<28} {best:>10} events/s (best of 3 runs of {events} events)");
}

/// One value to be decided by five nodes that propose different ones.
fn decision(info: &Info, seed: u32) -> Scenario {
    let model = match info.habitat {
        Habitat::Synchronous => "synchronous",
        Habitat::PartiallySynchronous => "partially-synchronous",
        Habitat::Asynchronous => "asynchronous",
    };
    let json = include_str!("decide.json").replace("PROTOCOL", info.id).replace("MODEL", model);
    Scenario::from_json(json.replace("777777", &seed.to_string())).expect("a scenario")
}

/// Messages and events a second of every protocol, trace and properties on: `tests/e2e/throughput.mjs` sets them beside
/// those in the browser. One value is decided in moments: there, as many runs as make a second or so.
fn throughput() {
    for info in registry::ALL {
        let seeds = if info.shape == Shape::OneValue { 3000 } else { 1 };
        let (mut best, mut messages, mut events) = (0, 0, 0);
        for _ in 0..3 {
            (messages, events) = (0, 0);
            let scenarios: Vec<Arc<Scenario>> = (1..=seeds)
                .map(|seed| Arc::new(if seeds > 1 { decision(info, seed) } else { busy(info.id, 300_000) }))
                .collect();
            let start = Instant::now();
            for scenario in scenarios {
                let mut world = World::new(scenario, Arc::default(), Options::default()).expect("a world");
                while world.step() {}
                events += u64::from(world.events());
                messages += world.tallies().iter().map(|tally| tally.delivered).sum::<u64>();
            }
            best = best.max(u128::from(messages) * 1_000_000 / start.elapsed().as_micros().max(1));
        }
        println!("throughput {:<12} {best:>9} messages/s ({messages} messages, {events} events)", info.id);
    }
}

/// The checker on two-phase commit; `tests/e2e/bench.mjs` does the same in the browser.
fn search() {
    let mut best = 0;
    for _ in 0..5 {
        let start = Instant::now();
        let progress = Search::new(TwoPhase::new(7), Order::Breadth, Bounds::NONE).run(u64::MAX);
        best = best.max(u128::from(progress.generated) * 1_000_000 / start.elapsed().as_micros().max(1));
    }
    println!("   search, two-phase commit with 7 managers {best:>10} states/s (best of 5 runs)");
}

fn seeks(events: u32) {
    let mut session = Session::new(busy("raft", events)).expect("a session");
    let start = Instant::now();
    session.run();
    let ran = start.elapsed();
    let mut random = Random::stream(1, 1);
    let mut times: Vec<u128> = (0..200)
        .map(|_| {
            let event = random.below(u64::from(events)) as u32;
            let start = Instant::now();
            session.seek(event);
            assert_eq!(session.world().events(), event);
            start.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    let memory = memory().map_or_else(String::new, |mb| format!(", {mb} MB in memory"));
    println!(
        "seek in {events} events: median {} µs, 95th percentile {} µs, worst {} µs; run with checkpoints in {} ms{memory}",
        times[100],
        times[189],
        times[199],
        ran.as_millis()
    );
}

/// Resident memory in MB, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
}

fn main() {
    if std::env::args().any(|argument| argument == "throughput") {
        return throughput();
    }
    for protocol in ["raft", "causal"] {
        rate("trace and properties", protocol, Options { trace: true, properties: true });
        rate("properties", protocol, Options { trace: false, properties: true });
        rate("neither", protocol, Options { trace: false, properties: false });
    }
    throughput();
    search();
    if std::env::args().any(|argument| argument == "rates") {
        return;
    }
    for events in [200_000, 1_000_000, 2_000_000] {
        seeks(events);
    }
}
