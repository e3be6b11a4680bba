//! Every way in which a scenario file is refused, but for its script: one sentence that names the field's path and
//! what was expected.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::files::{
    DOCUMENTED, documented, network, read, refused, refused_with, smallest, step_refused, text_refused, with, without,
};
use consensus_playground::protocol::SettingKind;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Scenario, Scheduler, bounds};
use serde_json::{Value, json};

// ---------------------------------------------------------------- what is refused: the text

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    text_refused("", "not JSON: the text ends: a value is missing at line 1 column 1");
    text_refused("{\n \"version\": 1,,", "not JSON: a field's name is missing at line 2 column 15");
    text_refused("{} {}", "not JSON: there is more behind the value at line 1 column 4");
    text_refused(b"{\"a\": \"\xff\"}", "not JSON: byte 7 is not UTF-8");
    text_refused("[".repeat(100_000), "not JSON: arrays and objects lie too deep in each other at line 1 column 129");
    text_refused("[1]", "the scenario: expected an object, found an array of 1");
    text_refused("null", "the scenario: expected an object, found null");
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    Scenario::from_json(format!("\u{feff}{DOCUMENTED}")).unwrap();
}

#[test]
fn a_file_past_one_mebibyte_is_refused() {
    let padded = |len: usize| format!("{DOCUMENTED}{}", " ".repeat(len - DOCUMENTED.len()));
    Scenario::from_json(padded(bounds::FILE_BYTES)).unwrap();
    text_refused(padded(bounds::FILE_BYTES + 1), "the file has 1048577 bytes; at most 1048576 are read");
}

#[test]
fn a_field_that_is_given_twice_is_refused() {
    let twice = |name: &str, sentence: &str| {
        let field = format!("\"{name}\":");
        let text = DOCUMENTED.replacen(&field, &format!("\"{name}\": 0, {field}"), 1);
        text_refused(text, sentence);
    };
    twice("seed", "seed: given twice");
    twice("pre_vote", "settings.pre_vote: given twice");
    twice("gst_ms", "network.gst_ms: given twice");
    twice("think_ms", "clients.think_ms: given twice");
    twice("value", "script[0].value: given twice");
    twice("quiescent", "stop.quiescent: given twice");
    let escaped = DOCUMENTED.replacen("\"seed\":", "\"\\u0073eed\": 0, \"seed\":", 1);
    text_refused(escaped, "seed: given twice");
}

#[test]
fn a_sentence_stays_on_one_line_and_short_whatever_the_file_holds() {
    let long = "x\n\u{1b}[31m".repeat(10_000);
    for file in [
        with(documented(), &format!("/{long}"), json!(1)),
        with(documented(), &format!("/settings/{long}"), json!(1)),
        with(documented(), "/protocol", json!(long)),
        with(documented(), "/network/model", json!("x\ny")),
        with(documented(), "/nodes", json!(1e300)),
        with(documented(), "/nodes", json!(vec![1; 10_000])),
    ] {
        let sentence = read(&file).unwrap_err();
        assert!(!sentence.contains(char::is_control) && sentence.len() < 500, "{sentence}");
    }
}

// ---------------------------------------------------------------- what is refused: fields at the top

#[test]
fn unknown_fields_are_refused_by_name() {
    let top = "version, title, protocol, variant, nodes, seed, settings, network, disk, clients, script, stop";
    refused_with("/sed", json!(1), &format!("sed: unknown field; a scenario has {top}"));
    refused_with(
        "/network/los",
        json!(0.1),
        "network.los: unknown field; network has model, min_ms, delta_ms, gst_ms, drift_ppm, loss, duplication, \
         scheduler",
    );
    refused_with("/disk", json!({ "min_ms": 1 }), "disk.min_ms: unknown field; disk has min_us, max_us");
    refused_with(
        "/clients/ops",
        json!(1),
        "clients.ops: unknown field; clients has count, operations, state_machine, think_ms, timeout_ms",
    );
    refused_with("/stop/after", json!(1), "stop.after: unknown field; stop has at_ms, events, quiescent");
    refused_with("/script/2/node", json!(1), "script[2].node: unknown field; heal has at_ms, do");
    refused_with("/script/0/vlaue", json!(1), "script[0].vlaue: unknown field; propose has at_ms, do, node, value");
    step_refused(
        json!({ "do": "drop", "match": { "form": 1 } }),
        "script[0].match.form: unknown field; match has from, to, kind, skip",
    );
}

