//! Primary order: what primaries broadcast, and in which order nodes deliver it (Zab, §III).
//!
//! Local primary order: who delivers a transaction has delivered all that its primary broadcast before it, in that
//! order. Global primary order: what an earlier primary broadcast is delivered before what a later one did. A delivery
//! is looked at once, when the node commits it: it must be the next one of its epoch, and of no earlier epoch than the
//! one before it.

use super::Moment;
use super::findings::Findings;
use super::leader_completeness::Committed;
use super::logs::{Log, Terms};
use super::names::{Name, Names};
use super::primary_integrity::Bases;
use super::sentence::{Part, say};
use super::tree::{Id, Tree};
use crate::protocol::{Command, NodeId};
use crate::sorted::Sorted;

/// The properties that speak of primaries.
pub(super) const PRIMARY_ORDER: Names =
    Names::of(&[Name::LocalPrimaryOrder, Name::GlobalPrimaryOrder, Name::PrimaryIntegrity]);

/// The history variables by value, for who goes on from the midst of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Primacy {
    /// What the primary of which epoch broadcast as its how-manieth, ascending.
    pub broadcasts: Vec<(u64, u64, Command)>,
    /// By node: the epoch of what it delivered last, and how much of each epoch it delivered in its present life.
    pub places: Vec<(u64, Vec<(u64, u64)>)>,
    /// By epoch: what its primary had delivered when it first broadcast, each with its epoch.
    pub bases: Vec<(u64, Vec<(u64, Command)>)>,
}

/// How far a node is.
#[derive(Clone, Debug, Default)]
struct Place {
    /// It has delivered up to this position in its present life,
    position: u64,
    /// last something of this epoch, as so manieth,
    epoch: u64,
    count: u64,
    /// and of other epochs so many.
    counts: Sorted<u64, u64>,
}

/// History variables of a protocol with primaries.
#[derive(Clone, Debug)]
pub(super) struct Primaries {
    words: Terms,
    /// What each epoch's primary broadcast as its how-manieth, from 1.
    broadcasts: Sorted<(u64, u64), Command>,
    nodes: Vec<Place>,
    bases: Bases,
}

impl Primaries {
    pub(super) fn new(nodes: usize, words: Terms) -> Self {
        Primaries {
            words,
            broadcasts: Sorted::default(),
            nodes: vec![Place::default(); nodes],
            bases: Bases::new(words),
        }
    }

    /// The variables by value.
    pub(super) fn primacy(&self, tree: &Tree) -> Primacy {
        let place = |Place { epoch, count, counts, .. }: &Place| {
            let others = counts.iter().map(|(other, count)| (*other, *count)).filter(|(other, _)| other != epoch);
            let mut all: Vec<(u64, u64)> = others.chain([(*epoch, *count)]).filter(|(_, count)| *count > 0).collect();
            all.sort_unstable();
            (*epoch, all)
        };
        Primacy {
            broadcasts: self.broadcasts.iter().map(|((epoch, count), command)| (*epoch, *count, *command)).collect(),
            places: self.nodes.iter().map(place).collect(),
            bases: self.bases.by_value(tree),
        }
    }

    /// The node begins a new life, in which it delivers everything anew.
    pub(super) fn restarted(&mut self, node: NodeId) {
        self.nodes[node.index()] = Place::default();
    }

    /// `node`, a primary, has appended a transaction of its own epoch: the last one of `log`.
    pub(super) fn broadcasts(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        log: &Log,
        tree: &Tree,
        committed: &Committed,
    ) {
        let Some(id) = log.id else { return };
        let entry = tree.entry(id);
        let next = (entry.epoch, u64::MAX);
        let before = self.broadcasts.before(&next).filter(|((epoch, _), _)| *epoch == entry.epoch);
        let count = before.map_or(1, |((_, count), _)| count + 1);
        self.broadcasts.insert((entry.epoch, count), entry.command);
        if count == 1 {
            let delivered = tree.at(id, self.nodes[node.index()].position);
            self.bases.begins(findings, moment, node, id, delivered, tree, committed);
        }
    }

    /// `node` commits its log up to `position`: it delivers what it has not delivered yet.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn delivers(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        log: &Log,
        position: u64,
        tree: &Tree,
        committed: &Committed,
    ) {
        let known = self.nodes[node.index()].position.max(log.base);
        let position = position.min(log.last);
        let (Some(last), true) = (log.id, position > known) else { return };
        for id in tree.news(tree.at(last, position), known) {
            if findings.any_open(PRIMARY_ORDER) {
                self.order(findings, moment, node, id, tree);
                self.bases.delivered(findings, moment, node, id, tree, committed);
            }
        }
        self.nodes[node.index()].position = position;
    }

    fn order(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, id: Id, tree: &Tree) {
        let entry = tree.entry(id);
        let place = &mut self.nodes[node.index()];
        let word = self.words.epoch;
        let (command, epoch) = (entry.command, Part::Epoch(entry.epoch));
        if entry.epoch < place.epoch && findings.open(Name::GlobalPrimaryOrder) {
            let (later, before) = (Part::Epoch(place.epoch), tree.entry(tree.parent(id)).command);
            let why = say![
                node,
                " delivered ",
                command,
                " of ",
                word,
                " ",
                epoch,
                " after ",
                before,
                " of ",
                word,
                " ",
                later
            ];
            findings.report(Name::GlobalPrimaryOrder, moment, why);
        }
        if entry.epoch != place.epoch {
            place.counts.insert(place.epoch, place.count);
            place.count = place.counts.get(&entry.epoch).copied().unwrap_or(0);
            place.epoch = entry.epoch;
        }
        place.count += 1;
        let count = place.count;
        if let Some(other) = self.broadcasts.get(&(entry.epoch, count)).filter(|other| **other != command) {
            let other = *other;
            let why = say![
                node,
                " delivered ",
                command,
                " as number ",
                count,
                " of ",
                word,
                " ",
                epoch,
                ", where its primary had broadcast ",
                other
            ];
            findings.report(Name::LocalPrimaryOrder, moment, why);
        }
    }
}
