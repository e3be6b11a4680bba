//! Perfect point-to-point links over a network that loses and repeats messages: what the broadcasts stand on.
//!
//! Cachin, Guerraoui, Rodrigues, 2nd ed., §2.4: *reliable delivery* by retransmission (Algorithm 2.1, "Retransmit
//! Forever") and *no duplication* by a filter (Algorithm 2.2, "Eliminate Duplicates"). Named deviations:
//!
//! - A message is repeated until its receiver acknowledges it, not for ever, so that a run can come to rest. The
//!   book's stubborn links never stop, and say so only to stay simple.
//! - Repeats to a silent node back off to at most [`LONGEST_SILENCE_US`] and never end: a node that comes back is
//!   caught up. At most [`WINDOW`] messages, the oldest first, are repeated to one node at a time.
//! - The filter is the receiver's, by the name that every broadcast message has in any case (origin and number,
//!   or position). A repeat is acknowledged again, for the first acknowledgement may be lost.
//!
//! A node numbers what it sends from 1, one number for all receivers of a message. Whoever uses the links sends
//! only what is on its disk, in the disk's order; so a restarted node gives every message the number that it had,
//! and an acknowledgement that was under way during the crash still means the same message.
//!
//! With the setting `retransmit` off a message is sent once and never acknowledged: the links are then as good as
//! the network, as the textbook's algorithms assume.

use crate::protocol::{
    Context, MAX_NODES, Message, NodeId, NodeSet, Protocol, Renaming, Setting, SettingKind, Setup, Timer,
};
use std::collections::VecDeque;
use std::hash::Hash;

/// The longest pause between two repeats to a silent node, in microseconds.
pub const LONGEST_SILENCE_US: u64 = 2_000_000;

/// How many messages one firing of the timer repeats to one node at most.
pub const WINDOW: u32 = 64;

/// The setting `retransmit`.
pub const RETRANSMIT: Setting = Setting {
    name: "retransmit",
    kind: SettingKind::Flag { default: true },
    about: text!(
        "Repeat every message until it is acknowledged; off: send once, as over the textbook's reliable links."
    ),
};

/// The setting `retransmit_ms`.
pub const RETRANSMIT_MS: Setting = Setting {
    name: "retransmit_ms",
    kind: SettingKind::Range { default: (150, 250), min: 10, max: 2000 },
    about: text!(
        "How long a node waits for an acknowledgement before it repeats; doubled for a silent node, up to 2 s."
    ),
};

/// The links' only timer: the oldest unacknowledged message has waited for long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Retransmit;

impl Timer for Retransmit {
    const ALL: &'static [Self] = &[Retransmit];

    fn name(self) -> &'static str {
        "Retransmit"
    }

    fn index(self) -> u8 {
        0
    }
}

/// The links' settings.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// Whether messages are acknowledged, and repeated until they are.
    pub retransmit: bool,
    /// One round: how long to wait for an acknowledgement, in microseconds.
    after: (u64, u64),
    /// The back-off's bound, in rounds; at least 1.
    longest: u16,
}

impl LinkConfig {
    /// Reads [`RETRANSMIT`] and [`RETRANSMIT_MS`].
    pub fn read(setup: &Setup<'_>) -> LinkConfig {
        let after = setup.range_us(RETRANSMIT_MS.name);
        let longest = (LONGEST_SILENCE_US / after.1.max(1)).clamp(1, 1 << 10) as u16;
        LinkConfig { retransmit: setup.flag(RETRANSMIT.name), after, longest }
    }
}

/// A message that somebody has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Parcel<M> {
    message: M,
    missing: NodeSet,
}

/// What a node knows of the link to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Peer {
    /// How many messages it has not acknowledged.
    unacked: u32,
    /// Rounds between two repeats; doubles while the peer is silent.
    back_off: u16,
    /// Rounds until the next repeat.
    wait: u16,
}

const HEARD: Peer = Peer { unacked: 0, back_off: 1, wait: 1 };

/// One node's end of the links to all others. `M` carries its own number on the link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Links<M> {
    /// The number of `outbox[0]`: everything before it is acknowledged by all its receivers.
    first: u64,
    outbox: VecDeque<Parcel<M>>,
    peers: Vec<Peer>,
    /// Messages up to this number have waited for a whole round when the timer fires.
    ripe: u64,
    /// The rounds for which the timer is armed; 0 when it is not.
    armed: u16,
}

impl<M: Clone> Links<M> {
    /// Links of a cluster of `nodes` that have carried nothing yet.
    pub fn new(nodes: usize) -> Self {
        Links { first: 1, outbox: VecDeque::new(), peers: vec![HEARD; nodes], ripe: 0, armed: 0 }
    }

    /// The number that the next message gets.
    pub fn next(&self) -> u64 {
        self.first + self.outbox.len() as u64
    }

    /// Everything up to this number is acknowledged by all its receivers.
    pub fn settled(&self) -> u64 {
        self.first - 1
    }

    /// Sends what `make` makes of its number to each of `to`, and again until each has acknowledged it.
    pub fn send<P: Protocol<Message = M, Timer = Retransmit>>(
        &mut self,
        config: &LinkConfig,
        to: NodeSet,
        make: impl FnOnce(u64) -> M,
        ctx: &mut Context<'_, P>,
    ) {
        let message = make(self.next());
        for peer in to.iter() {
            ctx.send(peer, message.clone());
        }
        let owed = if config.retransmit { to } else { NodeSet::default() };
        if self.hold(owed, message) && self.armed != 1 {
            self.arm(config, 1, ctx);
        }
    }

