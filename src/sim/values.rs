//! The strings of a run and what they ask of the state machine. Protocols see numbers; people see strings.

use crate::protocol::Value;
use imbl::Vector;
use std::sync::Arc;

/// What a command asks of the state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Append the value to the log (`log`), or write it (`register`).
    Text(Arc<str>),
    /// The `serial`-th value of a client of the workload, "b12": kept as two numbers.
    Numbered { client: u32, serial: u32 },
    /// Read the register.
    Read,
    /// Write the register.
    Write(Arc<str>),
    /// Replace the first by the second, if the register holds the first.
    Cas(Arc<str>, Arc<str>),
    /// Read a key.
    Get(Arc<str>),
    /// Write a key.
    Put(Arc<str>, Arc<str>),
    /// Replace the key's first by the second, if it holds the first.
    CasKey(Arc<str>, Arc<str>, Arc<str>),
}

impl Op {
    /// Reads `read`, `write v`, `cas old new`, `get k`, `put k v`, `cas k old new`; anything else is a value.
    pub fn parse(text: &str) -> Op {
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["read"] => Op::Read,
            ["write", v] => Op::Write(v.into()),
            ["cas", old, new] => Op::Cas(old.into(), new.into()),
            ["get", k] => Op::Get(k.into()),
            ["put", k, v] => Op::Put(k.into(), v.into()),
            ["cas", k, old, new] => Op::CasKey(k.into(), old.into(), new.into()),
            _ => Op::Text(text.into()),
        }
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Op::Text(text) => f.write_str(text),
            Op::Numbered { client, serial } => write!(f, "{}{serial}", letters(*client)),
            Op::Read => f.write_str("read"),
            Op::Write(v) => write!(f, "write {v}"),
            Op::Cas(old, new) => write!(f, "cas {old} {new}"),
            Op::Get(k) => write!(f, "get {k}"),
            Op::Put(k, v) => write!(f, "put {k} {v}"),
            Op::CasKey(k, old, new) => write!(f, "cas {k} {old} {new}"),
        }
    }
}

/// `a` … `z`, `aa` …: the name of the client numbered `n`.
pub fn letters(n: u32) -> String {
    let last = char::from(b'a' + (n % 26) as u8);
    if n < 26 { last.to_string() } else { format!("{}{last}", letters(n / 26 - 1)) }
}

/// All values of a run, in the order of their numbers.
#[derive(Clone, Debug)]
pub struct Values {
    ops: Vector<Op>,
}

impl Default for Values {
    /// The binary values come first and are found again, so that protocols over {0, 1} know them by number.
    fn default() -> Self {
        Values { ops: ["0", "1"].into_iter().map(|text| Op::Text(text.into())).collect() }
    }
}

impl Values {
    /// A number for `op`.
    pub fn add(&mut self, op: Op) -> Value {
        if let Op::Text(text) = &op
            && let "0" | "1" = &**text
        {
            return Value(u32::from(&**text == "1"));
        }
        self.ops.push_back(op);
        Value((self.ops.len() - 1) as u32)
    }

    /// What a number stands for.
    pub fn op(&self, value: Value) -> Option<&Op> {
        self.ops.get(value.0 as usize)
    }

    /// The string of a number; the no-op is "–".
    pub fn text(&self, value: Value) -> String {
        self.op(value).map_or_else(|| "–".to_owned(), Op::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_prints_the_same() {
        for text in ["read", "write v", "cas a b", "get k", "put k v", "cas k a b", "x", "put k", "read ", ""] {
            assert_eq!(Op::parse(text).to_string(), text);
        }
    }

    #[test]
    fn clients_have_letters() {
        assert_eq!([0, 25, 26, 99].map(letters), ["a", "z", "aa", "cv"]);
    }

    #[test]
    fn binary_values_are_numbers_zero_and_one() {
        let mut values = Values::default();
        assert_eq!(values.add(Op::parse("1")), Value(1));
        assert_eq!(values.add(Op::parse("x")), Value(2));
        assert_eq!(values.add(Op::parse("0")), Value(0));
    }
}
