//! The run of a counterexample that was found from the midst of a run: that run as far as the search began, and from
//! there on its steps by hand.

use super::deed::{Deed, What};
use super::run::{self, InFlight, Run};
use crate::protocol::*;
use crate::scenario::{Action, Stop, Verb};
use crate::sim::{Options, Timeline, World};
use std::sync::Arc;

/// Events that one step may take until it is done: writes, and what a node sends itself.
const PATIENCE: u32 = 1_000;

/// The run that goes on from `world` with `deeds`. `value` says what a client asks for by the command's number. With
/// `fused`, whoever crashes is up again at once.
pub fn of(world: &World, deeds: &[Deed], fused: bool, value: &dyn Fn(u8) -> Option<String>) -> Result<Run, String> {
    let seed = run::seed(deeds).ok_or("no seed gives the answers that the steps rest on")?;
    let mut scenario = world.scenario().as_ref().clone();
    scenario.stop = Stop { at_us: None, events: None, quiescent: false };
    let scenario = Arc::new(scenario);
    let mut hand = Hand(Timeline::new(scenario.clone(), world.done_by_hand(), Options::default(), None)?);
    hand.0.seek(world.events());
    // A search knows neither slow nodes nor partitions, and a write that is under way counts as done.
    for node in NodeId::all(scenario.nodes.into()).filter(|node| world.paused(*node)) {
        hand.act(Verb::Resume { node })?;
    }
    if !world.network().whole() {
        hand.act(Verb::Heal)?;
    }
    hand.does(Action::TakeOver { seed: seed as u32 })?;
    // Who hears itself in the first step does so of itself.
    if !deeds.first().is_some_and(Deed::hears_itself) {
        hand.settle();
    }
    for (at, deed) in deeds.iter().enumerate() {
        let again = deeds[at + 1..].iter().any(|later| later.delivers_as(deed));
        hand.deed(deed, again, fused, value)?;
    }
    let (last, violated) = run::violated(hand.0.world());
    let mut scenario = scenario.as_ref().clone();
    scenario.stop.events = Some(u64::from(last) + 1);
    let mut interventions = hand.0.branches()[hand.0.current()].interventions().to_vec();
    interventions.retain(|done| done.event <= u64::from(last));
    Ok(Run { scenario, interventions, file: None, violated })
}

struct Hand(Timeline);

/// Whether something is under way that nobody has to do: a write, or what a node sent itself.
fn busy(world: &World) -> bool {
    NodeId::all(world.scenario().nodes.into()).any(|node| world.writing(node))
        || world.flights().any(|(_, flight)| flight.from == flight.to)
}

impl Hand {
    fn does(&mut self, action: Action) -> Result<(), String> {
        if self.0.act(action) { Ok(()) } else { Err("the run does not take the step".to_owned()) }
    }

    fn act(&mut self, verb: Verb) -> Result<(), String> {
        self.does(Action::Step(verb))
    }

    /// What follows of itself: disks write, and nodes hear themselves.
    fn settle(&mut self) {
        for _ in 0..PATIENCE {
            if !(busy(self.0.world()) || self.0.next_at() == Some(self.0.world().now())) || !self.0.step() {
                return;
            }
        }
    }

    /// Until so many writes of `node` are done, and the next is under way: some come of what it sends itself.
    fn written(&mut self, node: NodeId, writes: u32) {
        let done = |world: &World, first: u32| {
            let events = world.trace().events.iter().skip(first as usize);
            events.filter(|event| event.node == node && event.what == crate::sim::What::Write).count() as u32
        };
        let first = self.0.world().events();
        for _ in 0..PATIENCE {
            let world = self.0.world();
            if done(world, first) >= writes && world.writing(node) || !busy(world) || !self.0.step() {
                return;
            }
        }
    }

    fn deed(
        &mut self,
        deed: &Deed,
        again: bool,
        fused: bool,
        value: &dyn Fn(u8) -> Option<String>,
    ) -> Result<(), String> {
        let node = deed.node;
        match &deed.what {
            _ if deed.hears_itself() => {}
            What::Deliver { from, kind, digest, fields, .. } => {
                let InFlight { id, alike, .. } = run::in_flight(self.0.world(), (*from, node, *kind), *digest, fields)?;
                if again && alike == 1 {
                    self.does(Action::DuplicateMessage { id })?;
                }
                self.does(Action::DeliverMessage { id })?;
            }
            What::Fire(timer) => self.act(Verb::Fire { node, timer: *timer })?,
            What::Ask(command) => {
                let value = value(*command).ok_or("a command that no step proposes")?;
                self.act(Verb::Propose { node, value })?;
            }
            What::Crash => self.act(Verb::Crash { node })?,
            What::Restart => self.act(Verb::Restart { node, disk_lost: false })?,
            What::Wipe => {
                self.act(Verb::Crash { node })?;
                self.act(Verb::Restart { node, disk_lost: true })?;
            }
        }
        if let Some(writes) = deed.cut {
            self.written(node, writes);
            self.act(Verb::Crash { node })?;
        }
        if fused && (deed.cut.is_some() || deed.what == What::Crash) {
            self.act(Verb::Restart { node, disk_lost: false })?;
        }
        self.settle();
        Ok(())
    }
}
