//! What the broadcasts below total order send to each other.

use crate::protocol::{self, Command, Kind, NodeId, Renaming, Value};
use std::fmt::Debug;
use std::hash::Hash;

/// What a rung of the ladder writes on a message beside its name, to order it by.
pub trait Stamp: Clone + Ord + Hash + Debug + Send + Sync + 'static {
    /// The paper's name and the value, for the inspector; nothing when the rung adds nothing.
    fn field(&self) -> Option<(&'static str, String)>;
}

impl Stamp for () {
    fn field(&self) -> Option<(&'static str, String)> {
        None
    }
}

/// What is broadcast: the papers' message *m*, named by its origin and the origin's number for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter<S> {
    /// Who broadcast it: sender(*m*) of Hadzilacos and Toueg.
    pub origin: NodeId,
    /// The origin's number for it, from 1 without a gap.
    pub number: u64,
    /// What it is ordered by, beside the number.
    pub stamp: S,
    /// What is to be delivered.
    pub command: Command,
}

/// What travels. `RELAYS` says whether the rung passes on what others broadcast.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message<S, const RELAYS: bool> {
    /// The origin sends its own message; `link` is its number on the sender's links.
    Data { link: u64, letter: Letter<S> },
    /// The receiver has the sender's message `link` on its disk.
    Ack { link: u64 },
    /// A node passes on another's message. The book calls this DATA too; the name tells the eyes who sends.
    Relay { link: u64, letter: Letter<S> },
}

impl<S, const RELAYS: bool> Message<S, RELAYS> {
    /// `letter` as `sender` sends it.
    pub fn carrying(sender: NodeId, link: u64, letter: Letter<S>) -> Self {
        if letter.origin == sender { Message::Data { link, letter } } else { Message::Relay { link, letter } }
    }
}

const DATA: Kind = Kind { name: "Data", short: "DATA", reply: false, heartbeat: false };
const ACK: Kind = Kind { name: "Ack", short: "ack", reply: true, heartbeat: true };
const RELAY: Kind = Kind { name: "Relay", short: "RLY", reply: false, heartbeat: false };

impl<S: Stamp, const RELAYS: bool> protocol::Message for Message<S, RELAYS> {
    const KINDS: &'static [Kind] = if RELAYS { &[DATA, ACK, RELAY] } else { &[DATA, ACK] };

    fn kind(&self) -> u8 {
        match self {
            Message::Data { .. } => 0,
            Message::Ack { .. } => 1,
            Message::Relay { .. } => 2,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        match self {
            Message::Data { link, letter } | Message::Relay { link, letter } => {
                let mut fields = vec![
                    ("origin", letter.origin.to_string()),
                    ("number", letter.number.to_string()),
                    ("m", value(letter.command.value)),
                ];
                fields.extend(letter.stamp.field());
                fields.push(("link", link.to_string()));
                fields
            }
            Message::Ack { link } => vec![("link", link.to_string())],
        }
    }

    /// A stamp must not name any: causal broadcast, whose does, tells its nodes apart.
    fn rename(&mut self, names: &Renaming) {
        if let Message::Data { letter, .. } | Message::Relay { letter, .. } = self {
            letter.origin = names.node(letter.origin);
        }
    }
}
