//! Reliable broadcast: whoever gets a message passes it on.
//!
//! Either every correct node delivers a message or none does, even if its sender dies while it sends. Cachin,
//! Guerraoui, Rodrigues, 2nd ed., §3.3, Algorithm 3.3 ("Eager Reliable Broadcast"); the same is the diffusion
//! algorithm of Hadzilacos and Toueg 1994. For the asynchronous crash-stop model, any number of crashes, no
//! failure detector; n² messages a broadcast are its price.
//!
//! Promised: *Validity*, *No duplication*, *No creation*, *Agreement* among correct nodes. Agreement is not uniform:
//! a node may deliver, die with all its relays lost, and take the message with it. No order is promised.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | `Data` | origin, number, m, link | a client asks: to all others | as `Relay` |
//! | `Relay` | origin, number, m, link | a message of another's has come for the first time: to all others | relayed and delivered, if it is new |
//! | `Ack` | link | a `Data` or `Relay` is on the disk | its sender stops repeating it |
//!
//! On the disk: every message that the node broadcast or delivered, in the order of delivery. A node delivers its
//! own message at once.
//!
//! Deviations from the book: the links repeat until acknowledged rather than for ever; a relayed DATA is called
//! `Relay` for the eyes' sake; a restarted node has its disk, uses no number twice, delivers again from position 1
//! what it had delivered, and still owes the relays that are not known to have arrived.

mod variant;

use super::dissemination::{Disk, Dissemination, Letter, Message, plain_view};
use super::links::{LinkConfig, RETRANSMIT, RETRANSMIT_MS, Retransmit};
use crate::protocol::{
    Command, Context, Field, Habitat, Info, Needs, NodeId, Protocol, Renaming, Setup, Shape, Symmetry, Value, View,
    Wait,
};
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
pub struct Reliable {
    base: Dissemination<(), true>,
    delivered: u64,
}

static INFO: Info = Info {
    id: "reliable",
    title: "Reliable broadcast",
    about: text!(
        "Whoever gets a message passes it on: all correct nodes deliver the same messages, in any order, even if \
            the sender dies half-way."
    ),
    shape: Shape::Broadcast,
    habitat: Habitat::Asynchronous,
    values: &[],
    needs: Needs::Each,
    epoch_word: "",
    position_word: "delivery",
    leader_word: "",
    fifo_channels: false,
    promises: &["Validity", "No duplication", "No creation", "Agreement"],
    variants: VARIANTS,
    settings: &[RETRANSMIT, RETRANSMIT_MS],
    restarts: false,
    liveness_bound: (6000, 10),
};

impl Reliable {
    fn deliver(&mut self, letter: &Letter<()>, ctx: &mut Context<'_, Self>) {
        self.delivered += 1;
        ctx.deliver(self.delivered, letter.command);
    }
}

impl Protocol for Reliable {
    type Config = Config;
    type Message = Message<(), true>;
    type Timer = Retransmit;
    type Stable = Disk<()>;

    const INFO: &'static Info = &INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        let rule = Rule::named(setup.variant).ok_or_else(|| format!("reliable has no variant {:?}", setup.variant))?;
        Ok(Config { nodes: setup.nodes, links: LinkConfig::read(setup), rule })
    }

    fn boot(config: &Config, me: NodeId, disk: &Disk<()>, ctx: &mut Context<'_, Self>) -> Self {
        let relays = config.rule != Rule::NoRelay;
        let base = Dissemination::boot(&config.links, config.nodes, me, disk, relays, ctx);
        let mut node = Reliable { base, delivered: 0 };
        for letter in disk.letters.iter() {
            node.deliver(letter, ctx);
        }
        node
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<'_, Self>) {
        if let Some(letter) = self.base.broadcast(&config.links, command, || (), ctx) {
            self.deliver(&letter, ctx);
        }
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: Self::Message, ctx: &mut Context<'_, Self>) {
        if let Some(letter) = self.base.receive(&config.links, from, message, ctx) {
            if config.rule != Rule::NoRelay {
                self.base.relay(&config.links, &letter, ctx);
            }
            self.deliver(&letter, ctx);
        }
    }

    fn on_timer(&mut self, config: &Config, _: Retransmit, ctx: &mut Context<'_, Self>) {
        self.base.on_timer(&config.links, ctx);
    }

    fn view(&self) -> View {
        plain_view()
    }

    fn fields(&self, _: &dyn Fn(Value) -> String) -> Vec<Field> {
        self.base.fields(self.delivered)
    }

    fn waits(&self, _: &Config) -> Vec<Wait> {
        Vec::new()
    }

    fn symmetry(_: &Config) -> Symmetry {
        Symmetry::Unasked
    }

    fn rename(&mut self, names: &Renaming) {
        self.base.rename(names);
    }
}
