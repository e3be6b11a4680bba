//! The logs of a protocol with leaders, kept from its facts, and the properties that speak of them: of Raft's Figure 3,
//! and of Zab's primaries.
//!
//! A fact about a log is told when it is true on the disk. A log that a snapshot cut keeps its place in the [`Tree`]:
//! the entry at the cut is known, since it stood in the node's own log or is the committed one.

use super::Moment;
use super::election_safety::Elections;
use super::findings::Findings;
use super::leader_completeness::Committed;
use super::names::Name;
use super::past::Past;
use super::primaries::{Primacy, Primaries};
use super::tree::{Id, ROOT, Tree};
use super::{leader_append_only, log_matching, prefix_consistency};
use crate::protocol::{Command, Fact, NodeId};

/// The log of one node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    /// The last entry; `None` when a cut left it unknown.
    pub id: Option<Id>,
    /// The position of the last entry.
    pub last: u64,
    /// Everything up to here is in a snapshot.
    pub base: u64,
    /// The entry at the last cut that was seen, for a boot from the same disk.
    cut: Option<(u64, Id)>,
    pub epoch: u64,
    /// The epoch that it leads.
    pub leads: Option<u64>,
}

const EMPTY: Log = Log { id: Some(ROOT), last: 0, base: 0, cut: None, epoch: 0, leads: None };

/// All logs.
#[derive(Clone, Debug)]
pub(super) struct Logs {
    tree: Tree,
    nodes: Vec<Log>,
    elections: Elections,
    committed: Committed,
    /// For protocols that promise primary order.
    primaries: Option<Primaries>,
    words: Terms,
}

/// The protocol's words for epoch and position: "term", "index".
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub epoch: &'static str,
    pub position: &'static str,
}

impl Logs {
    /// The logs of `nodes` nodes, all empty.
    pub(super) fn new(nodes: usize, words: Terms, primaries: bool) -> Self {
        Logs {
            tree: Tree::new(),
            nodes: vec![EMPTY; nodes],
            elections: Elections::default(),
            committed: Committed::new(words),
            primaries: primaries.then(|| Primaries::new(nodes, words)),
            words,
        }
    }

    /// The variables of primary order, where they are watched.
    pub(super) fn primacy(&self) -> Option<Primacy> {
        self.primaries.as_ref().map(|primaries| primaries.primacy(&self.tree))
    }

    /// Leaders and the committed log, by value.
    pub(super) fn tell(&self, past: &mut Past) {
        let leaders = self.elections.from(0);
        past.reigns =
            leaders.map(|(epoch, leader)| (epoch, leader.node, leader.log.map(|id| self.tree.log(id)))).collect();
        past.committed = self.committed.by_value(&self.tree);
    }

    /// A fact of `node`.
    pub(super) fn fact(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, fact: Fact) {
        match fact {
            Fact::Appends { position, epoch, command } => {
                self.appends(findings, moment, node, position, epoch, command);
                let log = &self.nodes[node.index()];
                if let (Some(primaries), true) = (&mut self.primaries, log.leads == Some(epoch)) {
                    primaries.broadcasts(findings, moment, node, log, &self.tree, &self.committed);
                }
            }
            Fact::Commits { position } => {
                let log = &self.nodes[node.index()];
                if let Some(primaries) = &mut self.primaries {
                    primaries.delivers(findings, moment, node, log, position, &self.tree, &self.committed);
                }
                prefix_consistency::check(findings, moment, node, log, position, &self.tree, &self.committed);
                self.committed.commits(findings, moment, node, log, position, &self.tree, &self.elections);
            }
            Fact::Truncates { from } => self.truncates(findings, moment, node, from),
            Fact::Compacts { position } => self.compacts(node, position),
            Fact::Epoch { epoch } => {
                let log = &mut self.nodes[node.index()];
                log.epoch = epoch;
                if log.leads.is_some_and(|led| led < epoch) {
                    log.leads = None;
                }
            }
            Fact::Leads { epoch } => {
                let log = &mut self.nodes[node.index()];
                log.leads = Some(epoch);
                let log = *log;
                self.elections.leads(findings, moment, node, epoch, log.id, self.words.epoch);
                self.committed.elected(findings, moment, node, epoch, &log, &self.tree);
            }
            Fact::StepsDown => self.nodes[node.index()].leads = None,
            Fact::Votes { .. }
            | Fact::Members { .. }
            | Fact::Proposes { .. }
            | Fact::Accepts { .. }
            | Fact::Learns { .. }
            | Fact::Late => {}
        }
    }

