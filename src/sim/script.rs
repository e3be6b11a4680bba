//! The script and a person's hand: every verb, every fault, as events of the run.

use super::cluster::Digest;
use super::network::Flight;
use super::queue::Due;
use super::trace::{MarkKind, What};
use super::world::World;
use crate::properties::Assumption;
use crate::protocol::*;
use crate::scenario::{Action, Count, Model, Pattern, Scenario, Verb};
use crate::sorting::sort;
use std::collections::VecDeque;

/// What a rule does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Drop,
    Duplicate,
    Delay(u64),
}

impl Deed {
    fn verb(self) -> &'static str {
        match self {
            Deed::Drop => "drop",
            Deed::Duplicate => "duplicate",
            Deed::Delay(_) => "delay",
        }
    }
}

/// A step that still waits for messages to come: outside the manual scheduler, `count` reaches into the future.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pattern: Pattern,
    deed: Deed,
    left: u32,
}

/// What is left to do of something that takes several events; all happen at one instant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chore {
    /// A rule or a step picked this message.
    Interfere { id: u32, slot: u32, deed: Deed },
    /// The message had reached a node that crashed before it took it.
    Lose { id: u32, slot: u32 },
    /// The node starts again, after its disk was wiped in the event `cause`.
    Boot { node: NodeId, cause: u32 },
}

/// How far the script is.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// The next step.
    pub next: usize,
    /// What was put into the queue before this number and is neither a write nor a message waits for a hand for ever.
    pub taken: u64,
    /// How many nodes have started.
    pub started: usize,
    /// Rules that wait for messages.
    pub rules: Vec<Rule>,
    /// Messages that the present `deliver` step has still to deliver, by id and slot.
    delivering: VecDeque<(u32, u32)>,
    /// Whether a `settle` step is under way.
    settling: bool,
    nodes: usize,
}

impl Script {
    pub fn new(nodes: usize) -> Self {
        Script { next: 0, taken: 0, started: 0, rules: Vec::new(), delivering: VecDeque::new(), settling: false, nodes }
    }

    /// What is left to do of the steps that were begun.
    pub fn under_way(&self) -> usize {
        self.delivering.len() + usize::from(self.settling)
    }

    /// Nothing of it is left to do.
    pub fn give_up(&mut self, steps: usize) {
        self.next = steps;
        self.rules.clear();
        self.delivering.clear();
        self.settling = false;
    }

    /// Whether nothing of the script is left to do.
    pub fn done(&self, scenario: &Scenario) -> bool {
        self.next >= scenario.script.len() && self.under_way() == 0
    }
}

impl World {
    /// When the script wants to do something next, µs; `next_due` is the time of the queue's next entry.
    pub(super) fn script_due(&self, next_due: Option<u64>) -> Option<u64> {
        let under_way = self.script.under_way() > 0;
        if !under_way && self.script.next >= self.scenario.script.len() {
            return None;
        }
        let timed = if under_way { None } else { self.scenario.script[self.script.next].at_us };
        if let Some(at) = timed {
            return Some(at.max(self.now));
        }
        // By hand, a step is done when what it set off is done: the disks have written, and what a node sent to
        // itself has arrived. Then, and only then, the next step finds the messages that it names.
        let unfinished = self.network.manual() && (self.busy() || next_due == Some(self.now));
        if unfinished { None } else { Some(self.now) }
    }

    pub(super) fn busy(&self) -> bool {
        self.nodes.iter().any(|node| node.writing.is_some() && !node.paused)
    }

    /// Does the next thing of the script: a step, or a part of one.
    pub(super) fn script_step(&mut self) {
        if let Some((id, slot)) = self.script.delivering.pop_front() {
            if self.flies(id, slot) {
                self.deliver_by_hand(slot);
            }
            return;
        }
        if self.script.settling {
            match self.oldest_held() {
                Some(slot) => self.deliver_by_hand(slot),
                None => self.script.settling = false,
            }
            return;
        }
        let scenario = self.scenario.clone();
        let number = self.script.next;
        self.script.next += 1;
        if let Err(sentence) = self.perform(&scenario.script[number].verb) {
            self.refuse(format!("script[{number}]: {sentence}"));
        }
    }

