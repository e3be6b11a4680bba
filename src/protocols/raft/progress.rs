//! What a leader knows of its followers: "volatile state on leaders, reinitialized after election" (Fig. 2).

use super::Index;
use crate::protocol::{Command, MAX_NODES, NodeId, NodeSet, majority};
use std::collections::VecDeque;

/// A leader's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leadership {
    /// The first index of the leader's own term: from here on entries commit by counting replicas.
    pub term_start: Index,
    /// Who answered in this term since the last check of the quorum.
    pub heard: NodeSet,
    /// By node; the leader's own place is not used.
    pub peers: Vec<Progress>,
    /// A membership change that a client asked for and that may not be made yet.
    pub change: Option<Command>,
    /// Who is to be added, and up to which index it must have the log before.
    pub newcomer: Option<(NodeId, Index)>,
    /// The number of the last round of heartbeats, under leases.
    pub round: u32,
    /// Rounds that no majority has acknowledged: their numbers, and when they began by the leader's own clock, µs.
    pub rounds: VecDeque<(u32, u64)>,
    /// Reads are answered at once until the leader's own clock shows this, µs.
    pub lease_until: u64,
}

/// How far one follower is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    /// "Index of highest log entry known to be replicated on server".
    pub match_index: Index,
    /// "Index of the next log entry to send to that server"; ahead of the answers while the follower follows.
    pub next_index: Index,
    /// Whether the logs have yet to meet: then one AppendEntries is under way at a time.
    pub probing: bool,
    /// The last index of each message with entries that is not answered, ascending; while probing, of the probe.
    pub in_flight: VecDeque<Index>,
    /// Heartbeats since entries were sent and nothing more was acknowledged.
    pub overdue: u8,
    /// Heartbeats in a row without a granted answer since the one before.
    pub silent: u8,
    /// The latest round of heartbeats that it acknowledged, under leases.
    pub round: u32,
}

/// Heartbeats without progress after which entries are taken to be lost.
pub const PATIENCE: u8 = 2;

impl Leadership {
    /// A new leader's, whose log ended at `last`: "when a leader first comes to power, it initializes all nextIndex
    /// values to the index just after the last one in its log" (§5.3).
    pub fn new(nodes: u8, last: Index) -> Self {
        let progress = Progress { next_index: last + 1, probing: true, ..Progress::default() };
        Leadership {
            term_start: last + 1,
            heard: NodeSet::default(),
            peers: std::iter::repeat_n(progress, usize::from(nodes)).collect(),
            change: None,
            newcomer: None,
            round: 0,
            rounds: VecDeque::new(),
            lease_until: 0,
        }
    }

    /// The highest index that the logs of a majority of `members` hold, the leader's own up to `last` among them if it
    /// is one.
    pub fn majority_match(&self, me: NodeId, last: Index, members: NodeSet) -> Index {
        let mut matched = [0; MAX_NODES];
        let matched = &mut matched[..members.len()];
        for (slot, node) in matched.iter_mut().zip(members.iter()) {
            *slot = if node == me { last } else { self.peers[node.index()].match_index };
        }
        crate::sorting::sort(matched);
        // Of n in ascending order, a majority is at least as high as the one with majority - 1 above it.
        matched[matched.len() - majority(matched.len())]
    }
}

impl Progress {
    /// The follower's log matches the leader's up to `index`. True when that is news.
    pub fn matched(&mut self, index: Index) -> bool {
        self.silent = 0;
        if self.probing && index + 1 >= self.next_index {
            // The logs have met: what follows what is under way may be sent ahead of its answer.
            self.probing = false;
            self.next_index = self.in_flight.back().map_or(index, |end| index.max(*end)) + 1;
        }
        if index <= self.match_index {
            return false;
        }
        self.match_index = index;
        self.overdue = 0;
        while self.in_flight.front().is_some_and(|end| *end <= index) {
            self.in_flight.pop_front();
        }
        self.next_index = self.next_index.max(index + 1);
        true
    }

    /// Starts over from `next`, one AppendEntries at a time.
    pub fn probe_from(&mut self, next: Index) {
        self.probing = true;
        self.next_index = next;
        self.in_flight.clear();
        self.overdue = 0;
    }

    /// The one message that is under way while probing brings the follower up to `end`.
    pub fn probe_carries(&mut self, end: Index) {
        self.in_flight.clear();
        self.in_flight.push_back(end);
    }

    /// A heartbeat is due: finds out whether what was sent is lost.
    pub fn beat(&mut self) {
        self.silent = self.silent.saturating_add(1);
        if self.next_index > self.match_index + 1 {
            self.overdue = self.overdue.saturating_add(1);
        } else {
            self.overdue = 0;
        }
        if !self.probing && self.overdue >= PATIENCE {
            self.probe_from(self.match_index + 1);
        }
    }
}
