//! What a delivered command costs: messages and message delays.

use crate::protocol::NodeId;
use crate::sim::{What, World};

/// What a delivered command costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Commands that reached the state machine where most did.
    pub commands: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages sent, in tenths, for each delivered command.
    pub messages: u64,
    /// Message delays from a client's request to its answer, in tenths.
    pub delays: Option<u64>,
}

/// How long a chain of causes may be.
const CHAIN: usize = 200;

impl Cost {
    /// The cost so far, once something was delivered; the delays are an average of the `last` operations answered.
    pub fn of(world: &World, last: usize) -> Option<Cost> {
        let sent = world.tallies().iter().map(|tally| tally.sent).sum();
        let nodes = NodeId::all(usize::from(world.scenario().nodes));
        let commands = nodes.map(|node| world.application(node).applied).max().filter(|commands| *commands > 0)?;
        let answered = world.clients().history().iter().rev().filter_map(|operation| {
            let (_, event, _) = operation.answered?;
            Some(delays(world, event, operation.invoked.1))
        });
        let (count, sum) = answered.take(last).fold((0, 0), |(count, sum), delays| (count + 1, sum + delays));
        let delays = (sum * 10u64).checked_div(count);
        Some(Cost { commands, sent, messages: sent * 10 / commands, delays })
    }
}

/// Arrivals of messages from other nodes on the chain of causes from `event` back to `start`.
fn delays(world: &World, mut event: u32, start: u32) -> u64 {
    let mut arrivals = 0;
    for _ in 0..CHAIN {
        let Some(happened) = world.trace().events.get(event as usize) else { break };
        arrivals += u64::from(happened.what == What::Arrive && happened.peer != happened.node);
        if event <= start || happened.cause >= event {
            break;
        }
        event = happened.cause;
    }
    arrivals
}