#[test]
fn missing_fields_are_named_with_what_is_expected() {
    let missing = |pointer: &str, sentence: &str| refused(&without(documented(), pointer), sentence);
    missing("/version", "version: missing; expected 1, the version of the format");
    missing("/nodes", "nodes: missing; expected a number from 1 to 25");
    missing("/network", "network: missing; expected an object with a model");
    missing(
        "/network/model",
        "network.model: missing; expected one of synchronous, partially-synchronous, asynchronous",
    );
    missing("/clients/count", "clients.count: missing; expected a number from 1 to 100");
    missing("/clients/operations", "clients.operations: missing; expected a number from 1 to 1000000");
    missing("/stop", "stop: missing; expected an object with at least one of at_ms, events and quiescent");
    missing("/script/0/node", "script[0].node: missing; expected a node from 0 to 4");
    missing("/script/0/value", "script[0].value: missing; expected a string of at most 256 bytes");
    missing("/script/1/groups", "script[1].groups: missing; expected an array of groups of nodes");
    let sentence = read(&without(documented(), "/protocol")).unwrap_err();
    assert!(sentence.starts_with("protocol: missing; expected one of ") && sentence.contains("raft"), "{sentence}");
    let sentence = read(&without(documented(), "/script/0/do")).unwrap_err();
    assert!(sentence.starts_with("script[0].do: missing; expected one of propose, crash, "), "{sentence}");
}

#[test]
fn another_version_is_refused_before_anything_else() {
    let later = with(with(documented(), "/version", json!(2)), "/new_field", json!(true));
    refused(&later, "version: expected 1, the version of the format, found 2");
    refused_with("/version", json!("1"), "version: expected 1, the version of the format, found \"1\"");
}

#[test]
fn values_at_the_top_that_are_not_as_expected_are_refused() {
    refused_with("/title", json!(3), "title: expected a string of at most 200 characters, found 3");
    refused_with(
        "/title",
        json!("ö".repeat(201)),
        "title: expected a string of at most 200 characters, found a string of 402 bytes",
    );
    for (value, found) in [
        (json!(0), "0"),
        (json!(26), "26"),
        (json!(-1), "-1"),
        (json!(2.5), "2.5"),
        (json!(3.0), "3.0"),
        (json!("3"), "\"3\""),
        (json!(null), "null"),
        (json!(true), "true"),
        (json!([3]), "an array of 1"),
        (json!({}), "an object"),
    ] {
        refused_with("/nodes", value, &format!("nodes: expected a number from 1 to 25, found {found}"));
    }
    refused_with("/seed", json!(-1), "seed: expected an integer from 0 to 18446744073709551615, found -1");
    refused_with(
        "/seed",
        json!(18_446_744_073_709_551_616.0_f64),
        "seed: expected an integer from 0 to 18446744073709551615, found 1.8446744073709552e+19",
    );
    refused_with("/settings", json!([]), "settings: expected an object, found an array of 0");
    refused_with("/network", json!("fast"), "network: expected an object, found \"fast\"");
    refused_with("/disk", json!(1), "disk: expected an object, found 1");
    refused_with("/clients", json!(2), "clients: expected an object, found 2");
    refused_with("/script", json!({}), "script: expected an array of steps, found an object");
    refused_with("/script/0", json!("heal"), "script[0]: expected an object, found \"heal\"");
    refused_with("/stop", json!(null), "stop: expected an object, found null");
}

#[test]
fn unknown_protocols_and_variants_are_refused_with_those_that_there_are() {
    let ids: Vec<_> = registry::ALL.iter().map(|info| info.id).collect();
    refused_with(
        "/protocol",
        json!("rafft"),
        &format!("protocol: expected one of {}, found \"rafft\"", ids.join(", ")),
    );
    let mut variants = vec!["correct"];
    variants.extend(registry::info("raft").unwrap().variants.iter().map(|variant| variant.id));
    refused_with(
        "/variant",
        json!("right"),
        &format!("variant: expected one of {}, found \"right\"", variants.join(", ")),
    );
    refused_with("/variant", json!(1), &format!("variant: expected one of {}, found 1", variants.join(", ")));
}

// ---------------------------------------------------------------- what is refused: settings

#[test]
fn an_unknown_setting_is_refused_with_those_that_there_are() {
    let names: Vec<_> = registry::info("raft").unwrap().settings.iter().map(|setting| setting.name).collect();
    refused_with(
        "/settings/pre_vot",
        json!(true),
        &format!("settings.pre_vot: raft has no such setting; it has {}", names.join(", ")),
    );
}

