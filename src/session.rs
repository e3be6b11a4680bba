//! A running world behind one face: the page, JavaScript and the headless runner all stand on it.

#[cfg(not(feature = "page"))]
mod driven;

use crate::diagnosis::{Diagnosis, diagnose};
use crate::properties::Property;
use crate::protocol::{NodeId, NodeSet};
use crate::report::Report;
use crate::scenario::{Action, Recording, Scenario, Verb};
use crate::sim::{Branch, Event, MarkKind, Options, Oracle, Timeline, What, World};
use std::sync::Arc;

/// A run that can be played, walked in both directions, acted upon and shared.
pub struct Session {
    timeline: Timeline,
}

impl Session {
    /// The run of `scenario`, before its first event. An error is one sentence.
    pub fn new(scenario: Scenario) -> Result<Session, String> {
        Session::with(scenario, Vec::new(), Options::default())
    }

    /// Opens a recording at its cursor: replays up to there, or to the end when it has none. Under the adversary
    /// scheduler only what the recording holds happens; see [`Session::driven`].
    pub fn open(recording: Recording) -> Result<Session, String> {
        Session::opened(recording, None)
    }

    fn opened(recording: Recording, oracle: Option<Oracle>) -> Result<Session, String> {
        let Recording { scenario, interventions, cursor, .. } = recording;
        let mut session = Session::built(scenario, interventions, Options::default(), oracle)?;
        match cursor {
            Some(event) => session.timeline.seek(event.min(u64::from(u32::MAX)) as u32),
            None => session.run(),
        }
        Ok(session)
    }

    /// A run that keeps only what `options` say; at its start.
    pub fn with(
        scenario: Scenario,
        interventions: Vec<crate::scenario::Intervention>,
        options: Options,
    ) -> Result<Session, String> {
        Session::built(scenario, interventions, options, None)
    }

    fn built(
        scenario: Scenario,
        interventions: Vec<crate::scenario::Intervention>,
        options: Options,
        oracle: Option<Oracle>,
    ) -> Result<Session, String> {
        Ok(Session { timeline: Timeline::new(Arc::new(scenario), interventions, options, oracle)? })
    }

    /// What runs.
    pub fn scenario(&self) -> &Scenario {
        self.head().scenario()
    }

    /// The world at the cursor.
    pub fn world(&self) -> &World {
        self.timeline.world()
    }

    /// The world as far as this branch was computed.
    pub fn head(&self) -> &World {
        self.timeline.head()
    }

    /// Whether the cursor is where the branch ends so far.
    pub fn at_head(&self) -> bool {
        self.world().events() == self.head().events()
    }

    /// When the next event happens, or is due at the earliest, µs; `None` when nothing happens any more by itself.
    pub fn next_at(&mut self) -> Option<u64> {
        self.timeline.next_at()
    }

    /// One event forward; false when the run is over.
    pub fn step(&mut self) -> bool {
        self.timeline.step()
    }

    /// One event back; false at the beginning.
    pub fn back(&mut self) -> bool {
        let event = self.world().events();
        if event > 0 {
            self.timeline.seek(event - 1);
        }
        event > 0
    }

    /// To where `event` events have happened.
    pub fn seek(&mut self, event: u32) {
        self.timeline.seek(event);
    }

    /// To the last event no later than `at` µs, within what was computed.
    pub fn seek_time(&mut self, at: u64) {
        self.timeline.seek_time(at);
    }

    /// Plays until virtual time `until` µs, at most `events` events; false when the run is over.
    pub fn play(&mut self, until: u64, events: u32) -> bool {
        for _ in 0..events {
            if self.world().now() >= until {
                return true;
            }
            if !self.step() {
                return false;
            }
        }
        true
    }

    /// To the end of the run.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// The next meaningful event after the cursor: elected, committed, fault, violation. Computes on, at most
    /// `limit` events. False when there is none.
    pub fn next_mark(&mut self, limit: u32) -> bool {
        let start = self.world().events();
        self.step_until(limit, |world| {
            world.trace().marks.last().is_some_and(|mark| mark.event >= start && mark.event + 1 == world.events())
        })
    }

    /// The meaningful event before the one at the cursor. False when there is none.
    pub fn previous_mark(&mut self) -> bool {
        let now = self.world().events();
        let marks = &self.head().trace().marks;
        let Some(mark) = marks.iter().rev().find(|mark| mark.event + 1 < now) else { return false };
        let event = mark.event + 1;
        self.seek(event);
        true
    }

