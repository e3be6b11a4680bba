//! The world: everything that is the case at one instant of a run, and the step to the next event.

use super::application::Application;
use super::clients::Clients;
use super::clock::Clock;
use super::cluster::{self, Action as Act, Cluster, Input};
use super::network::{Flight, Network};
use super::queue::{Due, Entry, Queue};
use super::random::Random;
use super::script::Script;
use super::trace::{Event, Mark, MarkKind, Trace, What};
use super::values::Values;
use crate::growing::Growing;
use crate::properties::{Assumption, Conditions, Ledger, Moment, Monitor, Observation, Property, Words};
use crate::protocol::*;
use crate::protocols::registry::{self, Visitor};
use crate::scenario::{Intervention, Model, Scenario};
use std::collections::VecDeque;
use std::sync::Arc;

/// What is kept while a run runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Events, messages and causes.
    pub trace: bool,
    /// Facts, properties and the ledger.
    pub properties: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { trace: true, properties: true }
    }
}

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// `stop.at_ms` was reached.
    Time,
    /// `stop.events`, or the engine's bound, was reached.
    Events,
    /// Nothing more can come but heartbeats.
    Quiescent,
    /// The script is done, and nothing moves by itself.
    Idle,
    /// A step of the script cannot be done; a sentence that names it.
    Refused(String),
}

impl Ended {
    /// The word of the report.
    pub fn word(&self) -> &'static str {
        match self {
            Ended::Time => "time",
            Ended::Events => "events",
            Ended::Quiescent => "quiescent",
            Ended::Idle => "idle",
            Ended::Refused(_) => "error",
        }
    }
}

/// A stretch during which a node believed that it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reign {
    /// Who.
    pub node: NodeId,
    /// Which epoch.
    pub epoch: u64,
    /// From when, µs.
    pub from: u64,
    /// Until when, µs; `None` while it lasts.
    pub to: Option<u64>,
}

/// An armed timer of a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Armed {
    pub on: bool,
    /// When the node's clock will show so much. In the asynchronous model: true time.
    pub local: u64,
    /// When that is.
    pub at: u64,
    /// When it was armed, for the arc that a person sees.
    pub since: u64,
    /// Its number in the queue.
    pub seq: u64,
    /// The number of the entry in the queue that will look at it, 0 when there is none, and its time. Arming a
    /// timer again for later leaves the entry where it is: it moves on when its time has come.
    pub queued: u64,
    pub queued_at: u64,
    /// The event that armed it.
    pub cause: u32,
}

pub(super) const TIMERS: usize = 8;

/// A node as the world sees it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub up: bool,
    pub paused: bool,
    pub clock: Clock,
    pub timers: [Armed; TIMERS],
    /// Effects that wait for the disk, each with the event that asked for it.
    pub outbox: VecDeque<(Act, u32)>,
    /// How many of the outbox the write under way covers, and its number in the queue.
    pub writing: Option<(usize, u64)>,
    /// What came while it was paused.
    pub inbox: Vec<Entry>,
    pub leads: Option<usize>,
}

/// What became of the messages of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Handed to the network (a copy made by the network is not counted).
    pub sent: u64,
    /// Arrived.
    pub delivered: u64,
    /// Lost, for whatever reason.
    pub dropped: u64,
}

/// The state of a run after some number of events. Cloning shares whatever grows with the run.
#[derive(Clone)]
pub struct World {
    pub(super) scenario: Arc<Scenario>,
    pub(super) options: Options,
    pub(super) cluster: Box<dyn Cluster>,
    pub(super) nodes: Vec<Node>,
    pub(super) applications: Vec<Application>,
    pub(super) network: Network,
    pub(super) flights: Vec<Flight>,
    pub(super) messages: u32,
    pub(super) queue: Queue,
    pub(super) now: u64,
    pub(super) events: u32,
    pub(super) timer_random: Random,
    pub(super) disk_random: Random,
    pub(super) choose_random: Random,
    pub(super) script: Script,
    pub(super) clients: Clients,
    pub(super) values: Values,
    pub(super) trace: Trace,
    pub(super) monitor: Monitor,
    pub(super) ledger: Ledger,
    pub(super) reigns: Growing<Reign>,
    pub(super) snapshots: Growing<(SnapshotRef, Application)>,
    pub(super) tallies: Vec<Tally>,
    pub(super) interventions: Arc<Vec<Intervention>>,
    pub(super) intervened: usize,
    /// Since when nothing was done to the run that may hold progress up.
    pub(super) calm_since: u64,
    /// When something was last delivered or someone elected.
    pub(super) progress_at: u64,
    /// The highest position delivered anywhere.
    pub(super) frontier: u64,
    pub(super) ended: Option<Ended>,
    violated: bool,
    scratch: Vec<Act>,
}

