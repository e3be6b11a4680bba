//! Nodes that nothing but their names tells apart: under which renamings a space stays the same.

use super::bounds::{Bounds, Reductions};
use super::ghost::Court;
use super::machine::Machine;
use crate::protocol::*;

/// In larger clusters nodes are not renamed: 24 fingerprints a state are enough.
const MOST: usize = 4;

/// The renamings that change nothing, first the one that renames nobody. Bounds and goals that name a node, a command
/// that is asked for at one place, and changes of the membership tell nodes apart.
pub fn renamings(machine: &dyn Machine, court: &Court, bounds: &Bounds, reductions: Reductions) -> Vec<Renaming> {
    let n = court.nodes;
    let same: Vec<NodeId> = NodeId::all(n).collect();
    let tells_apart = |command: &Command| command.value.membership().is_some();
    let alike = |names: &Renaming| {
        NodeId::all(n).all(|node| bounds.alike(node, names.node(node)))
            && court.at.iter().flatten().all(|node| names.node(*node) == *node)
    };
    let symmetric = reductions.symmetry
        && court.shape == Shape::Replicated
        && n <= MOST
        && machine.symmetric()
        && !court.commands.iter().any(tells_apart);
    if !symmetric {
        return vec![Renaming(same)];
    }
    let mut all = vec![Vec::new()];
    for _ in 0..n {
        let longer = |some: Vec<NodeId>| {
            let rest: Vec<NodeId> = same.iter().copied().filter(|node| !some.contains(node)).collect();
            rest.into_iter().map(move |node| some.iter().copied().chain([node]).collect::<Vec<NodeId>>())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all.into_iter().map(Renaming).filter(alike).collect()
}
