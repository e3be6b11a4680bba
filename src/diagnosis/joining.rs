//! Followers that are not in step with their leader, in protocols that say everything once on a channel (Zab).

use super::{Diagnosis, names, standing};
use crate::protocol::{NodeId, NodeSet, Wait};
use crate::scenario::Verb;
use crate::sim::World;

/// A leader or follower waits so long, in µs, before it is called a cause: every change of leader waits for a moment.
const PATIENCE_US: u64 = 1_000_000;

/// A leader whose synchronisation no quorum acknowledges, or a follower that waits for a commit which nobody will send
/// again.
pub fn joining(world: &World) -> Option<Diagnosis> {
    let manual = world.network().manual();
    if !world.scenario().info.fifo_channels || !manual && world.now() < world.progress_at() + PATIENCE_US {
        return None;
    }
    let standing = standing(world);
    standing.iter().find_map(|node| {
        let waits = world.cluster().waits(node);
        waits.iter().find_map(|wait| match *wait {
            Wait::Quorum { what: "ACK-LD", epoch, have, need } => {
                let silent = NodeSet(standing.0 & !have.0);
                let missing = need.saturating_sub(have.len());
                (missing > 0).then(|| unacknowledged(node, epoch, silent, missing))
            }
            Wait::Node { what: "COMMIT", node: leader } if standing.contains(leader) => forgotten(world, node, leader),
            _ => None,
        })
    })
}

fn unacknowledged(leader: NodeId, epoch: u64, silent: NodeSet, missing: usize) -> Diagnosis {
    let why = format!(
        "{leader} cannot lead epoch {epoch} yet: its synchronisation is not acknowledged by {}, and {missing} more \
         must.",
        names(silent)
    );
    // The election that follows may go otherwise.
    Diagnosis::pending("synchronisation not acknowledged", why, silent)
}

/// `node` waits for a COMMIT of `leader`, which has committed and has nothing under way to it but heartbeats.
fn forgotten(world: &World, node: NodeId, leader: NodeId) -> Option<Diagnosis> {
    let (ours, theirs) = (world.cluster().view(node)?, world.cluster().view(leader)?);
    let kinds = world.cluster().kinds();
    let under_way = |(_, flight): (u32, &crate::sim::Flight)| {
        (flight.from, flight.to) == (leader, node) && !kinds[usize::from(flight.kind)].heartbeat
    };
    if theirs.committed <= ours.committed || world.flights().any(under_way) {
        return None;
    }
    let why = format!(
        "{node} waits for the COMMIT of {} {}, which {leader} has committed and does not send again.",
        world.scenario().info.position_word,
        ours.committed + 1
    );
    // It joins anew, and is told everything.
    let change = vec![Verb::Crash { node }, Verb::Restart { node, disk_lost: false }];
    Some(Diagnosis::stuck("waiting for a commit", why, NodeSet::from_iter([node, leader]), change))
}
