//! Broadcast: the book of messages that all its properties share, No duplication and No creation (Cachin et al.,
//! BEB2, BEB3).
//!
//! A node that restarts begins a new list of delivered messages: what it delivers anew is no duplication, and its
//! order is judged by the new list alone.

use super::causal::CausalOrder;
use super::delivery::Delivery;
use super::fifo;
use super::findings::Findings;
use super::names::{Name, Names};
use super::sentence::say;
use super::total_order::TotalOrder;
use super::{Conditions, Moment};
use crate::growing::Growing;
use crate::protocol::{Command, NodeId, NodeSet};
use crate::sorted::Sorted;

/// A message that was broadcast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub command: Command,
    pub sender: NodeId,
    /// Its sender's number for it, from 1; 0 for one that the sender's crash seems to have cut off.
    pub number: u32,
    /// When it was broadcast, in µs.
    pub at: u64,
    /// Who has it in their present list of delivered messages.
    pub delivered: NodeSet,
}

/// Every message of the run, by number in the order of their broadcasts.
#[derive(Clone, Debug)]
pub(super) struct Book {
    pub messages: Growing<Message>,
    index: Sorted<Command, u32>,
    /// How many messages each node has broadcast.
    sent: Vec<u32>,
    /// Of those, the number of the last that anybody has delivered.
    heard: Vec<u32>,
}

impl Book {
    fn new(nodes: usize) -> Self {
        Book { messages: Growing::default(), index: Sorted::default(), sent: vec![0; nodes], heard: vec![0; nodes] }
    }

    /// The message with this number.
    pub(super) fn message(&self, id: u32) -> &Message {
        &self.messages[id as usize]
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.messages.len() as u32
    }

    /// The `number`th message of `sender`. Walks the book: for sentences only.
    pub(super) fn of(&self, sender: NodeId, number: u32) -> Option<&Message> {
        self.messages.iter().find(|m| m.sender == sender && m.number == number)
    }

    fn add(&mut self, moment: &Moment, sender: NodeId, command: Command) -> Option<Message> {
        let id = self.len();
        if self.index.get(&command).is_some_and(|known| self.message(*known).number > 0) {
            return None;
        }
        self.index.insert(command, id);
        let sent = &mut self.sent[sender.index()];
        *sent += 1;
        let message = Message { command, sender, number: *sent, at: moment.at, delivered: NodeSet::default() };
        self.messages.push(message);
        Some(message)
    }

    /// `sender` starts anew. What it was asked for last and nobody has delivered may never have reached its disk: then
    /// it was not broadcast, and no order waits for it. Should one come after all, it has no place in the order.
    fn withdraw(&mut self, sender: NodeId) {
        let heard = self.heard[sender.index()];
        let lost = |(_, m): &(usize, &Message)| m.sender == sender && m.number > heard;
        let lost: Vec<usize> = self.messages.iter().enumerate().filter(lost).map(|(id, _)| id).collect();
        for id in lost {
            self.messages[id].number = 0;
        }
        self.sent[sender.index()] = heard;
    }
}

/// The monitors of a broadcast.
#[derive(Clone, Debug)]
pub(super) struct Broadcast {
    book: Book,
    /// `counts[p · n + s]`: how many messages of `s` stand in `p`'s list.
    counts: Vec<u32>,
    causal: CausalOrder,
    total: TotalOrder,
    delivery: Delivery,
    nodes: usize,
}

impl Broadcast {
    pub(super) fn new(nodes: usize, restarts: bool) -> Self {
        Broadcast {
            book: Book::new(nodes),
            counts: vec![0; nodes * nodes],
            causal: CausalOrder::new(nodes),
            total: TotalOrder::new(nodes),
            delivery: Delivery::new(nodes, restarts),
            nodes,
        }
    }

    /// `node` broadcasts `command`. A command that was broadcast before is the same message.
    pub(super) fn request(&mut self, findings: &Findings, moment: &Moment, node: NodeId, command: Command) {
        if let Some(message) = self.book.add(moment, node, command) {
            if findings.open(Name::CausalOrder) {
                self.causal.broadcast(&message);
            }
            if findings.open(Name::TotalOrder) {
                self.total.broadcast();
            }
        }
    }

    /// `node` delivers `command`.
    pub(super) fn delivered(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, command: Command) {
        let Some(&id) = self.book.index.get(&command) else {
            let why = say![node, " delivered ", command, ", which no node had broadcast"];
            return findings.report(Name::NoCreation, moment, why);
        };
        let message = &mut self.book.messages[id as usize];
        if !message.delivered.insert(node) {
            let why = say![node, " delivered ", command, " of ", message.sender, " a second time"];
            return findings.report(Name::NoDuplication, moment, why);
        }
        let message = *message;
        if message.number > 0 {
            let heard = &mut self.book.heard[message.sender.index()];
            *heard = message.number.max(*heard);
            let row = node.index() * self.nodes;
            let counts = &mut self.counts[row..row + self.nodes];
            if findings.open(Name::FifoOrder) {
                fifo::delivered(findings, moment, node, &message, counts, &self.book);
            }
            if findings.open(Name::CausalOrder) {
                self.causal.delivered(findings, moment, node, id, counts, &self.book);
            }
            counts[message.sender.index()] += 1;
        }
        if findings.open(Name::TotalOrder) {
            self.total.delivered(findings, moment, node, id, &self.book);
        }
        self.delivery.delivered(id, &message);
    }

    pub(super) fn crashed(&mut self, node: NodeId) {
        self.delivery.crashed(node);
    }

    pub(super) fn woke(&mut self, moment: &Moment, node: NodeId) {
        self.delivery.woke(moment, node);
    }

    /// Forgets the node's list. Costs as much as the list is long: the deliveries paid for it.
    pub(super) fn restarted(&mut self, moment: &Moment, node: NodeId) {
        let ids: Vec<usize> =
            self.book.messages.iter().enumerate().filter(|(_, m)| m.delivered.contains(node)).map(|(i, _)| i).collect();
        for id in ids {
            self.book.messages[id].delivered.remove(node);
        }
        let row = node.index() * self.nodes;
        self.counts[row..row + self.nodes].fill(0);
        self.book.withdraw(node);
        self.causal.restarted(node, self.book.sent[node.index()]);
        self.total.restarted(node);
        self.delivery.restarted(moment, node);
    }

    pub(super) fn judge(&mut self, findings: &mut Findings, moment: &Moment, conditions: &Conditions<'_>) {
        if findings.any_open(Names::of(&[Name::Validity, Name::Agreement])) {
            self.delivery.judge(findings, &self.book, moment, conditions);
        }
    }
}
