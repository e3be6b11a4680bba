//! Phase 1, Discovery.

use crate::rig::*;
use crate::support::n;
use consensus_playground::protocols::zab::{Body, Sync, ZabTimer};

/// A follower sends the prospective leader its last promise: CEPOCH(f.p).
/// Reference: step f.1.1
#[test]
fn a_follower_sends_its_last_promise() {
    let mut zabs = from_disks(&[disk(3, 2, &[]), disk(5, 2, &[]), disk(4, 2, &[])]);
    elect(&mut zabs, 2, &[0, 1, 2]);
    assert_eq!(said(&zabs, "CEPOCH", 0, 2), Body::Cepoch { epoch: 3 });
    assert_eq!(said(&zabs, "CEPOCH", 1, 2), Body::Cepoch { epoch: 5 });
}

/// A new epoch is proposed when a quorum of followers has sent CEPOCH, the leader itself among them, and not before; it
/// is later than any that was received.
/// Reference: step ℓ.1.1
#[test]
fn a_quorum_of_cepoch_and_an_epoch_later_than_all_of_them() {
    let disks = [disk(3, 0, &[]), disk(9, 0, &[]), disk(4, 0, &[]), disk(0, 0, &[]), disk(7, 0, &[])];
    let mut zabs = from_disks(&disks);
    elect(&mut zabs, 4, &[0, 1, 2, 3, 4]);
    step(&mut zabs, "CEPOCH", 0, 4);
    assert_eq!(count(&zabs, "NEWEPOCH"), 0, "two of five");
    step(&mut zabs, "CEPOCH", 2, 4);
    assert_eq!(count(&zabs, "NEWEPOCH"), 2, "to those in Q");
    assert_eq!(said(&zabs, "NEWEPOCH", 4, 2), Body::NewEpoch { epoch: 8 });
    // Whoever comes later is proposed the same.
    step(&mut zabs, "CEPOCH", 3, 4);
    assert_eq!(said(&zabs, "NEWEPOCH", 4, 3), Body::NewEpoch { epoch: 8 });
}

/// The leader is one of its followers: its own promise is on its disk before it proposes.
/// Reference: steps ℓ.1.1 and f.1.2
#[test]
fn the_leader_promises_its_own_epoch_first() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    zabs.hold_disk(n(2));
    step(&mut zabs, "CEPOCH", 1, 2);
    assert_eq!((epochs(&zabs, 2), count(&zabs, "NEWEPOCH")), ((0, 0), 0));
    zabs.write_one(n(2));
    assert_eq!((epochs(&zabs, 2), count(&zabs, "NEWEPOCH")), ((1, 0), 1));
}

/// f.p < e': f.p ← e', on the disk, and then the acknowledgement with f.a and the history.
/// Reference: step f.1.2
#[test]
fn a_promise_is_on_the_disk_before_it_is_given() {
    let mut zabs = from_disks(&[disk(2, 1, &[(1, 1), (1, 2)]), disk(2, 2, &[(1, 1)]), disk(2, 2, &[(2, 1)])]);
    elect(&mut zabs, 2, &[0, 1, 2]);
    step(&mut zabs, "CEPOCH", 0, 2);
    zabs.hold_disk(n(0));
    step(&mut zabs, "NEWEPOCH", 2, 0);
    assert_eq!(count(&zabs, "ACK-E"), 0);
    zabs.write_one(n(0));
    assert_eq!(epochs(&zabs, 0), (3, 1));
    let history = [txn(1, 1), txn(1, 2)].into();
    assert_eq!(said(&zabs, "ACK-E", 0, 2), Body::AckEpoch { current_epoch: 1, history, promise: true });
}

/// An epoch below f.p is not acknowledged: the follower starts a new iteration.
/// Reference: step f.1.2
#[test]
fn an_epoch_below_the_promise_is_refused() {
    let mut zabs = from_disks(&[disk(0, 0, &[]), disk(4, 0, &[]), disk(0, 0, &[])]);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    let proposal = tamper(&mut zabs, "NEWEPOCH", |body| *body = Body::NewEpoch { epoch: 3 });
    zabs.receive(n(1), n(2), proposal);
    assert_eq!((role(&zabs, 1), epochs(&zabs, 1), count(&zabs, "ACK-E")), ("LOOKING", (4, 0), 0));
}

/// A prospective leader that hears of a later promise than its epoch begins anew, and chooses a later one.
/// Reference: deviation from step ℓ.3.3
#[test]
fn a_later_promise_makes_a_prospective_leader_begin_anew() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    zabs.crash(n(1));
    zabs.lose_all();
    zabs.restart_with(n(1), disk(6, 0, &[]));
    find(&mut zabs, 1, 2);
    step(&mut zabs, "CEPOCH", 1, 2);
    assert_eq!(role(&zabs, 2), "LOOKING");
    give_up(&mut zabs, 1);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    assert_eq!(said(&zabs, "NEWEPOCH", 2, 1), Body::NewEpoch { epoch: 7 });
}

