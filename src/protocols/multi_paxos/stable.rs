//! What a node keeps on its disk: its acceptor's record for all slots, and what it knows to be chosen.

use super::log::Log;
use super::message::Entry;
use super::{Ballot, Slot};
use crate::protocol::{SnapshotRef, Stable};

/// All that survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// "The number of the highest-numbered prepare request to which it has responded" (§2.2), one for all slots; raised
    /// by acceptances and by ballots of its own as well. `maxBal` in Paxos.tla, `ballot_num` in PMMC Figure 4.
    pub promised: Ballot,
    /// What it has accepted in each slot, and what it has learned where it had not accepted that.
    pub log: Log,
    /// Everything up to here it knew to be chosen when it wrote last.
    pub chosen: Slot,
    /// The disk was lost and stands for another one: what that had promised and accepted nobody knows.
    pub lost: bool,
}

/// One write: wholly or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The promise, with every write.
    pub promised: Ballot,
    /// What is known to be chosen, with every write: it costs none of its own.
    pub chosen: Slot,
    /// What becomes of the log.
    pub change: Change,
}

/// What a write does to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Keep,
    /// An acceptance.
    Accept(Entry),
    /// Chosen commands, learned from another node.
    Learn(Vec<Entry>),
    /// A snapshot, the node's own or another's, stands for what it includes.
    Snapshot(SnapshotRef),
}

impl Stable for Disk {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        self.promised = write.promised;
        self.chosen = write.chosen;
        match &write.change {
            Change::Keep => {}
            Change::Accept(entry) => self.log.set(*entry),
            Change::Learn(entries) => entries.iter().for_each(|entry| self.log.set(*entry)),
            Change::Snapshot(snapshot) => self.log.compact(*snapshot),
        }
    }

    fn lost() -> Self {
        Disk { lost: true, ..Disk::default() }
    }
}
