//! How far a search goes, and by which reductions.

use super::goals::Goal;
use crate::protocol::{NodeId, NodeSet};

/// What bounds a search, beside its depth and the number of its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Crashes in all; where the protocol recovers, each with a restart.
    pub crashes: u8,
    /// Who crashes; anybody, for none.
    pub crashes_at: Option<NodeSet>,
    /// So many of them with the disk lost.
    pub lost_disks: u8,
    /// Who crashes comes back, though the protocol need not survive that.
    pub restarts: bool,
    /// How often each timer of each node fires at most; from [`UNCOUNTED`] on without a bound.
    pub timeouts: u8,
    /// As `timeouts`, by kind of timer.
    pub timeouts_of: [Option<u8>; 8],
    /// As `timeouts_of`, at one node: kind of timer, node, most.
    pub timeouts_at: Vec<(u8, NodeId, u8)>,
    /// Clients ask only the node that the scenario's step names.
    pub clients_stay: bool,
    /// How often, in all, clients ask once more for what nobody has executed yet, wherever they like.
    pub retries: u8,
    /// Of the scenario's commands, so many of the first are asked for.
    pub commands: u8,
    /// No node goes beyond the highest epoch at the start by more than this.
    pub epochs: Option<u64>,
    /// What is to be reached first, one after the other.
    pub goals: Vec<Goal>,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            crashes: 0,
            crashes_at: None,
            lost_disks: 0,
            restarts: false,
            timeouts: 1,
            timeouts_of: [None; 8],
            timeouts_at: Vec::new(),
            clients_stay: false,
            retries: 0,
            commands: u8::MAX,
            epochs: None,
            goals: Vec::new(),
        }
    }
}

impl Bounds {
    /// How often the timer of this kind fires at this node at most; at `None`, where nothing is said of the node.
    pub fn of_timer(&self, timer: u8, node: Option<NodeId>) -> u8 {
        let here = self.timeouts_at.iter().rev().find(|(kind, at, _)| *kind == timer && Some(*at) == node);
        let most = here.map(|(.., most)| *most).or(self.timeouts_of[usize::from(timer)]);
        most.unwrap_or(self.timeouts).min(UNCOUNTED)
    }

    /// The same with every time-out counted: as many as a count can hold, where there was no bound.
    pub fn counted(mut self) -> Bounds {
        let of = self.timeouts_of.iter_mut().flatten();
        let all = of.chain(self.timeouts_at.iter_mut().map(|(.., most)| most)).chain([&mut self.timeouts]);
        all.for_each(|most| *most = (*most).min(UNCOUNTED - 1));
        self
    }

    /// Whether this node may crash.
    pub fn crashes_at(&self, node: NodeId) -> bool {
        self.crashes > 0 && self.crashes_at.is_none_or(|nodes| nodes.contains(node))
    }

    /// Whether some timer of this node may fire.
    pub fn fires_at(&self, node: NodeId) -> bool {
        (0..8).any(|timer| self.of_timer(timer, Some(node)) > 0)
    }

    /// Whether the two nodes may do the same.
    pub fn alike(&self, one: NodeId, other: NodeId) -> bool {
        let same = |timer| self.of_timer(timer, Some(one)) == self.of_timer(timer, Some(other));
        let named = self.goals.iter().any(|goal| goal.names(one) || goal.names(other));
        one == other || (0..8).all(same) && self.crashes_at(one) == self.crashes_at(other) && !named
    }
}

/// From so many on time-outs are not counted: something else must bound them. (A count has four bits.)
pub const UNCOUNTED: u8 = 15;

/// What the channels between nodes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// A message that was sent may arrive at any time, any number of times, or never: loss and duplication cost nothing.
    Set,
    /// Each message arrives once at most, and all before it on its link have come: a link that loses something stands
    /// still for good.
    Queues,
    /// Each message arrives once at most, in any order.
    Bag,
}

/// Reductions: each leaves out states that show nothing that others do not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// The network as a monotone set, where the protocol does not ask for links that keep order.
    pub set: bool,
    /// A message to oneself is handled in the step that sends it.
    pub own_messages: bool,
    /// Crash and restart are one step.
    pub fused_restarts: bool,
    /// A step that changes a count of time-outs and nothing else is left out.
    pub idle_timeouts: bool,
    /// Messages that serve learning only are not delivered; chosen is chosen once a majority has accepted.
    pub learners: bool,
    /// Where channels may lose, a crash for good is a node that takes no more steps.
    pub silent_crashes: bool,
    /// Two timers of a node fire in order when their ranges cannot overlap (not in the asynchronous model).
    pub timer_order: bool,
    /// Nodes that nothing tells apart count as one.
    pub symmetry: bool,
    /// Where channels keep order, a message counts as lost that its sender has put a later one in place of.
    pub latest: bool,
    /// Nodes forget what nothing will read any more.
    pub normal: bool,
}

impl Default for Reductions {
    fn default() -> Self {
        Reductions {
            set: true,
            own_messages: true,
            fused_restarts: true,
            idle_timeouts: true,
            learners: true,
            silent_crashes: true,
            timer_order: true,
            symmetry: true,
            latest: true,
            normal: true,
        }
    }
}
