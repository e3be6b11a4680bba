//! What the bar sets, and the run that the page opens on.

use crate::protocol::{Habitat, Info, NodeId, Shape};
use crate::protocols::registry;
use crate::scenario::{Clients, Disk, Model, Network, Scenario, Scheduler, StateMachine, Step, Stop, Verb};
use crate::session::Session;

/// How long a run of the page's own lasts at most: an hour of virtual time.
const LONGEST_US: u64 = 3_600_000_000;

/// Goes to where every node has started: before, there is nothing to see, and nothing to do.
pub fn begin(session: &mut Session) {
    for _ in 0..session.scenario().nodes {
        session.step();
    }
}

/// The run that the page opens on.
pub fn opening() -> Scenario {
    let info = registry::info("raft").unwrap_or(registry::ALL[0]);
    fresh(info, Model::PartiallySynchronous, 5, 7)
}

/// The moment, µs, to which the opening run has come when the page opens: a leader is there, and entries.
pub const OPENING_US: u64 = 700_000;

/// A run of `info` with the workload that shows best what it does.
pub fn fresh(info: &'static Info, model: Model, nodes: u8, seed: u64) -> Scenario {
    let one_value = info.shape == Shape::OneValue;
    Scenario {
        title: String::new(),
        info,
        variant: "correct",
        nodes,
        seed,
        settings: Vec::new(),
        network: network(model),
        disk: Disk::default(),
        clients: (!one_value).then(workload),
        script: if one_value { proposals(info, nodes) } else { Vec::new() },
        stop: Stop { at_us: Some(LONGEST_US), events: None, quiescent: one_value },
    }
}

/// The model that a protocol is made for.
pub fn home(info: &Info) -> Model {
    match info.habitat {
        Habitat::Synchronous => Model::Synchronous,
        Habitat::PartiallySynchronous => Model::PartiallySynchronous,
        Habitat::Asynchronous => Model::Asynchronous,
    }
}

/// The network of a model as a file without any knob would have it.
pub fn network(model: Model) -> Network {
    let asynchronous = model == Model::Asynchronous;
    Network {
        model,
        min_us: if model == Model::Synchronous { 1000 } else { 5000 },
        delta_us: if asynchronous { 0 } else { 50_000 },
        gst_us: 0,
        drift_ppm: if model == Model::PartiallySynchronous { 200 } else { 0 },
        loss_ppm: 0,
        duplication_ppm: 0,
        scheduler: Scheduler::Random,
    }
}

/// Three clients, one operation after the other.
pub fn workload() -> Clients {
    Clients {
        count: 3,
        operations: 1_000_000,
        state_machine: StateMachine::Log,
        think_us: 100_000,
        timeout_us: 1_000_000,
    }
}

/// Two nodes that want different values, one a little later.
fn proposals(info: &Info, nodes: u8) -> Vec<Step> {
    let last = nodes.saturating_sub(1);
    let [x, y, ..] = info.values else { return two(last, "x", "y") };
    two(last, x, y)
}

fn two(last: u8, x: &str, y: &str) -> Vec<Step> {
    let step = |at_us, node, value: &str| Step {
        at_us: Some(at_us),
        verb: Verb::Propose { node: NodeId(node), value: value.to_owned() },
    };
    let mut steps = vec![step(50_000, 0, x)];
    if last > 0 {
        steps.push(step(60_000, last, y));
    }
    steps
}

/// The same run with another number of nodes: what a script says of nodes may not hold any more.
pub fn resized(scenario: &Scenario, nodes: u8) -> Scenario {
    let mut next = fresh(scenario.info, scenario.network.model, nodes, scenario.seed);
    next.network = scenario.network;
    next.settings = scenario.settings.clone();
    next.variant = scenario.variant;
    if scenario.clients.is_some() {
        next.clients = scenario.clients;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fresh_run_is_one_that_a_file_may_hold() {
        for info in registry::ALL {
            for model in [Model::Synchronous, Model::PartiallySynchronous, Model::Asynchronous] {
                for nodes in [1, 2, 5, 25] {
                    let scenario = fresh(info, model, nodes, 7);
                    assert_eq!(scenario.checked().as_ref(), Ok(&scenario), "{} {model:?} {nodes}", info.id);
                }
            }
        }
    }

    #[test]
    fn the_page_opens_on_a_cluster_that_works() {
        let mut session = Session::new(opening()).unwrap();
        while session.next_at().is_some_and(|at| at <= OPENING_US) && session.step() {}
        assert!(session.world().reigns().iter().any(|reign| reign.to.is_none()), "somebody leads");
        assert!(session.world().frontier() > 0, "something is delivered");
    }
}
