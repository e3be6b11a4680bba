//! The same protocols in the simulated world: crashes with restarts on every rung, which no promise covers and no
//! order breaks under; and the schedules that only a restart can show.

use crate::support::Random;
use consensus_playground::properties::{Property, Status};
use consensus_playground::scenario::Scenario;
use consensus_playground::sim::{Options, World};
use serde_json::{Value, json};
use std::sync::Arc;

const RUNGS: [&str; 5] = ["best-effort", "reliable", "fifo", "causal", "sequencer"];

fn world(scenario: &Value) -> World {
    let scenario = Scenario::from_json(scenario.to_string()).unwrap_or_else(|why| panic!("{why} in {scenario}"));
    let mut world = World::new(Arc::new(scenario), Arc::default(), Options { trace: false, properties: true }).unwrap();
    while world.step() {}
    world
}

fn violated(world: &World) -> Option<(&'static str, String)> {
    world.properties(None).into_iter().find_map(|Property { name, status, .. }| match status {
        Status::Violated { why, .. } => Some((name, why)),
        _ => None,
    })
}

/// Five seconds of crashes and restarts of any node under a workload, then a minute in which everybody is up.
fn storm(protocol: &str, seed: u64) -> Value {
    let mut random = Random(seed);
    let nodes = 2 + random.below(4);
    let mut script = Vec::new();
    for node in 0..nodes {
        let mut at = 0;
        while at < 5000 {
            at += 50 + random.below(1500);
            script.push(json!({ "at_ms": at, "do": "crash", "node": node }));
            at += 1 + random.below(600);
            script.push(json!({ "at_ms": at, "do": "restart", "node": node, "disk": "kept" }));
        }
    }
    let loss = [0.0, 0.1, 0.4][random.below(3)];
    let duplication = [0.0, 0.1][random.below(2)];
    let slowest = [200, 20_000][random.below(2)];
    script.sort_by_key(|step| step["at_ms"].as_u64());
    json!({
        "version": 1, "title": "storm", "protocol": protocol, "nodes": nodes, "seed": seed,
        "network": {
            "model": "partially-synchronous", "min_ms": 1, "delta_ms": 50, "gst_ms": 4000,
            "loss": loss, "duplication": duplication,
        },
        "disk": { "min_us": 100, "max_us": slowest },
        "clients": {
            "count": 3, "operations": 150, "state_machine": "log", "think_ms": 20, "timeout_ms": 1000,
        },
        "script": script,
        "stop": { "at_ms": 60_000 },
    })
}

/// After the storm every node has delivered what any has, in the order that its rung keeps.
#[test]
fn restarts_with_the_disk_break_no_order_and_lose_nothing() {
    for protocol in RUNGS {
        let mut delivered = 0;
        for seed in 0..40 {
            let world = world(&storm(protocol, seed));
            assert_eq!(violated(&world), None, "{protocol}, seed {seed}");
            let lengths: Vec<u64> = world.up().iter().map(|node| world.application(node).position).collect();
            assert!(lengths.windows(2).all(|two| two[0] == two[1]), "{protocol}, seed {seed}: {lengths:?}");
            assert_eq!(lengths.len(), usize::from(world.scenario().nodes));
            delivered += lengths[0];
        }
        assert!(delivered > 1000, "{protocol} delivered {delivered} messages in all runs");
    }
}

/// A request whose write a crash cuts off is no broadcast: the next message of the node has its number, and no order
/// waits for the lost one.
#[test]
fn a_request_that_a_crash_cuts_off_was_no_broadcast() {
    for protocol in RUNGS {
        let world = world(&json!({
            "version": 1, "title": "cut off", "protocol": protocol, "nodes": 3, "seed": 1,
            "network": { "model": "partially-synchronous", "min_ms": 5, "delta_ms": 50, "gst_ms": 0 },
            "disk": { "min_us": 500, "max_us": 500 },
            "script": [
                { "at_ms": 0, "do": "propose", "node": 1, "value": "a" },
                { "at_ms": 0, "do": "crash", "node": 1 },
                { "at_ms": 1, "do": "restart", "node": 1, "disk": "kept" },
                { "at_ms": 1, "do": "propose", "node": 1, "value": "b" },
            ],
            "stop": { "at_ms": 5000 },
        }));
        assert_eq!(violated(&world), None, "{protocol}");
        for node in world.up().iter() {
            assert_eq!(world.application(node).position, 1, "{protocol}, {node}: only b was broadcast");
        }
    }
}

/// S1, `restart-numbers`: two nodes ask, n3 alone hears of the numbers, the sequencer restarts, both ask again, the
/// second first.
fn restarted_sequencer(variant: &str) -> World {
    world(&json!({
        "version": 1, "title": "The numbers start again", "protocol": "sequencer", "variant": variant, "nodes": 4,
        "seed": 1,
        "network": { "model": "asynchronous", "scheduler": "manual" },
        "script": [
            { "do": "propose", "node": 1, "value": "a" },
            { "at_ms": 5, "do": "deliver", "match": { "kind": "Request", "from": 1 }, "count": 1 },
            { "do": "propose", "node": 2, "value": "b" },
            { "at_ms": 10, "do": "deliver", "match": { "kind": "Request", "from": 2 }, "count": 1 },
            { "at_ms": 15, "do": "deliver", "match": { "kind": "Order", "to": 3 }, "count": 2 },
            { "do": "drop", "match": { "from": 0 }, "count": "all" },
            { "do": "crash", "node": 0 },
            { "do": "restart", "node": 0, "disk": "kept" },
            { "do": "fire", "node": 2, "timer": "Retransmit" },
            { "do": "settle" },
            { "at_ms": 30, "do": "fire", "node": 1, "timer": "Retransmit" },
            { "do": "settle" },
        ],
        "stop": { "at_ms": 5000 },
    }))
}

#[test]
fn a_volatile_counter_breaks_total_order() {
    assert_eq!(violated(&restarted_sequencer("correct")), None);
    let (property, why) = violated(&restarted_sequencer("restart-numbers")).expect("a violation");
    assert_eq!(property, "Total order", "{why}");
}
