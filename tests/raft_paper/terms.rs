//! §5.1: states and terms.

use crate::rig::{answer, append, beat, broken, elect, leads, led, paper, request_vote, role, rows, term};
use crate::support::{command, n};
use consensus_playground::protocol::{Fact, SnapshotRef};
use consensus_playground::protocols::raft::{Entries, RaftMessage, RaftTimer};

/// In normal operation there is one leader and all others follow.
/// Reference: §5.1
#[test]
fn one_leads_and_the_others_follow() {
    let rafts = led(5);
    let roles: Vec<_> = (0..5).map(|node| role(&rafts, node)).collect();
    assert_eq!(roles, ["leader", "follower", "follower", "follower", "follower"]);
}

/// Followers ask nothing of anybody: they answer leaders and candidates, and that is all they send.
/// Reference: §5.1
#[test]
fn followers_are_passive() {
    let mut rafts = led(3);
    rafts.request(n(1), command(1, 1));
    assert!(rafts.network.is_empty(), "nothing is sent for a client");
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.deliver_where(|m| m.goes(0, 1));
    let sent = rafts.under_way(|m| m.from == n(1));
    assert_eq!(sent.len(), 1);
    assert_eq!(rafts.under_way(|m| m.is("AppendEntriesResponse") && m.goes(1, 0)), sent);
}

/// A client that asks a follower is sent to the leader.
/// Reference: §5.1
#[test]
fn a_follower_sends_clients_to_the_leader() {
    let mut rafts = led(3);
    rafts.request(n(2), command(1, 1));
    assert_eq!(rafts.slots[2].redirects, [(command(1, 1), Some(n(0)))]);
    assert!(rows(&rafts, 2).is_empty(), "the follower's log takes nothing from clients");
}

/// A client that asks a node that knows no leader is told just that.
/// Reference: §5.1, §8
#[test]
fn without_a_leader_clients_are_sent_away() {
    let mut rafts = paper(3);
    rafts.request(n(1), command(1, 1));
    rafts.fire(n(1), RaftTimer::Election);
    rafts.request(n(1), command(1, 2));
    assert_eq!(rafts.slots[1].redirects, [(command(1, 1), None), (command(1, 2), None)]);
}

/// Terms are numbered consecutively: each election begins the next.
/// Reference: §5.1
#[test]
fn terms_are_consecutive() {
    let mut rafts = paper(3);
    for expected in 1..=4 {
        rafts.fire(n(0), RaftTimer::Election);
        assert_eq!(term(&rafts, 0), expected);
    }
}

/// Who wins an election leads for the rest of the term.
/// Reference: §5.1
#[test]
fn a_leader_leads_until_its_term_ends() {
    let mut rafts = led(3);
    for _ in 0..5 {
        beat(&mut rafts, 0);
    }
    assert!(leads(&rafts, 0));
    assert!(!rafts.slots[0].timers.contains_key(&RaftTimer::Election), "by §5 nothing ends it but a higher term");
    rafts.fire(n(1), RaftTimer::Election);
    rafts.settle();
    assert_eq!(role(&rafts, 0), "follower");
}

/// When votes split, the term ends without a leader and a new one begins.
/// Reference: §5.1
#[test]
fn a_split_vote_ends_a_term_without_a_leader() {
    let mut rafts = paper(4);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.fire(n(3), RaftTimer::Election);
    rafts.deliver_where(|m| m.goes(0, 1) || m.goes(3, 2));
    rafts.settle();
    assert!((0..4).all(|node| !leads(&rafts, node)), "two votes each");
    elect(&mut rafts, 0);
    assert_eq!(term(&rafts, 0), 2);
}