    pub(super) fn do_chore(&mut self, chore: Chore) {
        match chore {
            Chore::Interfere { id, slot, deed } if self.flies(id, slot) => self.interfere(slot, deed),
            Chore::Lose { id, slot } if self.flies(id, slot) => self.lose(slot, What::Lose),
            Chore::Boot { node, cause } if !self.nodes[node.index()].up => self.come_back(node, true, cause),
            Chore::Interfere { .. } | Chore::Lose { .. } | Chore::Boot { .. } => {}
        }
    }

    /// Does what a person asked for. What cannot be done (any more) has no effect.
    pub(super) fn intervene(&mut self, action: &Action) {
        self.plan.clear();
        match *action {
            Action::Step(Verb::Settle) if self.oldest_held().is_none() => {}
            Action::Step(ref verb) => drop(self.perform(verb)),
            Action::DeliverMessage { id } => {
                if let Some(slot) = self.find(id) {
                    self.deliver_by_hand(slot);
                }
            }
            Action::HoldMessage { id } => {
                if let Some(slot) = self.find(id) {
                    self.touch(slot, What::Delay);
                    self.flights[slot as usize].held = true;
                    self.flights[slot as usize].seq = 0;
                    self.held.add((id, slot));
                }
            }
            Action::ReleaseMessage { id } => {
                if let Some(slot) = self.find(id).filter(|slot| self.flights[*slot as usize].held) {
                    self.touch(slot, What::Delay);
                    self.schedule(slot, self.now);
                }
            }
            Action::DelayMessage { id, by_us } => self.interfere_with(id, Deed::Delay(by_us)),
            Action::DuplicateMessage { id } => self.interfere_with(id, Deed::Duplicate),
            Action::DropMessage { id } => self.interfere_with(id, Deed::Drop),
            Action::TakeOver { seed } => self.take_over(seed),
        }
    }

    fn interfere_with(&mut self, id: u32, deed: Deed) {
        if let Some(slot) = self.find(id) {
            self.interfere(slot, deed);
        }
    }

    fn perform(&mut self, verb: &Verb) -> Result<(), String> {
        if matches!(verb, Verb::Deliver { .. } | Verb::Fire { .. } | Verb::Settle) && !self.network.manual() {
            return Err("deliver, fire and settle are for the manual scheduler".to_owned());
        }
        match *verb {
            Verb::Propose { ref value, .. } if !self.scenario.info.takes(value) => {
                return Err(format!(
                    "propose: {} takes {}",
                    self.scenario.info.id,
                    self.scenario.info.values.join(", ")
                ));
            }
            Verb::Propose { node, ref value } => self.propose(node, value),
            Verb::Crash { node } => self.crash(node),
            Verb::Restart { node, disk_lost } => self.restart(node, disk_lost),
            Verb::Pause { node } => self.pause(node),
            Verb::Resume { node } => self.resume(node),
            Verb::Partition { ref groups } => {
                let mut digest = Digest::default();
                groups.iter().for_each(|group| digest.mix(u64::from(group.0)));
                let data = std::hash::Hasher::finish(&digest) as u32;
                self.fault(What::Partition, NodeId(0), NodeId(0), data);
                self.network.partition(groups, self.script.nodes);
                self.broken_links("partition");
            }
            Verb::Heal => {
                self.fault(What::Heal, NodeId(0), NodeId(0), 0);
                self.network.heal();
            }
            Verb::Cut { from, to } => {
                self.fault(What::Cut, from, to, 0);
                self.network.set_cut(from, to, true);
                self.broken_links("cut");
            }
            Verb::Join { from, to } => {
                self.fault(What::Join, from, to, 0);
                self.network.set_cut(from, to, false);
            }
            Verb::Drop { pattern, count } => return self.rule(pattern, count, Deed::Drop),
            Verb::Duplicate { pattern, count } => return self.rule(pattern, count, Deed::Duplicate),
            Verb::Delay { pattern, count, by_us } => return self.rule(pattern, count, Deed::Delay(by_us)),
            Verb::Slow { node, by_us } => {
                self.fault(What::Slow, node, node, (by_us / 1000) as u32);
                self.network.set_slow(node, by_us);
            }
            Verb::SlowLink { from, to, by_us } => {
                self.fault(What::Slow, from, to, (by_us / 1000) as u32);
                self.network.set_slow_link(from, to, by_us);
            }
            Verb::Skew { node, by_us, ppm } => self.skew(node, by_us, ppm),
            Verb::Deliver { pattern, count } => {
                let messages = self.matching(pattern, count);
                if messages.is_empty() {
                    return Err(format!("deliver: {}", self.no_match(pattern)));
                }
                self.script.delivering.extend(messages);
            }
            Verb::Fire { node, timer } => {
                let name = self.cluster.timers().get(usize::from(timer)).copied().unwrap_or("no such");
                if !self.nodes[node.index()].timers[usize::from(timer)].on {
                    return Err(format!("fire: the {name} timer of {node} is not armed"));
                }
                if self.nodes[node.index()].paused {
                    return Err(format!("fire: {node} is paused"));
                }
                self.fire_by_hand(node, timer);
            }
            Verb::Settle => self.script.settling = true,
        }
        Ok(())
    }

