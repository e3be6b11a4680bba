//! §5.4: safety.

use crate::rig::{answer, append, committed, elect, entries, paper, request_vote, rows, terms, with_logs};
use crate::support::{command, n};
use consensus_playground::protocols::raft::{RaftMessage, RaftTimer};

/// A node votes for a candidate whose log is at least as up-to-date as its own, and for no other: the later last
/// term wins, and with equal last terms the longer log.
/// Reference: §5.4.1
#[test]
fn votes_go_to_logs_at_least_as_up_to_date() {
    // The voter's log, the candidate's last index and term.
    let cases: [(&[u32], (u32, u32), bool); 9] = [
        (&[], (0, 0), true),
        (&[1], (0, 0), false),
        (&[1], (1, 1), true),
        (&[1], (2, 1), true),
        (&[1, 1], (1, 1), false),
        (&[1, 1], (1, 2), true),
        (&[1, 2], (1, 1), false),
        (&[1, 2], (5, 1), false),
        (&[2], (1, 2), true),
    ];
    for (log, last, expected) in cases {
        let mut rafts = with_logs(&[log, &[], &[]]);
        rafts.receive(n(0), n(1), request_vote(1, 3, last));
        assert_eq!(answer(&mut rafts, 0), (3, expected), "{log:?} asked by a log that ends at {last:?}");
    }
}

/// A vote that is refused because of the log is still to be had by another candidate of the term.
/// Reference: §5.4.1
#[test]
fn a_refusal_leaves_the_vote() {
    let mut rafts = with_logs(&[&[1, 1], &[], &[]]);
    rafts.receive(n(0), n(1), request_vote(1, 2, (1, 1)));
    assert_eq!(answer(&mut rafts, 0), (2, false));
    rafts.receive(n(0), n(2), request_vote(2, 2, (2, 1)));
    assert_eq!(answer(&mut rafts, 0), (2, true));
}

/// A candidate tells where its log ends.
/// Reference: §5.4.1, Figure 2
#[test]
fn a_candidate_tells_its_last_index_and_term() {
    let mut rafts = with_logs(&[&[1, 1, 2], &[], &[]]);
    rafts.fire(n(0), RaftTimer::Election);
    let asked = request_vote(0, 3, (3, 2));
    assert!(rafts.network.iter().all(|m| m.message == asked));
}

/// Who wins holds every committed entry: a candidate without one meets a voter that has it in every majority.
/// Reference: §5.4.1
#[test]
fn a_leader_holds_all_committed_entries() {
    // Index 2 is on nodes 0, 1 and 2 of five.
    let logs: [&[u32]; 5] = [&[1, 2], &[1, 2], &[1, 2], &[1], &[]];
    for candidate in 0..5u8 {
        let mut rafts = with_logs(&logs);
        for _ in 0..3 {
            rafts.fire(n(candidate), RaftTimer::Election);
            rafts.settle();
            if crate::rig::leads(&rafts, candidate) {
                break;
            }
        }
        assert_eq!(crate::rig::leads(&rafts, candidate), candidate <= 2, "{}", n(candidate));
    }
}

/// A leader does not take an entry of an earlier term for committed because a majority stores it; with an entry of
/// its own term committed, the earlier ones are too.
/// Reference: §5.4.2
#[test]
fn only_entries_of_the_current_term_commit_by_counting() {
    let mut rafts = with_logs(&[&[1, 2], &[], &[]]);
    elect(&mut rafts, 0);
    assert_eq!((terms(&rafts, 1), terms(&rafts, 2)), (vec![1, 2], vec![1, 2]), "everybody stores both");
    assert_eq!(committed(&rafts, 0), 0);
    rafts.request(n(0), command(9, 1));
    rafts.settle();
    assert_eq!(committed(&rafts, 0), 3);
}

/// The commit point moves to the highest index that a majority has, not to the highest that somebody has.
/// Reference: §5.3, §5.4.2
#[test]
fn the_commit_index_is_what_a_majority_has() {
    let mut rafts = crate::rig::led(5);
    for serial in 1..=4 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.lose_all();
    let acknowledge = |match_index| RaftMessage::AppendEntriesResponse {
        term: 1,
        success: true,
        prev_log_index: 0,
        match_index,
        conflict_term: 0,
        conflict_index: 0,
    };
    let steps = [(1, 3, 0), (2, 1, 1), (3, 2, 2), (2, 4, 3), (4, 4, 4), (1, 2, 4)];
    for (from, match_index, expected) in steps {
        rafts.receive(n(0), n(from), acknowledge(match_index));
        assert_eq!(committed(&rafts, 0), expected);
    }
}

/// Entries keep the term in which they were made when a later leader replicates them.
/// Reference: §5.4.2
#[test]
fn replicated_entries_keep_their_terms() {
    let mut rafts = with_logs(&[&[1, 2, 2], &[1], &[]]);
    elect(&mut rafts, 0);
    for follower in [1, 2] {
        assert_eq!(terms(&rafts, follower), [1, 2, 2]);
        assert_eq!(rows(&rafts, follower), rows(&rafts, 0));
    }
}

/// If a node has applied an entry at an index, no other applies a different one there: with logs that differ beyond
/// the commit point, a follower applies only what the leader's message reaches.
/// Reference: §5.4.3, State Machine Safety
#[test]
fn nobody_applies_another_entry_at_the_same_index() {
    let mut rafts = paper(3);
    rafts.receive(n(2), n(1), append(1, 1, (0, 0), entries(1, &[1, 1, 1]), 1));
    rafts.lose_all();
    rafts.receive(n(0), n(1), append(1, 1, (0, 0), entries(1, &[1]), 1));
    rafts.lose_all();
    // Node 0 leads term 2 with a log of one entry, node 1 votes; node 2 has two more of term 1.
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle_among(&[0, 1]);
    rafts.request(n(0), command(9, 1));
    rafts.settle_among(&[0, 1]);
    assert_eq!(committed(&rafts, 0), 2);
    rafts.lose_all();
    for _ in 0..3 {
        crate::rig::beat(&mut rafts, 0);
    }
    assert_eq!(rafts.delivered(n(2)), rafts.delivered(n(0)));
    assert_eq!(rafts.disorder, None);
}
