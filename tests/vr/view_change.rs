//! §4.2: view changes.

use crate::rig::{
    beat, committed, do_view_change, group, op, prepare, prepare_ok, role, sent, serials, start_view,
    start_view_change, time_out, view, violations, write,
};
use crate::support::n;
use consensus_playground::protocols::vr::{Report, VrMessage, VrTimer};

/// A backup that does not hear from the primary for a time-out starts a view change: it advances its view-number and
/// tells all others.
/// Reference: §4.2, step 1
#[test]
fn silence_starts_a_view_change() {
    let mut group = group(3);
    group.fire(n(2), VrTimer::ViewChange);
    assert_eq!((role(&group, 2), view(&group, 2)), ("view-change", 1));
    assert_eq!(sent(&mut group, 2), [(0, start_view_change(1, 2)), (1, start_view_change(1, 2))]);
}

/// PREPARE and COMMIT are the primary's voice.
/// Reference: §4.2
#[test]
fn whoever_hears_the_primary_waits_anew() {
    let mut group = group(3);
    for message in [prepare(0, 1, 1, 0), VrMessage::Commit { v: 0, k: 0 }] {
        let armed = group.slots[1].set[&VrTimer::ViewChange];
        group.receive(n(1), n(0), message);
        assert_eq!(group.slots[1].set[&VrTimer::ViewChange], armed + 1);
    }
    assert!(!group.slots[0].timers.contains_key(&VrTimer::ViewChange), "the primary waits for nobody");
}

/// A replica joins when it receives STARTVIEWCHANGE or DOVIEWCHANGE for a view with a larger number than its own.
/// Reference: §4.2, step 1
#[test]
fn either_message_of_a_later_view_calls_to_it() {
    for message in [start_view_change(4, 2), do_view_change(4, &[], 0, 0, 2)] {
        let mut group = group(3);
        group.receive(n(1), n(2), message);
        assert_eq!((role(&group, 1), view(&group, 1)), ("view-change", 4));
        assert!(sent(&mut group, 1).contains(&(0, start_view_change(4, 1))));
    }
    let mut group = group(3);
    time_out(&mut group, 1, &[0, 1, 2]);
    group.receive(n(2), n(0), start_view_change(1, 0));
    assert_eq!(role(&group, 2), "backup", "the view has started: its number is not larger");
}

/// With STARTVIEWCHANGE from f others, and not before, a replica sends its log, the view it is from, op-number and
/// commit-number to the primary of the new view.
/// Reference: §4.2, step 2
#[test]
fn f_others_let_a_replica_report() {
    let mut group = group(5);
    write(&mut group, 0, 1..=2);
    group.fire(n(3), VrTimer::ViewChange);
    sent(&mut group, 3);
    group.receive(n(3), n(2), start_view_change(1, 2));
    group.receive(n(3), n(2), start_view_change(1, 2));
    assert_eq!(sent(&mut group, 3), []);
    group.receive(n(3), n(4), start_view_change(1, 4));
    let report = Report { normal: 0, l: crate::rig::log(&[0, 0]), k: 1 };
    assert_eq!(sent(&mut group, 3), [(1, VrMessage::DoViewChange { v: 1, report, i: n(3) })]);
    group.receive(n(3), n(0), start_view_change(1, 0));
    assert_eq!(sent(&mut group, 3), [], "once");
}

/// The new primary needs f + 1 reports of different replicas, its own among them.
/// Reference: §4.2, step 3
#[test]
fn f_plus_one_reports_start_the_view() {
    let mut group = group(5);
    group.receive(n(1), n(2), do_view_change(1, &[], 0, 0, 2));
    group.receive(n(1), n(2), do_view_change(1, &[], 0, 0, 2));
    group.receive(n(1), n(3), do_view_change(1, &[], 0, 0, 3));
    group.receive(n(1), n(4), do_view_change(1, &[], 0, 0, 4));
    assert_eq!(role(&group, 1), "view-change", "three, but not its own");
    group.receive(n(1), n(2), start_view_change(1, 2));
    group.receive(n(1), n(3), start_view_change(1, 3));
    assert_eq!((role(&group, 1), view(&group, 1)), ("primary", 1));
}

/// A new primary of view 4 in a group of three, node 1, which has the reports of node 2 and its own.
fn chosen(own: (&[u32], u32, u32), other: (&[u32], u32, u32)) -> crate::rig::Group {
    let mut group = group(3);
    group.receive(n(1), n(2), do_view_change(4, other.0, other.1, other.2, 2));
    group.receive(n(1), n(1), do_view_change(4, own.0, own.1, own.2, 1));
    assert_eq!(role(&group, 1), "primary");
    group
}

/// The log of the largest v′ is the new one, however short.
/// Reference: §4.2, step 3
#[test]
fn the_log_of_the_latest_normal_view_starts_the_view() {
    let group = chosen((&[0, 0, 0], 0, 0), (&[3], 3, 0));
    assert_eq!(serials(&group, 1), [1]);
    let row = consensus_playground::protocol::Protocol::row(group.node(n(1)), 1).unwrap();
    assert_eq!(row.epoch, 3, "the other one's");
}

