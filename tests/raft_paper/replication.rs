//! §5.3: log replication.

use crate::rig::{
    Under, answer, append, beat, commands, committed, disk, elect, entries, entry, led, paper, role, rows, start_from,
    terms, terms_on_disk, with_logs,
};
use crate::support::{command, n};
use consensus_playground::protocols::raft::{Entries, RaftMessage, RaftTimer};

/// The entries' terms and prevLogIndex of an AppendEntries.
fn carried(message: &RaftMessage) -> (u32, Vec<u32>) {
    match message {
        RaftMessage::AppendEntries { prev_log_index, entries, .. } => {
            (*prev_log_index, entries.iter().map(|e| e.term).collect())
        }
        other => panic!("{other:?}"),
    }
}

/// The leader appends a client's command to its log as a new entry and asks all others in parallel to append it too,
/// as soon as it is on its own disk.
/// Reference: §5.3
#[test]
fn a_command_becomes_an_entry_that_everybody_is_asked_to_append() {
    let mut rafts = led(3);
    rafts.hold_disk(n(0));
    rafts.request(n(0), command(1, 1));
    assert_eq!(commands(&rafts, 0), [command(1, 1)]);
    assert!(rafts.network.is_empty(), "the entry is not on the disk yet");
    rafts.write_one(n(0));
    assert_eq!(terms_on_disk(&rafts, 0), [1]);
    for peer in [1, 2] {
        let sent: Vec<_> = rafts.network.iter().filter(|m| m.goes(0, peer)).map(|m| carried(&m.message)).collect();
        assert_eq!(sent, [(0, vec![1])]);
    }
}

/// The leader applies an entry when it is safely replicated, and no earlier.
/// Reference: §5.3
#[test]
fn an_entry_is_applied_when_a_majority_holds_it() {
    let mut rafts = led(5);
    rafts.request(n(0), command(1, 1));
    rafts.settle_among(&[0, 1]);
    assert!(rafts.delivered(n(0)).is_empty(), "two of five hold it");
    rafts.settle_among(&[0, 2]);
    assert_eq!(rafts.delivered(n(0)), [command(1, 1)]);
}

/// For each size of cluster the entry commits with the acknowledgement that makes the majority; the same one twice
/// does not count twice.
/// Reference: §5.3
#[test]
fn each_acknowledgement_counts_once() {
    for nodes in 2..=9u8 {
        let mut rafts = led(nodes);
        rafts.request(n(0), command(1, 1));
        for peer in 1..nodes {
            assert_eq!(committed(&rafts, 0), u64::from(peer > nodes / 2), "{peer} of {nodes} hold it");
            rafts.deliver_where(|m| m.goes(0, peer));
            let acknowledgement = rafts.under_way(|m| m.goes(peer, 0))[0];
            rafts.deliver_copy(acknowledgement);
            rafts.deliver(acknowledgement);
        }
        assert_eq!(committed(&rafts, 0), 1);
    }
}

/// A leader goes on asking a follower that is slow, down or cut off until it holds everything, also when the client
/// has long been answered.
/// Reference: §5.3
#[test]
fn the_leader_retries_until_every_follower_holds_every_entry() {
    let mut rafts = led(3);
    rafts.crash(n(2));
    for serial in 1..=3 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.settle();
    assert_eq!(committed(&rafts, 0), 3);
    for _ in 0..4 {
        beat(&mut rafts, 0);
    }
    rafts.restart(n(2));
    beat(&mut rafts, 0);
    beat(&mut rafts, 0);
    assert_eq!(terms(&rafts, 2), [1, 1, 1]);
    assert_eq!(rafts.delivered(n(2)), [command(1, 1), command(1, 2), command(1, 3)]);
}

/// An entry holds the command and the term in which the leader received it, at an index that says where in the log.
/// Reference: §5.3
#[test]
fn an_entry_holds_its_term_and_command() {
    let mut rafts = led(3);
    rafts.request(n(0), command(1, 1));
    rafts.settle();
    elect(&mut rafts, 1);
    rafts.request(n(1), command(1, 2));
    rafts.settle();
    let log: Vec<_> = rows(&rafts, 1).iter().map(|row| (row.epoch, row.command)).collect();
    assert_eq!(log, [(1, command(1, 1)), (2, command(1, 2))]);
}

