//! What the monitors cost: observations as a run of each protocol makes them, the checkpoints of a run included.
//! `cargo bench --bench properties` prints it.
#![allow(clippy::disallowed_types, reason = "a benchmark reads the wall clock")]

use consensus_playground::properties::{Action, Moment, Monitor, Observation, Operation, Outcome, Reply};
use consensus_playground::protocol::{ClientId, Command, Fact, NodeId, Value};
use consensus_playground::protocols::registry;
use std::sync::OnceLock;
use std::time::Instant;

const ENTRIES: u32 = 20_000;

/// What one committed entry of Raft on `n` nodes tells.
fn raft(n: usize) -> Vec<Observation> {
    let mut all = Vec::new();
    let fact = |node, fact| Observation::Fact { node, fact };
    for node in NodeId::all(n) {
        all.push(fact(node, Fact::Epoch { epoch: 1 }));
    }
    all.push(fact(NodeId(0), Fact::Leads { epoch: 1 }));
    for entry in 1..=ENTRIES {
        let (client, serial) = (ClientId(entry % 4), entry / 4);
        let command = Command { client, serial, value: Value(entry) };
        let operation = Operation { key: Some(Value(entry % 3)), action: Action::Write(Value(entry)) };
        all.push(Observation::Invoked { client, serial, operation });
        all.push(Observation::Request { node: NodeId(0), command });
        let position = u64::from(entry);
        for node in NodeId::all(n) {
            all.push(fact(node, Fact::Appends { position, epoch: 1, command }));
        }
        for node in NodeId::all(n) {
            all.push(fact(node, Fact::Commits { position }));
            all.push(Observation::Delivered { node, position, command, repeat: false });
        }
        all.push(Observation::Returned { client, serial, outcome: Outcome::Ok(Reply::Done) });
    }
    all
}

/// What broadcasts on `n` nodes tell, each node's in turn and all in one order.
fn broadcast(n: usize) -> Vec<Observation> {
    let mut all = Vec::new();
    for entry in 1..=ENTRIES {
        let sender = NodeId((entry as usize % n) as u8);
        let command = Command { client: ClientId(entry), serial: 1, value: Value(entry) };
        all.push(Observation::Request { node: sender, command });
        for node in NodeId::all(n) {
            all.push(Observation::Delivered { node, position: u64::from(entry), command, repeat: false });
        }
    }
    all
}

/// Time on the processor where the system tells, which other work on the machine does not lengthen; else the clock.
fn busy_ns() -> u128 {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let busy = told.and_then(|line| line.split(' ').next().and_then(|ns| ns.parse().ok()));
    busy.unwrap_or_else(|| START.get_or_init(Instant::now).elapsed().as_nanos())
}

fn main() {
    for (id, nodes, observations) in
        [("raft", 5, raft(5)), ("raft", 25, raft(25)), ("sequencer", 5, broadcast(5)), ("sequencer", 25, broadcast(25))]
    {
        let info = registry::info(id).expect("registered");
        let mut best = u128::MAX;
        for _ in 0..5 {
            let mut monitor = Monitor::new(info, nodes);
            let mut checkpoints = Vec::new();
            let start = busy_ns();
            for (event, observation) in (0..).zip(&observations) {
                monitor.observe(&Moment { event, at: u64::from(event) }, observation);
                if event % 1024 == 0 {
                    checkpoints.push(monitor.clone());
                }
            }
            best = best.min(busy_ns() - start);
            assert!(monitor.violated().is_none());
        }
        let each = best / observations.len() as u128;
        println!(
            "{id:>12}, {nodes:>2} nodes: {each:>4} ns per observation ({} of them, best of 5)",
            observations.len()
        );
    }
}
