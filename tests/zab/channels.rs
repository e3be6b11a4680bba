//! Channels keep order as long as they stand; what happens when they break.

use crate::rig::*;
use crate::support::{command, n};
use consensus_playground::protocols::zab::ZabTimer;

/// A message that is missing breaks the channel at the follower's end, which looks for a leader; nothing that comes
/// later on that channel is heard.
/// Reference: §II, channels (deviation: no TCP)
#[test]
fn a_gap_sends_the_follower_back_to_looking() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    zabs.lose_where(|m| m.is("PROPOSE") && m.goes(2, 0));
    zabs.request(n(2), command(1, 2));
    step(&mut zabs, "PROPOSE", 2, 0);
    assert_eq!((role(&zabs, 0), on_disk(&zabs, 0)), ("LOOKING", vec![]));
    zabs.settle();
    assert_eq!((role(&zabs, 0), on_disk(&zabs, 0)), ("FOLLOWING", vec![(1, 1), (1, 2)]));
    assert_eq!(zabs.delivered(n(0)), [command(1, 1), command(1, 2)]);
}

/// A message that is lost last is found by the next PING.
/// Reference: §II, channels
#[test]
fn a_ping_shows_what_is_missing() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    zabs.lose_where(|m| m.is("PROPOSE") && m.goes(2, 0));
    zabs.settle_among(&[1, 2]);
    zabs.lose_where(|m| m.is("COMMIT") && m.goes(2, 0));
    assert_eq!(role(&zabs, 0), "FOLLOWING");
    zabs.fire(n(2), ZabTimer::Tick);
    zabs.settle();
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
}

/// A message that is missing breaks the channel at the leader's end: it forgets the follower, which hears nothing more
/// and comes anew after its time-out.
/// Reference: §II, channels
#[test]
fn a_gap_makes_the_leader_forget_the_follower() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    step(&mut zabs, "PROPOSE", 2, 0);
    zabs.lose_where(|m| m.is("ACK"));
    zabs.request(n(2), command(1, 2));
    assert_eq!(pass(&mut zabs, "PROPOSE", 2, 0), 1);
    step(&mut zabs, "ACK", 0, 2);
    assert_eq!(committed(&zabs, 2), 0, "an acknowledgement of a broken channel counts for nothing");
    zabs.lose_where(|m| m.goes(2, 0));
    zabs.fire(n(2), ZabTimer::Tick);
    assert_eq!(zabs.under_way(|m| m.is("PING") && m.goes(2, 0)).len(), 0);
    give_up(&mut zabs, 0);
    zabs.settle();
    assert_eq!((role(&zabs, 0), committed(&zabs, 0)), ("FOLLOWING", 2));
}

/// A message that comes twice is heard once.
/// Reference: §II, channels
#[test]
fn a_copy_is_not_heard() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    let propose = zabs.under_way(|m| m.is("PROPOSE") && m.goes(2, 0))[0];
    zabs.deliver_copy(propose);
    zabs.deliver(propose);
    assert_eq!((on_disk(&zabs, 0), count(&zabs, "ACK")), (vec![(1, 1)], 1));
    let ack = zabs.under_way(|m| m.is("ACK") && m.goes(0, 2))[0];
    zabs.deliver_copy(ack);
    zabs.deliver(ack);
    assert_eq!((committed(&zabs, 2), role(&zabs, 0)), (1, "FOLLOWING"));
}

/// CEPOCH is sent again until the leader answers: it may not lead yet.
/// Reference: step f.1.1 (deviation)
#[test]
fn cepoch_is_repeated_until_there_is_an_answer() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    zabs.lose_where(|m| m.is("CEPOCH"));
    zabs.fire(n(1), ZabTimer::Tick);
    step(&mut zabs, "CEPOCH", 1, 2);
    step(&mut zabs, "NEWEPOCH", 2, 1);
    assert!(!zabs.slots[1].timers.contains_key(&ZabTimer::Tick), "it has its answer");
}

/// A copy of CEPOCH opens no channel: neither a second time, nor after it has broken.
/// Reference: §II, channels
#[test]
fn a_copy_of_cepoch_opens_nothing() {
    let mut zabs = started(3);
    elect(&mut zabs, 2, &[1, 2]);
    zabs.fire(n(1), ZabTimer::Tick);
    let [first, copy] = zabs.under_way(|m| m.is("CEPOCH") && m.goes(1, 2))[..] else { panic!("two") };
    zabs.deliver(first);
    zabs.deliver_copy(copy);
    assert_eq!(zabs.under_way(|m| m.is("NEWEPOCH") && m.goes(2, 1)).len(), 1);
    zabs.settle_where(|m| !m.is("Notification") && m.id != copy);
    assert!(leads(&zabs, 2));
    // The leader's end breaks.
    zabs.fire(n(2), ZabTimer::Tick);
    step(&mut zabs, "PING", 2, 1);
    zabs.lose_where(|m| m.is("PONG"));
    zabs.fire(n(2), ZabTimer::Tick);
    step(&mut zabs, "PING", 2, 1);
    step(&mut zabs, "PONG", 1, 2);
    zabs.deliver(copy);
    assert_eq!(count(&zabs, "NEWEPOCH"), 0);
}

/// What was sent on an earlier channel is not heard on a later one, though it be the same two nodes and the same epoch.
/// Reference: §II, channels: messages of one iteration only
#[test]
fn an_old_channel_is_not_heard_on_a_new_one() {
    let mut zabs = led(3);
    zabs.request(n(2), command(1, 1));
    step(&mut zabs, "PROPOSE", 2, 0);
    zabs.settle_among(&[1, 2]);
    // The acknowledgement and the commit of the old channel are still under way.
    let old = zabs.under_way(|m| m.goes(0, 2) || m.goes(2, 0));
    assert_eq!(old.len(), 2);
    give_up(&mut zabs, 0);
    join(&mut zabs, 0, 2);
    for id in old {
        zabs.deliver(id);
    }
    assert_eq!((role(&zabs, 0), committed(&zabs, 0)), ("FOLLOWING", 0));
    zabs.settle_where(|m| !m.is("Notification"));
    assert_eq!(zabs.delivered(n(0)), [command(1, 1)]);
}

/// A node that restarts uses no name of a channel again.
/// Reference: §II, channels (deviation)
#[test]
fn a_restarted_node_opens_a_channel_of_another_name() {
    let mut zabs = led(3);
    zabs.crash(n(0));
    zabs.restart(n(0));
    assert_eq!(zabs.slots[0].disk.starts, 2);
    zabs.request(n(2), command(1, 1));
    let old = zabs.under_way(|m| m.is("PROPOSE") && m.goes(2, 0))[0];
    join(&mut zabs, 0, 2);
    zabs.deliver(old);
    assert_eq!(on_disk(&zabs, 0), []);
    zabs.settle_where(|m| !m.is("Notification"));
    assert_eq!(on_disk(&zabs, 0), [(1, 1)]);
}
