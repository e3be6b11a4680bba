//! Ground floor: what a protocol is, and the words every protocol shares with the world around it.
//!
//! A protocol is a deterministic state machine ([`Protocol`]). A handler runs at one instant and yields an
//! **ordered list of effects** ([`Effect`]) through its [`Context`]. Nothing here reads a clock, asks for
//! entropy or uses a hash map, so that one recording gives one trace on every platform.
//!
//! Writing a protocol needs this room only. Nodes, values and commands are in `protocol/words.rs`, what a protocol says
//! of itself in `protocol/card.rs`.

mod card;
mod words;

pub use crate::text::Text;
pub use card::*;
pub use words::*;

use std::fmt::Debug;
use std::hash::Hash;

/// What a step means for the properties that are watched: history variables, in the sense of TLA+. A fact never
/// flows back into a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The node believes from now on that it leads `epoch` (leader, primary, distinguished proposer).
    Leads { epoch: u64 },
    /// The node no longer believes that it leads.
    StepsDown,
    /// The node's current epoch (term, promised ballot, view) became this.
    Epoch { epoch: u64 },
    /// The node voted for `candidate` in `epoch`.
    Votes { epoch: u64, candidate: NodeId },
    /// `command` of `epoch` now stands at `position` of the node's log. What stood there before is gone, what
    /// stands behind stays.
    Appends { position: u64, epoch: u64, command: Command },
    /// The node's log now ends before `from`.
    Truncates { from: u64 },
    /// The node's log up to and including `position` is replaced by a snapshot; what stands behind stays.
    Compacts { position: u64 },
    /// The node knows everything up to and including `position` to be committed.
    Commits { position: u64 },
    /// The node knows to be committed that from `position` on these are the members of the cluster.
    Members { position: u64, members: NodeSet },
    /// A proposer asks for `command` under `ballot` at `position` (Paxos 2a; `position` is 1 for one value).
    Proposes { position: u64, ballot: u64, command: Command },
    /// An acceptor accepts `command` under `ballot` at `position` (Paxos 2b).
    Accepts { position: u64, ballot: u64, command: Command },
    /// A learner has seen a quorum accept `command` under `ballot` at `position`.
    Learns { position: u64, ballot: u64, command: Command },
    /// A message came that the node can use no more: the round it belongs to is over.
    Late,
}

/// One thing a handler asks of the world. Effects happen in the order in which they were asked for; a crash may
/// cut the list before any [`Effect::Persist`].
pub enum Effect<P: Protocol> {
    /// Write to the disk; what is behind waits until the write is done.
    Persist(<P::Stable as Stable>::Write),
    /// Send a message. To itself: arrives at once and is never lost.
    Send(NodeId, P::Message),
    /// Arm the timer, in place of an earlier one of the same kind, to fire after `min..=max` local microseconds.
    SetTimer(P::Timer, u64, u64),
    /// Disarm the timer, if it is armed.
    CancelTimer(P::Timer),
    /// Hand the command to the application at this position (from 1; positions of one node have no gap). In
    /// one-value protocols: decide. In broadcasts: the position is the node's own count.
    Deliver(u64, Command),
    /// The same to an application that has forgotten its clients: it takes the command though it may be a repeat.
    DeliverUnchecked(u64, Command),
    /// Tell the client that it should ask elsewhere: at the leader, if one is known.
    Redirect(Command, Option<NodeId>),
    /// Answer the client of a command once more that was delivered here before.
    Reply(Command),
    /// Answer a command that only reads from the application's present state, without a place in the order.
    Answer(Command),
    /// Keep the application's state after `position`, which must be the last delivered one.
    TakeSnapshot(u64),
    /// Replace the application's state.
    InstallSnapshot(SnapshotRef),
    /// A history variable for the properties.
    Observe(Fact),
}

/// Answers the only randomness of a protocol: the simulator by a seeded generator, a checker by every answer.
pub trait Chooser {
    /// A number in `0..bound`; `bound` is at least 1.
    fn choose(&mut self, bound: u32) -> u32;
}

