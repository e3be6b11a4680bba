//! §4.3 and §8.2: recovery.

use crate::rig::{
    answer, beat, committed, do_view_change, full_answer, group, op, prepare, role, sent, serials, start_view,
    start_view_change, time_out, view, violations, write,
};
use crate::support::n;
use consensus_playground::protocols::vr::{VrMessage, VrTimer};

fn bounce(group: &mut crate::rig::Group, node: u8) {
    group.crash(n(node));
    group.restart(n(node));
}

/// A replica that comes back asks all others, with a nonce that it has not used before.
/// Reference: §4.3, step 1
#[test]
fn a_replica_that_restarts_asks_all_others_with_a_new_nonce() {
    let mut group = group(3);
    let mut nonces = Vec::new();
    for _ in 0..3 {
        bounce(&mut group, 2);
        assert_eq!(role(&group, 2), "recovering");
        let asked = sent(&mut group, 2);
        assert_eq!(asked.iter().map(|(to, _)| *to).collect::<Vec<_>>(), [0, 1]);
        let VrMessage::Recovery { i, x, .. } = asked[0].1 else { panic!("{asked:?}") };
        assert_eq!(i, n(2));
        nonces.push(x);
    }
    assert!(nonces.windows(2).all(|pair| pair[0] < pair[1]), "{nonces:?}");
}

/// While it is recovering a replica takes no part in the request processing protocol or the view change protocol.
/// Reference: §4.3
#[test]
fn a_recovering_replica_takes_no_part() {
    let mut group = group(3);
    bounce(&mut group, 2);
    group.lose_all();
    for message in [
        prepare(0, 1, 1, 0),
        VrMessage::Commit { v: 3, k: 0 },
        start_view_change(1, 1),
        do_view_change(2, &[], 0, 0, 1),
        start_view(1, &[1], 1),
        VrMessage::Recovery { i: n(1), x: 2, v: 0 },
        VrMessage::GetState { v: 0, n: 0, i: n(1) },
        VrMessage::NewState { v: 1, l: crate::rig::log(&[1]), n: 1, k: 1 },
    ] {
        group.receive(n(2), n(1), message);
    }
    group.request(n(2), op(1));
    assert!(group.network.is_empty() && serials(&group, 2).is_empty());
    assert_eq!((role(&group, 2), view(&group, 2)), ("recovering", 0));
    assert_eq!(group.slots[2].redirects, [(op(1), None)]);
    assert!(!group.slots[2].timers.contains_key(&VrTimer::ViewChange));
}

/// A replica answers only when its status is normal; only the primary of its view sends its log.
/// Reference: §4.3, step 2
#[test]
fn who_is_normal_answers_and_the_primary_sends_its_log() {
    let mut group = group(3);
    write(&mut group, 0, 1..=2);
    let ask = VrMessage::Recovery { i: n(2), x: 7, v: 0 };
    group.receive(n(0), n(2), ask.clone());
    group.receive(n(1), n(2), ask.clone());
    assert_eq!(sent(&mut group, 0), [(2, full_answer(0, 7, &[0, 0], 2, 0))]);
    assert_eq!(sent(&mut group, 1), [(2, answer(0, 7, 1))]);
    group.fire(n(1), VrTimer::ViewChange);
    group.lose_all();
    group.receive(n(1), n(2), ask);
    assert_eq!(sent(&mut group, 1), [], "in a view change");
}

/// The recovering replica waits for f + 1 answers of different replicas, the primary's among them.
/// Reference: §4.3, step 3
#[test]
fn f_plus_one_answers_with_the_primary_s_end_a_recovery() {
    let mut group = group(5);
    bounce(&mut group, 4);
    group.receive(n(4), n(1), answer(0, 2, 1));
    group.receive(n(4), n(1), answer(0, 2, 1));
    group.receive(n(4), n(2), answer(0, 2, 2));
    group.receive(n(4), n(3), answer(0, 2, 3));
    assert_eq!(role(&group, 4), "recovering", "three, but not the primary's");
    sent(&mut group, 4);
    group.receive(n(4), n(0), full_answer(0, 2, &[0, 0], 1, 0));
    assert_eq!((role(&group, 4), serials(&group, 4)), ("backup", vec![1, 2]));
    assert_eq!(group.delivered(n(4)), [op(1)]);
    let mut group = crate::rig::group(5);
    bounce(&mut group, 4);
    group.receive(n(4), n(0), full_answer(0, 2, &[], 0, 0));
    group.receive(n(4), n(1), answer(0, 2, 1));
    assert_eq!(role(&group, 4), "recovering", "the primary's, but only two");
}

/// It is the primary of the latest view that it learns of which counts.
/// Reference: §4.3, step 3
#[test]
fn an_earlier_primary_is_not_enough() {
    let mut group = group(3);
    bounce(&mut group, 2);
    group.receive(n(2), n(0), full_answer(0, 2, &[0], 1, 0));
    group.receive(n(2), n(1), answer(3, 2, 1));
    assert_eq!(role(&group, 2), "recovering", "n0 is the primary of view 3 as well, but answered in view 0");
    group.receive(n(2), n(0), full_answer(3, 2, &[0, 3], 1, 0));
    assert_eq!((role(&group, 2), view(&group, 2), serials(&group, 2)), ("backup", 3, vec![1, 2]));
}