    /// Steps until `wanted` holds, at most `limit` events; false when it never did.
    pub fn step_until(&mut self, limit: u32, wanted: impl Fn(&World) -> bool) -> bool {
        for _ in 0..limit {
            if !self.step() {
                return false;
            }
            if wanted(self.world()) {
                return true;
            }
        }
        false
    }

    /// Does `action` at the cursor; in the past that begins a new branch. False, and nothing has changed, when it
    /// cannot be done.
    pub fn act(&mut self, action: Action) -> bool {
        self.timeline.act(action)
    }

    /// Does a verb at the cursor; false when it cannot be done.
    pub fn perform(&mut self, verb: Verb) -> bool {
        self.act(Action::Step(verb))
    }

    /// Lets the run go on until `at` µs at least, where its scenario ends it earlier: what has happened stays as it is.
    pub fn prolong(&mut self, at: u64) {
        self.timeline.prolong(at);
    }

    /// Takes back what was done last; false when nothing was.
    pub fn undo(&mut self) -> bool {
        self.timeline.undo()
    }

    /// All branches; the first is the original run.
    pub fn branches(&self) -> &[Branch] {
        self.timeline.branches()
    }

    /// The branch that is shown.
    pub fn branch(&self) -> usize {
        self.timeline.current()
    }

    /// Shows another branch.
    pub fn switch(&mut self, branch: usize) {
        self.timeline.switch(branch);
    }

    /// The scenario, what was done by hand, and the cursor: none at the end of a run that is over.
    pub fn recording(&self) -> Recording {
        let mut recording = Recording::new(self.scenario().clone());
        recording.interventions = self.branches()[self.branch()].interventions().to_vec();
        let world = self.world();
        recording.cursor = world.ended().is_none().then_some(u64::from(world.events()));
        recording
    }

    /// Why nothing moves, if nothing does.
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        diagnose(self.world())
    }

    /// The properties at the cursor.
    pub fn properties(&self) -> Vec<Property> {
        let diagnosis = self.diagnosis();
        self.world().properties(diagnosis.as_ref().and_then(|diagnosis| diagnosis.stuck_why()))
    }

    /// The report at the cursor.
    pub fn report(&self) -> Report {
        Report::of(self.world())
    }

    /// One line that says what event `number` was; `None` when there is no such event.
    pub fn line(&self, number: u32) -> Option<String> {
        let trace = self.head().trace();
        let event = trace.events.get(number as usize)?;
        Some(describe(self.head(), event))
    }

    /// The world after `event` events of the branch that is shown, wherever the cursor is.
    pub fn at(&self, event: u32) -> World {
        self.timeline.at(event)
    }

    /// The numbers of the events in the causal past of `number`, itself included, ascending: earlier events of a
    /// node, senders of messages, what set a timer. `None` when there is no such event.
    pub fn past(&self, number: u32) -> Option<Vec<u32>> {
        let cone = self.cone(number)?;
        Some((0..=number).filter(|at| cone.past(*at)).collect())
    }

    /// What may have caused event `number`, and what it may have caused so far. `None` when there is no such event.
    pub fn cone(&self, number: u32) -> Option<Cone> {
        let events = &self.head().trace().events;
        events.get(number as usize)?;
        let mut cone = Cone { number, sides: vec![NEITHER; number as usize + 1], touched: NodeSet::default() };
        cone.sides[number as usize] = PAST;
        let mut touched = NodeSet::default();
        for at in (0..=number as usize).rev() {
            let event = &events[at];
            if cone.sides[at] == PAST || local(event) && touched.contains(event.node) {
                cone.sides[at] = PAST;
                cone.sides[event.cause as usize] = PAST;
                if local(event) {
                    touched.insert(event.node);
                }
            }
        }
        if local(&events[number as usize]) {
            cone.touched.insert(events[number as usize].node);
        }
        self.grow(&mut cone);
        Some(cone)
    }

    /// Adds to `cone` what has happened since it was made.
    pub fn grow(&self, cone: &mut Cone) {
        let events = &self.head().trace().events;
        for at in cone.sides.len()..events.len() {
            let event = &events[at];
            let caused = event.cause == cone.number || cone.sides.get(event.cause as usize) == Some(&FUTURE);
            let after = caused || local(event) && cone.touched.contains(event.node);
            if after && local(event) {
                cone.touched.insert(event.node);
            }
            cone.sides.push(if after { FUTURE } else { NEITHER });
        }
    }

    /// By node, its last event that `node` may know of at the cursor: the last in the causal past of what happened at
    /// `node`. `None` for a node from which nothing ever came.
    pub fn known(&self, node: NodeId) -> Vec<Option<u32>> {
        let events = &self.world().trace().events;
        let mut known = vec![None; usize::from(self.scenario().nodes)];
        let mut missing = known.len();
        let mut past = vec![false; events.len()];
        let mut touched = NodeSet::default();
        touched.insert(node);
        for at in (0..events.len()).rev() {
            let event = &events[at];
            if !(past[at] || local(event) && touched.contains(event.node)) {
                continue;
            }
            past[event.cause as usize] = true;
            if !local(event) {
                continue;
            }
            touched.insert(event.node);
            if known[event.node.index()].is_none() {
                known[event.node.index()] = Some(at as u32);
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
        }
        known
    }
}

