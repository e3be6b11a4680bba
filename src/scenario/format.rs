//! A scenario as the simulator reads it: typed, integers only, every value within [`bounds`].
//!
//! Times are virtual microseconds. A file gives whole milliseconds (the disk's times excepted), probabilities are
//! parts per million. What the chosen network model has no use for has the value that the model implies: no
//! drift, no loss, GST at 0.

use crate::protocol::{Info, NodeId, NodeSet, SettingValue};

/// The largest values that a scenario, a recording or a link may have.
pub mod bounds {
    /// Bytes of a scenario file.
    pub const FILE_BYTES: usize = 1 << 20;
    /// Characters of a link, from its `#`.
    pub const LINK_BYTES: usize = 64 << 10;
    /// Characters of a recording that the page and its second program hand to each other.
    pub const CARRIED_BYTES: usize = 4 * FILE_BYTES;
    /// Steps of a script; also interventions of a recording.
    pub const STEPS: usize = 100_000;
    /// Events of a run.
    pub const EVENTS: u64 = 2_000_000;
    /// The latest moment that a scenario may name: a day.
    pub const AT_MS: u64 = 86_400_000;
    /// Bytes of a proposed value.
    pub const VALUE_BYTES: usize = 256;
    /// Characters of a title.
    pub const TITLE_CHARS: usize = 200;
    /// Δ, the least delay, and what a link may be slowed by: ten minutes.
    pub const DELAY_MS: u64 = 600_000;
    /// Rate of a clock against real time: a tenth faster or slower.
    pub const DRIFT_PPM: u32 = 100_000;
    /// A certain event, in parts per million.
    pub const MILLION: u32 = 1_000_000;
    /// A disk write: one second.
    pub const DISK_US: u64 = 1_000_000;
    /// Clients of the workload.
    pub const CLIENTS: u16 = 100;
    /// Operations of one client.
    pub const OPERATIONS: u32 = 1_000_000;
    /// Think time and time-out of a client: an hour.
    pub const CLIENT_MS: u64 = 3_600_000;
    /// A message count of a step.
    pub const COUNT: u32 = 1_000_000;
}

/// One reproducible run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// For people; may be empty.
    pub title: String,
    /// The protocol's card in the registry.
    pub info: &'static Info,
    /// `correct`, or the id of one of the card's variants.
    pub variant: &'static str,
    /// Nodes in the cluster, 1..=25.
    pub nodes: u8,
    /// Where all of the run's randomness comes from.
    pub seed: u64,
    /// The settings that were given, in the order in which the card declares them; the rest have their defaults.
    pub settings: Vec<(&'static str, SettingValue)>,
    /// How messages and clocks behave.
    pub network: Network,
    /// How long a write takes.
    pub disk: Disk,
    /// The workload, if there is one.
    pub clients: Option<Clients>,
    /// What is done to the run.
    pub script: Vec<Step>,
    /// When the run ends.
    pub stop: Stop,
}

/// The network model: what a protocol may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// Every delay is at most Δ, and Δ is told.
    Synchronous,
    /// From GST on every delay is at most Δ; neither is told (Dwork, Lynch and Stockmeyer).
    PartiallySynchronous,
    /// Delays are finite, with no bound.
    Asynchronous,
}

/// Who picks the next delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheduler {
    /// The seed.
    Random,
    /// A person, or the script.
    Manual,
    /// Who wants the protocol never to finish; the asynchronous model only.
    Adversary,
}

/// How messages and clocks behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The model.
    pub model: Model,
    /// The least delay of a message, µs; at most `delta_us` where the model has a Δ.
    pub min_us: u64,
    /// Δ in µs; 0 in the asynchronous model, which has none.
    pub delta_us: u64,
    /// GST in µs; 0 where the model has none.
    pub gst_us: u64,
    /// ρ: every clock's rate is within 1 ± this, parts per million; partially synchronous only.
    pub drift_ppm: u32,
    /// Probability that a message is lost (before GST, where the model has one).
    pub loss_ppm: u32,
    /// Probability that a message arrives twice (before GST, where the model has one).
    pub duplication_ppm: u32,
    /// Who picks the next delivery.
    pub scheduler: Scheduler,
}

/// How long a write takes, µs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disk {
    /// At least this.
    pub min_us: u64,
    /// At most this.
    pub max_us: u64,
}

