//! Nodes that nothing but their names tells apart: under which renamings a space stays the same.

use super::bounds::Bounds;
use super::ghost::Court;
use crate::protocol::*;

/// No more renamings than this: a state has a fingerprint for each.
const MOST: usize = 24;

/// A renaming of the nodes that changes nothing, with what it does to the commands that clients may ask for.
#[derive(Clone, Debug)]
pub struct Twin {
    /// By node: its new name.
    pub nodes: Renaming,
    /// By command: the one that takes its place.
    commands: Vec<u8>,
}

impl Twin {
    /// The set of the commands in the place of these, a bit each.
    pub fn commands(&self, asked: u32) -> u32 {
        let bits = self.commands.iter().enumerate().map(|(command, to)| (asked >> command & 1) << to);
        bits.fold(0, |all, bit| all | bit)
    }
}

/// What tells nodes apart.
struct Eyes<'a> {
    symmetry: Symmetry,
    court: &'a Court,
    bounds: &'a Bounds,
}

impl Eyes<'_> {
    /// The commands that are asked for at `node`, in their order.
    fn asked_at(&self, node: NodeId) -> impl Iterator<Item = usize> {
        (0..self.court.commands.len()).filter(move |command| self.court.at[*command] == Some(node))
    }

    /// Whether `node` can have another name at all.
    fn nameless(&self, node: NodeId) -> bool {
        // Who asks once more asks anybody.
        let unasked = || self.asked_at(node).next().is_none() && self.bounds.retries == 0;
        match self.symmetry {
            Symmetry::None => false,
            Symmetry::Silent => unasked() && self.court.at.iter().all(Option::is_some) && !self.bounds.fires_at(node),
            Symmetry::Unasked => unasked(),
            Symmetry::SameValues => true,
        }
    }

    fn alike(&self, one: NodeId, other: NodeId) -> bool {
        let values = |node| self.asked_at(node).map(|command| self.court.commands[command].value);
        self.bounds.alike(one, other) && values(one).eq(values(other))
    }

    /// The renaming to these names, by node.
    fn twin(&self, names: Vec<NodeId>) -> Twin {
        let mut commands: Vec<u8> = (0..self.court.commands.len() as u8).collect();
        for (node, name) in NodeId::all(self.court.nodes).zip(&names) {
            for (from, to) in self.asked_at(node).zip(self.asked_at(*name)) {
                commands[from] = to as u8;
            }
        }
        Twin { nodes: Renaming(names), commands }
    }
}

/// The renamings that change nothing, first the one that renames nobody; in a large cluster some of them, which is as
/// good. Bounds and goals that name a node, and changes of the membership, tell nodes apart. `fresh`: from the start of a
/// run, so that every node has done only what the bounds let it do.
pub fn twins(symmetry: Symmetry, court: &Court, bounds: &Bounds, fresh: bool) -> Vec<Twin> {
    let members = |command: &Command| command.value.membership().is_some();
    let symmetry = match symmetry {
        _ if court.commands.iter().chain(&court.done).any(members) => Symmetry::None,
        Symmetry::Silent if !fresh => Symmetry::None,
        symmetry => symmetry,
    };
    let eyes = Eyes { symmetry, court, bounds };
    let mut left: Vec<NodeId> = NodeId::all(court.nodes).filter(|node| eyes.nameless(*node)).collect();
    let mut all = vec![NodeId::all(court.nodes).collect::<Vec<_>>()];
    while let Some(&first) = left.first() {
        let (class, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|node| eyes.alike(first, *node));
        left = rest;
        for (at, node) in class.iter().enumerate().skip(1) {
            if all.len() * (at + 1) > MOST {
                break;
            }
            // It keeps its place, or changes it with one of those before it.
            for before in 0..all.len() {
                for other in &class[..at] {
                    let mut names = all[before].clone();
                    names.swap(node.index(), other.index());
                    all.push(names);
                }
            }
        }
    }
    all.into_iter().map(|names| eyes.twin(names)).collect()
}
