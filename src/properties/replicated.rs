//! A replicated state machine: State Machine Safety, Total order as prefix, No creation, No duplication.
//!
//! The first delivery of each position writes it into one list for the whole run; every later delivery is compared with
//! it. Where one node has applied a command no node applies another (Raft, Figure 3), also after a restart, when a
//! node's list begins anew.
//!
//! No duplication is a matter of the state machine: a client's retry may well be ordered twice, and is left out the
//! second time (Raft's thesis, §6.3), also behind a snapshot. A node whose list is a prefix of the order has applied a
//! command before exactly when the command's first position lies before.

use super::findings::Findings;
use super::linearizability::Linearizability;
use super::liveness::{self, Debt};
use super::names::Name;
use super::operations::{Ended, Operations};
use super::sentence::{Part, say};
use super::{Conditions, Moment, Operation, Outcome};
use crate::growing::Growing;
use crate::protocol::{ClientId, Command, NodeId, NodeSet};

/// How many operations behind the oldest open one are looked at in one judgement.
const WINDOW: u32 = 256;

/// One position of the order.
#[derive(Clone, Copy, Debug)]
struct Slot {
    command: Command,
    /// Who delivered it first.
    by: NodeId,
    /// When, in µs.
    at: u64,
    /// The first position of the same command: this one, unless a retry was ordered again.
    first: u64,
}

/// The monitors of a replicated state machine.
#[derive(Clone, Debug)]
pub(super) struct Replicated {
    slots: Growing<Slot>,
    operations: Operations,
    linearizability: Linearizability,
    /// The last position that each node has delivered in its present life.
    last: Vec<u64>,
    /// When each node booted or went on last, in µs.
    since: Vec<u64>,
    /// Whose list is no prefix of the order, in their present lives.
    astray: NodeSet,
    /// All operations before this one are done with.
    oldest: u32,
}

impl Replicated {
    pub(super) fn new(nodes: usize) -> Self {
        Replicated {
            slots: Growing::default(),
            operations: Operations::new(),
            linearizability: Linearizability::new(),
            last: vec![0; nodes],
            since: vec![0; nodes],
            astray: NodeSet::default(),
            oldest: 0,
        }
    }

    pub(super) fn request(&mut self, moment: &Moment, node: NodeId, command: Command) {
        self.operations.request(moment, node, command);
    }

    pub(super) fn invoked(&mut self, client: ClientId, serial: u32, operation: Operation) {
        let id = self.operations.open(client, serial);
        self.linearizability.invoked(self.operations.get_mut(id), id, operation);
    }

    pub(super) fn returned(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        client: ClientId,
        serial: u32,
        outcome: Outcome,
    ) {
        let id = self.operations.open(client, serial);
        let record = self.operations.get_mut(id);
        record.ended = match outcome {
            Outcome::Ok(_) => Ended::Ok,
            Outcome::Fail => Ended::Fail,
            Outcome::Unknown => Ended::Unknown,
        };
        let record = *record;
        if findings.open(Name::Linearizability) {
            self.linearizability.returned(findings, moment, &record, id, outcome);
        }
    }

    pub(super) fn delivered(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        position: u64,
        command: Command,
        repeat: bool,
    ) {
        let last = std::mem::replace(&mut self.last[node.index()], position);
        if position.wrapping_sub(1) != last {
            self.astray.insert(node);
            let why = say![node, " delivered position ", position, " right behind position ", last];
            findings.report(Name::StateMachineSafety, moment, why);
        }
        if self.slots.len() as u64 + 1 == position {
            self.order(findings, moment, node, command);
        }
        let place = usize::try_from(position).ok().and_then(|position| position.checked_sub(1));
        let Some(&slot) = place.and_then(|place| self.slots.get(place)) else {
            self.creation(findings, moment, node, command);
            return;
        };
        if slot.command != command {
            self.conflict(findings, moment, node, position, command, slot);
        } else if !repeat && slot.first != position && !self.astray.contains(node) {
            let why = say![node, " applied ", command, " at position ", position, " and at position ", slot.first];
            findings.report(Name::NoDuplication, moment, why);
        }
    }

