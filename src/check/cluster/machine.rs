//! The nodes of one protocol behind one face: states, disks and messages are numbers, so that the rest of the checker
//! is written, compiled and downloaded once.

use super::table::Table;
use crate::protocol::*;
use std::hash::{Hash, Hasher};

/// What goes into a node.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// Start from the disk.
    Boot,
    /// The message numbered so arrives.
    Message { from: NodeId, message: u32 },
    /// A timer fires.
    Timer(u8),
    /// A client asks.
    Request(Command),
}

/// An effect of a handler.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// A write is done: the disk is now the one numbered so.
    Persist(u32),
    /// Send the message numbered so.
    Send { to: NodeId, message: u32 },
    /// Arm a timer.
    SetTimer { timer: u8, min: u64, max: u64 },
    /// Disarm a timer.
    CancelTimer(u8),
    /// Hand a command to the application; `checked`: one that leaves out repeats.
    Deliver { position: u64, command: Command, checked: bool },
    /// The application's state is replaced by the one behind this position.
    Install(u64),
    /// A history variable.
    Observe(Fact),
}

/// How handlers are run.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// What serves learning only is left out of messages.
    pub deaf: bool,
    /// A node forgets what nothing reads.
    pub normal: bool,
    /// What only hurries its receiver along is sent all the same.
    pub hurries: bool,
}

/// The fingerprint of an item under these names.
fn renamed<T: Clone + Hash>(table: &Table<T>, id: u32, names: Option<&Renaming>, rename: fn(&mut T, &Renaming)) -> u64 {
    let Some(names) = names else { return table.print(id) };
    let mut item = table.get(id).clone();
    rename(&mut item, names);
    crate::check::fingerprint::of(&item)
}

/// A protocol's handlers over numbered states, disks and messages.
pub trait Machine: Send + Sync {
    /// The protocol's card.
    fn info(&self) -> &'static Info;
    /// Runs a handler of `node` on `state` (any number for [`Input::Boot`]) and `disk`; the number of the state after.
    #[allow(clippy::too_many_arguments)]
    fn handle(
        &mut self,
        how: How,
        node: NodeId,
        state: u32,
        disk: u32,
        input: Input,
        chooser: &mut dyn Chooser,
        out: &mut Vec<Act>,
    ) -> u32;
    /// The number of the empty disk.
    fn empty_disk(&mut self) -> u32;
    /// The number of what stands for a disk that was lost.
    fn lost_disk(&mut self) -> u32;
    /// The fingerprint of a state under these names.
    fn state_print(&self, state: u32, names: Option<&Renaming>) -> u64;
    /// The fingerprint of a disk under these names.
    fn disk_print(&self, disk: u32, names: Option<&Renaming>) -> u64;
    /// The fingerprint of a message under these names.
    fn message_print(&self, message: u32, names: Option<&Renaming>) -> u64;
    /// Which nodes can be renamed.
    fn symmetry(&self) -> Symmetry;
    /// The digest of a message, as [`crate::sim::Cluster::digest`] has it; and that of what is left of it without what
    /// serves learning.
    fn digests(&self, message: u32) -> (u64, u64);
    /// The kind of a message.
    fn kind(&self, message: u32) -> u8;
    /// Whether learning can be left out; see [`Protocol::learners`].
    fn learners(&self) -> bool;
    /// Whether a message serves learning only; see [`Protocol::unlearn`].
    fn teaches(&self, message: u32) -> bool;
    /// Whether a state has outgrown a message; see [`Protocol::outgrew`].
    fn outgrew(&self, state: u32, from: NodeId, message: u32) -> bool;
    /// Whether a message may be answered by one that only hurries along; see [`Protocol::provokes`].
    fn provokes(&self, message: u32) -> bool;
    /// Whether a message makes an earlier one as good as lost; see [`Protocol::supersedes`].
    fn supersedes(&self, later: u32, earlier: u32) -> bool;
    /// The summary of a state.
    fn view(&self, state: u32) -> View;
    /// A place of a state's log.
    fn row(&self, state: u32, position: u64) -> Option<Row>;
    /// The fields of a message.
    fn message_fields(&self, message: u32, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)>;
    /// How many states, disks and messages there are.
    fn sizes(&self) -> [usize; 3];
    /// Takes over the nodes, disks and messages of a running cluster: for each node its state (if it is up) and its
    /// disk, and the number of each message of `slots`; with `normal`, nodes forget what nothing reads. `None` when `cluster` runs another protocol.
    fn adopt(&mut self, cluster: &dyn crate::sim::Cluster, slots: &[u32], normal: bool) -> Option<Adopted>;
}

/// What [`Machine::adopt`] found, as numbers.
#[derive(Clone, Debug, Default)]
pub struct Adopted {
    /// By node: its state, and its disk with all writes done that are under way.
    pub nodes: Vec<(Option<u32>, u32)>,
    /// The messages that were asked for.
    pub messages: Vec<u32>,
}

struct Nodes<P: Protocol> {
    config: P::Config,
    states: Table<P>,
    disks: Table<P::Stable>,
    messages: Table<P::Message>,
    effects: Vec<Effect<P>>,
}

/// The machine of the protocol `P`; an error is the protocol's own sentence.
pub fn build<P: Protocol>(setup: &Setup<'_>) -> Result<Box<dyn Machine>, String> {
    Ok(Box::new(Nodes::<P> {
        config: P::configure(setup)?,
        states: Table::default(),
        disks: Table::default(),
        messages: Table::default(),
        effects: Vec::new(),
    }))
}

