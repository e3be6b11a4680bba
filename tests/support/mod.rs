//! A cluster driven by hand: every message, timer, disk write and crash is a call. No time, no network model, no
//! chance; what a test does not ask for does not happen. For any protocol.
//!
//! A handler runs at once; its effects queue at its node and happen in order. While the node's disk is quick (as at
//! first) they all happen at once. With [`Cluster::hold_disk`] they stop before the next write, and a crash drops
//! what waits: as the model has it (model.md §1).

#![allow(dead_code)] // Each test binary uses its part.

use consensus_playground::protocol::{
    Chooser, ClientId, Command, Context, Effect, Fact, Message, NodeId, Protocol, SettingValue, Setup, SnapshotRef,
    Stable, Value,
};
use std::collections::{BTreeMap, VecDeque};

/// A message under way.
#[derive(Clone, Debug)]
pub struct Envelope<M> {
    /// Never used twice in a cluster's life.
    pub id: u64,
    pub from: NodeId,
    pub to: NodeId,
    pub message: M,
}

/// Splitmix64: for `choose`, and for tests that walk at random. One seed, one walk.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// True in `of` of 1000 cases.
    pub fn per_mille(&mut self, of: u64) -> bool {
        self.next() % 1000 < of
    }
}

impl Chooser for Random {
    fn choose(&mut self, bound: u32) -> u32 {
        self.below(bound as usize) as u32
    }
}

/// One node: its state machine while it is up, its disk, and what surrounds them.
pub struct Slot<P: Protocol> {
    /// `None` while the node is down.
    pub node: Option<P>,
    /// What is on the disk.
    pub disk: P::Stable,
    /// Effects that have yet to happen.
    pub waiting: VecDeque<Effect<P>>,
    /// Whether effects stop before a write.
    pub slow: bool,
    /// Armed timers with their ranges.
    pub timers: BTreeMap<P::Timer, (u64, u64)>,
    /// How often each kind of timer was set, over restarts: setting it again restarts it.
    pub set: BTreeMap<P::Timer, u32>,
    /// What reached the application since the node started, from position `delivered_from`.
    pub delivered: Vec<Command>,
    /// The position of the first of `delivered`: behind the snapshot that was installed.
    pub delivered_from: u64,
    /// Clients that were sent elsewhere.
    pub redirects: Vec<(Command, Option<NodeId>)>,
    /// Clients that were answered once more.
    pub replies: Vec<Command>,
    /// Reads that were answered without a place in the order.
    pub answers: Vec<Command>,
    /// Snapshots that were taken here.
    pub snapshots: Vec<SnapshotRef>,
    /// Everything that was observed, over restarts.
    pub facts: Vec<Fact>,
}

/// A cluster.
pub struct Cluster<P: Protocol> {
    pub config: P::Config,
    pub slots: Vec<Slot<P>>,
    /// Messages under way, in the order in which they were sent.
    pub network: Vec<Envelope<P::Message>>,
    /// What each position was first delivered as, anywhere: total order as a ghost.
    pub order: BTreeMap<u64, Command>,
    /// The first delivery that contradicts `order` or leaves a gap, in words.
    pub disorder: Option<String>,
    /// Each fact with its node, in the order of the whole cluster.
    pub history: Vec<(NodeId, Fact)>,
    /// What every node's clock shows, µs.
    pub now: u64,
    next_id: u64,
    random: Random,
}

/// A node by number.
pub fn n(node: u8) -> NodeId {
    NodeId(node)
}

/// A command of client `client`, its `serial`-th, told apart by its value as well.
pub fn command(client: u32, serial: u32) -> Command {
    Command { client: ClientId(client), serial, value: Value(client * 1_000_000 + serial) }
}