#[test]
fn a_setting_of_the_wrong_type_or_out_of_its_bounds_is_refused() {
    let mut kinds = [0; 3];
    for info in registry::ALL {
        for setting in info.settings {
            let name = setting.name;
            let refused = |value: Value, expected: &str| {
                let found = match &value {
                    Value::Array(items) => format!("an array of {}", items.len()),
                    other => other.to_string(),
                };
                let file = with(smallest(), "/protocol", json!(info.id));
                let file = with(with(file, "/settings", json!({})), &format!("/settings/{name}"), value);
                refused(&file, &format!("settings.{name}: expected {expected}, found {found}"));
            };
            match setting.kind {
                SettingKind::Flag { .. } => {
                    kinds[0] += 1;
                    refused(json!(1), "true or false");
                    refused(json!("true"), "true or false");
                }
                SettingKind::Integer { min, max, default } => {
                    kinds[1] += 1;
                    assert!(min <= default && default <= max, "{name}'s default");
                    let expected = format!("an integer from {min} to {max}");
                    refused(json!(max + 1), &expected);
                    refused(json!(min as i64 - 1), &expected);
                    refused(json!(min as f64 + 0.5), &expected);
                    refused(json!(true), &expected);
                }
                SettingKind::Range { min, max, default: (low, high) } => {
                    kinds[2] += 1;
                    assert!(min <= low && low <= high && high <= max, "{name}'s default");
                    let expected = format!("[low, high] with {min} <= low <= high <= {max}");
                    refused(json!([max, min]), &expected);
                    refused(json!([min, max + 1]), &expected);
                    refused(json!([min as i64 - 1, max]), &expected);
                    refused(json!([min]), &expected);
                    refused(json!([min, min, max]), &expected);
                    refused(json!(min), &expected);
                }
            }
        }
    }
    assert!(kinds.iter().all(|&count| count > 0), "every kind of setting has been tried: {kinds:?}");
}

#[test]
fn settings_that_do_not_go_together_are_refused_in_the_words_of_the_protocol() {
    let sequencer = with(with(smallest(), "/protocol", json!("sequencer")), "/settings", json!({ "sequencer": 3 }));
    refused(&sequencer, "settings: sequencer must be one of the 3 nodes, not node 3");
    read(&with(sequencer, "/nodes", json!(4))).unwrap();
    let raft = with(documented(), "/settings", json!({ "heartbeat_ms": 150, "election_timeout_ms": [150, 300] }));
    let sentence = read(&raft).unwrap_err();
    assert!(sentence.starts_with("settings: heartbeat_ms must be less than "), "{sentence}");
}

#[test]
fn every_protocol_takes_its_defaults_and_every_variant() {
    for info in registry::ALL {
        for model in ["synchronous", "partially-synchronous", "asynchronous"] {
            let file = with(network(json!({ "model": model })), "/protocol", json!(info.id));
            let scenario = read(&file).unwrap_or_else(|error| panic!("{} {model}: {error}", info.id));
            assert_eq!(scenario.setup().delta, (model == "synchronous").then_some(50_000));
            for variant in info.variants {
                let scenario = read(&with(file.clone(), "/variant", json!(variant.id))).unwrap();
                assert_eq!(scenario.setup().variant, variant.id);
            }
        }
    }
}

// ---------------------------------------------------------------- what is refused: network and disk

#[test]
fn values_of_the_network_out_of_their_bounds_are_refused() {
    refused_with(
        "/network/model",
        json!("async"),
        "network.model: expected one of synchronous, partially-synchronous, asynchronous, found \"async\"",
    );
    refused_with(
        "/network/min_ms",
        json!(51),
        "network.min_ms: expected a number of milliseconds (no more than delta_ms) from 0 to 50, found 51",
    );
    refused(
        &network(json!({ "model": "asynchronous", "min_ms": 600_001 })),
        "network.min_ms: expected a number of milliseconds from 0 to 600000, found 600001",
    );
    refused_with(
        "/network/delta_ms",
        json!(0),
        "network.delta_ms: expected a number of milliseconds from 1 to 600000, found 0",
    );
    refused_with(
        "/network/delta_ms",
        json!(600_001),
        "network.delta_ms: expected a number of milliseconds from 1 to 600000, found 600001",
    );
    refused_with(
        "/network/gst_ms",
        json!(86_400_001),
        "network.gst_ms: expected a number of milliseconds from 0 to 86400000, found 86400001",
    );
    refused_with(
        "/network/drift_ppm",
        json!(100_001),
        "network.drift_ppm: expected parts per million from 0 to 100000, found 100001",
    );
    for name in ["loss", "duplication"] {
        for (value, found) in
            [(json!(1.5), "1.5"), (json!(-0.1), "-0.1"), (json!(2), "2"), (json!(-1), "-1"), (json!("1"), "\"1\"")]
        {
            let sentence = format!("network.{name}: expected a number from 0 to 1, found {found}");
            refused_with(&format!("/network/{name}"), value, &sentence);
        }
        let sentence = format!("network.{name}: expected at most six decimal places, found 1e-7");
        refused_with(&format!("/network/{name}"), json!(1e-7), &sentence);
    }
}

