//! What the checker may take for the same: messages that come too late, and those that nobody need wait for.

use super::config::Config;
use super::message::PaxosMessage;
use super::variant::Broken;
use super::{Paxos, Phase};
use crate::protocol::Renaming;

impl Paxos {
    /// Promises do not go back, and a proposer begins and leaves each of its ballots once. What is below the promise is
    /// refused, or answered with the decision, which its sender learns from the acceptances as well.
    pub(super) fn has_outgrown(&self, message: &PaxosMessage) -> bool {
        match *message {
            PaxosMessage::Prepare { ballot } | PaxosMessage::Accept { ballot, .. } => ballot < self.disk.promised,
            PaxosMessage::Promise { ballot, .. } => {
                !matches!(self.phase, Phase::Preparing { ballot: own, .. } if own == ballot)
            }
            PaxosMessage::Accepted { .. } => self.disk.decided.is_some(),
            PaxosMessage::Nack { .. } | PaxosMessage::Decided { .. } => false,
        }
    }

    /// Ballots name their proposers: only who never proposes can have another name.
    pub(super) fn rename_nodes(&mut self, names: &Renaming) {
        self.me = names.node(self.me);
        self.known = names.set(self.known);
        self.tallies.iter_mut().for_each(|tally| tally.acceptors = names.set(tally.acceptors));
        if let Phase::Preparing { promises, .. } = &mut self.phase {
            *promises = names.set(*promises);
        }
    }
}

impl Config {
    /// Whether promises and ballots are kept: what the reductions by messages rest on.
    pub(super) fn remembers(&self) -> bool {
        !self.breaks(Broken::VolatileRound) && !self.breaks(Broken::PromiseWithoutPersist)
    }
}

impl PaxosMessage {
    /// Who is refused gives way to a higher ballot, before it tries a higher one still. The Prepare of that ballot went to
    /// it too; taken then, it does the same, and the promise that it costs is overtaken by the next ballot's.
    pub(super) fn only_hurries(&self) -> bool {
        matches!(self, PaxosMessage::Nack { .. })
    }
}
