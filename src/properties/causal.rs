//! Causal order: no process delivers a message before one that may have caused it (Cachin et al., CRB5).
//!
//! A message may have caused another when its sender broadcast it earlier, when the other's sender had delivered it
//! before its broadcast, or over a third message. The past of a message is therefore, for each sender, a prefix of
//! what that sender broadcast, and one number per sender tells it: the vector clock of Birman, Schiper and Stephenson,
//! kept here as a ghost that no protocol can see. Until the first violation what a node has delivered is a prefix per
//! sender as well, so n comparisons decide.

use super::Moment;
use super::broadcast::{Book, Message};
use super::findings::Findings;
use super::names::Name;
use super::rows::Rows;
use super::sentence::say;
use crate::protocol::NodeId;

/// Ghost clocks.
#[derive(Clone, Debug)]
pub(super) struct CausalOrder {
    nodes: usize,
    /// `past[p · n + s]`: how many messages of `s` are in the past of what `p` does next.
    past: Vec<u32>,
    /// In row `m`, for each sender `s`: how many messages of `s` are in the past of message `m`, itself included.
    clocks: Rows,
}

impl CausalOrder {
    pub(super) fn new(nodes: usize) -> Self {
        CausalOrder { nodes, past: vec![0; nodes * nodes], clocks: Rows::new(nodes) }
    }

    /// The next message of the book is broadcast.
    pub(super) fn broadcast(&mut self, message: &Message) {
        let row = message.sender.index() * self.nodes;
        let past = &mut self.past[row..row + self.nodes];
        past[message.sender.index()] = message.number;
        self.clocks.push().copy_from_slice(past);
    }

    /// `node`, which has `counts[s]` messages of each sender `s`, delivers the message `id`.
    pub(super) fn delivered(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        id: u32,
        counts: &[u32],
        book: &Book,
    ) {
        let message = book.message(id);
        let clock = self.clocks.get(id as usize);
        let row = node.index() * self.nodes;
        for (s, (&entry, &have)) in clock.iter().zip(counts).enumerate() {
            let own = u32::from(s == message.sender.index());
            if entry - own > have {
                let missing = book.of(NodeId(s as u8), have + 1);
                return report(findings, moment, node, message, missing);
            }
            let past = &mut self.past[row + s];
            *past = (*past).max(entry);
        }
    }

    /// `node`, which broadcast `sent` messages, has forgotten what it delivered.
    pub(super) fn restarted(&mut self, node: NodeId, sent: u32) {
        let row = node.index() * self.nodes;
        self.past[row..row + self.nodes].fill(0);
        self.past[row + node.index()] = sent;
    }
}

fn report(findings: &mut Findings, moment: &Moment, node: NodeId, message: &Message, missing: Option<&Message>) {
    let Some(missing) = missing else { return };
    let (sender, later, earlier) = (message.sender, message.command, missing.command);
    let why = if missing.sender == sender {
        say![node, " delivered ", later, " before ", earlier, ", which ", sender, " had broadcast first"]
    } else {
        say![
            node,
            " delivered ",
            later,
            " before ",
            earlier,
            ", which may have caused it: ",
            earlier,
            " was in the past of ",
            sender,
            " when it broadcast ",
            later
        ]
    };
    findings.report(Name::CausalOrder, moment, why);
}