#[test]
fn a_field_that_the_model_has_no_use_for_is_refused() {
    let no_use = |model: &str, name: &str, value: Value, users: &str| {
        let file = with(network(json!({ "model": model })), &format!("/network/{name}"), value);
        refused(&file, &format!("network.{name}: the {model} model has no use for it; it is for {users}"));
    };
    no_use("synchronous", "gst_ms", json!(0), "partially-synchronous");
    no_use("synchronous", "drift_ppm", json!(0), "partially-synchronous");
    no_use("synchronous", "loss", json!(0), "partially-synchronous and asynchronous");
    no_use("synchronous", "duplication", json!(0), "partially-synchronous and asynchronous");
    no_use("asynchronous", "delta_ms", json!(50), "synchronous and partially-synchronous");
    no_use("asynchronous", "gst_ms", json!(0), "partially-synchronous");
    no_use("asynchronous", "drift_ppm", json!(0), "partially-synchronous");
}

#[test]
fn schedulers_that_the_model_does_not_have_are_refused() {
    let scheduler = |model: &str, scheduler: &str| network(json!({ "model": model, "scheduler": scheduler }));
    refused(
        &scheduler("asynchronous", "fair"),
        "network.scheduler: expected one of random, manual, adversary, found \"fair\"",
    );
    assert_eq!(read(&scheduler("asynchronous", "adversary")).unwrap().network.scheduler, Scheduler::Adversary);
    for model in ["synchronous", "partially-synchronous"] {
        refused(
            &scheduler(model, "adversary"),
            "network.scheduler: only the asynchronous model has a use for an adversary; use random",
        );
    }
    refused(
        &scheduler("synchronous", "manual"),
        "network.scheduler: the synchronous model keeps its delays by itself; manual is for partially-synchronous \
         and asynchronous",
    );
    assert_eq!(read(&scheduler("asynchronous", "manual")).unwrap().network.scheduler, Scheduler::Manual);
    assert_eq!(read(&scheduler("partially-synchronous", "manual")).unwrap().network.scheduler, Scheduler::Manual);
}

#[test]
fn disk_times_out_of_their_bounds_are_refused() {
    refused_with(
        "/disk",
        json!({ "min_us": 1_000_001 }),
        "disk.min_us: expected a number of microseconds from 0 to 1000000, found 1000001",
    );
    refused_with(
        "/disk",
        json!({ "min_us": 7, "max_us": 6 }),
        "disk.max_us: expected a number of microseconds from 7 to 1000000, found 6",
    );
    refused_with(
        "/disk",
        json!({ "max_us": 1_000_001 }),
        "disk.max_us: expected a number of microseconds from 0 to 1000000, found 1000001",
    );
}

// ---------------------------------------------------------------- what is refused: clients and stop

#[test]
fn values_of_the_clients_out_of_their_bounds_are_refused() {
    refused_with("/clients/count", json!(0), "clients.count: expected a number from 1 to 100, found 0");
    refused_with("/clients/count", json!(101), "clients.count: expected a number from 1 to 100, found 101");
    refused_with("/clients/operations", json!(0), "clients.operations: expected a number from 1 to 1000000, found 0");
    refused_with(
        "/clients/operations",
        json!(1_000_001),
        "clients.operations: expected a number from 1 to 1000000, found 1000001",
    );
    refused_with(
        "/clients/state_machine",
        json!("queue"),
        "clients.state_machine: expected one of log, register, kv, found \"queue\"",
    );
    refused_with(
        "/clients/think_ms",
        json!(3_600_001),
        "clients.think_ms: expected a number of milliseconds from 0 to 3600000, found 3600001",
    );
    refused_with(
        "/clients/timeout_ms",
        json!(0),
        "clients.timeout_ms: expected a number of milliseconds from 1 to 3600000, found 0",
    );
}

#[test]
fn a_run_that_would_not_end_is_refused() {
    for stop in [json!({}), json!({ "quiescent": false })] {
        refused_with("/stop", stop, "stop: expected at least one of at_ms, events and quiescent, found none of them");
    }
    refused_with("/stop/at_ms", json!(0), "stop.at_ms: expected a number of milliseconds from 1 to 86400000, found 0");
    refused_with(
        "/stop/at_ms",
        json!(86_400_001),
        "stop.at_ms: expected a number of milliseconds from 1 to 86400000, found 86400001",
    );
    refused_with("/stop/events", json!(0), "stop.events: expected a number from 1 to 2000000, found 0");
    refused_with("/stop/events", json!(2_000_001), "stop.events: expected a number from 1 to 2000000, found 2000001");
    refused_with("/stop/quiescent", json!(1), "stop.quiescent: expected true or false, found 1");
}
