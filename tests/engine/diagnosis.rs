//! Why nothing moves, and the change that ends it.

use super::*;
use consensus_playground::diagnosis::Diagnosis;
use consensus_playground::scenario::Verb;

fn stalled(protocol: &str, nodes: u8, script: Value) -> (Session, Diagnosis) {
    let session = run(protocol, partially(), script, json!({ "nodes": nodes, "stop": { "at_ms": 60_000 } }));
    let mut session = Session::open(session.recording()).unwrap();
    session.seek_time(20_000_000);
    let diagnosis = session.diagnosis().expect("a stall");
    (session, diagnosis)
}

/// Does what the diagnosis says, and sees that the run moves again.
fn cured(protocol: &str, nodes: u8, script: Value) -> Diagnosis {
    let (mut session, diagnosis) = stalled(protocol, nodes, script);
    let before = session.world().progress_at();
    assert!(!diagnosis.change.is_empty());
    for verb in diagnosis.change.clone() {
        session.perform(verb);
    }
    assert_eq!(session.diagnosis(), None, "{protocol}: {:?}", diagnosis.change);
    session.run();
    assert!(session.world().progress_at() > before, "{protocol}: {:?}", diagnosis.change);
    diagnosis
}

fn crash(node: u8) -> Value {
    json!({ "at_ms": 3000, "do": "crash", "node": node })
}

fn pause(node: u8) -> Value {
    json!({ "at_ms": 3000, "do": "pause", "node": node })
}

fn partition(groups: Value) -> Value {
    json!({ "at_ms": 3000, "do": "partition", "groups": groups })
}

/// Somebody asks, so that there is something to do.
fn ask(node: u8) -> Value {
    json!({ "at_ms": 3001, "do": "propose", "node": node, "value": "x" })
}

#[test]
fn no_quorum() {
    let cases = [
        (json!([crash(0), crash(1), crash(2), ask(3)]), 1, "n0, n1 and n2 are down"),
        (json!([pause(0), pause(1), pause(2), ask(3)]), 1, "n0, n1 and n2 are paused"),
        (json!([crash(4), pause(1), pause(2), ask(3)]), 1, "n4 is down, n1 and n2 are paused"),
        (json!([crash(0), crash(1), crash(2), crash(3), ask(4)]), 2, "are down"),
        (json!([partition(json!([[0, 1], [2, 3], [4]])), ask(3)]), 1, "no node reach more than n0 and n1 do"),
        (json!([partition(json!([[0], [1], [2], [3], [4]])), ask(3)]), 1, "no two of the others reach one another"),
        (json!([crash(0), crash(1), crash(2), partition(json!([[3], [0, 1, 2, 4]])), ask(3)]), 2, "are down"),
        (json!([crash(4), partition(json!([[0, 1], [2, 3, 4]])), ask(3)]), 1, "n4 is down"),
    ];
    for (script, changes, words) in cases {
        let diagnosis = cured("raft", 5, script);
        assert_eq!((diagnosis.cause, diagnosis.change.len()), ("no quorum reachable", changes), "{diagnosis:?}");
        assert!(diagnosis.why.contains(words), "{}", diagnosis.why);
        assert!(diagnosis.why.contains("3 of 5 nodes must be up"), "{}", diagnosis.why);
    }
    let script = json!([{ "at_ms": 1, "do": "crash", "node": 0 }, { "at_ms": 1, "do": "crash", "node": 1 },
                        { "at_ms": 2, "do": "propose", "node": 2, "value": "x" }]);
    assert_eq!(cured("paxos", 3, script).change.len(), 1);
}

#[test]
fn a_pause_is_ended_before_a_crash() {
    let (_, diagnosis) = stalled("raft", 3, json!([crash(0), pause(1), ask(2)]));
    assert!(matches!(diagnosis.change[..], [Verb::Resume { node }] if node.0 == 1), "{:?}", diagnosis.change);
}

#[test]
fn the_sequencer() {
    let cut = |from: u8, to: u8| json!({ "at_ms": 3000, "do": "cut", "from": from, "to": to });
    for (script, cause) in [
        (json!([crash(0), ask(1)]), "sequencer down"),
        (json!([pause(0), ask(1)]), "sequencer paused"),
        (json!([partition(json!([[0]])), ask(1)]), "sequencer cut off"),
        (json!([cut(1, 0), ask(1)]), "sequencer cut off"),
    ] {
        assert_eq!(cured("sequencer", 3, script).cause, cause);
    }
}

#[test]
fn a_node_that_reaches_a_majority_is_enough() {
    // All links between the others are cut: a star around node 0, which can lead.
    let mut script = Vec::new();
    for (from, to) in [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)] {
        script.push(json!({ "at_ms": 10, "do": "cut", "from": from, "to": to }));
        script.push(json!({ "at_ms": 10, "do": "cut", "from": to, "to": from }));
    }
    script.push(json!({ "at_ms": 1000, "do": "propose", "node": 0, "value": "x" }));
    let session = run("raft", partially(), json!(script), json!({ "nodes": 5, "stop": { "at_ms": 60_000 } }));
    assert!(everywhere(&session.report(), &["x"]));
    assert_eq!(session.diagnosis(), None);
}

#[test]
fn nothing_to_do_is_no_stall() {
    let script = json!([{ "at_ms": 100, "do": "propose", "node": 1, "value": "x" }, crash(0)]);
    assert_eq!(run("sequencer", partially(), script.clone(), json!({})).diagnosis(), None);
    assert_eq!(run("paxos", partially(), json!([script[0], crash(0), crash(1)]), json!({})).diagnosis(), None);
    assert_eq!(run("reliable", partially(), json!([crash(0), crash(1), ask(2)]), json!({})).diagnosis(), None);
}

/// How liveness stands for a value that nobody can have ordered yet.
fn owed(settings: Value, network: Value, at_ms: u64) -> Vec<&'static str> {
    let script = json!([{ "at_ms": 100, "do": "propose", "node": 0, "value": "x" }]);
    let session = run("raft", network, script, json!({ "settings": settings, "stop": { "at_ms": at_ms } }));
    assert!(session.report().nodes.iter().all(|node| node.delivered.is_empty()));
    session.report().properties.iter().map(|property| property.status).filter(|status| *status != "holds").collect()
}

#[test]
fn liveness_is_judged_by_the_time_outs_that_were_given() {
    let patient = owed(json!({ "election_timeout_ms": [50_000, 60_000] }), partially(), 40_000);
    assert!(patient.contains(&"pending") && !patient.contains(&"violated"), "{patient:?}");
    // Elections that end before a vote can arrive: "broadcastTime ≪ electionTimeout" (Raft §5.6) does not hold.
    let far = json!({ "model": "partially-synchronous", "min_ms": 900, "delta_ms": 1000 });
    let hasty = owed(json!({ "election_timeout_ms": [20, 30], "heartbeat_ms": 10 }), far, 120_000);
    assert!(hasty.contains(&"pending") && !hasty.contains(&"violated"), "{hasty:?}");
}