struct Build<'a>(&'a Setup<'a>);

impl Visitor for Build<'_> {
    type Output = Result<Box<dyn Cluster>, String>;
    fn visit<P: Protocol>(self) -> Self::Output {
        cluster::build::<P>(self.0)
    }
}

impl World {
    /// The world of `scenario` before its first event. `interventions` are done when their event has come. An error
    /// is one sentence: the protocol does not take these settings.
    pub fn new(
        scenario: Arc<Scenario>,
        interventions: Arc<Vec<Intervention>>,
        options: Options,
    ) -> Result<Self, String> {
        let info = scenario.info;
        let n = usize::from(scenario.nodes);
        let setup = Setup {
            nodes: n,
            variant: scenario.variant,
            given: &scenario.settings,
            declared: info.settings,
            delta: (scenario.network.model == Model::Synchronous).then_some(scenario.network.delta_us),
        };
        let cluster = registry::visit(info.id, Build(&setup)).expect("a registered protocol")?;
        let seed = scenario.seed;
        let mut clocks = Random::stream(seed, 2);
        let drifting = scenario.network.model == Model::PartiallySynchronous;
        let nodes = NodeId::all(n)
            .map(|_| Node {
                up: false,
                paused: false,
                clock: if drifting {
                    let drift = u64::from(scenario.network.drift_ppm);
                    let ppm = clocks.within(0, 2 * drift) as i64 - drift as i64;
                    Clock::new(clocks.below(1_000_000), ppm as i32)
                } else {
                    Clock::new(0, 0)
                },
                timers: [Armed::default(); TIMERS],
                outbox: VecDeque::new(),
                writing: None,
                inbox: Vec::new(),
                leads: None,
            })
            .collect();
        let mut world = World {
            network: Network::new(scenario.network, seed, info.fifo_channels),
            flights: Vec::new(),
            messages: 0,
            queue: Queue::default(),
            now: 0,
            events: 0,
            timer_random: Random::stream(seed, 3),
            disk_random: Random::stream(seed, 4),
            choose_random: Random::stream(seed, 5),
            script: Script::new(n),
            clients: Clients::new(scenario.clients, seed, info.shape, n),
            values: Values::default(),
            trace: Trace::default(),
            monitor: Monitor::new(info, n),
            ledger: Ledger::default(),
            reigns: Growing::default(),
            snapshots: Growing::default(),
            tallies: vec![Tally::default(); cluster.kinds().len()],
            interventions,
            intervened: 0,
            calm_since: 0,
            progress_at: 0,
            frontier: 0,
            ended: None,
            violated: false,
            applications: Vec::new(),
            scratch: Vec::new(),
            nodes,
            cluster,
            options,
            scenario,
        };
        let machine = world.clients.machine();
        world.applications = vec![Application::new(machine); n];
        world.assume_losses();
        world.start_clients();
        Ok(world)
    }

    fn assume_losses(&mut self) {
        let knobs = *self.network.knobs();
        if knobs.model == Model::Asynchronous && (knobs.loss_ppm > 0 || knobs.duplication_ppm > 0) {
            self.broke(Assumption::ReliableLinks, "loss or duplication asked for in network");
        }
    }

    pub(super) fn broke(&mut self, assumption: Assumption, by: &str) {
        self.ledger.broke(assumption, self.events.saturating_sub(1), self.now, || by.to_owned());
    }

    /// Executes the next event; false when the run is over.
    pub fn step(&mut self) -> bool {
        loop {
            if self.ended.is_some() {
                return false;
            }
            if let Some(next) = self.interventions.get(self.intervened)
                && next.event <= u64::from(self.events)
            {
                let interventions = self.interventions.clone();
                self.intervened += 1;
                let before = self.events;
                self.intervene(&interventions[self.intervened - 1].action);
                if self.events > before {
                    return true;
                }
                continue;
            }
            if u64::from(self.events) >= self.scenario.stop.max_events() {
                self.end(Ended::Events);
                return false;
            }
            if let Some(node) = self.to_start() {
                self.boot(node, false, self.events);
                return true;
            }
            match self.advance() {
                Advance::Event => return true,
                Advance::Nothing => continue,
                Advance::Over => return false,
            }
        }
    }

    /// The nodes start one after the other before anything else happens.
    fn to_start(&self) -> Option<NodeId> {
        (self.script.started < self.nodes.len()).then_some(NodeId(self.script.started as u8))
    }

