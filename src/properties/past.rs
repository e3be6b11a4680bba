//! What a run has shown so far, by value: for who goes on from its midst and judges what comes by the same rules.

use crate::protocol::{Command, NodeId};

/// An entry of a log: its epoch and its command.
type Entry = (u64, Command);

/// The history variables of a run, whoever of those whom they tell of is down by now.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The first leader of each epoch, ascending, with the log with which it was elected; none where a snapshot has cut it.
    pub reigns: Vec<(u64, NodeId, Option<Vec<Entry>>)>,
    /// The committed log, each entry with the epoch up to which those were that knew.
    pub committed: Vec<(Entry, u64)>,
    /// What was proposed first under which position and ballot.
    pub proposed: Vec<(u64, u64, NodeId, Command)>,
    /// What was accepted under which position and ballot, by whom.
    pub accepted: Vec<(u64, u64, NodeId, Command)>,
    /// By node: the highest ballot that it promised.
    pub promised: Vec<u64>,
}
