//! Time travel: a run with checkpoints, a cursor, and the branches that acting in the past leaves behind.

use super::adversary::Oracle;
use super::parts::Options;
use super::world::World;
use crate::scenario::{Action, Intervention, Scenario};
use std::rc::Rc;
use std::sync::Arc;

/// How many checkpoints a branch keeps; beyond, every other one goes and they are made half as often.
const CHECKPOINTS: usize = 96;
/// The least number of events between two checkpoints.
const INTERVAL: u32 = 512;

/// One course of events.
pub struct Branch {
    /// The branch it left, and the event at which it did.
    pub parent: Option<(usize, u32)>,
    interventions: Arc<Vec<Intervention>>,
    /// Snapshots along it, the first before its first event; their interventions may be those of another branch.
    checkpoints: Vec<Rc<World>>,
    interval: u32,
    /// The run as far as it was computed.
    head: World,
}

impl Branch {
    fn new(world: World, parent: Option<(usize, u32)>, interventions: Arc<Vec<Intervention>>) -> Self {
        Branch { parent, interventions, checkpoints: vec![Rc::new(world.clone())], interval: INTERVAL, head: world }
    }

    /// How many events of it were computed.
    pub fn events(&self) -> u32 {
        self.head.events()
    }

    /// The run as far as it was computed.
    pub fn head(&self) -> &World {
        &self.head
    }

    /// What was done by hand along it, from the beginning.
    pub fn interventions(&self) -> &[Intervention] {
        &self.interventions
    }

    /// One event more at the head; false when the run is over.
    fn grow(&mut self) -> bool {
        let last = self.checkpoints.last().map_or(0, |world| world.events());
        if self.head.events() >= last + self.interval {
            self.checkpoints.push(Rc::new(self.head.clone()));
            if self.checkpoints.len() > CHECKPOINTS {
                let mut keep = false;
                self.checkpoints.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.interval *= 2;
            }
        }
        self.head.step()
    }

    /// The world after `event` events, at most as many as the head has; one that has not noticed that it is over.
    fn world_at(&self, event: u32) -> World {
        if event >= self.head.events() && self.head.ended().is_none() {
            return self.head.clone();
        }
        self.replay(event, self.interventions.clone())
    }

    /// The world after `event` events, with these interventions: its own, or the first of them.
    fn replay(&self, event: u32, interventions: Arc<Vec<Intervention>>) -> World {
        // What was done at the event of a checkpoint comes after it.
        let after = self.checkpoints.partition_point(|world| world.events() <= event);
        let mut world = World::clone(&self.checkpoints[after.saturating_sub(1)]);
        world.set_interventions(interventions);
        world.scenario = self.head.scenario.clone();
        while world.events() < event && world.step() {}
        world
    }
}

/// A run that can be walked in both directions. Acting in the past forks: the old branch stays.
pub struct Timeline {
    branches: Vec<Branch>,
    current: usize,
    /// The world at the cursor; `None` when the cursor is at the head.
    cursor: Option<Box<World>>,
}

impl Timeline {
    /// The run of `scenario` with `interventions`, before its first event. An error is the protocol's sentence.
    /// `oracle` picks what happens where the scenario asks for an adversary.
    pub fn new(
        scenario: Arc<Scenario>,
        interventions: Vec<Intervention>,
        options: Options,
        oracle: Option<Oracle>,
    ) -> Result<Self, String> {
        let interventions = Arc::new(interventions);
        let mut world = World::new(scenario, interventions.clone(), options)?;
        if let Some(oracle) = oracle {
            world.consult(oracle);
        }
        Ok(Timeline { branches: vec![Branch::new(world, None, interventions)], current: 0, cursor: None })
    }

    /// All branches; the first is the original run.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The number of the branch that is shown.
    pub fn current(&self) -> usize {
        self.current
    }

    /// The world at the cursor.
    pub fn world(&self) -> &World {
        self.cursor.as_deref().unwrap_or(&self.branches[self.current].head)
    }

    /// The world as far as the branch was computed: its trace reaches beyond the cursor.
    pub fn head(&self) -> &World {
        &self.branches[self.current].head
    }

    /// The world after `event` events of the branch that is shown; beyond what was computed, its head.
    pub fn at(&self, event: u32) -> World {
        self.branches[self.current].world_at(event)
    }

    /// When the next event happens, or is due at the earliest, µs; see [`World::next_at`].
    pub fn next_at(&mut self) -> Option<u64> {
        let head = &mut self.branches[self.current].head;
        match &self.cursor {
            Some(world) => head.trace().events.get(world.events() as usize).map(|event| event.at),
            None => head.next_at(),
        }
    }