    fn end(&mut self, ended: Ended) {
        if ended == Ended::Time {
            self.now = self.scenario.stop.at_us.unwrap_or(self.now).max(self.now);
        }
        self.ended = Some(ended);
    }

    pub(super) fn refuse(&mut self, sentence: String) {
        self.ended = Some(Ended::Refused(sentence));
    }

    fn advance(&mut self) -> Advance {
        let due = self.next_due();
        let step = self.script_due(due.map(|entry| entry.at));
        let at = match (step, due) {
            (Some(step), Some(entry)) => step.min(entry.at),
            (Some(step), None) => step,
            (None, Some(entry)) => entry.at,
            (None, None) => {
                self.end(match self.scenario.stop {
                    stop if stop.quiescent => Ended::Quiescent,
                    stop if stop.at_us.is_some() => Ended::Time,
                    _ => Ended::Idle,
                });
                return Advance::Over;
            }
        };
        if self.scenario.stop.at_us.is_some_and(|stop| at > stop) {
            self.end(Ended::Time);
            return Advance::Over;
        }
        if step.is_none() && self.scenario.stop.quiescent && self.quiescent(at) {
            self.end(Ended::Quiescent);
            return Advance::Over;
        }
        if self.now < self.network.knobs().gst_us && at >= self.network.knobs().gst_us {
            self.calm_since = self.calm_since.max(self.network.knobs().gst_us);
        }
        self.now = self.now.max(at);
        let before = self.events;
        if step == Some(at) {
            self.script_step();
        } else {
            let entry = self.queue.pop().expect("the entry that was peeked at");
            self.happen(entry);
        }
        if self.ended.is_some() {
            Advance::Over
        } else if self.events > before {
            Advance::Event
        } else {
            Advance::Nothing
        }
    }

    /// The next entry of the queue that is not stale.
    fn next_due(&mut self) -> Option<Entry> {
        loop {
            let entry = self.queue.peek()?;
            let live = match entry.due {
                Due::Arrival { slot } => {
                    let flight = &self.flights[slot as usize];
                    flight.live && flight.seq == entry.seq
                }
                Due::Written { node } => self.nodes[usize::from(node)].writing.is_some_and(|(_, seq)| seq == entry.seq),
                Due::Client { client } => self.clients.expects(client, entry.seq),
                Due::Timer { node, timer } => self.timer_due(entry, node, timer),
            };
            if live {
                return Some(entry);
            }
            self.queue.pop();
        }
    }

    /// Whether the entry is the armed timer's; moves the entry when the timer was armed again for later.
    fn timer_due(&mut self, entry: Entry, node: u8, timer: u8) -> bool {
        let armed = &mut self.nodes[usize::from(node)].timers[usize::from(timer)];
        if armed.queued != entry.seq {
            return false;
        }
        if armed.on && armed.seq == entry.seq {
            return true;
        }
        armed.queued = 0;
        if armed.on {
            self.arm(NodeId(node), timer);
        }
        false
    }

    /// Sees to it that an entry of the queue looks at the timer when it is due, or before.
    pub(super) fn arm(&mut self, node: NodeId, timer: u8) {
        if self.network.manual() {
            return;
        }
        let armed = &mut self.nodes[node.index()].timers[usize::from(timer)];
        if armed.queued == 0 || armed.queued_at > armed.at {
            (armed.queued, armed.queued_at) = (armed.seq, armed.at);
            self.queue.push(Entry { at: armed.at, seq: armed.seq, due: Due::Timer { node: node.0, timer } });
        }
    }

    /// When the next event is due at the earliest, µs; `None` when nothing happens any more by itself: the run is over,
    /// or only a hand can move it. Changes nothing that can be seen.
    pub fn next_at(&mut self) -> Option<u64> {
        if self.ended.is_some() || u64::from(self.events) >= self.scenario.stop.max_events() {
            return None;
        }
        let intervened = self.interventions.get(self.intervened);
        if intervened.is_some_and(|next| next.event <= u64::from(self.events)) || self.to_start().is_some() {
            return Some(self.now);
        }
        let due = self.next_due().map(|entry| entry.at);
        let at = self.script_due(due).into_iter().chain(due).min()?.max(self.now);
        self.scenario.stop.at_us.is_none_or(|stop| at <= stop).then_some(at)
    }

