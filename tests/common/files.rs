//! Scenario files to start from, ways to change them, and how a file is refused.

use consensus_playground::scenario::Scenario;
use serde_json::{Value, json};

/// The file that the format's documentation shows.
pub const DOCUMENTED: &str = r#"{
  "version": 1,
  "title": "Old leader behind a partition",
  "protocol": "raft",
  "variant": "correct",
  "nodes": 5,
  "seed": 7,
  "settings": { "pre_vote": true, "election_timeout_ms": [150, 300] },
  "network": { "model": "partially-synchronous", "min_ms": 5, "delta_ms": 50, "gst_ms": 2000,
               "drift_ppm": 200, "loss": 0.05, "duplication": 0.0, "scheduler": "random" },
  "clients": { "count": 2, "operations": 20, "state_machine": "register", "think_ms": 100, "timeout_ms": 1000 },
  "script": [
    { "at_ms": 500,  "do": "propose", "node": 0, "value": "x" },
    { "at_ms": 3000, "do": "partition", "groups": [[0, 1], [2, 3, 4]] },
    { "at_ms": 6000, "do": "heal" }
  ],
  "stop": { "at_ms": 10000, "events": 200000, "quiescent": true }
}"#;

/// The documented file.
pub fn documented() -> Value {
    serde_json::from_str(DOCUMENTED).unwrap()
}

/// The smallest file: everything that may be left out is left out.
pub fn smallest() -> Value {
    json!({ "version": 1, "protocol": "raft", "nodes": 3, "network": { "model": "asynchronous" },
            "stop": { "quiescent": true } })
}

/// Reads the file.
pub fn read(file: &Value) -> Result<Scenario, String> {
    Scenario::from_json(file.to_string())
}

/// The file with `value` at `pointer` ("/network/loss"); an index past the end appends.
pub fn with(mut file: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match file.pointer_mut(parent).unwrap_or_else(|| panic!("{parent} is not in the file")) {
        Value::Array(items) => match name.parse::<usize>().unwrap() {
            i if i < items.len() => items[i] = value,
            _ => items.push(value),
        },
        other => {
            other.as_object_mut().unwrap().insert(name.to_string(), value);
        }
    }
    file
}

/// The file without the field at `pointer`.
pub fn without(mut file: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    file.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    file
}

/// The file with this network.
pub fn network(network: Value) -> Value {
    with(smallest(), "/network", network)
}

/// A file under the manual scheduler with this script.
pub fn manual(script: Value) -> Value {
    with(network(json!({ "model": "asynchronous", "scheduler": "manual" })), "/script", script)
}

/// A file with this one step, under the manual scheduler.
pub fn step(step: Value) -> Value {
    manual(json!([step]))
}

/// The file is refused with this sentence.
#[track_caller]
pub fn refused(file: &Value, sentence: &str) {
    assert_eq!(read(file).map(|_| "the file is accepted"), Err(sentence.to_string()));
}

/// The documented file with `value` at `pointer` is refused with this sentence.
#[track_caller]
pub fn refused_with(pointer: &str, value: Value, sentence: &str) {
    refused(&with(documented(), pointer, value), sentence);
}

/// A file with this one step is refused with this sentence.
#[track_caller]
pub fn step_refused(value: Value, sentence: &str) {
    refused(&step(value), sentence);
}

/// The text is refused with this sentence.
#[track_caller]
pub fn text_refused(text: impl AsRef<[u8]>, sentence: &str) {
    assert_eq!(Scenario::from_json(text).map(|_| "the file is accepted"), Err(sentence.to_string()));
}
