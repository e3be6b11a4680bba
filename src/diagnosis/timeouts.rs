//! Time-outs that end before an answer can come: every try is given up for the next. "broadcastTime ≪ electionTimeout"
//! (Ongaro and Ousterhout 2014, §5.6) does not hold.

use super::{Diagnosis, idle, leader, names, standing};
use crate::protocol::{Needs, NodeSet, Setting, SettingKind, SettingValue, Shape};
use crate::scenario::Verb;
use crate::sim::{What, World};
use crate::sorting::sort;

/// So many arrivals are looked at, at most among so many events.
const ARRIVALS: usize = 31;
const EVENTS: usize = 2000;
/// How many time-outs must have passed in vain.
const TRIES: u64 = 6;

/// The time-out that is shorter than a message there and its answer back, if progress fails for that.
pub fn too_short(world: &World) -> Option<Diagnosis> {
    let info = world.scenario().info;
    // By hand no timer fires by itself, and how long a message waits says nothing of the network.
    let by_hand = world.network().manual();
    if by_hand || info.needs != Needs::Majority || info.shape == Shape::Broadcast || leader(world) {
        return None;
    }
    let (setting, low, high) =
        info.settings.iter().filter_map(|setting| range(world, setting)).max_by_key(|it| it.2)?;
    let back_and_forth = 2 * usual_delay(world)?;
    if high * 1000 >= back_and_forth || idle(world) < TRIES * high * 1000 {
        return None;
    }
    let ms = back_and_forth.div_ceil(1000);
    let why = format!(
        "Time-outs are shorter than the delays that occur: nodes try anew after {low} to {high} ms, but a message and \
         its answer take about {ms} ms.",
    );
    let slow: NodeSet = standing(world).iter().filter(|node| world.network().slowness(*node, *node) > 0).collect();
    let links = world.network().slow_links();
    let mut change: Vec<Verb> = slow.iter().map(|node| Verb::Slow { node, by_us: 0 }).collect();
    change.extend(links.iter().map(|&(from, to, _)| Verb::SlowLink { from, to, by_us: 0 }));
    // What nobody has slowed down is as slow as the network is: then another run is needed.
    let longer = change.is_empty().then(|| {
        let low = (ms * 2).max(low);
        (setting.name, SettingValue::Range(low, low * 2))
    });
    let why = if slow.is_empty() { why } else { format!("{why} {} is slowed down.", names(slow)) };
    let nodes = if slow.is_empty() { standing(world) } else { slow };
    let pending = Diagnosis::pending("timeouts shorter than the delays", why, nodes);
    Some(Diagnosis { change, restart_with: longer, ..pending })
}

/// A range of time-outs: the setting, and its ends in ms.
pub(super) fn range<'a>(world: &World, setting: &'a Setting) -> Option<(&'a Setting, u64, u64)> {
    let SettingKind::Range { default, .. } = setting.kind else { return None };
    let given = world.scenario().settings.iter().find(|(name, _)| *name == setting.name);
    let (low, high) = match given {
        Some((_, SettingValue::Range(low, high))) => (*low, *high),
        _ => default,
    };
    Some((setting, low, high))
}

/// The median of the delays of the last arrivals between two nodes, µs.
fn usual_delay(world: &World) -> Option<u64> {
    let trace = world.trace();
    let mut delays: Vec<u64> = Vec::new();
    for event in trace.events.iter().rev().take(EVENTS) {
        if event.what == What::Arrive && event.node != event.peer {
            let sent = trace.messages.get(event.data as usize)?.sent;
            delays.push(event.at - trace.events.get(sent as usize)?.at);
        }
        if delays.len() == ARRIVALS {
            break;
        }
    }
    sort(&mut delays);
    delays.get(delays.len() / 2).copied()
}
