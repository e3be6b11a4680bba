//! Why nothing moves: every cause, and that its smallest change ends it.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::diagnosis::{Diagnosis, diagnose, names};
use consensus_playground::properties::Status;
use consensus_playground::protocol::NodeId;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Scenario, Verb, library};
use consensus_playground::session::Session;
use consensus_playground::ui::setup;

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
    // By hand something always waits.
    assert!(cause(session).is_none() || session.world().network().manual() && cause(session) != Some(diagnosis.cause));
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
    let mut session = session;
    mend(&mut session);
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

fn scenario(json: &str) -> Session {
    Session::new(Scenario::from_json(json).unwrap_or_else(|sentence| panic!("{sentence}"))).expect("a run")
}

/// The run up to where the diagnosis names `expected`.
fn until(session: &mut Session, expected: &str) -> Diagnosis {
    while cause(session) != Some(expected) {
        assert!(session.next_at().is_some() && session.step(), "{expected} never comes; {:?}", cause(session));
    }
    session.diagnosis().expect("a diagnosis")
}

#[test]
fn votes_that_are_split_and_who_voted_for_whom() {
    let mut session = scenario(
        r#"{"version": 1, "title": "t", "protocol": "raft", "nodes": 4, "seed": 1,
            "settings": {"pre_vote": false},
            "network": {"model": "asynchronous", "scheduler": "manual"},
            "script": [
              {"do": "fire", "node": 0, "timer": "Election"},
              {"do": "fire", "node": 1, "timer": "Election"},
              {"do": "deliver", "match": {"from": 0, "to": 2, "kind": "RequestVote"}},
              {"do": "deliver", "match": {"from": 1, "to": 3, "kind": "RequestVote"}},
              {"do": "deliver", "match": {"kind": "RequestVoteResponse"}, "count": "all"}
            ],
            "stop": {"events": 100000}}"#,
    );
    let diagnosis = until(&mut session, "votes split");
    assert_eq!(
        diagnosis.why,
        "Votes are split in term 1: n0 has the votes of n0 and n2, n1 has the votes of n1 and n3; 3 of 4 are needed, \
         and no node votes twice."
    );
    assert!(!diagnosis.stuck, "the next term may end it");
    assert!(matches!(diagnosis.change[..], [Verb::Pause { .. }]));
    session.perform(diagnosis.change[0].clone());
    assert_ne!(cause(&session), Some("votes split"));
}

#[test]
fn by_hand_a_message_waits_and_then_a_timer() {
    let mut session = scenario(
        r#"{"version": 1, "title": "t", "protocol": "raft", "nodes": 3, "seed": 1,
            "network": {"model": "asynchronous", "scheduler": "manual"}, "stop": {"events": 100000}}"#,
    );
    let timer = until(&mut session, "waiting for a timer");
    assert!(timer.why.starts_with("Nothing is in flight: only a timer can go on"), "{}", timer.why);
    let [Verb::Fire { node, .. }] = timer.change[..] else { panic!("{:?}", timer.change) };
    session.perform(timer.change[0].clone());
    let message = until(&mut session, "waiting for a message");
    assert!(message.why.contains(&format!("PreVote from {node} to")), "{}", message.why);
    assert!(message.why.ends_with("2 messages wait in all."), "{}", message.why);
    // Doing what is proposed, again and again, brings a leader.
    for _ in 0..200 {
        while session.diagnosis().is_none() && session.next_at().is_some() && session.step() {}
        let Some(diagnosis) = session.diagnosis() else { break };
        assert!(session.perform(diagnosis.change[0].clone()), "{diagnosis:?}");
    }
    assert!(!session.world().reigns().is_empty(), "somebody leads");
}

