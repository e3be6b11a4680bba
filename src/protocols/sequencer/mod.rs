//! Total order broadcast by a fixed sequencer: one node counts, all deliver by the count.
//!
//! Défago, Schiper and Urbán 2004, fixed sequencer, the variant UB (unicast, then broadcast): a node sends its message
//! to the sequencer, the sequencer gives it the next number and sends it to all, and all deliver in the order of the
//! numbers. For the asynchronous model without crashes: there is no fail-over. While the sequencer is down nothing
//! is ordered, and if it stays down nothing ever is; the other protocols of the playground are there to mend that.
//!
//! Promised: *No duplication*, *No creation*, *Total order* (every node's deliveries are a prefix of one sequence),
//! whoever crashes; *Validity* and *Agreement* as long as the sequencer is correct, since a number that only some
//! nodes have heard of is known to the others from nobody else. Not promised: *FIFO order*. The numbers follow the
//! order in which the requests reach the sequencer, and the network may turn round two requests of one sender.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | `Request` | origin, number, m | a client asks: to the sequencer | gets a number, if it has none |
//! | `Order` | seqnum, origin, number, m | the sequencer has given a number: to all others | delivered once all before it are |
//! | `Ack` | link | a `Request` has its number on the disk, or an `Order` is on the disk | its sender stops repeating it |
//!
//! On the disk: the node's own requests and the sequence as far as it is known; at the sequencer that is every number
//! given, so a restarted sequencer goes on where it was. Positions are sequence numbers.
//!
//! Deviations from the survey, which leaves links and crashes open: retransmission (see [`super::links`]); the disk;
//! an own message that comes back with its number counts as the acknowledgement of its request.

mod disk;
mod message;
mod variant;

pub use disk::{Disk, Write};
pub use message::Message;

use super::dissemination::{Clients, Letter, Seen};
use super::links::{LinkConfig, Links, RETRANSMIT, RETRANSMIT_MS, Retransmit};
use crate::protocol::{
    Command, Context, Field, Habitat, Info, MAX_NODES, Needs, NodeId, NodeSet, Protocol, Setting, SettingKind, Setup,
    Shape, Value, View, Wait,
};
use crate::sorted::Sorted;
use variant::{Rule, VARIANTS};

/// Cluster size, who counts, links, variant.
#[derive(Clone, Debug)]
pub struct Config {
    nodes: usize,
    sequencer: NodeId,
    links: LinkConfig,
    rule: Rule,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sequencer {
    me: NodeId,
    /// Who gives the numbers.
    counter: NodeId,
    /// Carries requests to the sequencer, or from the sequencer orders to all others.
    links: Links<Message>,
    clients: Clients,
    /// The number of the node's last own message.
    lsn: u64,
    /// The node's own messages of which no sequence number is known here.
    open: Sorted<u64>,
    /// At the sequencer: per origin, whose numbers have been given. It gives the number `delivered + 1`, for it
    /// delivers what it has numbered at once.
    numbered: Vec<Seen>,
    /// Everything up to this number is delivered.
    delivered: u64,
    /// What came before its turn, by sequence number.
    pending: Sorted<u64, Letter<()>>,
}

static INFO: Info = Info {
    id: "sequencer",
    title: "Fixed sequencer",
    about: text!(
        "Total order broadcast by one node that gives every message a number: one order for all, until that node \
            dies."
    ),
    shape: Shape::Broadcast,
    habitat: Habitat::Asynchronous,
    values: &[],
    needs: Needs::Setting("sequencer"),
    epoch_word: "",
    position_word: "sequence number",
    leader_word: "sequencer",
    fifo_channels: false,
    promises: &["Validity", "No duplication", "No creation", "Agreement", "Total order"],
    variants: VARIANTS,
    settings: &[
        Setting {
            name: "sequencer",
            kind: SettingKind::Integer { default: 0, min: 0, max: MAX_NODES as u64 - 1 },
            about: text!("The node that gives the numbers."),
        },
        RETRANSMIT,
        RETRANSMIT_MS,
    ],
    restarts: false,
    liveness_bound: (12_000, 20),
};

impl Sequencer {
    fn others(&self, config: &Config) -> NodeSet {
        NodeId::all(config.nodes).filter(|&node| node != self.me).collect()
    }

