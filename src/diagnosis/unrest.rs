//! Epochs that begin and end without a delivery: nobody leads for long enough to get anything done.

use super::{Diagnosis, names, standing};
use crate::protocol::NodeSet;
use crate::scenario::Verb;
use crate::sim::World;

/// So many epochs in a row without a delivery are unrest: fewer is how leaders change.
const EPOCHS: u64 = 6;

/// The unrest that goes on, if some does and a client waits. It may end by chance, so the run is not stuck.
pub fn unrest(world: &World) -> Option<Diagnosis> {
    let begun = world.epochs_without_delivery();
    if begun < EPOCHS || world.clients().outstanding() == 0 {
        return None;
    }
    let word = world.scenario().info.epoch_word;
    let passed = format!("{begun} {word}s have begun since anything was delivered");
    let deaf = deaf(world);
    if deaf.is_empty() {
        return None;
    }
    let why = format!(
        "{passed}: {} can be heard where it cannot hear, and each {word} that it calls for ends the one before.",
        names(deaf)
    );
    Some(Diagnosis { change: vec![Verb::Heal], ..Diagnosis::pending("disturbed elections", why, deaf) })
}

/// The nodes apart from the largest group that hears all of itself, which reach somebody who does not reach them.
fn deaf(world: &World) -> NodeSet {
    let standing = standing(world);
    let (network, well) = (world.network(), world.connected(standing));
    let one_way = |node, other| network.blocked(other, node) && !network.blocked(node, other);
    standing.iter().filter(|node| !well.contains(*node) && standing.iter().any(|other| one_way(*node, other))).collect()
}