#[test]
fn a_message_that_is_held_is_what_others_wait_for() {
    let mut session = scenario(
        r#"{"version": 1, "title": "t", "protocol": "paxos", "nodes": 3, "seed": 1,
            "network": {"model": "partially-synchronous", "delta_ms": 20},
            "script": [{"at_ms": 100, "do": "propose", "node": 0, "value": "x"},
                       {"at_ms": 100, "do": "slow", "node": 1, "by_ms": 60000},
                       {"at_ms": 100, "do": "slow", "node": 2, "by_ms": 60000}],
            "stop": {"at_ms": 50000}}"#,
    );
    session.step_until(1000, |world| world.flights().count() >= 2);
    let ids: Vec<u32> = session.world().flights().map(|(_, flight)| flight.id).collect();
    for id in ids {
        session.act(consensus_playground::scenario::Action::HoldMessage { id });
    }
    let diagnosis = until(&mut session, "waiting for a message");
    assert!(diagnosis.why.contains(" is held, and nothing has been delivered since."), "{}", diagnosis.why);
    let [id] = diagnosis.release[..] else { panic!("{:?}", diagnosis.release) };
    session.act(consensus_playground::scenario::Action::ReleaseMessage { id });
    assert!(session.world().flights().all(|(_, flight)| flight.id != id || !flight.held));
}

fn hasty(delta: u64, script: &str) -> Session {
    scenario(&format!(
        r#"{{"version": 1, "title": "t", "protocol": "raft", "nodes": 5, "seed": 3,
            "settings": {{"election_timeout_ms": [40, 80], "heartbeat_ms": 20}},
            "network": {{"model": "partially-synchronous", "min_ms": 2, "delta_ms": {delta}}},
            "script": [{script}],
            "stop": {{"at_ms": 20000}}}}"#
    ))
}

#[test]
fn timeouts_shorter_than_the_delays_of_slow_nodes() {
    let slow: Vec<String> =
        (0..5).map(|node| format!(r#"{{"at_ms": 1, "do": "slow", "node": {node}, "by_ms": 200}}"#)).collect();
    let mut session = hasty(5, &slow.join(","));
    let diagnosis = until(&mut session, "timeouts shorter than the delays");
    assert!(
        diagnosis.why.starts_with("Time-outs are shorter than the delays that occur: nodes try anew after 40 to 80 ms")
    );
    assert_eq!((diagnosis.nodes.len(), diagnosis.restart_with), (5, None));
    for verb in &diagnosis.change {
        session.perform(verb.clone());
    }
    assert!(session.step_until(20_000, |world| !world.reigns().is_empty()), "somebody is elected then");
    assert_eq!(cause(&session), None);
}

#[test]
fn timeouts_shorter_than_the_networks_own_delays_want_another_run() {
    let mut session = scenario(
        r#"{"version": 1, "title": "t", "protocol": "raft", "nodes": 5, "seed": 3,
            "settings": {"election_timeout_ms": [40, 80], "heartbeat_ms": 20},
            "network": {"model": "partially-synchronous", "min_ms": 150, "delta_ms": 200},
            "stop": {"at_ms": 20000}}"#,
    );
    let diagnosis = until(&mut session, "timeouts shorter than the delays");
    let Some(setting) = diagnosis.restart_with else { panic!("{diagnosis:?}") };
    assert_eq!(setting.0, "election_timeout_ms");
    let mut next = session.scenario().clone();
    next.settings.retain(|(name, _)| *name != setting.0);
    next.settings.insert(0, setting);
    let mended = run(next);
    assert_eq!(cause(&mended), None);
    assert!(!mended.world().reigns().is_empty(), "somebody leads");
}

#[test]
fn answers_that_do_not_come_and_from_whom() {
    let mut session = scenario(
        r#"{"version": 1, "title": "t", "protocol": "paxos", "nodes": 3, "seed": 1,
            "network": {"model": "asynchronous"},
            "script": [{"at_ms": 100, "do": "slow", "node": 1, "by_ms": 60000},
                       {"at_ms": 100, "do": "slow", "node": 2, "by_ms": 60000},
                       {"at_ms": 200, "do": "propose", "node": 0, "value": "x"}],
            "stop": {"at_ms": 60000}}"#,
    );
    let diagnosis = until(&mut session, "waiting for a quorum");
    assert!(diagnosis.why.starts_with("n0 waits for promises of ballot "), "{}", diagnosis.why);
    assert!(
        diagnosis.why.ends_with(": n0 has given theirs, 1 more is needed; n1 is slow, n2 is slow."),
        "{}",
        diagnosis.why
    );
    assert_eq!(diagnosis.change, [Verb::Slow { node: NodeId(1), by_us: 0 }], "one of the two is enough");
    session.perform(diagnosis.change[0].clone());
    assert!(session.step_until(10_000, |world| world.application(NodeId(0)).position > 0), "n0 decides then");
    assert_eq!(cause(&session), None);
}

