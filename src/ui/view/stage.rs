//! The nodes as they stand.

use super::eyes::{Eyes, Seen};
use crate::protocol::{NodeId, NodeSet, Shape};
use crate::scenario::Verb;
use crate::sim::{Network, World};
use crate::sorting::sort;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Which.
    pub id: NodeId,
    /// Whether it is up.
    pub up: bool,
    /// Whether it is down, having been up: it has crashed.
    pub crashed: bool,
    /// Whether it stands still.
    pub paused: bool,
    /// Whether it believes that it leads.
    pub leads: bool,
    /// The paper's word for its role, "" when it is down.
    pub role: &'static str,
    /// Term, ballot, epoch or view.
    pub epoch: u64,
    /// The colour and mark of that epoch.
    pub colour: u8,
    /// Whether it reaches none of the others.
    pub apart: bool,
    /// How many places of its log there are.
    pub last: u64,
    /// What is added to each of its messages, ms.
    pub slow_ms: u64,
    /// Whether it is seen as it is.
    pub seen: Seen,
    /// The end of its log: the colour of each entry's epoch, and whether it is delivered.
    pub tail: Vec<(u8, bool)>,
}

/// The stage.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stage {
    /// The nodes in order.
    pub nodes: Vec<Node>,
    /// Pairs that do not reach each other, the lower number first; the flags say which direction is cut.
    pub blocked: Vec<(NodeId, NodeId, bool, bool)>,
    /// Links that are slowed of themselves: from, to, by how many ms.
    pub slow_links: Vec<(NodeId, NodeId, u64)>,
    /// Nodes outside the largest group of those that reach each other.
    pub away: NodeSet,
    /// Whether messages wait for a hand to deliver them.
    pub manual: bool,
    /// Whose eyes look, if not everybody's.
    pub eyes: Option<NodeId>,
    /// How many messages are in flight.
    pub in_flight: usize,
    /// How many of them wait for a hand to deliver them.
    pub held: usize,
    /// The paper's word for epoch.
    pub epoch_word: &'static str,
}

impl Stage {
    /// The stage as `eyes` see it at the moment `shown`.
    pub fn of(eyes: &Eyes<'_>, shown: u64) -> Stage {
        let world = eyes.world();
        let info = world.scenario().info;
        let n = usize::from(world.scenario().nodes);
        let network = world.network();
        let mut blocked = Vec::new();
        let open = eyes.me().is_none();
        if open && !network.whole() {
            for a in NodeId::all(n) {
                for b in NodeId::all(n).filter(|b| *b > a) {
                    let (there, back) = (network.blocked(a, b), network.blocked(b, a));
                    if there || back {
                        blocked.push((a, b, there, back));
                    }
                }
            }
        }
        let node = |id: NodeId| {
            let view = eyes.at(id).and_then(|world| world.cluster().view(id));
            let (seen, asked) = (eyes.seen(id, shown), eyes.me().is_none_or(|me| me == id));
            let others = NodeId::all(n).filter(|other| *other != id);
            let epoch = view.as_ref().map_or(0, |view| view.epoch);
            // Nobody sees another one crash.
            let up = view.is_some() || !asked;
            Node {
                id,
                up,
                crashed: !up && world.started(id),
                paused: asked && world.paused(id),
                leads: view.as_ref().is_some_and(|view| view.leads),
                role: view.as_ref().map_or("", |view| view.role),
                epoch,
                colour: super::colour(world, epoch),
                apart: open
                    && n > 1
                    && others.clone().all(|other| network.blocked(id, other) && network.blocked(other, id)),
                last: view.as_ref().map_or(0, |view| view.last),
                // A node's own share: what a message to itself would be slowed by, halved.
                slow_ms: if open { network.slowness(id, id) / 2000 } else { 0 },
                seen,
                tail: eyes.at(id).map_or_else(Vec::new, |world| tail(world, id)),
            }
        };
        Stage {
            nodes: NodeId::all(n).map(node).collect(),
            blocked,
            slow_links: network.slow_links().iter().map(|&(from, to, us)| (from, to, us / 1000)).collect(),
            away: if open { away(network, n) } else { NodeSet::default() },
            manual: network.manual(),
            eyes: eyes.me(),
            in_flight: world.flights().count(),
            held: world.flights().filter(|(_, flight)| flight.held).count(),
            epoch_word: info.epoch_word,
        }
    }

