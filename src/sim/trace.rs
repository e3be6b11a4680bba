//! What happened: numbered events, each with the event that caused it, and every message with its two ends.

use super::cluster::Digest;
use crate::growing::Growing;
use crate::protocol::NodeId;
use std::hash::Hasher;

/// What an event was. The first letter of `data` and `aux` says what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum What {
    /// A node starts. `aux` is 1 for a restart.
    Start,
    /// A message arrives and is handled. `data`: message, `aux`: kind, `peer`: sender.
    Arrive,
    /// A message arrives nowhere: the node is down or the link is cut. `data`: message, `aux`: kind.
    Lose,
    /// A timer fires. `aux`: timer.
    Fire,
    /// A client asks `node`. `data`: client. `aux`: 1 when it asks again, 2 more when nobody is there.
    Ask,
    /// The disk has finished writing.
    Write,
    /// Crash.
    Crash,
    /// The state on disk is lost, too; a `Start` follows.
    Wipe,
    /// Pause.
    Pause,
    /// Resume.
    Resume,
    /// The network is divided into groups.
    Partition,
    /// All partitions and cuts are undone.
    Heal,
    /// The link from `node` to `peer` is cut.
    Cut,
    /// The link from `node` to `peer` is joined.
    Join,
    /// A message is dropped by hand or by script. `data`: message.
    Drop,
    /// A message is copied. `data`: the copied message.
    Duplicate,
    /// A message is delayed or held. `data`: message.
    Delay,
    /// A node's messages take longer, or those to `peer` only, when that is another node. `data`: milliseconds.
    Slow,
    /// A node's clock jumps or changes its rate.
    Skew,
    /// A script rule waits for messages to come (drop, duplicate, delay).
    Rule,
    /// What went on by itself waits for a hand.
    Hand,
}

impl What {
    /// Whether it is a step of the node itself, so that it comes after all earlier ones there.
    pub fn local(self) -> bool {
        !matches!(
            self,
            What::Partition
                | What::Heal
                | What::Cut
                | What::Join
                | What::Rule
                | What::Hand
                | What::Lose
                | What::Drop
                | What::Duplicate
                | What::Delay
                | What::Slow
        )
    }
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// The event that caused it; itself, when nothing inside the run did.
    pub cause: u32,
    /// See [`What`].
    pub data: u32,
    /// What it was.
    pub what: What,
    /// Where.
    pub node: NodeId,
    /// The other node, if there is one; else the same.
    pub peer: NodeId,
    /// See [`What`].
    pub aux: u8,
}

/// A message: where it came from, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// The event during which it was sent.
    pub sent: u32,
    /// The event at which it arrived or was lost; [`MessageRecord::IN_FLIGHT`] until then.
    pub ended: u32,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Kind, an index into the protocol's kinds.
    pub kind: u8,
    /// Whether it arrived (1), was lost at sending (2) or later (3); 0 in flight.
    pub fate: u8,
}

impl MessageRecord {
    /// No end yet.
    pub const IN_FLIGHT: u32 = u32::MAX;
}

/// What makes an event worth stopping at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A node begins to lead an epoch.
    Elected { epoch: u64 },
    /// A command becomes known as committed or is decided for the first time anywhere.
    Delivered { position: u64 },
    /// A crash, a restart, a change of the network.
    Fault,
    /// A promised property breaks.
    Violated { property: &'static str },
}

/// An event worth stopping at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its number.
    pub event: u32,
    /// Where.
    pub node: NodeId,
    /// Why.
    pub kind: MarkKind,
}

/// The trace of a run. A clone shares structure; `hash` is the fold of everything recorded.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Events by number.
    pub events: Growing<Event>,
    /// Messages by id.
    pub messages: Growing<MessageRecord>,
    /// Events worth stopping at, in order.
    pub marks: Growing<Mark>,
    hash: Digest,
}

impl Trace {
    /// Adds an event and returns its number.
    pub fn record(&mut self, event: Event) {
        self.hash.mix(event.at);
        let packed = u64::from(event.what as u8)
            | u64::from(event.node.0) << 8
            | u64::from(event.peer.0) << 16
            | u64::from(event.aux) << 24
            | u64::from(event.data) << 32;
        self.hash.mix(packed);
        self.hash.mix(u64::from(event.cause));
        self.events.push(event);
    }

    /// Adds a message, its contents as a digest, and returns its id.
    pub fn send(&mut self, message: MessageRecord, digest: u64) {
        self.hash.mix(digest);
        let packed = u64::from(message.from.0)
            | u64::from(message.to.0) << 8
            | u64::from(message.kind) << 16
            | u64::from(message.fate) << 24
            | u64::from(message.sent) << 32;
        self.hash.mix(packed);
        self.messages.push(message);
    }

    /// The message `id` ends at `event` with `fate`.
    pub fn end(&mut self, id: u32, event: u32, fate: u8) {
        if let Some(message) = self.messages.get_mut(id as usize) {
            message.ended = event;
            message.fate = fate;
        }
    }

    /// A delivered command is part of the trace, too.
    pub fn delivered(&mut self, node: NodeId, position: u64, value: u32) {
        self.hash.mix(position << 8 | u64::from(node.0));
        self.hash.mix(u64::from(value));
    }

    /// The hash of all that was recorded.
    pub fn hash(&self) -> u64 {
        self.hash.finish()
    }
}
