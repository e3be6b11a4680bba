//! What the monitors are told of a run: observations, in the order in which they happen.

use crate::protocol::{ClientId, Command, Fact, NodeId, NodeSet, SnapshotRef, Value};

/// When something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The number of the event that is being executed.
    pub event: u32,
    /// Virtual time in microseconds.
    pub at: u64,
}

/// What a client operation does to the state machine. A register is the object without a key; in a `kv` each key is
/// a register of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// The key, in a `kv`.
    pub key: Option<Value>,
    /// What is done to it.
    pub action: Action,
}

/// What is done to a register or a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read the register.
    Read,
    /// Write it.
    Write(Value),
    /// Write the second if the register holds the first (`None`: nothing was ever written).
    Cas(Option<Value>, Value),
    /// Append to the log.
    Append(Value),
}

/// What the state machine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// Done; fits every operation, and says nothing about the state.
    Done,
    /// What a read saw.
    Read(Option<Value>),
    /// Whether a compare-and-swap took place.
    Swapped(bool),
    /// How many appends the log has had, this one included.
    Length(u64),
}

/// How a client operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was acknowledged with this reply.
    Ok(Reply),
    /// It never took effect and never will.
    Fail,
    /// The client gave up: it may take effect at any later time, or never.
    Unknown,
}

/// One thing that a property may want to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A client hands `command` to `node`, for the first time or again: the node broadcasts or proposes it.
    Request { node: NodeId, command: Command },
    /// `node` handed `command` to its application at `position`. `repeat`: the state machine has applied this
    /// (client, serial) before and leaves it out.
    Delivered { node: NodeId, position: u64, command: Command, repeat: bool },
    /// A history variable of the protocol.
    Fact { node: NodeId, fact: Fact },
    /// The node crashed.
    Crashed { node: NodeId },
    /// The node is about to boot again: what was known of its log, epoch and delivered list is forgotten, and its
    /// boot tells anew.
    Restarted { node: NodeId, disk_lost: bool },
    /// The node kept its application's state after `position`.
    SnapshotTaken { node: NodeId, position: u64 },
    /// The node replaced its application's state; its delivered prefix now ends at the snapshot's position.
    SnapshotInstalled { node: NodeId, from: SnapshotRef },
    /// The node stands still.
    Paused { node: NodeId },
    /// The node goes on.
    Resumed { node: NodeId },
    /// The network changed by a fault or by its end: partition, cut, heal, slow, …
    Disturbed,
    /// A client begins an operation. Told once per (client, serial), before the first [`Observation::Request`] of
    /// it; every command that changes the state machine is told so, those of `propose` steps too.
    Invoked { client: ClientId, serial: u32, operation: Operation },
    /// The client's operation ended. Told once at most.
    Returned { client: ClientId, serial: u32, outcome: Outcome },
}

/// What liveness is judged by, as the world knows it at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// Within how many microseconds something pending must be done once conditions are good; `None` where the
    /// model gives no bound (asynchronous).
    pub bound_us: Option<u64>,
    /// Since when conditions have been good without a break, in µs: GST has passed, what the protocol needs is up
    /// and connected, no fault acts on those nodes. `None`: they are not good now.
    pub good_since: Option<u64>,
    /// Nodes that are up and neither crashed nor paused.
    pub up: NodeSet,
    /// Those of them that are connected to what the protocol needs: only they owe progress.
    pub connected: NodeSet,
    /// Nothing is in flight and no timer is armed: what is pending now would stay so for ever.
    pub quiescent: bool,
    /// Why no progress is possible, if the diagnosis found a reason.
    pub stalled_why: Option<&'a str>,
    /// Whether progress is promised in this run: protocol and model promise liveness, and no assumption that it
    /// rests on is broken (ledger). In the asynchronous model true only for protocols that are live there.
    pub promised: bool,
}