/// Whether an event is a step of its node. Where nobody is up, a client does nothing to the node.
fn local(event: &Event) -> bool {
    event.what.local() && !(event.what == What::Ask && event.aux & 2 != 0)
}

const NEITHER: u8 = 0;
const PAST: u8 = 1;
const FUTURE: u8 = 2;

/// The causal past and future of an event.
pub struct Cone {
    number: u32,
    /// By event.
    sides: Vec<u8>,
    /// The nodes that the future has reached.
    touched: NodeSet,
}

impl Cone {
    /// Whose.
    pub fn event(&self) -> u32 {
        self.number
    }

    /// Whether the event `number` may have caused it, or is it.
    pub fn past(&self, number: u32) -> bool {
        self.sides.get(number as usize) == Some(&PAST)
    }

    /// Whether it may have caused the event `number`.
    pub fn future(&self, number: u32) -> bool {
        self.sides.get(number as usize) == Some(&FUTURE)
    }
}

/// An event in words.
pub fn describe(world: &World, event: &Event) -> String {
    let Event { node, peer, aux, data, .. } = *event;
    let kind = || world.cluster().kinds().get(usize::from(aux)).map_or("message", |kind| kind.name);
    match event.what {
        What::Start if aux == 1 => format!("{node} restarts"),
        What::Start => format!("{node} starts"),
        What::Arrive => format!("{node} receives {} from {peer}", kind()),
        What::Lose => format!("{} from {peer} to {node} is lost", kind()),
        What::Fire => {
            let timers = world.cluster().timers();
            format!("{node}'s {} timer fires", timers.get(usize::from(aux)).unwrap_or(&"unknown"))
        }
        What::Ask if aux & 2 != 0 => format!("a client finds nobody at {node}"),
        What::Ask if aux & 1 != 0 => format!("a client asks {node} again"),
        What::Ask => format!("a client asks {node}"),
        What::Write => format!("{node}'s disk has written"),
        What::Crash => format!("{node} crashes"),
        What::Wipe => format!("{node} loses its disk"),
        What::Pause => format!("{node} is paused"),
        What::Resume => format!("{node} goes on"),
        What::Partition => "the network is partitioned".to_owned(),
        What::Heal => "the network is whole again".to_owned(),
        What::Cut => format!("the link from {node} to {peer} is cut"),
        What::Join => format!("the link from {node} to {peer} is joined"),
        What::Drop => format!("{} from {peer} to {node} is dropped", kind()),
        What::Duplicate => format!("{} from {peer} to {node} is duplicated", kind()),
        What::Delay => format!("{} from {peer} to {node} is held up", kind()),
        What::Slow if peer != node => format!("the link from {node} to {peer} is slowed by {data} ms"),
        What::Slow => format!("{node} is slowed by {data} ms"),
        What::Skew => format!("{node}'s clock is skewed"),
        What::Rule => format!("{data} messages to come will be interfered with"),
        What::Hand => "from here on everything waits for a hand".to_owned(),
    }
}

/// What makes an event worth stopping at, in words.
pub fn mark_words(world: &World, node: NodeId, kind: MarkKind) -> String {
    let info = world.scenario().info;
    match kind {
        MarkKind::Elected { epoch } => format!("{node} becomes {} of {} {epoch}", info.leader_word, info.epoch_word),
        MarkKind::Delivered { position } => format!("{node} delivers {} {position}", info.position_word),
        MarkKind::Fault => "fault".to_owned(),
        MarkKind::Violated { property } => format!("{property} is violated"),
    }
}
