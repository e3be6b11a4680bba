//! Primary integrity: "if a primary ρe broadcasts ⟨v, z⟩ and some process delivers ⟨v', z'⟩ such that ⟨v', z'⟩ has been
//! broadcast by ρe', e' ≺ e, then ρe must deliver ⟨v', z'⟩ before it broadcasts ⟨v, z⟩" (Zab, §III).
//!
//! What a primary had delivered when it first broadcast is its base. Both orders are watched: a primary begins without
//! something that was delivered; something is delivered that a later primary, which has begun already, had not got. In
//! the tree of logs, to have the last entry is to have all; only where logs have come to differ is a base looked through.

use super::Moment;
use super::findings::Findings;
use super::leader_completeness::Committed;
use super::logs::Terms;
use super::names::Name;
use super::sentence::{Part, say};
use super::tree::{Id, Tree};
use crate::protocol::{Command, NodeId};
use crate::sorted::Sorted;

/// The primaries that have broadcast, by epoch: who, and its base.
#[derive(Clone, Debug)]
pub(super) struct Bases {
    words: Terms,
    bases: Sorted<u64, (NodeId, Id)>,
}

impl Bases {
    pub(super) fn new(words: Terms) -> Self {
        Bases { words, bases: Sorted::default() }
    }

    /// By epoch: the transactions of the base, each with its epoch.
    pub(super) fn by_value(&self, tree: &Tree) -> Vec<(u64, Vec<(u64, Command)>)> {
        self.bases.iter().map(|(epoch, (_, base))| (*epoch, tree.log(*base))).collect()
    }

    /// `node` broadcasts `first` as the first of its epoch, and has delivered its log up to `base`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn begins(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        first: Id,
        base: Id,
        tree: &Tree,
        committed: &Committed,
    ) {
        let entry = tree.entry(first);
        self.bases.insert(entry.epoch, (node, base));
        let Some(missing) = committed.before(entry.epoch, tree).filter(|id| !carries(tree, base, *id)) else { return };
        let missing = tree.entry(missing);
        let (command, before) = (entry.command, missing.command);
        let (epoch, earlier) = (Part::Epoch(entry.epoch), Part::Epoch(missing.epoch));
        let word = self.words.epoch;
        let why = say![
            node,
            " broadcast ",
            command,
            " in ",
            word,
            " ",
            epoch,
            " without having delivered ",
            before,
            " of ",
            word,
            " ",
            earlier
        ];
        findings.report(Name::PrimaryIntegrity, moment, why);
    }

    /// `node` delivers `id`. If it was delivered before, the later primaries are known to have it.
    pub(super) fn delivered(
        &self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        id: Id,
        tree: &Tree,
        committed: &Committed,
    ) {
        let entry = tree.entry(id);
        if committed.at(entry.position.into()) == Some(id) {
            return;
        }
        let later = self.bases.from(entry.epoch).filter(|(epoch, _)| **epoch != entry.epoch);
        for (&epoch, &(primary, base)) in later {
            if !carries(tree, base, id) {
                let (command, epoch, earlier) = (entry.command, Part::Epoch(epoch), Part::Epoch(entry.epoch));
                let word = self.words.epoch;
                let why = say![
                    node,
                    " delivered ",
                    command,
                    " of ",
                    word,
                    " ",
                    earlier,
                    ", which ",
                    primary,
                    " had not delivered when it broadcast in ",
                    word,
                    " ",
                    epoch
                ];
                return findings.report(Name::PrimaryIntegrity, moment, why);
            }
        }
    }
}

/// Whether the log that ends with `base` has the transaction of `id`, whatever stands before it.
fn carries(tree: &Tree, base: Id, id: Id) -> bool {
    let wanted = tree.entry(id);
    let mut at = base;
    let mut found = tree.has(base, id);
    while !found && tree.entry(at).position > 0 {
        let entry = tree.entry(at);
        found = (entry.epoch, entry.command) == (wanted.epoch, wanted.command);
        at = tree.parent(at);
    }
    found
}
