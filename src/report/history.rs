//! What the clients of a run asked for and what they got, as a history file: `headless linearize` judges it.
//!
//! A `log` is told as the register that holds its length: an append that became the log's n-th value is a `cas` of n-1
//! by n, where null stands for 0. So each length that a client was told has to fit real time, and no two appends can
//! have one place.

use crate::properties::{Action, Operation, Reply};
use crate::protocol::{Command, NodeId, Value};
use crate::scenario::json::Json;
use crate::sim::{ClientOperation, World};

/// The history of the run so far: one JSON object a line, in real-time order. An operation without an answer stays
/// open. Left out is what no state machine ever sees, a change of the membership, and an append without an answer that
/// stands in no log: it has had no effect.
pub fn history(world: &World) -> String {
    let mut lines = Vec::new();
    for operation in world.clients().history().iter() {
        let Some((asked, answered)) = tell(world, operation) else { continue };
        lines.push((operation.invoked.1, false, asked));
        if let (Some((_, event, _)), Some(answered)) = (operation.answered, answered) {
            lines.push((event, true, answered));
        }
    }
    // What is asked for and what is answered in one event overlap.
    lines.sort_by_key(|(event, answer, _)| (*event, *answer));
    lines.iter().map(|(.., line)| format!("{line}\n")).collect()
}

/// The line of the invocation, and that of the answer if there is one.
fn tell(world: &World, operation: &ClientOperation) -> Option<(Json, Option<Json>)> {
    let ClientOperation { command, answered, .. } = *operation;
    if command.value.membership().is_some() {
        return None;
    }
    let values = world.values();
    let text = |value: Value| Json::Text(values.show(value));
    let reply = answered.map(|(.., reply)| reply);
    let Operation { key, action } = values.operation(command.value, world.clients().machine());
    let (f, asked, took) = match action {
        Action::Read => (if key.is_some() { "get" } else { "read" }, Json::Null, true),
        Action::Write(value) => (if key.is_some() { "put" } else { "write" }, text(value), true),
        Action::Cas(old, new) => ("cas", Json::Array(vec![old.map_or(Json::Null, text), text(new)]), false),
        Action::Append(_) => {
            let told = reply.and_then(|reply| if let Reply::Length(length) = reply { Some(length) } else { None });
            let length = told.or_else(|| place(world, command))?;
            let before = if length > 1 { Json::Unsigned(length - 1) } else { Json::Null };
            ("cas", Json::Array(vec![before, Json::Unsigned(length)]), true)
        }
    };
    let line = |kind: &str, more: Option<(&str, Json)>| {
        let word = |word: &str| Json::Text(word.to_owned());
        let mut fields =
            vec![("process", Json::Unsigned(command.client.0.into())), ("type", word(kind)), ("f", word(f))];
        fields.extend(key.map(|key| ("key", text(key))));
        fields.extend(more);
        Json::object(fields)
    };
    let value = (asked != Json::Null).then_some(("value", asked));
    let answer = reply.map(|reply| match reply {
        Reply::Read(value) => line("ok", Some(("value", value.map_or(Json::Null, text)))),
        Reply::Swapped(swapped) => line("ok", Some(("result", Json::Bool(swapped)))),
        _ if f == "cas" && took => line("ok", Some(("result", Json::Bool(true)))),
        _ if took && action != Action::Read => line("ok", None),
        // Acknowledged, but nothing was said of the state.
        _ => line("info", None),
    });
    Some((line("invoke", value), answer))
}

/// As the so-manieth value of a log `command` stands, if it stands in one.
fn place(world: &World, command: Command) -> Option<u64> {
    NodeId::all(usize::from(world.scenario().nodes)).find_map(|node| {
        let application = world.application(node);
        let taken = || application.delivered.iter().filter(|delivery| delivery.applied);
        // A list may begin behind a snapshot.
        let before = application.applied - taken().count() as u64;
        let index = taken().position(|delivery| delivery.command == command)?;
        Some(before + index as u64 + 1)
    })
}
