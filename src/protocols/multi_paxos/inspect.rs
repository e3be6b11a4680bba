//! What people see of a node: never read by the algorithm.

use super::message::show;
use super::{Ballot, Config, MultiPaxos, Phase, Slot};
use crate::protocol::{Field, NodeSet, Value, View, Wait};

/// How many of a log's last slots the inspector spells out.
const SHOWN: Slot = 8;

impl MultiPaxos {
    pub(super) fn summary(&self) -> View {
        View {
            role: match self.phase {
                _ if self.lost => "learner",
                Phase::Following => "replica",
                Phase::Preparing { .. } => "proposer",
                Phase::Leading(_) => "leader",
            },
            leads: matches!(self.phase, Phase::Leading(_)),
            epoch: self.promised.0,
            first: self.log.base() + 1,
            last: self.log.last(),
            committed: self.chosen,
            leader: self.leader,
        }
    }

    pub(super) fn variables(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let durable = |name, value| Field { name, value, durable: true };
        let volatile = |name, value| Field { name, value, durable: false };
        let ballot = |ballot: Ballot| if ballot == Ballot::NONE { "none".to_string() } else { ballot.0.to_string() };
        let last = self.log.last();
        let shown = self.log.entries(last.saturating_sub(SHOWN) + 1, last);
        let mut fields = vec![durable("maxBal", ballot(self.promised)), durable("accepted", show(&shown, value))];
        if let Some(snapshot) = self.log.snapshot() {
            fields.push(durable("snapshot", format!("up to {}", snapshot.position)));
        }
        if self.lost {
            fields.push(durable("disk", "lost".to_string()));
        }
        fields.push(volatile("slot_out", (self.chosen + 1).to_string()));
        fields.push(volatile("leader", self.leader.map_or("none".to_string(), |node| node.to_string())));
        fields.push(volatile("seen", ballot(self.seen)));
        match &self.phase {
            Phase::Following => {}
            Phase::Preparing { ballot, promises, reports } => {
                fields.push(volatile("ballot", ballot.0.to_string()));
                fields.push(volatile("promises", format!("{promises:?}")));
                fields.push(volatile("reports", show(reports, value)));
            }
            Phase::Leading(leadership) => {
                let next = self.chosen + leadership.acceptors.len() as Slot + 1;
                fields.push(volatile("ballot", leadership.ballot.0.to_string()));
                fields.push(volatile("slot_in", next.to_string()));
                fields.push(volatile("acceptors", format!("{:?}", leadership.acceptors)));
                fields.push(volatile("heard since check", format!("{:?}", leadership.heard)));
                fields.push(volatile("queue", leadership.queue.len().to_string()));
            }
        }
        fields
    }

    /// A proposer waits for promises, a leader for acceptances; whoever has a later slot for the one that is next.
    pub(super) fn awaited(&self, config: &Config) -> Vec<Wait> {
        let quorum =
            |what, ballot: Ballot, have| vec![Wait::Quorum { what, epoch: ballot.0, have, need: config.quorum }];
        let next = self.chosen + 1;
        let gap = || vec![Wait::Slot { position: next }];
        let filled = self.log.get(next);
        match &self.phase {
            Phase::Preparing { ballot, promises, .. } => quorum("promises", *ballot, *promises),
            Phase::Leading(leadership) => match leadership.acceptors.first() {
                None => Vec::new(),
                Some(NodeSet(0)) => gap(),
                Some(acceptors) => quorum("acceptances", leadership.ballot, *acceptors),
            },
            Phase::Following if filled.is_none() && self.log.last() > next => gap(),
            Phase::Following => Vec::new(),
        }
    }
}
