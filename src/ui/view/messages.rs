//! The messages in flight, as a list: what the canvas shows, for those who do not look at it.

use crate::protocol::NodeId;
use crate::sim::{Flight, World};
use crate::sorting::sort_by_key;

/// At most so many are listed.
pub const MOST: usize = 100;

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its id.
    pub id: u32,
    /// Kind.
    pub kind: &'static str,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Whether it waits for a hand.
    pub held: bool,
    /// In how many ms it arrives.
    pub in_ms: u64,
    /// Its fields by the paper's names.
    pub fields: String,
}

/// The list.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Messages {
    /// The oldest first.
    pub lines: Vec<Line>,
    /// Whether they are by receiver, because they wait there for a hand.
    pub inboxes: bool,
    /// How many there are beyond those.
    pub more: usize,
}

impl Messages {
    /// The messages in flight at the moment `shown`.
    pub fn of(world: &World, shown: u64) -> Messages {
        let mut flights: Vec<_> = world.flights().collect();
        let inboxes = world.network().manual();
        sort_by_key(&mut flights, |(_, flight)| (if inboxes { flight.to.0 } else { 0 }, flight.id));
        let more = flights.len().saturating_sub(MOST);
        let lines = flights.into_iter().take(MOST).map(|(slot, flight)| line(world, shown, slot, flight));
        Messages { lines: lines.collect(), inboxes, more }
    }

    /// The message `id`, if it is still in flight.
    pub fn one(world: &World, shown: u64, id: u32) -> Option<Line> {
        let (slot, flight) = world.flights().find(|(_, flight)| flight.id == id)?;
        Some(line(world, shown, slot, flight))
    }
}

fn line(world: &World, shown: u64, slot: u32, flight: &Flight) -> Line {
    let show = |value| world.values().show(value);
    Line {
        id: flight.id,
        kind: world.cluster().kinds().get(usize::from(flight.kind)).map_or("message", |kind| kind.name),
        from: flight.from,
        to: flight.to,
        held: flight.held,
        in_ms: flight.arrives_at.saturating_sub(shown) / 1000,
        fields: fields(&world.cluster().message_fields(slot, &show)),
    }
}

/// "term 3, prevLogIndex 4".
pub fn fields(fields: &[(&'static str, String)]) -> String {
    fields.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}
