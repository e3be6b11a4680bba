//! The nodes as they stand.

use crate::protocol::NodeId;
use crate::sim::World;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Which.
    pub id: NodeId,
    /// Whether it is up.
    pub up: bool,
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
}

/// The stage.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stage {
    /// The nodes in order.
    pub nodes: Vec<Node>,
    /// Pairs that do not reach each other, the lower number first; the flags say which direction is cut.
    pub blocked: Vec<(NodeId, NodeId, bool, bool)>,
    /// How many messages are in flight.
    pub in_flight: usize,
    /// How many of them wait for a hand to deliver them.
    pub held: usize,
    /// The paper's word for epoch.
    pub epoch_word: &'static str,
}

impl Stage {
    /// The stage of `world`.
    pub fn of(world: &World) -> Stage {
        let info = world.scenario().info;
        let n = usize::from(world.scenario().nodes);
        let network = world.network();
        let mut blocked = Vec::new();
        if !network.whole() {
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
            let view = world.cluster().view(id);
            let others = NodeId::all(n).filter(|other| *other != id);
            let epoch = view.as_ref().map_or(0, |view| view.epoch);
            Node {
                id,
                up: view.is_some(),
                paused: world.paused(id),
                leads: view.as_ref().is_some_and(|view| view.leads),
                role: view.as_ref().map_or("", |view| view.role),
                epoch,
                colour: super::colour(world, epoch),
                apart: n > 1 && others.clone().all(|other| network.blocked(id, other) && network.blocked(other, id)),
                last: view.as_ref().map_or(0, |view| view.last),
                // A node's own share: what a message to itself would be slowed by, halved.
                slow_ms: network.slowness(id, id) / 2000,
            }
        };
        Stage {
            nodes: NodeId::all(n).map(node).collect(),
            blocked,
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
