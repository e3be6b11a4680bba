//! Sentences kept as data: what went wrong names nodes, commands and epochs by number, and becomes words only
//! when somebody reads it.

use crate::protocol::{ClientId, Command, NodeId, NodeSet, Value};
use std::sync::Arc;

/// How values, epochs and clients are written: the world knows the strings and its clients, the protocol its ballots.
pub struct Words<'a> {
    /// A value's string.
    pub value: &'a dyn Fn(Value) -> String,
    /// An epoch as the protocol writes it ("7", or "3.1" for a ballot of node 1).
    pub epoch: &'a dyn Fn(u64) -> String,
    /// A client with its article, as a sentence begins ("client b").
    pub client: &'a dyn Fn(ClientId) -> String,
}

impl<'a> Words<'a> {
    /// Values by `value`, epochs and clients as plain numbers.
    pub fn plain(value: &'a dyn Fn(Value) -> String) -> Self {
        Words { value, epoch: &|epoch| epoch.to_string(), client: &|client| format!("client {}", client.0) }
    }
}

/// A piece of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Plain words, with the blanks around them.
    Text(&'static str),
    /// A node.
    Node(NodeId),
    /// Several nodes.
    Nodes(NodeSet),
    /// A client.
    Client(ClientId),
    /// What a client asked for.
    Command(Command),
    /// A value alone; `None` is "nothing".
    Value(Option<Value>),
    /// A term, ballot, epoch or view.
    Epoch(u64),
    /// A position, a count, an event.
    Number(u64),
    /// A time or a duration in microseconds, written in milliseconds.
    Time(u64),
}

/// A sentence as data; cloning it costs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(Arc<[Part]>);

impl Sentence {
    /// The sentence of these pieces.
    pub fn new(parts: &[Part]) -> Self {
        Sentence(parts.into())
    }

    /// Its pieces: a page makes nodes and commands in it stand out.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The sentence in words.
    pub fn render(&self, words: &Words<'_>) -> String {
        let mut out = String::new();
        for part in self.parts() {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Node(node) => out.push_str(&node.to_string()),
                Part::Nodes(nodes) => list(&mut out, *nodes),
                Part::Client(client) => out.push_str(&(words.client)(*client)),
                Part::Command(command) if command.is_noop() => out.push_str("no-op"),
                Part::Command(command) => out.push_str(&(words.value)(command.value)),
                Part::Value(None) => out.push_str("nothing"),
                Part::Value(Some(value)) => out.push_str(&(words.value)(*value)),
                Part::Epoch(epoch) => out.push_str(&(words.epoch)(*epoch)),
                Part::Number(number) => out.push_str(&number.to_string()),
                Part::Time(us) => time(&mut out, *us),
            }
        }
        out
    }
}

/// Milliseconds with as many digits as they need.
fn time(out: &mut String, us: u64) {
    out.push_str(&(us / 1000).to_string());
    if !us.is_multiple_of(1000) {
        let digits = format!("{:03}", us % 1000);
        out.push('.');
        out.push_str(digits.trim_end_matches('0'));
    }
    out.push_str(" ms");
}

fn list(out: &mut String, nodes: NodeSet) {
    let last = nodes.len();
    for (i, node) in nodes.iter().enumerate() {
        out.push_str(match i {
            0 => "",
            i if i + 1 == last => " and ",
            _ => ", ",
        });
        out.push_str(&node.to_string());
    }
}

impl From<&'static str> for Part {
    fn from(text: &'static str) -> Self {
        Part::Text(text)
    }
}

impl From<NodeId> for Part {
    fn from(node: NodeId) -> Self {
        Part::Node(node)
    }
}

impl From<NodeSet> for Part {
    fn from(nodes: NodeSet) -> Self {
        Part::Nodes(nodes)
    }
}

impl From<Command> for Part {
    fn from(command: Command) -> Self {
        Part::Command(command)
    }
}

impl From<u64> for Part {
    fn from(number: u64) -> Self {
        Part::Number(number)
    }
}

/// `say![node, " delivered ", command]`: a [`Sentence`] from pieces.
macro_rules! say {
    ($($part:expr),+ $(,)?) => {
        $crate::properties::sentence::Sentence::new(&[$($crate::properties::sentence::Part::from($part)),+])
    };
}
pub(super) use say;
