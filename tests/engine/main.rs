//! The engine under test: every verb, every model, every way to end; time travel, the ledger, the diagnosis, the
//! headless runner, and input that nobody in their right mind would give.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../common/mod.rs"]
mod common;

mod clients;
mod costs;
mod diagnosis;
mod disks;
mod headless;
mod hostile;
mod ledger;
mod manual;
mod models;
mod stop;
mod travel;
mod verbs;

use consensus_playground::protocols::registry;
use consensus_playground::report::{Node, Report};
use consensus_playground::scenario::Scenario;
use consensus_playground::session::Session;
use consensus_playground::sim::{Event, What};
use serde_json::{Value, json};

/// The synchronous model, Δ 10 ms, at least 5 ms.
fn synchronous() -> Value {
    json!({ "model": "synchronous", "min_ms": 5, "delta_ms": 10 })
}

/// The partially synchronous model with GST at the start and perfect clocks.
fn partially() -> Value {
    json!({ "model": "partially-synchronous", "min_ms": 5, "delta_ms": 10 })
}

/// The asynchronous model, by hand.
fn by_hand() -> Value {
    json!({ "model": "asynchronous", "scheduler": "manual" })
}

/// A scenario of three nodes and ten seconds, but for what `more` says.
fn scenario(protocol: &str, network: Value, script: Value, more: Value) -> Scenario {
    let mut file = json!({
        "version": 1, "protocol": protocol, "nodes": 3, "seed": 1, "network": network, "script": script,
        "stop": { "at_ms": 10_000 }
    });
    for (name, value) in more.as_object().expect("an object") {
        file[name] = value.clone();
    }
    let values = registry::info(protocol).expect("a protocol").values;
    for (i, step) in file["script"].as_array_mut().expect("a script").iter_mut().enumerate() {
        if step["do"] == "propose" && !values.is_empty() {
            step["value"] = json!(values[i % values.len()]);
        }
    }
    Scenario::from_json(file.to_string()).unwrap_or_else(|sentence| panic!("{sentence}: {file}"))
}

/// Its run, to the end.
fn run(protocol: &str, network: Value, script: Value, more: Value) -> Session {
    let mut session = Session::new(scenario(protocol, network, script, more)).unwrap();
    session.run();
    session
}

fn events(session: &Session) -> Vec<Event> {
    session.world().trace().events.iter().copied().collect()
}

fn count(session: &Session, wanted: impl Fn(&Event) -> bool) -> usize {
    events(session).iter().filter(|event| wanted(event)).count()
}

/// The events of one kind.
fn of(session: &Session, what: What) -> Vec<Event> {
    events(session).into_iter().filter(|event| event.what == what).collect()
}

/// The name of a message's kind.
fn kind(session: &Session, event: &Event) -> &'static str {
    session.world().cluster().kinds()[usize::from(event.aux)].name
}

fn delivered(report: &Report, node: usize) -> Vec<&str> {
    report.nodes[node].delivered.iter().map(String::as_str).collect()
}

fn everywhere(report: &Report, values: &[&str]) -> bool {
    let has = |node: &Node| node.delivered.iter().map(String::as_str).eq(values.iter().copied());
    report.nodes.iter().all(has)
}

fn ended(session: &Session) -> &'static str {
    session.world().ended().map_or("running", |ended| ended.word())
}
