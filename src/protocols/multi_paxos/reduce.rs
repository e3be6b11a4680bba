//! What the checker may take for the same: states that differ in what nothing reads, and messages that come too late.

use super::message::MultiPaxosMessage;
use super::{Broken, Config, MultiPaxos, Phase};
use crate::protocol::NodeId;

impl MultiPaxos {
    /// Who leads is read to send clients there, and how often a node was preempted to draw how long it waits. Of those
    /// that a leader heard it is read whether they are enough.
    pub(super) fn forget_unread(&mut self, config: &Config) {
        self.leader = None;
        self.preempted = 0;
        if let Phase::Leading(leadership) = &mut self.phase
            && leadership.heard.len() + 1 >= config.quorum
        {
            leadership.heard = NodeId::all(usize::from(self.n)).filter(|node| *node != self.me).collect();
        }
    }

    /// Promises do not go back: what is below them is refused. A node begins, leads and leaves each ballot of its own once,
    /// under a promise that is on its disk. An acceptance that is counted, or of what is chosen, only tells the leader
    /// that it is heard: it need not ask.
    pub(super) fn has_outgrown(&self, from: NodeId, message: &MultiPaxosMessage) -> bool {
        match *message {
            MultiPaxosMessage::Promise { ballot, .. } => {
                !matches!(self.phase, Phase::Preparing { ballot: own, .. } if own == ballot)
            }
            MultiPaxosMessage::Accepted { ballot, slot } => match &self.phase {
                Phase::Leading(leadership) if leadership.ballot == ballot => {
                    let place = slot.checked_sub(self.chosen + 1);
                    place.is_none_or(|place| {
                        leadership.acceptors.get(place as usize).is_some_and(|acceptors| acceptors.contains(from))
                    })
                }
                _ => true,
            },
            MultiPaxosMessage::Alive { ballot, .. } => {
                !matches!(&self.phase, Phase::Leading(leadership) if leadership.ballot == ballot)
            }
            MultiPaxosMessage::Prepare { ballot, .. }
            | MultiPaxosMessage::Accept { ballot, .. }
            | MultiPaxosMessage::Heartbeat { ballot, .. } => ballot < self.promised,
            MultiPaxosMessage::Nack { .. } | MultiPaxosMessage::Decision { .. } => false,
        }
    }
}

impl Config {
    /// Whether promises are kept: what the reductions by messages rest on.
    pub(super) fn keeps_promises(&self) -> bool {
        !self.breaks(Broken::VolatilePromise)
    }
}

impl MultiPaxosMessage {
    /// Who follows and lacks nothing tells its leader that it is heard. A leader that does not hear it is one that has
    /// not yet asked itself whether it is. Who is refused gives way to a higher ballot, before it begins a higher one
    /// still. The Prepare of that ballot went to it too; taken then, it does the same, and the promise that it costs is
    /// overtaken by the next ballot's.
    pub(super) fn only_hurries(&self) -> bool {
        matches!(self, MultiPaxosMessage::Alive { lacks: false, .. } | MultiPaxosMessage::Nack { .. })
    }
}
