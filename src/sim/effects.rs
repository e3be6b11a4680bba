//! Effects, carried out in the order in which they were asked for; a write holds back what is behind it.

use super::cluster::{Action, Input};
use super::network::{Fate, Flight};
use super::parts::{Armed, Reign};
use super::queue::Due;
use super::trace::{MarkKind, MessageRecord, What};
use super::world::World;
use crate::properties::{Assumption, Observation};
use crate::protocol::*;
use crate::scenario::Model;

/// How a message ended, as [`MessageRecord::fate`] has it.
pub(super) mod fate {
    pub const ARRIVED: u8 = 1;
    pub const LOST_AT_ONCE: u8 = 2;
    pub const LOST: u8 = 3;
}

impl World {
    pub(super) fn carry_out(&mut self, node: NodeId, action: Action, event: u32) {
        match action {
            Action::Send { to, slot, kind } => self.send(node, to, slot, kind),
            Action::SetTimer { timer, min, max } => self.set_timer(node, timer, min, max, event),
            Action::CancelTimer(timer) => self.nodes[node.index()].timers[usize::from(timer)].on = false,
            Action::Persist => self.persist(node, event),
            Action::Deliver { position, command } => self.deliver(node, position, command, true),
            Action::DeliverUnchecked { position, command } => self.deliver(node, position, command, false),
            Action::Observe(fact) => self.fact(node, fact),
            Action::Redirect { command, to } => self.redirect(node, command, to),
            Action::Reply(command) => {
                if let Some(reply) = self.applications[node.index()].replied(command) {
                    self.answer(node, command, reply);
                }
            }
            Action::Answer(command) => {
                let reply = self.applications[node.index()].read(command, &self.values);
                self.answer(node, command, reply);
            }
            Action::TakeSnapshot(position) => {
                let application = self.applications[node.index()].clone();
                debug_assert_eq!(application.position, position, "{node} takes a snapshot of what it delivered");
                self.snapshots.push((SnapshotRef { taken_by: node, position }, application));
                self.observe(&Observation::SnapshotTaken { node, position });
            }
            Action::InstallSnapshot(snapshot) => {
                let kept = self.snapshots.iter().rev().find(|(name, _)| *name == snapshot);
                let (_, application) = kept.expect("a snapshot that was taken");
                self.applications[node.index()] = application.clone();
                self.observe(&Observation::SnapshotInstalled { node, from: snapshot });
            }
        }
    }

    fn persist(&mut self, node: NodeId, event: u32) {
        let disk = self.scenario.disk;
        if disk.max_us == 0 {
            self.cluster.written(node);
            return;
        }
        self.nodes[node.index()].outbox.push_front((Action::Persist, event));
        self.start_write(node);
    }

    /// One write covers whatever waits when it starts: group commit, as logs do it.
    fn start_write(&mut self, node: NodeId) {
        let disk = self.scenario.disk;
        let at = self.now + self.disk_random.within(disk.min_us, disk.max_us);
        let knobs = self.network.knobs();
        if knobs.model == Model::Synchronous && at > self.now + knobs.delta_us {
            self.broke(Assumption::StepsWithinDelta, "a disk write that took longer than Δ");
        }
        let seq = self.queue.add(at, Due::Written { node: node.0 });
        let state = &mut self.nodes[node.index()];
        state.writing = Some((state.outbox.len(), seq));
    }

    /// The disk of `node` has finished a write: what waited for it happens.
    pub(super) fn written(&mut self, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        let (mut covered, _) = state.writing.take().expect("a write under way");
        let cause = state.outbox.front().map_or(0, |(_, event)| *event);
        self.event(What::Write, node, node, 0, 0, cause);
        while let Some((action, event)) = self.nodes[node.index()].outbox.front().copied() {
            if let Action::Persist = action {
                if covered == 0 {
                    self.start_write(node);
                    return;
                }
                self.cluster.written(node);
            }
            self.nodes[node.index()].outbox.pop_front();
            covered = covered.saturating_sub(1);
            if !matches!(action, Action::Persist) {
                self.carry_out(node, action, event);
            }
        }
    }

