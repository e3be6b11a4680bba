//! The one message: the set W.

use crate::protocol::{Command, Kind, Message, Value};

/// What a process knows of when a round begins. The book's messages are the sets alone: rounds are told apart by when
/// they come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flood {
    /// Which run of f + 1 rounds, from 0.
    pub instance: u32,
    /// The round, from 1.
    pub round: u32,
    /// The set, ascending.
    pub w: Vec<Command>,
}

impl Message for Flood {
    const KINDS: &'static [Kind] = &[Kind { name: "Flood", short: "W", reply: false, heartbeat: false }];

    fn kind(&self) -> u8 {
        0
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        vec![("instance", self.instance.to_string()), ("round", self.round.to_string()), ("W", set(&self.w, value))]
    }
}

/// "{a, b}".
pub(super) fn set(w: &[Command], value: &dyn Fn(Value) -> String) -> String {
    let values: Vec<String> = w.iter().map(|command| value(command.value)).collect();
    format!("{{{}}}", values.join(", "))
}
