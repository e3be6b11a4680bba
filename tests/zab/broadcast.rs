//! Phase 3, Broadcast.

use crate::rig::*;
use crate::support::{command, n};
use consensus_playground::protocols::zab::{Body, ZabTimer};

/// Proposals go to all followers in increasing order of zxid, each of the leader's epoch; the counter starts at 1.
/// Reference: step ℓ.3.1
#[test]
fn zxids_ascend_and_are_of_the_leaders_epoch() {
    let mut zabs = led(3);
    for serial in 1..=3 {
        zabs.request(n(2), command(1, serial));
    }
    zabs.settle();
    assert_eq!(on_disk(&zabs, 0), [(1, 1), (1, 2), (1, 3)]);
    give_up(&mut zabs, 2);
    give_up(&mut zabs, 0);
    give_up(&mut zabs, 1);
    zabs.settle();
    zabs.request(n(2), command(1, 4));
    zabs.settle();
    assert_eq!([0, 1, 2].map(|node| on_disk(&zabs, node)), [(); 3].map(|()| vec![(1, 1), (1, 2), (1, 3), (2, 1)]));
}

/// A leader proposes what is on its own disk.
/// Reference: step ℓ.3.1 (deviation)
#[test]
fn the_leader_writes_before_it_proposes() {
    let mut zabs = led(3);
    zabs.hold_disk(n(2));
    zabs.request(n(2), command(1, 1));
    assert_eq!(count(&zabs, "PROPOSE"), 0);
    zabs.write_one(n(2));
    assert_eq!((count(&zabs, "PROPOSE"), on_disk(&zabs, 2)), (2, vec![(1, 1)]));
}

/// A follower appends proposals in the order in which they come, and acknowledges what is on its disk.
/// Reference: step f.3.2
#[test]
fn a_proposal_is_written_before_it_is_acknowledged() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    zabs.request(n(2), command(1, 2));
    zabs.hold_disk(n(0));
    assert_eq!(pass(&mut zabs, "PROPOSE", 2, 0), 2);
    assert_eq!((on_disk(&zabs, 0), count(&zabs, "ACK")), (vec![], 0));
    zabs.write_one(n(0));
    assert_eq!(said(&zabs, "ACK", 0, 2), Body::Ack { zxid: zxid(1, 1) });
    zabs.write_one(n(0));
    assert_eq!((on_disk(&zabs, 0), count(&zabs, "ACK")), (vec![(1, 1), (1, 2)], 2));
}

/// A transaction is committed when a quorum has acknowledged it, and COMMIT goes to all followers.
/// Reference: step ℓ.3.2
#[test]
fn a_quorum_commits() {
    let mut zabs = led(5);
    zabs.request(n(4), command(1, 1));
    zabs.deliver_where(|m| m.is("PROPOSE"));
    step(&mut zabs, "ACK", 0, 4);
    assert_eq!((committed(&zabs, 4), count(&zabs, "COMMIT")), (0, 0), "two of five");
    step(&mut zabs, "ACK", 1, 4);
    assert_eq!((committed(&zabs, 4), count(&zabs, "COMMIT")), (1, 4));
    assert_eq!(said(&zabs, "COMMIT", 4, 3), Body::Commit { zxid: zxid(1, 1) });
    step(&mut zabs, "ACK", 2, 4);
    assert_eq!(count(&zabs, "COMMIT"), 4, "once");
}

/// Each transaction has a COMMIT of its own, in order, also when a quorum acknowledges several at once.
/// Reference: step ℓ.3.2
#[test]
fn every_transaction_has_its_commit() {
    let mut zabs = led(3);
    for serial in 1..=3 {
        zabs.request(n(2), command(1, serial));
    }
    assert_eq!(pass(&mut zabs, "PROPOSE", 2, 0), 3);
    assert_eq!(pass(&mut zabs, "ACK", 0, 2), 3);
    assert_eq!((committed(&zabs, 2), count(&zabs, "COMMIT")), (3, 6));
}

/// A follower delivers a transaction on its COMMIT, when all before it are delivered.
/// Reference: step f.3.3
#[test]
fn commits_are_delivered_in_order() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    zabs.request(n(2), command(1, 2));
    zabs.settle_where(|m| !m.is("COMMIT"));
    assert!(zabs.delivered(n(0)).is_empty());
    let commits = zabs.under_way(|m| m.is("COMMIT") && m.goes(2, 0));
    zabs.deliver(commits[0]);
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
    zabs.deliver(commits[1]);
    assert_eq!(zabs.delivered(n(0)), [command(1, 1), command(1, 2)]);
}

/// A cluster of one commits by itself.
/// Reference: §IV
#[test]
fn one_node_is_its_own_quorum() {
    let mut zabs = started(1);
    assert!(leads(&zabs, 0));
    zabs.request(n(0), command(1, 1));
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
}

/// Who does not lead tells the client who does, if it knows.
/// Reference: §I, primary-backup
#[test]
fn a_client_is_sent_to_the_leader() {
    let mut zabs = led(3);
    zabs.request(n(0), command(1, 1));
    assert_eq!(zabs.slots[0].redirects, [(command(1, 1), Some(n(2)))]);
    give_up(&mut zabs, 0);
    zabs.request(n(0), command(1, 1));
    assert_eq!(zabs.slots[0].redirects[1], (command(1, 1), None));
    assert!(on_disk(&zabs, 2).is_empty());
}

/// A restarted node delivers nothing before its leader tells it what is committed, and then everything anew.
/// Reference: §IV, steps f.2.1 and f.2.2
#[test]
fn a_restarted_node_delivers_anew() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    zabs.settle();
    zabs.crash(n(0));
    zabs.restart(n(0));
    assert!(zabs.delivered(n(0)).is_empty());
    zabs.settle();
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
    zabs.fire(n(2), ZabTimer::Tick);
    zabs.settle();
    assert_eq!(role(&zabs, 0), "FOLLOWING");
}
