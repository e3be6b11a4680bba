//! Figures 7 and 8.

use crate::rig::{
    PAPER, Rafts, beat, committed, elect, entry, leads, rows, start_from, term, terms, violations, with_logs,
};
use crate::support::{Cluster, command, n};
use consensus_playground::protocols::raft::RaftTimer;

/// Figure 7's logs: the leader of term 8, then followers (a) to (f).
const FIGURE_7: [&[u32]; 7] = [
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6],
    &[1, 1, 1, 4],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    &[1, 1, 1, 4, 4, 4, 4],
    &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
];

/// The leader comes to power for term 8 with the votes of (a), (b), (e) and (f), and repairs all six: missing
/// entries, extra entries, and both.
fn figure_7() -> Rafts {
    let mut rafts = with_logs(&FIGURE_7);
    // Node 4, follower (d), led term 7: the leader has heard of it.
    rafts.crash(n(0));
    rafts.restart_with(n(0), crate::rig::disk(7, FIGURE_7[0]));
    elect(&mut rafts, 0);
    rafts
}

/// A new leader whose followers' logs differ from its own in all ways that can be makes them its own.
/// Reference: §5.3, Figure 7
#[test]
fn figure_7_every_follower_is_repaired() {
    let mut rafts = figure_7();
    assert_eq!(term(&rafts, 0), 8);
    // Without an entry of term 8 there is nothing that contradicts what (c) and (d) have beyond the leader's log.
    for (follower, extra) in [(1, 0), (2, 0), (3, 1), (4, 2), (5, 0), (6, 0)] {
        let log = rows(&rafts, follower);
        assert_eq!(log.len(), 10 + extra, "follower {follower}");
        assert_eq!(log[..10], rows(&rafts, 0)[..], "follower {follower}");
    }
    rafts.request(n(0), command(8, 11));
    rafts.settle();
    beat(&mut rafts, 0);
    let expected = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8];
    for node in 0..7 {
        assert_eq!(terms(&rafts, node), expected, "{}", n(node));
        assert_eq!(rows(&rafts, node), rows(&rafts, 0));
        assert_eq!(rafts.delivered(n(node)).len(), 11);
    }
    assert_eq!(violations(&rafts), []);
}

/// Repair takes one refusal per conflicting term at most, by the hint.
/// Reference: §5.3, Figure 7
#[test]
fn figure_7_repair_takes_a_message_per_conflicting_term() {
    let mut rafts = with_logs(&FIGURE_7);
    rafts.crash(n(0));
    rafts.restart_with(n(0), crate::rig::disk(7, FIGURE_7[0]));
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle_where(|m| m.is("RequestVote") || m.is("RequestVoteResponse"));
    let mut refusals = [0; 7];
    while let Some(id) = rafts.under_way(|_| true).first().copied() {
        let envelope = rafts.network.iter().find(|m| m.id == id).expect("under way");
        let refused = !consensus_playground::protocol::Message::positive(&envelope.message);
        if refused {
            refusals[envelope.from.index()] += 1;
        }
        rafts.deliver(id);
    }
    // (a) and (b) lack entries; (c) and (d) agree as far as the leader's log goes; (e) lacks entries and its term 4
    // ends elsewhere; (f) has two terms, 2 and 3, that the leader has not.
    assert_eq!(refusals, [0, 1, 1, 0, 0, 2, 2]);
}

/// S1 to S5 are nodes 0 to 4. Up to (c): S1, again leader, in term 4, has brought its entry of term 2 to a majority,
/// and holds an entry of term 4 alone.
pub fn figure_8_to_c(variant: &str) -> Rafts {
    let mut rafts = Cluster::new(5, variant, PAPER);
    start_from(&mut rafts, &[&[1], &[1], &[1], &[1], &[1]]);
    // (a) S1 is leader of term 2 and replicates index 2 to S2.
    elect(&mut rafts, 0);
    rafts.request(n(0), entry(2, 2).command);
    rafts.deliver_where(|m| m.goes(0, 1));
    rafts.lose_all();
    // (b) S1 crashes; S5 wins term 3 with the votes of S3 and S4 and takes another entry at index 2.
    rafts.crash(n(0));
    rafts.fire(n(4), RaftTimer::Election);
    rafts.settle_among(&[2, 3, 4]);
    rafts.lose_all();
    rafts.request(n(4), entry(2, 3).command);
    rafts.lose_all();
    assert_eq!((term(&rafts, 4), terms(&rafts, 4)), (3, vec![1, 3]));
    // (c) S5 crashes; S1 restarts, wins term 4 with S2 and S3, and continues with index 2.
    rafts.crash(n(4));
    rafts.restart(n(0));
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle_among(&[0, 1, 2]);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.settle_among(&[0, 1, 2]);
    rafts.lose_all();
    assert!(leads(&rafts, 0));
    assert_eq!(term(&rafts, 0), 4);
    for node in 0..3 {
        assert_eq!(terms(&rafts, node), [1, 2], "{}", n(node));
    }
    rafts.request(n(0), entry(3, 4).command);
    rafts
}

