//! The playground's engines beside their peers: its Raft beside raft-rs and OmniPaxos in a simulated cluster, and its
//! exhaustive search beside Stateright's ([`states`]).
//!
//! The cluster: five nodes, one leader, link latency uniform 10–15 ms, tick 10 ms, election after 10 ticks, one proposal per virtual
//! millisecond at the leader, 120 virtual seconds, one thread, in-memory storage, no logging. The peers run on one event
//! queue (`queue.rs`) and one driver (`driver.rs`), both as lean as is reasonable; the playground runs on its own.
//!
//! Every contestant runs in turn, three times, so that a busy machine slows all of them alike: ratios from one run of
//! this program are worth comparing, its absolute times are not. Messages a second tell what a message costs, × real time
//! what the cluster costs: Rafts differ in how many messages they send per entry.
//!
//! `cargo run --release -- [throughput|states] [--seconds N] [--runs N] [--only TEXT]`, TEXT being part of a row's name.
//! Without a first word, both.

mod clock;
mod driver;
mod omni;
mod ours;
mod queue;
mod raft_rs;
mod setup;
mod states;
mod table;

use ours::Measure;
use setup::{Links, Outcome, Setup};
use std::process::ExitCode;

/// One row of the table.
pub struct Contestant {
    /// The name in the table.
    pub name: &'static str,
    /// The links that it runs on.
    pub links: Links,
    /// Whether this is the playground.
    pub ours: bool,
    run: fn(&Setup) -> Result<Outcome, String>,
}

const CONTESTANTS: &[Contestant] = &[
    Contestant {
        name: "playground, checkpoints too",
        links: Links::AnyOrder,
        ours: true,
        run: |setup| ours::run(setup, Measure::Session),
    },
    Contestant {
        name: "playground, trace and properties",
        links: Links::AnyOrder,
        ours: true,
        run: |setup| ours::run(setup, Measure::World),
    },
    Contestant {
        name: "playground, neither",
        links: Links::AnyOrder,
        ours: true,
        run: |setup| ours::run(setup, Measure::Bare),
    },
    Contestant {
        name: "raft-rs 0.7",
        links: Links::AnyOrder,
        ours: false,
        run: |setup| Ok(driver::run::<raft_rs::RaftRs>(setup, Links::AnyOrder)),
    },
    Contestant {
        name: "raft-rs 0.7",
        links: Links::InOrder,
        ours: false,
        run: |setup| Ok(driver::run::<raft_rs::RaftRs>(setup, Links::InOrder)),
    },
    Contestant {
        name: "OmniPaxos 0.2.4",
        links: Links::InOrder,
        ours: false,
        run: |setup| Ok(driver::run::<omni::Omni>(setup, Links::InOrder)),
    },
];

/// What was asked for on the command line.
struct Asked {
    /// One of the two tables, if not both.
    table: Option<&'static str>,
    setup: Setup,
    runs: usize,
    only: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["row", model, engine] => states::row(model, engine),
        _ => asked(&arguments).and_then(|asked| tables(&asked)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("peers: {sentence}");
            ExitCode::from(2)
        }
    }
}

fn asked(arguments: &[String]) -> Result<Asked, String> {
    let mut asked =
        Asked { table: None, setup: Setup { virtual_us: 120_000_000, seed: 7 }, runs: 3, only: String::new() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = |most: u64| {
            let given = rest.next().and_then(|text| text.parse().ok()).filter(|n| (1..=most).contains(n));
            given.ok_or(format!("{argument} takes a number from 1 to {most}"))
        };
        match argument.as_str() {
            "throughput" => asked.table = Some("throughput"),
            "states" => asked.table = Some("states"),
            "--seconds" => asked.setup.virtual_us = number(1000)? * 1_000_000,
            "--runs" => asked.runs = number(100)? as usize,
            "--only" => asked.only = rest.next().ok_or("--only takes part of a row's name")?.clone(),
            other => {
                return Err(format!("knows throughput, states, --seconds N, --runs N and --only TEXT, not `{other}`"));
            }
        }
    }
    Ok(asked)
}

fn tables(asked: &Asked) -> Result<(), String> {
    if asked.table != Some("states") {
        throughput(asked)?;
    }
    if asked.table != Some("throughput") {
        states::table(&asked.only)?;
    }
    Ok(())
}

fn throughput(Asked { setup, runs, only, .. }: &Asked) -> Result<(), String> {
    println!("{} virtual seconds, each contestant {runs} times in turn\n", setup.virtual_us / 1_000_000);
    let chosen: Vec<&Contestant> =
        CONTESTANTS.iter().filter(|contestant| contestant.name.contains(only.as_str())).collect();
    let mut outcomes: Vec<Vec<Outcome>> = chosen.iter().map(|_| Vec::with_capacity(*runs)).collect();
    for _ in 0..*runs {
        for (contestant, outcomes) in chosen.iter().zip(&mut outcomes) {
            let outcome = (contestant.run)(setup).and_then(|outcome| outcome.verify(setup).map(|()| outcome));
            outcomes.push(outcome.map_err(|sentence| format!("{}: {sentence}", contestant.name))?);
        }
    }
    table::print(&chosen, &outcomes, setup);
    Ok(())
}
