//! What is not in the paper, or is done otherwise: `docs/deviations.md`.

use crate::rig::{
    answer, beat, committed, full_answer, group, op, prepare, role, sent, serials, start_view_change, time_out, view,
    violations, write,
};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Protocol, Setup, Stable};
use consensus_playground::protocols::vr::{Disk, Vr, VrMessage, VrTimer};

/// The view-number is on the disk before DOVIEWCHANGE leaves.
/// Reference: §8.2, "write the new view number to disk before sending the DOVIEWCHANGE messages"
#[test]
fn the_view_number_is_on_the_disk_before_do_view_change() {
    let mut group = group(3);
    group.hold_disk(n(2));
    group.receive(n(2), n(1), start_view_change(1, 1));
    assert_eq!(group.under_way(|m| m.is("DOVIEWCHANGE")).len(), 0);
    assert_eq!(group.under_way(|m| m.is("STARTVIEWCHANGE") && m.from == n(2)).len(), 2, "which promises nothing");
    assert!(group.write_one(n(2)));
    assert_eq!(group.slots[2].disk.view_number, 1);
    assert_eq!(group.under_way(|m| m.is("DOVIEWCHANGE")).len(), 1);
}

/// A replica never recovers in a view before the one on its disk.
#[test]
fn no_recovery_ends_in_a_view_that_was_left() {
    let mut group = group(3);
    group.receive(n(2), n(1), start_view_change(1, 1));
    group.lose_all();
    group.crash(n(2));
    group.restart(n(2));
    let x = group.slots[2].disk.nonce;
    let asked = sent(&mut group, 2);
    assert_eq!(asked[0], (0, VrMessage::Recovery { i: n(2), x, v: 1 }));
    group.receive(n(2), n(0), full_answer(0, x, &[], 0, 0));
    group.receive(n(2), n(1), answer(0, x, 1));
    assert_eq!(role(&group, 2), "recovering");
}

/// Whoever is behind the view that a recovering replica tells starts the view change to it.
#[test]
fn a_recovery_brings_the_others_to_the_view_that_was_left() {
    let mut group = group(3);
    write(&mut group, 0, 1..=2);
    group.receive(n(2), n(1), start_view_change(1, 1));
    group.lose_all();
    group.crash(n(2));
    group.restart(n(2));
    group.settle();
    assert_eq!((role(&group, 1), view(&group, 1), view(&group, 0)), ("primary", 1, 1));
    group.fire(n(2), VrTimer::Resend);
    group.settle();
    assert_eq!((role(&group, 2), view(&group, 2), serials(&group, 2)), ("backup", 1, vec![1, 2]));
}

/// The schedule of V3, message by message: the published protocol loses what n0 has acknowledged, ours does not. n1's
/// STARTVIEWCHANGE, which nothing on its disk remembers, does no harm.
#[test]
fn a_forgotten_start_view_change_loses_nothing() {
    for (variant, safe) in [("as-published", false), ("correct", true)] {
        let mut group: Cluster<Vr> = Cluster::new(3, variant, &[]);
        group.fire(n(1), VrTimer::ViewChange);
        group.lose_where(|m| m.goes(1, 0));
        let late = group.take_all();
        group.crash(n(1));
        group.restart(n(1));
        group.settle();
        assert_eq!((role(&group, 1), view(&group, 1)), ("backup", 0));
        group.network = late;
        group.settle_where(|m| m.goes(1, 2));
        let late: Vec<_> = group.take_all().into_iter().filter(|m| m.goes(2, 1)).collect();
        assert_eq!(late.len(), 2, "STARTVIEWCHANGE and DOVIEWCHANGE of n2");
        group.crash(n(2));
        group.restart(n(2));
        group.settle();
        if safe {
            group.fire(n(2), VrTimer::Resend);
            group.settle();
        }
        let primary = if safe { 1 } else { 0 };
        assert_eq!(role(&group, primary), "primary");
        group.request(n(primary), op(1));
        group.settle_where(|m| !m.goes(0, 1));
        group.network.retain(|m| !m.goes(0, 1));
        assert_eq!(committed(&group, primary), 1);
        group.network.extend(late);
        group.settle();
        assert_eq!(violations(&group).is_empty(), safe, "{variant}: {:?}", violations(&group));
    }
}

/// A replica that has heard of a later view keeps its log and its view until the new state is there.
#[test]
fn nothing_is_given_up_before_the_new_state_is_there() {
    let mut group = group(3);
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    group.receive(n(2), n(1), VrMessage::Commit { v: 1, k: 0 });
    assert_eq!((view(&group, 2), serials(&group, 2)), (0, vec![1]));
    let asked = sent(&mut group, 2).pop();
    assert_eq!(asked, Some((1, VrMessage::GetState { v: 1, n: 0, i: n(2) })), "it names the view that it asks for");

    let mut group: Cluster<Vr> = Cluster::new(3, "as-published", &[]);
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    group.receive(n(2), n(1), VrMessage::Commit { v: 1, k: 0 });
    assert_eq!((view(&group, 2), serials(&group, 2)), (1, vec![]), "§5.2");
}

/// The primary sends PREPARE of its last request again, in the place of COMMIT, to those that have not prepared it; who
/// lacks more asks for it.
#[test]
fn what_is_not_prepared_is_sent_again() {
    let mut group = group(3);
    group.request(n(0), op(1));
    group.request(n(0), op(2));
    group.lose_all();
    group.fire(n(0), VrTimer::Commit);
    assert_eq!(group.under_way(|m| m.is("COMMIT")).len(), 2, "it has not waited yet");
    group.settle();
    group.fire(n(0), VrTimer::Commit);
    assert_eq!(group.under_way(|m| m.is("PREPARE")).len(), 2);
    group.settle();
    assert_eq!([0, 1, 2].map(|node| serials(&group, node)), [vec![1, 2], vec![1, 2], vec![1, 2]]);
    assert_eq!(committed(&group, 0), 2);
}

