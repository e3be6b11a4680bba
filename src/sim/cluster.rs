//! All nodes of one protocol behind one object-safe face, so that the world is written, compiled and downloaded once.

use crate::protocol::*;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

/// An effect as the world sees it: messages and writes are numbers.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Write the oldest pending write of the node.
    Persist,
    /// Put the message in `slot` on its way.
    Send { to: NodeId, slot: u32, kind: u8 },
    /// Arm a timer, in local microseconds from now.
    SetTimer { timer: u8, min: u64, max: u64 },
    /// Disarm a timer.
    CancelTimer(u8),
    /// Hand a command to the application.
    Deliver { position: u64, command: Command },
    /// The same, not looking whether it is a repeat.
    DeliverUnchecked { position: u64, command: Command },
    /// Send a client elsewhere.
    Redirect { command: Command, to: Option<NodeId> },
    /// Answer a client from the application's present state.
    Answer(Command),
    /// Keep the application's state.
    TakeSnapshot(u64),
    /// Answer a client once more.
    Reply(Command),
    /// Replace the application's state.
    InstallSnapshot(SnapshotRef),
    /// A history variable.
    Observe(Fact),
}

/// What goes into a node.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// Start from the disk.
    Boot,
    /// The message in `slot`, which is taken out.
    Message { from: NodeId, slot: u32 },
    /// A timer fires.
    Timer(u8),
    /// A client asks.
    Request(Command),
    /// A client asks only to read.
    Query(Command),
}

/// A cluster of nodes that run one protocol.
pub trait Cluster {
    /// The protocol's card.
    fn info(&self) -> &'static Info;
    /// The protocol's message kinds.
    fn kinds(&self) -> &'static [Kind];
    /// The protocol's timer names.
    fn timers(&self) -> Vec<&'static str>;
    /// Runs a handler of an up node and appends its effects to `out`; facts only when `observe` is set.
    fn run(
        &mut self,
        node: NodeId,
        input: Input,
        now: u64,
        chooser: &mut dyn Chooser,
        observe: bool,
        out: &mut Vec<Action>,
    );
    /// The oldest pending write of `node` is durable.
    fn written(&mut self, node: NodeId);
    /// All that is not on the disk is gone.
    fn crash(&mut self, node: NodeId);
    /// The disk is gone too.
    fn wipe(&mut self, node: NodeId);
    /// Copies the message in `slot` into a new one.
    fn duplicate(&mut self, slot: u32) -> u32;
    /// Throws the message in `slot` away.
    fn discard(&mut self, slot: u32);
    /// A digest of the message in `slot`, the same on every platform.
    fn digest(&self, slot: u32) -> u64;
    /// The fields of the message in `slot`.
    fn message_fields(&self, slot: u32, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)>;
    /// Whether the message in `slot` agrees (drawn with a plus when it is a reply).
    fn positive(&self, slot: u32) -> bool;
    /// The summary of a node; `None` when it is down.
    fn view(&self, node: NodeId) -> Option<View>;
    /// A place of a node's log.
    fn row(&self, node: NodeId, position: u64) -> Option<Row>;
    /// Every variable of a node.
    fn fields(&self, node: NodeId, value: &dyn Fn(Value) -> String) -> Vec<Field>;
    /// What a node waits for.
    fn waits(&self, node: NodeId) -> Vec<Wait>;
    /// Whether a node is up without what it knew when it crashed.
    fn recovering(&self, node: NodeId) -> bool;
    /// A copy; what is shared stays shared.
    fn boxed(&self) -> Box<dyn Cluster>;
    /// The [`Nodes`] of a protocol that the caller knows.
    fn any(&self) -> &dyn std::any::Any;
}

impl Clone for Box<dyn Cluster> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// One node: the state machine while it is up, its disk, and the writes that are under way.
struct Member<P: Protocol> {
    state: Option<P>,
    disk: P::Stable,
    writes: VecDeque<<P::Stable as Stable>::Write>,
}

impl<P: Protocol> Clone for Member<P> {
    fn clone(&self) -> Self {
        Member { state: self.state.clone(), disk: self.disk.clone(), writes: self.writes.clone() }
    }
}

/// The nodes of one protocol, and its messages in flight.
pub struct Nodes<P: Protocol> {
    config: P::Config,
    members: Vec<Member<P>>,
    messages: Vec<Option<P::Message>>,
    free: Vec<u32>,
    effects: Vec<Effect<P>>,
}

/// A cluster of `setup.nodes` nodes, none of them started; an error is the protocol's own sentence.
pub fn build<P: Protocol>(setup: &Setup<'_>) -> Result<Box<dyn Cluster>, String> {
    assert!((1..=MAX_NODES).contains(&setup.nodes), "1 to {MAX_NODES} nodes");
    let config = P::configure(setup)?;
    let member = || Member { state: None, disk: P::Stable::default(), writes: VecDeque::new() };
    let members = (0..setup.nodes).map(|_| member()).collect();
    Ok(Box::new(Nodes::<P> { config, members, messages: Vec::new(), free: Vec::new(), effects: Vec::new() }))
}

impl<P: Protocol> Nodes<P> {
    fn put(messages: &mut Vec<Option<P::Message>>, free: &mut Vec<u32>, message: P::Message) -> u32 {
        if let Some(slot) = free.pop() {
            messages[slot as usize] = Some(message);
            return slot;
        }
        messages.push(Some(message));
        (messages.len() - 1) as u32
    }

    /// The message in `slot`.
    pub fn message(&self, slot: u32) -> &P::Message {
        self.messages[slot as usize].as_ref().expect("a message in flight")
    }