    fn send(&mut self, from: NodeId, to: NodeId, slot: u32, kind: u8) {
        self.tallies[usize::from(kind)].sent += 1;
        match self.network.fate(self.now, from, to) {
            Fate::Lost => {
                let blocked = self.network.blocked(from, to);
                self.record_message(from, to, slot, kind, fate::LOST_AT_ONCE);
                self.cluster.discard(slot);
                self.tallies[usize::from(kind)].dropped += 1;
                if blocked {
                    self.lost_by_cut();
                }
            }
            Fate::Arrives(at) => {
                let id = self.record_message(from, to, slot, kind, 0);
                self.fly(id, from, to, slot, kind, at);
                self.follow_rules(slot);
            }
            Fate::Twice(at, again) => {
                let copy = self.cluster.duplicate(slot);
                let id = self.record_message(from, to, slot, kind, 0);
                self.fly(id, from, to, slot, kind, at);
                self.follow_rules(slot);
                let id = self.record_message(from, to, copy, kind, 0);
                self.fly(id, from, to, copy, kind, again);
                self.follow_rules(copy);
            }
        }
    }

    /// A new message in the trace: its id.
    pub(super) fn record_message(&mut self, from: NodeId, to: NodeId, slot: u32, kind: u8, fate: u8) -> u32 {
        let id = self.messages;
        self.messages += 1;
        if self.options.trace {
            let sent = self.events.saturating_sub(1);
            let ended = if fate == 0 { MessageRecord::IN_FLIGHT } else { sent };
            let digest = self.cluster.digest(slot);
            self.trace.send(MessageRecord { sent, ended, from, to, kind, fate }, digest);
        }
        id
    }

    /// Puts a message on its way, to arrive at `at`; under the manual scheduler it waits from then on.
    pub(super) fn fly(&mut self, id: u32, from: NodeId, to: NodeId, slot: u32, kind: u8, at: u64) {
        let held = self.network.manual() && from != to;
        let seq = if held { 0 } else { self.queue.add(at, Due::Arrival { slot }) };
        let sent = self.events.saturating_sub(1);
        let flight = Flight { id, from, to, kind, live: true, held, sent_at: self.now, arrives_at: at, sent, seq };
        let index = slot as usize;
        // Messages that wait for a disk have slots, too: later ones may leave before them.
        while self.flights.len() <= index {
            self.flights.push(Flight { live: false, ..flight });
        }
        self.flights[index] = flight;
        if held {
            self.held.add((id, slot));
        }
    }

    /// The message in `slot` reaches its receiver, or nobody.
    pub(super) fn arrive(&mut self, slot: u32) {
        let Flight { id, from, to, kind, sent, .. } = self.flights[slot as usize];
        let lost = !self.nodes[to.index()].up || self.network.blocked(from, to);
        if lost {
            if self.nodes[to.index()].up {
                self.lost_by_cut();
            }
            self.lose(slot, What::Lose);
            return;
        }
        self.late(slot);
        self.flights[slot as usize].live = false;
        if self.network.overtakes(from, to, id) {
            self.broke(Assumption::FifoLinks, "a message that overtook another");
        }
        self.tallies[usize::from(kind)].delivered += 1;
        let event = self.event(What::Arrive, to, from, kind, id, sent);
        if self.options.trace {
            self.trace.end(id, event, fate::ARRIVED);
        }
        self.run(to, Input::Message { from, slot }, event);
    }

    /// The message in `slot` is lost in an event of its own.
    pub(super) fn lose(&mut self, slot: u32, what: What) {
        let Flight { id, from, to, kind, sent, .. } = self.flights[slot as usize];
        self.flights[slot as usize].live = false;
        self.cluster.discard(slot);
        self.tallies[usize::from(kind)].dropped += 1;
        let event = self.event(what, to, from, kind, id, sent);
        if self.options.trace {
            self.trace.end(id, event, fate::LOST);
        }
    }

    fn lost_by_cut(&mut self) {
        if !self.anything_goes() {
            self.broke(Assumption::ReliableLinks, "partition or cut");
        }
    }

