//! The history file: what clients asked for and what they got, in real-time order (one JSON object per line).

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most operations that a history may have.
pub const MAX_OPERATIONS: usize = 1_000_000;
/// The most lines that a history may have, empty ones included.
pub const MAX_LINES: usize = 4_000_000;
/// The most bytes that a line may have.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// What a line says of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The client asks.
    Invoke,
    /// The client has its answer.
    Ok,
    /// The operation never took effect.
    Fail,
    /// Unknown: it may take effect at any later time, or never.
    Info,
}

/// What is asked for. `get` and `put` are `read` and `write` by the names that key-value stores use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Function {
    /// Returns the value.
    Read,
    /// Replaces the value.
    Write,
    /// Replaces the value if it is the old one.
    Cas,
    /// Returns the value.
    Get,
    /// Replaces the value.
    Put,
    /// Puts a string behind the string that is there; behind null, it is the string.
    Append,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Who asks. A process has at most one operation open.
    pub process: u64,
    /// What the line says.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What is asked for; a completion may leave it out.
    #[serde(default)]
    pub f: Option<Function>,
    /// Which register; without a key there is one register. A completion may leave it out.
    #[serde(default)]
    pub key: Option<String>,
    /// What is written, or `[old, new]`, or what was read. `Some(Json::Null)` is the value null.
    #[serde(default, deserialize_with = "present")]
    pub value: Option<Json>,
    /// Whether a `cas` replaced the value.
    #[serde(default)]
    pub result: Option<bool>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// What a register holds: null, a truth value, an integer or a string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Datum {
    Null,
    Flag(bool),
    Integer(i128),
    Text(Arc<str>),
}

/// A [`Datum`] by its number in the history's list; equal numbers, equal values.
pub(super) type ValueId = u32;
/// Null comes first in every list.
pub(super) const NULL: ValueId = 0;

/// What an operation does to its register, with what it returned where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// Returned this value.
    Read(ValueId),
    /// Wrote this value.
    Write(ValueId),
    /// Found `old` and wrote `new` (`took`), or found something else.
    Cas { old: ValueId, new: ValueId, took: bool },
    /// Put this string behind what was there.
    Append(ValueId),
}

/// How an operation ended, and in which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Ok(u32),
    Fail(u32),
    /// By `info`, or not at all.
    Open,
}

/// One operation. An open or failed read keeps `Read(NULL)`, which nobody looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub process: u64,
    pub key: u32,
    pub function: Function,
    pub action: Action,
    pub invoked: u32,
    pub end: End,
}

/// A history: operations in the order in which they were invoked. [`parse`] reads one, [`History::push`] adds a line.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub(super) operations: Vec<Operation>,
    pub(super) keys: Vec<Option<String>>,
    pub(super) values: Vec<Datum>,
    pub(super) lines: u32,
    value_ids: BTreeMap<Datum, ValueId>,
    key_ids: BTreeMap<Option<String>, u32>,
    open: BTreeMap<u64, u32>,
}

/// Reads a history file. The error is one sentence that names the line.
pub fn parse(jsonl: &str) -> Result<History, String> {
    let mut history = History::default();
    for (index, line) in jsonl.lines().enumerate() {
        let number = index + 1;
        if number > MAX_LINES {
            return Err(format!("line {number}: a history has at most {MAX_LINES} lines"));
        }
        if line.len() > MAX_LINE_BYTES {
            return Err(format!("line {number}: has {} bytes, at most {MAX_LINE_BYTES} are read", line.len()));
        }
        if line.trim().is_empty() {
            history.lines += 1;
            continue;
        }
        let entry: Entry = serde_json::from_str(line).map_err(|error| format!("line {number}: {}", brief(&error)))?;
        history.push(entry)?;
    }
    Ok(history)
}

/// The reader's complaint without its own idea of lines, and not longer than a person reads.
fn brief(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let mut sentence: String = text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    if error.column() > 0 {
        sentence.push_str(&format!(" (column {})", error.column()));
    }
    sentence
}

impl History {
    /// How many operations were invoked.
    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    /// Adds the next line. The error is one sentence that names the line; the history is as it was before, and the
    /// line does not count.
    pub fn push(&mut self, entry: Entry) -> Result<(), String> {
        let line = self.lines + 1;
        let outcome = match entry.kind {
            Kind::Invoke => self.invoke(entry, line),
            Kind::Ok | Kind::Fail | Kind::Info => self.complete(entry, line),
        };
        outcome.map_err(|sentence| format!("line {line}: {sentence}"))?;
        self.lines = line;
        Ok(())
    }