/// In a view change, a recovery and a state transfer, what is not answered is asked again.
#[test]
fn what_is_not_answered_is_asked_again() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    group.crash(n(0));
    group.fire(n(2), VrTimer::ViewChange);
    group.lose_all();
    group.fire(n(2), VrTimer::Resend);
    group.deliver_where(|m| m.goes(2, 1));
    group.lose_all(); // n1's STARTVIEWCHANGE
    group.fire(n(1), VrTimer::Resend);
    group.settle();
    assert_eq!(role(&group, 1), "primary");
    group.restart(n(0));
    group.lose_all();
    group.fire(n(0), VrTimer::Resend);
    group.settle();
    assert_eq!(role(&group, 0), "backup");
}

/// GETSTATE is sent to the next replica when the one that was asked does not answer.
#[test]
fn the_next_replica_is_asked_for_the_state() {
    let mut group = group(5);
    group.receive(n(2), n(1), VrMessage::Commit { v: 1, k: 0 });
    let mut asked = vec![sent(&mut group, 2)[0].0];
    for _ in 0..4 {
        group.fire(n(2), VrTimer::Resend);
        asked.push(sent(&mut group, 2)[0].0);
    }
    assert_eq!(asked, [1, 3, 4, 0, 1]);
}

/// A replica that nobody joins stays in its view change and repeats STARTVIEWCHANGE: it counts no views alone.
#[test]
fn a_replica_alone_counts_no_views() {
    let mut group = group(3);
    for _ in 0..10 {
        group.fire(n(2), VrTimer::ViewChange);
        group.fire(n(2), VrTimer::Resend);
        group.lose_all();
    }
    assert_eq!((role(&group, 2), view(&group, 2)), ("view-change", 1));
    time_out(&mut group, 1, &[0, 1]);
    assert_eq!(role(&group, 1), "primary");
}

/// Waits grow with the view changes that fail, up to four times.
#[test]
fn waits_grow_while_view_changes_fail() {
    let mut group = group(5);
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(group.slots[4].timers[&VrTimer::ViewChange]);
        let next = view(&group, 4) as u32 + 1;
        group.fire(n(4), VrTimer::ViewChange);
        group.lose_all();
        group.receive(n(4), n(2), start_view_change(next, 2));
        group.receive(n(4), n(3), start_view_change(next, 3));
        group.lose_all();
    }
    let (low, high) = (300_000, 600_000);
    let expected = [1, 1, 2, 3, 4, 4].map(|factor| (low * factor, high * factor));
    assert_eq!(waits, expected);
}

/// A STARTVIEWCHANGE for a view that is past is answered with the view that is, so that its sender can ask for the
/// state.
#[test]
fn who_calls_to_a_past_view_is_told_of_the_present_one() {
    let mut group = group(3);
    group.fire(n(2), VrTimer::ViewChange);
    group.lose_all();
    time_out(&mut group, 1, &[0, 1]);
    time_out(&mut group, 0, &[0, 1]);
    group.lose_all();
    while role(&group, 0) != "primary" {
        time_out(&mut group, 1, &[0, 1]);
        group.lose_all();
    }
    assert_eq!((role(&group, 2), view(&group, 2)), ("view-change", 1));
    group.fire(n(2), VrTimer::Resend);
    group.settle_where(|m| !m.goes(0, 2));
    assert_eq!((role(&group, 2), view(&group, 2)), ("backup", view(&group, 0)), "n1 alone has told it");
}

/// A replica in a view change that sees the view at work asks for its state: STARTVIEW may be lost.
#[test]
fn a_lost_start_view_does_no_harm() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    group.fire(n(2), VrTimer::ViewChange);
    group.settle_where(|m| !m.is("STARTVIEW"));
    group.lose_all();
    assert_eq!([0, 1, 2].map(|node| role(&group, node)), ["view-change", "primary", "view-change"]);
    beat(&mut group, 1);
    assert_eq!([0, 1, 2].map(|node| role(&group, node)), ["backup", "primary", "backup"]);
}

/// In a group of four three are a quorum: f + 1 = 2 of 2f + 2 would not meet another two.
#[test]
fn in_an_even_group_a_quorum_is_a_majority() {
    let setup = |nodes| Setup { nodes, variant: "correct", given: &[], declared: Vr::INFO.settings, delta: None };
    let quorums = [1, 2, 3, 4, 5, 6, 7].map(|nodes| Vr::configure(&setup(nodes)).unwrap().quorum());
    assert_eq!(quorums, [1, 2, 2, 3, 3, 4, 4]);
    let mut group = group(4);
    group.request(n(0), op(1));
    group.settle_among(&[0, 1]);
    assert_eq!(committed(&group, 0), 0);
}

/// A replica whose disk is lost recovers, too, with a nonce off its clock; what it forgets besides is the paper's risk.
#[test]
fn a_lost_disk_means_recovery() {
    let mut group = group(3);
    write(&mut group, 0, 1..=2);
    group.crash(n(2));
    group.slots[2].disk = Disk::lost();
    group.restart(n(2));
    assert_eq!(role(&group, 2), "recovering");
    group.settle();
    assert_eq!((role(&group, 2), serials(&group, 2)), ("backup", vec![1, 2]));
}
