//! The election: an oracle in the paper (§IV), fast leader election in ZooKeeper.

use crate::rig::*;
use crate::support::n;
use consensus_playground::protocols::zab::ZabTimer;

fn leader_of(disks: &[consensus_playground::protocols::zab::ZabStable]) -> u8 {
    let mut zabs = from_disks(disks);
    zabs.settle();
    (0..disks.len() as u8).find(|node| leads(&zabs, *node)).expect("somebody leads")
}

/// The best vote wins: by currentEpoch, then by the last zxid, then by id.
/// Reference: §V, optimisations; ZooKeeper, totalOrderPredicate
#[test]
fn the_most_recent_history_leads() {
    assert_eq!(leader_of(&[disk(2, 2, &[]), disk(2, 1, &[(1, 9)]), disk(2, 1, &[(1, 9)])]), 0);
    assert_eq!(leader_of(&[disk(2, 1, &[(1, 1)]), disk(2, 1, &[(1, 1), (1, 2)]), disk(2, 1, &[(1, 1)])]), 1);
    assert_eq!(leader_of(&[disk(2, 1, &[(1, 1)]), disk(2, 1, &[(1, 1)]), disk(2, 1, &[(1, 1)])]), 2);
}

/// Two of five do not elect; with three, the election waits a while for a better vote.
/// Reference: §IV (the oracle); ZooKeeper, finalizeWait
#[test]
fn a_quorum_agrees_and_waits_for_a_better_vote() {
    let mut zabs = started(5);
    let among = |group: &'static [u8]| {
        move |m: &Under| m.is("Notification") && group.contains(&m.from.0) && group.contains(&m.to.0)
    };
    zabs.settle_where(among(&[0, 1]));
    zabs.fire(n(1), ZabTimer::Election);
    assert_eq!(role(&zabs, 1), "LOOKING");
    zabs.settle_where(among(&[0, 1, 2]));
    assert_eq!([0, 1, 2].map(|node| role(&zabs, node)), ["LOOKING"; 3], "they wait");
    // A better vote comes in time.
    zabs.settle_where(among(&[0, 1, 2, 3]));
    for node in [3, 0, 1, 2] {
        zabs.fire(n(node), ZabTimer::Election);
    }
    assert_eq!([0, 1, 2, 3].map(|node| role(&zabs, node)), ["FOLLOWING", "FOLLOWING", "FOLLOWING", "LEADING"]);
}

/// When everybody agrees, nothing better can come.
/// Reference: §IV (the oracle)
#[test]
fn unanimity_ends_the_election_at_once() {
    let mut zabs = started(3);
    zabs.settle_where(|m| m.is("Notification"));
    assert_eq!([0, 1, 2].map(|node| role(&zabs, node)), ["FOLLOWING", "FOLLOWING", "LEADING"]);
}

/// Nobody is followed that has not voted for itself in this round: it may be gone.
/// Reference: §IV (the oracle); ZooKeeper, checkLeader
#[test]
fn a_leader_must_be_willing() {
    let mut zabs = started(5);
    zabs.settle_where(|m| m.is("Notification") && m.goes(4, 0));
    zabs.crash(n(4));
    let among = |m: &Under| m.is("Notification") && m.from != n(4) && m.to != n(4);
    zabs.settle_where(among);
    assert_eq!(votes(&zabs, 4, 1).len(), 1, "node 1 has not heard it itself");
    zabs.fire(n(1), ZabTimer::Election);
    assert_eq!(role(&zabs, 1), "LOOKING");
}

/// Votes of an earlier round do not count, and whoever sent one is told of the present round.
/// Reference: §IV (the oracle); ZooKeeper, logical clock
#[test]
fn who_is_behind_catches_up_with_the_round() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    give_up(&mut zabs, 2);
    zabs.lose_all();
    // Node 0 is in round 1, node 2 in round 2.
    zabs.fire(n(0), ZabTimer::Election);
    step(&mut zabs, "Notification", 0, 2);
    step(&mut zabs, "Notification", 2, 0);
    zabs.lose_where(|m| m.goes(0, 1));
    zabs.settle_where(|m| m.is("Notification") && (m.goes(0, 2) || m.goes(2, 0)));
    zabs.fire(n(2), ZabTimer::Election);
    assert_eq!(role(&zabs, 2), "LEADING");
}

/// A LOOKING node that hears from a leader itself follows it, whatever the round.
/// Reference: §IV (the oracle); deviation from ZooKeeper
#[test]
fn who_hears_a_leader_follows_it() {
    let mut zabs = led(3);
    zabs.crash(n(0));
    zabs.restart(n(0));
    step(&mut zabs, "Notification", 0, 2);
    step(&mut zabs, "Notification", 2, 0);
    assert_eq!(role(&zabs, 0), "FOLLOWING");
}

/// A follower that hears its leader vote knows that it has given up.
/// Reference: §IV; with TCP the connection would be closed
#[test]
fn a_leader_that_votes_has_given_up() {
    let mut zabs = led(3);
    give_up(&mut zabs, 2);
    step(&mut zabs, "Notification", 2, 0);
    assert_eq!(role(&zabs, 0), "LOOKING");
}

/// A vote of before the node followed is none of that: the leader has not answered yet.
/// Reference: §IV
#[test]
fn a_vote_before_the_leader_answers_ends_nothing() {
    let mut zabs = started(3);
    zabs.fire(n(2), ZabTimer::Election);
    zabs.settle_where(|m| m.is("Notification") && [1, 2].contains(&m.from.0) && [1, 2].contains(&m.to.0));
    zabs.fire(n(1), ZabTimer::Election);
    assert_eq!((role(&zabs, 1), role(&zabs, 2)), ("FOLLOWING", "LOOKING"));
    zabs.fire(n(2), ZabTimer::Election);
    zabs.settle_where(|m| m.is("Notification") && m.goes(2, 1));
    assert_eq!(role(&zabs, 1), "FOLLOWING");
}
