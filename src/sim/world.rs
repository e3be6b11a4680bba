//! The world: everything that is the case at one instant of a run, and the step to the next event.

use super::application::Application;
use super::clients::Clients;
use super::cluster::{Action as Act, Cluster, Input};
use super::network::{Flight, Network};
use super::parts::{Ended, Node, Options, Reign, Tally};
use super::queue::{Due, Entry, Queue};
use super::random::Random;
use super::script::{Chore, Script};
use super::trace::{Event, Mark, MarkKind, Trace, What};
use super::values::Values;
use crate::growing::Growing;
use crate::properties::{Assumption, Ledger, Moment, Monitor, Observation};
use crate::protocol::*;
use crate::scenario::{Action, Intervention, Model, Scenario};
use crate::sorted::Sorted;
use std::collections::VecDeque;
use std::sync::Arc;

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
    /// Messages that wait for a hand, by id and slot; some may have left since.
    pub(super) held: Sorted<(u32, u32)>,
    pub(super) messages: u32,
    pub(super) queue: Queue,
    pub(super) now: u64,
    pub(super) events: u32,
    pub(super) timer_random: Random,
    pub(super) disk_random: Random,
    pub(super) choose_random: Random,
    pub(super) script: Script,
    /// What is left of something that takes several events: each step of the world is one event.
    pub(super) chores: VecDeque<Chore>,
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
    /// Since when nothing was done to the run, and nothing went wrong in it, that may hold progress up.
    pub(super) calm_since: u64,
    /// When something was last done to the run, or asked of it.
    pub(super) disturbed_at: u64,
    /// When nothing has come since the first moment, the run is not quiescent before the second.
    pub(super) quiet: (u64, u64),
    /// When something was last delivered or someone elected.
    pub(super) progress_at: u64,
    /// The highest position delivered anywhere.
    pub(super) frontier: u64,
    /// The highest epoch that a node told of, and how many became the highest since something was delivered.
    pub(super) epochs: (u64, u64),
    /// The members of the cluster, and from which position on they are known to be.
    pub(super) members: (u64, NodeSet),
    /// Who picks what happens next, under the adversary scheduler, and what was picked.
    pub(super) oracle: Option<super::adversary::Oracle>,
    pub(super) plan: VecDeque<super::adversary::Pick>,
    pub(super) picked: Growing<Intervention>,
    pub(super) ended: Option<Ended>,
    /// Whether a property was violated.
    pub(super) violated: bool,
    /// A list that handlers fill, kept for the next one.
    pub(super) scratch: Vec<Act>,
}

impl World {
    pub(super) fn broke(&mut self, assumption: Assumption, by: &str) {
        self.ledger.broke(assumption, self.events.saturating_sub(1), self.now, || by.to_owned());
    }

    /// Executes the next event, exactly one; false when the run is over.
    pub fn step(&mut self) -> bool {
        loop {
            if self.ended.is_some() {
                return false;
            }
            if self.spent() {
                self.end(Ended::Events);
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
            if let Some(chore) = self.chores.pop_front() {
                let before = self.events;
                self.do_chore(chore);
                if self.events > before {
                    return true;
                }
                continue;
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

    /// Whether the run has all the events that it may have.
    pub(super) fn spent(&self) -> bool {
        u64::from(self.events) >= self.scenario.stop.max_events()
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
        if self.driven(step, due) {
            let before = self.events;
            if self.be_driven() {
                return if self.events > before { Advance::Event } else { Advance::Nothing };
            }
        }
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

    /// Whether it is for the adversary to say what happens: nothing else is to happen at this moment.
    fn driven(&self, step: Option<u64>, due: Option<Entry>) -> bool {
        let now = self.now;
        let free = step.is_none_or(|at| at > now) && due.is_none_or(|entry| entry.at > now) && !self.busy();
        free && self.oracle.is_some() && self.scenario.stop.at_us.is_none_or(|stop| now < stop)
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
                _ if entry.seq < self.script.taken => false,
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
        // A clock that was set back, or runs slower than it did, makes the timer wait longer.
        if armed.on && armed.seq == entry.seq && armed.at <= entry.at {
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
        if self.ended.is_some() || self.spent() {
            return None;
        }
        let intervened = self.interventions.get(self.intervened);
        let intervened = intervened.is_some_and(|next| next.event <= u64::from(self.events));
        if intervened || !self.chores.is_empty() || self.to_start().is_some() {
            return Some(self.now);
        }
        let due = self.next_due();
        if self.driven(self.script_due(due.map(|entry| entry.at)), due) {
            return Some(self.now);
        }
        let due = due.map(|entry| entry.at);
        let at = self.script_due(due).into_iter().chain(due).min()?.max(self.now);
        self.scenario.stop.at_us.is_none_or(|stop| at <= stop).then_some(at)
    }

    fn happen(&mut self, entry: Entry) {
        match entry.due {
            Due::Arrival { slot } => {
                let to = self.flights[slot as usize].to;
                if self.nodes[to.index()].paused {
                    self.late(slot);
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

    /// Does `action` now, as the last of `interventions`, those before being done; false, and nothing has changed, when
    /// it cannot be done. For the timeline only.
    pub(super) fn act(&mut self, action: &Action, interventions: &Arc<Vec<Intervention>>) -> bool {
        let before = (self.events, self.unfinished());
        self.intervene(action);
        if (self.events, self.unfinished()) == before {
            return false;
        }
        self.interventions = interventions.clone();
        self.intervened = interventions.len();
        self.events > before.0 || self.step()
    }

    /// How much is under way that takes further events.
    fn unfinished(&self) -> usize {
        self.chores.len() + self.script.under_way()
    }

    /// Puts interventions in place that begin at or after the present event. For the timeline only.
    pub(super) fn set_interventions(&mut self, interventions: Arc<Vec<Intervention>>) {
        debug_assert!(self.intervened <= interventions.len());
        self.interventions = interventions;
    }

    /// Gives the run time until `at` µs at least, where its time is limited. For the timeline only.
    pub(super) fn prolong(&mut self, at: u64) {
        if self.scenario.stop.at_us.is_some_and(|stop| stop < at) {
            Arc::make_mut(&mut self.scenario).stop.at_us = Some(at);
        }
    }
}

enum Advance {
    Event,
    Nothing,
    Over,
}
