//! A log whose leader has left a place empty: nothing behind it is ever executed.

use super::{Diagnosis, standing};
use crate::protocol::{NodeId, NodeSet, Wait};
use crate::sim::World;

/// The gap, if the leader of the highest epoch has one and nothing under way to fill it. Nobody else could.
pub fn gap(world: &World) -> Option<Diagnosis> {
    let leads = |node: NodeId| world.cluster().view(node).filter(|view| view.leads).map(|view| (view.epoch, node));
    let (epoch, leader) = standing(world).iter().filter_map(leads).max()?;
    let position = world.cluster().waits(leader).iter().find_map(|wait| match wait {
        Wait::Slot { position } => Some(*position),
        _ => None,
    })?;
    let info = world.scenario().info;
    let why = format!(
        "{0} {position} is a gap: {leader} leads {1} {epoch} and proposes nothing there, so nobody executes what is \
         chosen in later {0}s.",
        info.position_word, info.epoch_word
    );
    let why = why[..1].to_ascii_uppercase() + &why[1..];
    Some(Diagnosis::stuck("a gap", why, NodeSet::from_iter([leader]), Vec::new()))
}
