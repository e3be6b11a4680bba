//! What a world is made of, and what is told of it.

use super::clock::Clock;
use super::cluster::Action as Act;
use super::queue::Entry;
use crate::protocol::NodeId;
use std::collections::VecDeque;

/// What is kept while a run runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Events, messages and causes.
    pub trace: bool,
    /// Facts, properties and the ledger.
    pub properties: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { trace: true, properties: true }
    }
}

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// `stop.at_ms` was reached.
    Time,
    /// `stop.events`, or the engine's bound, was reached.
    Events,
    /// Nothing more can come but heartbeats.
    Quiescent,
    /// The script is done, and nothing moves by itself.
    Idle,
    /// A step of the script cannot be done; a sentence that names it.
    Refused(String),
}

impl Ended {
    /// The word of the report.
    pub fn word(&self) -> &'static str {
        match self {
            Ended::Time => "time",
            Ended::Events => "events",
            Ended::Quiescent => "quiescent",
            Ended::Idle => "idle",
            Ended::Refused(_) => "error",
        }
    }
}

/// A stretch during which a node believed that it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reign {
    /// Who.
    pub node: NodeId,
    /// Which epoch.
    pub epoch: u64,
    /// From when, µs.
    pub from: u64,
    /// Until when, µs; `None` while it lasts.
    pub to: Option<u64>,
}

/// An armed timer of a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Armed {
    pub on: bool,
    /// When the node's clock will show so much. In the asynchronous model: true time.
    pub local: u64,
    /// When that is.
    pub at: u64,
    /// When it was armed, for the arc that a person sees.
    pub since: u64,
    /// Its number in the queue.
    pub seq: u64,
    /// The number of the entry in the queue that will look at it, 0 when there is none, and its time. Arming a
    /// timer again for later leaves the entry where it is: it moves on when its time has come.
    pub queued: u64,
    pub queued_at: u64,
    /// The event that armed it.
    pub cause: u32,
}

pub(super) const TIMERS: usize = 8;

/// A node as the world sees it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub up: bool,
    pub paused: bool,
    pub clock: Clock,
    pub timers: [Armed; TIMERS],
    /// Effects that wait for the disk, each with the event that asked for it.
    pub outbox: VecDeque<(Act, u32)>,
    /// How many of the outbox the write under way covers, and its number in the queue.
    pub writing: Option<(usize, u64)>,
    /// What came while it was paused.
    pub inbox: Vec<Entry>,
    pub leads: Option<usize>,
}

/// What became of the messages of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Handed to the network (a copy made by the network is not counted).
    pub sent: u64,
    /// Arrived.
    pub delivered: u64,
    /// Lost, for whatever reason.
    pub dropped: u64,
}
