//! §5.2: state transfer.

use crate::rig::{
    committed, entry, group, log, op, prepare, prepare_ok, role, sent, serials, start_view_change, time_out, view,
    write,
};
use crate::support::n;
use consensus_playground::protocols::vr::{VrMessage, VrTimer};

fn get_state(v: u32, from: u32, i: u8) -> VrMessage {
    VrMessage::GetState { v, n: from, i: n(i) }
}

fn new_state(v: u32, views: &[u32], at: u32, k: u32) -> VrMessage {
    let l = log(views).iter().skip((at as usize).saturating_sub(views.len())).copied().collect();
    VrMessage::NewState { v, l, n: at, k }
}

/// Within its view a replica needs to learn about requests after its op-number.
/// Reference: §5.2
#[test]
fn within_its_view_a_replica_asks_behind_its_op_number() {
    let mut group = group(3);
    group.receive(n(1), n(0), prepare(0, 1, 1, 0));
    group.receive(n(1), n(0), prepare(0, 4, 4, 0));
    assert_eq!(sent(&mut group, 1), [(0, prepare_ok(0, 1, 1)), (0, get_state(0, 1, 1))]);
}

/// Of a later view it needs to learn about requests after the latest committed one.
/// Reference: §5.2
#[test]
fn of_a_later_view_a_replica_asks_behind_its_commit_number() {
    let mut group = group(3);
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    group.receive(n(2), n(0), prepare(0, 2, 2, 1));
    sent(&mut group, 2);
    group.receive(n(2), n(1), VrMessage::Commit { v: 1, k: 1 });
    assert_eq!(sent(&mut group, 2), [(1, get_state(1, 1, 2))]);
}

/// A replica answers only in status normal and in the view that is asked for, with its log after n′.
/// Reference: §5.2
#[test]
fn who_is_in_that_view_answers_with_the_log_behind() {
    let mut group = group(3);
    write(&mut group, 0, 1..=3);
    group.receive(n(1), n(2), get_state(0, 1, 2));
    let behind = [entry(0, 2), entry(0, 3)].into_iter().collect();
    assert_eq!(sent(&mut group, 1), [(2, VrMessage::NewState { v: 0, l: behind, n: 3, k: 2 })]);
    group.receive(n(1), n(2), get_state(1, 1, 2));
    group.receive(n(1), n(2), get_state(0, 4, 2));
    assert_eq!(sent(&mut group, 1), [], "another view; more than it has");
    group.receive(n(1), n(2), start_view_change(1, 2));
    group.lose_all();
    group.receive(n(1), n(2), get_state(0, 1, 2));
    assert_eq!(sent(&mut group, 1), [], "in a view change");
}

/// NEWSTATE is appended to the log, and everything committed is executed.
/// Reference: §5.2
#[test]
fn new_state_is_appended() {
    let mut group = group(3);
    group.receive(n(1), n(0), prepare(0, 1, 1, 0));
    group.receive(n(1), n(0), prepare(0, 3, 3, 0));
    sent(&mut group, 1);
    group.receive(n(1), n(2), new_state(0, &[0, 0, 0], 3, 2));
    assert_eq!((serials(&group, 1), group.delivered(n(1))), (vec![1, 2, 3], &[op(1), op(2)][..]));
    assert_eq!(sent(&mut group, 1), [(0, prepare_ok(0, 3, 1))]);
    group.receive(n(1), n(2), new_state(0, &[0, 0], 2, 3));
    assert_eq!((serials(&group, 1).len(), committed(&group, 1)), (3, 3), "an old one removes nothing");
}

/// Requests after the latest committed one may have been reordered in the view change: they give way to those of the
/// later view.
/// Reference: §5.2
#[test]
fn new_state_of_a_later_view_replaces_what_is_not_committed() {
    let mut group = group(3);
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    group.receive(n(2), n(0), prepare(0, 8, 2, 1));
    group.receive(n(2), n(0), prepare(0, 9, 3, 1));
    group.receive(n(2), n(1), VrMessage::Commit { v: 1, k: 1 });
    group.receive(n(2), n(1), new_state(1, &[0, 1], 2, 1));
    assert_eq!((view(&group, 2), role(&group, 2), serials(&group, 2)), (1, "backup", vec![1, 2]));
    assert_eq!(group.delivered(n(2)), [op(1)]);
}

/// A node that has got behind brings itself up to date, over whatever it has missed.
/// Reference: §5.2
#[test]
fn a_replica_that_was_cut_off_catches_up() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    for serial in 2..=5 {
        group.request(n(0), op(serial));
        group.settle_among(&[0, 1]);
        group.lose_all();
    }
    group.fire(n(0), VrTimer::Commit);
    group.settle();
    assert_eq!((serials(&group, 2).len(), committed(&group, 2)), (5, 5), "in the same view");
    time_out(&mut group, 1, &[0, 1]);
    group.lose_all();
    for serial in 6..=9 {
        group.request(n(1), op(serial));
        group.settle_among(&[0, 1]);
        group.lose_all();
    }
    group.fire(n(1), VrTimer::Commit);
    group.settle();
    assert_eq!((view(&group, 2), committed(&group, 2)), (1, 9), "in a later one");
}
