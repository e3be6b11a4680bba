//! A broadcast that has come to rest before everything was delivered everywhere.

use super::{Diagnosis, names, standing};
use crate::protocol::{NodeSet, Wait};
use crate::sim::World;

/// What will never come, if something will not: nothing is in flight, no timer is armed, no disk writes, and yet a node
/// waits for a message, or has not delivered what another has and the protocol promises Agreement.
pub fn rest(world: &World) -> Option<Diagnosis> {
    let standing = standing(world);
    let busy = |node| world.writing(node) || world.timers(node).next().is_some();
    if world.flights().next().is_some() || world.up().iter().any(busy) {
        return None;
    }
    const NOTHING_MOVES: &str = "nothing is in flight, and no timer is armed";
    let mut waiting = NodeSet::default();
    let mut gaps = Vec::new();
    for node in standing.iter() {
        for wait in world.cluster().waits(node) {
            if let Wait::Gap { from, number } = wait {
                waiting.insert(node);
                gaps.push(format!("{node} waits for message {number} of {from}"));
            }
        }
    }
    if !gaps.is_empty() {
        let why = format!("{}; {NOTHING_MOVES}.", gaps.join(", "));
        return Some(Diagnosis::stuck("waiting for a message", why, waiting, Vec::new()));
    }
    let delivered = |node| world.application(node).position;
    let most = standing.iter().max_by_key(|node| delivered(*node))?;
    let behind: NodeSet = standing.iter().filter(|node| delivered(*node) < delivered(most)).collect();
    if behind.is_empty() || !world.scenario().info.promises.contains(&"Agreement") {
        return None;
    }
    let has = if behind.len() == 1 { "has" } else { "have" };
    let why = format!("{} {has} not delivered all that {most} has; {NOTHING_MOVES}.", names(behind));
    Some(Diagnosis::stuck("nothing under way", why, behind, Vec::new()))
}
