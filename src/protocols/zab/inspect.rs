//! What people see of a node: never read by the algorithm.

use super::message::show;
use super::{Config, Mode, Phase, State, Zab};
use crate::protocol::{Field, NodeId, NodeSet, Value, View, Wait};

impl Zab {
    fn mode(&self) -> Mode {
        match self.state {
            State::Looking(_) => Mode::Looking,
            State::Following(_) => Mode::Following,
            State::Leading(_) => Mode::Leading,
        }
    }

    pub(super) fn summary(&self) -> View {
        View {
            role: self.mode().name(),
            leads: self.primary(),
            epoch: self.accepted_epoch.into(),
            first: 1,
            last: self.history.last().into(),
            committed: self.committed.into(),
            leader: match &self.state {
                State::Looking(_) => None,
                State::Following(following) => Some(following.leader),
                State::Leading(_) => Some(self.me),
            },
        }
    }

    pub(super) fn variables(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let durable = |name, value| Field { name, value, durable: true };
        let volatile = |name, value| Field { name, value, durable: false };
        let promised = self.promised_to.map_or(String::new(), |leader| format!(", promised to {leader}"));
        let mut fields = vec![
            durable("acceptedEpoch", format!("{}{promised}", self.accepted_epoch)),
            durable("currentEpoch", self.current_epoch.to_string()),
            durable("history", show(&self.history.behind(0), value)),
            volatile("committed", self.history.zxid(self.committed).to_string()),
            volatile("state", self.mode().name().to_string()),
        ];
        let phase = |phase| match phase {
            Phase::Discovery => "Discovery".to_string(),
            Phase::Synchronization => "Synchronization".to_string(),
            Phase::Broadcast => "Broadcast".to_string(),
        };
        let set = |name, nodes: NodeSet| volatile(name, format!("{nodes:?}"));
        match &self.state {
            State::Looking(election) => {
                fields.push(volatile("round", self.round.to_string()));
                fields.push(volatile("vote", election.vote.leader.to_string()));
            }
            State::Following(following) => {
                fields.push(volatile("phase", phase(following.phase)));
                fields.push(volatile("leader", following.leader.to_string()));
            }
            State::Leading(leadership) => {
                fields.push(volatile("phase", phase(leadership.phase)));
                fields.push(set("CEPOCH of", leadership.cepoch));
                fields.push(set("ACK-E of", leadership.promised));
                fields.push(set("NEWLEADER sent to", leadership.proposed));
                fields.push(set("ACK-LD of", leadership.synced));
            }
        }
        fields
    }

    /// An election waits for votes; a leader for the quorum of its phase, then of its first transaction that is not
    /// committed; a follower for its leader.
    pub(super) fn awaited(&self, config: &Config) -> Vec<Wait> {
        let quorum =
            |what, epoch: u32, have| vec![Wait::Quorum { what, epoch: epoch.into(), have, need: config.quorum() }];
        let last = self.history.last();
        match &self.state {
            State::Looking(election) => {
                // Not "votes": those of other protocols are given once, these change until enough agree.
                let agrees = |node: &NodeId| *node == self.me || election.heard[node.index()] == Some(election.vote);
                quorum("agreeing votes", self.round, NodeId::all(election.heard.len()).filter(agrees).collect())
            }
            State::Following(following) => {
                let what = match following.phase {
                    Phase::Discovery => "NEWEPOCH",
                    Phase::Synchronization if following.synced_to.is_none() => "NEWLEADER",
                    Phase::Synchronization => "COMMIT-LD",
                    Phase::Broadcast if self.committed < last => "COMMIT",
                    Phase::Broadcast => return Vec::new(),
                };
                vec![Wait::Node { what, node: following.leader }]
            }
            State::Leading(leadership) => match leadership.phase {
                Phase::Discovery if leadership.epoch == 0 => quorum("CEPOCH", 0, leadership.cepoch),
                Phase::Discovery => quorum("ACK-E", leadership.epoch, leadership.promised),
                Phase::Synchronization => quorum("ACK-LD", leadership.epoch, leadership.synced),
                Phase::Broadcast if self.committed >= last => Vec::new(),
                Phase::Broadcast => {
                    let has = |node: &NodeId| *node == self.me || leadership.peers[node.index()].acked > self.committed;
                    quorum("ACK", leadership.epoch, NodeId::all(leadership.peers.len()).filter(has).collect())
                }
            },
        }
    }
}
