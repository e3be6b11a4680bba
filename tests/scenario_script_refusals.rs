//! Every way in which the script of a scenario file is refused.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::files::{documented, manual, refused, refused_with, smallest, step, step_refused, text_refused, with};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::Names;
use serde_json::{Value, json};

#[test]
fn a_script_that_is_too_long_is_refused() {
    // As short as a step can be, so that the bound on the file is not what refuses it.
    let script = vec!["0"; 100_001].join(",");
    let file = smallest().to_string().replacen('{', &format!("{{\"script\":[{script}],"), 1);
    text_refused(file, "script: expected at most 100000 steps, found 100001");
}

#[test]
fn unknown_verbs_are_refused_with_those_that_there_are() {
    let verbs = "propose, crash, restart, pause, resume, partition, heal, cut, join, drop, duplicate, delay, slow, \
                 skew, deliver, fire, settle";
    refused_with("/script/2/do", json!("mend"), &format!("script[2].do: expected one of {verbs}, found \"mend\""));
    refused_with("/script/2/do", json!(3), &format!("script[2].do: expected one of {verbs}, found 3"));
    // By hand only, on one message of a run.
    refused_with(
        "/script/2/do",
        json!("hold-message"),
        &format!("script[2].do: expected one of {verbs}, found \"hold-message\""),
    );
}

#[test]
fn times_out_of_bounds_or_order_are_refused() {
    refused_with(
        "/script/0/at_ms",
        json!(-1),
        "script[0].at_ms: expected a number of milliseconds from 0 to 86400000, found -1",
    );
    refused_with(
        "/script/2/at_ms",
        json!(86_400_001),
        "script[2].at_ms: expected a number of milliseconds from 3000 to 86400000 (times do not decrease along a \
         script), found 86400001",
    );
    refused_with(
        "/script/2/at_ms",
        json!(2_999),
        "script[2].at_ms: expected a number of milliseconds from 3000 to 86400000 (times do not decrease along a \
         script), found 2999",
    );
    let over_one = json!([{ "at_ms": 9, "do": "heal" }, { "do": "heal" }, { "at_ms": 8, "do": "heal" }]);
    refused(
        &manual(over_one),
        "script[2].at_ms: expected a number of milliseconds from 9 to 86400000 (times do not decrease along a \
         script), found 8",
    );
}

#[test]
fn nodes_that_the_cluster_does_not_have_are_refused() {
    refused_with("/script/0/node", json!(7), "script[0].node: expected a node from 0 to 4, found 7");
    for verb in ["crash", "restart", "pause", "resume"] {
        step_refused(json!({ "do": verb, "node": 3 }), "script[0].node: expected a node from 0 to 2, found 3");
    }
    step_refused(json!({ "do": "crash", "node": "0" }), "script[0].node: expected a node from 0 to 2, found \"0\"");
    for verb in ["cut", "join"] {
        let from = json!({ "do": verb, "from": 3, "to": 1 });
        step_refused(from, "script[0].from: expected a node from 0 to 2, found 3");
        let to = json!({ "do": verb, "from": 1, "to": -1 });
        step_refused(to, "script[0].to: expected a node from 0 to 2, found -1");
        let same = json!({ "do": verb, "from": 1, "to": 1 });
        step_refused(same, "script[0].to: expected another node than from, found 1");
    }
    for end in ["from", "to"] {
        let sentence = format!("script[0].match.{end}: expected a node from 0 to 2, found 9");
        step_refused(json!({ "do": "drop", "match": { end: 9 } }), &sentence);
    }
    let alone = with(step(json!({ "do": "crash", "node": 1 })), "/nodes", json!(1));
    refused(&alone, "script[0].node: expected node 0, the only one, found 1");
}

