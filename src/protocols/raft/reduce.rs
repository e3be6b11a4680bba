//! What the checker may take for the same: states that differ in what nothing reads, and in the names of nodes.

use super::{Config, Raft, RaftMessage, Role, Variant};
use crate::protocol::{NodeSet, Renaming};

impl Raft {
    /// Without the quorum check nobody reads whom a leader heard, and without PreVote either nobody reads which leader is
    /// heard, but to send a client there. What is under way is read by the window, which short logs never fill, and by
    /// a probe that ends.
    pub(super) fn forget_unread(&mut self, config: &Config) {
        if !config.check_quorum && !config.pre_vote && config.lease.is_none() {
            self.leader = None;
        }
        let short = self.log.last_index() < config.max_in_flight;
        if let Role::Leader(leadership) = &mut self.role {
            if !config.check_quorum {
                leadership.heard = NodeSet::default();
            }
            for progress in leadership.peers.iter_mut().filter(|progress| short && !progress.probing) {
                progress.in_flight.clear();
            }
        }
    }

    /// Terms do not go back, so that what belongs to an earlier one is refused for ever. A vote is given once a term, to
    /// one candidate; a candidate or leader of a term is that once. R6 alone reads answers of old.
    pub(super) fn has_outgrown(&self, config: &Config, message: &RaftMessage) -> bool {
        use RaftMessage::{AppendEntries, AppendEntriesResponse, RequestVote, RequestVoteResponse};
        match *message {
            RequestVote { term, candidate_id, .. } => {
                term < self.current_term
                    || term == self.current_term && self.voted_for.is_some_and(|voted| voted != candidate_id)
            }
            RequestVoteResponse { term, .. } => {
                term < self.current_term || term == self.current_term && !matches!(self.role, Role::Candidate { .. })
            }
            AppendEntries { term, .. } => term < self.current_term,
            AppendEntriesResponse { .. } if config.variant == Variant::CountOldAnswers => false,
            AppendEntriesResponse { term, .. } => {
                term < self.current_term || term == self.current_term && !matches!(self.role, Role::Leader(_))
            }
            _ => false,
        }
    }

    pub(super) fn rename_nodes(&mut self, names: &Renaming) {
        self.me = names.node(self.me);
        self.voted_for = self.voted_for.map(|node| names.node(node));
        self.leader = self.leader.map(|node| names.node(node));
        self.members = names.set(self.members);
        match &mut self.role {
            Role::Follower => {}
            Role::PreCandidate { votes } | Role::Candidate { votes } => *votes = names.set(*votes),
            Role::Leader(leadership) => {
                leadership.heard = names.set(leadership.heard);
                leadership.newcomer = leadership.newcomer.map(|(node, index)| (names.node(node), index));
                names.list(&mut leadership.peers);
            }
        }
    }
}

impl Config {
    /// Whether no more than elections and replication take place, and terms and votes are kept: what the reductions by
    /// messages rest on. (R7 writes the term late, but in the same step: a crash before leaves a node that has not taken
    /// the term on.)
    pub(super) fn plain(&self) -> bool {
        let keeps_votes = self.variant != Variant::VolatileTermAndVote;
        !self.pre_vote && !self.check_quorum && self.lease.is_none() && keeps_votes
    }
}

impl RaftMessage {
    /// A refused vote, or the refusal of an old leader's entries, tells its receiver of a later term. A node that does
    /// not know of it takes the same steps in that term as soon as a message of it comes; and to the terms behind it
    /// comes by standing for one after the other, unheard.
    pub(super) fn only_hurries(&self) -> bool {
        match *self {
            RaftMessage::RequestVoteResponse { vote_granted, .. } => !vote_granted,
            RaftMessage::AppendEntriesResponse { success, conflict_term, conflict_index, .. } => {
                !success && (conflict_term, conflict_index) == (0, 0)
            }
            _ => false,
        }
    }
}