fn bug(protocol: &str, variant: &str) -> Session {
    run(library::bug(protocol, variant).expect("a bug").scenario().expect("a scenario"))
}

#[test]
fn a_round_lacks_the_messages_of_those_that_will_not_send_any() {
    let silent = bug("ben-or", "fall-silent").diagnosis().expect("a node waits");
    assert_eq!(
        (silent.cause, silent.why.as_str()),
        (
            "a round lacks messages",
            "n1 waits for reports of 2 nodes: round 2 lacks those of n0 and n2; n0 and n2 have decided."
        )
    );
    assert!(!silent.stuck && silent.change.is_empty());

    let mut flood = stopped("floodset-rounds");
    let diagnosis = flood.diagnosis().expect("a crashed node");
    let why = "Round 2 lacks the sets of n0 at n1; n0 is down. It ends on time all the same.";
    assert_eq!((diagnosis.cause, diagnosis.why.as_str()), ("a round lacks messages", why));
    flood.run();
    assert_eq!(cause(&flood), None, "f + 1 rounds are over without it");
}

#[test]
fn a_round_lacks_the_messages_of_nodes_that_are_cut_off() {
    let info = registry::info("ben-or").expect("a protocol");
    let mut session = Session::new(setup::fresh(info, setup::home(info), 5, 1)).expect("a run");
    setup::begin(&mut session);
    let groups = [&[0, 1][..], &[2, 3, 4]].map(|group| group.iter().map(|node| NodeId(*node)).collect());
    session.perform(Verb::Partition { groups: groups.into() });
    let reasons = "n2, n3 and n4 are cut off.";
    assert!(session.step_until(5000, |world| diagnose(world).is_some_and(|known| known.why.ends_with(reasons))));
    let known = mend(&mut session);
    assert!(known.why.starts_with("n0 waits for reports of 3 nodes: round 1 lacks those of n2"), "{}", known.why);
    let decided = session.step_until(5000, |world| world.application(NodeId(0)).position > 0);
    assert!(decided, "that was what it waited for");
}

#[test]
fn a_round_lacks_messages_that_a_hand_holds() {
    let scenario = r#"{"version": 1, "protocol": "ben-or", "nodes": 3, "seed": 1,
        "network": {"model": "asynchronous", "scheduler": "manual"},
        "script": [{"do": "propose", "node": 1, "value": "0"}], "stop": {"at_ms": 500}}"#;
    let mut session = Session::new(Scenario::from_json(scenario).expect("a scenario")).expect("a run");
    session.step_until(20, |world| world.flights().count() == 2);
    assert_ne!(cause(&session), Some("a round lacks messages"), "n0 and n2 may still report");
    for (node, held) in [(0, 4), (2, 6)] {
        session.perform(Verb::Propose { node: NodeId(node), value: "1".to_owned() });
        session.step_until(20, |world| world.flights().count() == held);
    }
    let diagnosis = session.diagnosis().expect("messages are held");
    let why = "n0 waits for reports of 2 nodes: round 1 lacks those of n1 and n2; n1 and n2 have a message held.";
    assert_eq!((diagnosis.cause, diagnosis.why.as_str()), ("a round lacks messages", why));
    assert_eq!(session.world().cluster().view(NodeId(0)).expect("up").role, "reporting");
    session.perform(diagnosis.change[0].clone());
    session.step_until(20, |world| world.cluster().view(NodeId(0)).is_some_and(|view| view.role == "proposing"));
    assert!(session.diagnosis().is_none_or(|next| !next.why.starts_with("n0")), "one of them was enough");
}

