//! What a delivered command costs: messages and message delays.

use crate::protocol::{Habitat, NodeId, Shape};
use crate::sim::{ClientOperation, What, World};

/// What a delivered command costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Commands that reached the state machine where most did.
    pub commands: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages sent, in tenths, for each delivered command.
    pub messages: u64,
    /// Message delays from a client's request to its answer, in tenths; of a broadcast, to its delivery at a node that
    /// a message had to reach.
    pub delays: Option<u64>,
}

/// How long a chain of causes may be.
const CHAIN: usize = 200;

/// How far back in what a node delivered a broadcast is looked for.
const BACK: usize = 200;

impl Cost {
    /// The cost so far, once something was delivered; the delays are an average over the `last` operations answered.
    pub fn of(world: &World, last: usize) -> Option<Cost> {
        let sent = world.tallies().iter().map(|tally| tally.sent).sum();
        let nodes = NodeId::all(usize::from(world.scenario().nodes));
        let commands = nodes.map(|node| world.application(node).applied).max().filter(|commands| *commands > 0)?;
        let answered = world.clients().history().iter().rev().filter(|operation| operation.answered.is_some());
        let (mut count, mut sum) = (0, 0);
        for operation in answered.take(last) {
            ends(world, operation, |event| {
                let delays = delays(world, event, operation.invoked.1);
                // Who broadcasts a message has it at once.
                if delays > 0 || world.scenario().info.shape != Shape::Broadcast {
                    (count, sum) = (count + 1, sum + delays);
                }
            });
        }
        let delays = (sum * 10u64).checked_div(count);
        Some(Cost { commands, sent, messages: sent * 10 / commands, delays })
    }
}

/// Tells `each` event at which `operation` came to its end: its answer, or the deliveries of a broadcast.
fn ends(world: &World, operation: &ClientOperation, mut each: impl FnMut(u32)) {
    if world.scenario().info.shape != Shape::Broadcast {
        return operation.answered.iter().for_each(|(_, event, _)| each(*event));
    }
    for node in NodeId::all(usize::from(world.scenario().nodes)) {
        let mut delivered = world.application(node).delivered.iter().rev().take(BACK);
        if let Some(delivery) = delivered.find(|delivery| delivery.command == operation.command) {
            each(delivery.event);
        }
    }
}

/// Arrivals of messages from other nodes on the chain of causes from `event` back to `start`.
fn delays(world: &World, mut event: u32, start: u32) -> u64 {
    let events = &world.trace().events;
    // A round is as long as a message may take, and ends by the clock.
    let rounds = world.scenario().info.habitat == Habitat::Synchronous;
    let arrives = |at: u32| events.get(at as usize).is_some_and(|event| event.what == What::Arrive);
    let mut delays = 0;
    for _ in 0..CHAIN {
        let Some(happened) = events.get(event as usize).filter(|_| event > start) else { break };
        delays += u64::from(match happened.what {
            What::Arrive => happened.peer != happened.node,
            What::Fire if rounds => (happened.cause..event).any(arrives),
            _ => false,
        });
        if happened.cause >= event {
            break;
        }
        event = happened.cause;
    }
    delays
}