    fn no_match(&self, pattern: Pattern) -> String {
        let mut words = String::from("no message in flight");
        if let Some(kind) = pattern.kind.and_then(|kind| self.cluster.kinds().get(usize::from(kind))) {
            words += &format!(" of kind {}", kind.name);
        }
        if let Some(from) = pattern.from {
            words += &format!(" from {from}");
        }
        if let Some(to) = pattern.to {
            words += &format!(" to {to}");
        }
        words
    }

    pub(super) fn fault(&mut self, what: What, node: NodeId, peer: NodeId, data: u32) {
        self.event(what, node, peer, 0, data, self.events);
        self.mark(node, MarkKind::Fault);
        self.disturb();
    }

    /// Something was done to the run.
    pub(super) fn disturb(&mut self) {
        self.calm_since = self.now;
        self.disturbed_at = self.now;
    }

    fn broken_links(&mut self, by: &str) {
        if !self.anything_goes() {
            self.broke(Assumption::ReliableLinks, by);
        }
    }

    /// Before GST messages may be lost, duplicated and late.
    pub(super) fn anything_goes(&self) -> bool {
        let knobs = self.network.knobs();
        knobs.model == Model::PartiallySynchronous && self.now < knobs.gst_us
    }

    /// Drop, duplicate or delay: what is in flight first; then, outside the manual scheduler, what will be sent.
    fn rule(&mut self, pattern: Pattern, count: Count, deed: Deed) -> Result<(), String> {
        let messages = self.matching(pattern, count);
        let manual = self.network.manual();
        let left_out = self.fitting(pattern).take(pattern.skip as usize).count() as u32;
        if manual && messages.is_empty() {
            return Err(format!("{}: {}", deed.verb(), self.no_match(pattern)));
        }
        let done = messages.len() as u32;
        self.chores.extend(messages.into_iter().map(|(id, slot)| Chore::Interfere { id, slot, deed }));
        if let Count::Number(number) = count
            && number > done
            && !manual
        {
            self.event(What::Rule, NodeId(0), NodeId(0), 0, number - done, self.events);
            self.disturb();
            let pattern = Pattern { skip: pattern.skip - left_out, ..pattern };
            self.script.rules.push(Rule { pattern, deed, left: number - done });
        }
        Ok(())
    }

    /// Applies the waiting rules to a message that was put on its way, when the present event is over.
    pub(super) fn follow_rules(&mut self, slot: u32) {
        if self.script.rules.is_empty() {
            return;
        }
        let flight = self.flights[slot as usize];
        let fitting = |rule: &Rule| flight.from != flight.to && fits(rule.pattern, &flight);
        let Some(place) = self.script.rules.iter().position(fitting) else { return };
        let rule = &mut self.script.rules[place];
        if rule.pattern.skip > 0 {
            rule.pattern.skip -= 1;
            return;
        }
        rule.left -= 1;
        self.chores.push_back(Chore::Interfere { id: flight.id, slot, deed: rule.deed });
        if rule.left == 0 {
            self.script.rules.remove(place);
        }
    }