/// Answers that carry another nonce are to another recovery.
/// Reference: §4.3 and §8.2
#[test]
fn answers_to_an_earlier_recovery_are_not_counted() {
    let mut group = group(3);
    bounce(&mut group, 2);
    group.deliver_where(|m| m.is("RECOVERY"));
    let old = group.take_all();
    write(&mut group, 0, 1..=2);
    bounce(&mut group, 2);
    group.lose_all();
    group.network = old;
    group.settle();
    assert_eq!(role(&group, 2), "recovering");
    group.fire(n(2), VrTimer::Resend);
    group.settle();
    assert_eq!((role(&group, 2), serials(&group, 2)), ("backup", vec![1, 2]));
}

/// A recovered replica has a state at least as recent as what it knew when it failed.
/// Reference: §4.3 and §8.2
#[test]
fn a_recovered_replica_knows_what_it_had_prepared() {
    let mut group = group(3);
    group.request(n(0), op(1));
    group.settle_among(&[0, 2]);
    group.lose_all();
    assert_eq!(committed(&group, 0), 1);
    bounce(&mut group, 2);
    assert!(serials(&group, 2).is_empty(), "nothing is on its disk");
    group.settle();
    assert_eq!((serials(&group, 2), group.delivered(n(2))), (vec![1], &[op(1)][..]));
    group.crash(n(0));
    time_out(&mut group, 1, &[1, 2]);
    assert_eq!(serials(&group, 1), [1]);
}

/// A view change whose new primary is recovering cannot complete; the group goes on to the next one, in which the
/// replica recovers.
/// Reference: §4.3
#[test]
fn a_view_change_to_a_recovering_primary_gives_way() {
    let mut group = group(3);
    write(&mut group, 0, 1..=1);
    group.fire(n(2), VrTimer::ViewChange);
    group.deliver_where(|m| m.goes(2, 0));
    group.lose_all();
    bounce(&mut group, 1);
    group.settle();
    assert_eq!([0, 1, 2].map(|node| role(&group, node)), ["view-change", "recovering", "view-change"]);
    group.fire(n(2), VrTimer::Resend);
    group.fire(n(0), VrTimer::Resend);
    group.settle();
    group.fire(n(0), VrTimer::ViewChange);
    group.settle();
    assert_eq!((role(&group, 2), view(&group, 2)), ("primary", 2));
    group.fire(n(1), VrTimer::Resend);
    group.settle();
    assert_eq!((role(&group, 1), view(&group, 1), serials(&group, 1)), ("backup", 2, vec![1]));
}

/// The primary's memory comes back in a later view than its own.
/// Reference: §4.3
#[test]
fn a_primary_that_crashes_recovers_in_a_later_view() {
    let mut group = group(3);
    write(&mut group, 0, 1..=3);
    bounce(&mut group, 0);
    group.settle();
    assert_eq!(role(&group, 0), "recovering", "nobody but itself was the primary");
    time_out(&mut group, 1, &[1, 2]);
    group.fire(n(0), VrTimer::Resend);
    group.settle();
    beat(&mut group, 1);
    assert_eq!((role(&group, 0), view(&group, 0), committed(&group, 0)), ("backup", 1, 3));
}

/// The recovery protocol is live with f failed: f + 1 others answer. With f + 1 failed at once nobody ever recovers,
/// and nothing is made up.
/// Reference: §8.2, liveness
#[test]
fn more_than_f_failed_at_once_never_recover() {
    let mut group = group(5);
    write(&mut group, 0, 1..=2);
    bounce(&mut group, 3);
    bounce(&mut group, 4);
    group.settle();
    assert_eq!((role(&group, 3), role(&group, 4)), ("backup", "backup"));
    for node in [2, 3, 4] {
        group.crash(n(node));
    }
    for node in [2, 3, 4] {
        group.restart(n(node));
    }
    for _ in 0..5 {
        group.settle();
        for node in [2, 3, 4] {
            group.fire(n(node), VrTimer::Resend);
        }
        group.request(n(0), op(3));
        beat(&mut group, 0);
    }
    assert_eq!([2, 3, 4].map(|node| role(&group, node)), ["recovering"; 3]);
    assert_eq!(committed(&group, 0), 2, "and without them nothing commits");
    assert_eq!(violations(&group), [] as [String; 0]);
}

/// Nothing that only one life of a replica knew is acted on before the disk says that it has lived.
/// Reference: §4.3: a node needs to know that it has crashed
#[test]
fn a_first_start_says_nothing_before_it_is_on_the_disk() {
    let mut group = group(3);
    group.crash(n(2));
    group.slots[2].disk = Default::default();
    group.hold_disk(n(2));
    group.restart(n(2));
    group.receive(n(2), n(0), prepare(0, 1, 1, 0));
    assert!(group.network.is_empty());
    bounce(&mut group, 2);
    assert_eq!(role(&group, 2), "backup", "it never said anything: this is its first start still");
    group.release_disk(n(2));
    bounce(&mut group, 2);
    assert_eq!(role(&group, 2), "recovering");
}
