//! Proposers that overtake one another: "two proposers each keep issuing a sequence of proposals with increasing
//! numbers, none of which are ever chosen" (L. Lamport, *Paxos Made Simple*, §2.4).

use super::{Diagnosis, names, standing};
use crate::protocol::{NodeId, NodeSet};
use crate::scenario::Verb;
use crate::sim::World;

/// So many ballots led by turns are a duel: fewer is how proposers meet.
const BALLOTS: usize = 6;
/// No more are counted: the sentence speaks of the last ones.
const COUNTED: usize = 10_000;

/// The duel that goes on, if one does. It may end by chance, so the run is not stuck.
pub fn duel(world: &World) -> Option<Diagnosis> {
    let nodes = NodeId::all(usize::from(world.scenario().nodes));
    if nodes.into_iter().any(|node| world.application(node).position > 0) {
        return None;
    }
    let mut proposers = NodeSet::default();
    let (mut ballots, mut later) = (0, None);
    for reign in world.reigns().iter().rev().take(COUNTED) {
        if later == Some(reign.node) {
            break;
        }
        proposers.insert(reign.node);
        later = Some(reign.node);
        ballots += 1;
    }
    let standing = standing(world);
    if ballots < BALLOTS || proposers.iter().any(|node| !standing.contains(node)) {
        return None;
    }
    let why = format!(
        "{} overtake one another: they led the last {ballots} ballots by turns, and each was refused by nodes that had \
         promised the next.",
        names(proposers)
    );
    // One steps aside.
    let change = later.map(|node| Verb::Pause { node }).into_iter().collect();
    Some(Diagnosis { change, ..Diagnosis::pending("duelling ballots", why, proposers) })
}
