//! What a command costs in message delays: from its request to its answer; of a broadcast, to its delivery at the nodes
//! that a message had to reach.

use super::*;
use consensus_playground::protocol::Info;
use consensus_playground::report::Cost;
use consensus_playground::scenario::Model;
use consensus_playground::ui::setup;

/// Message delays, in tenths.
fn delays(session: &Session) -> Option<u64> {
    Cost::of(session.world(), usize::MAX).expect("something is delivered").delays
}

/// Of the only command of five nodes at peace, asked for at n3; in their native model.
fn alone(protocol: &str) -> Option<u64> {
    let network = match setup::home(registry::info(protocol).expect("a protocol")) {
        Model::Synchronous => synchronous(),
        Model::PartiallySynchronous => partially(),
        Model::Asynchronous => json!({ "model": "asynchronous" }),
    };
    let script = json!([{ "at_ms": 2000, "do": "propose", "node": 3, "value": "x" }]);
    delays(&run(protocol, network, script, json!({ "nodes": 5 })))
}

/// Of many commands of three clients, at three of `nodes` nodes.
fn many(info: &'static Info, nodes: u8) -> Option<u64> {
    let mut session = Session::new(setup::fresh(info, setup::home(info), nodes, 7)).unwrap();
    session.play(20_000_000, 20_000);
    delays(&session)
}

#[test]
fn a_broadcast_is_one_delay_from_the_others_or_more_where_a_relay_was_faster() {
    assert_eq!(alone("best-effort"), Some(10));
    for (ladder, most) in [("best-effort", 10), ("reliable", 15), ("fifo", 15), ("causal", 15)] {
        let info = registry::info(ladder).unwrap();
        assert_eq!(many(info, 2), Some(10), "{ladder}: no third node relays");
        assert!(many(info, 5).is_some_and(|delays| (10..=most).contains(&delays)), "{ladder}");
        assert_eq!(many(info, 1), None, "{ladder}: nobody else is there");
    }
}

#[test]
fn through_a_sequencer_it_is_two_and_one_at_the_sequencer() {
    // n0 gives the number; n1, n2, n3 and n4 wait for it.
    assert_eq!(alone("sequencer"), Some((10 + 4 * 20) / 5));
}

#[test]
fn synchronous_consensus_takes_its_rounds() {
    for f in [1, 2, 4] {
        let propose = json!([{ "at_ms": 100, "do": "propose", "node": 3, "value": "x" }]);
        let session = run("floodset", synchronous(), propose, json!({ "nodes": 5, "settings": { "f": f } }));
        assert_eq!(
            delays(&session),
            Some(10 * (f + 1)),
            "f + 1 rounds (Lynch §6.2), however long they were waited for"
        );
    }
}

#[test]
fn one_value_takes_its_phases() {
    assert_eq!(alone("paxos"), Some(40), "Prepare, Promise, Accept, Accepted");
    // Each of its rounds has two phases, each an exchange; the last may be heard of.
    assert!(alone("ben-or").is_some_and(|delays| delays >= 20));
}

#[test]
fn a_place_in_a_log_takes_a_round_trip_from_its_leader() {
    for protocol in ["multi-paxos", "raft", "zab", "vr"] {
        let info = registry::info(protocol).unwrap();
        assert_eq!(alone(protocol), Some(20), "{protocol}");
        assert!(many(info, 5).is_some_and(|delays| (18..=25).contains(&delays)), "{protocol}");
        assert_eq!(many(info, 1), Some(0), "{protocol}: nobody is asked");
    }
}
