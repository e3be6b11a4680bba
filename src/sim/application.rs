//! The application on one node: takes what the protocol delivers, applies each command once, answers clients.

use super::values::{Op, Values};
use crate::protocol::{Command, Value};
use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// What a command gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to say beyond "done".
    #[default]
    Done,
    /// What a read saw; `None` when nothing was ever written.
    Read(Option<Arc<str>>),
    /// Whether a compare-and-set found the value it expected.
    Swapped(bool),
}

/// What the protocol handed over at one place of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The event during which it was delivered.
    pub event: u32,
    /// Its position.
    pub position: u64,
    /// The command.
    pub command: Command,
    /// Whether the state machine took it: no-ops and repeats do not count.
    pub applied: bool,
}

/// The state machine and its session table, as a client-facing service would hold them. A clone shares structure.
#[derive(Clone, Debug, Default)]
pub struct Application {
    /// Everything that was delivered since the node started.
    pub delivered: Vector<Delivery>,
    /// How many of these the state machine took.
    pub applied: u64,
    /// The last delivered position.
    pub position: u64,
    cells: OrdMap<Arc<str>, Arc<str>>,
    /// The last serial number and outcome of each client of the workload.
    sessions: Vector<(u32, Outcome)>,
    /// One bit for each one-shot client (a `propose` step).
    seen: Vec<u64>,
}

/// Clients from this number on ask one thing and are gone.
pub const FIRST_ONE_SHOT: u32 = 1 << 16;

impl Application {
    /// Takes `command`, delivered at `position` during `event`. The outcome is the first one when it is a repeat;
    /// the flag says whether it is.
    pub fn deliver(&mut self, event: u32, position: u64, command: Command, values: &Values) -> (Outcome, bool) {
        let repeat = !command.is_noop() && self.knows(command);
        let applied = !repeat && !command.is_noop();
        self.delivered.push_back(Delivery { event, position, command, applied });
        self.position = position;
        if repeat {
            let session = self.sessions.get(command.client.0 as usize);
            let outcome = session.filter(|(serial, _)| *serial == command.serial).map(|(_, outcome)| outcome.clone());
            return (outcome.unwrap_or_default(), true);
        }
        if !applied {
            return (Outcome::Done, false);
        }
        self.applied += 1;
        let outcome = values.op(command.value).map_or(Outcome::Done, |op| self.apply(op));
        self.remember(command, outcome.clone());
        (outcome, false)
    }

    fn apply(&mut self, op: &Op) -> Outcome {
        match op {
            Op::Numbered { .. } => Outcome::Done,
            Op::Text(v) | Op::Write(v) => self.write("", v),
            Op::Put(k, v) => self.write(k, v),
            Op::Read => Outcome::Read(self.cells.get("").cloned()),
            Op::Get(k) => Outcome::Read(self.cells.get(k).cloned()),
            Op::Cas(old, new) => self.swap("", old, new),
            Op::CasKey(k, old, new) => self.swap(k, old, new),
        }
    }

    fn write(&mut self, key: &str, value: &Arc<str>) -> Outcome {
        self.cells.insert(key.into(), value.clone());
        Outcome::Done
    }

    fn swap(&mut self, key: &str, old: &str, new: &Arc<str>) -> Outcome {
        let found = self.cells.get(key).is_some_and(|value| &**value == old);
        if found {
            self.cells.insert(key.into(), new.clone());
        }
        Outcome::Swapped(found)
    }

    fn knows(&self, command: Command) -> bool {
        let client = command.client.0;
        if client >= FIRST_ONE_SHOT {
            let place = client - FIRST_ONE_SHOT;
            return self.seen.get((place / 64) as usize).is_some_and(|word| word >> (place % 64) & 1 == 1);
        }
        self.sessions.get(client as usize).is_some_and(|(serial, _)| *serial >= command.serial)
    }

    fn remember(&mut self, command: Command, outcome: Outcome) {
        let client = command.client.0;
        if client >= FIRST_ONE_SHOT {
            let place = client - FIRST_ONE_SHOT;
            let word = (place / 64) as usize;
            if self.seen.len() <= word {
                self.seen.resize(word + 1, 0);
            }
            self.seen[word] |= 1 << (place % 64);
            return;
        }
        while self.sessions.len() <= client as usize {
            self.sessions.push_back((0, Outcome::Done));
        }
        self.sessions[client as usize] = (command.serial, outcome);
    }

    /// The values that reached the state machine, in order.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        self.delivered.iter().filter(|delivery| delivery.applied).map(|delivery| delivery.command.value)
    }

    /// The state as a person reads it: the register, or `key=value` pairs; empty for a log of which `delivered`
    /// says all.
    pub fn state(&self) -> String {
        let pairs: Vec<String> = self
            .cells
            .iter()
            .map(|(key, value)| if key.is_empty() { value.to_string() } else { format!("{key}={value}") })
            .collect();
        pairs.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ClientId;

    #[test]
    fn a_retry_is_applied_once_and_answered_with_the_first_outcome() {
        let mut values = Values::default();
        let mut app = Application::default();
        let mut say = |client: u32, serial, text: &str| Command {
            client: ClientId(client),
            serial,
            value: values.add(Op::parse(text)),
        };
        let commands =
            [say(0, 1, "write a"), say(0, 2, "cas a b"), say(0, 2, "cas a b"), say(1, 1, "read"), Command::NOOP];
        let outcomes: Vec<_> =
            (1..).zip(commands).map(|(position, command)| app.deliver(0, position, command, &values)).collect();
        assert_eq!(
            outcomes,
            [
                (Outcome::Done, false),
                (Outcome::Swapped(true), false),
                (Outcome::Swapped(true), true),
                (Outcome::Read(Some("b".into())), false),
                (Outcome::Done, false),
            ]
        );
        assert_eq!((app.applied, app.delivered.len(), app.state()), (3, 5, "b".to_owned()));
    }

    #[test]
    fn a_one_shot_client_is_recognised() {
        let values = Values::default();
        let mut app = Application::default();
        let command = Command { client: ClientId(FIRST_ONE_SHOT + 70), serial: 1, value: Value(1) };
        assert!(!app.deliver(0, 1, command, &values).1);
        assert!(app.deliver(0, 2, command, &values).1);
    }
}
