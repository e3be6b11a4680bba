//! What can happen to a node, and what it leads to, as numbers of a [`Core`](super::core::Core).

use crate::protocol::*;

/// A message with its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// The message's number.
    pub message: u32,
}

/// What can happen to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The letter numbered so arrives.
    Deliver(u32),
    /// A timer fires.
    Fire(u8),
    /// The command numbered so is asked for.
    Ask(u8),
    /// It crashes; where restarts are fused, it is up again at once.
    Crash,
    /// It comes back from its disk.
    Restart,
    /// It crashes, loses its disk, and is up again at once.
    Wipe,
}

impl Event {
    /// A number of its own among the events of one node.
    pub(super) fn code(self) -> u32 {
        match self {
            Event::Deliver(letter) => letter,
            Event::Fire(timer) => 1 << 28 | u32::from(timer),
            Event::Ask(command) => 2 << 28 | u32::from(command),
            Event::Crash => 3 << 28,
            Event::Restart => 4 << 28,
            Event::Wipe => 5 << 28,
        }
    }
}

/// What an event led to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The node after.
    pub member: u32,
    /// The letters that it sent.
    pub letters: Box<[u32]>,
    /// What it told, 0 for nothing.
    pub told: u32,
    /// Whether it costs a crash.
    pub crashes: bool,
    /// Whether nothing but a count of time-outs may have changed at the node.
    pub idle: bool,
    /// The answers that its choices got, each with the number of alternatives.
    pub answers: Box<[(u32, u32)]>,
    /// When a crash cut the handler: how many writes were done by then.
    pub cut: Option<u32>,
}

impl Outcome {
    /// A step in which the node becomes `member`, and nothing else happens.
    pub(super) fn plain(member: u32) -> Self {
        Outcome {
            member,
            letters: Box::default(),
            told: 0,
            crashes: false,
            idle: false,
            answers: Box::default(),
            cut: None,
        }
    }
}