/// What a handler may do. Collects effects; decides nothing.
pub struct Context<'a, P: Protocol> {
    effects: &'a mut Vec<Effect<P>>,
    chooser: &'a mut dyn Chooser,
    local_now: u64,
}

impl<'a, P: Protocol> Context<'a, P> {
    /// A context that appends to `effects`; `local_now` is the node's own clock in microseconds.
    pub fn new(effects: &'a mut Vec<Effect<P>>, chooser: &'a mut dyn Chooser, local_now: u64) -> Self {
        Context { effects, chooser, local_now }
    }

    /// Writes to the node's disk. Whatever is asked for afterwards happens when the write is durable.
    pub fn persist(&mut self, write: <P::Stable as Stable>::Write) {
        self.effects.push(Effect::Persist(write));
    }

    /// Sends `message` to `to`, which may be the node itself.
    pub fn send(&mut self, to: NodeId, message: P::Message) {
        self.effects.push(Effect::Send(to, message));
    }

    /// Arms `timer` to fire after `min..=max` local microseconds; the world picks within the range.
    pub fn set_timer(&mut self, timer: P::Timer, min: u64, max: u64) {
        debug_assert!(min <= max);
        self.effects.push(Effect::SetTimer(timer, min, max));
    }

    /// Disarms `timer`.
    pub fn cancel_timer(&mut self, timer: P::Timer) {
        self.effects.push(Effect::CancelTimer(timer));
    }

    /// Delivers `command` at `position`, or decides it.
    pub fn deliver(&mut self, position: u64, command: Command) {
        self.effects.push(Effect::Deliver(position, command));
    }

    /// Delivers `command` to an application that does not look whether it has taken it before: what goes wrong without
    /// the sessions of the clients is for variants to show.
    pub fn deliver_unchecked(&mut self, position: u64, command: Command) {
        self.effects.push(Effect::DeliverUnchecked(position, command));
    }

    /// Sends the client elsewhere.
    pub fn redirect(&mut self, command: Command, to: Option<NodeId>) {
        self.effects.push(Effect::Redirect(command, to));
    }

    /// Answers once more the client of `command`, which was delivered here before: from the result that the application
    /// keeps for each client.
    pub fn reply(&mut self, command: Command) {
        self.effects.push(Effect::Reply(command));
    }

    /// Answers `command`, which only reads, from the application's present state.
    pub fn answer(&mut self, command: Command) {
        self.effects.push(Effect::Answer(command));
    }

    /// Keeps the application's state after `position`, the last delivered one, under the returned name (the
    /// caller supplies its own id as `me`).
    pub fn take_snapshot(&mut self, me: NodeId, position: u64) -> SnapshotRef {
        self.effects.push(Effect::TakeSnapshot(position));
        SnapshotRef { taken_by: me, position }
    }

    /// Replaces the application's state by a snapshot; the next delivered position is the one behind it.
    pub fn install_snapshot(&mut self, snapshot: SnapshotRef) {
        self.effects.push(Effect::InstallSnapshot(snapshot));
    }

    /// Tells the properties what just happened.
    pub fn observe(&mut self, fact: Fact) {
        self.effects.push(Effect::Observe(fact));
    }

    /// A number in `0..bound` (`bound` ≥ 1): the only randomness a protocol has.
    pub fn choose(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "choose needs at least one alternative");
        self.chooser.choose(bound)
    }

    /// The node's own clock in microseconds: drifts, jumps, and says nothing in the asynchronous model.
    pub fn local_now(&self) -> u64 {
        self.local_now
    }
}

/// What survives a crash, and how it is written. Writes are differences, so that appending to a log of a million
/// entries costs one entry.
pub trait Stable: Clone + Default + Eq + Hash + Debug + Send + Sync + 'static {
    /// One write; it is durable wholly or not at all.
    type Write: Clone + Debug + Send + Sync;
    /// The state of the disk after the write.
    fn apply(&mut self, write: &Self::Write);
    /// What a node finds in place of a disk that was lost: an empty disk. A protocol may have it say that it was lost:
    /// what a marker elsewhere tells, a checksum, or the operator who put a new disk in.
    fn lost() -> Self {
        Self::default()
    }
    /// For the checker: renames every node that it names; see [`Protocol::symmetry`].
    fn rename(&mut self, _names: &Renaming) {}
}