impl<P: Protocol> Machine for Nodes<P> {
    fn info(&self) -> &'static Info {
        P::INFO
    }

    fn handle(
        &mut self,
        how: How,
        node: NodeId,
        state: u32,
        disk: u32,
        input: Input,
        chooser: &mut dyn Chooser,
        out: &mut Vec<Act>,
    ) -> u32 {
        let Nodes { config, states, disks, messages, effects } = self;
        // A clock says nothing here: timers are steps.
        let mut ctx = Context::new(effects, chooser, 0);
        let mut after = if let Input::Boot = input {
            P::boot(config, node, disks.get(disk), &mut ctx)
        } else {
            let mut after = states.get(state).clone();
            match input {
                Input::Message { from, message } => {
                    after.on_message(config, from, messages.get(message).clone(), &mut ctx);
                }
                Input::Timer(timer) => after.on_timer(config, P::Timer::ALL[usize::from(timer)], &mut ctx),
                Input::Request(command) => after.on_request(config, command, &mut ctx),
                Input::Boot => {}
            }
            after
        };
        let mut durable = None;
        for effect in effects.drain(..) {
            out.push(match effect {
                Effect::Persist(write) => {
                    let mut written = disks.get(durable.unwrap_or(disk)).clone();
                    written.apply(&write);
                    let id = disks.put(written);
                    durable = Some(id);
                    Act::Persist(id)
                }
                Effect::Send(to, mut message) => {
                    let idle = !how.hurries && to != node && P::hurries(config, &message);
                    if idle || how.deaf && !P::unlearn(&mut message) {
                        continue;
                    }
                    Act::Send { to, message: messages.put(message) }
                }
                Effect::SetTimer(timer, min, max) => Act::SetTimer { timer: timer.index(), min, max },
                Effect::CancelTimer(timer) => Act::CancelTimer(timer.index()),
                Effect::Deliver(position, command) => Act::Deliver { position, command, checked: true },
                Effect::DeliverUnchecked(position, command) => Act::Deliver { position, command, checked: false },
                Effect::InstallSnapshot(snapshot) => Act::Install(snapshot.position),
                Effect::Observe(fact) => Act::Observe(fact),
                Effect::Redirect(..) | Effect::Reply(_) | Effect::Answer(_) | Effect::TakeSnapshot(_) => continue,
            });
        }
        if how.normal {
            after.normal(config);
        }
        states.put(after)
    }

    fn empty_disk(&mut self) -> u32 {
        self.disks.put(P::Stable::default())
    }

    fn lost_disk(&mut self) -> u32 {
        self.disks.put(P::Stable::lost())
    }

    fn state_print(&self, state: u32, names: Option<&Renaming>) -> u64 {
        renamed(&self.states, state, names, P::rename)
    }

    fn disk_print(&self, disk: u32, names: Option<&Renaming>) -> u64 {
        renamed(&self.disks, disk, names, P::Stable::rename)
    }

    fn message_print(&self, message: u32, names: Option<&Renaming>) -> u64 {
        renamed(&self.messages, message, names, P::Message::rename)
    }

    fn symmetry(&self) -> Symmetry {
        P::symmetry(&self.config)
    }

    fn digests(&self, message: u32) -> (u64, u64) {
        let digest = |message: &P::Message| {
            let mut digest = crate::sim::Digest::default();
            message.hash(&mut digest);
            digest.finish()
        };
        let mut gist = self.messages.get(message).clone();
        let whole = digest(&gist);
        P::unlearn(&mut gist);
        (whole, digest(&gist))
    }

    fn kind(&self, message: u32) -> u8 {
        self.messages.get(message).kind()
    }

    fn learners(&self) -> bool {
        P::learners(&self.config)
    }

    fn teaches(&self, message: u32) -> bool {
        !P::unlearn(&mut self.messages.get(message).clone())
    }

    fn outgrew(&self, state: u32, from: NodeId, message: u32) -> bool {
        self.states.get(state).outgrew(&self.config, from, self.messages.get(message))
    }

    fn provokes(&self, message: u32) -> bool {
        P::provokes(self.messages.get(message))
    }

    fn supersedes(&self, later: u32, earlier: u32) -> bool {
        P::supersedes(&self.config, self.messages.get(later), self.messages.get(earlier))
    }

    fn view(&self, state: u32) -> View {
        self.states.get(state).view()
    }

    fn row(&self, state: u32, position: u64) -> Option<Row> {
        self.states.get(state).row(position)
    }

    fn message_fields(&self, message: u32, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        self.messages.get(message).fields(value)
    }

    fn sizes(&self) -> [usize; 3] {
        [self.states.count(), self.disks.count(), self.messages.count()]
    }

    fn adopt(&mut self, cluster: &dyn crate::sim::Cluster, slots: &[u32], normal: bool) -> Option<Adopted> {
        let nodes = cluster.any().downcast_ref::<crate::sim::Nodes<P>>()?;
        let mut adopted = Adopted::default();
        for (state, disk, writes) in nodes.members() {
            let mut disk = disk.clone();
            writes.for_each(|write| disk.apply(write));
            let state = state.cloned().map(|mut state| {
                if normal {
                    state.normal(&self.config);
                }
                self.states.put(state)
            });
            adopted.nodes.push((state, self.disks.put(disk)));
        }
        adopted.messages = slots.iter().map(|slot| self.messages.put(nodes.message(*slot).clone())).collect();
        Some(adopted)
    }
}
