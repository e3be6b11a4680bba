//! What people see of a node: never read by the algorithm.

use super::message::Entry;
use super::{Index, Raft, Role};
use crate::protocol::{Field, NodeId, NodeSet, Value, View, Wait};
use std::fmt::Write as _;

/// How many of a log's last entries the inspector spells out.
const SHOWN: Index = 12;

impl Raft {
    pub(super) fn summary(&self) -> View {
        View {
            role: match self.role {
                Role::Follower => "follower",
                Role::PreCandidate { .. } => "pre-candidate",
                Role::Candidate { .. } => "candidate",
                Role::Leader(_) => "leader",
            },
            leads: matches!(self.role, Role::Leader(_)),
            epoch: self.current_term.into(),
            first: u64::from(self.log.base()) + 1,
            last: self.log.last_index().into(),
            committed: self.commit_index.into(),
            leader: self.leader,
        }
    }

    pub(super) fn variables(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let durable = |name, value| Field { name, value, durable: true };
        let volatile = |name, value| Field { name, value, durable: false };
        let mut fields = vec![
            durable("currentTerm", self.current_term.to_string()),
            durable("votedFor", show_node(self.voted_for)),
            durable("log[]", self.show_log(value)),
        ];
        if self.log.snapshot().is_some() {
            fields.push(durable("lastIncludedIndex", self.log.base().to_string()));
            fields.push(durable("lastIncludedTerm", self.log.base_term().to_string()));
        }
        fields.push(volatile("commitIndex", self.commit_index.to_string()));
        fields.push(volatile("lastApplied", self.commit_index.to_string()));
        fields.push(volatile("leader", show_node(self.leader)));
        fields.push(volatile("members", format!("{:?}", self.members)));
        match &self.role {
            Role::Follower => {}
            Role::PreCandidate { votes } => fields.push(volatile("pre-votes", format!("{votes:?}"))),
            Role::Candidate { votes } => fields.push(volatile("votes", format!("{votes:?}"))),
            Role::Leader(leadership) => {
                let list = |of: &dyn Fn(&super::Progress) -> String| {
                    let peers = leadership.peers.iter().enumerate().filter(|(node, _)| *node != self.me.index());
                    peers.map(|(node, progress)| format!("n{node}: {}", of(progress))).collect::<Vec<_>>().join(", ")
                };
                fields.push(volatile("nextIndex[]", list(&|p| p.next_index.to_string())));
                fields.push(volatile("matchIndex[]", list(&|p| p.match_index.to_string())));
                fields.push(volatile("in flight", list(&|p| p.in_flight.len().to_string())));
                fields.push(volatile("probing", list(&|p| p.probing.to_string())));
                fields.push(volatile("heard since check", format!("{:?}", leadership.heard)));
                if leadership.round > 0 {
                    fields.push(volatile("lease until", format!("{} ms", leadership.lease_until / 1000)));
                }
            }
        }
        fields
    }

    fn show_log(&self, value: &dyn Fn(Value) -> String) -> String {
        let last = self.log.last_index();
        let first = last.saturating_sub(SHOWN).max(self.log.base()) + 1;
        let mut text = String::new();
        if first > 1 {
            let _ = write!(text, "… ");
        }
        for index in first..=last {
            if let Some(Entry { term, command }) = self.log.get(index) {
                let what = if command.is_noop() { "no-op".to_string() } else { value(command.value) };
                let comma = if index == first { "" } else { ", " };
                let _ = write!(text, "{comma}{index}: {what} (term {term})");
            }
        }
        text
    }

    /// A candidate waits for votes, a leader with entries that are not committed for acknowledgements.
    pub(super) fn awaited(&self) -> Vec<Wait> {
        let quorum = |what, epoch: u32, have: NodeSet| {
            vec![Wait::Quorum { what, epoch: epoch.into(), have, need: self.majority() }]
        };
        match &self.role {
            Role::Follower => Vec::new(),
            Role::PreCandidate { votes } => quorum("pre-votes", self.current_term + 1, *votes),
            Role::Candidate { votes } => quorum("votes", self.current_term, *votes),
            Role::Leader(_) if self.commit_index >= self.log.last_index() => Vec::new(),
            Role::Leader(leadership) => {
                // What would commit next: the first entry of the leader's own term that is not committed.
                let next = (self.commit_index + 1).max(leadership.term_start);
                let has = |node: &NodeId| *node == self.me || leadership.peers[node.index()].match_index >= next;
                let have = self.members.iter().filter(has).collect();
                quorum("acknowledgements", self.current_term, have)
            }
        }
    }
}

fn show_node(node: Option<NodeId>) -> String {
    node.map_or("none".to_string(), |node| node.to_string())
}