    fn invoke(&mut self, entry: Entry, line: u32) -> Result<(), String> {
        let process = entry.process;
        if let Some(&open) = self.open.get(&process) {
            let since = self.operations[open as usize].invoked;
            return Err(format!("process {process} invokes while its operation of line {since} is open"));
        }
        if self.operations.len() == MAX_OPERATIONS {
            return Err(format!("a history has at most {MAX_OPERATIONS} operations"));
        }
        if entry.result.is_some() {
            return Err("result belongs to the completion of a cas".into());
        }
        let function = entry.f.ok_or("an invoke names its f")?;
        let action = self.asked(function, entry.value)?;
        let key = self.key(entry.key);
        self.open.insert(process, self.operations.len() as u32);
        self.operations.push(Operation { process, key, function, action, invoked: line, end: End::Open });
        Ok(())
    }

    /// The action that an invocation asks for, its result still open.
    fn asked(&mut self, function: Function, value: Option<Json>) -> Result<Action, String> {
        match function {
            Function::Read | Function::Get => match value {
                None | Some(Json::Null) => Ok(Action::Read(NULL)),
                Some(_) => Err("a read is invoked without a value".into()),
            },
            Function::Write | Function::Put => {
                let value = value.ok_or("a write needs the value that it writes")?;
                Ok(Action::Write(self.value(value)?))
            }
            Function::Append => match value {
                Some(Json::String(text)) => Ok(Action::Append(self.value(Json::String(text))?)),
                _ => Err("an append needs a string as its value".into()),
            },
            Function::Cas => match value {
                Some(Json::Array(pair)) => {
                    let [old, new] = <[Json; 2]>::try_from(pair).map_err(|_| "a cas needs [old, new] as its value")?;
                    Ok(Action::Cas { old: self.value(old)?, new: self.value(new)?, took: true })
                }
                _ => Err("a cas needs [old, new] as its value".into()),
            },
        }
    }

    fn complete(&mut self, entry: Entry, line: u32) -> Result<(), String> {
        let process = entry.process;
        let index = *self.open.get(&process).ok_or(format!("process {process} completes without an invoke"))?;
        let operation = self.operations[index as usize];
        if entry.f.is_some_and(|f| f != operation.function) {
            return Err(format!("completes another f than was invoked in line {}", operation.invoked));
        }
        if entry.key.is_some() && entry.key != self.keys[operation.key as usize] {
            return Err(format!("completes on another key than was invoked in line {}", operation.invoked));
        }
        let cas_ok = operation.function == Function::Cas && entry.kind == Kind::Ok;
        match entry.result {
            Some(_) if !cas_ok => return Err("result belongs to the completion of a cas".into()),
            None if cas_ok => return Err("a cas completes with a result, true or false".into()),
            _ => {}
        }
        let mut action = operation.action;
        match (&mut action, entry.kind) {
            (Action::Read(returned), Kind::Ok) => {
                *returned = self.value(entry.value.ok_or("a read completes with the value that it returned")?)?;
            }
            (Action::Read(_), _) => {}
            (written, _) => {
                if !matches!(entry.value, None | Some(Json::Null))
                    && self.asked(operation.function, entry.value)? != *written
                {
                    return Err(format!("completes with another value than was invoked in line {}", operation.invoked));
                }
            }
        }
        if let (Action::Cas { took, .. }, Some(result)) = (&mut action, entry.result) {
            *took = result;
        }
        let end = match entry.kind {
            Kind::Ok => End::Ok(line),
            Kind::Fail => End::Fail(line),
            Kind::Info | Kind::Invoke => End::Open,
        };
        self.operations[index as usize] = Operation { action, end, ..operation };
        self.open.remove(&process);
        Ok(())
    }

    fn key(&mut self, key: Option<String>) -> u32 {
        if let Some(&id) = self.key_ids.get(&key) {
            return id;
        }
        let id = self.keys.len() as u32;
        self.keys.push(key.clone());
        self.key_ids.insert(key, id);
        id
    }

    fn value(&mut self, value: Json) -> Result<ValueId, String> {
        if self.values.is_empty() {
            self.values.push(Datum::Null);
            self.value_ids.insert(Datum::Null, NULL);
        }
        let integer = |n: &serde_json::Number| n.as_i64().map(i128::from).or(n.as_u64().map(i128::from));
        let datum = match value {
            Json::Null => return Ok(NULL),
            Json::Bool(flag) => Datum::Flag(flag),
            Json::Number(number) => Datum::Integer(integer(&number).ok_or("a number is an integer of 64 bits")?),
            Json::String(text) => Datum::Text(text.into()),
            Json::Array(_) | Json::Object(_) => {
                return Err("a value is null, true, false, an integer or a string".into());
            }
        };
        if let Some(&id) = self.value_ids.get(&datum) {
            return Ok(id);
        }
        let id = self.values.len() as ValueId;
        self.values.push(datum.clone());
        self.value_ids.insert(datum, id);
        Ok(id)
    }
}