/// There is at most one leader in a term: the second majority would share a voter with the first.
/// Reference: §5.1, §5.2
#[test]
fn a_term_has_at_most_one_leader() {
    let mut rafts = paper(3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.fire(n(1), RaftTimer::Election);
    rafts.settle();
    let leaders = rafts.history.iter().filter(|(_, fact)| matches!(fact, Fact::Leads { epoch: 1 })).count();
    assert_eq!(leaders, 1);
}

/// A node's term never decreases, whatever arrives.
/// Reference: §5.1
#[test]
fn terms_increase_monotonically() {
    let mut rafts = paper(3);
    for (sent, expected) in [(3, 3), (1, 3), (2, 3), (5, 5), (4, 5)] {
        rafts.receive(n(0), n(1), request_vote(1, sent, (0, 0)));
        assert_eq!(term(&rafts, 0), expected);
        rafts.receive(n(0), n(2), append(2, sent, (0, 0), Entries::None, 0));
        assert_eq!(term(&rafts, 0), expected);
    }
}

/// The current term survives a crash, so that it increases over restarts too.
/// Reference: §5.1, Figure 2
#[test]
fn terms_survive_restarts() {
    let mut rafts = paper(3);
    rafts.receive(n(0), n(1), request_vote(1, 7, (0, 0)));
    rafts.crash(n(0));
    rafts.restart(n(0));
    assert_eq!(term(&rafts, 0), 7);
}

/// Whoever hears of a larger term takes it over, from requests and from answers, in every role.
/// Reference: §5.1
#[test]
fn a_larger_term_is_taken_over() {
    let snapshot = SnapshotRef { taken_by: n(1), position: 3 };
    let later: [(&str, RaftMessage); 8] = [
        ("RequestVote", request_vote(1, 9, (0, 0))),
        ("RequestVoteResponse", RaftMessage::RequestVoteResponse { term: 9, vote_granted: false }),
        ("AppendEntries", append(1, 9, (0, 0), Entries::None, 0)),
        (
            "AppendEntriesResponse",
            RaftMessage::AppendEntriesResponse {
                term: 9,
                success: false,
                prev_log_index: 0,
                match_index: 0,
                conflict_term: 0,
                conflict_index: 0,
            },
        ),
        ("AppendEntries with entries", append(1, 9, (0, 0), crate::rig::entries(1, &[9]), 0)),
        (
            "InstallSnapshot",
            RaftMessage::InstallSnapshot {
                term: 9,
                leader_id: n(1),
                last_included_term: 8,
                last_config: None,
                snapshot,
            },
        ),
        ("InstallSnapshotResponse", RaftMessage::InstallSnapshotResponse { term: 9, last_included_index: 0 }),
        ("PreVoteResponse", RaftMessage::PreVoteResponse { term: 9, vote_granted: false }),
    ];
    for (name, message) in later {
        for from in ["follower", "candidate", "leader"] {
            let mut rafts = paper(3);
            rafts.slots[1].snapshots.push(snapshot);
            match from {
                "candidate" => rafts.fire(n(0), RaftTimer::Election),
                "leader" => elect(&mut rafts, 0),
                _ => {}
            }
            assert_eq!(role(&rafts, 0), from);
            rafts.receive(n(0), n(1), message.clone());
            assert_eq!((term(&rafts, 0), role(&rafts, 0)), (9, "follower"), "{name} at a {from}");
            assert_eq!(rafts.slots[0].disk.current_term, 9, "{name} at a {from}: on the disk");
        }
    }
}

/// A candidate or leader whose term is out of date becomes a follower at once: it has an election timer again and
/// sends no more heartbeats.
/// Reference: §5.1
#[test]
fn an_outdated_leader_becomes_a_follower() {
    let mut rafts = led(3);
    rafts.receive(n(0), n(1), RaftMessage::RequestVoteResponse { term: 2, vote_granted: false });
    assert_eq!(role(&rafts, 0), "follower");
    let timers: Vec<_> = rafts.slots[0].timers.keys().copied().collect();
    assert_eq!(timers, [RaftTimer::Election]);
    assert!(rafts.slots[0].facts.contains(&Fact::StepsDown));
}

/// Requests of an old term are refused, and the answer tells the newer one; answers of an old term count for nothing.
/// Reference: §5.1
#[test]
fn a_stale_term_is_refused() {
    let mut rafts = paper(3);
    rafts.receive(n(0), n(1), request_vote(1, 5, (0, 0)));
    rafts.lose_all();
    rafts.receive(n(0), n(2), request_vote(2, 4, (9, 4)));
    assert_eq!(answer(&mut rafts, 0), (5, false));
    rafts.receive(n(0), n(2), append(2, 4, (0, 0), crate::rig::entries(1, &[4]), 1));
    assert_eq!(answer(&mut rafts, 0), (5, false));
    assert!(rows(&rafts, 0).is_empty() && rafts.delivered(n(0)).is_empty());

    // A vote for an earlier candidature of the same node.
    let mut rafts = paper(3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.receive(n(0), n(1), RaftMessage::RequestVoteResponse { term: 1, vote_granted: true });
    assert_eq!(role(&rafts, 0), "candidate");
}

/// Requests that are not answered are sent again: an election with its next timeout, entries with a heartbeat.
/// Reference: §5.1
#[test]
fn requests_are_retried() {
    let mut rafts = paper(3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.lose_all();
    elect(&mut rafts, 0);
    rafts.request(n(0), command(1, 1));
    rafts.lose_all();
    for _ in 0..3 {
        beat(&mut rafts, 0);
    }
    assert_eq!(rafts.delivered(n(1)), [command(1, 1)]);
}

/// Requests go out to everybody at once, not one after the other.
/// Reference: §5.1
#[test]
fn requests_are_sent_in_parallel() {
    let mut rafts = broken(5, "correct");
    rafts.fire(n(0), RaftTimer::Election);
    assert_eq!(rafts.under_way(|m| m.is("RequestVote")).len(), 4);
    rafts.settle();
    rafts.request(n(0), command(1, 1));
    assert_eq!(rafts.under_way(|m| m.is("AppendEntries")).len(), 4);
}