    /// One event forward; false when the run is over.
    pub fn step(&mut self) -> bool {
        let branch = &mut self.branches[self.current];
        let Some(world) = &mut self.cursor else { return branch.grow() };
        let moved = world.step();
        if world.events() >= branch.head.events() {
            self.cursor = None;
        }
        moved || self.cursor.is_none()
    }

    /// Moves the cursor to where `event` events have happened, computing what is missing; further than the end is
    /// the end.
    pub fn seek(&mut self, event: u32) {
        let branch = &mut self.branches[self.current];
        while branch.head.events() < event && branch.grow() {}
        if event >= branch.head.events() {
            self.cursor = None;
            return;
        }
        if let Some(world) = &mut self.cursor
            && world.events() <= event
            && event - world.events() < branch.interval
        {
            while world.events() < event && world.step() {}
            return;
        }
        self.cursor = Some(Box::new(branch.world_at(event)));
    }

    /// Moves the cursor to the last event that happened no later than `at` µs; computes nothing beyond the head.
    pub fn seek_time(&mut self, at: u64) {
        let trace = self.head().trace();
        let (mut low, mut high) = (0, trace.events.len());
        while low < high {
            let middle = (low + high) / 2;
            if trace.events[middle].at <= at { low = middle + 1 } else { high = middle }
        }
        self.seek(low as u32);
    }

    /// Does `action` at the cursor; false, and nothing has changed, when it cannot be done there. At the head, the
    /// branch goes on with it; in the past, or before something that a recording has yet to do, a new branch leaves
    /// here. A run that has all its events takes no more.
    pub fn act(&mut self, action: Action) -> bool {
        let (event, intervened) = (self.world().events(), self.world().intervened());
        if self.world().spent() {
            return false;
        }
        let branch = &self.branches[self.current];
        let last = self.cursor.is_none() && intervened == branch.interventions.len();
        let mut interventions = branch.interventions[..intervened].to_vec();
        interventions.push(Intervention { event: u64::from(event), action: action.clone() });
        let interventions = Arc::new(interventions);
        if last && branch.head.ended().is_none() {
            let branch = &mut self.branches[self.current];
            return branch.head.act(&action, &interventions) && {
                branch.interventions = interventions;
                true
            };
        }
        // A run that is over goes back to the moment before it noticed.
        let mut world = self.cursor.as_deref().map_or_else(|| branch.world_at(event), World::clone);
        let before = Rc::new(world.clone());
        if !world.act(&action, &interventions) {
            return false;
        }
        self.cursor = None;
        if last {
            let branch = &mut self.branches[self.current];
            (branch.head, branch.interventions) = (world, interventions);
        } else {
            self.fork(before, world, event, interventions);
        }
        true
    }

    /// Lets the branch that is shown go on until `at` µs at least: what has happened stays as it is.
    pub fn prolong(&mut self, at: u64) {
        self.branches[self.current].head.prolong(at);
    }

    /// A new branch that leaves the present one at `event`, where the world was `before`, and has come to `head`.
    fn fork(&mut self, before: Rc<World>, head: World, event: u32, interventions: Arc<Vec<Intervention>>) {
        let old = &self.branches[self.current];
        let shared = old.checkpoints.iter().filter(|checkpoint| checkpoint.events() < event);
        let mut checkpoints: Vec<Rc<World>> = shared.cloned().collect();
        if checkpoints.is_empty() {
            checkpoints.push(before);
        }
        let branch =
            Branch { parent: Some((self.current, event)), interventions, checkpoints, interval: old.interval, head };
        self.branches.push(branch);
        self.current = self.branches.len() - 1;
    }

    /// Shows another branch, at the same event or at its end. Unknown branches are ignored.
    pub fn switch(&mut self, branch: usize) {
        if branch < self.branches.len() && branch != self.current {
            let event = self.world().events();
            self.current = branch;
            self.cursor = None;
            self.seek(event.min(self.head().events()));
        }
    }

    /// Takes the last intervention of the branch back: a new branch runs from there without it. False when there is
    /// none.
    pub fn undo(&mut self) -> bool {
        let branch = &self.branches[self.current];
        let Some((last, rest)) = branch.interventions.split_last() else { return false };
        let (event, rest) = (last.event.min(u64::from(u32::MAX)) as u32, Arc::new(rest.to_vec()));
        let world = branch.replay(event, rest.clone());
        self.cursor = None;
        let event = world.events();
        self.fork(Rc::new(world.clone()), world, event, rest);
        true
    }
}