    /// The sequencer's part: gives `letter` the next number and sends it to all, unless it has one.
    fn give_number(&mut self, config: &Config, letter: Letter<()>, ctx: &mut Context<'_, Self>) {
        let new = self.numbered[letter.origin.index()].insert(letter.number);
        if !new && config.rule != Rule::SequencedTwice {
            return;
        }
        let seqnum = self.delivered + 1;
        if config.rule != Rule::RestartNumbers {
            ctx.persist(Write::Order { seqnum, letter: letter.clone(), settled: self.links.settled() });
        }
        let others = self.others(config);
        self.links.send(&config.links, others, |_| Message::Order { seqnum, letter: letter.clone() }, ctx);
        self.deliver(letter.command, ctx);
    }

    /// The receivers' part: `letter` has the number `seqnum`.
    fn on_order(&mut self, config: &Config, seqnum: u64, letter: Letter<()>, ctx: &mut Context<'_, Self>) {
        if seqnum <= self.delivered || self.pending.contains(&seqnum) {
            return;
        }
        if letter.origin == self.me {
            self.open.remove(&letter.number);
            self.links.acknowledged(&config.links, config.sequencer, letter.number, ctx);
        }
        ctx.persist(Write::Order { seqnum, letter: letter.clone(), settled: self.links.settled() });
        if seqnum != self.delivered + 1 {
            self.pending.insert(seqnum, letter);
            return;
        }
        self.deliver(letter.command, ctx);
        while !self.pending.is_empty() {
            let Some(letter) = self.pending.remove(&(self.delivered + 1)) else { break };
            self.deliver(letter.command, ctx);
        }
    }

    fn deliver(&mut self, command: Command, ctx: &mut Context<'_, Self>) {
        self.delivered += 1;
        ctx.deliver(self.delivered, command);
    }

    fn acknowledge(&self, config: &Config, to: NodeId, link: u64, ctx: &mut Context<'_, Self>) {
        if config.links.retransmit {
            ctx.send(to, Message::Ack { link });
        }
    }

    /// Goes through the sequence on the disk: what is delivered, what has a number, which requests are settled.
    fn replay(&mut self, config: &Config, disk: &Disk, ctx: &mut Context<'_, Self>) {
        let others = self.others(config);
        for number in 1..=disk.requests.len() as u64 {
            self.open.add(number);
        }
        for (letter, seqnum) in disk.orders.iter().zip(1..) {
            if letter.origin == self.me {
                self.open.remove(&letter.number);
            }
            if self.me == config.sequencer {
                self.numbered[letter.origin.index()].insert(letter.number);
                let order = |_| Message::Order { seqnum, letter: letter.clone() };
                self.links.restore(&config.links, disk.settled, others, order);
                if letter.origin == self.me {
                    self.lsn = self.lsn.max(letter.number);
                    self.clients.is_new(&letter.command);
                }
            }
            self.deliver(letter.command, ctx);
        }
        for (&seqnum, letter) in disk.early.iter() {
            if letter.origin == self.me {
                self.open.remove(&letter.number);
            }
            self.pending.insert(seqnum, letter.clone());
        }
    }

    /// Goes through the requests on the disk: those without a number are asked for again.
    fn ask_again(&mut self, config: &Config, disk: &Disk) {
        let sequencer = NodeSet::from_iter([config.sequencer]);
        for &command in disk.requests.iter() {
            self.lsn += 1;
            self.clients.is_new(&command);
            let letter = Letter { origin: self.me, number: self.lsn, stamp: (), command };
            let to = if self.open.contains(&self.lsn) { sequencer } else { NodeSet::default() };
            self.links.restore(&config.links, disk.settled, to, |_| Message::Request { letter });
        }
    }
}

impl Protocol for Sequencer {
    type Config = Config;
    type Message = Message;
    type Timer = Retransmit;
    type Stable = Disk;

