//! Consensus on one value: Validity, Integrity, Agreement, Termination (Cachin et al., UC1–UC4).
//!
//! Agreement is uniform: what a node decided before it crashed counts. A node that restarts may decide again, and
//! then what it decided before.

use super::findings::Findings;
use super::liveness::{self, Debt};
use super::names::Name;
use super::sentence::{Part, say};
use super::{Conditions, Moment};
use crate::protocol::{Command, NodeId, NodeSet, Value};
use crate::sorted::Sorted;

/// What was proposed and decided.
#[derive(Clone, Debug)]
pub(super) struct Consensus {
    proposed: Sorted<Value>,
    /// When each node was first asked to propose, in µs.
    asked: Vec<Option<u64>>,
    /// What each node decided first, in this life or an earlier one.
    decided: Vec<Option<Command>>,
    /// Who has decided in its present life.
    this_life: NodeSet,
    /// When each node booted or went on last, in µs.
    since: Vec<u64>,
    first: Option<(NodeId, Command)>,
}

impl Consensus {
    pub(super) fn new(nodes: usize) -> Self {
        Consensus {
            proposed: Sorted::default(),
            asked: vec![None; nodes],
            decided: vec![None; nodes],
            this_life: NodeSet::default(),
            since: vec![0; nodes],
            first: None,
        }
    }

    pub(super) fn request(&mut self, moment: &Moment, node: NodeId, command: Command) {
        self.proposed.insert(command.value, ());
        self.asked[node.index()].get_or_insert(moment.at);
    }

    pub(super) fn woke(&mut self, moment: &Moment, node: NodeId) {
        self.since[node.index()] = moment.at;
    }

    pub(super) fn restarted(&mut self, moment: &Moment, node: NodeId) {
        self.this_life.remove(node);
        self.woke(moment, node);
    }

    /// `node` decides `command`.
    pub(super) fn delivered(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, command: Command) {
        if findings.open(Name::Validity) && !self.proposed.contains(&command.value) {
            findings.report(Name::Validity, moment, say![node, " decided ", command, ", which no node had proposed"]);
        }
        self.integrity(findings, moment, node, command);
        match self.first {
            None => self.first = Some((node, command)),
            Some((other, earlier)) if earlier.value != command.value => findings.report(
                Name::Agreement,
                moment,
                say![node, " decided ", command, " where ", other, " had decided ", earlier],
            ),
            Some(_) => {}
        }
        self.decided[node.index()].get_or_insert(command);
    }

    fn integrity(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, command: Command) {
        let earlier = self.decided[node.index()];
        if !self.this_life.insert(node) {
            let earlier = earlier.unwrap_or(command);
            findings.report(Name::Integrity, moment, say![node, " decided twice: ", earlier, " and then ", command]);
        } else if let Some(earlier) = earlier.filter(|earlier| earlier.value != command.value) {
            findings.report(
                Name::Integrity,
                moment,
                say![node, " decided ", command, " after its restart, and ", earlier, " before"],
            );
        }
    }

    /// Termination: owed by every node that is up and connected, once one of them has something to propose.
    pub(super) fn judge(&self, findings: &mut Findings, moment: &Moment, conditions: &Conditions<'_>) {
        let waiting = || (0..self.decided.len()).map(|i| NodeId(i as u8)).filter(|n| self.decided[n.index()].is_none());
        let proposed = conditions.connected.iter().filter_map(|n| self.asked.get(n.index()).copied().flatten()).min();
        let debt = waiting().filter(|n| conditions.connected.contains(*n)).zip(proposed).map(|(node, proposed)| Debt {
            since: proposed.max(self.since[node.index()]),
            what: [Part::Node(node), Part::Text(" has not decided"), Part::Text("")],
        });
        let debt = debt.min_by_key(|debt| debt.since);
        if debt.is_some() || conditions.up.is_empty() {
            return liveness::judge(findings, Name::Termination, debt, moment, conditions);
        }
        // Nobody who could decide has anything to propose, or all of them have decided: the others owe nothing now.
        let missing: NodeSet = waiting().filter(|n| conditions.up.contains(*n)).collect();
        let why = match proposed {
            Some(_) => " cannot take part",
            None => " wait for a proposal",
        };
        let debt = (!missing.is_empty()).then_some(Debt {
            since: moment.at,
            what: [Part::Nodes(missing), Part::Text(" have not decided:"), Part::Text(why)],
        });
        liveness::judge(findings, Name::Termination, debt, moment, &Conditions { promised: false, ..*conditions });
    }
}