/// (d) S1 crashes; S5 wins term 5 with the votes of S2, S3 and S4, and its entry of term 3 takes the place.
pub fn figure_8_to_d(variant: &str) -> Rafts {
    let mut rafts = figure_8_to_c(variant);
    rafts.lose_all();
    rafts.crash(n(0));
    rafts.restart(n(4));
    for _ in 0..2 {
        rafts.fire(n(4), RaftTimer::Election);
        rafts.settle();
    }
    assert!(leads(&rafts, 4));
    assert_eq!(term(&rafts, 4), 5);
    rafts.request(n(4), command(8, 1));
    rafts.settle();
    beat(&mut rafts, 4);
    rafts.restart(n(0));
    for _ in 0..3 {
        beat(&mut rafts, 4);
    }
    rafts
}

/// In (c) the entry of term 2 stands on a majority and is not committed, so that (d) may overwrite it.
/// Reference: §5.4.2, Figure 8 (a)–(d)
#[test]
fn figure_8_an_uncommitted_entry_is_overwritten() {
    let rafts = figure_8_to_c("correct");
    assert_eq!(committed(&rafts, 0), 0, "a majority holds index 2, and that is not enough");
    let rafts = figure_8_to_d("correct");
    for node in 0..5 {
        assert_eq!(terms(&rafts, node), [1, 3, 5], "{}", n(node));
        assert_eq!(rafts.delivered(n(node)), [entry(1, 1).command, entry(2, 3).command, command(8, 1)]);
    }
    assert_eq!(violations(&rafts), []);
}

/// With R1, S1 takes it for committed in (c) and tells its client; in (d) it is gone.
/// Reference: §5.4.2, Figure 8 (a)–(d)
#[test]
fn figure_8_counting_replicas_of_an_older_term_loses_a_committed_entry() {
    let rafts = figure_8_to_c("commit-older-term");
    assert_eq!(rafts.delivered(n(0)), [entry(1, 1).command, entry(2, 2).command]);
    let rafts = figure_8_to_d("commit-older-term");
    assert_eq!(terms(&rafts, 4), [1, 3, 5]);
    assert_eq!(rafts.order[&2], entry(2, 2).command, "what S1 applied at index 2");
    assert_eq!(rafts.delivered(n(4))[1], entry(2, 3).command, "what S5 applied there");
    let broken: Vec<_> = violations(&rafts).into_iter().map(|(name, _)| name).collect();
    assert_eq!(broken, ["Leader Completeness", "State Machine Safety"]);
}

/// If S1 brings its entry of term 4 to a majority before it crashes, index 2 is committed with it and S5 cannot win.
/// Reference: §5.4.2, Figure 8 (e)
#[test]
fn figure_8_an_entry_of_the_current_term_commits_what_is_before_it() {
    let mut rafts = figure_8_to_c("correct");
    rafts.settle_among(&[0, 1, 2]);
    assert_eq!(committed(&rafts, 0), 3);
    let applied = [entry(1, 1).command, entry(2, 2).command, entry(3, 4).command];
    assert_eq!(rafts.delivered(n(0)), applied);
    rafts.lose_all();
    rafts.crash(n(0));
    rafts.restart(n(4));
    for _ in 0..5 {
        rafts.fire(n(4), RaftTimer::Election);
        rafts.settle();
        assert!(!leads(&rafts, 4), "S2 and S3 refuse");
    }
    elect(&mut rafts, 1);
    rafts.request(n(1), command(8, 1));
    rafts.settle();
    beat(&mut rafts, 1);
    assert_eq!(rafts.delivered(n(4))[..3], applied);
    assert_eq!(violations(&rafts), []);
}