/// The same with a leader in Broadcast: a node with a later promise is not shut out for ever.
/// Reference: deviation from step ℓ.3.3
#[test]
fn a_later_promise_makes_the_leader_begin_anew() {
    let mut zabs = led(3);
    zabs.crash(n(0));
    zabs.restart_with(n(0), disk(6, 1, &[]));
    find(&mut zabs, 0, 2);
    step(&mut zabs, "CEPOCH", 0, 2);
    assert_eq!(role(&zabs, 2), "LOOKING");
    give_up(&mut zabs, 0);
    zabs.settle();
    assert!(leads(&zabs, 2));
    assert_eq!([0, 1, 2].map(|node| epochs(&zabs, node)), [(7, 7); 3]);
}

/// One epoch is promised to one leader: another one gets the history, and no promise.
/// Reference: step f.1.2
#[test]
fn an_epoch_is_promised_once() {
    let mut zabs = started(3);
    elect(&mut zabs, 1, &[0, 1]);
    step(&mut zabs, "CEPOCH", 0, 1);
    zabs.lose_all();
    give_up(&mut zabs, 0);
    zabs.lose_all();
    zabs.fire(n(0), ZabTimer::Election);
    zabs.fire(n(2), ZabTimer::Election);
    elect(&mut zabs, 2, &[0, 2]);
    step(&mut zabs, "CEPOCH", 0, 2);
    step(&mut zabs, "NEWEPOCH", 2, 0);
    assert!(matches!(said(&zabs, "ACK-E", 0, 2), Body::AckEpoch { promise: true, .. }));
    // Back to node 1, which has chosen epoch 1, too.
    give_up(&mut zabs, 0);
    find(&mut zabs, 0, 1);
    step(&mut zabs, "CEPOCH", 0, 1);
    assert_eq!(said(&zabs, "NEWEPOCH", 1, 0), Body::NewEpoch { epoch: 1 });
    step(&mut zabs, "NEWEPOCH", 1, 0);
    assert!(matches!(said(&zabs, "ACK-E", 0, 1), Body::AckEpoch { promise: false, .. }));
    zabs.settle_where(|m| !m.is("Notification"));
    assert!(!leads(&zabs, 1) && !leads(&zabs, 2), "node 2's channel is gone, and node 1 has one promise, its own");
}

/// A follower that promised this very epoch to this leader, and lost its channel, promises it again.
/// Reference: step f.1.2 (deviation)
#[test]
fn a_promise_to_the_same_leader_is_given_again() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    step(&mut zabs, "NEWEPOCH", 2, 1);
    zabs.lose_all();
    give_up(&mut zabs, 1);
    join(&mut zabs, 1, 2);
    zabs.settle_where(|m| !m.is("Notification"));
    assert!(leads(&zabs, 2));
}

/// The initial history is chosen when each follower in a quorum has sent ACK-E, and not before.
/// Reference: step ℓ.1.2
#[test]
fn no_history_without_a_quorum_of_promises() {
    let mut zabs = started(5);
    elect(&mut zabs, 4, &[0, 1, 2, 3, 4]);
    zabs.deliver_where(|m| m.is("CEPOCH"));
    zabs.deliver_where(|m| m.is("NEWEPOCH"));
    step(&mut zabs, "ACK-E", 0, 4);
    assert_eq!((count(&zabs, "NEWLEADER"), epochs(&zabs, 4)), (0, (1, 0)));
    step(&mut zabs, "ACK-E", 1, 4);
    assert_eq!((count(&zabs, "NEWLEADER"), epochs(&zabs, 4)), (2, (1, 1)));
}

/// The history with the highest f.a is chosen, whatever its zxids.
/// Reference: step ℓ.1.2, "f'.a < f.a"
#[test]
fn the_history_of_the_latest_epoch_is_chosen() {
    let old = disk(1, 1, &[(1, 1), (1, 2), (1, 3)]);
    let mut zabs = from_disks(&[disk(2, 2, &[(1, 1)]), disk(0, 0, &[]), old]);
    // Node 2 has been elected by hand: it and node 1 know nothing of epoch 2.
    elect(&mut zabs, 2, &[1, 2]);
    give_up(&mut zabs, 1);
    find(&mut zabs, 0, 2);
    step(&mut zabs, "CEPOCH", 0, 2);
    step(&mut zabs, "NEWEPOCH", 2, 0);
    step(&mut zabs, "ACK-E", 0, 2);
    assert_eq!((epochs(&zabs, 2), on_disk(&zabs, 2)), ((3, 3), vec![(1, 1)]));
}

/// Among those of the highest f.a, the one with the highest zxid; the leader takes it over from the follower.
/// Reference: step ℓ.1.2, "(f'.a = f.a) ∧ (f'.zxid ≼ f.zxid)"
#[test]
fn the_longest_history_of_that_epoch_is_chosen() {
    let mut zabs = from_disks(&[disk(2, 2, &[(1, 1), (2, 1)]), disk(0, 0, &[]), disk(2, 2, &[(1, 1)])]);
    elect(&mut zabs, 2, &[1, 2]);
    give_up(&mut zabs, 1);
    join(&mut zabs, 0, 2);
    assert_eq!((epochs(&zabs, 2), on_disk(&zabs, 2)), ((3, 3), vec![(1, 1), (2, 1)]));
    let sync = Body::NewLeader { epoch: 3, sync: Sync::Diff, after: 2, txns: [].into() };
    assert_eq!(said(&zabs, "NEWLEADER", 2, 0), sync);
}
