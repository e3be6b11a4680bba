//! What the checker may take for the same: states that differ in what nothing reads, and messages that come too late.

use super::BenOr;
use super::message::BenOrMessage;
use crate::protocol::{NodeSet, Renaming};

impl BenOr {
    /// Who has proposed counts reports no more, and who has decided only tells.
    pub(super) fn forget_unread(&mut self) {
        if self.disk.proposal.is_some() {
            self.reports = Default::default();
        }
        self.known = NodeSet::default();
    }

    /// Rounds do not go back, a node proposes once a round, and who has decided says nothing but that.
    pub(super) fn has_outgrown(&self, message: &BenOrMessage) -> bool {
        let now = self.disk.round;
        self.disk.decided.is_some()
            || match *message {
                BenOrMessage::Report { round, .. } => round < now || round == now && self.disk.proposal.is_some(),
                BenOrMessage::Proposal { round, .. } => round < now,
                BenOrMessage::Decided { .. } => false,
            }
    }

    pub(super) fn rename_nodes(&mut self, names: &Renaming) {
        self.me = names.node(self.me);
        let sets = self.reports.iter_mut().chain(&mut self.proposals).chain([&mut self.known]);
        sets.for_each(|set| *set = names.set(*set));
    }
}
