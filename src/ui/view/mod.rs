//! What the page shows, as plain data read off a session: comparable, so that what did not change is not drawn again.

pub mod clock;
pub mod eyes;
pub mod log;
pub mod messages;
pub mod node;
pub mod order;
pub mod picked;
pub mod progress;
pub mod properties;
pub mod stage;
pub mod story;

use super::goal::Quest;
use crate::protocol::{NodeId, Shape};
use crate::session::Session;
use std::rc::Rc;

/// What a person looks at: decides how much is read off the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How many columns of the total order have room.
    pub columns: u64,
    /// The node in the inspector.
    pub node: Option<NodeId>,
    /// The panel beside the space–time diagram.
    pub side: Side,
    /// The first row of the list of events that is seen.
    pub top: u32,
    /// Whose knowledge is shown, if not everybody's.
    pub eyes: Option<NodeId>,
}

/// What is kept from one view to the next, because it takes long to make.
#[derive(Default)]
pub struct Desk {
    /// What a node knows of others.
    pub known: eyes::Memory,
    /// The inspected node as it was.
    pub before: node::Before,
    /// The events that were asked for.
    pub search: log::Search,
}

/// A tab of the side panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Properties and the assumption ledger.
    Properties,
    /// One node's variables.
    Node,
    /// The messages in flight.
    Messages,
    /// The events.
    Log,
}

/// Everything that the page shows at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The sentence under the title, and the invitation.
    pub story: Rc<story::Story>,
    /// The nodes.
    pub stage: Rc<stage::Stage>,
    /// The sequences.
    pub order: Rc<order::Order>,
    /// Delivered over time, and why not.
    pub progress: Rc<progress::Progress>,
    /// Time, speed, marks.
    pub clock: Rc<clock::Clock>,
    /// The properties and the ledger; empty unless they are looked at.
    pub properties: Rc<properties::Properties>,
    /// The inspected node.
    pub node: Option<Rc<node::Inspected>>,
    /// The messages in flight; empty unless they are looked at.
    pub messages: Rc<messages::Messages>,
    /// Events around the cursor; empty unless they are looked at.
    pub log: Rc<log::Log>,
    /// The hash of the trace up to the cursor, 16 hex digits.
    pub hash: String,
}

/// How the run is being played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The moment that is shown, µs; at or after the last event.
    pub shown: u64,
    /// Whether time runs.
    pub playing: bool,
    /// Virtual seconds in a second.
    pub speed: f64,
    /// What the run is, or was just, played until.
    pub quest: Option<Quest>,
}

impl View {
    /// Reads the view off `session`.
    pub fn of(session: &mut Session, pace: Pace, look: Look, desk: &mut Desk) -> View {
        let over = session.next_at().is_none();
        let session = &*session;
        let world = session.world();
        // No node knows why nothing moves: a slow one and a dead one look the same to it.
        let diagnosis = if look.eyes.is_none() { session.diagnosis() } else { None };
        let eyes = eyes::Eyes::of(session, look.eyes, &mut desk.known);
        View {
            story: Rc::new(story::Story::of(&eyes, pace.shown)),
            stage: Rc::new(stage::Stage::of(&eyes, pace.shown)),
            order: Rc::new(order::Order::of(&eyes, look.columns)),
            progress: Rc::new(progress::Progress::of(session, pace, look.eyes.is_none(), diagnosis.as_ref())),
            clock: Rc::new(clock::Clock::of(session, pace, over)),
            properties: Rc::new(match look.side {
                Side::Properties => properties::Properties::of(session, diagnosis.as_ref()),
                _ => Default::default(),
            }),
            node: look
                .node
                .filter(|_| look.side == Side::Node)
                .map(|id| Rc::new(node::Inspected::of(session, id, &mut desk.before))),
            messages: Rc::new(match look.side {
                Side::Messages => messages::Messages::of(world, pace.shown),
                _ => Default::default(),
            }),
            log: Rc::new(match look.side {
                Side::Log => log::Log::of(session, look.top, &desk.search),
                _ => Default::default(),
            }),
            hash: format!("{:016x}", world.trace().hash()),
        }
    }
}

/// Microseconds as seconds with three digits.
pub fn seconds(us: u64) -> String {
    format!("{}.{:03}", us / 1_000_000, us / 1000 % 1000)
}

/// Tells `each` stretch of time, µs, up to `now` in which nobody led, of a replicated log.
pub fn leaderless(world: &crate::sim::World, now: u64, mut each: impl FnMut(u64, u64)) {
    if world.scenario().info.shape != Shape::Replicated {
        return;
    }
    // Reigns stand in the order in which they begin.
    let reigns = world.reigns();
    let first = reigns.len().saturating_sub(200);
    let mut covered = if first == 0 { 0 } else { reigns[first].from };
    for reign in (first..reigns.len()).map(|i| reigns[i]) {
        if reign.from > covered {
            each(covered, reign.from);
        }
        covered = covered.max(reign.to.unwrap_or(now));
    }
    if now > covered {
        each(covered, now);
    }
}

/// How many colours and marks there are for epochs.
pub const COLOURS: u8 = 6;

/// The colour and mark of an epoch: in the order in which epochs got their leaders, or else by number.
pub fn colour(world: &crate::sim::World, epoch: u64) -> u8 {
    let before = |reigns: &crate::growing::Growing<crate::sim::Reign>| {
        let (mut low, mut high) = (0, reigns.len());
        while low < high {
            let middle = (low + high) / 2;
            if reigns[middle].epoch < epoch { low = middle + 1 } else { high = middle }
        }
        low as u64
    };
    let reigns = world.reigns();
    // Reigns begin in the order of their epochs but for deposed leaders that come late; a colour that is reused a few
    // epochs later is told apart by the number beside it.
    (if reigns.is_empty() { epoch } else { before(reigns) } % u64::from(COLOURS)) as u8
}