impl Network {
    /// The asynchronous model, in which nothing is lost or doubled.
    pub fn asynchronous(min_us: u64, scheduler: Scheduler) -> Network {
        let (delta_us, gst_us, drift_ppm, loss_ppm, duplication_ppm) = Default::default();
        let model = Model::Asynchronous;
        Network { model, min_us, delta_us, gst_us, drift_ppm, loss_ppm, duplication_ppm, scheduler }
    }
}

impl Default for Disk {
    fn default() -> Self {
        Disk { min_us: 100, max_us: 500 }
    }
}

/// What the replicated state machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateMachine {
    /// Append values.
    Log,
    /// Read, write, compare and set.
    Register,
    /// Get, put, compare and set, per key.
    Kv,
}

/// A workload: clients that each do one operation after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clients {
    /// How many clients.
    pub count: u16,
    /// How many operations each of them does.
    pub operations: u32,
    /// What they operate on.
    pub state_machine: StateMachine,
    /// Pause between an answer and the next operation, µs.
    pub think_us: u64,
    /// A client that waited this long for an answer asks another node, µs.
    pub timeout_us: u64,
}

/// One step of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, µs; without it, as soon as the step before it is done. Times never decrease along a script.
    pub at_us: Option<u64>,
    /// What.
    pub verb: Verb,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A client submits `value` at `node`.
    Propose { node: NodeId, value: String },
    /// `node` stops.
    Crash { node: NodeId },
    /// `node` starts again, from its disk or from an empty one.
    Restart { node: NodeId, disk_lost: bool },
    /// `node` does nothing until it is resumed; what arrives meanwhile waits.
    Pause { node: NodeId },
    /// `node` goes on.
    Resume { node: NodeId },
    /// Only nodes of one group reach each other. Groups are disjoint and none is empty; nodes that no group names
    /// form a group of their own.
    Partition { groups: Vec<NodeSet> },
    /// Every partition and every cut ends.
    Heal,
    /// Nothing gets from `from` to `to` any more.
    Cut { from: NodeId, to: NodeId },
    /// Messages get from `from` to `to` again.
    Join { from: NodeId, to: NodeId },
    /// Messages in flight are lost.
    Drop { pattern: Pattern, count: Count },
    /// Messages in flight arrive twice.
    Duplicate { pattern: Pattern, count: Count },
    /// Messages in flight arrive later.
    Delay { pattern: Pattern, count: Count, by_us: u64 },
    /// Whatever `node` sends or receives from now on takes so much longer; 0 makes it as fast as it was.
    Slow { node: NodeId, by_us: u64 },
    /// Whatever `from` sends to `to` from now on takes so much longer; 0 makes the link as fast as it was.
    SlowLink { from: NodeId, to: NodeId, by_us: u64 },
    /// `node`'s clock jumps by `by_us` and from now on runs `ppm` faster (slower when negative).
    Skew { node: NodeId, by_us: i64, ppm: i32 },
    /// Messages in flight arrive now. Manual scheduler only.
    Deliver { pattern: Pattern, count: Count },
    /// `node`'s timer fires now; `timer` is its index in the protocol's `Timer::ALL`. Manual scheduler only.
    Fire { node: NodeId, timer: u8 },
    /// Everything in flight arrives, and what that sends, without any timer. Manual scheduler only.
    Settle,
}

/// Which messages: those that agree in all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Sent by this node.
    pub from: Option<NodeId>,
    /// Sent to this node.
    pub to: Option<NodeId>,
    /// Of this kind: an index into the protocol's `Message::KINDS`.
    pub kind: Option<u8>,
    /// Of those that fit, the oldest so many are left out.
    pub skip: u32,
}

/// How many of the messages that match, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// So many.
    Number(u32),
    /// All that are in flight.
    All,
}

/// When the run ends: at whichever comes first. At least one is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stop {
    /// At this time, µs.
    pub at_us: Option<u64>,
    /// After so many events; [`bounds::EVENTS`] holds in any case.
    pub events: Option<u64>,
    /// When nothing more can come but heartbeats.
    pub quiescent: bool,
}

impl Stop {
    /// The number of events after which the run ends in any case.
    pub fn max_events(&self) -> u64 {
        self.events.unwrap_or(bounds::EVENTS).min(bounds::EVENTS)
    }
}
