//! §4.1: normal operation.

use crate::rig::{
    beat, committed, do_view_change, entry, group, op, prepare, prepare_ok, role, sent, serials, start_view_change,
    write,
};
use crate::support::n;
use consensus_playground::protocols::vr::{VrMessage, VrTimer};

/// The primary is chosen round-robin, by the number of the view.
/// Reference: §4
#[test]
fn the_primary_follows_from_the_view_number() {
    let mut group = group(3);
    assert_eq!([0, 1, 2].map(|node| role(&group, node)), ["primary", "backup", "backup"]);
    for (view, primary) in [(1, 1), (2, 2), (3, 0), (4, 1)] {
        let backup = (primary + 1) % 3;
        while crate::rig::view(&group, backup) < view {
            group.fire(n(backup), VrTimer::ViewChange);
            group.settle();
        }
        assert_eq!((crate::rig::view(&group, primary), role(&group, primary)), (view, "primary"));
    }
}

/// Replicas process requests, and the messages about them, only when their status is normal.
/// Reference: §4.1
#[test]
fn a_replica_in_a_view_change_processes_no_requests() {
    let mut group = group(3);
    group.fire(n(1), VrTimer::ViewChange);
    group.deliver_where(|m| m.goes(1, 0));
    group.lose_all();
    group.request(n(0), op(1));
    assert_eq!(group.slots[0].redirects, [(op(1), None)], "the primary of view 0 has left it");
    group.receive(n(1), n(0), prepare(0, 1, 1, 0));
    assert!(sent(&mut group, 1).is_empty() && serials(&group, 1).is_empty());
    group.receive(n(0), n(2), prepare_ok(0, 1, 2));
    assert_eq!(committed(&group, 0), 0);
}

/// A message of an earlier view is dropped.
/// Reference: §4.1
#[test]
fn who_is_behind_is_not_heard() {
    let mut group = group(3);
    crate::rig::time_out(&mut group, 2, &[0, 1, 2]);
    let armed = group.slots[2].set[&VrTimer::ViewChange];
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    group.receive(n(2), n(0), VrMessage::Commit { v: 0, k: 0 });
    assert!(group.network.is_empty() && serials(&group, 2).is_empty());
    assert_eq!(group.slots[2].set[&VrTimer::ViewChange], armed, "nor is it the primary's voice");
}

/// A message of a later view makes the receiver ask for what it has missed before it processes the message.
/// Reference: §4.1
#[test]
fn who_is_ahead_is_asked_for_the_state() {
    let mut group = group(3);
    group.receive(n(2), n(1), prepare(1, 1, 1, 0));
    assert!(serials(&group, 2).is_empty());
    assert_eq!(sent(&mut group, 2), [(1, VrMessage::GetState { v: 1, n: 0, i: n(2) })]);
}

/// The primary advances op-number, adds the request to the log and sends PREPARE to the other replicas.
/// Reference: §4.1, step 3
#[test]
fn the_primary_numbers_a_request_and_sends_it_to_all_others() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    group.request(n(0), op(2));
    assert_eq!(serials(&group, 0), [1, 2]);
    let prepare = VrMessage::Prepare { v: 0, m: entry(0, 2), n: 2, k: 1 };
    assert_eq!(sent(&mut group, 0), [(1, prepare.clone()), (2, prepare)]);
}

/// A request whose number is not bigger than the client's last is dropped; the last one is answered again if it has
/// been executed.
/// Reference: §4.1, step 2
#[test]
fn the_client_table_drops_old_requests_and_answers_the_last_one_again() {
    let mut group = group(3);
    group.request(n(0), op(1));
    group.request(n(0), op(1));
    assert_eq!(serials(&group, 0), [1], "it is on its way: not ordered twice, not answered yet");
    assert!(group.slots[0].replies.is_empty());
    group.settle();
    group.request(n(0), op(1));
    assert_eq!((serials(&group, 0), &group.slots[0].replies[..]), (vec![1], &[op(1)][..]));
    write(&mut group, 0, 2..=2);
    group.request(n(0), op(1));
    assert_eq!((serials(&group, 0), group.slots[0].replies.len()), (vec![1, 2], 1), "an old one is dropped");
}

/// Backups keep the client-table, too, so that a new primary applies no request twice.
/// Reference: §4.1, step 4, and §4.2, step 4
#[test]
fn the_client_table_outlives_its_primary() {
    let mut group = group(3);
    write(&mut group, 0, 1..=2);
    crate::rig::time_out(&mut group, 1, &[1, 2]);
    assert_eq!(role(&group, 1), "primary");
    group.request(n(1), op(2));
    assert_eq!((serials(&group, 1), &group.slots[1].replies[..]), (vec![1, 2], &[op(2)][..]));
    assert_eq!(group.delivered(n(1)), [op(1), op(2)]);
}

/// A request that a view change drops is forgotten by the client-table: it can be ordered again.
/// Reference: §4.2, step 5
#[test]
fn what_leaves_the_log_leaves_the_client_table() {
    let mut group = group(3);
    group.request(n(0), op(1));
    group.lose_all();
    crate::rig::time_out(&mut group, 1, &[1, 2]);
    beat(&mut group, 1);
    assert!(serials(&group, 0).is_empty());
    crate::rig::time_out(&mut group, 2, &[0, 1, 2]);
    crate::rig::time_out(&mut group, 1, &[0, 1, 2]);
    assert_eq!(role(&group, 0), "primary");
    group.request(n(0), op(1));
    group.settle();
    assert_eq!(group.delivered(n(0)), [op(1)]);
}

