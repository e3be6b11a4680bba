//! Leader Completeness: "if a log entry is committed in a given term, then that entry will be present in the logs of
//! the leaders for all higher-numbered terms" (Raft, Figure 3 and §5.4).
//!
//! An entry counts as committed from the first time that a node says so, in that node's term then: the leader's, which
//! commits first. (Were it a follower of a later term, less would be asked for, never too much.) Both orders are
//! watched: a leader is elected without the entry; an entry is committed while a later leader, elected already, has
//! not got it. In the tree of logs, to have the last entry is to have all.

use super::Moment;
use super::election_safety::Elections;
use super::findings::Findings;
use super::logs::{Log, Terms};
use super::names::{Name, Names};
use super::sentence::{Part, Sentence, say};
use super::tree::{Id, Tree};
use crate::growing::Growing;
use crate::protocol::{Command, NodeId};

/// The committed log.
#[derive(Clone, Debug)]
pub(super) struct Committed {
    words: Terms,
    /// The entry of each position.
    ids: Growing<Id>,
    /// Up to which position (first) the log was committed in terms up to which (second); both ascend.
    terms: Growing<(u64, u64)>,
}

impl Committed {
    /// Nothing is committed.
    pub(super) fn new(words: Terms) -> Self {
        Committed { words, ids: Growing::default(), terms: Growing::default() }
    }

    /// The committed entry at `position`.
    pub(super) fn at(&self, position: u64) -> Option<Id> {
        let index = usize::try_from(position).ok()?.checked_sub(1)?;
        self.ids.get(index).copied()
    }

    /// The protocol's words.
    pub(super) fn words(&self) -> Terms {
        self.words
    }

    /// The committed log by value: each entry with the term up to which those were that committed it.
    pub(super) fn by_value(&self, tree: &Tree) -> Vec<((u64, Command), u64)> {
        let mut terms = self.terms.iter().peekable();
        let of = |(position, id): (u64, &Id)| {
            while terms.next_if(|(up_to, _)| *up_to < position).is_some() {}
            let entry = tree.entry(*id);
            ((entry.epoch, entry.command), terms.peek().map_or(0, |(_, term)| *term))
        };
        (1..).zip(self.ids.iter()).map(of).collect()
    }

    /// How far anybody has committed.
    pub(super) fn len(&self) -> u64 {
        self.ids.len() as u64
    }

    /// The last committed entry of an epoch before `epoch`, by bisection: epochs ascend along a log.
    pub(super) fn before(&self, epoch: u64, tree: &Tree) -> Option<Id> {
        let (mut below, mut above) = (0, self.len() + 1);
        while below + 1 < above {
            let middle = below + (above - below) / 2;
            if self.at(middle).is_some_and(|id| tree.entry(id).epoch < epoch) {
                below = middle;
            } else {
                above = middle;
            }
        }
        self.at(below)
    }

    /// `node` knows everything up to `position` to be committed.
    #[allow(clippy::too_many_arguments)]
    #[inline]
    pub(super) fn commits(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        log: &Log,
        position: u64,
        tree: &Tree,
        elections: &Elections,
    ) {
        let known = self.ids.len() as u64;
        let position = position.min(log.last);
        let (Some(last), true) = (log.id, position > known && log.base <= known) else { return };
        let newest = tree.at(last, position);
        tree.news(newest, known).into_iter().for_each(|id| self.ids.push(id));
        let term = self.terms.last().map_or(log.epoch, |(_, term)| log.epoch.max(*term));
        match self.terms.last_mut() {
            Some((up_to, last)) if *last == term => *up_to = position,
            _ => self.terms.push((position, term)),
        }
        if !findings.any_open(Names::of(SAID)) {
            return;
        }
        for (epoch, leader) in elections.above(log.epoch) {
            if leader.log.is_some_and(|log| !tree.has(log, newest)) {
                let (epoch, term) = (Part::Epoch(epoch), Part::Epoch(log.epoch));
                let (command, other) = (tree.entry(newest).command, leader.node);
                let Terms { epoch: word, position: place } = self.words;
                let why = say![
                    node,
                    " committed ",
                    command,
                    " at ",
                    place,
                    " ",
                    position,
                    " in ",
                    word,
                    " ",
                    term,
                    ", but ",
                    other,
                    " was elected in ",
                    word,
                    " ",
                    epoch,
                    " without it"
                ];
                return report(findings, moment, why);
            }
        }
    }

    /// `node` leads `epoch` with `log`.
    pub(super) fn elected(
        &self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        epoch: u64,
        log: &Log,
        tree: &Tree,
    ) {
        let earlier = self.terms.iter().rev().find(|(_, term)| *term < epoch);
        let (Some(&(position, _)), Some(last)) = (earlier, log.id) else { return };
        let Some(id) = self.at(position) else { return };
        if !findings.any_open(Names::of(SAID)) || tree.has(last, id) {
            return;
        }
        // The first committed entry that the leader lacks.
        let (mut low, mut high) = (0, position);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.at(middle).is_some_and(|id| tree.has(last, id)) { low = middle } else { high = middle }
        }
        let Some(missing) = self.at(high) else { return };
        let term = self.terms.iter().find(|(up_to, _)| *up_to >= high).map_or(0, |(_, term)| *term);
        let (command, epoch, term) = (tree.entry(missing).command, Part::Epoch(epoch), Part::Epoch(term));
        let Terms { epoch: word, position: place } = self.words;
        let why = say![
            node,
            " leads ",
            word,
            " ",
            epoch,
            " without ",
            command,
            " at ",
            place,
            " ",
            high,
            ", committed in ",
            word,
            " ",
            term
        ];
        report(findings, moment, why);
    }
}

/// Under which names the property goes: Raft's, and that of Viewstamped Replication, where it is the condition that view
/// changes must meet (VR Revisited, §8.1).
const SAID: &[Name] = &[Name::LeaderCompleteness, Name::AcknowledgedWriteNotLost];

fn report(findings: &mut Findings, moment: &Moment, why: Sentence) {
    findings.report(Name::LeaderCompleteness, moment, why.clone());
    findings.report(Name::AcknowledgedWriteNotLost, moment, why);
}