/// Among several of the same v′ it is the longest.
/// Reference: §4.2, step 3
#[test]
fn of_one_view_the_longest_log_starts_the_next() {
    assert_eq!(serials(&chosen((&[3], 3, 0), (&[3, 3], 3, 0)), 1), [1, 2]);
    assert_eq!(serials(&chosen((&[3, 3], 3, 0), (&[3], 3, 0)), 1), [1, 2]);
}

/// The commit-number is the largest of the reports, whoever's log was taken; what is committed is executed.
/// Reference: §4.2, steps 3 and 4
#[test]
fn the_largest_commit_number_counts() {
    let mut group = chosen((&[3, 3], 3, 0), (&[3], 3, 1));
    assert_eq!((committed(&group, 1), group.delivered(n(1))), (1, &[op(1)][..]));
    let news = sent(&mut group, 1).into_iter().filter(|(_, m)| matches!(m, VrMessage::StartView { .. }));
    assert_eq!(news.collect::<Vec<_>>(), [(0, start_view(4, &[3, 3], 1)), (2, start_view(4, &[3, 3], 1))]);
}

/// Who receives STARTVIEW replaces its log, takes the view-number, and acknowledges what is not committed.
/// Reference: §4.2, step 5
#[test]
fn start_view_replaces_the_log() {
    let mut group = group(3);
    (1..=3).for_each(|serial| group.receive(n(2), n(0), prepare(0, serial + 6, serial, 0)));
    sent(&mut group, 2);
    group.receive(n(2), n(1), start_view(1, &[0, 1], 1));
    assert_eq!((role(&group, 2), view(&group, 2), serials(&group, 2)), ("backup", 1, vec![1, 2]));
    assert_eq!(group.delivered(n(2)), [op(1)]);
    assert_eq!(sent(&mut group, 2), [(1, prepare_ok(1, 2, 2))]);
    group.receive(n(2), n(1), start_view(1, &[], 0));
    assert_eq!(serials(&group, 2), [1, 2], "a view starts once");
    let mut group = crate::rig::group(3);
    group.receive(n(2), n(1), start_view(1, &[0, 1], 2));
    assert_eq!(sent(&mut group, 2), [], "all is committed: nothing to acknowledge");
}

/// What had not committed may survive, and commits in the new view.
/// Reference: §4.2
#[test]
fn uncommitted_requests_commit_in_the_new_view() {
    let mut group = group(3);
    group.request(n(0), op(1));
    group.deliver_where(|m| m.goes(0, 2));
    group.lose_all();
    time_out(&mut group, 1, &[1, 2]);
    assert_eq!((role(&group, 1), group.delivered(n(1))), ("primary", &[op(1)][..]));
}

/// Every operation that was executed at one replica survives into the new view.
/// Reference: §4.2 and §8.1
#[test]
fn what_was_executed_survives() {
    let mut group = group(5);
    write(&mut group, 0, 1..=3);
    group.request(n(0), op(4));
    group.settle_among(&[0, 3, 4]);
    assert_eq!(committed(&group, 0), 4);
    group.lose_all();
    group.crash(n(0));
    time_out(&mut group, 2, &[1, 2, 3]);
    beat(&mut group, 1);
    assert_eq!((role(&group, 1), serials(&group, 1)), ("primary", vec![1, 2, 3, 4]));
    assert_eq!(violations(&group), [] as [String; 0]);
}

/// A view change that fails, because its primary does, is followed by another.
/// Reference: §4.2
#[test]
fn a_view_change_that_fails_is_followed_by_another() {
    let mut group = group(5);
    write(&mut group, 0, 1..=1);
    (0..2).for_each(|node| group.crash(n(node)));
    time_out(&mut group, 3, &[2, 3, 4]);
    assert_eq!(role(&group, 3), "view-change", "n1 is the primary of view 1");
    time_out(&mut group, 4, &[2, 3, 4]);
    assert_eq!((role(&group, 2), view(&group, 2)), ("primary", 2));
}

/// Once it has started the view change a replica answers no PREPARE of an earlier view.
/// Reference: §8.1
#[test]
fn the_old_primary_is_answered_no_more() {
    let mut group = group(3);
    group.receive(n(2), n(1), start_view_change(1, 1));
    group.lose_all();
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    assert!(serials(&group, 2).is_empty() && group.network.is_empty());
}

/// Clients that wait for the old primary get their requests executed by the new one.
/// Reference: §8.1, liveness
#[test]
fn the_new_primary_takes_requests() {
    let mut group = group(3);
    group.crash(n(0));
    group.request(n(2), op(1));
    time_out(&mut group, 2, &[1, 2]);
    group.request(n(2), op(1));
    assert_eq!(group.slots[2].redirects, [(op(1), Some(n(0))), (op(1), Some(n(1)))]);
    write(&mut group, 1, 1..=1);
    assert_eq!(group.delivered(n(1)), [op(1)]);
}