    /// Each node: its state while it is up, its disk, and the writes that are under way.
    #[allow(clippy::type_complexity)]
    pub fn members(
        &self,
    ) -> impl Iterator<Item = (Option<&P>, &P::Stable, impl Iterator<Item = &<P::Stable as Stable>::Write>)> {
        self.members.iter().map(|member| (member.state.as_ref(), &member.disk, member.writes.iter()))
    }
}

impl<P: Protocol> Cluster for Nodes<P> {
    fn info(&self) -> &'static Info {
        P::INFO
    }

    fn kinds(&self) -> &'static [Kind] {
        P::Message::KINDS
    }

    fn timers(&self) -> Vec<&'static str> {
        P::Timer::ALL.iter().map(|timer| timer.name()).collect()
    }

    fn run(
        &mut self,
        node: NodeId,
        input: Input,
        now: u64,
        chooser: &mut dyn Chooser,
        observe: bool,
        out: &mut Vec<Action>,
    ) {
        let Nodes { config, members, messages, free, effects } = self;
        let member = &mut members[node.index()];
        let mut ctx = Context::new(effects, chooser, now);
        match input {
            Input::Boot => {
                assert!(member.state.is_none() && member.writes.is_empty(), "a node starts once");
                member.state = Some(P::boot(config, node, &member.disk, &mut ctx));
            }
            Input::Message { from, slot } => {
                let message = messages[slot as usize].take().expect("a message arrives once");
                free.push(slot);
                member.state.as_mut().expect("up").on_message(config, from, message, &mut ctx);
            }
            Input::Timer(timer) => {
                let timer = P::Timer::ALL[usize::from(timer)];
                member.state.as_mut().expect("up").on_timer(config, timer, &mut ctx);
            }
            Input::Request(command) => member.state.as_mut().expect("up").on_request(config, command, &mut ctx),
            Input::Query(command) => member.state.as_mut().expect("up").on_query(config, command, &mut ctx),
        }
        for effect in effects.drain(..) {
            out.push(match effect {
                Effect::Persist(write) => {
                    member.writes.push_back(write);
                    Action::Persist
                }
                Effect::Send(to, message) => {
                    let kind = message.kind();
                    Action::Send { to, slot: Self::put(messages, free, message), kind }
                }
                Effect::SetTimer(timer, min, max) => Action::SetTimer { timer: timer.index(), min, max },
                Effect::CancelTimer(timer) => Action::CancelTimer(timer.index()),
                Effect::Deliver(position, command) => Action::Deliver { position, command },
                Effect::DeliverUnchecked(position, command) => Action::DeliverUnchecked { position, command },
                Effect::Redirect(command, to) => Action::Redirect { command, to },
                Effect::Reply(command) => Action::Reply(command),
                Effect::Answer(command) => Action::Answer(command),
                Effect::TakeSnapshot(position) => Action::TakeSnapshot(position),
                Effect::InstallSnapshot(snapshot) => Action::InstallSnapshot(snapshot),
                Effect::Observe(fact) => {
                    if !observe {
                        continue;
                    }
                    Action::Observe(fact)
                }
            });
        }
    }

    fn written(&mut self, node: NodeId) {
        let member = &mut self.members[node.index()];
        let write = member.writes.pop_front().expect("a write under way");
        member.disk.apply(&write);
    }

    fn crash(&mut self, node: NodeId) {
        let member = &mut self.members[node.index()];
        member.state = None;
        member.writes.clear();
    }

    fn wipe(&mut self, node: NodeId) {
        self.members[node.index()].disk = P::Stable::lost();
    }

    fn duplicate(&mut self, slot: u32) -> u32 {
        let copy = self.message(slot).clone();
        Self::put(&mut self.messages, &mut self.free, copy)
    }

    fn discard(&mut self, slot: u32) {
        self.messages[slot as usize].take().expect("a message in flight");
        self.free.push(slot);
    }

    fn digest(&self, slot: u32) -> u64 {
        let mut digest = Digest::default();
        self.message(slot).hash(&mut digest);
        digest.finish()
    }

    fn message_fields(&self, slot: u32, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        self.message(slot).fields(value)
    }

    fn positive(&self, slot: u32) -> bool {
        self.message(slot).positive()
    }

    fn view(&self, node: NodeId) -> Option<View> {
        self.members[node.index()].state.as_ref().map(P::view)
    }

    fn row(&self, node: NodeId, position: u64) -> Option<Row> {
        self.members[node.index()].state.as_ref()?.row(position)
    }

    fn fields(&self, node: NodeId, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        self.members[node.index()].state.as_ref().map_or_else(Vec::new, |state| state.fields(value))
    }

    fn waits(&self, node: NodeId) -> Vec<Wait> {
        self.members[node.index()].state.as_ref().map_or_else(Vec::new, |state| state.waits(&self.config))
    }

    fn recovering(&self, node: NodeId) -> bool {
        self.members[node.index()].state.as_ref().is_some_and(P::recovering)
    }

    fn boxed(&self) -> Box<dyn Cluster> {
        Box::new(Nodes::<P> {
            config: self.config.clone(),
            members: self.members.clone(),
            messages: self.messages.clone(),
            free: self.free.clone(),
            effects: Vec::new(),
        })
    }

    fn any(&self) -> &dyn std::any::Any {
        self
    }
}

/// A 64-bit digest that is the same on 32- and 64-bit machines: what `usize` writes is widened first.
#[derive(Clone, Copy, Default, Debug)]
pub struct Digest(u64);

impl Digest {
    /// Mixes a word in.
    pub fn mix(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        let mut end = *self;
        end.mix(0x5bd1_e995);
        end.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.mix(u64::from(n));
    }

    fn write_u16(&mut self, n: u16) {
        self.mix(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.mix(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.mix(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.mix(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.mix(n as i64 as u64);
    }
}