impl<P: Protocol> Cluster<P> {
    /// `nodes` nodes of `variant` with these settings, just started on empty disks.
    pub fn new(nodes: u8, variant: &str, given: &[(&'static str, SettingValue)]) -> Self {
        let setup = Setup { nodes: usize::from(nodes), variant, given, declared: P::INFO.settings, delta: None };
        let config = P::configure(&setup).expect("settings that suit the protocol");
        let mut cluster = Cluster {
            config,
            slots: Vec::new(),
            network: Vec::new(),
            order: BTreeMap::new(),
            disorder: None,
            history: Vec::new(),
            now: 0,
            next_id: 0,
            random: Random(7),
        };
        for _ in 0..nodes {
            cluster.slots.push(Slot {
                node: None,
                disk: P::Stable::default(),
                waiting: VecDeque::new(),
                slow: false,
                timers: BTreeMap::new(),
                set: BTreeMap::new(),
                delivered: Vec::new(),
                delivered_from: 1,
                redirects: Vec::new(),
                replies: Vec::new(),
                answers: Vec::new(),
                snapshots: Vec::new(),
                facts: Vec::new(),
            });
        }
        for node in NodeId::all(usize::from(nodes)) {
            cluster.restart(node);
        }
        cluster
    }

    /// The nodes.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<P> {
        NodeId::all(self.slots.len())
    }

    /// The state machine of a node that is up.
    pub fn node(&self, node: NodeId) -> &P {
        self.slots[node.index()].node.as_ref().expect("a node that is up")
    }

    /// Whether the node is up.
    pub fn up(&self, node: NodeId) -> bool {
        self.slots[node.index()].node.is_some()
    }

    /// What the node has delivered since it started.
    pub fn delivered(&self, node: NodeId) -> &[Command] {
        &self.slots[node.index()].delivered
    }

    // ---- inputs

    fn handle(&mut self, node: NodeId, input: impl FnOnce(&mut P, &P::Config, &mut Context<P>)) {
        let slot = &mut self.slots[node.index()];
        let Some(state) = &mut slot.node else { return };
        let mut effects = Vec::new();
        input(state, &self.config, &mut Context::new(&mut effects, &mut self.random, self.now));
        slot.waiting.extend(effects);
        self.run(node);
    }

    /// Puts a message into the node as if it came from `from`, whether or not it was ever sent.
    pub fn receive(&mut self, node: NodeId, from: NodeId, message: P::Message) {
        self.handle(node, |state, config, ctx| state.on_message(config, from, message, ctx));
    }

    /// Fires an armed timer.
    pub fn fire(&mut self, node: NodeId, timer: P::Timer) {
        let armed = self.slots[node.index()].timers.remove(&timer);
        assert!(armed.is_some(), "{timer:?} is not armed at {node}");
        self.handle(node, |state, config, ctx| state.on_timer(config, timer, ctx));
    }

    /// A client asks the node.
    pub fn request(&mut self, node: NodeId, command: Command) {
        self.handle(node, |state, config, ctx| state.on_request(config, command, ctx));
    }

    /// A client asks the node to read.
    pub fn query(&mut self, node: NodeId, command: Command) {
        self.handle(node, |state, config, ctx| state.on_query(config, command, ctx));
    }

    /// The node stops; what waits for its disk is gone. What it sent stays under way.
    pub fn crash(&mut self, node: NodeId) {
        let slot = &mut self.slots[node.index()];
        slot.node = None;
        slot.waiting.clear();
        slot.timers.clear();
        slot.delivered.clear();
        slot.delivered_from = 1;
    }

    /// The node starts from its disk.
    pub fn restart(&mut self, node: NodeId) {
        let slot = &mut self.slots[node.index()];
        assert!(slot.node.is_none(), "{node} is up");
        let mut effects = Vec::new();
        let mut ctx = Context::new(&mut effects, &mut self.random, self.now);
        slot.node = Some(P::boot(&self.config, node, &slot.disk, &mut ctx));
        slot.waiting.extend(effects);
        self.run(node);
    }

    /// Puts a state on the disk of a node that is down, and starts it.
    pub fn restart_with(&mut self, node: NodeId, disk: P::Stable) {
        self.slots[node.index()].disk = disk;
        self.restart(node);
    }

    // ---- the disk

    /// From now on the node's effects stop before each write.
    pub fn hold_disk(&mut self, node: NodeId) {
        self.slots[node.index()].slow = true;
    }

    /// Lets one write be done, and what stands behind it up to the next. False when none waits.
    pub fn write_one(&mut self, node: NodeId) -> bool {
        let slot = &mut self.slots[node.index()];
        let Some(Effect::Persist(write)) = slot.waiting.front() else { return false };
        slot.disk.apply(write);
        slot.waiting.pop_front();
        self.run(node);
        true
    }

    /// The disk is quick again: everything that waits happens.
    pub fn release_disk(&mut self, node: NodeId) {
        self.slots[node.index()].slow = false;
        self.run(node);
    }

    /// Lets effects happen, up to the next write if the disk is slow.
    fn run(&mut self, node: NodeId) {
        loop {
            let slot = &mut self.slots[node.index()];
            if slot.slow && matches!(slot.waiting.front(), Some(Effect::Persist(_))) {
                return;
            }
            let Some(effect) = slot.waiting.pop_front() else { return };
            self.happen(node, effect);
        }
    }

    fn happen(&mut self, node: NodeId, effect: Effect<P>) {
        let slot = &mut self.slots[node.index()];
        match effect {
            Effect::Persist(write) => slot.disk.apply(&write),
            Effect::Send(to, message) if to == node => {
                self.receive(node, node, message);
            }
            Effect::Send(to, message) => {
                self.network.push(Envelope { id: self.next_id, from: node, to, message });
                self.next_id += 1;
            }
            Effect::SetTimer(timer, min, max) => {
                slot.timers.insert(timer, (min, max));
                *slot.set.entry(timer).or_default() += 1;
            }
            Effect::CancelTimer(timer) => {
                slot.timers.remove(&timer);
            }
            Effect::Deliver(position, command) | Effect::DeliverUnchecked(position, command) => {
                if position != slot.delivered_from + slot.delivered.len() as u64 {
                    let gap = format!("{node} delivers {position} behind {} entries", slot.delivered.len());
                    self.disorder.get_or_insert(gap);
                }
                slot.delivered.push(command);
                let first = *self.order.entry(position).or_insert(command);
                if first != command {
                    let differs = format!("{node} delivers {command:?} at {position}, where {first:?} was delivered");
                    self.disorder.get_or_insert(differs);
                }
            }
            Effect::Redirect(command, to) => slot.redirects.push((command, to)),
            Effect::Reply(command) => slot.replies.push(command),
            Effect::Answer(command) => slot.answers.push(command),
            Effect::TakeSnapshot(position) => {
                assert_eq!(position + 1, slot.delivered_from + slot.delivered.len() as u64, "of what is delivered");
                slot.snapshots.push(SnapshotRef { taken_by: node, position });
            }
            Effect::InstallSnapshot(snapshot) => {
                let taken = &self.slots[snapshot.taken_by.index()].snapshots;
                assert!(taken.contains(&snapshot), "{snapshot:?} was never taken");
                let slot = &mut self.slots[node.index()];
                slot.delivered.clear();
                slot.delivered_from = snapshot.position + 1;
            }
            Effect::Observe(fact) => {
                slot.facts.push(fact);
                self.history.push((node, fact));
            }
        }
    }

    // ---- the network

    /// Takes the message out of the network and gives it to its receiver, if that is up.
    pub fn deliver(&mut self, id: u64) {
        let at = self.network.iter().position(|envelope| envelope.id == id).expect("a message under way");
        let Envelope { from, to, message, .. } = self.network.remove(at);
        self.receive(to, from, message);
    }

    /// Like [`Cluster::deliver`], and the message stays under way.
    pub fn deliver_copy(&mut self, id: u64) {
        let envelope = self.network.iter().find(|envelope| envelope.id == id).expect("a message under way").clone();
        self.receive(envelope.to, envelope.from, envelope.message);
    }

    /// The messages under way that meet the condition.
    pub fn under_way(&self, wanted: impl Fn(&Envelope<P::Message>) -> bool) -> Vec<u64> {
        self.network.iter().filter(|envelope| wanted(envelope)).map(|envelope| envelope.id).collect()
    }

    /// Delivers the messages that are under way now and meet the condition, oldest first. How many they were.
    pub fn deliver_where(&mut self, wanted: impl Fn(&Envelope<P::Message>) -> bool) -> usize {
        let ids = self.under_way(wanted);
        for id in &ids {
            self.deliver(*id);
        }
        ids.len()
    }

    /// Delivers everything that meets the condition, and what that sends, until nothing is left that does.
    pub fn settle_where(&mut self, wanted: impl Fn(&Envelope<P::Message>) -> bool) {
        for _ in 0..10_000 {
            let Some(id) = self.under_way(&wanted).first().copied() else { return };
            self.deliver(id);
        }
        panic!("the cluster does not settle");
    }

    /// Delivers everything.
    pub fn settle(&mut self) {
        self.settle_where(|_| true);
    }

    /// Delivers everything among these nodes; the rest stays under way.
    pub fn settle_among(&mut self, group: &[u8]) {
        self.settle_where(|envelope| group.contains(&envelope.from.0) && group.contains(&envelope.to.0));
    }

    /// Loses everything that meets the condition.
    pub fn lose_where(&mut self, lost: impl Fn(&Envelope<P::Message>) -> bool) {
        self.network.retain(|envelope| !lost(envelope));
    }

    /// Loses everything under way.
    pub fn lose_all(&mut self) {
        self.network.clear();
    }

    /// The messages under way, taken out.
    pub fn take_all(&mut self) -> Vec<Envelope<P::Message>> {
        std::mem::take(&mut self.network)
    }
}

/// Conditions on messages under way.
impl<M: Message> Envelope<M> {
    /// Whether the message is of this kind.
    pub fn is(&self, kind: &str) -> bool {
        M::KINDS[usize::from(self.message.kind())].name == kind
    }

    /// Whether it goes from `from` to `to`.
    pub fn goes(&self, from: u8, to: u8) -> bool {
        self.from == NodeId(from) && self.to == NodeId(to)
    }
}