    /// The node leads no more; its disk stays as it is.
    pub(super) fn crashed(&mut self, node: NodeId) {
        self.nodes[node.index()].leads = None;
    }

    /// The node's boot will tell its log anew.
    pub(super) fn restarted(&mut self, node: NodeId, disk_lost: bool) {
        let log = &mut self.nodes[node.index()];
        let cut = log.cut.filter(|_| !disk_lost);
        *log = Log { cut, ..EMPTY };
        if let Some(primaries) = &mut self.primaries {
            primaries.restarted(node);
        }
    }

    #[inline]
    fn appends(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        position: u64,
        epoch: u64,
        command: Command,
    ) {
        let log = self.nodes[node.index()];
        if position <= log.base {
            return;
        }
        if position <= log.last {
            return self.overwrites(findings, moment, node, position, epoch, command);
        }
        let next = position - 1 == log.last;
        let before = if next { log.id } else { self.known(node, position - 1) };
        let id = before.map(|before| self.tree.child(before, epoch, command));
        let log = &mut self.nodes[node.index()];
        if !next {
            log.base = position - 1;
        }
        (log.id, log.last) = (id, position);
        if let Some(id) = id {
            self.matching(findings, moment, node, id);
        }
    }

    /// An entry within the log is written again; what stands behind it stays.
    fn overwrites(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        position: u64,
        epoch: u64,
        command: Command,
    ) {
        let log = self.nodes[node.index()];
        let Some(last) = log.id else { return };
        let old = self.tree.at(last, position);
        let entry = *self.tree.entry(old);
        if (entry.epoch, entry.command) == (epoch, command) {
            return;
        }
        leader_append_only::overwrites(findings, moment, node, &log, &entry, command, self.words);
        let mut tail = Vec::new();
        let mut id = last;
        while id != old {
            tail.push(id);
            id = self.tree.parent(id);
        }
        let mut written = vec![self.tree.child(self.tree.parent(old), epoch, command)];
        for old in tail.into_iter().rev() {
            let entry = *self.tree.entry(old);
            written.push(self.tree.child(written[written.len() - 1], entry.epoch, entry.command));
        }
        self.nodes[node.index()].id = written.last().copied();
        for id in written {
            self.matching(findings, moment, node, id);
        }
    }

    fn truncates(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, from: u64) {
        let log = self.nodes[node.index()];
        if from > log.last {
            return;
        }
        let from = from.max(log.base.saturating_add(1));
        leader_append_only::truncates(findings, moment, node, &log, from, self.words);
        let id = log.id.map(|id| self.tree.at(id, from - 1));
        let log = &mut self.nodes[node.index()];
        (log.id, log.last) = (id, from - 1);
    }

    fn compacts(&mut self, node: NodeId, position: u64) {
        let log = self.nodes[node.index()];
        let own = log.id.filter(|_| log.base <= position && position <= log.last).map(|id| self.tree.at(id, position));
        // A snapshot that came from elsewhere replaces what stood at its position; with entries behind it, it agrees.
        let cut = if position < log.last { own } else { self.known(node, position).or(own) };
        let log = &mut self.nodes[node.index()];
        log.base = log.base.max(position);
        log.cut = cut.map(|id| (position, id)).or(log.cut);
        if position >= log.last {
            (log.id, log.last) = (cut, position);
        }
    }

    /// The entry at `position` of a log that does not reach there: from its own cut, or the committed one.
    fn known(&self, node: NodeId, position: u64) -> Option<Id> {
        let cut = self.nodes[node.index()].cut.filter(|(at, _)| *at == position).map(|(_, id)| id);
        cut.or_else(|| self.committed.at(position))
    }

    #[inline]
    fn matching(&self, findings: &mut Findings, moment: &Moment, node: NodeId, id: Id) {
        if self.tree.entry(id).alike && findings.open(Name::LogMatching) {
            log_matching::check(findings, moment, node, id, &self.tree, &self.nodes, self.words);
        }
    }
}

/// Whether a log holds the entry `id`, not yet cut away.
pub(super) fn holds(tree: &Tree, log: &Log, id: Id) -> bool {
    u64::from(tree.entry(id).position) > log.base && log.id.is_some_and(|last| tree.has(last, id))
}
