//! The eventual side of broadcast: Validity (Cachin et al., BEB1) and Agreement (RB4, TOB4).
//!
//! Validity is taken in its strong form, every correct node delivers what a correct node broadcasts: where Agreement is
//! promised the two forms say the same, and where it is not (best-effort) the strong one is the promise. A node that
//! has crashed is faulty from then on, unless the protocol survives restarts. The sender's crash turns a debt of
//! Validity into one of Agreement, if a correct node has delivered the message: its news then go by `late`.
//!
//! A pointer per node walks over the book once, when asked; deliveries cost nothing here.

use super::broadcast::{Book, Message};
use super::findings::Findings;
use super::liveness::{self, Debt};
use super::names::Name;
use super::sentence::Part;
use super::{Conditions, Moment};
use crate::protocol::{NodeId, NodeSet};
use crate::sorted::Sorted;

/// How many messages behind the oldest open one are looked at in one judgement.
const WINDOW: u32 = 256;

/// What every node still has to deliver.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    restarts: bool,
    faulty: NodeSet,
    /// When each node booted or went on last, in µs.
    since: Vec<u64>,
    /// Up to here `p` has delivered everything that a correct node broadcast.
    valid: Vec<u32>,
    /// Up to here `p` has delivered everything that a correct node delivered, but for what is in `late`.
    agreed: Vec<u32>,
    /// Messages that were delivered when their senders did not vouch for them any more.
    late: Sorted<u32>,
}

impl Delivery {
    pub(super) fn new(nodes: usize, restarts: bool) -> Self {
        Delivery {
            restarts,
            faulty: NodeSet::default(),
            since: vec![0; nodes],
            valid: vec![0; nodes],
            agreed: vec![0; nodes],
            late: Sorted::default(),
        }
    }

    pub(super) fn delivered(&mut self, id: u32, message: &Message) {
        if !self.binding(message) {
            self.late.insert(id, ());
        }
    }

    pub(super) fn crashed(&mut self, node: NodeId) {
        self.faulty.insert(node);
    }

    pub(super) fn woke(&mut self, moment: &Moment, node: NodeId) {
        self.since[node.index()] = moment.at;
    }

    pub(super) fn restarted(&mut self, moment: &Moment, node: NodeId) {
        self.woke(moment, node);
        if self.restarts {
            self.faulty.remove(node);
            // Its list is empty again, and what it broadcast is owed again.
            self.valid.fill(0);
            self.agreed.fill(0);
        }
    }

    /// Whether `message` is owed for its sender's sake: a correct one, which did broadcast it.
    fn binding(&self, message: &Message) -> bool {
        message.number > 0 && !self.faulty.contains(message.sender)
    }

    /// Whether some correct node has delivered `message`.
    fn reached(&self, message: &Message) -> bool {
        message.delivered.0 & !self.faulty.0 != 0
    }

    /// The first correct node that has delivered `message`.
    fn witness(&self, message: &Message) -> NodeId {
        NodeSet(message.delivered.0 & !self.faulty.0).iter().next().unwrap_or(message.sender)
    }

    pub(super) fn judge(&mut self, findings: &mut Findings, book: &Book, moment: &Moment, conditions: &Conditions<'_>) {
        let correct = NodeId::all(self.since.len()).filter(|node| !self.faulty.contains(*node));
        let owing: Vec<NodeId> = correct.filter(|node| conditions.connected.contains(*node)).collect();
        if findings.open(Name::Validity) {
            let debts: Vec<_> =
                owing.iter().filter_map(|node| self.validity(book, *node, conditions.connected)).collect();
            liveness::judge(findings, Name::Validity, oldest(&debts), moment, conditions);
        }
        if findings.open(Name::Agreement) {
            self.settle(book);
            let debts: Vec<_> = owing.iter().filter_map(|node| self.agreement(book, *node)).collect();
            liveness::judge(findings, Name::Agreement, oldest(&debts), moment, conditions);
        }
    }

    /// The oldest message that `node` owes because a correct, connected node broadcast it.
    fn validity(&mut self, book: &Book, node: NodeId, connected: NodeSet) -> Option<Debt<6>> {
        let pointer = &mut self.valid[node.index()];
        while *pointer < book.len() {
            let message = book.message(*pointer);
            if !message.delivered.contains(node) && !self.faulty.contains(message.sender) {
                break;
            }
            *pointer += 1;
        }
        let window = *pointer..book.len().min(*pointer + WINDOW);
        let message = window
            .map(|id| book.message(id))
            .find(|m| !m.delivered.contains(node) && !self.faulty.contains(m.sender) && connected.contains(m.sender))?;
        Some(self.debt(node, message, message.sender, " broadcast"))
    }

    /// The oldest message that `node` owes because a correct node delivered it.
    fn agreement(&mut self, book: &Book, node: NodeId) -> Option<Debt<6>> {
        let mut pointer = self.agreed[node.index()];
        while pointer < book.len() {
            let message = book.message(pointer);
            let never = !self.reached(message) && !self.binding(message);
            if !message.delivered.contains(node) && !never {
                break;
            }
            pointer += 1;
        }
        self.agreed[node.index()] = pointer;
        let window = pointer..book.len().min(pointer + WINDOW);
        let owed = |m: &&Message| !m.delivered.contains(node) && self.reached(m);
        let late = self.late.iter().map(|(id, ())| book.message(*id)).find(owed);
        let open = window.map(|id| book.message(id)).find(owed);
        let message = late.into_iter().chain(open).min_by_key(|m| m.at)?;
        Some(self.debt(node, message, self.witness(message), " delivered"))
    }

    /// Drops from `late` what every correct node has, and what no correct node has any more.
    fn settle(&mut self, book: &Book) {
        if self.late.is_empty() {
            return;
        }
        let all = (1u32 << self.since.len()) - 1;
        let correct = all & !self.faulty.0;
        let open = |id: &u32| {
            let has = book.message(*id).delivered.0 & correct;
            has != 0 && has != correct
        };
        if !self.late.iter().all(|(id, ())| open(id)) {
            let mut late = Sorted::default();
            for (id, ()) in self.late.iter().filter(|(id, ())| open(id)) {
                late.insert(*id, ());
            }
            self.late = late;
        }
    }

    fn debt(&self, node: NodeId, message: &Message, by: NodeId, did: &'static str) -> Debt<6> {
        let since = message.at.max(self.since[node.index()]).max(self.since[message.sender.index()]);
        let what = [
            Part::Node(node),
            Part::Text(" has not delivered "),
            Part::Command(message.command),
            Part::Text(", which "),
            Part::Node(by),
            Part::Text(did),
        ];
        Debt { since, what }
    }
}

fn oldest(debts: &[Debt<6>]) -> Option<Debt<6>> {
    debts.iter().min_by_key(|debt| debt.since).copied()
}