/// What is committed survives the leader and is executed by every node in the end.
/// Reference: §5.3
#[test]
fn committed_entries_are_durable() {
    let mut rafts = led(3);
    rafts.request(n(0), command(1, 1));
    rafts.settle_among(&[0, 1]);
    rafts.lose_all();
    for node in 0..3 {
        rafts.crash(n(node));
    }
    for node in 0..3 {
        rafts.restart(n(node));
    }
    elect(&mut rafts, 1);
    rafts.request(n(1), command(1, 2));
    rafts.settle();
    beat(&mut rafts, 1);
    for node in 0..3 {
        assert_eq!(rafts.delivered(n(node)), [command(1, 1), command(1, 2)], "{}", n(node));
    }
}

/// When an entry of the leader's term commits, all before it commit too, those of earlier leaders included.
/// Reference: §5.3
#[test]
fn preceding_entries_commit_along() {
    let mut rafts = with_logs(&[&[1, 1, 2], &[1], &[1]]);
    elect(&mut rafts, 0);
    assert_eq!(committed(&rafts, 0), 0, "none of them is of the new term");
    rafts.request(n(0), command(9, 1));
    rafts.settle();
    let expected = [entry(1, 1).command, entry(2, 1).command, entry(3, 2).command, command(9, 1)];
    assert_eq!(rafts.delivered(n(0)), expected);
}

/// The leader's messages, heartbeats included, tell how far it knows entries to be committed, and a follower that
/// learns it applies them, in the order of the log.
/// Reference: §5.3
#[test]
fn followers_learn_the_commit_index_and_apply_in_order() {
    let mut rafts = led(3);
    for serial in 1..=3 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.deliver_where(|m| m.goes(0, 1));
    rafts.settle_among(&[0, 1]);
    assert!(rafts.delivered(n(1)).is_empty(), "it holds them, and does not know that they are committed");
    rafts.fire(n(0), RaftTimer::Heartbeat);
    let told = rafts.network.iter().any(|m| {
        m.goes(0, 1)
            && matches!(&m.message, RaftMessage::AppendEntries { leader_commit: 3, entries, .. } if entries.is_empty())
    });
    assert!(told);
    rafts.settle_among(&[0, 1]);
    assert_eq!(rafts.delivered(n(1)), [command(1, 1), command(1, 2), command(1, 3)]);
}

/// A follower's commitIndex is the smaller of the leader's and the index of the last entry of the message.
/// Reference: Figure 2, AppendEntries rule 5
#[test]
fn a_follower_commits_no_further_than_the_message_reaches() {
    for (leader_commit, expected) in [(1, 1), (2, 2), (3, 3), (9, 3)] {
        let mut rafts = paper(3);
        rafts.receive(n(0), n(1), append(1, 1, (0, 0), entries(1, &[1, 1, 1]), leader_commit));
        assert_eq!(committed(&rafts, 0), expected);
    }
    let mut rafts = with_logs(&[&[1, 1, 1], &[], &[]]);
    rafts.receive(n(0), n(1), append(1, 2, (1, 1), Entries::None, 3));
    assert_eq!(committed(&rafts, 0), 1, "what stands behind may not be the leader's");
}

/// Two logs that hold an entry with the same index and term hold the same command there: a leader makes one entry
/// per index, and entries keep their place.
/// Reference: §5.3, Log Matching
#[test]
fn an_index_and_a_term_name_one_command() {
    let mut rafts = led(3);
    for serial in 1..=5 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.deliver_where(|m| m.goes(0, 2));
    rafts.lose_all();
    for _ in 0..4 {
        beat(&mut rafts, 0);
    }
    assert_eq!(rows(&rafts, 1), rows(&rafts, 0));
    assert_eq!(rows(&rafts, 2), rows(&rafts, 0));
}

/// AppendEntries names index and term of the entry before the new ones; a follower without it refuses and changes
/// nothing.
/// Reference: §5.3, Figure 2, AppendEntries rule 2
#[test]
fn the_consistency_check_refuses_what_does_not_join() {
    for (prev, why) in [((3, 2), "there is no index 3"), ((2, 1), "index 2 is of term 2"), ((1, 2), "and 1 of term 1")]
    {
        let mut rafts = with_logs(&[&[1, 2], &[], &[]]);
        rafts.receive(n(0), n(1), append(1, 3, prev, entries(prev.0 + 1, &[3]), 9));
        assert_eq!(answer(&mut rafts, 0), (3, false), "{why}");
        assert_eq!((terms(&rafts, 0), committed(&rafts, 0)), (vec![1, 2], 0));
    }
    for prev in [(0, 0), (1, 1), (2, 2)] {
        let mut rafts = with_logs(&[&[1, 2], &[], &[]]);
        rafts.receive(n(0), n(1), append(1, 3, prev, Entries::None, 0));
        assert_eq!(answer(&mut rafts, 0), (3, true));
    }
}

