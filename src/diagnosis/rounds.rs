//! Protocols that go by rounds: a round that lacks messages, and rounds that end in no decision.

use super::{Diagnosis, be, names, standing};
use crate::protocol::{Habitat, NodeId, NodeSet, Value, Wait};
use crate::scenario::{Count, Pattern, Verb};
use crate::sim::World;

/// So many rounds without a decision are bad luck, or more than that: fewer are how coins fall.
const ROUNDS: u64 = 6;

/// Why messages of a node will not come.
const REASONS: [&str; 5] = ["a message held", "down", "paused", "cut off", "decided"];
const HELD: usize = 0;
const DOWN: usize = 1;
const PAUSED: usize = 2;
const CUT_OFF: usize = 3;
const DECIDED: usize = 4;

/// What the round of some node lacks, where it will not come by itself.
pub fn lacking(world: &World) -> Option<Diagnosis> {
    if world.scenario().info.epoch_word != "round" {
        return None;
    }
    standing(world).iter().find_map(|node| world.cluster().waits(node).iter().find_map(|wait| lacks(world, node, wait)))
}

fn lacks(world: &World, node: NodeId, wait: &Wait) -> Option<Diagnosis> {
    let Wait::Quorum { what, epoch, have, need } = *wait else { return None };
    let n = usize::from(world.scenario().nodes);
    let (mut missing, mut kept, mut change) = (NodeSet::default(), [NodeSet::default(); REASONS.len()], Vec::new());
    for other in NodeId::all(n).filter(|other| !have.contains(*other)) {
        let under_way = world.flights().filter(|(_, flight)| flight.from == other && flight.to == node);
        let held: Vec<bool> = under_way.map(|(_, flight)| flight.held).collect();
        let reason = match () {
            _ if held.contains(&false) && !world.network().blocked(other, node) => continue,
            _ if held.contains(&true) => {
                let pattern = Pattern { from: Some(other), to: Some(node), ..Pattern::default() };
                change.push(Verb::Deliver { pattern, count: Count::All });
                HELD
            }
            _ if !world.up().contains(other) => DOWN,
            _ if world.paused(other) => PAUSED,
            _ if world.network().blocked(other, node) => {
                if !change.contains(&Verb::Heal) {
                    change.push(Verb::Heal);
                }
                CUT_OFF
            }
            _ if world.application(other).position > 0 => DECIDED,
            _ => continue,
        };
        missing.insert(other);
        kept[reason].insert(other);
    }
    if n - missing.len() >= need {
        return None;
    }
    let reasons: Vec<String> = (0..REASONS.len())
        .filter(|reason| !kept[*reason].is_empty())
        .map(|reason| {
            let verb = if matches!(reason, HELD | DECIDED) { super::have } else { be };
            format!("{} {} {}", names(kept[reason]), verb(kept[reason]), REASONS[reason])
        })
        .collect();
    // Where Δ is told, a round ends by the clock.
    let (timed, reasons) = (world.scenario().info.habitat == Habitat::Synchronous, reasons.join(", "));
    let why = if timed {
        change.clear();
        format!(
            "Round {epoch} lacks the {what} of {} at {node}; {reasons}. It ends on time all the same.",
            names(missing)
        )
    } else {
        format!("{node} waits for {what} of {need} nodes: round {epoch} lacks those of {}; {reasons}.", names(missing))
    };
    Some(Diagnosis { change, ..Diagnosis::pending("a round lacks messages", why, missing) })
}

/// The votes of many rounds, all of them split. The next may end it.
pub fn split(world: &World) -> Option<Diagnosis> {
    let standing = standing(world);
    let round = standing.iter().filter_map(|node| world.cluster().view(node)).map(|view| view.epoch).max()?;
    let decided = |node| world.application(node).position > 0;
    if world.scenario().info.values.is_empty() || round < ROUNDS || standing.iter().any(decided) {
        return None;
    }
    let holds = |node: NodeId| world.cluster().row(node, 1).map(|row| row.command.value);
    let group = |value| standing.iter().filter(|node| holds(*node) == Some(value)).collect::<NodeSet>();
    let why = format!(
        "Nobody has decided in {} rounds: in none of them did enough nodes propose one value. Now {} 0 and {} 1.",
        round - 1,
        hold(group(Value(0))),
        hold(group(Value(1)))
    );
    Some(Diagnosis::pending("votes split", why, standing))
}

fn hold(nodes: NodeSet) -> String {
    format!("{} {}", names(nodes), if nodes.len() < 2 { "holds" } else { "hold" })
}
