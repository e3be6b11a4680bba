//! Simulated cluster throughput: the playground's Raft beside raft-rs and OmniPaxos.
//!
//! Five nodes, one leader, link latency uniform 10–15 ms, tick 10 ms, election after 10 ticks, one proposal per virtual
//! millisecond at the leader, 120 virtual seconds, one thread, in-memory storage, no logging. The peers run on one event
//! queue (`queue.rs`) and one driver (`driver.rs`), both as lean as is reasonable; the playground runs on its own.
//!
//! Every contestant runs in turn, three times, so that a busy machine slows all of them alike: ratios from one run of
//! this program are worth comparing, its absolute times are not.
//!
//! `cargo run --release -- [throughput] [--seconds N] [--runs N]`

mod clock;
mod driver;
mod omni;
mod queue;
mod raft_rs;
mod setup;
mod table;

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

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match options(&arguments).and_then(|(setup, runs)| throughput(&setup, runs)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("peers: {sentence}");
            ExitCode::from(2)
        }
    }
}

fn options(arguments: &[String]) -> Result<(Setup, usize), String> {
    let mut seconds = 120;
    let mut runs = 3;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = |most: u64| {
            let given = rest.next().and_then(|text| text.parse().ok()).filter(|n| (1..=most).contains(n));
            given.ok_or(format!("{argument} takes a number from 1 to {most}"))
        };
        match argument.as_str() {
            "throughput" => {}
            "--seconds" => seconds = number(1000)?,
            "--runs" => runs = number(100)? as usize,
            other => return Err(format!("knows throughput, --seconds N and --runs N, not `{other}`")),
        }
    }
    Ok((Setup { virtual_us: seconds * 1_000_000, seed: 7 }, runs))
}

fn throughput(setup: &Setup, runs: usize) -> Result<(), String> {
    println!("{} virtual seconds, each contestant {runs} times in turn", setup.virtual_us / 1_000_000);
    let mut outcomes: Vec<Vec<Outcome>> = CONTESTANTS.iter().map(|_| Vec::with_capacity(runs)).collect();
    for _ in 0..runs {
        for (contestant, outcomes) in CONTESTANTS.iter().zip(&mut outcomes) {
            let outcome = (contestant.run)(setup).and_then(|outcome| outcome.verify(setup).map(|()| outcome));
            outcomes.push(outcome.map_err(|sentence| format!("{}: {sentence}", contestant.name))?);
        }
    }
    table::print(CONTESTANTS, &outcomes, setup);
    Ok(())
}
