//! The playground's Raft, through the library as everybody uses it: a world made from a scenario.
//!
//! The set-up as a scenario: five nodes, partially synchronous with GST at 0, so that every message takes from 10 to 15
//! ms, in any order; clocks that do not drift; a disk that takes no time; election timeouts of 10 to 20 ticks and
//! heartbeats as the peers have them; a client that proposes once, every millisecond, at the leader. A scenario file is
//! too small for 120,000 steps, so the script is put in here.

use crate::clock::Stopwatch;
use crate::setup::{
    Committed, DRAIN_US, ELECTION_TICKS, HEARTBEAT_TICKS, LATENCY_MAX_US, LATENCY_MIN_US, NODES, Outcome, PROPOSAL_US,
    Setup, TICK_US,
};
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::{Scenario, Step, Verb};
use consensus_playground::session::Session;
use consensus_playground::sim::{Options, World};
use std::sync::Arc;

/// What is measured of the playground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// As the page runs it: trace, causes, properties, and checkpoints to walk back to.
    Session,
    /// Trace, causes and properties.
    World,
    /// Neither trace nor properties: the bare simulation, as the peers are run.
    Bare,
}

/// Runs the playground through the set-up.
pub fn run(setup: &Setup, measure: Measure) -> Result<Outcome, String> {
    let (leader, elected_us) = first_leader(setup)?;
    let mut scenario = scenario(setup)?;
    let first_us = elected_us.next_multiple_of(PROPOSAL_US);
    let times = (first_us..setup.virtual_us).step_by(PROPOSAL_US as usize);
    scenario.script = times.map(|at| propose(leader, at)).collect();
    let proposed = scenario.script.len() as u64;
    match measure {
        Measure::Session => {
            let session = Session::with(scenario, Vec::new(), Options::default())?;
            measured(setup, proposed, session, Session::step, Session::world)
        }
        Measure::World | Measure::Bare => {
            let kept = measure == Measure::World;
            let world = World::new(Arc::new(scenario), Arc::default(), Options { trace: kept, properties: kept })?;
            measured(setup, proposed, world, World::step, |world| world)
        }
    }
}

fn scenario(setup: &Setup) -> Result<Scenario, String> {
    let election = ELECTION_TICKS as u64 * TICK_US / 1000;
    Scenario::from_json(format!(
        r#"{{
            "version": 1, "protocol": "raft", "nodes": {NODES}, "seed": {},
            "settings": {{ "election_timeout_ms": [{election}, {}], "heartbeat_ms": {} }},
            "network": {{ "model": "partially-synchronous", "min_ms": {}, "delta_ms": {}, "gst_ms": 0, "drift_ppm": 0 }},
            "disk": {{ "min_us": 0, "max_us": 0 }},
            "stop": {{ "at_ms": {} }}
        }}"#,
        setup.seed,
        2 * election,
        HEARTBEAT_TICKS as u64 * TICK_US / 1000,
        LATENCY_MIN_US / 1000,
        LATENCY_MAX_US / 1000,
        (setup.virtual_us + DRAIN_US) / 1000,
    ))
}

fn propose(node: NodeId, at_us: u64) -> Step {
    Step { at_us: Some(at_us), verb: Verb::Propose { node, value: "x".to_owned() } }
}

/// Who wins the first election with this seed, and when: proposals do not change that.
fn first_leader(setup: &Setup) -> Result<(NodeId, u64), String> {
    let mut world = World::new(Arc::new(scenario(setup)?), Arc::default(), Options::default())?;
    while world.reigns().is_empty() && world.now() < 1_000_000 && world.step() {}
    let reign = world.reigns().get(0).ok_or("nobody was elected within a second")?;
    Ok((reign.node, reign.from))
}

/// Runs to the end of the timed part, then to the end.
fn measured<T>(
    setup: &Setup,
    proposed: u64,
    mut run: T,
    step: fn(&mut T) -> bool,
    world: fn(&T) -> &World,
) -> Result<Outcome, String> {
    let stopwatch = Stopwatch::start();
    while world(&run).now() < setup.virtual_us && step(&mut run) {}
    let (wall, cpu) = stopwatch.stop();
    let messages = world(&run).tallies().iter().map(|tally| tally.delivered).sum();
    let events = u64::from(world(&run).events());
    while step(&mut run) {}
    let world = world(&run);
    if world.now() < setup.virtual_us + DRAIN_US {
        return Err(format!("the run ended at {} µs: {:?}", world.now(), world.ended()));
    }
    let committed = std::array::from_fn(|node| committed(world, NodeId(node as u8)));
    Ok(Outcome { wall, cpu, messages, events, proposed, committed })
}

fn committed(world: &World, node: NodeId) -> Committed {
    let mut committed = Committed::default();
    for delivery in world.application(node).delivered.iter().filter(|delivery| delivery.applied) {
        committed.push(u64::from(delivery.command.client.0));
    }
    committed
}
