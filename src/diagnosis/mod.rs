//! Why a run makes no progress, read off its state as data: a cause, whom it rests on, and the smallest change that
//! would end it.

mod duel;
mod gap;
mod hand;
mod joining;
mod rest;
mod rounds;
mod timeouts;
mod unrest;
mod waits;

use crate::protocol::{Needs, NodeId, NodeSet, SettingValue, Shape, majority};
use crate::scenario::Verb;
use crate::sim::{MarkKind, World};
use crate::sorting::sort_by_key;

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
    /// A setting with which another run would not come to this; where no change in this one would end it.
    pub restart_with: Option<(&'static str, SettingValue)>,
    /// Messages that are held and whose release would end it.
    pub release: Vec<u32>,
    /// Whether nothing can move without a change. Else it may, and only has not so far.
    pub stuck: bool,
}

impl Diagnosis {
    /// A cause that lets nothing move without a change.
    fn stuck(cause: &'static str, why: String, nodes: NodeSet, change: Vec<Verb>) -> Diagnosis {
        Diagnosis { change, stuck: true, ..Diagnosis::pending(cause, why, nodes) }
    }

    /// A cause that may yet go away.
    fn pending(cause: &'static str, why: String, nodes: NodeSet) -> Diagnosis {
        Diagnosis { cause, why, nodes, change: Vec::new(), restart_with: None, release: Vec::new(), stuck: false }
    }

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
        Needs::Majority | Needs::RecoveredMajority => no_quorum(world, majority(world.members().len())),
        Needs::AllButF => no_quorum(world, usize::from(world.scenario().nodes) - world.faults().unwrap_or(0)),
        Needs::Setting(_) => world.needed_node().and_then(|node| needed_node(world, node)),
        Needs::Each => None,
    };
    // Before what they bring about: votes that split, ballots that duel.
    let hasty = || if wants_progress(world) { timeouts::too_short(world) } else { None };
    let obstacle = obstacle.or_else(hasty).or_else(|| match info.shape {
        Shape::OneValue => duel::duel(world).or_else(|| rounds::split(world)).or_else(|| rounds::lacking(world)),
        Shape::Broadcast => rest::rest(world),
        Shape::Replicated => waits::split_votes(world)
            .or_else(|| gap::gap(world))
            .or_else(|| joining::joining(world))
            .or_else(|| unrest::unrest(world)),
    });
    if obstacle.is_some() || !wants_progress(world) {
        return obstacle;
    }
    // By hand everything is late.
    let soon = world.network().manual() || idle(world) < patience(world);
    let in_vain = || if soon { None } else { waits::in_vain(world) };
    hand::by_hand(world).or_else(|| hand::held(world)).or_else(in_vain)
}

/// Whether a node of a replicated log believes that it leads.
fn leader(world: &World) -> bool {
    let leads = |node| world.cluster().view(node).is_some_and(|view| view.leads);
    world.scenario().info.shape == Shape::Replicated && standing(world).iter().any(leads)
}

/// For how long nothing was delivered, nobody elected, and no fault happened, µs.
fn idle(world: &World) -> u64 {
    let trace = world.trace();
    // Behind many deliveries an older fault does not matter: progress came later.
    let fault = trace.marks.iter().rev().take(64).find(|mark| mark.kind == MarkKind::Fault);
    let fault = fault.and_then(|mark| trace.events.get(mark.event as usize)).map_or(0, |event| event.at);
    world.now().saturating_sub(world.progress_at().max(fault))
}