#[test]
fn votes_that_are_split_round_after_round() {
    for variant in ["half-may-fail", "global-coin"] {
        let mut session = bug("ben-or", variant);
        let diagnosis = session.diagnosis().expect("nobody decides");
        assert_eq!(diagnosis.cause, "votes split", "{}", diagnosis.why);
        assert!(!diagnosis.stuck, "chance may end it");
        let mut alone = 0;
        while let Some(Diagnosis { cause: "votes split", why, .. }) = session.diagnosis() {
            let (_, groups) = why.split_once("Now ").expect("who holds what");
            let (zero, one) = groups.split_once(" 0 and ").expect("two values");
            for group in [zero, one] {
                assert_eq!(group.contains(" holds"), !group.contains(" and "), "{groups}");
                alone += u32::from(group.contains(" holds"));
            }
            session.back();
        }
        assert!(alone > 0 || variant == "global-coin", "one node holds something else");
    }
}

/// A ballot leaves out those of the other nodes: the first leader of five nodes may have the ninth.
#[test]
fn unrest_is_told_by_the_ballots_that_began_and_not_by_their_numbers() {
    let mut session = Session::new(library::shipped("storm-multi-paxos").unwrap().scenario().unwrap()).expect("a run");
    session.step_until(10_000, |world| !world.reigns().is_empty());
    let (ballot, begun) = (session.world().reigns()[0].epoch, session.world().epochs_without_delivery());
    assert_eq!((ballot, begun), (9, 1));
    session.step_until(10_000, |world| world.frontier() > 0);
    assert_eq!(session.world().epochs_without_delivery(), 0);
}

#[test]
fn a_run_at_peace_is_never_said_to_be_stuck() {
    for info in registry::ALL {
        for seed in 1..6 {
            let mut session = Session::new(setup::fresh(info, setup::home(info), 5, seed)).unwrap();
            for _ in 0..2000 {
                let why = session.diagnosis().map(|diagnosis| diagnosis.why);
                assert_eq!(why, None, "{} {seed} at event {}", info.id, session.world().events());
                if !session.step() {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_long_row_of_nodes_is_told_by_its_ends() {
    let told = |nodes: &[u8]| names(nodes.iter().map(|node| NodeId(*node)).collect());
    assert_eq!(told(&[0, 1, 2, 3, 4]), "n0, n1, n2, n3 and n4");
    assert_eq!(told(&[1, 3, 4, 5, 6, 7, 8, 12]), "n1, n3 to n8 and n12");
    assert_eq!(told(&(0..25).collect::<Vec<_>>()), "n0 to n24");
    assert_eq!((told(&[]).as_str(), told(&[9]).as_str()), ("nobody", "n9"));
}

#[test]
fn by_hand_what_is_proposed_ends_the_duel_step_by_step() {
    let mut session = shipped("paxos-duel");
    let mut causes = Vec::new();
    for _ in 0..90 {
        for _ in 0..3 {
            session.step();
        }
        let Some(diagnosis) = session.diagnosis() else { break };
        causes.push(diagnosis.cause);
        // The one that stepped aside comes back when somebody has decided.
        let back = matches!(diagnosis.change[..], [Verb::Resume { .. }]);
        assert!(!back || session.world().frontier() > 0, "{diagnosis:?}");
        assert!(session.perform(diagnosis.change[0].clone()), "{diagnosis:?}");
    }
    assert!((0..3).all(|node| session.world().application(NodeId(node)).position > 0), "{causes:?}");
}
