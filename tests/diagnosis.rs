//! Why nothing moves: every cause, and that its smallest change ends it.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::diagnosis::Diagnosis;
use consensus_playground::properties::Status;
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::{Scenario, Verb, library};
use consensus_playground::session::Session;

fn run(scenario: Scenario) -> Session {
    let mut session = Session::new(scenario).expect("a run");
    session.run();
    session
}

fn shipped(stem: &str) -> Session {
    run(library::shipped(stem).expect("a scenario of the library").scenario().expect("a scenario"))
}

/// The run up to where something first stands in the way.
fn stopped(stem: &str) -> Session {
    let scenario = library::shipped(stem).expect("a scenario of the library").scenario().expect("a scenario");
    let mut session = Session::new(scenario).expect("a run");
    while session.diagnosis().is_none() {
        assert!(session.step(), "{stem}: nothing ever stands in the way");
    }
    session
}

fn cause(session: &Session) -> Option<&'static str> {
    session.diagnosis().map(|diagnosis| diagnosis.cause)
}

fn status(session: &Session, name: &str) -> Status {
    session.properties().into_iter().find(|property| property.name == name).expect("a property").status
}

/// Does what the diagnosis proposes, and sees that it is gone.
fn mend(session: &mut Session) -> Diagnosis {
    let diagnosis = session.diagnosis().expect("something to mend");
    assert!(!diagnosis.change.is_empty(), "{diagnosis:?}");
    for verb in &diagnosis.change {
        session.perform(verb.clone());
    }
    session.step();
    assert_eq!(cause(session), None);
    diagnosis
}

#[test]
fn a_run_that_goes_on_has_none() {
    for stem in ["raft-first-run", "raft-quorum-back", "paxos-one-value", "paxos-duel-resolved", "sequencer-one-order"]
    {
        assert_eq!(cause(&shipped(stem)), None, "{stem}");
    }
}

#[test]
fn no_quorum_and_the_nodes_that_are_missing() {
    assert_eq!(cause(&shipped("raft-no-quorum")), Some("no quorum reachable"));
    let mut session = stopped("raft-no-quorum");
    let diagnosis = session.diagnosis().expect("three of five are down");
    assert_eq!(diagnosis.cause, "no quorum reachable");
    assert_eq!(diagnosis.nodes.len(), 3);
    assert!(diagnosis.stuck);
    assert!(matches!(mend(&mut session).change[..], [Verb::Restart { disk_lost: false, .. }]));
}

#[test]
fn a_duel_is_pending_and_ends_when_one_steps_aside() {
    let session = shipped("paxos-duel");
    let diagnosis = session.diagnosis().expect("a duel");
    assert_eq!(
        (diagnosis.cause, diagnosis.why.as_str()),
        (
            "duelling ballots",
            "n0 and n1 overtake one another: they led the last 20 ballots by turns, and each was refused by nodes that \
             had promised the next."
        )
    );
    assert!(!diagnosis.stuck, "chance may end it");
    assert!(matches!(status(&session, "Termination"), Status::Pending { .. }));
    let mut begun = shipped("paxos-duel");
    assert!(begun.world().reigns().len() >= 6);
    while begun.world().reigns().len() >= 6 {
        begun.back();
    }
    assert_eq!(cause(&begun), None, "five ballots are no duel yet");
    let mut mended = shipped("paxos-duel");
    mend(&mut mended);
}

#[test]
fn the_sequencer_is_down_paused_or_cut_off() {
    assert_eq!(cause(&shipped("sequencer-dies")), Some("sequencer down"));
    let mut dead = stopped("sequencer-dies");
    assert_eq!(mend(&mut dead).cause, "sequencer down");
    for (verb, expected) in [
        (Verb::Pause { node: NodeId(0) }, "sequencer paused"),
        (Verb::Cut { from: NodeId(2), to: NodeId(0) }, "sequencer cut off"),
    ] {
        let mut session = shipped("sequencer-one-order");
        session.seek(3);
        session.perform(verb);
        session.perform(Verb::Propose { node: NodeId(1), value: "late".to_owned() });
        session.step_until(50, |world| world.clients().outstanding() > 0);
        assert_eq!(mend(&mut session).cause, expected);
    }
}

/// Zab under the hand: everybody follows n2, n0 comes anew, and then these steps.
fn joining(variant: &str, steps: &str) -> Session {
    let deliver = |kind: &str, from: u8, to: u8| {
        format!(r#"{{"do": "deliver", "match": {{"kind": "{kind}", "from": {from}, "to": {to}}}}},"#)
    };
    let joins: String = [("Notification", 0, 2), ("Notification", 2, 0), ("CEPOCH", 0, 2), ("NEWEPOCH", 2, 0)]
        .map(|(kind, from, to)| deliver(kind, from, to))
        .concat();
    let scenario = format!(
        r#"{{"version": 1, "title": "t", "protocol": "zab", "variant": "{variant}", "nodes": 3, "seed": 1,
            "network": {{"model": "asynchronous", "scheduler": "manual"}},
            "script": [{{"do": "settle"}}, {{"do": "crash", "node": 0}}, {{"do": "restart", "node": 0, "disk": "kept"}},
                       {joins} {{"do": "deliver", "match": {{"kind": "ACK-E"}}}}, {steps}],
            "stop": {{"at_ms": 500, "quiescent": true}}}}"#
    );
    run(Scenario::from_json(scenario).expect("a scenario"))
}