/// A message: one enum per protocol, the paper's names.
pub trait Message: Clone + Ord + Hash + Debug + Send + Sync + 'static {
    /// The names in the paper's spelling, indexed by [`Message::kind`].
    const KINDS: &'static [Kind];
    /// Which of [`Message::KINDS`] this is.
    fn kind(&self) -> u8;
    /// The fields by the paper's names, for the inspector. `value` gives a value's string.
    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)>;
    /// For replies that refuse (drawn with a minus); true for everything else.
    fn positive(&self) -> bool {
        true
    }
    /// For the checker: renames every node that it names; see [`Protocol::symmetry`].
    fn rename(&mut self, _names: &Renaming) {}
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The paper's name, as `match.kind` in a scenario has it.
    pub name: &'static str,
    /// At most four letters for the glyph.
    pub short: &'static str,
    /// Whether it answers another message (drawn as an outline).
    pub reply: bool,
    /// Whether it counts as quiet: a heartbeat or an acknowledgement of one, which alone keeps no run alive.
    pub heartbeat: bool,
}

/// A kind of timer. At most one of each kind is pending at a node; at most eight kinds.
pub trait Timer: Copy + Ord + Hash + Debug + Send + Sync + 'static {
    /// All kinds, indexed by [`Timer::index`].
    const ALL: &'static [Self];
    /// The name as `fire` in a scenario has it.
    fn name(self) -> &'static str;
    /// The place in [`Timer::ALL`].
    fn index(self) -> u8;
}

/// The node's role as a person reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The paper's word: "leader", "acceptor", …
    pub role: &'static str,
    /// Whether the node believes that it leads.
    pub leads: bool,
    /// Term, ballot, epoch or view; 0 where the protocol has none.
    pub epoch: u64,
    /// The first position still in the log (1 unless compacted).
    pub first: u64,
    /// The last position in the log, 0 when it is empty.
    pub last: u64,
    /// Everything up to here is known to be committed.
    pub committed: u64,
    /// Who leads, as far as the node knows.
    pub leader: Option<NodeId>,
}

/// One place of a node's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The epoch in which it was proposed.
    pub epoch: u64,
    /// What stands there.
    pub command: Command,
}

/// One line of the inspector: a variable of the paper with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The paper's name.
    pub name: &'static str,
    /// Its value, short.
    pub value: String,
    /// Whether it is on the disk.
    pub durable: bool,
}