    /// Notes in the ledger when a message that reaches its receiver now took longer than the model allows. How long it
    /// waits at a receiver that is paused is not the network's doing.
    pub(super) fn late(&mut self, slot: u32) {
        let flight = self.flights[slot as usize];
        let reached = if flight.held { self.now } else { flight.arrives_at.min(self.now) };
        let knobs = *self.network.knobs();
        let bound = match knobs.model {
            Model::Asynchronous => return,
            Model::Synchronous => flight.sent_at + knobs.delta_us,
            Model::PartiallySynchronous => flight.sent_at.max(knobs.gst_us) + knobs.delta_us,
        };
        if reached > bound && flight.from != flight.to {
            let assumption = match knobs.model {
                Model::Synchronous => Assumption::DelayWithinDelta,
                _ => Assumption::DelayWithinDeltaAfterGst,
            };
            self.broke(assumption, "a message that took longer than Δ");
            self.calm_since = self.now;
        }
    }

    fn set_timer(&mut self, node: NodeId, timer: u8, min: u64, max: u64, cause: u32) {
        let span = self.timer_random.within(min, max);
        let asynchronous = self.network.knobs().model == Model::Asynchronous;
        let state = &mut self.nodes[node.index()];
        let (local, at) = if asynchronous {
            // A timer may fire at any moment: an eighth of what was asked for, or sixteen times as much.
            let span = (span * self.timer_random.within(1, 8) / 8).saturating_mul(self.timer_random.doubling(4));
            (self.now + span, self.now + span)
        } else {
            let local = state.clock.local(self.now) + span;
            (local, state.clock.when(local, self.now))
        };
        let seq = self.queue.number();
        let armed = &mut state.timers[usize::from(timer)];
        let (queued, queued_at) = (armed.queued, armed.queued_at);
        *armed = Armed { on: true, local, at, since: self.now, seq, queued, queued_at, cause };
        self.arm(node, timer);
    }

    /// A timer of an up node fires.
    pub(super) fn fire(&mut self, node: NodeId, timer: u8) {
        let armed = &mut self.nodes[node.index()].timers[usize::from(timer)];
        debug_assert!(armed.on);
        armed.on = false;
        armed.queued = 0;
        let cause = armed.cause;
        let event = self.event(What::Fire, node, node, timer, 0, cause);
        self.run(node, Input::Timer(timer), event);
    }

    fn deliver(&mut self, node: NodeId, position: u64, command: Command, checked: bool) {
        let event = self.events.saturating_sub(1);
        let application = &mut self.applications[node.index()];
        let known = checked && application.knows(command);
        let (outcome, repeat) = application.deliver(event, position, command, known, &self.values);
        if position > self.frontier {
            self.frontier = position;
            self.mark(node, MarkKind::Delivered { position });
        }
        self.progress_at = self.now;
        self.epochs.1 = 0;
        if self.options.trace {
            self.trace.delivered(node, position, command.value.0);
        }
        self.observe(&Observation::Delivered { node, position, command, repeat });
        self.answer(node, command, outcome);
    }

    fn fact(&mut self, node: NodeId, fact: Fact) {
        match fact {
            Fact::Leads { epoch } => {
                self.end_reign(node);
                self.nodes[node.index()].leads = Some(self.reigns.len());
                self.reigns.push(Reign { node, epoch, from: self.now, to: None });
                self.progress_at = self.now;
                self.mark(node, MarkKind::Elected { epoch });
            }
            Fact::StepsDown => self.end_reign(node),
            Fact::Late => self.broke(Assumption::WithinItsRound, "a message that came too late"),
            Fact::Epoch { epoch } if epoch > self.epochs.0 => self.epochs = (epoch, self.epochs.1 + 1),
            Fact::Members { position, members } if position > self.members.0 => {
                self.members = (position, members);
                // What a new member owes it owes from now on.
                self.calm_since = self.now;
            }
            _ => {}
        }
        self.observe(&Observation::Fact { node, fact });
    }

    pub(super) fn end_reign(&mut self, node: NodeId) {
        if let Some(reign) = self.nodes[node.index()].leads.take() {
            self.reigns[reign].to = Some(self.now);
        }
    }
}