    const INFO: &'static Info = &INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        let rule = Rule::named(setup.variant).ok_or_else(|| format!("sequencer has no variant {:?}", setup.variant))?;
        let sequencer = setup.integer("sequencer");
        match NodeId::all(setup.nodes).find(|node| u64::from(node.0) == sequencer) {
            Some(sequencer) => Ok(Config { nodes: setup.nodes, sequencer, links: LinkConfig::read(setup), rule }),
            None => Err(format!("sequencer must be one of the {} nodes, not node {sequencer}", setup.nodes)),
        }
    }

    fn boot(config: &Config, me: NodeId, disk: &Disk, ctx: &mut Context<'_, Self>) -> Self {
        let mut node = Sequencer {
            me,
            counter: config.sequencer,
            links: Links::new(config.nodes),
            clients: Clients::default(),
            lsn: 0,
            open: Sorted::default(),
            numbered: vec![Seen::default(); config.nodes],
            delivered: 0,
            pending: Sorted::default(),
        };
        node.replay(config, disk, ctx);
        node.ask_again(config, disk);
        node.links.resume(&config.links, ctx);
        node
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<'_, Self>) {
        if !self.clients.is_new(&command) {
            return;
        }
        self.lsn += 1;
        let letter = Letter { origin: self.me, number: self.lsn, stamp: (), command };
        if self.me == config.sequencer {
            return self.give_number(config, letter, ctx);
        }
        self.open.add(self.lsn);
        ctx.persist(Write::Request { command, settled: self.links.settled() });
        let to = NodeSet::from_iter([config.sequencer]);
        self.links.send(&config.links, to, |_| Message::Request { letter }, ctx);
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: Message, ctx: &mut Context<'_, Self>) {
        match message {
            Message::Ack { link } => self.links.acknowledged(&config.links, from, link, ctx),
            Message::Request { letter } => {
                self.links.heard(&config.links, from, ctx);
                let number = letter.number;
                self.give_number(config, letter, ctx);
                self.acknowledge(config, from, number, ctx);
            }
            Message::Order { seqnum, letter } => {
                self.links.heard(&config.links, from, ctx);
                self.on_order(config, seqnum, letter, ctx);
                self.acknowledge(config, from, seqnum, ctx);
            }
        }
    }

    fn on_timer(&mut self, config: &Config, _: Retransmit, ctx: &mut Context<'_, Self>) {
        self.links.on_timer(&config.links, ctx);
    }

    fn view(&self) -> View {
        let counts = self.me == self.counter;
        View {
            role: if counts { "sequencer" } else { "process" },
            leads: counts,
            leader: Some(self.counter),
            first: 1,
            ..View::default()
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let early = |(seqnum, letter): (&u64, &Letter<()>)| format!("{seqnum} {}", value(letter.command.value));
        let pending: Vec<String> = self.pending.iter().map(early).collect();
        let open: Vec<String> = self.open.iter().map(|(number, ())| number.to_string()).collect();
        let mut fields = vec![
            Field { name: "lsn", value: self.lsn.to_string(), durable: true },
            Field { name: "delivered", value: self.delivered.to_string(), durable: true },
            Field { name: "pending", value: format!("{{{}}}", pending.join(", ")), durable: true },
            Field { name: "unnumbered", value: format!("{{{}}}", open.join(", ")), durable: true },
            Field { name: "unacked", value: self.links.unacked(), durable: false },
        ];
        if self.me == self.counter {
            fields.insert(0, Field { name: "seqnum", value: (self.delivered + 1).to_string(), durable: true });
        }
        fields
    }

    fn waits(&self, config: &Config) -> Vec<Wait> {
        let mut waits = Vec::new();
        if !self.pending.is_empty() {
            waits.push(Wait::Gap { from: config.sequencer, number: self.delivered + 1 });
        }
        if !self.open.is_empty() {
            waits.push(Wait::Node { what: "order", node: config.sequencer });
        }
        waits
    }
}
