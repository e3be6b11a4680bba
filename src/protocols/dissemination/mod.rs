//! How a broadcast message reaches everybody: the part that the rungs below total order share.
//!
//! A node numbers what it broadcasts, writes it to its disk, and sends it to all others. A receiver filters what it
//! has seen, writes the rest to its disk, acknowledges it, and hands it up; a rung above best effort then has it
//! relayed, once, so that a sender that dies half-way leaves nobody out. Which messages are delivered when is the
//! rung's own business, in its own folder.
//!
//! After a restart the rung goes through [`Disk::letters`] in order by the same rule as before and so delivers the
//! same messages in the same order from position 1; the links owe the others whatever they are not known to have.
//! A node that lost its disk has also lost its numbers, so the others take its next messages for old ones: a
//! crash-stop algorithm does not outlive that.

mod clients;
mod disk;
mod message;
mod seen;

pub use clients::Clients;
pub use disk::{Append, Disk};
pub use message::{Letter, Message, Stamp};
pub use seen::Seen;

use super::links::{LinkConfig, Links, Retransmit};
use crate::protocol::{Command, Context, Field, NodeId, NodeSet, Protocol, Renaming, View};

/// A protocol that speaks [`Message`] and keeps a [`Disk`].
pub trait Rung<S: Stamp, const RELAYS: bool>:
    Protocol<Message = Message<S, RELAYS>, Timer = Retransmit, Stable = Disk<S>>
{
}

impl<P, S: Stamp, const RELAYS: bool> Rung<S, RELAYS> for P where
    P: Protocol<Message = Message<S, RELAYS>, Timer = Retransmit, Stable = Disk<S>>
{
}

/// One node's share in getting messages to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dissemination<S, const RELAYS: bool> {
    me: NodeId,
    others: NodeSet,
    links: Links<Message<S, RELAYS>>,
    /// Per origin, the numbers of the messages that are here.
    seen: Vec<Seen>,
    clients: Clients,
}

impl<S: Stamp, const RELAYS: bool> Dissemination<S, RELAYS> {
    /// Starts from the disk. `relays` says whether the node used to pass on what others broadcast.
    pub fn boot<P: Rung<S, RELAYS>>(
        config: &LinkConfig,
        nodes: usize,
        me: NodeId,
        disk: &Disk<S>,
        relays: bool,
        ctx: &mut Context<'_, P>,
    ) -> Self {
        let others = NodeId::all(nodes).filter(|&node| node != me).collect();
        let seen = vec![Seen::default(); nodes];
        let mut this = Dissemination { me, others, links: Links::new(nodes), seen, clients: Clients::default() };
        for letter in disk.letters.iter() {
            this.seen[letter.origin.index()].insert(letter.number);
            if letter.origin == me {
                this.clients.is_new(&letter.command);
            }
            if relays || letter.origin == me {
                let message = |link| Message::carrying(me, link, letter.clone());
                this.links.restore(config, disk.settled, others, message);
            }
        }
        this.links.resume(config, ctx);
        this
    }

    /// This node.
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// Broadcasts `command`: gives it the next number and the stamp, and sends it to all others. `None` when its
    /// client has asked for it before.
    pub fn broadcast<P: Rung<S, RELAYS>>(
        &mut self,
        config: &LinkConfig,
        command: Command,
        stamp: impl FnOnce() -> S,
        ctx: &mut Context<'_, P>,
    ) -> Option<Letter<S>> {
        if !self.clients.is_new(&command) {
            return None;
        }
        let own = &mut self.seen[self.me.index()];
        let number = own.upto() + 1;
        own.insert(number);
        let letter = Letter { origin: self.me, number, stamp: stamp(), command };
        // On the disk before it is on the network: a number once used never names another message.
        ctx.persist(Append { letter: letter.clone(), settled: self.links.settled() });
        self.send(config, &letter, ctx);
        Some(letter)
    }

    /// Takes a message in: what is broadcast, the first time that it comes.
    pub fn receive<P: Rung<S, RELAYS>>(
        &mut self,
        config: &LinkConfig,
        from: NodeId,
        message: Message<S, RELAYS>,
        ctx: &mut Context<'_, P>,
    ) -> Option<Letter<S>> {
        let (link, letter) = match message {
            Message::Data { link, letter } | Message::Relay { link, letter } => (link, letter),
            Message::Ack { link } => {
                self.links.acknowledged(config, from, link, ctx);
                return None;
            }
        };
        self.links.heard(config, from, ctx);
        let new = self.seen[letter.origin.index()].insert(letter.number);
        if new {
            ctx.persist(Append { letter: letter.clone(), settled: self.links.settled() });
        }
        if config.retransmit {
            // Behind the write: the sender may forget the message from now on.
            ctx.send(from, Message::Ack { link });
        }
        new.then_some(letter)
    }

    /// Passes on what another node broadcast.
    pub fn relay<P: Rung<S, RELAYS>>(&mut self, config: &LinkConfig, letter: &Letter<S>, ctx: &mut Context<'_, P>) {
        self.send(config, letter, ctx);
    }

    fn send<P: Rung<S, RELAYS>>(&mut self, config: &LinkConfig, letter: &Letter<S>, ctx: &mut Context<'_, P>) {
        let me = self.me;
        self.links.send(config, self.others, |link| Message::carrying(me, link, letter.clone()), ctx);
    }

    /// Repeats what is not acknowledged.
    pub fn on_timer<P: Rung<S, RELAYS>>(&mut self, config: &LinkConfig, ctx: &mut Context<'_, P>) {
        self.links.on_timer(config, ctx);
    }

    /// For the checker: the same under other names of the nodes.
    pub fn rename(&mut self, names: &Renaming) {
        self.me = names.node(self.me);
        self.others = names.set(self.others);
        self.links.rename(names);
        names.list(&mut self.seen);
    }

    /// The variables that every rung has, for the inspector.
    pub fn fields(&self, delivered: u64) -> Vec<Field> {
        let seen: Vec<String> = self.seen.iter().map(|seen| seen.upto().to_string()).collect();
        vec![
            Field { name: "lsn", value: self.seen[self.me.index()].upto().to_string(), durable: true },
            Field { name: "delivered", value: delivered.to_string(), durable: true },
            Field { name: "seen", value: format!("[{}]", seen.join(", ")), durable: true },
            Field { name: "unacked", value: self.links.unacked(), durable: false },
        ]
    }
}

/// The summary of a node whose protocol knows neither leader nor epoch nor log.
pub fn plain_view() -> View {
    View { role: "process", first: 1, ..View::default() }
}
