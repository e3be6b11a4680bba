//! Phase 2, Synchronization, of a quorum and of those that join later.

use crate::rig::*;
use crate::support::{command, n};
use consensus_playground::protocol::{Fact, SettingValue};
use consensus_playground::protocols::zab::{Body, Sync};

/// Three nodes whose leader, node 2, has just sent NEWLEADER(2, h) to node 1; node 0 is not there.
fn synchronising(leader: &[(u32, u32)], follower: &[(u32, u32)]) -> Zabs {
    let mut zabs = from_disks(&[disk(1, 1, &[]), disk(1, 1, follower), disk(1, 1, leader)]);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    step(&mut zabs, "NEWEPOCH", 2, 1);
    step(&mut zabs, "ACK-E", 1, 2);
    zabs
}

/// The leader accepts the initial history before it proposes it with NEWLEADER.
/// Reference: step ℓ.2.1
#[test]
fn new_leader_proposes_what_the_leader_has_written() {
    let mut zabs = from_disks(&[disk(1, 1, &[]), disk(1, 1, &[(1, 1)]), disk(1, 1, &[(1, 1), (1, 2)])]);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    step(&mut zabs, "NEWEPOCH", 2, 1);
    zabs.hold_disk(n(2));
    step(&mut zabs, "ACK-E", 1, 2);
    assert_eq!((count(&zabs, "NEWLEADER"), epochs(&zabs, 2)), (0, (2, 1)));
    zabs.write_one(n(2));
    assert_eq!(epochs(&zabs, 2), (2, 2));
    let sync = Body::NewLeader { epoch: 2, sync: Sync::Diff, after: 1, txns: [txn(1, 2)].into() };
    assert_eq!(said(&zabs, "NEWLEADER", 2, 1), sync);
}

/// NEWLEADER of an epoch that is not f.p starts a new iteration.
/// Reference: step f.2.1, "if f.p ≠ e'"
#[test]
fn new_leader_of_another_epoch_is_refused() {
    let mut zabs = synchronising(&[(1, 1)], &[]);
    let proposal = tamper(&mut zabs, "NEWLEADER", |body| {
        if let Body::NewLeader { epoch, .. } = body {
            *epoch = 1;
        }
    });
    zabs.receive(n(1), n(2), proposal);
    assert_eq!((role(&zabs, 1), on_disk(&zabs, 1)), ("LOOKING", vec![]));
}

/// f.a and the history get to the disk in one write, and the acknowledgement waits for it.
/// Reference: step f.2.1, "atomically"
#[test]
fn epoch_and_history_are_one_write() {
    let mut zabs = synchronising(&[(1, 1), (1, 2)], &[]);
    zabs.hold_disk(n(1));
    step(&mut zabs, "NEWLEADER", 2, 1);
    assert_eq!((epochs(&zabs, 1), on_disk(&zabs, 1), count(&zabs, "ACK-LD")), ((2, 1), vec![], 0));
    assert!(zabs.write_one(n(1)));
    assert_eq!((epochs(&zabs, 1), on_disk(&zabs, 1)), ((2, 2), vec![(1, 1), (1, 2)]));
    assert_eq!(said(&zabs, "ACK-LD", 1, 2), Body::AckLeader { zxid: zxid(1, 2) });
}

/// The leader commits the initial history, and leads, when a quorum has acknowledged NEWLEADER; not before.
/// Reference: step ℓ.2.2
#[test]
fn no_commit_and_no_primary_without_a_quorum_of_ack_ld() {
    let mut zabs = synchronising(&[(1, 1)], &[]);
    step(&mut zabs, "NEWLEADER", 2, 1);
    assert_eq!((committed(&zabs, 2), leads(&zabs, 2)), (0, false));
    zabs.request(n(2), command(9, 1));
    assert_eq!(zabs.slots[2].redirects, [(command(9, 1), None)], "ready(e') has not been invoked (step f.3.1)");
    step(&mut zabs, "ACK-LD", 1, 2);
    assert_eq!((committed(&zabs, 2), leads(&zabs, 2)), (1, true));
    assert_eq!(said(&zabs, "COMMIT-LD", 2, 1), Body::CommitLeader { zxid: zxid(1, 1) });
    let facts: Vec<&Fact> = zabs.slots[2].facts.iter().rev().take(2).collect();
    assert!(matches!(facts[..], [Fact::Leads { epoch: 2 }, Fact::Commits { position: 1 }]), "{facts:?}");
}

/// On COMMIT-LD a follower delivers the initial history in the order of zxids.
/// Reference: step f.2.2
#[test]
fn the_initial_history_is_delivered_in_order() {
    let mut zabs = synchronising(&[(1, 1), (1, 2), (1, 3)], &[(1, 1)]);
    step(&mut zabs, "NEWLEADER", 2, 1);
    step(&mut zabs, "ACK-LD", 1, 2);
    assert!(zabs.delivered(n(1)).is_empty());
    step(&mut zabs, "COMMIT-LD", 2, 1);
    assert_eq!(zabs.delivered(n(1)), [command(1, 1), command(1, 2), command(1, 3)]);
}

/// DIFF: a follower whose history is the beginning of the leader's is sent the rest.
/// Reference: steps ℓ.2.1 and f.2.1; ZooKeeper, Leader.DIFF
#[test]
fn a_follower_behind_gets_the_difference() {
    let mut zabs = synchronising(&[(1, 1), (1, 2), (1, 3)], &[(1, 1)]);
    let sync = Body::NewLeader { epoch: 2, sync: Sync::Diff, after: 1, txns: [txn(1, 2), txn(1, 3)].into() };
    assert_eq!(said(&zabs, "NEWLEADER", 2, 1), sync);
    step(&mut zabs, "NEWLEADER", 2, 1);
    assert_eq!(on_disk(&zabs, 1), [(1, 1), (1, 2), (1, 3)]);
}

