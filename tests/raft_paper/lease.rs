//! Reads under a lease: the thesis, §6.4 and §6.4.1.

use crate::rig::{Rafts, beat, committed, elect, leads, rows, term, with};
use crate::support::{command, n};
use consensus_playground::protocol::{Protocol, SettingValue, Setup};
use consensus_playground::protocols::raft::{Raft, RaftMessage, RaftTimer};

/// A shortest election timeout of 100 ms; clocks drift by a tenth at most: a lease of 81.818 ms.
const LEASES: &[(&str, SettingValue)] = &[
    ("lease_reads", SettingValue::Flag(true)),
    ("pre_vote", SettingValue::Flag(false)),
    ("clock_drift_ppm", SettingValue::Integer(100_000)),
    ("election_timeout_ms", SettingValue::Range(100, 200)),
];

const LEASE_US: u64 = 81_818;

/// Three nodes of which n0 leads, has committed its no-op, and has a lease from time 1,000,000 on.
fn leased() -> Rafts {
    let mut rafts = with(3, LEASES);
    // Under leases a node that has just started does not vote before its own timer has fired.
    for node in 0..3 {
        rafts.fire(n(node), RaftTimer::Election);
        rafts.lose_all();
    }
    elect(&mut rafts, 0);
    rafts.now = 1_000_000;
    beat(&mut rafts, 0);
    assert_eq!(committed(&rafts, 0), 1);
    rafts
}

/// "The leader … would extend its lease to start + election timeout / clock drift bound … During the lease period, the
/// leader would service read-only queries without communication."
/// Reference: thesis §6.4.1
#[test]
fn a_read_under_the_lease_is_answered_at_once() {
    let mut rafts = leased();
    rafts.now += LEASE_US - 1;
    rafts.query(n(0), command(1, 1));
    assert_eq!(rafts.slots[0].answers, [command(1, 1)]);
    assert!(rafts.network.is_empty(), "nobody is asked");
    assert_eq!(rows(&rafts, 0).len(), 1, "and it has no place in the log");
}

/// Reference: thesis §6.4.1
#[test]
fn when_the_lease_is_over_a_read_is_ordered() {
    let mut rafts = leased();
    rafts.now += LEASE_US;
    rafts.query(n(0), command(1, 1));
    assert_eq!(rafts.slots[0].answers, []);
    assert_eq!(rows(&rafts, 0).len(), 2);
}

/// "start" is when the round began, not when its answers came.
/// Reference: thesis §6.4.1
#[test]
fn the_lease_counts_from_the_beginning_of_the_round() {
    let mut rafts = leased();
    rafts.now = 2_000_000;
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.now += 50_000;
    rafts.settle();
    rafts.now = 2_000_000 + LEASE_US;
    rafts.query(n(0), command(1, 1));
    assert_eq!(rafts.slots[0].answers, []);
}

/// An answer to an old round, overtaken or copied, extends nothing.
#[test]
fn late_answers_count_for_their_own_round() {
    let mut rafts = leased();
    rafts.now = 2_000_000;
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.lose_all();
    let response = RaftMessage::HeartbeatResponse { term: term(&rafts, 0) as u32, round: 1 };
    rafts.receive(n(0), n(1), response);
    rafts.query(n(0), command(1, 1));
    assert_eq!(rafts.slots[0].answers, []);
}

/// "The leader must have the latest information on which entries are committed … it has to wait for an entry of its own
/// term."
/// Reference: thesis §6.4, step 1
#[test]
fn a_new_leader_that_has_committed_nothing_orders_the_read() {
    let mut rafts = with(3, LEASES);
    for node in 0..3 {
        rafts.fire(n(node), RaftTimer::Election);
        rafts.lose_all();
    }
    rafts.fire(n(0), RaftTimer::Election);
    rafts.deliver_where(|m| m.is("RequestVote"));
    rafts.deliver_where(|m| m.is("RequestVoteResponse"));
    assert!(leads(&rafts, 0));
    rafts.deliver_where(|m| m.is("Heartbeat"));
    rafts.deliver_where(|m| m.is("HeartbeatResponse"));
    rafts.query(n(0), command(1, 1));
    assert_eq!(rafts.slots[0].answers, [], "it has a lease and knows nothing");
    assert_eq!(rows(&rafts, 0).len(), 2);
}

/// The lease rests on it: who acknowledged a heartbeat waits, whatever term it hears of.
/// Reference: thesis §6.4.1 and §4.2.3
#[test]
fn who_acknowledged_a_heartbeat_does_not_vote_before_its_timer_fires() {
    let mut rafts = leased();
    let later = RaftMessage::RequestVote { term: 9, candidate_id: n(2), last_log_index: 7, last_log_term: 8 };
    rafts.receive(n(1), n(2), later.clone());
    assert!(term(&rafts, 1) < 9);
    // It hears of term 8, in an answer to something long past.
    rafts.receive(n(1), n(2), RaftMessage::RequestVoteResponse { term: 8, vote_granted: false });
    assert_eq!(term(&rafts, 1), 8);
    rafts.receive(n(1), n(2), later.clone());
    assert_eq!(term(&rafts, 1), 8, "and still keeps its word");
    rafts.fire(n(1), RaftTimer::Election);
    rafts.receive(n(1), n(2), later);
    assert_eq!(term(&rafts, 1), 9, "its timer has fired: it is free");
}

/// A node that crashed may have acknowledged a heartbeat just before.
#[test]
fn a_restarted_node_does_not_vote_before_its_timer_fires() {
    let mut rafts = leased();
    rafts.crash(n(1));
    rafts.restart(n(1));
    let request = RaftMessage::RequestVote { term: 9, candidate_id: n(2), last_log_index: 7, last_log_term: 8 };
    rafts.receive(n(1), n(2), request.clone());
    assert!(term(&rafts, 1) < 9);
    rafts.fire(n(1), RaftTimer::Election);
    rafts.receive(n(1), n(2), request);
    assert_eq!(term(&rafts, 1), 9);
}

/// Without a lease a read is a command like any other; a follower sends it to the leader.
#[test]
fn without_leases_a_read_is_ordered() {
    let mut rafts = crate::rig::led(3);
    rafts.query(n(0), command(1, 1));
    assert_eq!(rows(&rafts, 0).len(), 1);
    rafts.query(n(1), command(1, 2));
    assert_eq!(rafts.slots[1].redirects.len(), 1);
}

/// Reference: thesis §6.4.1 rests on §4.2.3
#[test]
fn leases_need_the_quorum_check() {
    let given = [("lease_reads", SettingValue::Flag(true)), ("check_quorum", SettingValue::Flag(false))];
    let setup = Setup { nodes: 3, variant: "correct", given: &given, declared: Raft::INFO.settings, delta: None };
    assert!(Raft::configure(&setup).unwrap_err().contains("check_quorum"));
}
