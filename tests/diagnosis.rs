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
