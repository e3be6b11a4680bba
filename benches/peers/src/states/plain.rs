//! Two-phase commit once more, as a first draft would have it: vectors, a set, and a copy of the state for every step.

use consensus_playground::check::{Model, Property, Steps};
use std::collections::BTreeSet;

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    pub managers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Manager {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Prepared(usize),
    Commit,
    Abort,
}

/// Its state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    managers: Vec<Manager>,
    /// Whether the transaction manager has decided.
    decided: bool,
    received: Vec<bool>,
    messages: BTreeSet<Message>,
}

impl State {
    fn with(&self, change: impl FnOnce(&mut State)) -> State {
        let mut state = self.clone();
        change(&mut state);
        state
    }

    fn all_are(&self, outcome: Manager) -> bool {
        self.managers.iter().all(|manager| *manager == outcome)
    }
}

impl Model for Plain {
    type State = State;
    type Action = ();

    fn initial(&self) -> Vec<State> {
        vec![State {
            managers: vec![Manager::Working; self.managers],
            decided: false,
            received: vec![false; self.managers],
            messages: BTreeSet::new(),
        }]
    }

    fn successors(&self, state: &State, steps: &mut impl Steps<Self>) {
        let mut decide = |message| {
            let next = state.with(|state| {
                state.decided = true;
                state.messages.insert(message);
            });
            steps.step((), next);
        };
        if !state.decided {
            if state.received.iter().all(|received| *received) {
                decide(Message::Commit);
            }
            decide(Message::Abort);
        }
        for manager in 0..self.managers {
            if !state.decided && state.messages.contains(&Message::Prepared(manager)) {
                steps.step((), state.with(|state| state.received[manager] = true));
            }
            if state.managers[manager] == Manager::Working {
                let prepared = state.with(|state| {
                    state.managers[manager] = Manager::Prepared;
                    state.messages.insert(Message::Prepared(manager));
                });
                steps.step((), prepared);
                steps.step((), state.with(|state| state.managers[manager] = Manager::Aborted));
            }
            if state.messages.contains(&Message::Commit) {
                steps.step((), state.with(|state| state.managers[manager] = Manager::Committed));
            }
            if state.messages.contains(&Message::Abort) {
                steps.step((), state.with(|state| state.managers[manager] = Manager::Aborted));
            }
        }
    }

    fn properties(&self) -> Vec<Property> {
        vec![Property::always("TCConsistent"), Property::sometimes("all commit"), Property::sometimes("all abort")]
    }

    fn judge(&self, state: &State) -> u64 {
        let some = |outcome| state.managers.contains(&outcome);
        u64::from(some(Manager::Committed) && some(Manager::Aborted))
            | u64::from(state.all_are(Manager::Committed)) << 1
            | u64::from(state.all_are(Manager::Aborted)) << 2
    }

    fn bytes(&self, _state: &State) -> usize {
        // The two vectors, the set's one node, and what an allocation costs.
        size_of::<State>() + 10 * self.managers + 300
    }
}
