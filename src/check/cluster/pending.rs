//! What is left to happen in a run, read off its world. What waits for a disk to write counts as done.

use crate::protocol::NodeId;
use crate::sim::{Action, World};

/// A message that is on its way.
pub struct Sent {
    pub from: NodeId,
    pub to: NodeId,
    /// Where the world's cluster has it.
    pub slot: u32,
    /// Its number in the run; none while it waits for its sender's disk.
    pub id: Option<u32>,
}

/// What is on its way, in the order in which it was sent, and the timers that are armed, by node.
pub fn pending(world: &World) -> (Vec<Sent>, Vec<Vec<u8>>) {
    let mut flights: Vec<_> = world.flights().collect();
    flights.sort_by_key(|(_, flight)| flight.id);
    let sent = |(slot, flight): (u32, &crate::sim::Flight)| Sent {
        from: flight.from,
        to: flight.to,
        slot,
        id: Some(flight.id),
    };
    let mut letters: Vec<Sent> = flights.into_iter().map(sent).collect();
    let mut timers = Vec::new();
    for node in NodeId::all(world.scenario().nodes.into()) {
        let mut armed: Vec<u8> = world.timers(node).map(|(timer, ..)| timer).collect();
        for action in world.outbox(node) {
            match *action {
                Action::Send { to, slot, .. } => letters.push(Sent { from: node, to, slot, id: None }),
                Action::SetTimer { timer, .. } if !armed.contains(&timer) => armed.push(timer),
                Action::CancelTimer(timer) => armed.retain(|other| *other != timer),
                _ => {}
            }
        }
        timers.push(armed);
    }
    (letters, timers)
}
