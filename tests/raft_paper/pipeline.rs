//! Messages that run ahead of their answers (thesis §10.2.1), and what becomes of those that are lost or overtaken.

use crate::rig::{Rafts, append, beat, committed, defaults, elect, led, rows, start_from, terms, with};
use crate::support::{command, n};
use consensus_playground::protocol::{Message, SettingValue};
use consensus_playground::protocols::raft::{Entries, RaftMessage, RaftTimer};

/// The AppendEntries that are under way from node 0 to node 1, oldest first.
fn on_the_way(rafts: &Rafts) -> Vec<u64> {
    rafts.under_way(|m| m.goes(0, 1))
}

/// While a follower follows, entries are sent without waiting for answers, up to the window; what exceeds it goes
/// out together when answers come.
/// Reference: thesis §10.2.1
#[test]
fn entries_run_ahead_of_answers_within_the_window() {
    let mut rafts = with(3, &[("max_in_flight", SettingValue::Integer(4))]);
    elect(&mut rafts, 0);
    for serial in 1..=10 {
        rafts.request(n(0), command(1, serial));
    }
    assert_eq!(rafts.under_way(|m| m.goes(0, 1)).len(), 4);
    let first = rafts.under_way(|m| m.goes(0, 1))[0];
    rafts.deliver(first);
    rafts.deliver_where(|m| m.goes(1, 0));
    let sizes: Vec<usize> = rafts.network.iter().filter(|m| m.goes(0, 1)).map(|m| size(&m.message)).collect();
    assert_eq!(sizes, [1, 1, 1, 6]);
    rafts.settle();
    assert_eq!(committed(&rafts, 0), 11);
}

fn size(message: &RaftMessage) -> usize {
    match message {
        RaftMessage::AppendEntries { entries, .. } => entries.len(),
        other => panic!("{other:?}"),
    }
}

/// No message carries more entries than the setting allows.
#[test]
fn batches_are_bounded() {
    let mut rafts = with(3, &[("max_batch", SettingValue::Integer(3)), ("no_op", SettingValue::Flag(false))]);
    start_from(&mut rafts, &[&[1; 10], &[], &[]]);
    rafts.fire(n(0), RaftTimer::Election);
    let mut largest = 0;
    while let Some(id) = rafts.under_way(|_| true).first().copied() {
        let message = &rafts.network.iter().find(|m| m.id == id).expect("under way").message;
        if matches!(message, RaftMessage::AppendEntries { .. }) {
            largest = largest.max(size(message));
        }
        rafts.deliver(id);
    }
    assert_eq!(largest, 3);
    assert_eq!(terms(&rafts, 1), [1; 10]);
}

/// Entries that arrive in the wrong order are refused and sent again; the logs end equal.
#[test]
fn reordered_entries_are_repaired() {
    let mut rafts = defaults(3);
    elect(&mut rafts, 0);
    for serial in 1..=6 {
        rafts.request(n(0), command(1, serial));
    }
    let mut ids = rafts.under_way(|m| m.goes(0, 1));
    ids.reverse();
    for id in ids {
        rafts.deliver(id);
    }
    rafts.settle();
    assert_eq!(rows(&rafts, 1), rows(&rafts, 0));
}

/// Entries that are lost with nothing behind them are found missing by the heartbeat timer.
#[test]
fn lost_entries_are_sent_again() {
    let mut rafts = defaults(3);
    elect(&mut rafts, 0);
    rafts.request(n(0), command(1, 1));
    rafts.lose_all();
    beat(&mut rafts, 0);
    assert_eq!(committed(&rafts, 0), 1, "one heartbeat of patience");
    beat(&mut rafts, 0);
    assert_eq!(committed(&rafts, 0), 2);
    assert_eq!(rows(&rafts, 1), rows(&rafts, 0));
}

/// A follower whose disk is lost refuses what it had acknowledged; the leader notices and starts over with it.
#[test]
fn a_follower_with_a_lost_disk_is_filled_again() {
    let mut rafts = defaults(3);
    elect(&mut rafts, 0);
    for serial in 1..=3 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.settle();
    rafts.crash(n(2));
    rafts.restart_with(n(2), Default::default());
    for _ in 0..4 {
        beat(&mut rafts, 0);
    }
    assert_eq!(rows(&rafts, 2), rows(&rafts, 0));
    assert_eq!(rafts.delivered(n(2)), rafts.delivered(n(0)));
}

