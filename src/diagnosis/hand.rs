//! What waits for a person's hand: messages that are held, timers that only a hand lets fire.

use super::{Diagnosis, idle, leader, standing};
use crate::protocol::{NodeId, NodeSet};
use crate::scenario::{Count, Pattern, Scheduler, Verb};
use crate::sim::{Flight, World};

/// Held for so long without progress, µs, a message is what others wait for.
const LONG: u64 = 1_000_000;

/// Under the manual scheduler: everything that is left to do waits for a hand.
pub fn by_hand(world: &World) -> Option<Diagnosis> {
    if !world.network().manual() || world.ended().is_some() || !world.idle_by_hand() {
        return None;
    }
    let hand = match world.scenario().network.scheduler {
        Scheduler::Adversary => "the adversary, or for your hand",
        _ => "your hand",
    };
    if let Some((flight, count)) = oldest_held(world) {
        if world.paused(flight.to) {
            let why = format!("Nothing moves by itself: {} waits for a node that is paused.", called(world, flight));
            return Some(Diagnosis { change: vec![Verb::Resume { node: flight.to }], ..waiting(why, flight) });
        }
        let more = if count == 1 { "It is the only one".to_owned() } else { format!("{count} messages wait in all") };
        let why = format!("Nothing moves by itself: {} waits for {hand}. {more}.", called(world, flight));
        let pattern = Pattern { from: Some(flight.from), to: Some(flight.to), kind: Some(flight.kind), skip: 0 };
        let change = vec![Verb::Deliver { pattern, count: Count::Number(1) }];
        return Some(Diagnosis { change, ..waiting(why, flight) });
    }
    if settled(world) {
        return None;
    }
    let timers =
        standing(world).iter().flat_map(|node| world.timers(node).map(move |(timer, _, at)| (at, node, timer)));
    let (_, node, timer) = timers.min()?;
    let names = world.cluster().timers();
    let name = names.get(usize::from(timer))?;
    let why =
        format!("Nothing is in flight: only a timer can go on, and timers wait for {hand}, {node}'s {name} first.");
    let change = vec![Verb::Fire { node, timer }];
    Some(Diagnosis { change, ..Diagnosis::pending("waiting for a timer", why, NodeSet::from_iter([node])) })
}

/// Whether nothing is left to do: somebody leads, and no client waits.
fn settled(world: &World) -> bool {
    leader(world) && world.clients().outstanding() == 0
}

/// Elsewhere: a message that was held, while nothing has moved for long.
pub fn held(world: &World) -> Option<Diagnosis> {
    if world.network().manual() || idle(world) < LONG {
        return None;
    }
    let (flight, _) = oldest_held(world)?;
    let why = format!("{} is held, and nothing has been delivered since.", called(world, flight));
    Some(Diagnosis { release: vec![flight.id], ..waiting(why, flight) })
}

fn waiting(why: String, flight: &Flight) -> Diagnosis {
    Diagnosis::pending("waiting for a message", why, NodeSet::from_iter([flight.from, flight.to]))
}

/// The oldest message that is held, if possible one to a node that can take it, and how many are.
fn oldest_held(world: &World) -> Option<(&Flight, usize)> {
    let held = || world.flights().map(|(_, flight)| flight).filter(|flight| flight.held);
    let standing = standing(world);
    Some((held().min_by_key(|flight| (!standing.contains(flight.to), flight.id))?, held().count()))
}

fn called(world: &World, flight: &Flight) -> String {
    let kind = world.cluster().kinds().get(usize::from(flight.kind)).map_or("a message", |kind| kind.name);
    let (from, to): (NodeId, NodeId) = (flight.from, flight.to);
    format!("{kind} from {from} to {to}")
}