    fn interfere(&mut self, slot: u32, deed: Deed) {
        let Flight { from, to, kind, .. } = self.flights[slot as usize];
        self.disturb();
        match deed {
            Deed::Drop => {
                self.broken_links("drop");
                self.lose(slot, What::Drop);
            }
            Deed::Duplicate => {
                if !self.anything_goes() {
                    self.broke(Assumption::NoDuplicates, "duplicate");
                }
                self.touch(slot, What::Duplicate);
                let copy = self.cluster.duplicate(slot);
                let id = self.record_message(from, to, copy, kind, 0);
                let at = self.network.arrival(self.now, from, to);
                self.fly(id, from, to, copy, kind, at);
            }
            Deed::Delay(by) => {
                self.touch(slot, What::Delay);
                let flight = self.flights[slot as usize];
                if flight.held {
                    self.flights[slot as usize].arrives_at += by;
                } else {
                    self.schedule(slot, flight.arrives_at + by);
                }
            }
        }
    }

    fn schedule(&mut self, slot: u32, at: u64) {
        let seq = self.queue.add(at, Due::Arrival { slot });
        let flight = &mut self.flights[slot as usize];
        (flight.arrives_at, flight.seq, flight.held) = (at, seq, false);
    }

    fn touch(&mut self, slot: u32, what: What) {
        let Flight { id, from, to, kind, sent, .. } = self.flights[slot as usize];
        self.event(what, to, from, kind, id, sent);
        self.disturb();
    }

    pub(super) fn fire_by_hand(&mut self, node: NodeId, timer: u8) {
        if self.network.adversarial() {
            // A step takes a moment, so that a run has a length.
            self.now += self.network.knobs().min_us;
        }
        self.fire(node, timer);
    }

    pub(super) fn deliver_by_hand(&mut self, slot: u32) {
        let flight = self.flights[slot as usize];
        if flight.held {
            self.now = self.now.max(flight.arrives_at);
        }
        if self.nodes[flight.to.index()].paused {
            // A paused node takes nothing: the message waits until it is resumed.
            self.schedule(slot, self.now);
            self.touch(slot, What::Delay);
            return;
        }
        self.arrive(slot);
    }

    /// Whether the message `id` is still on its way in `slot`.
    fn flies(&self, id: u32, slot: u32) -> bool {
        let flight = &self.flights[slot as usize];
        flight.live && flight.id == id
    }

    /// The slot of the message `id`, if it is on its way between two nodes.
    pub(super) fn find(&self, id: u32) -> Option<u32> {
        let found = |(_, flight): &(u32, &Flight)| flight.id == id && flight.from != flight.to;
        self.flights().find(found).map(|(slot, _)| slot)
    }

    fn oldest_held(&mut self) -> Option<u32> {
        loop {
            let (id, slot) = *self.held.iter().next()?.0;
            if self.flies(id, slot) && self.flights[slot as usize].held {
                return Some(slot);
            }
            self.held.remove(&(id, slot));
        }
    }

    /// The messages in flight that fit, by id and slot.
    fn fitting(&self, pattern: Pattern) -> impl Iterator<Item = (u32, u32)> {
        let fitting = self.flights().filter(move |(_, flight)| flight.from != flight.to && fits(pattern, flight));
        fitting.map(|(slot, flight)| (flight.id, slot))
    }

    /// Of those the oldest first, at most so many behind those that are left out.
    fn matching(&self, pattern: Pattern, count: Count) -> Vec<(u32, u32)> {
        let mut messages: Vec<(u32, u32)> = self.fitting(pattern).collect();
        let skip = messages.len().min(pattern.skip as usize);
        let most = match count {
            Count::Number(number) => skip + number as usize,
            Count::All => messages.len(),
        };
        sort(&mut messages);
        messages.truncate(most);
        messages.drain(..skip);
        messages
    }
}

fn fits(pattern: Pattern, flight: &Flight) -> bool {
    pattern.from.is_none_or(|from| from == flight.from)
        && pattern.to.is_none_or(|to| to == flight.to)
        && pattern.kind.is_none_or(|kind| kind == flight.kind)
}