/// What a node waits for, as data for the diagnosis of a run that makes no progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Answers of `need` nodes (itself included); these have given theirs.
    Quorum { what: &'static str, epoch: u64, have: NodeSet, need: usize },
    /// Something that only `node` can give.
    Node { what: &'static str, node: NodeId },
    /// The message that comes before those it has: from `from`, number `number`.
    Gap { from: NodeId, number: u64 },
    /// A position that is not filled while later ones are.
    Slot { position: u64 },
}

/// A protocol: a deterministic state machine, one per node.
pub trait Protocol: Clone + Eq + Hash + Debug + Sized + Send + Sync + 'static {
    /// Cluster size, quorums, time-outs, variant.
    type Config: Clone + Debug + Send + Sync + 'static;
    /// One enum, the paper's names.
    type Message: Message;
    /// Kinds of timers.
    type Timer: Timer;
    /// All that survives a crash.
    type Stable: Stable;

    /// The protocol's card.
    const INFO: &'static Info;

    /// Reads the settings; an error is a sentence ("quorum must be …").
    fn configure(setup: &Setup<'_>) -> Result<Self::Config, String>;
    /// Starts, or starts again, from the disk and from nothing else.
    fn boot(config: &Self::Config, me: NodeId, stable: &Self::Stable, ctx: &mut Context<Self>) -> Self;
    /// A message arrives.
    fn on_message(&mut self, config: &Self::Config, from: NodeId, message: Self::Message, ctx: &mut Context<Self>);
    /// A timer fires; it is disarmed by then.
    fn on_timer(&mut self, config: &Self::Config, timer: Self::Timer, ctx: &mut Context<Self>);
    /// A client asks.
    fn on_request(&mut self, config: &Self::Config, command: Command, ctx: &mut Context<Self>);
    /// A client asks only to read. Unless the protocol knows better, that is a request like any other.
    fn on_query(&mut self, config: &Self::Config, command: Command, ctx: &mut Context<Self>) {
        self.on_request(config, command, ctx);
    }

    /// The summary for eyes, never for logic.
    fn view(&self) -> View;
    /// What stands at `position` of the node's log, if the protocol has one and it is there.
    fn row(&self, _position: u64) -> Option<Row> {
        None
    }
    /// Every variable of the node, for the inspector.
    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field>;
    /// What the node waits for; empty when it waits for nothing.
    fn waits(&self, config: &Self::Config) -> Vec<Wait>;
    /// Whether the node is up without what it knew when it crashed: it counts as crashed until it has it back.
    fn recovering(&self) -> bool {
        false
    }

    /// For the checker: whether learning can be left out. Then a value counts as decided once a majority has accepted it
    /// under one ballot ([`Fact::Accepts`]), or once a leader knows it to be committed, and messages are sent as
    /// [`Protocol::unlearn`] leaves them. So it can where whoever learns does, apart from deciding and delivering, only
    /// what it might do without: fall silent.
    fn learners(_config: &Self::Config) -> bool {
        false
    }

    /// For the checker: takes out of `message` what serves learning only; false when nothing is left. What is left must
    /// be a message that could have been sent had its sender learnt less.
    fn unlearn(_message: &mut Self::Message) -> bool {
        true
    }

    /// For the checker: forgets what nothing will read any more, or what changes nothing but the speed. A node that does
    /// so after each of its steps takes the same steps as before.
    fn normal(&mut self, _config: &Self::Config) {}

    /// For the checker: whether `message` only hurries its receiver along, to where it may come without it: then it need
    /// not be sent.
    fn hurries(_config: &Self::Config, _message: &Self::Message) -> bool {
        false
    }

    /// For the checker: whether `message` may be answered by one that [`Protocol::hurries`] along. Where such answers
    /// count, so does it, outgrown or not.
    fn provokes(_message: &Self::Message) -> bool {
        false
    }

    /// For the checker: whether `message` of `from` can never again change anything, at this node or through it, whatever
    /// comes; it may then count as lost.
    fn outgrew(&self, _config: &Self::Config, _from: NodeId, _message: &Self::Message) -> bool {
        false
    }

    /// For the checker: whether `later` takes the place of `earlier`, which is still under way on the same link: the
    /// earlier one counts as lost, as in a queue that holds one of them.
    fn supersedes(_config: &Self::Config, _later: &Self::Message, _earlier: &Self::Message) -> bool {
        false
    }

    /// For the checker: which nodes nothing but their names tells apart. They can then be renamed by
    /// [`Protocol::rename`], and what they have on their disks and say by [`Stable::rename`] and [`Message::rename`].
    fn symmetry(_config: &Self::Config) -> Symmetry {
        Symmetry::None
    }

    /// Renames every node in the state.
    fn rename(&mut self, _names: &Renaming) {}
}

/// Which nodes nothing but their names tells apart: a run under other names of these is a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symmetry {
    /// None: names decide something, for example between two votes.
    None,
    /// Those that never begin anything: no client asks there, and no timer fires.
    Silent,
    /// Those at which no client asks.
    Unasked,
    /// Those at which clients ask for the same values: who asks is nothing to the protocol.
    SameValues,
}

/// A permutation of nodes: by node, its new name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming(pub Vec<NodeId>);

impl Renaming {
    /// The new name.
    pub fn node(&self, node: NodeId) -> NodeId {
        self.0.get(node.index()).copied().unwrap_or(node)
    }

    /// The set of the new names.
    pub fn set(&self, nodes: NodeSet) -> NodeSet {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    /// Puts what is kept by node where the new names want it.
    pub fn list<T: Clone>(&self, by_node: &mut [T]) {
        let old = by_node.to_vec();
        for (item, to) in old.into_iter().zip(&self.0) {
            by_node[to.index()] = item;
        }
    }
}
