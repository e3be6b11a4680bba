//! Election Safety: "at most one leader can be elected in a given term" (Raft, Figure 3 and §5.2).
//! One primary per view says the same of Viewstamped Replication, and Leadership of Zab's epochs.

use super::Moment;
use super::findings::Findings;
use super::names::Name;
use super::sentence::{Part, say};
use super::tree::Id;
use crate::protocol::NodeId;
use crate::sorted::Sorted;

/// A leader and its log when it was elected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leader {
    pub node: NodeId,
    pub log: Option<Id>,
}

/// The first leader of each epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Elections {
    leaders: Sorted<u64, Leader>,
}

impl Elections {
    /// `node` leads `epoch` from now on, with the log that ends with `log`.
    pub(super) fn leads(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        epoch: u64,
        log: Option<Id>,
        word: &'static str,
    ) {
        let first = *self.leaders.entry(epoch, Leader { node, log }).0;
        if first.node != node {
            let (other, epoch) = (first.node, Part::Epoch(epoch));
            let why = say![node, " leads ", word, " ", epoch, ", which ", other, " had led before"];
            findings.report(Name::ElectionSafety, moment, why.clone());
            findings.report(Name::OnePrimaryPerView, moment, why.clone());
            findings.report(Name::Leadership, moment, why);
        }
    }

    /// The leaders of all epochs from `epoch` on.
    pub(super) fn from(&self, epoch: u64) -> impl Iterator<Item = (u64, Leader)> {
        self.leaders.from(epoch).map(|(epoch, leader)| (*epoch, *leader))
    }

    /// The leaders of all epochs above `epoch`.
    pub(super) fn above(&self, epoch: u64) -> impl Iterator<Item = (u64, Leader)> {
        self.from(epoch).filter(move |(other, _)| *other != epoch)
    }
}