    fn happen(&mut self, entry: Entry) {
        match entry.due {
            Due::Arrival { slot } => {
                let to = self.flights[slot as usize].to;
                if self.nodes[to.index()].paused {
                    self.nodes[to.index()].inbox.push(entry);
                } else {
                    self.arrive(slot);
                }
            }
            Due::Timer { node, timer } => {
                let state = &mut self.nodes[usize::from(node)];
                if state.paused {
                    state.inbox.push(entry);
                } else {
                    self.fire(NodeId(node), timer);
                }
            }
            Due::Written { node } => {
                let state = &mut self.nodes[usize::from(node)];
                if state.paused {
                    state.inbox.push(entry);
                } else {
                    self.written(NodeId(node));
                }
            }
            Due::Client { client } => self.client_wakes(client),
        }
    }

    /// Records an event and gives its number.
    pub(super) fn event(&mut self, what: What, node: NodeId, peer: NodeId, aux: u8, data: u32, cause: u32) -> u32 {
        let number = self.events;
        self.events += 1;
        if self.options.trace {
            self.trace.record(Event { at: self.now, cause: cause.min(number), data, what, node, peer, aux });
        }
        number
    }

    pub(super) fn mark(&mut self, node: NodeId, kind: MarkKind) {
        if self.options.trace {
            self.trace.marks.push(Mark { event: self.events.saturating_sub(1), node, kind });
        }
    }

    /// Tells the properties; stops looking for a first violation once there is one.
    pub(super) fn observe(&mut self, observation: &Observation) {
        if !self.options.properties {
            return;
        }
        let moment = Moment { event: self.events.saturating_sub(1), at: self.now };
        self.monitor.observe(&moment, observation);
        if !self.violated
            && let Some(violation) = self.monitor.violated()
        {
            self.violated = true;
            let kind = MarkKind::Violated { property: violation.name };
            self.mark(NodeId(0), kind);
        }
    }

    /// Starts `node` from its disk.
    pub(super) fn boot(&mut self, node: NodeId, again: bool, cause: u32) {
        let event = self.event(What::Start, node, node, u8::from(again), 0, cause);
        if !again {
            self.script.started += 1;
        }
        self.nodes[node.index()].up = true;
        self.run(node, Input::Boot, event);
    }

    /// Runs a handler and carries out its effects.
    pub(super) fn run(&mut self, node: NodeId, input: Input, event: u32) {
        let mut actions = std::mem::take(&mut self.scratch);
        let local = match self.network.knobs().model {
            // "None": a reading that says nothing but that it moves on.
            Model::Asynchronous => u64::from(event),
            _ => self.nodes[node.index()].clock.local(self.now),
        };
        self.cluster.run(node, input, local, &mut self.choose_random, self.options.properties, &mut actions);
        for action in actions.drain(..) {
            if self.nodes[node.index()].writing.is_none() {
                self.carry_out(node, action, event);
            } else {
                self.nodes[node.index()].outbox.push_back((action, event));
            }
        }
        self.scratch = actions;
    }

    fn quiescent(&self, at: u64) -> bool {
        if !self.script.done(&self.scenario) || self.now < self.network.knobs().gst_us {
            return false;
        }
        // Nothing new in a long while: no position delivered, nobody elected. What still moves are heartbeats, or
        // elections and retries that get nowhere.
        const SETTLED_US: u64 = 5_000_000;
        const STUCK_US: u64 = 30_000_000;
        let window = if self.clients.all_answered() { SETTLED_US } else { STUCK_US };
        at >= self.progress_at.max(self.calm_since).max(self.network.knobs().gst_us) + window
    }

    /// Puts interventions in place that begin at or after the present event. For the timeline only.
    pub(super) fn set_interventions(&mut self, interventions: Arc<Vec<Intervention>>) {
        debug_assert!(self.intervened <= interventions.len());
        self.interventions = interventions;
    }

    /// Lets a run go on that only ended because there was nothing to do.
    pub(super) fn wake(&mut self) {
        if matches!(self.ended, Some(Ended::Quiescent | Ended::Idle)) {
            self.ended = None;
            self.progress_at = self.now;
        }
    }

    /// The properties as they stand now, liveness judged by what the model promises. `stalled` says why nothing can
    /// move, if the diagnosis found a reason.
    pub fn properties(&self, stalled: Option<&str>) -> Vec<Property> {
        let mut monitor = self.monitor.clone();
        let moment = Moment { event: self.events.saturating_sub(1), at: self.now };
        monitor.judge(&moment, &self.conditions(stalled));
        let show = |value| self.values.show(value);
        monitor.properties(&Words::plain(&show)).collect()
    }

