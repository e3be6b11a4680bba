//! What a Raft node keeps on its disk, "updated on stable storage before responding to RPCs" (Fig. 2).

use super::log::Log;
use super::message::Entries;
use super::{Index, Term};
use crate::protocol::{NodeId, NodeSet, Renaming, SnapshotRef, Stable};

/// The disk of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RaftStable {
    /// "Latest term server has seen".
    pub current_term: Term,
    /// "CandidateId that received vote in current term".
    pub voted_for: Option<NodeId>,
    /// `log[]`, and the snapshot that stands for its beginning.
    pub log: Log,
}

/// One write to the disk: both parts or none.
#[derive(Clone, Debug)]
pub struct Write {
    /// `currentTerm` and `votedFor`, when one of them changed.
    pub vote: Option<(Term, Option<NodeId>)>,
    /// What becomes of the log.
    pub change: Change,
}

/// What a write does to the log.
#[derive(Clone, Debug)]
pub enum Change {
    /// Nothing.
    Keep,
    /// `entries` stand from `first` on; what stood there and behind is gone.
    Entries { first: Index, entries: Entries },
    /// The node's own snapshot replaces what it includes.
    Compact { snapshot: SnapshotRef, term: Term, members: Option<NodeSet> },
    /// A leader's snapshot replaces what it includes, or the whole log.
    Install { snapshot: SnapshotRef, term: Term, members: Option<NodeSet> },
}

impl Stable for RaftStable {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        if let Some((current_term, voted_for)) = write.vote {
            self.current_term = current_term;
            self.voted_for = voted_for;
        }
        match &write.change {
            Change::Keep => {}
            Change::Entries { first, entries } => self.log.replace_from(*first, entries),
            Change::Compact { snapshot, term, members } => self.log.compact(*snapshot, *term, *members),
            Change::Install { snapshot, term, members } => self.log.install(*snapshot, *term, *members),
        }
    }

    fn rename(&mut self, names: &Renaming) {
        self.voted_for = self.voted_for.map(|node| names.node(node));
    }
}