/// A backup accepts no PREPARE until it has entries for all earlier requests; it asks for what is missing.
/// Reference: §4.1, step 4
#[test]
fn a_backup_takes_requests_in_order() {
    let mut group = group(3);
    group.receive(n(1), n(0), prepare(0, 2, 2, 0));
    assert!(serials(&group, 1).is_empty());
    assert_eq!(sent(&mut group, 1), [(0, VrMessage::GetState { v: 0, n: 0, i: n(1) })]);
    group.receive(n(1), n(0), prepare(0, 1, 1, 0));
    group.receive(n(1), n(0), prepare(0, 2, 2, 0));
    assert_eq!(serials(&group, 1), [1, 2]);
    assert_eq!(sent(&mut group, 1), [(0, prepare_ok(0, 1, 1)), (0, prepare_ok(0, 2, 1))]);
    group.receive(n(1), n(0), prepare(0, 1, 1, 0));
    assert_eq!((serials(&group, 1), sent(&mut group, 1)), (vec![1, 2], vec![(0, prepare_ok(0, 1, 1))]), "a copy");
}

/// The primary waits for f PREPAREOK messages from different backups.
/// Reference: §4.1, step 5
#[test]
fn f_different_backups_commit() {
    let mut group = group(5);
    group.request(n(0), op(1));
    group.receive(n(0), n(1), prepare_ok(0, 1, 1));
    group.receive(n(0), n(1), prepare_ok(0, 1, 1));
    assert_eq!(committed(&group, 0), 0, "one backup twice is one backup");
    group.receive(n(0), n(2), prepare_ok(0, 1, 2));
    assert_eq!((committed(&group, 0), group.delivered(n(0))), (1, &[op(1)][..]));
}

/// With an operation all earlier ones are committed, and they are executed in order.
/// Reference: §4.1, step 5
#[test]
fn a_prepareok_stands_for_all_earlier_ones() {
    let mut group = group(3);
    (1..=3).for_each(|serial| group.request(n(0), op(serial)));
    group.receive(n(0), n(1), prepare_ok(0, 3, 1));
    assert_eq!(group.delivered(n(0)), [op(1), op(2), op(3)]);
    group.receive(n(0), n(2), prepare_ok(0, 1, 2));
    assert_eq!(committed(&group, 0), 3);
}

/// The next PREPARE tells of the commit; an idle primary sends COMMIT. Backups then execute, and answer no client.
/// Reference: §4.1, steps 6 and 7
#[test]
fn backups_learn_of_the_commit_by_prepare_or_commit() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    assert_eq!([0, 1, 2].map(|node| committed(&group, node)), [1, 0, 0]);
    write(&mut group, 0, 2..=2);
    assert_eq!([0, 1, 2].map(|node| committed(&group, node)), [2, 1, 1]);
    group.fire(n(0), VrTimer::Commit);
    assert_eq!(group.under_way(|m| m.is("COMMIT")).len(), 2);
    group.settle();
    assert_eq!([0, 1, 2].map(|node| group.delivered(n(node)).len()), [2, 2, 2]);
}

/// A backup that learns of a commit waits until it has the request and has executed all earlier ones.
/// Reference: §4.1, step 7
#[test]
fn a_backup_executes_what_it_has() {
    let mut group = group(3);
    group.receive(n(1), n(0), prepare(0, 1, 1, 0));
    group.receive(n(1), n(0), VrMessage::Commit { v: 0, k: 3 });
    assert_eq!(group.delivered(n(1)), [op(1)]);
    let asked = sent(&mut group, 1).pop();
    assert_eq!(asked, Some((0, VrMessage::GetState { v: 0, n: 1, i: n(1) })));
}

/// Backups ignore client requests; only the primary processes them.
/// Reference: §4.1
#[test]
fn a_backup_sends_the_client_to_the_primary() {
    let mut group = group(3);
    group.request(n(2), op(1));
    assert!(group.network.is_empty() && serials(&group, 2).is_empty());
    assert_eq!(group.slots[2].redirects, [(op(1), Some(n(0)))]);
}

/// Processing requests writes nothing to any disk.
/// Reference: §4.1
#[test]
fn requests_write_nothing_to_the_disk() {
    let mut group = group(3);
    (0..3).for_each(|node| group.hold_disk(n(node)));
    write(&mut group, 0, 1..=5);
    beat(&mut group, 0);
    assert_eq!([0, 1, 2].map(|node| committed(&group, node)), [5, 5, 5]);
    assert!((0..3).all(|node| !group.write_one(n(node))));
}

/// A group of one commits alone, and nobody hears its messages.
/// Reference: §4.1, with f = 0
#[test]
fn a_group_of_one_commits_at_once() {
    let mut group = group(1);
    group.request(n(0), op(1));
    assert_eq!(group.delivered(n(0)), [op(1)]);
    assert!(group.network.is_empty());
}

/// No message makes a replica stumble that is not to it, or too late.
/// Reference: §4.1
#[test]
fn a_primary_ignores_what_only_backups_heed() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    group.receive(n(0), n(1), prepare(0, 9, 2, 0));
    group.receive(n(0), n(1), VrMessage::Commit { v: 0, k: 9 });
    group.receive(n(0), n(1), do_view_change(0, &[], 0, 0, 1));
    group.receive(n(0), n(1), start_view_change(0, 1));
    assert_eq!((serials(&group, 0), role(&group, 0), group.network.len()), (vec![1], "primary", 0));
}