    fn conditions<'a>(&self, stalled_why: Option<&'a str>) -> Conditions<'a> {
        let up: NodeSet = self.up().iter().filter(|node| !self.nodes[node.index()].paused).collect();
        let connected = self.connected(up);
        let knobs = self.network.knobs();
        let (base, factor) = self.scenario.info.liveness_bound;
        let bounded = knobs.model != Model::Asynchronous && !self.network.manual();
        let enough = match self.scenario.info.needs {
            Needs::Majority => connected.len() >= majority(self.nodes.len()),
            Needs::Setting(_) => self.needed_node().is_none_or(|node| connected.contains(node)),
            Needs::Each => true,
        };
        Conditions {
            bound_us: bounded.then_some(base * 1000 + factor * knobs.delta_us),
            good_since: (enough && self.now >= knobs.gst_us).then_some(self.calm_since.max(knobs.gst_us)),
            up,
            connected,
            quiescent: self.flights().next().is_none()
                && self.nodes.iter().all(|node| node.writing.is_none() && node.timers.iter().all(|timer| !timer.on)),
            stalled_why,
            promised: bounded && !self.liveness_lost(),
        }
    }

    /// The node without which nothing moves (a fixed sequencer), if the protocol has one.
    pub fn needed_node(&self) -> Option<NodeId> {
        self.scenario.info.needed_node(&self.scenario.settings)
    }

    /// Whether an assumption is broken without which the protocol owes no progress any more. Lost messages do not
    /// matter to those that send again.
    fn liveness_lost(&self) -> bool {
        let bare = self.scenario.settings.contains(&("retransmit", SettingValue::Flag(false)));
        let broken = |assumption| self.ledger.is_broken(assumption);
        broken(Assumption::StableStorage)
            || broken(Assumption::CrashStop)
            || bare && (broken(Assumption::ReliableLinks) || self.network.knobs().loss_ppm > 0)
    }

    /// The largest group of up nodes that all reach one another both ways.
    pub fn connected(&self, up: NodeSet) -> NodeSet {
        // Cuts are few: grow a group from each node, in order, and take the largest.
        let grow = |start: NodeId| {
            let mut group = NodeSet::default();
            for node in std::iter::once(start).chain(up.iter()) {
                let reaches = |other| !self.network.blocked(node, other) && !self.network.blocked(other, node);
                if group.iter().all(reaches) {
                    group.insert(node);
                }
            }
            group
        };
        up.iter().map(grow).max_by_key(|group| group.len()).unwrap_or_default()
    }
}

enum Advance {
    Event,
    Nothing,
    Over,
}

/// What others may read.
impl World {
    /// The scenario.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// How many events have happened.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// Virtual time, µs.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Why the run is over, if it is.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// The nodes, behind their object-safe face.
    pub fn cluster(&self) -> &dyn Cluster {
        &*self.cluster
    }

    /// The trace.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The strings.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The properties.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// The assumption ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Who believed when that it leads.
    pub fn reigns(&self) -> &Growing<Reign> {
        &self.reigns
    }

    /// Messages by kind.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// The application on `node`.
    pub fn application(&self, node: NodeId) -> &Application {
        &self.applications[node.index()]
    }

    /// The clients.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The nodes that are up.
    pub fn up(&self) -> NodeSet {
        NodeId::all(self.nodes.len()).filter(|node| self.nodes[node.index()].up).collect()
    }

    /// Whether `node` is paused.
    pub fn paused(&self, node: NodeId) -> bool {
        self.nodes[node.index()].paused
    }

    /// Messages in flight, in no order that means anything; each with its slot.
    pub fn flights(&self) -> impl Iterator<Item = (u32, &Flight)> {
        (0..).zip(&self.flights).filter(|(_, flight)| flight.live)
    }

    /// The armed timers of `node`: index, armed since and due at (µs of true time).
    pub fn timers(&self, node: NodeId) -> impl Iterator<Item = (u8, u64, u64)> {
        (0..)
            .zip(&self.nodes[node.index()].timers)
            .filter(|(_, armed)| armed.on)
            .map(|(i, armed)| (i, armed.since, armed.at))
    }

    /// Whether a write of `node` is under way.
    pub fn writing(&self, node: NodeId) -> bool {
        self.nodes[node.index()].writing.is_some()
    }

    /// How many interventions were done.
    pub(super) fn intervened(&self) -> usize {
        self.intervened
    }

    /// Since when nothing was done that may hold progress up, µs.
    pub fn calm_since(&self) -> u64 {
        self.calm_since
    }

    /// When something was last delivered or someone elected, µs.
    pub fn progress_at(&self) -> u64 {
        self.progress_at
    }

    /// The highest position delivered anywhere.
    pub fn frontier(&self) -> u64 {
        self.frontier
    }
}