/// TRUNC: what the leader's history lacks goes from the follower's.
/// Reference: steps ℓ.2.1 and f.2.1; ZooKeeper, Leader.TRUNC
#[test]
fn a_follower_with_a_tail_loses_it() {
    // Node 0 was the primary of epoch 1 and has a tail; the others have gone on to epoch 2.
    let tail = disk(1, 1, &[(1, 1), (1, 2), (1, 3)]);
    let later = disk(2, 2, &[(1, 1), (2, 1)]);
    let mut zabs = from_disks(&[tail, later.clone(), later]);
    elect(&mut zabs, 2, &[1, 2]);
    zabs.settle_where(|m| !m.is("Notification"));
    assert!(leads(&zabs, 2));
    join(&mut zabs, 0, 2);
    let sync = Body::NewLeader { epoch: 3, sync: Sync::Trunc, after: 1, txns: [txn(2, 1)].into() };
    assert_eq!(said(&zabs, "NEWLEADER", 2, 0), sync);
    step(&mut zabs, "NEWLEADER", 2, 0);
    assert_eq!(on_disk(&zabs, 0), [(1, 1), (2, 1)]);
    assert!(zabs.slots[0].facts.contains(&Fact::Truncates { from: 2 }));
}

/// SNAP: when more is missing than a difference may carry, the whole history goes.
/// Reference: step ℓ.2.1, "NEWLEADER(e', I_e')"; ZooKeeper, Leader.SNAP
#[test]
fn a_follower_far_behind_gets_the_whole_history() {
    let mut zabs = with(3, &[("max_diff", SettingValue::Integer(2))]);
    zabs.settle();
    zabs.request(n(2), command(1, 1));
    zabs.settle();
    give_up(&mut zabs, 0);
    for serial in 2..=4 {
        zabs.request(n(2), command(1, serial));
    }
    zabs.settle_among(&[1, 2]);
    zabs.lose_all();
    join(&mut zabs, 0, 2);
    let txns = [txn(1, 1), txn(1, 2), txn(1, 3), txn(1, 4)].into();
    assert_eq!(said(&zabs, "NEWLEADER", 2, 0), Body::NewLeader { epoch: 1, sync: Sync::Snap, after: 0, txns });
    zabs.slots[0].facts.clear();
    zabs.settle_where(|m| !m.is("Notification"));
    assert_eq!(on_disk(&zabs, 0), [(1, 1), (1, 2), (1, 3), (1, 4)]);
    // What it had already is neither cut nor written again.
    assert!(!zabs.slots[0].facts.iter().any(|fact| matches!(fact, Fact::Truncates { .. })));
    assert_eq!(committed(&zabs, 0), 4);
}

/// A follower that comes while the leader broadcasts is proposed the epoch and all of the history, and is one of Q with
/// its ACK-LD.
/// Reference: steps ℓ.3.3 and ℓ.3.4
#[test]
fn a_follower_joins_an_established_leader() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    zabs.settle_where(|m| !m.is("Notification"));
    zabs.request(n(2), command(1, 1));
    zabs.settle_where(|m| !m.is("Notification"));
    join(&mut zabs, 0, 2);
    step(&mut zabs, "NEWLEADER", 2, 0);
    step(&mut zabs, "ACK-LD", 0, 2);
    assert_eq!(said(&zabs, "COMMIT-LD", 2, 0), Body::CommitLeader { zxid: zxid(1, 1) });
    step(&mut zabs, "COMMIT-LD", 2, 0);
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
    // It counts from now on: node 1 goes, and the two others commit.
    zabs.crash(n(1));
    zabs.request(n(2), command(1, 2));
    zabs.settle();
    assert_eq!(committed(&zabs, 2), 2);
}

/// Z1: what is proposed between NEWLEADER and ACK-LD of a follower that joins is sent to it.
/// Reference: steps ℓ.3.1 and ℓ.3.4, which leave it open
#[test]
fn a_proposal_reaches_those_that_join() {
    let mut zabs = led(3);
    give_up(&mut zabs, 0);
    join(&mut zabs, 0, 2);
    zabs.request(n(2), command(1, 1));
    assert_eq!(count(&zabs, "PROPOSE"), 2);
    zabs.settle_where(|m| !m.is("Notification"));
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
}

/// Z2: COMMIT-LD says all that the leader has committed, also what it committed since NEWLEADER.
/// Reference: step ℓ.3.4, which leaves it open
#[test]
fn commit_ld_says_what_is_committed_by_then() {
    let mut zabs = led(3);
    give_up(&mut zabs, 0);
    join(&mut zabs, 0, 2);
    zabs.request(n(2), command(1, 1));
    step(&mut zabs, "PROPOSE", 2, 1);
    step(&mut zabs, "ACK", 1, 2);
    assert_eq!((committed(&zabs, 2), pass(&mut zabs, "COMMIT", 2, 0)), (1, 0), "COMMIT is not for those that join");
    step(&mut zabs, "NEWLEADER", 2, 0);
    assert_eq!(said(&zabs, "ACK-LD", 0, 2), Body::AckLeader { zxid: zxid(0, 0) });
    step(&mut zabs, "ACK-LD", 0, 2);
    assert_eq!(said(&zabs, "COMMIT-LD", 2, 0), Body::CommitLeader { zxid: zxid(1, 1) });
}
