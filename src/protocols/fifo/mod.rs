//! FIFO broadcast: reliable broadcast that keeps each sender's order.
//!
//! Every sender numbers its messages; a receiver delivers a sender's messages in the order of their numbers and
//! keeps what came early. Cachin, Guerraoui, Rodrigues, 2nd ed., §3.9, Algorithm 3.12 ("Broadcast with Sequence
//! Number"), over eager reliable broadcast; Hadzilacos and Toueg 1994. Asynchronous, crash-stop, any number of
//! crashes.
//!
//! Promised: what reliable broadcast promises, and *FIFO order*. Not promised: any order between messages of
//! different senders. Two nodes may deliver two messages of two senders either way, and a reply may overtake the
//! question that another node asked.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | `Data` | origin, number, m, link | a client asks: to all others | as `Relay` |
//! | `Relay` | origin, number, m, link | a message of another's has come for the first time: to all others | relayed, if it is new; delivered once all before it of its origin are |
//! | `Ack` | link | a `Data` or `Relay` is on the disk | its sender stops repeating it |
//!
//! On the disk: every message that the node broadcast or received, in that order; the deliveries follow from it.
//! What waits for a gap to close is there too, for it has been acknowledged.
//!
//! Deviations from the book: those of [`super::reliable`]. The number that names
//! a message for the layer below is also the one that it is ordered by, where the book's two layers count twice.

mod variant;

use super::dissemination::{Disk, Dissemination, Letter, Message, plain_view};
use super::links::{LinkConfig, RETRANSMIT, RETRANSMIT_MS, Retransmit};
use crate::protocol::{
    Command, Context, Field, Habitat, Info, Needs, NodeId, Protocol, Renaming, Setup, Shape, Symmetry, Value, View,
    Wait,
};
use crate::sorted::Sorted;
use variant::{Rule, VARIANTS};

/// Cluster size, links, variant.
#[derive(Clone, Debug)]
pub struct Config {
    nodes: usize,
    links: LinkConfig,
    rule: Rule,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fifo {
    base: Dissemination<(), true>,
    delivered: u64,
    /// Per origin, the number that is delivered next.
    next: Vec<u64>,
    /// What came before its turn.
    pending: Sorted<(NodeId, u64), Command>,
}

static INFO: Info = Info {
    id: "fifo",
    title: "FIFO broadcast",
    about: text!(
        "Reliable broadcast that delivers each sender's messages in the order in which it sent them, and different \
            senders' in any."
    ),
    shape: Shape::Broadcast,
    habitat: Habitat::Asynchronous,
    values: &[],
    needs: Needs::Each,
    epoch_word: "",
    position_word: "delivery",
    leader_word: "",
    fifo_channels: false,
    promises: &["Validity", "No duplication", "No creation", "Agreement", "FIFO order"],
    variants: VARIANTS,
    settings: &[RETRANSMIT, RETRANSMIT_MS],
    restarts: false,
    liveness_bound: (6000, 10),
};

impl Fifo {
    /// rb-deliver: the message is here; delivers what has its turn now.
    fn arrives(&mut self, rule: Rule, letter: &Letter<()>, ctx: &mut Context<'_, Self>) {
        let origin = letter.origin;
        if rule == Rule::NoGapCheck {
            return self.deliver(letter.command, ctx);
        }
        if letter.number != self.next[origin.index()] {
            self.pending.insert((origin, letter.number), letter.command);
            return;
        }
        self.take_turn(origin, letter.command, ctx);
        while !self.pending.is_empty() {
            let Some(command) = self.pending.remove(&(origin, self.next[origin.index()])) else { break };
            self.take_turn(origin, command, ctx);
        }
    }

    fn take_turn(&mut self, origin: NodeId, command: Command, ctx: &mut Context<'_, Self>) {
        self.next[origin.index()] += 1;
        self.deliver(command, ctx);
    }

    fn deliver(&mut self, command: Command, ctx: &mut Context<'_, Self>) {
        self.delivered += 1;
        ctx.deliver(self.delivered, command);
    }
}

impl Protocol for Fifo {
    type Config = Config;
    type Message = Message<(), true>;
    type Timer = Retransmit;
    type Stable = Disk<()>;

    const INFO: &'static Info = &INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        let rule = Rule::named(setup.variant).ok_or_else(|| format!("fifo has no variant {:?}", setup.variant))?;
        Ok(Config { nodes: setup.nodes, links: LinkConfig::read(setup), rule })
    }

    fn boot(config: &Config, me: NodeId, disk: &Disk<()>, ctx: &mut Context<'_, Self>) -> Self {
        let base = Dissemination::boot(&config.links, config.nodes, me, disk, true, ctx);
        let mut node = Fifo { base, delivered: 0, next: vec![1; config.nodes], pending: Sorted::default() };
        for letter in disk.letters.iter() {
            node.arrives(config.rule, letter, ctx);
        }
        node
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<'_, Self>) {
        if let Some(letter) = self.base.broadcast(&config.links, command, || (), ctx) {
            self.arrives(config.rule, &letter, ctx);
        }
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: Self::Message, ctx: &mut Context<'_, Self>) {
        if let Some(letter) = self.base.receive(&config.links, from, message, ctx) {
            self.base.relay(&config.links, &letter, ctx);
            self.arrives(config.rule, &letter, ctx);
        }
    }

    fn on_timer(&mut self, config: &Config, _: Retransmit, ctx: &mut Context<'_, Self>) {
        self.base.on_timer(&config.links, ctx);
    }

    fn view(&self) -> View {
        plain_view()
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let next: Vec<String> = self.next.iter().map(u64::to_string).collect();
        let early = |((origin, number), command): (&(NodeId, u64), &Command)| {
            format!("{origin}.{number} {}", value(command.value))
        };
        let pending: Vec<String> = self.pending.iter().map(early).collect();
        let mut fields = self.base.fields(self.delivered);
        fields.push(Field { name: "next", value: format!("[{}]", next.join(", ")), durable: true });
        fields.push(Field { name: "pending", value: format!("{{{}}}", pending.join(", ")), durable: true });
        fields
    }

    fn waits(&self, _: &Config) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (&(from, _), _) in self.pending.iter() {
            let gap = Wait::Gap { from, number: self.next[from.index()] };
            if waits.last() != Some(&gap) {
                waits.push(gap);
            }
        }
        waits
    }

    fn symmetry(_: &Config) -> Symmetry {
        Symmetry::Unasked
    }

    fn rename(&mut self, names: &Renaming) {
        self.base.rename(names);
        names.list(&mut self.next);
        let mut pending = Sorted::default();
        for (&(origin, number), command) in self.pending.iter() {
            pending.insert((names.node(origin), number), *command);
        }
        self.pending = pending;
    }
}
