//! Back to LOOKING: a follower without a leader, a leader without a quorum.

use crate::rig::*;
use crate::support::{command, n};
use consensus_playground::protocol::Fact;
use consensus_playground::protocols::zab::ZabTimer;

/// A follower that hears nothing from its leader starts a new iteration; every message of the leader's puts it off.
/// Reference: §V, heartbeats
#[test]
fn a_follower_without_a_leader_looks_for_one() {
    let mut zabs = led(3);
    let before = zabs.slots[0].set[&ZabTimer::Timeout];
    zabs.fire(n(2), ZabTimer::Tick);
    step(&mut zabs, "PING", 2, 0);
    assert_eq!(zabs.slots[0].set[&ZabTimer::Timeout], before + 1);
    zabs.fire(n(0), ZabTimer::Timeout);
    assert_eq!(role(&zabs, 0), "LOOKING");
}

/// A leader that has not heard a quorum since it looked last gives up.
/// Reference: §V, heartbeats
#[test]
fn a_leader_without_a_quorum_gives_up() {
    let mut zabs = led(3);
    zabs.fire(n(2), ZabTimer::Timeout);
    assert!(leads(&zabs, 2), "it has heard both since it leads");
    zabs.fire(n(2), ZabTimer::Tick);
    zabs.settle();
    zabs.fire(n(2), ZabTimer::Timeout);
    assert!(leads(&zabs, 2), "PONG is enough");
    zabs.fire(n(2), ZabTimer::Timeout);
    assert_eq!(role(&zabs, 2), "LOOKING");
    assert!(zabs.slots[2].facts.contains(&Fact::StepsDown));
}

/// One follower of two is enough for a quorum of three.
/// Reference: §V, heartbeats
#[test]
fn a_leader_with_a_quorum_goes_on() {
    let mut zabs = led(3);
    zabs.crash(n(0));
    for _ in 0..3 {
        zabs.fire(n(2), ZabTimer::Tick);
        zabs.settle();
        zabs.fire(n(2), ZabTimer::Timeout);
        assert!(leads(&zabs, 2));
    }
}

/// A prospective leader that does not get through Discovery and Synchronization gives up.
/// Reference: §V, heartbeats; ZooKeeper, initLimit
#[test]
fn a_leader_that_is_not_established_gives_up() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    step(&mut zabs, "CEPOCH", 1, 2);
    step(&mut zabs, "NEWEPOCH", 2, 1);
    step(&mut zabs, "ACK-E", 1, 2);
    zabs.fire(n(2), ZabTimer::Timeout);
    assert_eq!((role(&zabs, 2), epochs(&zabs, 2)), ("LOOKING", (1, 1)));
    assert!(!zabs.slots[2].facts.iter().any(|fact| matches!(fact, Fact::Leads { .. } | Fact::StepsDown)));
}

/// An old primary behind a partition commits nothing, and its tail is cut when it comes back.
/// Reference: §III, primary order; §IV
#[test]
fn an_old_primary_commits_nothing() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    zabs.lose_all();
    give_up(&mut zabs, 0);
    give_up(&mut zabs, 1);
    elect(&mut zabs, 1, &[0, 1]);
    zabs.settle_among(&[0, 1]);
    assert!(leads(&zabs, 1) && leads(&zabs, 2), "two believe that they lead, of two epochs");
    zabs.request(n(1), command(2, 1));
    zabs.settle_among(&[0, 1]);
    zabs.request(n(2), command(1, 2));
    zabs.lose_all();
    assert_eq!((committed(&zabs, 1), committed(&zabs, 2)), (1, 0));
    give_up(&mut zabs, 2);
    zabs.settle();
    assert_eq!(on_disk(&zabs, 2), [(2, 1)]);
    assert_eq!(zabs.disorder, None);
}