/// A follower deletes an entry that conflicts with a new one, and all behind it, and appends what it does not have.
/// What agrees stays, also behind the message's last entry.
/// Reference: §5.3, Figure 2, AppendEntries rules 3 and 4
#[test]
fn conflicting_entries_are_overwritten() {
    // The log, what the new entries stand behind, the new entries' terms, the log afterwards.
    type Case = (&'static [u32], (u32, u32), &'static [u32], &'static [u64]);
    let cases: [Case; 6] = [
        (&[1, 1], (2, 1), &[3], &[1, 1, 3]),
        (&[1, 2, 2], (1, 1), &[3], &[1, 3]),
        (&[1, 2, 2], (0, 0), &[1, 3, 3, 3], &[1, 3, 3, 3]),
        (&[1, 1, 1], (0, 0), &[1, 1], &[1, 1, 1]),
        (&[1, 1, 1], (1, 1), &[], &[1, 1, 1]),
        (&[2], (0, 0), &[1], &[1]),
    ];
    for (log, prev, new, expected) in cases {
        let mut rafts = with_logs(&[log, &[], &[]]);
        rafts.receive(n(0), n(1), append(1, 3, prev, entries(prev.0 + 1, new), 0));
        assert_eq!(answer(&mut rafts, 0), (3, true));
        assert_eq!(terms(&rafts, 0), expected, "{log:?} given {new:?} behind {prev:?}");
        let on_disk: Vec<u64> = terms_on_disk(&rafts, 0).into_iter().map(u64::from).collect();
        assert_eq!(on_disk, expected, "on the disk");
    }
}

/// A follower acknowledges entries when they are on its disk, and a second copy of the message does not get its
/// acknowledgement past the write that is under way.
/// Reference: Figure 2, "updated on stable storage before responding"
#[test]
fn entries_are_acknowledged_when_they_are_durable() {
    let mut rafts = paper(3);
    rafts.hold_disk(n(0));
    for _ in 0..2 {
        rafts.receive(n(0), n(1), append(1, 1, (0, 0), entries(1, &[1]), 0));
    }
    assert!(rafts.network.is_empty());
    rafts.write_one(n(0));
    assert_eq!(terms_on_disk(&rafts, 0), [1]);
    assert_eq!(rafts.under_way(|m| m.is("AppendEntriesResponse")).len(), 2);
}

/// An entry that a leader has written and nobody acknowledged may be lost with the leader's disk queue, and then
/// nobody has heard of it.
/// Reference: Figure 2, §5.3
#[test]
fn a_crash_before_the_write_leaves_no_trace() {
    let mut rafts = led(3);
    rafts.hold_disk(n(0));
    rafts.request(n(0), command(1, 1));
    rafts.crash(n(0));
    rafts.release_disk(n(0));
    rafts.restart(n(0));
    assert!(rows(&rafts, 0).is_empty() && rafts.network.is_empty());
}

/// A granted AppendEntries tells the leader that the follower's log is its own up to the new entries, and no further.
/// Reference: §5.3
#[test]
fn an_acknowledgement_covers_what_the_message_brought() {
    let mut rafts = with_logs(&[&[1, 1, 1, 1], &[], &[]]);
    rafts.receive(n(0), n(1), append(1, 2, (0, 0), entries(1, &[1, 1]), 0));
    let acknowledged = rafts.network.iter().find_map(|m| match m.message {
        RaftMessage::AppendEntriesResponse { success: true, match_index, .. } => Some(match_index),
        _ => None,
    });
    assert_eq!(acknowledged, Some(2));
}

/// A new leader starts with the index behind its last entry for every follower.
/// Reference: §5.3
#[test]
fn next_index_starts_behind_the_leaders_log() {
    let mut rafts = with_logs(&[&[1, 1, 2], &[1], &[1, 1]]);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.deliver_where(|m| m.is("RequestVote"));
    rafts.deliver_where(|m| m.is("RequestVoteResponse"));
    let first: Vec<_> = rafts.network.iter().filter(|m| m.is("AppendEntries")).map(|m| carried(&m.message)).collect();
    assert_eq!(first, [(3, vec![]), (3, vec![])]);
}

/// After a refusal the leader goes back and tries again until the logs meet; then the follower's log becomes the
/// leader's.
/// Reference: §5.3
#[test]
fn next_index_goes_back_until_the_logs_meet() {
    let mut rafts = with_logs(&[&[1, 1, 4, 4, 5], &[1, 1], &[1, 1, 2, 2, 3, 3]]);
    // Node 2's log ends with an older term, so it votes too.
    elect(&mut rafts, 0);
    for follower in [1, 2] {
        assert_eq!(rows(&rafts, follower), rows(&rafts, 0), "{}", n(follower));
    }
}

/// The refusal's hint names the conflicting term and where it starts in the follower's log, so that one message per
/// conflicting term is enough.
/// Reference: §5.3, last but two paragraphs
#[test]
fn the_hint_bypasses_a_whole_term() {
    let log: Vec<u32> = [vec![1], vec![2; 50], vec![3; 50]].concat();
    let mut rafts = with_logs(&[&[1, 4, 4, 4, 4, 4], &log, &[1]]);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.lose_where(|m| m.to == n(1));
    rafts.settle_among(&[0, 2]);
    let mut tries = Vec::new();
    while let Some(id) = rafts.under_way(|m| m.goes(0, 1)).first().copied() {
        let message = rafts.network.iter().find(|m| m.id == id).expect("under way").message.clone();
        tries.push(carried(&message).0);
        rafts.deliver(id);
        rafts.deliver_where(|m| m.goes(1, 0));
    }
    // Index 6 is of term 2 in the follower's log, which starts at 2: so the logs meet at 1.
    assert_eq!(tries, [6, 1]);
    assert_eq!(rows(&rafts, 1), rows(&rafts, 0));
}

/// Where the leader knows the conflicting term itself, it goes back to the end of that term in its own log.
/// Reference: §5.3; thesis §3.5
#[test]
fn the_hint_meets_inside_a_term_that_both_have() {
    let mut rafts = with_logs(&[&[1, 2, 2, 5, 5], &[1, 2, 2, 2, 2, 2], &[1]]);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.lose_where(|m| m.to == n(1));
    rafts.settle_among(&[0, 2]);
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.deliver_where(|m| m.goes(0, 1));
    rafts.deliver_where(|m| m.goes(1, 0));
    let retry: Vec<_> = rafts.network.iter().filter(|m| m.goes(0, 1)).map(|m| carried(&m.message)).collect();
    assert_eq!(retry, [(3, vec![5, 5])]);
}

/// A leader overwrites and deletes nothing in its own log: it takes no entries in its own term from anybody.
/// Reference: §5.3, Leader Append-Only
#[test]
fn a_leader_only_appends() {
    let mut rafts = led(3);
    rafts.request(n(0), command(1, 1));
    let before = rows(&rafts, 0);
    rafts.receive(n(0), n(1), append(1, 1, (0, 0), Entries::None, 0));
    rafts.receive(n(0), n(1), append(1, 1, (0, 0), entries(1, &[1, 1]), 2));
    assert_eq!((rows(&rafts, 0), role(&rafts, 0)), (before, "leader"));
}

/// One round to a majority commits an entry; a slow follower holds up nobody.
/// Reference: §5.3
#[test]
fn a_slow_minority_holds_up_nobody() {
    let mut rafts = led(5);
    for serial in 1..=20 {
        rafts.request(n(0), command(1, serial));
        rafts.deliver_where(|m| m.goes(0, 1) || m.goes(0, 2));
        rafts.deliver_where(|m| m.to == n(0));
        assert_eq!(committed(&rafts, 0), u64::from(serial));
    }
}

/// Requests are idempotent: AppendEntries whose entries are there already is granted and changes nothing, also when
/// it comes late.
/// Reference: §5.5
#[test]
fn a_late_copy_changes_nothing() {
    let mut rafts = led(3);
    rafts.request(n(0), command(1, 1));
    let early: Vec<Under> = rafts.network.clone();
    rafts.request(n(0), command(1, 2));
    rafts.settle();
    let before = rows(&rafts, 1);
    for copy in early.into_iter().filter(|m| m.to == n(1)) {
        rafts.receive(n(1), n(0), copy.message);
    }
    assert_eq!(answer(&mut rafts, 1), (1, true));
    assert_eq!(rows(&rafts, 1), before);
}

/// A restarted follower is brought up to date from wherever its disk left it.
/// Reference: §5.3, §5.5
#[test]
fn a_restarted_follower_catches_up() {
    for kept in 0..=4 {
        let mut rafts = paper(3);
        let full = [1, 1, 1, 1];
        start_from(&mut rafts, &[&full, &full, &full]);
        rafts.crash(n(2));
        rafts.restart_with(n(2), disk(1, &full[..kept]));
        elect(&mut rafts, 0);
        rafts.request(n(0), command(9, 1));
        rafts.settle();
        beat(&mut rafts, 0);
        assert_eq!(rows(&rafts, 2), rows(&rafts, 0), "{kept} entries kept");
        assert_eq!(rafts.delivered(n(2)).len(), 5);
    }
}
