//! Clients: they are sent elsewhere, lose patience, ask again, and are served once.

use super::*;
use consensus_playground::properties::{Action, Reply};
use consensus_playground::protocol::{NodeId, Value as Word};
use consensus_playground::scenario::StateMachine;
use std::collections::{BTreeMap, BTreeSet};

fn workload(machine: &str, operations: u32) -> Value {
    json!({ "count": 3, "operations": operations, "state_machine": machine, "think_ms": 20, "timeout_ms": 400 })
}

fn raft(script: Value, clients: Value, seed: u64) -> Session {
    let network = json!({ "model": "partially-synchronous", "min_ms": 2, "delta_ms": 20, "gst_ms": 4000, "loss": 0.1,
                          "duplication": 0.1 });
    run("raft", network, script, json!({ "clients": clients, "seed": seed, "stop": { "at_ms": 20_000 } }))
}

#[test]
fn a_follower_sends_a_client_to_the_leader() {
    let script = json!([{ "at_ms": 2000, "do": "propose", "node": 0, "value": "x" }]);
    let mut redirected = 0;
    for seed in 1..=6 {
        let session = run("raft", partially(), script.clone(), json!({ "seed": seed }));
        let report = session.report();
        let leader = report.nodes.iter().position(|node| node.role == "leader").unwrap();
        let asks = of(&session, What::Ask);
        assert_eq!(usize::from(asks.last().unwrap().node.0), leader);
        if leader != 0 {
            redirected += 1;
            assert_eq!((asks.len(), asks[1].at - asks[0].at, asks[1].aux), (2, 1_000, 0));
        }
        assert!(everywhere(&report, &["x"]));
    }
    assert!(redirected > 1);
}

#[test]
fn a_client_that_waits_too_long_asks_elsewhere_under_the_same_name() {
    let session = raft(
        json!([
            { "at_ms": 6000, "do": "partition", "groups": [[0]] }, { "at_ms": 9000, "do": "heal" },
            { "at_ms": 9000, "do": "partition", "groups": [[1]] }, { "at_ms": 12_000, "do": "heal" }
        ]),
        workload("log", 200),
        3,
    );
    let again: Vec<_> = of(&session, What::Ask).into_iter().filter(|event| event.aux == 1).collect();
    assert!(!again.is_empty());
    let history = session.world().clients().history();
    assert!(history.iter().all(|operation| operation.answered.is_some()));
    let names: BTreeSet<_> =
        history.iter().map(|operation| (operation.command.client, operation.command.serial)).collect();
    assert_eq!((names.len(), history.len()), (600, 600), "one name for each operation");
}

#[test]
fn whatever_is_acknowledged_is_applied_once() {
    for seed in 1..=8 {
        let script = json!([
            { "at_ms": 3000, "do": "crash", "node": 0 }, { "at_ms": 5000, "do": "restart", "node": 0 },
            { "at_ms": 6000, "do": "pause", "node": 1 }, { "at_ms": 7500, "do": "resume", "node": 1 },
            { "at_ms": 8000, "do": "crash", "node": 2 }, { "at_ms": 9000, "do": "restart", "node": 2 }
        ]);
        let session = raft(script, workload("log", 60), seed);
        let report = session.report();
        for node in &report.nodes {
            let once: BTreeSet<_> = node.delivered.iter().collect();
            assert_eq!((once.len(), node.delivered.len()), (180, 180), "seed {seed}, node {}", node.id);
        }
        assert!(!report.violated());
    }
}

