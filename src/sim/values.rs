//! The strings of a run and what they ask of the state machine. Protocols see numbers; people see strings.

use crate::growing::Growing;
use crate::properties::{Action, Operation};
use crate::protocol::{Membership, NodeId, Value};
use crate::scenario::StateMachine;
use crate::sorted::Sorted;
use std::sync::Arc;

/// What a value stands for: a string, or an operation on others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A string. As a command: append it (`log`), write it (`register`, `kv`).
    Text(Arc<str>),
    /// The string that a client of the workload makes for its `serial`-th operation, "b12": kept as two numbers.
    Numbered { client: u32, serial: u32 },
    /// Read the register, or the key.
    Read(Option<Value>),
    /// Write the register, or the key.
    Write(Option<Value>, Value),
    /// Replace the first by the second, if the register or the key holds the first.
    Cas(Option<Value>, Value, Value),
}

/// `a` … `z`, `aa` …: the name of the client numbered `n`.
pub fn letters(n: u32) -> String {
    let last = char::from(b'a' + (n % 26) as u8);
    if n < 26 { last.to_string() } else { format!("{}{last}", letters(n / 26 - 1)) }
}

/// All values of a run, in the order of their numbers. Equal strings have one number.
#[derive(Clone, Debug)]
pub struct Values {
    ops: Growing<Op>,
    texts: Sorted<Arc<str>, Value>,
}

impl Default for Values {
    /// The binary values come first, so that protocols over {0, 1} know them by number.
    fn default() -> Self {
        let mut values = Values { ops: Growing::default(), texts: Sorted::default() };
        values.text("0");
        values.text("1");
        values
    }
}

impl Values {
    /// The number of `op`, which must not be a string.
    pub fn add(&mut self, op: Op) -> Value {
        debug_assert!(!matches!(op, Op::Text(_)));
        self.push(op)
    }

    fn push(&mut self, op: Op) -> Value {
        self.ops.push(op);
        Value((self.ops.len() - 1) as u32)
    }

    /// The number of a string.
    pub fn text(&mut self, text: &str) -> Value {
        let text: Arc<str> = text.into();
        if let Some(value) = self.texts.get(&text) {
            return *value;
        }
        let value = self.push(Op::Text(text.clone()));
        self.texts.insert(text, value);
        value
    }

    /// Reads what a `propose` step asks for. In a `log`, any string is appended; elsewhere `read`, `write v`,
    /// `cas old new`, `get k`, `put k v` and `cas k old new` are operations, and any other string is written. `add n3`
    /// and `remove n3` are changes of the membership of a cluster of `nodes`, for protocols that know them.
    pub fn parse(&mut self, text: &str, machine: StateMachine, nodes: usize) -> Value {
        if let Some(change) = membership(text, nodes) {
            return change.into();
        }
        let words: Vec<&str> = text.split(' ').collect();
        let op = match (machine, &words[..]) {
            (StateMachine::Log, _) => return self.text(text),
            (_, ["read"]) => Op::Read(None),
            (_, ["write", v]) => Op::Write(None, self.text(v)),
            (_, ["cas", old, new]) => Op::Cas(None, self.text(old), self.text(new)),
            (_, ["get", k]) => Op::Read(Some(self.text(k))),
            (_, ["put", k, v]) => Op::Write(Some(self.text(k)), self.text(v)),
            (_, ["cas", k, old, new]) => Op::Cas(Some(self.text(k)), self.text(old), self.text(new)),
            _ => return self.text(text),
        };
        self.push(op)
    }

    /// Whether the command only reads.
    pub fn reads(&self, value: Value) -> bool {
        matches!(self.op(value), Some(Op::Read(_)))
    }

    /// What a number stands for; `None` for the no-op and for membership changes.
    pub fn op(&self, value: Value) -> Option<&Op> {
        self.ops.get(value.0 as usize)
    }

    /// The operation on the state machine that a command's value asks for.
    pub fn operation(&self, value: Value, machine: StateMachine) -> Operation {
        let (key, action) = match self.op(value) {
            Some(Op::Read(key)) => (*key, Action::Read),
            Some(Op::Write(key, v)) => (*key, Action::Write(*v)),
            Some(Op::Cas(key, old, new)) => (*key, Action::Cas(Some(*old), *new)),
            _ if machine == StateMachine::Log => (None, Action::Append(value)),
            // A change of the membership leaves the state machine as it is.
            _ if value.membership().is_some() => (None, Action::Read),
            _ => (None, Action::Write(value)),
        };
        Operation { key, action }
    }

    /// The string of a number; the no-op is "–".
    pub fn show(&self, value: Value) -> String {
        let key = |key: &Option<Value>| key.map_or_else(String::new, |key| format!(" {}", self.show(key)));
        match self.op(value) {
            None => match value.membership() {
                Some(Membership::Add(node)) => format!("add {node}"),
                Some(Membership::Remove(node)) => format!("remove {node}"),
                None => "–".to_owned(),
            },
            Some(Op::Text(text)) => text.to_string(),
            Some(Op::Numbered { client, serial }) => format!("{}{serial}", letters(*client)),
            Some(Op::Read(None)) => "read".to_owned(),
            Some(Op::Read(Some(k))) => format!("get {}", self.show(*k)),
            Some(Op::Write(k, v)) => {
                let verb = if k.is_some() { "put" } else { "write" };
                format!("{verb}{} {}", key(k), self.show(*v))
            }
            Some(Op::Cas(k, old, new)) => format!("cas{} {} {}", key(k), self.show(*old), self.show(*new)),
        }
    }
}

/// "add n3", "remove n3", exactly.
fn membership(text: &str, nodes: usize) -> Option<Membership> {
    let (verb, node) = text.split_once(' ')?;
    let node = node.strip_prefix('n')?;
    let number: u8 = node.parse().ok().filter(|number| usize::from(*number) < nodes)?;
    let change = match verb {
        "add" => Membership::Add(NodeId(number)),
        "remove" => Membership::Remove(NodeId(number)),
        _ => return None,
    };
    // "n03" and "n+3" are numbers too, and would not print the same.
    (number.to_string() == node).then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::MAX_NODES;

    #[test]
    fn what_is_parsed_prints_the_same() {
        let mut values = Values::default();
        for text in [
            "read",
            "write v",
            "cas a b",
            "get k",
            "put k v",
            "cas k a b",
            "x",
            "put k",
            "read ",
            "",
            "add n3",
            "remove n24",
            "add n25",
            "add n03",
        ] {
            for machine in [StateMachine::Log, StateMachine::Register, StateMachine::Kv] {
                let value = values.parse(text, machine, MAX_NODES);
                assert_eq!(values.show(value), text);
            }
        }
    }

    #[test]
    fn clients_have_letters() {
        assert_eq!([0, 25, 26, 99].map(letters), ["a", "z", "aa", "cv"]);
    }

    #[test]
    fn equal_strings_have_one_number_and_the_binary_ones_are_zero_and_one() {
        let mut values = Values::default();
        assert_eq!(values.text("1"), Value(1));
        assert_eq!(values.text("x"), Value(2));
        assert_eq!(values.text("0"), Value(0));
        assert_eq!(values.text("x"), Value(2));
    }
}
