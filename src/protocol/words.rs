//! What protocols and the world around them speak of: nodes, values, commands.

use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A node of the cluster, `0..n`. At most [`MAX_NODES`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u8);

/// The largest cluster that the playground runs.
pub const MAX_NODES: usize = 25;

impl NodeId {
    /// The node as an index into a per-node list.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// All nodes of a cluster of `n`, in order.
    pub fn all(n: usize) -> impl DoubleEndedIterator<Item = NodeId> + Clone {
        debug_assert!(n <= MAX_NODES);
        (0..n as u8).map(NodeId)
    }
}

impl Debug for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// A set of nodes as a bit mask: a vote count, a quorum, a group of a partition.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeSet(pub u32);

impl NodeSet {
    /// Adds `node`; true when it was not there yet.
    pub fn insert(&mut self, node: NodeId) -> bool {
        let before = self.0;
        self.0 |= 1 << node.0;
        before != self.0
    }

    /// Takes `node` out.
    pub fn remove(&mut self, node: NodeId) {
        self.0 &= !(1 << node.0);
    }

    /// Whether `node` is in the set.
    pub fn contains(self, node: NodeId) -> bool {
        self.0 & (1 << node.0) != 0
    }

    /// How many nodes there are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether the set has no node.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The nodes in ascending order.
    pub fn iter(self) -> impl Iterator<Item = NodeId> + Clone {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let node = rest.trailing_zeros() as u8;
            (rest != 0).then(|| {
                rest &= rest - 1;
                NodeId(node)
            })
        })
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = NodeSet::default();
        for node in nodes {
            set.insert(node);
        }
        set
    }
}

impl Debug for NodeSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A majority of `n`: any two majorities share a node, which is what keeps two leaders apart.
pub fn majority(n: usize) -> usize {
    n / 2 + 1
}

/// A string that the world keeps for us, by number. The order of numbers is the order in which the strings
/// first appeared in the run, the same on every platform. Protocols copy and compare values, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Value(pub u32);

/// A change of who belongs to the cluster, one node at a time. As a value of a command it is known by its number, so
/// that a protocol can tell it from what it only copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Membership {
    /// "add n3"
    Add(NodeId),
    /// "remove n3"
    Remove(NodeId),
}

impl Membership {
    /// The members after the change. The last one stays: a cluster of nobody could never change again.
    pub fn applied_to(self, members: NodeSet) -> NodeSet {
        let mut after = members;
        match self {
            Membership::Add(node) => drop(after.insert(node)),
            Membership::Remove(node) => after.remove(node),
        }
        if after.is_empty() { members } else { after }
    }
}

/// The numbers of membership changes: two for each node, below the no-op's.
const MEMBERSHIP: u32 = u32::MAX - 2 * MAX_NODES as u32;

impl From<Membership> for Value {
    fn from(change: Membership) -> Value {
        match change {
            Membership::Add(node) => Value(MEMBERSHIP + 2 * u32::from(node.0)),
            Membership::Remove(node) => Value(MEMBERSHIP + 2 * u32::from(node.0) + 1),
        }
    }
}

impl Value {
    /// The membership change that this number stands for, if it is one.
    pub fn membership(self) -> Option<Membership> {
        let number = self.0.checked_sub(MEMBERSHIP).filter(|_| self.0 != u32::MAX)?;
        let node = NodeId((number / 2) as u8);
        Some(if number % 2 == 0 { Membership::Add(node) } else { Membership::Remove(node) })
    }
}

/// Who asked: a client of the workload or of one `propose` step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u32);

/// What a client asks to be ordered or decided. (`client`, `serial`) names the operation, so that a retry is
/// seen as the same command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Command {
    /// The client that asked.
    pub client: ClientId,
    /// The client's number for the operation, from 1.
    pub serial: u32,
    /// What is asked.
    pub value: Value,
}

impl Command {
    /// The command that does nothing: fills a position, is delivered and never reaches the state machine.
    pub const NOOP: Command = Command { client: ClientId(u32::MAX), serial: 0, value: Value(u32::MAX) };

    /// Whether this is [`Command::NOOP`].
    pub fn is_noop(&self) -> bool {
        *self == Command::NOOP
    }
}

/// The state machine's state after a prefix of the order, kept by the world: who took it and up to where.
/// A protocol passes it on (Raft's InstallSnapshot, VR's NEWSTATE) without looking inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SnapshotRef {
    /// The node that took it.
    pub taken_by: NodeId,
    /// The last position that it includes.
    pub position: u64,
}
