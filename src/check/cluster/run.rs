//! From steps of the model to an ordinary run: a scenario under the manual scheduler that takes just these steps.

use super::deed::{Deed, What};
use super::rounds;
use crate::properties::{Property, Status};
use crate::protocol::*;
use crate::scenario::{
    Count, Disk, Intervention, Model, Network, Pattern, Recording, Scenario, Scheduler, Step, Stop, Verb,
};
use crate::sim::{self, Options, World};
use std::sync::Arc;

/// How long a write takes where a crash must come before it is done, µs; even, and whole milliseconds.
const WRITE_US: u64 = 2_000;

/// A run that takes the steps of a path, and ends with the last one.
#[derive(Clone, Debug)]
pub struct Run {
    /// What runs.
    pub scenario: Scenario,
    /// What is done to it by hand: nothing in a run from a scenario's start, whose script says all.
    pub interventions: Vec<Intervention>,
    /// A scenario whose script alone takes the same steps, where there is one: a file.
    pub file: Option<Scenario>,
    /// The properties that its last event violates, as the properties of a run see it.
    pub violated: Vec<Property>,
}

impl Run {
    /// As a recording that ends with the last step.
    pub fn recording(&self) -> Recording {
        Recording { interventions: self.interventions.clone(), ..Recording::new(self.scenario.clone()) }
    }
}

/// The run of `deeds` from the start of `scenario`, whose `propose` steps `commands` stand for. With `fused`, whoever
/// crashes is up again at once.
pub fn of(scenario: &Scenario, deeds: &[Deed], fused: bool) -> Result<Run, String> {
    if scenario.network.model == Model::Synchronous {
        return rounds::of(scenario, deeds);
    }
    let seed = seed(deeds).ok_or("no seed gives the answers that the steps rest on")?;
    seeded(scenario, seed, deeds, fused)
}

/// The same with this seed.
pub(super) fn seeded(scenario: &Scenario, seed: u64, deeds: &[Deed], fused: bool) -> Result<Run, String> {
    let mut run = bare(scenario, deeds.iter().any(|deed| deed.cut.is_some()));
    run.seed = seed;
    let proposals: Vec<&Verb> =
        scenario.script.iter().map(|step| &step.verb).filter(|verb| matches!(verb, Verb::Propose { .. })).collect();
    for (at, deed) in deeds.iter().enumerate() {
        let node = deed.node;
        match &deed.what {
            _ if deed.hears_itself() => {}
            What::Deliver { from, kind, digest, fields, .. } => {
                let again = deeds[at + 1..].iter().any(|later| later.delivers_as(deed));
                let pattern = find(&run, (*from, node, *kind), *digest, fields)?;
                if again {
                    run.script.push(untimed(Verb::Duplicate { pattern, count: Count::Number(1) }));
                }
                run.script.push(untimed(Verb::Deliver { pattern, count: Count::Number(1) }));
            }
            What::Fire(timer) => run.script.push(untimed(Verb::Fire { node, timer: *timer })),
            What::Ask(_) if deeds[..at].iter().any(|before| before.what == deed.what) => {
                // Its client has waited for a second by then, and has found who leads.
                let at_us = world(&run)?.now() + RETRY_US;
                run.script.push(Step { at_us: Some(at_us), verb: Verb::Heal });
            }
            What::Ask(command) => {
                let Some(Verb::Propose { value, .. }) = proposals.get(usize::from(*command)) else {
                    return Err("a command that no step proposes".to_owned());
                };
                run.script.push(untimed(Verb::Propose { node, value: value.clone() }));
            }
            What::Crash => run.script.push(untimed(Verb::Crash { node })),
            What::Restart => run.script.push(untimed(Verb::Restart { node, disk_lost: false })),
            What::Wipe => {
                run.script.push(untimed(Verb::Crash { node }));
                run.script.push(untimed(Verb::Restart { node, disk_lost: true }));
            }
        }
        if let Some(writes) = deed.cut {
            let at_us = began(&run, node)? + u64::from(writes) * WRITE_US + WRITE_US / 2;
            run.script.push(Step { at_us: Some(at_us), verb: Verb::Crash { node } });
        }
        if fused && (deed.cut.is_some() || deed.what == What::Crash) {
            run.script.push(untimed(Verb::Restart { node, disk_lost: false }));
        }
    }
    finish(run)
}

pub(super) fn untimed(verb: Verb) -> Step {
    Step { at_us: None, verb }
}

/// The scenario with nothing done yet, and nothing that happens by itself.
fn bare(scenario: &Scenario, slow_disk: bool) -> Scenario {
    let write = if slow_disk { WRITE_US } else { 0 };
    Scenario {
        network: Network::asynchronous(0, Scheduler::Manual),
        disk: Disk { min_us: write, max_us: write },
        clients: None,
        script: Vec::new(),
        stop: Stop { at_us: None, events: None, quiescent: true },
        ..scenario.clone()
    }
}

