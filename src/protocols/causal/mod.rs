//! Causal broadcast: nobody sees an effect before its cause.
//!
//! A message carries the vector time at which it was sent: how many messages of each node its sender had delivered
//! by then. A receiver makes it wait until it has delivered as much. Birman, Schiper and Stephenson 1991 (CBCAST,
//! for one group); Cachin, Guerraoui, Rodrigues, 2nd ed., §3.9, Algorithm 3.15 ("Waiting Causal Broadcast"), over
//! eager reliable broadcast. Asynchronous, crash-stop, any number of crashes.
//!
//! Promised: what reliable broadcast promises, *Causal order*, and *FIFO order*, which it implies. Not promised: any
//! order between messages of which neither is a cause of the other; two nodes may deliver such a pair either way.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | `Data` | origin, number, m, VT, link | a client asks: to all others | as `Relay` |
//! | `Relay` | origin, number, m, VT, link | a message of another's has come for the first time: to all others | relayed, if it is new; delivered once all its causes are |
//! | `Ack` | link | a `Data` or `Relay` is on the disk | its sender stops repeating it |
//!
//! On the disk: every message that the node broadcast or received, in that order, with its timestamp; the clock and
//! the deliveries follow from it. What waits for its causes is there too, for it has been acknowledged.
//!
//! The timestamp is the paper's, whose sender counts its own message in; the book's is smaller by one in that entry
//! and asks for ≤ throughout. Deviations: those of [`super::reliable`]. `p_j need not delay messages received from
//! itself` (rule 2): a node delivers its own message at once.

mod clock;
mod variant;

pub use clock::Vector;

use super::dissemination::{Disk, Dissemination, Letter, Message, plain_view};
use super::links::{LinkConfig, RETRANSMIT, RETRANSMIT_MS, Retransmit};
use crate::protocol::{
    Command, Context, Field, Habitat, Info, Needs, NodeId, Protocol, Setup, Shape, Value, View, Wait,
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
pub struct Causal {
    base: Dissemination<Vector, true>,
    delivered: u64,
    /// VT(p): per node, how many of its messages have been delivered here.
    clock: Vector,
    /// What waits for its causes. Of each origin only the lowest number can be next.
    pending: Sorted<(NodeId, u64), (Vector, Command)>,
}

static INFO: Info = Info {
    id: "causal",
    title: "Causal broadcast",
    about: text!(
        "Reliable broadcast in which a reply never overtakes its question: a message waits until all that its sender \
            had seen is delivered."
    ),
    shape: Shape::Broadcast,
    habitat: Habitat::Asynchronous,
    values: &[],
    needs: Needs::Each,
    epoch_word: "",
    position_word: "delivery",
    leader_word: "",
    fifo_channels: false,
    promises: &["Validity", "No duplication", "No creation", "Agreement", "FIFO order", "Causal order"],
    variants: VARIANTS,
    settings: &[RETRANSMIT, RETRANSMIT_MS],
    restarts: false,
    liveness_bound: (6000, 10),
};

impl Causal {
    /// Whether everything that `origin` had delivered when it sent the message has been delivered here. Always so for
    /// the node's own messages.
    fn has_its_turn(&self, rule: Rule, origin: NodeId, time: &Vector) -> bool {
        let mut missing = time.waits_for(origin, &self.clock);
        match rule {
            Rule::SenderEntryOnly => !missing.any(|node| node == origin),
            Rule::Correct | Rule::TickOnDelivery => missing.next().is_none(),
        }
    }

    /// rb-deliver: the message is here; delivers what has its turn now.
    fn arrives(&mut self, rule: Rule, letter: &Letter<Vector>, ctx: &mut Context<'_, Self>) {
        if !self.has_its_turn(rule, letter.origin, &letter.stamp) {
            self.pending.insert((letter.origin, letter.number), (letter.stamp.clone(), letter.command));
            return;
        }
        self.deliver(rule, letter.origin, letter.command, ctx);
        while let Some(name) = self.next_in_turn(rule) {
            if let Some((_, command)) = self.pending.remove(&name) {
                self.deliver(rule, name.0, command, ctx);
            }
        }
    }

    /// The name of a pending message that has its turn: one look-up per origin.
    fn next_in_turn(&self, rule: Rule) -> Option<(NodeId, u64)> {
        let mut from = (NodeId(0), 0);
        while let Some((&(origin, number), (time, _))) = self.pending.from(from).next() {
            if self.has_its_turn(rule, origin, time) {
                return Some((origin, number));
            }
            from = (NodeId(origin.0 + 1), 0);
        }
        None
    }

    fn deliver(&mut self, rule: Rule, origin: NodeId, command: Command, ctx: &mut Context<'_, Self>) {
        let me = self.base.me();
        self.clock.tick(origin);
        if rule == Rule::TickOnDelivery && origin != me {
            self.clock.tick(me);
        }
        self.delivered += 1;
        ctx.deliver(self.delivered, command);
    }
}

impl Protocol for Causal {
    type Config = Config;
    type Message = Message<Vector, true>;
    type Timer = Retransmit;
    type Stable = Disk<Vector>;

    const INFO: &'static Info = &INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        let rule = Rule::named(setup.variant).ok_or_else(|| format!("causal has no variant {:?}", setup.variant))?;
        Ok(Config { nodes: setup.nodes, links: LinkConfig::read(setup), rule })
    }

    fn boot(config: &Config, me: NodeId, disk: &Disk<Vector>, ctx: &mut Context<'_, Self>) -> Self {
        let base = Dissemination::boot(&config.links, config.nodes, me, disk, true, ctx);
        let clock = Vector::zero(config.nodes);
        let mut node = Causal { base, delivered: 0, clock, pending: Sorted::default() };
        for letter in disk.letters.iter() {
            node.arrives(config.rule, letter, ctx);
        }
        node
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<'_, Self>) {
        let me = self.base.me();
        // Rule 1: p_i increments VT(p_i)[i] and timestamps m. The clock itself follows when m is delivered, at once.
        let time = || {
            let mut time = self.clock.clone();
            time.tick(me);
            time
        };
        if let Some(letter) = self.base.broadcast(&config.links, command, time, ctx) {
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
        let early = |((origin, number), (time, command)): (&(NodeId, u64), &(Vector, Command))| {
            format!("{origin}.{number} {} {time}", value(command.value))
        };
        let pending: Vec<String> = self.pending.iter().map(early).collect();
        let mut fields = self.base.fields(self.delivered);
        fields.push(Field { name: "VT", value: self.clock.to_string(), durable: true });
        fields.push(Field { name: "pending", value: format!("{{{}}}", pending.join(", ")), durable: true });
        fields
    }

    fn waits(&self, _: &Config) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (&(origin, _), (time, _)) in self.pending.iter() {
            for from in time.waits_for(origin, &self.clock) {
                let number = self.clock.of(from) + 1;
                let gap = Wait::Gap { from, number };
                let here = self.pending.get(&(from, number)).is_some_and(|(time, _)| time.of(from) == number);
                if !here && !waits.contains(&gap) {
                    waits.push(gap);
                }
            }
        }
        waits
    }
}