    /// Keeps `message` until all of `to` have it; true when one of them was owed nothing before.
    fn hold(&mut self, to: NodeSet, message: M) -> bool {
        let mut woken = false;
        for node in to.iter() {
            let peer = &mut self.peers[node.index()];
            if peer.unacked == 0 {
                *peer = HEARD;
                woken = true;
            }
            peer.unacked += 1;
        }
        if to.is_empty() && self.outbox.is_empty() {
            self.first += 1;
        } else {
            self.outbox.push_back(Parcel { message, missing: to });
        }
        woken
    }

    fn arm<P: Protocol<Message = M, Timer = Retransmit>>(
        &mut self,
        config: &LinkConfig,
        rounds: u16,
        ctx: &mut Context<'_, P>,
    ) {
        self.armed = rounds;
        self.ripe = self.next() - 1;
        let (low, high) = config.after;
        ctx.set_timer(Retransmit, low * u64::from(rounds), high * u64::from(rounds));
    }

    /// `from` has said something, so it is not to be spared any longer.
    pub fn heard<P: Protocol<Message = M, Timer = Retransmit>>(
        &mut self,
        config: &LinkConfig,
        from: NodeId,
        ctx: &mut Context<'_, P>,
    ) {
        let peer = &mut self.peers[from.index()];
        if peer.back_off == 1 {
            return;
        }
        peer.back_off = 1;
        peer.wait = 1;
        if peer.unacked > 0 && self.armed > 1 {
            self.arm(config, 1, ctx);
        }
    }

    /// `from` has acknowledged the message `number`. A number that it does not owe says nothing.
    pub fn acknowledged<P: Protocol<Message = M, Timer = Retransmit>>(
        &mut self,
        config: &LinkConfig,
        from: NodeId,
        number: u64,
        ctx: &mut Context<'_, P>,
    ) {
        self.heard(config, from, ctx);
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        let Some(parcel) = place.and_then(|place| self.outbox.get_mut(place)) else { return };
        if !parcel.missing.contains(from) {
            return;
        }
        parcel.missing.remove(from);
        self.peers[from.index()].unacked -= 1;
        while self.outbox.front().is_some_and(|parcel| parcel.missing.is_empty()) {
            self.outbox.pop_front();
            self.first += 1;
        }
        if self.outbox.is_empty() && self.armed > 0 {
            self.armed = 0;
            ctx.cancel_timer(Retransmit);
        }
    }

    /// The timer has fired: repeats what has waited for a round, to those whose turn it is.
    pub fn on_timer<P: Protocol<Message = M, Timer = Retransmit>>(
        &mut self,
        config: &LinkConfig,
        ctx: &mut Context<'_, P>,
    ) {
        let passed = std::mem::take(&mut self.armed);
        let mut due = NodeSet::default();
        for (node, peer) in NodeId::all(self.peers.len()).zip(&mut self.peers) {
            if peer.unacked > 0 {
                peer.wait = peer.wait.saturating_sub(passed);
                if peer.wait == 0 {
                    due.insert(node);
                }
            }
        }
        let repeated = self.repeat(due, ctx);
        for node in due.iter() {
            let peer = &mut self.peers[node.index()];
            if repeated.contains(node) {
                peer.back_off = (peer.back_off * 2).min(config.longest);
                peer.wait = peer.back_off;
            } else {
                peer.wait = 1;
            }
        }
        self.resume(config, ctx);
    }

    /// Repeats the oldest ripe messages to each of `due`, at most [`WINDOW`] each; gives who got any.
    fn repeat<P: Protocol<Message = M, Timer = Retransmit>>(&self, due: NodeSet, ctx: &mut Context<'_, P>) -> NodeSet {
        let mut sent = [0; MAX_NODES];
        let mut open = due;
        for (parcel, _) in self.outbox.iter().zip(self.first..=self.ripe) {
            for node in NodeSet(parcel.missing.0 & open.0).iter() {
                ctx.send(node, parcel.message.clone());
                sent[node.index()] += 1;
                if sent[node.index()] == WINDOW {
                    open.remove(node);
                }
            }
            if open.is_empty() {
                break;
            }
        }
        due.iter().filter(|node| sent[node.index()] > 0).collect()
    }

    /// Arms the timer for the one who is next, if anything is owed.
    pub fn resume<P: Protocol<Message = M, Timer = Retransmit>>(
        &mut self,
        config: &LinkConfig,
        ctx: &mut Context<'_, P>,
    ) {
        if let Some(rounds) = self.peers.iter().filter(|peer| peer.unacked > 0).map(|peer| peer.wait).min() {
            self.arm(config, rounds, ctx);
        }
    }

    /// At boot, for every message that the disk says was sent, in the old order: it has its old number again,
    /// and is owed to `to` unless the number is in `settled`. [`Links::resume`] then sets the links going.
    pub fn restore(&mut self, config: &LinkConfig, settled: u64, to: NodeSet, make: impl FnOnce(u64) -> M) {
        let number = self.next();
        let owed = if config.retransmit && number > settled { to } else { NodeSet::default() };
        self.hold(owed, make(number));
    }

    /// For the checker: the same under other names of the nodes.
    pub fn rename(&mut self, names: &Renaming)
    where
        M: Message,
    {
        names.list(&mut self.peers);
        for parcel in &mut self.outbox {
            parcel.message.rename(names);
            parcel.missing = names.set(parcel.missing);
        }
    }

    /// How many messages each node has yet to acknowledge, for eyes.
    pub fn unacked(&self) -> String {
        let owed = NodeId::all(self.peers.len()).zip(&self.peers).filter(|(_, peer)| peer.unacked > 0);
        let list: Vec<String> = owed.map(|(node, peer)| format!("{node}: {}", peer.unacked)).collect();
        if list.is_empty() { "–".to_string() } else { list.join(", ") }
    }
}
