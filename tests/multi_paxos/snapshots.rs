//! Snapshots: what Paxos Made Simple does not speak of and PMMC §4.2 and Paxos Made Live §5.5 need to keep logs short.

use crate::rig::*;
use crate::support::n;
use consensus_playground::protocol::{Fact, Protocol, SettingValue, SnapshotRef};
use consensus_playground::protocols::multi_paxos::{Ballot, MultiPaxosMessage, MultiPaxosTimer};

fn every(nodes: u8, slots: u64) -> Nodes {
    with(nodes, &[("snapshot_every", SettingValue::Integer(slots))])
}

fn run(c: &mut Nodes, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        c.request(n(0), numbered(number));
        c.settle();
    }
    beat(c, 0);
}

/// Each node replaces what it has executed by a snapshot of its own; what stands behind stays.
#[test]
fn each_node_compacts_its_own_log() {
    let mut c = every(3, 4);
    elect(&mut c, 0);
    run(&mut c, 1..=6);
    for node in 0..3 {
        let log = &disk(&c, node).log;
        assert_eq!(log.snapshot(), Some(SnapshotRef { taken_by: n(node), position: 4 }));
        assert_eq!((log.base(), log.last(), c.node(n(node)).view().first), (4, 6, 5));
    }
    assert_eq!(paxos(3).config.snapshot_every, 0, "off by default");
}

/// A node starts again from its snapshot and what stands behind.
#[test]
fn a_restart_begins_with_the_snapshot() {
    let mut c = every(3, 4);
    elect(&mut c, 0);
    run(&mut c, 1..=6);
    c.crash(n(1));
    c.restart(n(1));
    let slot = &c.slots[1];
    assert_eq!((slot.delivered_from, chosen(&c, 1)), (5, 4), "the last write knew 4 to be chosen");
    beat(&mut c, 0);
    assert_eq!(chosen(&c, 1), 6);
    assert_eq!(c.disorder, None);
}

/// A replica that lacks what its leader has compacted away is sent the snapshot.
#[test]
fn a_replica_far_behind_gets_the_snapshot() {
    let mut c = every(3, 4);
    elect(&mut c, 0);
    c.crash(n(2));
    run(&mut c, 1..=6);
    c.restart(n(2));
    beat(&mut c, 0);
    assert_eq!((c.slots[2].delivered_from, c.delivered(n(2)).len(), chosen(&c, 2)), (5, 2, 6));
    assert_eq!(disk(&c, 2).log.snapshot(), Some(SnapshotRef { taken_by: n(0), position: 4 }));
}

/// A candidate that lacks what an acceptor has compacted away is told by its promise. Deviation 6
#[test]
fn a_promise_brings_the_snapshot() {
    let mut c = every(3, 4);
    elect(&mut c, 0);
    c.crash(n(2));
    run(&mut c, 1..=6);
    c.crash(n(0));
    c.lose_all();
    c.restart(n(2));
    elect_by(&mut c, 2, &[1]);
    assert_eq!((chosen(&c, 2), c.slots[2].delivered_from), (6, 5));
    c.request(n(2), A);
    c.settle();
    assert_eq!(at(&c, 2, 7), Some((5, A)));
    assert_eq!(c.disorder, None);
}

/// What was accepted behind the snapshot that is installed stays: slots do not depend on one another.
#[test]
fn acceptances_behind_an_installed_snapshot_stay() {
    let mut c = every(3, 2);
    elect(&mut c, 0);
    run(&mut c, 1..=2);
    start_from(&mut c, 2, with_log(3, 0, &[entry(1, 3, A), entry(4, 3, B)]));
    let snapshot = Some(SnapshotRef { taken_by: n(0), position: 2 });
    c.receive(n(2), n(0), MultiPaxosMessage::Decision { ballot: Ballot(3), chosen: 2, snapshot, decided: Vec::new() });
    assert_eq!((chosen(&c, 2), at(&c, 2, 1), at(&c, 2, 3), at(&c, 2, 4)), (2, None, None, Some((3, B))));
    let log = &disk(&c, 2).log;
    assert_eq!((log.base(), log.last(), log.get(4).map(|p| p.command)), (2, 4, Some(B)));
}

/// An Accept for a slot inside the snapshot is answered: what was chosen there is what it asks for.
#[test]
fn an_accept_inside_the_snapshot_is_answered() {
    let mut c = every(3, 2);
    elect(&mut c, 0);
    run(&mut c, 1..=2);
    c.receive(n(1), n(2), accept(5, 1, numbered(1), 0));
    assert_eq!((between(&c, 1, 2), disk(&c, 1).promised), (vec![accepted(5, 1)], Ballot(5)));
    assert_eq!(at(&c, 1, 1), None);
    assert!(
        !c.slots[1].facts.iter().any(|fact| matches!(fact, Fact::Accepts { ballot: 5, .. })),
        "nothing was written"
    );
}

/// The snapshot is on the disk before the log before it is gone.
#[test]
fn a_crash_before_the_snapshot_is_written_keeps_the_log() {
    let mut c = every(1, 2);
    c.fire(n(0), MultiPaxosTimer::Election);
    c.hold_disk(n(0));
    for number in 1..=2 {
        c.request(n(0), numbered(number));
        c.write_one(n(0));
    }
    c.crash(n(0));
    c.restart(n(0));
    assert_eq!((disk(&c, 0).log.base(), disk(&c, 0).log.last()), (0, 2));
    c.release_disk(n(0));
    c.fire(n(0), MultiPaxosTimer::Election);
    assert_eq!((chosen(&c, 0), disk(&c, 0).log.base()), (2, 2));
}