    /// Who is believed to lead: the node that leads the highest epoch.
    pub fn leader(&self) -> Option<NodeId> {
        self.nodes.iter().filter(|node| node.leads).max_by_key(|node| node.epoch).map(|node| node.id)
    }

    /// Whether neither of the two reaches the other.
    pub fn parted(&self, a: NodeId, b: NodeId) -> bool {
        let pair = (a.min(b), a.max(b));
        self.blocked.iter().any(|&(a, b, there, back)| (a, b) == pair && there && back)
    }
}

/// How many entries of a log's end are shown.
const TAIL: u64 = 5;

/// The end of the log of `node`, if it keeps one.
fn tail(world: &World, node: NodeId) -> Vec<(u8, bool)> {
    let Some(view) = world.cluster().view(node).filter(|_| world.scenario().info.shape == Shape::Replicated) else {
        return Vec::new();
    };
    let delivered = world.application(node).position;
    let entry = |place| {
        let row = world.cluster().row(node, place)?;
        Some((super::colour(world, row.epoch), place <= delivered))
    };
    (view.last.saturating_sub(TAIL) + 1..view.last + 1).filter_map(entry).collect()
}

/// The nodes outside the largest group of those that reach each other; the first of the largest counts.
pub fn away(network: &Network, n: usize) -> NodeSet {
    if network.whole() {
        return NodeSet::default();
    }
    let both = |a, b| !network.blocked(a, b) && !network.blocked(b, a);
    let mut largest = NodeSet::default();
    for node in NodeId::all(n) {
        let group: NodeSet = NodeId::all(n).filter(|other| both(node, *other)).collect();
        if group.len() > largest.len() {
            largest = group;
        }
    }
    NodeId::all(n).filter(|node| !largest.contains(*node)).collect()
}

/// Where a node was let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Away from all others.
    Alone,
    /// Beside this one.
    Beside(NodeId),
    /// Back in the middle of the others.
    Among,
}

impl Stage {
    /// Whether nothing gets from `from` to `to`.
    pub fn cut(&self, from: NodeId, to: NodeId) -> bool {
        let pair = (from.min(to), from.max(to));
        let blocked = self.blocked.iter().find(|(a, b, ..)| (*a, *b) == pair);
        blocked.is_some_and(|&(a, _, there, back)| if a == from { there } else { back })
    }

    /// The groups of nodes that reach each other.
    pub fn groups(&self) -> Vec<NodeSet> {
        let mut groups: Vec<NodeSet> = Vec::new();
        for node in NodeId::all(self.nodes.len()) {
            match groups.iter_mut().find(|group| group.iter().all(|other| !self.parted(node, other))) {
                Some(group) => drop(group.insert(node)),
                None => groups.push(NodeSet::from_iter([node])),
            }
        }
        groups
    }

    /// The groups once `node` was let go there; `None` when that changes nothing.
    pub fn regrouped(&self, node: NodeId, dropped: Dropped) -> Option<Vec<NodeSet>> {
        let before = self.groups();
        let mut groups = before.clone();
        groups.iter_mut().for_each(|group| group.remove(node));
        let target = match dropped {
            Dropped::Alone => None,
            Dropped::Beside(other) => groups.iter().position(|group| group.contains(other)),
            Dropped::Among => (0..groups.len()).max_by_key(|place| (groups[*place].len(), usize::MAX - place)),
        };
        match target {
            Some(place) => drop(groups[place].insert(node)),
            None => groups.push(NodeSet::from_iter([node])),
        }
        groups.retain(|group| !group.is_empty());
        sort(&mut groups);
        let mut sorted = before;
        sort(&mut sorted);
        (groups != sorted).then_some(groups)
    }
}