#[test]
fn a_commit_that_nobody_will_send_again() {
    const MEANWHILE: &str = r#"{"do": "propose", "node": 2, "value": "red"},
        {"do": "deliver", "match": {"kind": "PROPOSE", "to": 1}}, {"do": "deliver", "match": {"kind": "ACK", "from": 1}}"#;
    // Under way, it is no cause yet.
    assert_eq!(cause(&joining("correct", MEANWHILE)), None);
    let to_the_end = format!(r#"{MEANWHILE}, {{"do": "settle"}}"#);
    assert_eq!(cause(&joining("correct", &to_the_end)), None);
    let session = joining("commit-ld-echoes", &to_the_end);
    let diagnosis = session.diagnosis().expect("n0 waits");
    assert_eq!(
        (diagnosis.cause, diagnosis.why.as_str()),
        ("waiting for a commit", "n0 waits for the COMMIT of place 1, which n2 has committed and does not send again.")
    );
    assert!(matches!(status(&session, "Agreement"), Status::Stalled { why } if why == diagnosis.why));
    assert!(matches!(diagnosis.change[..], [Verb::Crash { .. }, Verb::Restart { disk_lost: false, .. }]));
}

#[test]
fn a_synchronisation_that_is_not_acknowledged() {
    // The first synchronisation stops before any ACK-LD.
    let scenario = |steps: &str, network: &str| {
        let scenario = format!(
            r#"{{"version": 1, "title": "t", "protocol": "zab", "nodes": 3, "seed": 1, "network": {network},
                "script": [{steps}], "stop": {{"at_ms": 1450}}}}"#
        );
        run(Scenario::from_json(scenario).expect("a scenario"))
    };
    let kind = |kind: &str| format!(r#"{{"do": "deliver", "match": {{"kind": "{kind}"}}, "count": "all"}}"#);
    let votes = [kind("Notification"), kind("Notification")].join(", ");
    let steps = format!("{votes}, {}, {}, {}", kind("CEPOCH"), kind("NEWEPOCH"), kind("ACK-E"));
    let manual = r#"{"model": "asynchronous", "scheduler": "manual"}"#;
    let session = scenario(&steps, manual);
    let diagnosis = session.diagnosis().expect("nobody has acknowledged");
    let why = "n2 cannot lead epoch 1 yet: its synchronisation is not acknowledged by n0 and n1, and 1 more must.";
    assert_eq!((diagnosis.cause, diagnosis.why.as_str()), ("synchronisation not acknowledged", why));
    assert!(!diagnosis.stuck, "what is under way may end it");
    let session = scenario(&format!(r#"{steps}, {}, {}"#, kind("NEWLEADER"), kind("ACK-LD")), manual);
    assert_eq!(cause(&session), None);
    // Where time passes by itself it is a cause after a second: every change of leader waits for a moment.
    let lost = r#"{"at_ms": 0, "do": "drop", "match": {"kind": "ACK-LD"}, "count": 100}"#;
    let timed = r#"{"model": "partially-synchronous", "min_ms": 1, "delta_ms": 5}"#;
    assert_eq!(cause(&scenario(lost, timed)), Some("synchronisation not acknowledged"));
}

#[test]
fn what_a_broadcast_waits_for_when_it_has_come_to_rest() {
    let lost = |protocol: &str| {
        let scenario = format!(
            r#"{{"version": 1, "title": "t", "protocol": "{protocol}", "nodes": 2, "seed": 1,
                "settings": {{"retransmit": false}},
                "network": {{"model": "asynchronous", "scheduler": "manual"}},
                "script": [
                  {{"do": "propose", "node": 0, "value": "one"}},
                  {{"do": "drop", "match": {{"kind": "Data"}}}},
                  {{"do": "propose", "node": 0, "value": "two"}},
                  {{"do": "settle"}}
                ],
                "stop": {{"quiescent": true}}}}"#
        );
        run(Scenario::from_json(scenario).expect("a scenario"))
    };
    let session = lost("fifo");
    let diagnosis = session.diagnosis().expect("a gap");
    assert_eq!(
        (diagnosis.cause, diagnosis.why.as_str()),
        ("waiting for a message", "n1 waits for message 1 of n0; nothing is in flight, and no timer is armed.")
    );
    assert!(matches!(status(&session, "Agreement"), Status::Stalled { why } if why == diagnosis.why));
    // Without an order of its own nobody waits; still n1 will never have what n0 has.
    let session = lost("reliable");
    assert_eq!(cause(&session), Some("nothing under way"));
    // Best effort does not promise Agreement: what n1 lacks is nobody's debt after the sender is gone.
    assert_eq!(cause(&lost("best-effort")), None);
}
