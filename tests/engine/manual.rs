//! The manual scheduler: nothing moves by itself, and a step that cannot be done ends the run with a sentence.

use super::*;
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::{Action, Verb, link};
use consensus_playground::sim::Ended;

fn hand(protocol: &str, script: Value) -> Session {
    run(protocol, by_hand(), script, json!({}))
}

fn refused(protocol: &str, script: Value) -> String {
    match hand(protocol, script).world().ended() {
        Some(Ended::Refused(sentence)) => sentence.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_moves_by_itself() {
    for protocol in ["raft", "paxos", "best-effort", "sequencer"] {
        let session = hand(protocol, json!([{ "at_ms": 100, "do": "propose", "node": 1, "value": "x" }]));
        let moved = |event: &Event| {
            event.what == What::Fire
                || event.what == What::Lose
                || event.what == What::Arrive && event.peer != event.node
        };
        assert_eq!(count(&session, moved), 0, "{protocol}");
    }
    let session = hand("paxos", json!([{ "do": "propose", "node": 0, "value": "x" }]));
    assert_eq!(session.world().flights().filter(|(_, flight)| flight.held).count(), 2, "two Prepares wait");
    assert_eq!(ended(&session), "time");
}

#[test]
fn deliver_takes_the_oldest_that_match() {
    let script = json!([
        { "do": "propose", "node": 0, "value": "a" },
        { "do": "propose", "node": 1, "value": "b" },
        { "do": "deliver", "match": { "kind": "Data", "from": 1, "to": 2 } },
        { "do": "deliver", "match": { "kind": "Data" }, "count": 1 }
    ]);
    let session = hand("best-effort", script);
    let report = session.report();
    assert_eq!((delivered(&report, 1), delivered(&report, 2)), (vec!["b", "a"], vec!["b"]));
    let all = json!([
        { "do": "propose", "node": 0, "value": "a" },
        { "do": "propose", "node": 1, "value": "b" },
        { "do": "deliver", "count": "all" }
    ]);
    let session = hand("best-effort", all);
    assert_eq!(delivered(&session.report(), 2), ["a", "b"]);
    let left: Vec<_> = session.world().flights().map(|(_, flight)| flight.kind).collect();
    assert_eq!(left, [1; 4], "what was in flight at the step is delivered, the acknowledgements are not");
}

#[test]
fn settle_delivers_everything_and_fires_nothing() {
    let session = hand("paxos", json!([{ "do": "propose", "node": 0, "value": "a" }, { "do": "settle" }]));
    assert!(everywhere(&session.report(), &["a"]));
    assert_eq!((of(&session, What::Fire).len(), session.world().flights().count()), (0, 0));
    assert_eq!(of(&session, What::Arrive).iter().map(|event| event.at).max(), Some(session_time(&session)));
    let nothing = hand("paxos", json!([{ "do": "settle" }, { "do": "crash", "node": 0 }]));
    assert_eq!(of(&nothing, What::Crash).len(), 1, "nothing to settle is no error");
}

fn session_time(session: &Session) -> u64 {
    events(session).last().unwrap().at
}

#[test]
fn fire_fires_one_timer() {
    let script = json!([
        { "do": "fire", "node": 1, "timer": "Election" },
        { "do": "settle" },
        { "do": "propose", "node": 1, "value": "a" },
        { "do": "settle" },
        { "do": "fire", "node": 1, "timer": "Heartbeat" },
        { "do": "settle" }
    ]);
    let session = hand("raft", script);
    let report = session.report();
    assert_eq!(report.nodes[1].role, "leader");
    assert!(everywhere(&report, &["a"]));
    assert_eq!(of(&session, What::Fire).len(), 2);
}

#[test]
fn drop_duplicate_and_delay_take_what_waits() {
    let script = json!([
        { "do": "propose", "node": 0, "value": "a" },
        { "do": "drop", "match": { "to": 1 }, "count": 5 },
        { "do": "duplicate", "match": { "to": 2 } },
        { "do": "delay", "match": { "to": 2 }, "count": 1, "by_ms": 40 },
        { "do": "deliver", "match": { "kind": "Data" }, "count": "all" }
    ]);
    let session = hand("best-effort", script);
    assert_eq!((of(&session, What::Drop).len(), of(&session, What::Duplicate).len()), (1, 1));
    assert_eq!(of(&session, What::Rule).len(), 0, "by hand no rule waits for what comes");
    let arrivals: Vec<_> = of(&session, What::Arrive).iter().map(|event| (event.node.0, event.at / 1000)).collect();
    assert_eq!(arrivals, [(2, 45), (2, 45)], "late, and the copy behind it");
}

#[test]
fn a_paused_node_takes_nothing_by_hand() {
    let script = json!([
        { "do": "propose", "node": 0, "value": "a" },
        { "do": "pause", "node": 1 },
        { "do": "settle" },
        { "at_ms": 500, "do": "resume", "node": 1 },
        { "do": "settle" }
    ]);
    let session = hand("best-effort", script);
    let at_1: Vec<_> = of(&session, What::Arrive).into_iter().filter(|event| event.node.0 == 1).collect();
    assert_eq!((at_1.len(), at_1[0].at), (1, 500_000));
}

#[test]
fn a_step_that_cannot_be_done_ends_the_run() {
    let propose = json!({ "do": "propose", "node": 0, "value": "a" });
    let sentence = |verb: Value| refused("best-effort", json!([propose, verb]));
    assert_eq!(
        sentence(json!({ "do": "deliver", "match": { "from": 1, "to": 2, "kind": "Ack" } })),
        "script[1]: deliver: no message in flight of kind Ack from n1 to n2"
    );
    assert_eq!(sentence(json!({ "do": "drop", "match": { "to": 0 } })), "script[1]: drop: no message in flight to n0");
    assert_eq!(
        sentence(json!({ "do": "duplicate", "match": { "from": 2 }, "count": "all" })),
        "script[1]: duplicate: no message in flight from n2"
    );
    assert_eq!(
        sentence(json!({ "do": "delay", "match": { "kind": "Ack" }, "by_ms": 1 })),
        "script[1]: delay: no message in flight of kind Ack"
    );
    assert_eq!(
        sentence(json!({ "do": "fire", "node": 1, "timer": "Retransmit" })),
        "script[1]: fire: the Retransmit timer of n1 is not armed"
    );
    let paused = json!([propose, { "do": "pause", "node": 0 }, { "do": "fire", "node": 0, "timer": "Retransmit" }]);
    assert_eq!(refused("best-effort", paused), "script[2]: fire: n0 is paused");
    let down = json!([propose, { "do": "crash", "node": 0 }, { "do": "fire", "node": 0, "timer": "Retransmit" }]);
    assert_eq!(refused("best-effort", down), "script[2]: fire: the Retransmit timer of n0 is not armed");
}

/// A run that is taken over in its midst goes on as one by hand: no message, timer, client or script moves it any more.
#[test]
fn what_is_taken_over_waits_for_a_hand() {
    let script = json!([
        { "at_ms": 0, "do": "propose", "node": 0, "value": "x" },
        { "at_ms": 2000, "do": "crash", "node": 1 }
    ]);
    let clients = json!({ "clients": { "count": 2, "operations": 5, "state_machine": "log", "think_ms": 10 } });
    let mut session = Session::new(scenario("raft", partially(), script, clients)).unwrap();
    while session.world().now() < 500_000 && session.step() {}
    assert!(session.act(Action::TakeOver { seed: 1 }));
    let taken = session.world().events() as usize;
    session.run();
    let by_itself = events(&session);
    let moved = by_itself[taken..].iter().filter(|event| event.what != What::Write && event.node != event.peer);
    assert_eq!(moved.count(), 0);
    let waits: Vec<u32> = session.world().flights().map(|(_, flight)| flight.id).collect();
    assert!(!waits.is_empty() && session.world().flights().all(|(_, flight)| flight.held));
    assert!(session.act(Action::DeliverMessage { id: waits[0] }));
    let timer = session.world().timers(NodeId(1)).next().expect("an armed timer").0;
    assert!(session.perform(Verb::Fire { node: NodeId(1), timer }), "a timer fires when it is told to");
    let recording = session.recording();
    let link = link::encode(&recording).expect("a link");
    let again = Session::open(link::decode(&link).expect("a recording").0).expect("a session");
    assert_eq!(again.report().json(), session.report().json());
}