/// What makes the network consist of these groups.
pub fn partition(groups: Vec<NodeSet>) -> Verb {
    if groups.len() < 2 { Verb::Heal } else { Verb::Partition { groups } }
}

#[cfg(test)]
mod tests {
    use super::super::node::{Before, Inspected};
    use super::*;
    use crate::session::Session;
    use crate::ui::{setup, strings};

    fn set(nodes: &[u8]) -> NodeSet {
        nodes.iter().map(|node| NodeId(*node)).collect()
    }

    #[test]
    fn a_node_that_has_not_started_has_not_crashed() {
        let mut session = Session::new(setup::opening()).unwrap();
        let words = |session: &Session, eyes: Option<NodeId>| {
            let mut memory = Default::default();
            let stage = Stage::of(&Eyes::of(session, eyes, &mut memory), 0);
            stage.nodes.iter().map(|node| strings::node(node, "term")).collect::<Vec<_>>()
        };
        let up = |n: usize| format!("n{n}, follower, term 0");
        for started in 0..=5 {
            session.seek(started as u32);
            let node = |n| if n < started { up(n) } else { format!("n{n}, not started yet") };
            assert_eq!(words(&session, None), (0..5).map(node).collect::<Vec<_>>());
            assert_eq!(words(&session, Some(NodeId(2)))[2], node(2), "through its own eyes");
            session.step();
        }
        session.seek(0);
        setup::begin(&mut session);
        assert!(session.perform(Verb::Crash { node: NodeId(4) }));
        assert_eq!(words(&session, None)[3..], [up(3), "n4, crashed".to_owned()]);
        let stopped = |session: &Session, id| Inspected::of(session, NodeId(id), &mut Before::default()).not_up;
        assert_eq!(stopped(&session, 3), None);
        assert!(stopped(&session, 4).is_some_and(|why| why.contains("is down")));
        session.seek(3);
        assert!(stopped(&session, 4).is_some_and(|why| why.contains("not started")));
    }

    #[test]
    fn dragging_nodes_apart_and_together_makes_groups() {
        let mut session = Session::new(setup::opening()).unwrap();
        session.play(setup::OPENING_US, 10_000);
        let drag = |session: &mut Session, node, dropped| {
            let stage = Stage::of(&Eyes::open(session.world()), 0);
            let groups = stage.regrouped(NodeId(node), dropped);
            if let Some(groups) = &groups {
                assert!(session.perform(partition(groups.clone())));
            }
            groups
        };
        assert_eq!(drag(&mut session, 0, Dropped::Beside(NodeId(1))), None, "they reach each other already");
        assert_eq!(drag(&mut session, 0, Dropped::Among), None);
        assert_eq!(drag(&mut session, 0, Dropped::Alone), Some(vec![set(&[0]), set(&[1, 2, 3, 4])]));
        assert_eq!(drag(&mut session, 0, Dropped::Alone), None, "it is alone");
        assert_eq!(drag(&mut session, 1, Dropped::Beside(NodeId(0))), Some(vec![set(&[0, 1]), set(&[2, 3, 4])]));
        assert_eq!(Stage::of(&Eyes::open(session.world()), 0).away, set(&[0, 1]));
        assert_eq!(drag(&mut session, 4, Dropped::Alone), Some(vec![set(&[0, 1]), set(&[2, 3]), set(&[4])]));
        for node in [1, 4] {
            drag(&mut session, node, Dropped::Beside(NodeId(2)));
        }
        assert_eq!(drag(&mut session, 0, Dropped::Among).map(|groups| groups.len()), Some(1));
        assert!(session.world().network().whole());
    }
}
