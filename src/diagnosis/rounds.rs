//! Protocols that go by rounds: a round that lacks messages, and rounds that end in no decision.

use super::{Diagnosis, names, standing};
use crate::protocol::{Habitat, NodeId, NodeSet, Value, Wait};
use crate::scenario::{Count, Pattern, Verb};
use crate::sim::World;

/// So many rounds without a decision are bad luck, or more than that: fewer are how coins fall.
const ROUNDS: u64 = 6;

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
    let (mut missing, mut reasons, mut change) = (NodeSet::default(), Vec::new(), Vec::new());
    for other in NodeId::all(n).filter(|other| !have.contains(*other)) {
        let under_way = world.flights().filter(|(_, flight)| flight.from == other && flight.to == node);
        let held: Vec<bool> = under_way.map(|(_, flight)| flight.held).collect();
        let reason = match () {
            _ if held.contains(&false) && !world.network().blocked(other, node) => continue,
            _ if held.contains(&true) => {
                let pattern = Pattern { from: Some(other), to: Some(node), ..Pattern::default() };
                change.push(Verb::Deliver { pattern, count: Count::All });
                "has a message held"
            }
            _ if !world.up().contains(other) => "is down",
            _ if world.paused(other) => "is paused",
            _ if world.network().blocked(other, node) => {
                if !change.contains(&Verb::Heal) {
                    change.push(Verb::Heal);
                }
                "is cut off"
            }
            _ if world.application(other).position > 0 => "has decided",
            _ => continue,
        };
        missing.insert(other);
        reasons.push(format!("{other} {reason}"));
    }
    if n - missing.len() >= need {
        return None;
    }
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
        "Nobody has decided in {} rounds: in none of them did enough nodes propose one value. Now {} hold 0 and {} \
         hold 1.",
        round - 1,
        names(group(Value(0))),
        names(group(Value(1)))
    );
    Some(Diagnosis::pending("votes split", why, standing))
}