/// Five entries: 1 and 2 reach node 1 and their answers wait; 5 overtakes 3 and 4 and is refused. The leader knows
/// of the refusal; the answers are returned, and 3 and 4 are lost.
fn overtaken() -> (Rafts, Vec<u64>) {
    let mut rafts = led(3);
    for serial in 1..=5 {
        rafts.request(n(0), command(1, serial));
    }
    let sent = on_the_way(&rafts);
    rafts.deliver(sent[0]);
    rafts.deliver(sent[1]);
    let answers = rafts.under_way(|m| m.goes(1, 0));
    rafts.deliver(sent[4]);
    rafts.deliver_where(|m| m.goes(1, 0) && !m.message.positive());
    rafts.lose_where(|m| sent.contains(&m.id));
    (rafts, answers)
}

/// After a refusal one AppendEntries is under way until an answer shows where the logs meet; an older answer that
/// shows less does not end this.
#[test]
fn one_message_at_a_time_until_the_logs_meet() {
    let (mut rafts, answers) = overtaken();
    let probe = on_the_way(&rafts);
    assert_eq!(probe.len(), 1, "entries 3 to 5, again");
    rafts.deliver(answers[0]);
    rafts.request(n(0), command(1, 6));
    assert_eq!(on_the_way(&rafts), probe, "that index 1 matches says nothing about index 2");
}

/// The answer that shows where the logs meet does not send again what is under way already.
#[test]
fn what_is_under_way_is_not_sent_twice() {
    let (mut rafts, answers) = overtaken();
    let probe = on_the_way(&rafts);
    rafts.deliver(answers[1]);
    assert_eq!(on_the_way(&rafts), probe);
    rafts.request(n(0), command(1, 6));
    assert_eq!(on_the_way(&rafts).len(), 2, "and what is new goes out at once");
    rafts.settle();
    assert_eq!(rows(&rafts, 1), rows(&rafts, 0));
}

/// A refusal that was overtaken by a grant of the same follower changes nothing.
#[test]
fn an_overtaken_refusal_changes_nothing() {
    let mut rafts = led(3);
    rafts.request(n(0), command(1, 1));
    rafts.request(n(0), command(1, 2));
    let sent = on_the_way(&rafts);
    rafts.deliver(sent[1]);
    let refusal = rafts.under_way(|m| m.goes(1, 0))[0];
    for _ in 0..4 {
        rafts.fire(n(0), RaftTimer::Heartbeat);
        rafts.settle_where(|m| m.id != refusal);
    }
    assert_eq!(rows(&rafts, 1), rows(&rafts, 0));
    let before = rafts.node(n(0)).clone();
    rafts.deliver(refusal);
    assert!(*rafts.node(n(0)) == before && rafts.network.is_empty());
}

/// Answers to an earlier term's messages count for nothing, also at a node that leads again: the entries that they
/// speak of may be gone.
/// Reference: Figure 2, §5.1
#[test]
fn answers_of_an_earlier_term_count_for_nothing() {
    let mut rafts = led(3);
    rafts.receive(n(0), n(2), append(2, 2, (0, 0), Entries::None, 0));
    elect(&mut rafts, 0);
    rafts.request(n(0), command(1, 1));
    rafts.lose_all();
    let granted = |term| RaftMessage::AppendEntriesResponse {
        term,
        success: true,
        prev_log_index: 0,
        match_index: 1,
        conflict_term: 0,
        conflict_index: 0,
    };
    for earlier in [1, 2] {
        rafts.receive(n(0), n(1), granted(earlier));
        assert_eq!(committed(&rafts, 0), 0);
    }
    rafts.receive(n(0), n(1), granted(3));
    assert_eq!(committed(&rafts, 0), 1);
}

/// An answer about entries that the leader never had is taken no further than its log.
#[test]
fn an_answer_beyond_the_log_is_cut() {
    let mut rafts = led(3);
    let absurd = RaftMessage::AppendEntriesResponse {
        term: 1,
        success: true,
        prev_log_index: 90,
        match_index: 99,
        conflict_term: 0,
        conflict_index: 0,
    };
    rafts.receive(n(0), n(1), absurd);
    rafts.request(n(0), command(1, 1));
    assert_eq!(committed(&rafts, 0), 0);
    assert_eq!(on_the_way(&rafts).len(), 1, "node 1 is sent the entry as before");
}

/// A heartbeat to a follower whose answers are behind the leader's snapshot is granted, not refused.
#[test]
fn a_heartbeat_behind_a_snapshot_is_granted() {
    let mut rafts = with(3, &[("snapshot_every", SettingValue::Integer(2)), ("no_op", SettingValue::Flag(false))]);
    elect(&mut rafts, 0);
    rafts.request(n(0), command(1, 1));
    rafts.settle();
    for serial in 2..=5 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.deliver_where(|m| m.from == n(0));
    rafts.deliver_where(|m| m.goes(2, 0));
    rafts.lose_where(|m| m.goes(1, 0));
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.deliver_where(|m| m.goes(0, 1));
    assert!(rafts.network.iter().filter(|m| m.goes(1, 0)).all(|m| m.message.positive()));
}