/// A seed of a run in which choices get the answers of `deeds`.
pub(super) fn seed(deeds: &[Deed]) -> Option<u64> {
    let answers: Vec<(u32, u32)> = deeds.iter().flat_map(|deed| deed.answers.iter().copied()).collect();
    (1..=1 << 20).find(|seed| {
        let mut choices = World::choices(*seed);
        answers.iter().all(|(answer, bound)| choices.choose(*bound) == *answer)
    })
}

/// The world at the end of the script as far as it goes.
pub(super) fn world(run: &Scenario) -> Result<World, String> {
    let mut world = World::new(Arc::new(run.clone()), Arc::default(), Options::default())?;
    let last = run.script.iter().filter_map(|step| step.at_us).max().unwrap_or(0);
    while world.next_at().is_some_and(|at| at < last + PATIENCE_US) && world.step() {}
    match world.ended() {
        Some(sim::Ended::Refused(sentence)) => Err(sentence.clone()),
        _ => Ok(world),
    }
}

/// Clients that got no answer ask again after a second: a run by hand is over before, unless it waits for that.
const PATIENCE_US: u64 = 850_000;
/// By then a client has asked again, and those to whom it was sent.
const RETRY_US: u64 = 1_120_000;

/// How the message is named in the run.
fn find(
    run: &Scenario,
    (from, to, kind): (NodeId, NodeId, u8),
    digest: u64,
    fields: &[(&'static str, String)],
) -> Result<Pattern, String> {
    let InFlight { place, .. } = in_flight(&world(run)?, (from, to, kind), digest, fields)?;
    Ok(Pattern { from: Some(from), to: Some(to), kind: Some(kind), skip: place })
}

/// Where a message is found in a world.
pub(super) struct InFlight {
    /// How many of its kind on its link were sent before it.
    pub place: u32,
    /// Its number.
    pub id: u32,
    /// How many are like it, itself included.
    pub alike: usize,
}

/// The message with these fields, where they are told, of several the one with this digest. The digest alone would not do:
/// a run numbers values and clients in the order in which they come.
pub(super) fn in_flight(
    world: &World,
    (from, to, kind): (NodeId, NodeId, u8),
    digest: u64,
    fields: &[(&'static str, String)],
) -> Result<InFlight, String> {
    let fits = |flight: &sim::Flight| (flight.from, flight.to, flight.kind) == (from, to, kind);
    let value = |value| world.values().show(value);
    let told = !fields.is_empty();
    let same = |slot: u32| !told || world.cluster().message_fields(slot, &value) == fields;
    let mut messages: Vec<(u32, u32)> =
        world.flights().filter(|(_, flight)| fits(flight)).map(|(slot, flight)| (flight.id, slot)).collect();
    messages.sort_unstable();
    let exact = |(_, slot): &(u32, u32)| same(*slot) && world.cluster().digest(*slot) == digest;
    let alike = |(_, slot): &(u32, u32)| told && same(*slot);
    let place = messages.iter().position(exact).or_else(|| messages.iter().position(alike));
    let place = place.ok_or_else(|| format!("the run has no such message from {from} to {to}"))?;
    let known = messages.iter().filter(|message| exact(message)).count();
    let alike = if known > 0 { known } else { messages.iter().filter(|message| alike(message)).count() };
    Ok(InFlight { place: place as u32, id: messages[place].0, alike })
}

/// When the last step of the run so far began at `node`, µs.
fn began(run: &Scenario, node: NodeId) -> Result<u64, String> {
    let mut before = run.clone();
    before.script.pop();
    let first = world(&before)?.events();
    let world = world(run)?;
    let events = world.trace().events.iter().skip(first as usize);
    let mut own = events.filter(|event| event.node == node && event.what != sim::What::Write);
    own.next().map(|event| event.at).ok_or_else(|| "the run does not take the step".to_owned())
}

/// Ends the run with its last step, and looks at what that violates.
pub(super) fn finish(mut run: Scenario) -> Result<Run, String> {
    let (last, violated) = violated(&world(&run)?);
    run.stop = Stop { at_us: None, events: Some(u64::from(last) + 1), quiescent: false };
    Ok(Run { file: Some(run.clone()), scenario: run, interventions: Vec::new(), violated })
}

/// The last event of `world` that violates something, or its last one, and what it violates.
pub(super) fn violated(world: &World) -> (u32, Vec<Property>) {
    let event = world.events().saturating_sub(1);
    let mut violated: Vec<(u32, Property)> = Vec::new();
    for property in world.properties(None) {
        if let Status::Violated { event, .. } = property.status
            && !property.liveness
        {
            violated.push((event, property));
        }
    }
    let last = violated.iter().map(|(event, _)| *event).max().unwrap_or(event);
    violated.retain(|(event, _)| *event == last);
    (last, violated.into_iter().map(|(_, property)| property).collect())
}