#[test]
fn groups_that_are_no_partition_are_refused() {
    let groups = |groups: Value, sentence: &str| {
        step_refused(json!({ "do": "partition", "groups": groups }), &format!("script[0].groups{sentence}"));
    };
    groups(json!(3), ": expected an array of groups of nodes, found 3");
    groups(json!([]), ": expected at least one group");
    groups(json!([1]), "[0]: expected an array of nodes, found 1");
    groups(json!([[0], []]), "[1]: expected at least one node");
    groups(json!([[0], [1, 3]]), "[1][1]: expected a node from 0 to 2, found 3");
    groups(json!([[0], [1, 0]]), "[1][1]: expected each node once, found 0 again");
    groups(json!([[2, 2]]), "[0][1]: expected each node once, found 2 again");
}

#[test]
fn details_of_a_step_that_are_not_as_expected_are_refused() {
    step_refused(
        json!({ "do": "propose", "node": 0, "value": "é".repeat(129) }),
        "script[0].value: expected a string of at most 256 bytes, found a string of 258 bytes",
    );
    step_refused(
        json!({ "do": "propose", "node": 0, "value": 5 }),
        "script[0].value: expected a string of at most 256 bytes, found 5",
    );
    step_refused(
        json!({ "do": "restart", "node": 0, "disk": "wiped" }),
        "script[0].disk: expected one of kept, lost, found \"wiped\"",
    );
    for verb in ["drop", "duplicate", "deliver"] {
        for (count, found) in [(json!(0), "0"), (json!(1_000_001), "1000001"), (json!("every"), "\"every\"")] {
            let sentence = format!("script[0].count: expected a number from 1 to 1000000 or \"all\", found {found}");
            step_refused(json!({ "do": verb, "count": count }), &sentence);
        }
        let sentence = "script[0].match: expected an object, found \"all\"";
        step_refused(json!({ "do": verb, "match": "all" }), sentence);
    }
    step_refused(
        json!({ "do": "delay" }),
        "script[0].by_ms: missing; expected a number of milliseconds from 1 to 600000",
    );
    step_refused(
        json!({ "do": "delay", "by_ms": 0 }),
        "script[0].by_ms: expected a number of milliseconds from 1 to 600000, found 0",
    );
    step_refused(
        json!({ "do": "slow", "node": 0, "by_ms": 600_001 }),
        "script[0].by_ms: expected a number of milliseconds from 0 to 600000, found 600001",
    );
    step_refused(
        json!({ "do": "slow", "node": 0, "to": 0, "by_ms": 1 }),
        "script[0].to: expected another node than node, found 0",
    );
    step_refused(json!({ "do": "skew", "node": 0 }), "script[0]: expected by_ms, ppm or both");
    step_refused(
        json!({ "do": "skew", "node": 0, "by_ms": -86_400_001 }),
        "script[0].by_ms: expected a number of milliseconds from -86400000 to 86400000, found -86400001",
    );
    step_refused(
        json!({ "do": "skew", "node": 0, "ppm": 100_001 }),
        "script[0].ppm: expected parts per million from -100000 to 100000, found 100001",
    );
}

#[test]
fn kinds_and_timers_that_the_protocol_does_not_have_are_refused() {
    let names = Names::of(registry::info("raft").unwrap());
    step_refused(
        json!({ "do": "drop", "match": { "kind": "Prepare" } }),
        &format!("script[0].match.kind: expected one of {}, found \"Prepare\"", names.kinds.join(", ")),
    );
    step_refused(
        json!({ "do": "fire", "node": 0, "timer": "Retry" }),
        &format!("script[0].timer: expected one of {}, found \"Retry\"", names.timers.join(", ")),
    );
    // Capital letters count.
    step_refused(
        json!({ "do": "fire", "node": 0, "timer": "election" }),
        &format!("script[0].timer: expected one of {}, found \"election\"", names.timers.join(", ")),
    );
}

#[test]
fn what_only_the_manual_scheduler_can_do_is_refused_under_another() {
    for step in
        [json!({ "do": "deliver" }), json!({ "do": "fire", "node": 0, "timer": "Election" }), json!({ "do": "settle" })]
    {
        let name = step["do"].as_str().unwrap();
        let sentence = format!("script[0].do: {name} is for the manual scheduler, which network.scheduler asks for");
        refused(&with(documented(), "/script", json!([step])), &sentence);
    }
}
