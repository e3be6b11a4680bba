//! The adversary scheduler: in the asynchronous model somebody else picks what happens next. The world asks; who answers
//! stands above it and may look ahead.

use super::world::World;
use crate::growing::Growing;
use crate::protocol::NodeId;
use crate::scenario::{Action, Intervention, Verb};
use std::rc::Rc;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The message with this id arrives.
    Deliver(u32),
    /// The timer of the node fires.
    Fire(NodeId, u8),
}

impl Pick {
    fn action(self) -> Action {
        match self {
            Pick::Deliver(id) => Action::DeliverMessage { id },
            Pick::Fire(node, timer) => Action::Step(Verb::Fire { node, timer }),
        }
    }
}

/// Who picks.
pub trait Adversary {
    /// What is to happen next, in this order, as long as nothing comes between; nothing when nothing is left to happen.
    /// Rests on what `world` shows and on nothing else, so that a replay takes the same course.
    fn plan(&self, world: &World) -> Vec<Pick>;
}

/// Shared by all checkpoints of a run.
pub type Oracle = Rc<dyn Adversary>;

impl World {
    /// From now on `oracle` picks, if the scenario asks for an adversary.
    pub fn consult(&mut self, oracle: Oracle) {
        if self.network.adversarial() {
            self.oracle = Some(oracle);
        }
    }

    /// Does what the adversary picks next; false when it picks nothing.
    pub(super) fn be_driven(&mut self) -> bool {
        let Some(oracle) = self.oracle.clone() else { return false };
        // Once for what was planned, which a hand may have made impossible, and once for a new plan.
        for _ in 0..3 {
            while let Some(pick) = self.plan.pop_front() {
                let event = u64::from(self.events);
                if self.do_pick(pick) {
                    self.picked.push(Intervention { event, action: pick.action() });
                    return true;
                }
            }
            self.plan = oracle.plan(self).into();
        }
        false
    }

    /// What the adversary has picked so far, as if it had been done by hand.
    pub fn picked(&self) -> &Growing<Intervention> {
        &self.picked
    }

    fn do_pick(&mut self, pick: Pick) -> bool {
        match pick {
            Pick::Deliver(id) => self.find(id).is_some_and(|slot| {
                self.deliver_by_hand(slot);
                true
            }),
            Pick::Fire(node, timer) => {
                let state = &self.nodes[node.index()];
                let fires = state.up && !state.paused && state.timers[usize::from(timer)].on;
                if fires {
                    self.fire_by_hand(node, timer);
                }
                fires
            }
        }
    }
}