/// After how long what is waited for may be said to come in vain, µs: several rounds of time-outs and delays.
fn patience(world: &World) -> u64 {
    let ranges = world.scenario().info.settings.iter().filter_map(|setting| timeouts::range(world, setting));
    let longest = ranges.map(|(.., high)| high * 1000).max().unwrap_or(0);
    1_000_000 + 6 * longest + 10 * world.network().knobs().delta_us
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

fn no_quorum(world: &World, need: usize) -> Option<Diagnosis> {
    let members = world.members();
    let n = members.len();
    let recovering: NodeSet = world.up().iter().filter(|node| world.cluster().recovering(*node)).collect();
    let standing = NodeSet(standing(world).0 & members.0 & !recovering.0);
    // One node that reaches a majority both ways is enough: it can lead.
    let connected = world.around(standing);
    if connected.len() >= need {
        return None;
    }
    let down: NodeSet = members.iter().filter(|node| !world.up().contains(*node)).collect();
    let paused: NodeSet = members.iter().filter(|node| world.paused(*node)).collect();
    let mut reasons = Vec::new();
    if !down.is_empty() {
        reasons.push(format!("{} {} down", names(down), be(down)));
    }
    if !paused.is_empty() {
        reasons.push(format!("{} {} paused", names(paused), be(paused)));
    }
    if !recovering.is_empty() {
        reasons.push(format!("{} {} to recover from {need} that know", names(recovering), have(recovering)));
    }
    if connected.len() < standing.len() {
        reasons.push(match connected.len() {
            1 => "the network lets no two of the others reach one another".to_owned(),
            _ => format!("the network lets no node reach more than {} do", names(connected)),
        });
    }
    let why = format!(
        "No quorum is reachable: {need} of {n} nodes must be up and connected, {} {}; {}.",
        connected.len(),
        if connected.len() == 1 { "is" } else { "are" },
        reasons.join(", ")
    );
    let change = enough(world, standing, paused, need);
    let nodes = NodeSet(down.0 | paused.0 | recovering.0);
    Some(Diagnosis::stuck("no quorum reachable", why, nodes, change))
}

/// The fewest changes that give a quorum: nodes around one node that resume or restart; or the same after the network
/// was healed, if that takes fewer. None, where too many nodes have forgotten what only they knew.
fn enough(world: &World, standing: NodeSet, paused: NodeSet, need: usize) -> Vec<Verb> {
    let sound = world.sound();
    // A node that comes back to recover first is no help.
    let restarts = world.scenario().info.needs != Needs::RecoveredMajority;
    let all = world.members().iter().filter(|node| restarts || sound.contains(*node));
    let rank = |node: &NodeId| (!standing.contains(*node), !paused.contains(*node));
    let back = |node: NodeId| match (standing.contains(node), paused.contains(node)) {
        (true, _) => None,
        (_, true) => Some(Verb::Resume { node }),
        _ => Some(Verb::Restart { node, disk_lost: false }),
    };
    let bring = |mut nodes: Vec<NodeId>| {
        sort_by_key(&mut nodes, rank);
        nodes.truncate(need);
        (nodes.len() == need).then(|| nodes.into_iter().filter_map(back).collect::<Vec<_>>())
    };
    let around = |center: NodeId| {
        let both = |other| !world.network().blocked(center, other) && !world.network().blocked(other, center);
        let others = all.clone().filter(|other| *other != center && both(*other));
        // The center is one of the quorum, whoever else is.
        let mut nodes: Vec<NodeId> = others.collect();
        sort_by_key(&mut nodes, rank);
        nodes.truncate(need - 1);
        bring(std::iter::once(center).chain(nodes).collect())
    };
    let healed = bring(all.clone().collect()).map(|back| std::iter::once(Verb::Heal).chain(back).collect());
    let restarts = |change: &Vec<Verb>| change.iter().filter(|verb| matches!(verb, Verb::Restart { .. })).count();
    let cost = |change: &Vec<Verb>| (change.len(), restarts(change));
    let least = all.clone().filter_map(around).min_by_key(cost);
    // As many changes either way: healing the network brings every node back that is up.
    healed.into_iter().chain(least).min_by_key(cost).unwrap_or_default()
}

fn needed_node(world: &World, node: NodeId) -> Option<Diagnosis> {
    let nodes = NodeSet::from_iter([node]);
    if !world.up().contains(node) {
        let why = format!("The sequencer {node} is down: nothing gets a place in the order, and nobody takes over.");
        let change = vec![Verb::Restart { node, disk_lost: false }];
        return Some(Diagnosis::stuck("sequencer down", why, nodes, change));
    }
    if world.paused(node) {
        let why = format!("The sequencer {node} is paused: nothing gets a place in the order until it goes on.");
        let change = vec![Verb::Resume { node }];
        return Some(Diagnosis::stuck("sequencer paused", why, nodes, change));
    }
    let cut: NodeSet = standing(world)
        .iter()
        .filter(|other| world.network().blocked(*other, node) || world.network().blocked(node, *other))
        .collect();
    if cut.is_empty() {
        return None;
    }
    let why = format!("The sequencer {node} and {} cannot reach one another: no order gets through.", names(cut));
    Some(Diagnosis::stuck("sequencer cut off", why, cut, vec![Verb::Heal]))
}

/// So many nodes in a row are told by the first and the last.
const LONG_ROW: u8 = 6;

/// "n0, n1 and n2"; "n0 to n5 and n7": nobody reads the names of a long row.
pub fn names(nodes: NodeSet) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut left = nodes;
    while let Some(first) = left.iter().next() {
        let row = (left.0 >> first.0).trailing_ones() as u8;
        let row = if row < LONG_ROW { 1 } else { row };
        let last = NodeId(first.0 + row - 1);
        left.0 &= !(((1 << row) - 1) << first.0);
        names.push(if row > 1 { format!("{first} to {last}") } else { first.to_string() });
    }
    match &names[..] {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn have(nodes: NodeSet) -> &'static str {
    if nodes.len() == 1 { "has" } else { "have" }
}

fn be(nodes: NodeSet) -> &'static str {
    if nodes.len() == 1 { "is" } else { "are" }
}