    /// A position is delivered for the first time in the run.
    fn order(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, command: Command) {
        let position = self.slots.len() as u64 + 1;
        let mut slot = Slot { command, by: node, at: moment.at, first: position };
        if let Some(id) = self.creation(findings, moment, node, command) {
            let record = self.operations.get_mut(id);
            if record.position == 0 {
                record.position = position;
                if findings.open(Name::Linearizability) {
                    self.linearizability.ordered(findings, record);
                }
            }
            slot.first = record.position;
        }
        self.slots.push(slot);
    }

    /// No creation. The number of the operation, if somebody asked for it.
    fn creation(&self, findings: &mut Findings, moment: &Moment, node: NodeId, command: Command) -> Option<u32> {
        if command.is_noop() {
            return None;
        }
        let id = self.operations.find(command.client, command.serial);
        let asked = id.filter(|id| self.operations.get(*id).value == Some(command.value));
        if asked.is_none() {
            let why = say![node, " delivered ", command, ", which no client had asked for"];
            findings.report(Name::NoCreation, moment, why);
        }
        asked
    }

    fn conflict(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        position: u64,
        command: Command,
        slot: Slot,
    ) {
        self.astray.insert(node);
        self.creation(findings, moment, node, command);
        let (other, earlier) = (slot.by, slot.command);
        let why = if other == node {
            say![
                node,
                " delivered ",
                command,
                " at position ",
                position,
                " where it had delivered ",
                earlier,
                " before"
            ]
        } else {
            say![node, " delivered ", command, " at position ", position, " where ", other, " had delivered ", earlier]
        };
        findings.report(Name::StateMachineSafety, moment, why.clone());
        findings.report(Name::CommittedLogsAgree, moment, why.clone());
        findings.report(Name::TotalOrder, moment, why);
    }

    pub(super) fn woke(&mut self, moment: &Moment, node: NodeId) {
        self.since[node.index()] = moment.at;
    }

    pub(super) fn restarted(&mut self, moment: &Moment, node: NodeId) {
        self.last[node.index()] = 0;
        self.astray.remove(node);
        self.woke(moment, node);
    }

    /// `node`'s state machine now stands behind `position`.
    pub(super) fn installed(&mut self, node: NodeId, position: u64) {
        self.last[node.index()] = position;
    }

    pub(super) fn judge(&mut self, findings: &mut Findings, moment: &Moment, conditions: &Conditions<'_>) {
        if findings.open(Name::Validity) {
            let debt = self.unordered(conditions.connected);
            liveness::judge(findings, Name::Validity, debt, moment, conditions);
        }
        if findings.open(Name::Agreement) {
            let debt = conditions.connected.iter().filter_map(|node| self.behind(node)).min_by_key(|debt| debt.since);
            liveness::judge(findings, Name::Agreement, debt, moment, conditions);
        }
    }

    /// The oldest operation that its client waits for and that nobody has delivered. A client that asked a node which
    /// cannot serve it tries elsewhere when its time-out runs out.
    fn unordered(&mut self, connected: NodeSet) -> Option<Debt<6>> {
        let done = |id: u32| {
            let record = self.operations.get(id);
            record.position != 0 || record.ended != Ended::Not
        };
        while self.oldest < self.operations.len() && done(self.oldest) {
            self.oldest += 1;
        }
        let window = self.oldest..self.operations.len().min(self.oldest.saturating_add(WINDOW));
        let owed = |id: &u32| !done(*id) && connected.contains(self.operations.get(*id).asked);
        let (record, command) = window.filter(owed).find_map(|id| {
            let record = self.operations.get(id);
            record.command().map(|command| (record, command))
        })?;
        let what = [
            Part::Text("no node has delivered "),
            Part::Command(command),
            Part::Text(", asked for since "),
            Part::Time(record.at),
            Part::Text(" and last at "),
            Part::Node(record.asked),
        ];
        Some(Debt { since: record.at, what })
    }

    /// The first position that `node` lacks.
    fn behind(&self, node: NodeId) -> Option<Debt<6>> {
        let last = *self.last.get(node.index())?;
        let slot = self.slots.get(usize::try_from(last).ok()?)?;
        let what = [
            Part::Node(node),
            Part::Text(" has not delivered "),
            Part::Command(slot.command),
            Part::Text(", which "),
            Part::Node(slot.by),
            Part::Text(" delivered"),
        ];
        Some(Debt { since: slot.at.max(self.since[node.index()]), what })
    }
}
