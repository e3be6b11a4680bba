//! What nodes wait for, as they say it themselves: votes that are split, answers of a quorum, something that only one
//! node can give.

use super::{Diagnosis, names};
use crate::protocol::{Needs, NodeId, NodeSet, Wait, majority};
use crate::scenario::Verb;
use crate::sim::World;

/// Candidates of one epoch that share the votes so that none of them can win any more.
pub fn split_votes(world: &World) -> Option<Diagnosis> {
    let n = usize::from(world.scenario().nodes);
    let mut ballots: Vec<(NodeId, u64, NodeSet)> = Vec::new();
    for node in super::standing(world).iter() {
        for wait in world.cluster().waits(node) {
            if let Wait::Quorum { what: "votes", epoch, have, .. } = wait {
                ballots.push((node, epoch, have));
            }
        }
    }
    let epoch = ballots.iter().map(|ballot| ballot.1).max()?;
    ballots.retain(|ballot| ballot.1 == epoch);
    let all = ballots.iter().fold(0, |all, ballot| all | ballot.2.0);
    let left = n - NodeSet(all).len();
    if ballots.len() < 2 || ballots.iter().any(|ballot| ballot.2.len() + left >= majority(n)) {
        return None;
    }
    let votes: Vec<String> =
        ballots.iter().map(|(node, _, have)| format!("{node} has the votes of {}", names(*have))).collect();
    let word = world.scenario().info.epoch_word;
    let why = format!(
        "Votes are split in {word} {epoch}: {}; {} of {n} are needed, and no node votes twice.",
        votes.join(", "),
        majority(n)
    );
    // The one with fewest steps aside.
    let change = ballots.iter().min_by_key(|ballot| ballot.2.len()).map(|ballot| Verb::Pause { node: ballot.0 });
    let nodes = ballots.iter().map(|ballot| ballot.0).collect();
    Some(Diagnosis { change: change.into_iter().collect(), ..Diagnosis::pending("votes split", why, nodes) })
}

/// What a node has waited for in vain for long, and who is missing.
pub fn in_vain(world: &World) -> Option<Diagnosis> {
    let waits = super::standing(world).iter().flat_map(|node| {
        let waits = world.cluster().waits(node);
        waits.into_iter().map(move |wait| (node, wait))
    });
    for (node, wait) in waits {
        match wait {
            Wait::Quorum { what, epoch, have, need }
                if have.len() < need && world.scenario().info.needs != Needs::Each =>
            {
                return Some(quorum(world, node, what, (epoch, have, need)));
            }
            Wait::Node { what, node: other } => {
                let missing = NodeSet::from_iter([other]);
                let why = format!("{node} waits for {what} from {other}{}.", reasons(world, node, missing));
                let change = help(world, node, missing, 1);
                return Some(Diagnosis { change, ..Diagnosis::pending("waiting for a node", why, missing) });
            }
            _ => {}
        }
    }
    None
}

fn quorum(world: &World, node: NodeId, what: &str, (epoch, have, need): (u64, NodeSet, usize)) -> Diagnosis {
    let n = usize::from(world.scenario().nodes);
    let missing: NodeSet = NodeId::all(n).filter(|other| !have.contains(*other)).collect();
    let word = world.scenario().info.epoch_word;
    let (more, they) = (need - have.len(), if have.len() == 1 { "has given" } else { "have given" });
    let why = format!(
        "{node} waits for {what} of {word} {epoch}: {} {they} theirs, {more} more {} needed{}.",
        names(have),
        if more == 1 { "is" } else { "are" },
        reasons(world, node, missing)
    );
    let change = help(world, node, missing, more);
    Diagnosis { change, ..Diagnosis::pending("waiting for a quorum", why, missing) }
}

/// Why nothing comes from `missing` to `node`: "; n1 is down, n2 cannot be reached".
fn reasons(world: &World, node: NodeId, missing: NodeSet) -> String {
    let mut reasons = String::new();
    for other in missing.iter() {
        let reason = if !world.up().contains(other) {
            "is down"
        } else if world.paused(other) {
            "is paused"
        } else if world.network().blocked(node, other) || world.network().blocked(other, node) {
            "cannot be reached"
        } else if world.network().slowness(node, other) + world.network().slowness(other, node) > 0 {
            "is slow"
        } else {
            continue;
        };
        reasons += if reasons.is_empty() { "; " } else { ", " };
        reasons += &format!("{other} {reason}");
    }
    reasons
}

/// The fewest changes after which `more` of `missing` can answer `node`.
fn help(world: &World, node: NodeId, missing: NodeSet, more: usize) -> Vec<Verb> {
    let network = world.network();
    let mut change = Vec::new();
    for other in missing.iter() {
        let verb = if world.paused(other) {
            Verb::Resume { node: other }
        } else if !world.up().contains(other) {
            Verb::Restart { node: other, disk_lost: false }
        } else if network.blocked(node, other) || network.blocked(other, node) {
            return vec![Verb::Heal];
        } else if network.slowness(other, other) > 0 {
            Verb::Slow { node: other, by_us: 0 }
        } else {
            continue;
        };
        change.push(verb);
        if change.len() == more {
            break;
        }
    }
    change
}
