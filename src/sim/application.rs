//! The application on one node: takes what the protocol delivers, applies each command once, answers clients.

use super::values::Values;
use crate::growing::Growing;
use crate::properties::{Action, Operation, Reply};
use crate::protocol::{Command, Value};
use crate::scenario::StateMachine;
use crate::sorted::Sorted;

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
#[derive(Clone, Debug)]
pub struct Application {
    /// Everything that was delivered since the node started, or since the snapshot it started from was begun.
    pub delivered: Growing<Delivery>,
    /// How many of these the state machine took.
    pub applied: u64,
    /// The last delivered position.
    pub position: u64,
    machine: StateMachine,
    /// What the register (no key) or the keys hold.
    cells: Sorted<Option<Value>, Value>,
    /// The last serial number and reply of each client of the workload.
    sessions: Growing<(u32, Reply)>,
    /// One bit for each one-shot client (a `propose` step).
    seen: Growing<u64>,
}

/// Clients from this number on ask one thing and are gone.
pub const FIRST_ONE_SHOT: u32 = 1 << 16;

impl Application {
    /// An application to which nothing was delivered.
    pub fn new(machine: StateMachine) -> Self {
        Application {
            delivered: Growing::default(),
            applied: 0,
            position: 0,
            machine,
            cells: Sorted::default(),
            sessions: Growing::default(),
            seen: Growing::default(),
        }
    }

    /// Takes `command`, delivered at `position` during `event`, unless it is `known` to be a repeat: then the reply is
    /// the first one, and the flag says so.
    pub fn deliver(
        &mut self,
        event: u32,
        position: u64,
        command: Command,
        known: bool,
        values: &Values,
    ) -> (Reply, bool) {
        let repeat = !command.is_noop() && known;
        let applied = !repeat && !command.is_noop();
        self.delivered.push(Delivery { event, position, command, applied });
        self.position = position;
        if repeat {
            return (self.first_reply(command), true);
        }
        if !applied {
            return (Reply::Done, false);
        }
        self.applied += 1;
        let reply = match self.machine {
            StateMachine::Log => Reply::Length(self.applied),
            machine => self.apply(values.operation(command.value, machine)),
        };
        self.remember(command, reply);
        (reply, false)
    }

    /// What the client of `command` was or would have been answered, if the command was delivered.
    pub fn replied(&self, command: Command) -> Option<Reply> {
        self.knows(command).then(|| self.first_reply(command))
    }

    fn first_reply(&self, command: Command) -> Reply {
        let session = self.sessions.get(command.client.0 as usize);
        session.filter(|(serial, _)| *serial == command.serial).map_or(Reply::Done, |(_, reply)| *reply)
    }

    /// What `command`, which only reads, finds in the present state.
    pub fn read(&self, command: Command, values: &Values) -> Reply {
        let Operation { key, .. } = values.operation(command.value, self.machine);
        Reply::Read(self.cells.get(&key).copied())
    }

    fn apply(&mut self, operation: Operation) -> Reply {
        let Operation { key, action } = operation;
        match action {
            Action::Read => Reply::Read(self.cells.get(&key).copied()),
            Action::Write(value) => {
                self.cells.insert(key, value);
                Reply::Done
            }
            Action::Cas(old, new) => {
                let found = self.cells.get(&key).copied() == old;
                if found {
                    self.cells.insert(key, new);
                }
                Reply::Swapped(found)
            }
            Action::Append(_) => Reply::Done,
        }
    }

    /// Whether it has taken this command before.
    pub fn knows(&self, command: Command) -> bool {
        let client = command.client.0;
        if client >= FIRST_ONE_SHOT {
            let place = client - FIRST_ONE_SHOT;
            return self.seen.get((place / 64) as usize).is_some_and(|word| word >> (place % 64) & 1 == 1);
        }
        self.sessions.get(client as usize).is_some_and(|(serial, _)| *serial >= command.serial)
    }

    fn remember(&mut self, command: Command, reply: Reply) {
        let client = command.client.0;
        if client >= FIRST_ONE_SHOT {
            let place = client - FIRST_ONE_SHOT;
            let word = (place / 64) as usize;
            while self.seen.len() <= word {
                self.seen.push(0);
            }
            self.seen[word] |= 1 << (place % 64);
            return;
        }
        while self.sessions.len() <= client as usize {
            self.sessions.push((0, Reply::Done));
        }
        self.sessions[client as usize] = (command.serial, reply);
    }

    /// The values that reached the state machine, in order.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        self.delivered.iter().filter(|delivery| delivery.applied).map(|delivery| delivery.command.value)
    }

    /// The state as a person reads it: the register's value, or `key=value` pairs. A `log`'s state is how many
    /// values it has.
    pub fn state(&self, values: &Values) -> String {
        if self.machine == StateMachine::Log {
            return format!("{} values", self.applied);
        }
        let pairs: Vec<String> = self
            .cells
            .iter()
            .map(|(key, value)| match key {
                None => values.show(*value),
                Some(key) => format!("{}={}", values.show(*key), values.show(*value)),
            })
            .collect();
        pairs.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ClientId;

    #[test]
    fn a_retry_is_applied_once_and_answered_with_the_first_reply() {
        let mut values = Values::default();
        let mut app = Application::new(StateMachine::Register);
        let mut say = |client: u32, serial, text: &str| Command {
            client: ClientId(client),
            serial,
            value: values.parse(text, StateMachine::Register, 1),
        };
        let commands =
            [say(0, 1, "write a"), say(0, 2, "cas a b"), say(0, 2, "cas a b"), say(1, 1, "read"), Command::NOOP];
        let b = values.text("b");
        let replies: Vec<_> = (1..)
            .zip(commands)
            .map(|(position, command)| app.deliver(0, position, command, app.knows(command), &values))
            .collect();
        assert_eq!(
            replies,
            [
                (Reply::Done, false),
                (Reply::Swapped(true), false),
                (Reply::Swapped(true), true),
                (Reply::Read(Some(b)), false),
                (Reply::Done, false),
            ]
        );
        assert_eq!((app.applied, app.delivered.len(), app.state(&values)), (3, 5, "b".to_owned()));
    }

    #[test]
    fn a_one_shot_client_is_recognised() {
        let values = Values::default();
        let mut app = Application::new(StateMachine::Log);
        let command = Command { client: ClientId(FIRST_ONE_SHOT + 70), serial: 1, value: Value(1) };
        assert!(!app.deliver(0, 1, command, app.knows(command), &values).1);
        assert!(app.deliver(0, 2, command, app.knows(command), &values).1);
    }
}
