//! An event that was picked: what led to it, and for a commit the quorum that made it.

use crate::protocol::{Command, Needs, NodeId, NodeSet};
use crate::session::Session;
use crate::sim::{MarkKind, What, World};
use crate::ui::strings::rules;

/// How many events back the answers of a quorum are looked for.
const FAR: u32 = 4000;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// Its number.
    pub number: u32,
    /// In words.
    pub text: String,
    /// How many events led to it, and how many may come from it so far.
    pub cone: (usize, usize),
    /// The rule that its node followed.
    pub rule: Option<crate::protocol::Text>,
    /// For a commit: who had the command by then, and the events by which the node knew.
    pub quorum: Option<(NodeSet, Vec<u32>)>,
}

impl Picked {
    /// The event `number`; `None` when there is no such event.
    pub fn of(session: &Session, number: u32) -> Option<Picked> {
        let head = session.head();
        let event = *head.trace().events.get(number as usize)?;
        let cone = session.cone(number)?;
        let count = |side: &dyn Fn(u32) -> bool| (0..head.events()).filter(|at| side(*at)).count();
        let name = match event.what {
            What::Arrive => head.cluster().kinds().get(usize::from(event.aux)).map(|kind| kind.name),
            What::Fire => head.cluster().timers().get(usize::from(event.aux)).copied(),
            _ => None,
        };
        Some(Picked {
            number,
            text: session.line(number)?,
            cone: (count(&|at| cone.past(at)) - 1, count(&|at| cone.future(at))),
            rule: name.and_then(|name| rules::rule(session.scenario().info.id, name)),
            quorum: quorum(session, number),
        })
    }
}

/// Who had what event `number` was the first to deliver, as far as the node that delivered it had been told.
fn quorum(session: &Session, number: u32) -> Option<(NodeSet, Vec<u32>)> {
    if session.scenario().info.needs != Needs::Majority {
        return None;
    }
    let trace = session.head().trace();
    // Commits at one event: the last place stands for all.
    let marks = trace.marks.iter().rev().skip_while(|mark| mark.event > number);
    let mut marks = marks.take_while(|mark| mark.event == number);
    let (node, position) = marks.find_map(|mark| match mark.kind {
        MarkKind::Delivered { position } => Some((mark.node, position)),
        _ => None,
    })?;
    let command = has(&session.at(number + 1), node, position)?;
    // Of each other node the arrival that was sent last: links need not keep order. What the sender had then is what
    // the node could know.
    let mut latest: Vec<Option<(u32, u32)>> = vec![None; usize::from(session.scenario().nodes)];
    for at in number.saturating_sub(FAR)..=number {
        let event = trace.events[at as usize];
        if event.what != What::Arrive || event.node != node || event.peer == node {
            continue;
        }
        let Some(message) = trace.messages.get(event.data as usize) else { continue };
        let slot = &mut latest[event.peer.index()];
        *slot = (*slot).max(Some((message.sent, at)));
    }
    let mut nodes = NodeSet::from_iter([node]);
    let mut told = Vec::new();
    for peer in NodeId::all(latest.len()) {
        let Some((sent, at)) = latest[peer.index()] else { continue };
        if has(&session.at(sent + 1), peer, position) == Some(command) {
            nodes.insert(peer);
            told.push(at);
        }
    }
    Some((nodes, told))
}

/// What stands at `position` of `node`'s log, or was delivered there.
fn has(world: &World, node: NodeId, position: u64) -> Option<Command> {
    let row = world.cluster().row(node, position).map(|row| row.command);
    row.or_else(|| {
        let delivered = &world.application(node).delivered;
        delivered.iter().rev().find(|delivery| delivery.position == position).map(|delivery| delivery.command)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::majority;
    use crate::scenario::library;
    use crate::ui::setup;

    #[test]
    fn every_commit_leads_back_to_the_quorum_that_made_it() {
        let paxos = library::shipped("paxos-one-value").unwrap().scenario().unwrap();
        for scenario in [setup::opening(), paxos] {
            let n = usize::from(scenario.nodes);
            let mut session = Session::new(scenario).unwrap();
            session.play(5_000_000, 3000);
            let marks = &session.head().trace().marks;
            let commits = marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Delivered { .. }));
            let mut seen = 0;
            for commit in commits.take(40) {
                let picked = Picked::of(&session, commit.event).unwrap();
                let (nodes, told) = picked.quorum.expect("a commit");
                assert!(nodes.contains(commit.node) && nodes.len() >= majority(n), "{}: {nodes:?}", picked.text);
                let past = session.past(commit.event).unwrap();
                assert!(told.iter().all(|event| past.contains(event)));
                seen += 1;
            }
            assert!(seen > 0);
        }
    }
}
