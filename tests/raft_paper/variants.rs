//! Every rule left out is seen to break the property that its card names, and the same schedule with the rule in
//! place is safe.

use crate::figures::figure_8_to_d;
use crate::rig::{Rafts, broken, leads, start_from, violations};
use crate::support::{command, n};
use consensus_playground::protocols::raft::{RaftTimer, VARIANTS};

/// A schedule that a variant does not survive.
type Schedule = fn(&str) -> Rafts;

/// By the variant's id.
const SCHEDULES: &[(&str, Schedule)] = &[
    ("commit-older-term", figure_8_to_d),
    ("volatile-term-and-vote", two_votes_in_a_term),
    ("truncate-unconditionally", a_late_copy),
    ("commit-to-log-length", a_tail_that_the_leader_never_had),
    ("vote-ignores-log", a_vote_for_an_empty_log),
    ("acknowledge-before-fsync", a_crash_between_answer_and_write),
];

/// Shown at fault by their scenarios alone (tests/broken.rs): they take clocks, changes of the membership, or a long story.
pub const BY_SCENARIO: &[&str] =
    &["count-old-answers", "entries-before-term", "change-before-commit", "lease-ignores-drift", "no-pre-vote"];

/// Node 2 votes for node 0, restarts, and is asked by node 1 in the same term.
fn two_votes_in_a_term(variant: &str) -> Rafts {
    let mut rafts = broken(3, variant);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.fire(n(1), RaftTimer::Election);
    rafts.deliver_where(|m| m.goes(0, 2));
    rafts.deliver_where(|m| m.goes(2, 0));
    rafts.crash(n(2));
    rafts.restart(n(2));
    rafts.deliver_where(|m| m.is("RequestVote") && m.goes(1, 2));
    rafts.deliver_where(|m| m.goes(2, 1));
    rafts
}

/// A copy of the first AppendEntries reaches node 1 after it has acknowledged the second.
fn a_late_copy(variant: &str) -> Rafts {
    let mut rafts = broken(3, variant);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle();
    rafts.request(n(0), command(1, 1));
    rafts.request(n(0), command(1, 2));
    let first = rafts.under_way(|m| m.goes(0, 1))[0];
    rafts.deliver_copy(first);
    rafts.deliver_where(|m| m.goes(0, 1) && m.id != first);
    rafts.deliver_where(|m| m.goes(1, 0));
    assert_eq!(rafts.delivered(n(0)), [command(1, 1), command(1, 2)]);
    rafts.deliver(first);
    rafts.crash(n(0));
    rafts.lose_all();
    rafts.fire(n(1), RaftTimer::Election);
    rafts.settle();
    assert!(leads(&rafts, 1));
    rafts.request(n(1), command(1, 3));
    rafts.settle();
    rafts
}

/// Node 2 has an entry at index 2 that the leader of term 2 never had; a heartbeat tells of a commit there.
fn a_tail_that_the_leader_never_had(variant: &str) -> Rafts {
    let mut rafts = broken(3, variant);
    start_from(&mut rafts, &[&[1], &[1], &[1, 1]]);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle();
    assert!(leads(&rafts, 0));
    rafts.request(n(0), command(9, 1));
    rafts.lose_where(|m| m.goes(0, 2));
    rafts.settle();
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.settle();
    rafts
}

/// Node 1 holds a committed entry, node 2 does not, and asks node 1 for its vote.
fn a_vote_for_an_empty_log(variant: &str) -> Rafts {
    let mut rafts = broken(3, variant);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle();
    rafts.request(n(0), command(1, 1));
    rafts.settle_among(&[0, 1]);
    rafts.lose_all();
    rafts.crash(n(0));
    rafts.fire(n(2), RaftTimer::Election);
    rafts.settle();
    rafts.request(n(2), command(1, 2));
    rafts.settle();
    rafts
}

/// Node 1 crashes before the entry is on its disk; whatever it said by then reaches the leader.
fn a_crash_between_answer_and_write(variant: &str) -> Rafts {
    let mut rafts = broken(3, variant);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle();
    rafts.hold_disk(n(1));
    rafts.request(n(0), command(1, 1));
    rafts.settle_among(&[0, 1]);
    rafts.lose_all();
    rafts.crash(n(1));
    rafts.release_disk(n(1));
    rafts.restart(n(1));
    rafts.crash(n(0));
    rafts.fire(n(2), RaftTimer::Election);
    rafts.settle();
    assert!(leads(&rafts, 2));
    rafts.request(n(2), command(1, 2));
    rafts.settle();
    rafts
}

#[test]
fn every_variant_breaks_what_its_card_says() {
    for (id, schedule) in SCHEDULES {
        let card = VARIANTS.iter().find(|variant| variant.id == *id).expect("a card");
        let broken = violations(&schedule(id));
        assert!(broken.iter().any(|(name, _)| *name == card.breaks), "{id}: {broken:?}");
    }
}

#[test]
fn the_same_schedules_are_safe_with_the_rule_in_place() {
    for (id, schedule) in SCHEDULES {
        assert_eq!(violations(&schedule("correct")), [], "{id}");
    }
}

#[test]
fn every_variant_has_a_schedule() {
    let with_schedule: Vec<_> = SCHEDULES.iter().map(|(id, _)| *id).collect();
    let all = VARIANTS.iter().map(|variant| variant.id).filter(|id| !BY_SCENARIO.contains(id));
    assert_eq!(with_schedule, all.collect::<Vec<_>>());
}
