//! Epochs that begin and end without a delivery: nobody leads for long enough to get anything done.

use super::{Diagnosis, names, standing};
use crate::protocol::{NodeId, NodeSet};
use crate::scenario::Verb;
use crate::sim::World;

/// So many epochs in a row without a delivery are unrest: fewer is how leaders change.
const EPOCHS: u64 = 6;

/// The unrest that goes on, if some does and a client waits. It may end by chance, so the run is not stuck.
pub fn unrest(world: &World) -> Option<Diagnosis> {
    let (delivered, now) = world.epochs_without_delivery();
    if now.saturating_sub(delivered) < EPOCHS || world.clients().outstanding() == 0 {
        return None;
    }
    let word = world.scenario().info.epoch_word;
    let passed = format!("{} {word}s have begun since anything was delivered", now - delivered);
    let deaf = deaf(world);
    if deaf.is_empty() {
        return None;
    }
    let why = format!(
        "{passed}: {} cannot hear the others, but can be heard, and each new {word} that is called for ends the one \
         before.",
        names(deaf)
    );
    Some(Diagnosis { cause: "disturbed elections", why, nodes: deaf, change: vec![Verb::Heal], stuck: false })
}

/// The nodes that nobody reaches and that reach somebody.
fn deaf(world: &World) -> NodeSet {
    let standing = standing(world);
    let network = world.network();
    let is_deaf = |node: &NodeId| {
        let mut others = standing.iter().filter(|other| other != node);
        others.clone().all(|other| network.blocked(other, *node)) && others.any(|other| !network.blocked(*node, other))
    };
    standing.iter().filter(is_deaf).collect()
}
