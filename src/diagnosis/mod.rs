//! Why a run makes no progress, read off its state as data: a cause, whom it rests on, and the smallest change that
//! would end it.

mod duel;
mod rest;

use crate::protocol::{Needs, NodeId, NodeSet, Shape, majority};
use crate::scenario::Verb;
use crate::sim::World;

/// Why nothing moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The cause in two or three words, for programs: "no quorum reachable", "sequencer down".
    pub cause: &'static str,
    /// One sentence for people.
    pub why: String,
    /// The nodes that the cause rests on.
    pub nodes: NodeSet,
    /// The smallest change that would end it; empty where none that a person can make would.
    pub change: Vec<Verb>,
    /// Whether nothing can move without a change. Else it may, and only has not so far.
    pub stuck: bool,
}

impl Diagnosis {
    /// Why no progress is possible, if none is.
    pub fn stuck_why(&self) -> Option<&str> {
        self.stuck.then_some(self.why.as_str())
    }
}

/// The diagnosis of the present state; `None` when nothing stands in the way, or nothing is to be done.
pub fn diagnose(world: &World) -> Option<Diagnosis> {
    if world.events() < u32::from(world.scenario().nodes) {
        return None; // The nodes are being started: the first events of every run.
    }
    let info = world.scenario().info;
    let obstacle = match info.needs {
        _ if !wants_progress(world) => None,
        Needs::Majority => no_quorum(world),
        Needs::Setting(_) => world.needed_node().and_then(|node| needed_node(world, node)),
        Needs::Each => None,
    };
    obstacle.or_else(|| match info.shape {
        Shape::OneValue => duel::duel(world),
        Shape::Broadcast => rest::rest(world),
        Shape::Replicated => None,
    })
}

/// Whether the run has something left to do: a log is kept open for ever, one value is decided once.
fn wants_progress(world: &World) -> bool {
    match world.scenario().info.shape {
        Shape::Replicated => true,
        Shape::Broadcast => world.clients().outstanding() > 0,
        Shape::OneValue => {
            world.clients().outstanding() > 0 || world.up().iter().any(|node| world.application(node).position == 0)
        }
    }
}

fn standing(world: &World) -> NodeSet {
    world.up().iter().filter(|node| !world.paused(*node)).collect()
}

fn no_quorum(world: &World) -> Option<Diagnosis> {
    let n = usize::from(world.scenario().nodes);
    let need = majority(n);
    let standing = standing(world);
    let connected = world.connected(standing);
    if connected.len() >= need {
        return None;
    }
    let all = NodeId::all(n);
    let down: NodeSet = all.clone().filter(|node| !world.up().contains(*node)).collect();
    let paused: NodeSet = world.up().iter().filter(|node| world.paused(*node)).collect();
    let mut reasons = Vec::new();
    if !down.is_empty() {
        reasons.push(format!("{} {} down", names(down), be(down)));
    }
    if !paused.is_empty() {
        reasons.push(format!("{} {} paused", names(paused), be(paused)));
    }
    if connected.len() < standing.len() {
        reasons.push(format!("the network lets only {} reach one another", names(connected)));
    }
    let why = format!(
        "No quorum is reachable: {need} of {n} nodes must be up and connected, {} {}; {}.",
        connected.len(),
        if connected.len() == 1 { "is" } else { "are" },
        reasons.join(", ")
    );
    let change = enough(standing, paused, down, need);
    Some(Diagnosis { cause: "no quorum reachable", why, nodes: NodeSet(down.0 | paused.0), change, stuck: true })
}

/// The fewest changes that give a quorum: heal what is cut, then resume, then restart as many as it takes.
fn enough(standing: NodeSet, paused: NodeSet, down: NodeSet, need: usize) -> Vec<Verb> {
    if standing.len() >= need {
        return vec![Verb::Heal];
    }
    let missing = need - standing.len();
    let resume = paused.iter().map(|node| Verb::Resume { node });
    let restart = down.iter().map(|node| Verb::Restart { node, disk_lost: false });
    resume.chain(restart).take(missing).collect()
}

fn needed_node(world: &World, node: NodeId) -> Option<Diagnosis> {
    let nodes = NodeSet::from_iter([node]);
    if !world.up().contains(node) {
        let why = format!("The sequencer {node} is down: nothing gets a place in the order, and nobody takes over.");
        let change = vec![Verb::Restart { node, disk_lost: false }];
        return Some(Diagnosis { cause: "sequencer down", why, nodes, change, stuck: true });
    }
    if world.paused(node) {
        let why = format!("The sequencer {node} is paused: nothing gets a place in the order until it goes on.");
        let change = vec![Verb::Resume { node }];
        return Some(Diagnosis { cause: "sequencer paused", why, nodes, change, stuck: true });
    }
    let cut: NodeSet = standing(world)
        .iter()
        .filter(|other| world.network().blocked(*other, node) || world.network().blocked(node, *other))
        .collect();
    if cut.is_empty() {
        return None;
    }
    let why = format!("The sequencer {node} and {} cannot reach one another: no order gets through.", names(cut));
    Some(Diagnosis { cause: "sequencer cut off", why, nodes: cut, change: vec![Verb::Heal], stuck: true })
}

/// "n0, n1 and n2".
pub fn names(nodes: NodeSet) -> String {
    let names: Vec<String> = nodes.iter().map(|node| node.to_string()).collect();
    match &names[..] {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn be(nodes: NodeSet) -> &'static str {
    if nodes.len() == 1 { "is" } else { "are" }
}
