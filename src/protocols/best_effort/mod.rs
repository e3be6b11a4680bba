//! Best-effort broadcast: send to all.
//!
//! The lowest rung. If the sender is correct everybody gets the message; if it dies while it sends, some do and
//! some do not, and nobody makes up for it. Cachin, Guerraoui, Rodrigues, 2nd ed., §3.2, Algorithm 3.1 ("Basic
//! Broadcast"), for the asynchronous crash-stop model and any number of crashes.
//!
//! Promised: *Validity* (what a correct node broadcasts is delivered by every correct node), *No duplication*,
//! *No creation*. Not promised: that the nodes agree on what they deliver, or any order.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | `Data` | origin, number, m, link | a client asks: to all others | delivered, if it is new |
//! | `Ack` | link | a `Data` is on the disk | the sender stops repeating it |
//!
//! On the disk: every message that the node broadcast or delivered, in the order of delivery. A node delivers its
//! own message at once.
//!
//! Deviations from the book: the links (see [`super::links`]) repeat until acknowledged rather than for ever; the
//! disk, which crash-stop does not have, so that a restarted node uses no number twice and delivers again, from
//! position 1, what it had delivered.

use super::dissemination::{Disk, Dissemination, Letter, Message, plain_view};
use super::links::{LinkConfig, RETRANSMIT, RETRANSMIT_MS, Retransmit};
use crate::protocol::{
    Command, Context, Field, Habitat, Info, Needs, NodeId, Protocol, Renaming, Setup, Shape, Symmetry, Value, View,
    Wait,
};

/// Cluster size and links.
#[derive(Clone, Debug)]
pub struct Config {
    nodes: usize,
    links: LinkConfig,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BestEffort {
    base: Dissemination<(), false>,
    delivered: u64,
}

static INFO: Info = Info {
    id: "best-effort",
    title: "Best-effort broadcast",
    about: text!(
        "Send to all: everybody delivers what a correct node broadcasts, in any order, and a dying sender reaches \
            only some."
    ),
    shape: Shape::Broadcast,
    habitat: Habitat::Asynchronous,
    values: &[],
    needs: Needs::Each,
    epoch_word: "",
    position_word: "delivery",
    leader_word: "",
    fifo_channels: false,
    promises: &["Validity", "No duplication", "No creation"],
    variants: &[],
    settings: &[RETRANSMIT, RETRANSMIT_MS],
    restarts: false,
    liveness_bound: (6000, 10),
};

impl BestEffort {
    fn deliver(&mut self, letter: &Letter<()>, ctx: &mut Context<'_, Self>) {
        self.delivered += 1;
        ctx.deliver(self.delivered, letter.command);
    }
}

impl Protocol for BestEffort {
    type Config = Config;
    type Message = Message<(), false>;
    type Timer = Retransmit;
    type Stable = Disk<()>;

    const INFO: &'static Info = &INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        match setup.variant {
            "correct" => Ok(Config { nodes: setup.nodes, links: LinkConfig::read(setup) }),
            other => Err(format!("best-effort has no variant {other:?}")),
        }
    }

    fn boot(config: &Config, me: NodeId, disk: &Disk<()>, ctx: &mut Context<'_, Self>) -> Self {
        let base = Dissemination::boot(&config.links, config.nodes, me, disk, false, ctx);
        let mut node = BestEffort { base, delivered: 0 };
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