/// Every acknowledged operation was answered as a reference register answers, in the order of the log.
#[test]
fn all_three_state_machines_answer_as_their_reference() {
    let machines = [("log", StateMachine::Log), ("register", StateMachine::Register), ("kv", StateMachine::Kv)];
    for (name, machine) in machines {
        let script =
            json!([{ "at_ms": 5000, "do": "crash", "node": 1 }, { "at_ms": 6000, "do": "restart", "node": 1 }]);
        let session = raft(script, workload(name, 80), 5);
        let world = session.world();
        let mut cells: BTreeMap<Option<Word>, Word> = BTreeMap::new();
        let mut expected = BTreeMap::new();
        for delivery in world.application(NodeId(0)).delivered.iter().filter(|delivery| delivery.applied) {
            let operation = world.values().operation(delivery.command.value, machine);
            let held = cells.get(&operation.key).copied();
            let reply = match operation.action {
                Action::Append(_) => Reply::Length(expected.len() as u64 + 1),
                Action::Read => Reply::Read(held),
                Action::Write(value) => {
                    cells.insert(operation.key, value);
                    Reply::Done
                }
                Action::Cas(old, new) => {
                    if held == old {
                        cells.insert(operation.key, new);
                    }
                    Reply::Swapped(held == old)
                }
            };
            expected.insert((delivery.command.client, delivery.command.serial), reply);
        }
        for operation in world.clients().history().iter() {
            let (at, event, reply) = operation.answered.expect("an answer");
            let name = (operation.command.client, operation.command.serial);
            assert_eq!(expected[&name], reply, "{name:?}");
            assert!(at >= operation.invoked.0 && event >= operation.invoked.1);
        }
        assert_eq!(world.clients().history().len(), 240);
        let linearizable = session.properties().into_iter().find(|property| property.name == "Linearizability");
        assert_eq!(consensus_playground::report::words(linearizable.unwrap().status).0, "holds");
        let state = session.report().nodes[0].state.clone();
        let shown = match machine {
            StateMachine::Log => "240 values".to_owned(),
            _ => {
                let cell = |(key, value): (&Option<Word>, &Word)| match key {
                    Some(key) => format!("{}={}", world.values().show(*key), world.values().show(*value)),
                    None => world.values().show(*value),
                };
                cells.iter().map(cell).collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(state, shown, "{name}");
    }
}

#[test]
fn an_operation_that_nobody_can_serve_has_no_outcome() {
    let script = json!([
        { "at_ms": 2000, "do": "crash", "node": 0 }, { "do": "crash", "node": 1 },
        { "do": "propose", "node": 2, "value": "x" }
    ]);
    let session = run("raft", partially(), script, json!({}));
    let operation = session.world().clients().history()[0];
    assert_eq!((operation.answered, session.world().clients().outstanding()), (None, 1));
}

#[test]
fn a_broadcast_at_a_crashed_node_waits_until_it_is_back() {
    let script = json!([
        { "at_ms": 100, "do": "crash", "node": 1 },
        { "at_ms": 200, "do": "propose", "node": 1, "value": "x" },
        { "at_ms": 1000, "do": "restart", "node": 1 }
    ]);
    let session = run("best-effort", partially(), script, json!({}));
    assert!(everywhere(&session.report(), &["x"]));
    let asks = of(&session, What::Ask);
    assert!(asks.iter().all(|ask| ask.node == NodeId(1)), "nobody else broadcasts for it");
    assert!(asks.last().unwrap().at < 1_060_000 && asks[..asks.len() - 1].iter().all(|ask| ask.aux & 2 == 2));
}

#[test]
fn a_decided_node_answers_every_proposal_at_once() {
    let script = json!([
        { "at_ms": 100, "do": "propose", "node": 0, "value": "a" },
        { "at_ms": 5000, "do": "propose", "node": 1, "value": "b" },
        { "at_ms": 5000, "do": "propose", "node": 1, "value": "c" }
    ]);
    let session = run("paxos", partially(), script, json!({}));
    assert!(everywhere(&session.report(), &["a"]));
    let answers: Vec<_> =
        session.world().clients().history().iter().map(|o| o.answered.map(|a| a.0 / 1_000_000)).collect();
    assert_eq!(answers, [Some(0), Some(5), Some(5)]);
}
