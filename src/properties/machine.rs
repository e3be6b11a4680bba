//! The reference state machine: registers by key, and a log that counts.

use super::observation::{Action, Operation, Reply};
use crate::protocol::Value;
use crate::sorted::Sorted;

/// What one register, or the log, holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    /// The register's value; nothing before the first write.
    value: Option<Value>,
    /// How many appends there were.
    length: u64,
}

impl State {
    /// The state behind `action`, and its reply.
    pub(super) fn after(self, action: Action) -> (State, Reply) {
        match action {
            Action::Read => (self, Reply::Read(self.value)),
            Action::Write(value) => (State { value: Some(value), ..self }, Reply::Done),
            Action::Cas(old, new) if old == self.value => (State { value: Some(new), ..self }, Reply::Swapped(true)),
            Action::Cas(..) => (self, Reply::Swapped(false)),
            Action::Append(_) => (State { length: self.length + 1, ..self }, Reply::Length(self.length + 1)),
        }
    }
}

/// Whether a client's `reply` agrees with what was `expected`.
pub(super) fn fits(reply: Reply, expected: Reply) -> bool {
    reply == Reply::Done || reply == expected
}

/// All registers; the log shares the place without a key.
#[derive(Clone, Debug, Default)]
pub(super) struct Machine {
    states: Sorted<Option<Value>, State>,
}

impl Machine {
    /// Applies `operation`.
    pub(super) fn apply(&mut self, operation: Operation) -> Reply {
        let (state, _) = self.states.entry(operation.key, State::default());
        let (next, reply) = state.after(operation.action);
        *state = next;
        reply
    }
}
