//! The scenario file: what is read, what the defaults are, and every way in which a file is refused.
//! Reference: docs of `scenario::format`, model.md §6.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::protocol::{NodeId, NodeSet, SettingKind, SettingValue};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{
    Clients, Count, Disk, Model, Names, Network, Pattern, Scenario, Scheduler, StateMachine, Step, Stop, Verb, bounds,
    library,
};
use serde_json::{Value, json};

/// The file that the format's documentation shows.
const DOCUMENTED: &str = r#"{
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

fn documented() -> Value {
    serde_json::from_str(DOCUMENTED).unwrap()
}

/// The smallest file: everything that may be left out is left out.
fn smallest() -> Value {
    json!({ "version": 1, "protocol": "raft", "nodes": 3, "network": { "model": "asynchronous" },
            "stop": { "quiescent": true } })
}

fn read(file: &Value) -> Result<Scenario, String> {
    Scenario::from_json(file.to_string())
}

/// The file with `value` at `pointer` ("/network/loss"); an index past the end appends.
fn with(mut file: Value, pointer: &str, value: Value) -> Value {
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
fn without(mut file: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    file.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    file
}

/// The file with this network.
fn network(network: Value) -> Value {
    with(smallest(), "/network", network)
}

/// A file under the manual scheduler with this script.
fn manual(script: Value) -> Value {
    with(network(json!({ "model": "asynchronous", "scheduler": "manual" })), "/script", script)
}

/// A file with this one step, under the manual scheduler.
fn step(step: Value) -> Value {
    manual(json!([step]))
}

#[track_caller]
fn refused(file: &Value, sentence: &str) {
    assert_eq!(read(file).map(|_| "the file is accepted"), Err(sentence.to_string()));
}

/// The documented file with `value` at `pointer` is refused with this sentence.
#[track_caller]
fn refused_with(pointer: &str, value: Value, sentence: &str) {
    refused(&with(documented(), pointer, value), sentence);
}

#[track_caller]
fn step_refused(value: Value, sentence: &str) {
    refused(&step(value), sentence);
}

#[track_caller]
fn verb(value: Value) -> Verb {
    read(&step(value)).unwrap().script.remove(0).verb
}

fn nodes(nodes: &[u8]) -> NodeSet {
    nodes.iter().map(|&node| NodeId(node)).collect()
}

// ---------------------------------------------------------------- what is read

#[test]
fn the_documented_file_is_read_as_it_says() {
    let scenario = Scenario::from_json(DOCUMENTED).unwrap();
    let raft = registry::info("raft").unwrap();
    let mut settings =
        vec![("election_timeout_ms", SettingValue::Range(150, 300)), ("pre_vote", SettingValue::Flag(true))];
    let declared = |name| raft.settings.iter().position(|setting| setting.name == name);
    settings.sort_by_key(|(name, _)| declared(*name));
    let expected = Scenario {
        title: "Old leader behind a partition".to_string(),
        info: raft,
        variant: "correct",
        nodes: 5,
        seed: 7,
        settings,
        network: Network {
            model: Model::PartiallySynchronous,
            min_us: 5_000,
            delta_us: 50_000,
            gst_us: 2_000_000,
            drift_ppm: 200,
            loss_ppm: 50_000,
            duplication_ppm: 0,
            scheduler: Scheduler::Random,
        },
        disk: Disk { min_us: 100, max_us: 500 },
        clients: Some(Clients {
            count: 2,
            operations: 20,
            state_machine: StateMachine::Register,
            think_us: 100_000,
            timeout_us: 1_000_000,
        }),
        script: vec![
            Step { at_us: Some(500_000), verb: Verb::Propose { node: NodeId(0), value: "x".to_string() } },
            Step { at_us: Some(3_000_000), verb: Verb::Partition { groups: vec![nodes(&[0, 1]), nodes(&[2, 3, 4])] } },
            Step { at_us: Some(6_000_000), verb: Verb::Heal },
        ],
        stop: Stop { at_us: Some(10_000_000), events: Some(200_000), quiescent: true },
    };
    assert_eq!(scenario, expected);
}

#[test]
fn what_is_left_out_has_its_default() {
    let scenario = read(&smallest()).unwrap();
    assert_eq!((scenario.title.as_str(), scenario.variant, scenario.seed), ("", "correct", 1));
    assert_eq!((scenario.settings.len(), scenario.script.len(), scenario.clients), (0, 0, None));
    assert_eq!(scenario.disk, Disk { min_us: 100, max_us: 500 });
    assert_eq!(scenario.stop, Stop { at_us: None, events: None, quiescent: true });
    assert_eq!(scenario.stop.max_events(), 2_000_000);
    let none = Network {
        model: Model::Asynchronous,
        min_us: 5_000,
        delta_us: 0,
        gst_us: 0,
        drift_ppm: 0,
        loss_ppm: 0,
        duplication_ppm: 0,
        scheduler: Scheduler::Random,
    };
    assert_eq!(scenario.network, none);
    let partially = read(&network(json!({ "model": "partially-synchronous" }))).unwrap().network;
    assert_eq!(partially, Network { model: Model::PartiallySynchronous, delta_us: 50_000, ..none });
    let synchronous = read(&network(json!({ "model": "synchronous", "scheduler": "random" }))).unwrap().network;
    assert_eq!(synchronous, Network { model: Model::Synchronous, min_us: 1_000, delta_us: 50_000, ..none });

    let clients = read(&with(smallest(), "/clients", json!({ "count": 1, "operations": 2 }))).unwrap().clients;
    let expected =
        Clients { count: 1, operations: 2, state_machine: StateMachine::Log, think_us: 100_000, timeout_us: 1_000_000 };
    assert_eq!(clients, Some(expected));
}

#[test]
fn a_default_gives_way_to_the_bound_that_was_given() {
    let file = network(json!({ "model": "partially-synchronous", "delta_ms": 3 }));
    assert_eq!(read(&file).unwrap().network.min_us, 3_000);
    let slow = with(smallest(), "/disk", json!({ "min_us": 900 }));
    assert_eq!(read(&slow).unwrap().disk, Disk { min_us: 900, max_us: 900 });
    let fast = with(smallest(), "/disk", json!({ "max_us": 0 }));
    assert_eq!(read(&fast).unwrap().disk, Disk { min_us: 0, max_us: 0 });
}

#[test]
fn every_verb_is_read() {
    let node = NodeId(1);
    let all = Pattern::default();
    assert_eq!(verb(json!({ "do": "propose", "node": 1, "value": "" })), Verb::Propose { node, value: String::new() });
    assert_eq!(verb(json!({ "do": "crash", "node": 1 })), Verb::Crash { node });
    assert_eq!(verb(json!({ "do": "restart", "node": 1 })), Verb::Restart { node, disk_lost: false });
    assert_eq!(verb(json!({ "do": "restart", "node": 1, "disk": "kept" })), Verb::Restart { node, disk_lost: false });
    assert_eq!(verb(json!({ "do": "restart", "node": 1, "disk": "lost" })), Verb::Restart { node, disk_lost: true });
    assert_eq!(verb(json!({ "do": "pause", "node": 1 })), Verb::Pause { node });
    assert_eq!(verb(json!({ "do": "resume", "node": 1 })), Verb::Resume { node });
    assert_eq!(
        verb(json!({ "do": "partition", "groups": [[2], [0]] })),
        Verb::Partition { groups: vec![nodes(&[2]), nodes(&[0])] }
    );
    assert_eq!(verb(json!({ "do": "heal" })), Verb::Heal);
    assert_eq!(verb(json!({ "do": "cut", "from": 1, "to": 0 })), Verb::Cut { from: node, to: NodeId(0) });
    assert_eq!(verb(json!({ "do": "join", "from": 1, "to": 0 })), Verb::Join { from: node, to: NodeId(0) });
    assert_eq!(verb(json!({ "do": "drop" })), Verb::Drop { pattern: all, count: Count::Number(1) });
    assert_eq!(
        verb(json!({ "do": "duplicate", "match": {}, "count": 3 })),
        Verb::Duplicate { pattern: all, count: Count::Number(3) }
    );
    let kinds = Names::of(registry::info("raft").unwrap()).kinds;
    let kind = kinds.iter().position(|kind| *kind == "AppendEntries").unwrap() as u8;
    assert_eq!(
        verb(json!({ "do": "delay", "match": { "from": 0, "to": 1, "kind": "AppendEntries" }, "count": "all",
                     "by_ms": 20 })),
        Verb::Delay {
            pattern: Pattern { from: Some(NodeId(0)), to: Some(node), kind: Some(kind) },
            count: Count::All,
            by_us: 20_000
        }
    );
    assert_eq!(verb(json!({ "do": "slow", "node": 1, "by_ms": 0 })), Verb::Slow { node, by_us: 0 });
    assert_eq!(verb(json!({ "do": "skew", "node": 1, "by_ms": -7 })), Verb::Skew { node, by_us: -7_000, ppm: 0 });
    assert_eq!(verb(json!({ "do": "skew", "node": 1, "ppm": -9 })), Verb::Skew { node, by_us: 0, ppm: -9 });
    assert_eq!(
        verb(json!({ "do": "deliver", "match": { "to": 1 } })),
        Verb::Deliver { pattern: Pattern { to: Some(node), ..all }, count: Count::Number(1) }
    );
    let timers = Names::of(registry::info("raft").unwrap()).timers;
    let timer = timers.iter().position(|timer| *timer == "Election").unwrap() as u8;
    assert_eq!(verb(json!({ "do": "fire", "node": 1, "timer": "Election" })), Verb::Fire { node, timer });
    assert_eq!(verb(json!({ "do": "settle" })), Verb::Settle);
}

#[test]
fn a_step_without_a_time_follows_the_one_before_it() {
    let script = json!([{ "at_ms": 5, "do": "settle" }, { "do": "settle" }, { "at_ms": 5, "do": "settle" }]);
    let times: Vec<_> = read(&manual(script)).unwrap().script.iter().map(|step| step.at_us).collect();
    assert_eq!(times, [Some(5_000), None, Some(5_000)]);
}

#[test]
fn values_at_their_bounds_are_accepted() {
    for (pointer, value) in [
        ("/title", json!("ö".repeat(200))),
        ("/nodes", json!(25)),
        ("/seed", json!(0)),
        ("/seed", json!(u64::MAX)),
        ("/network/min_ms", json!(0)),
        ("/network/min_ms", json!(50)),
        ("/network/delta_ms", json!(600_000)),
        ("/network/gst_ms", json!(86_400_000)),
        ("/network/drift_ppm", json!(100_000)),
        ("/network/loss", json!(1)),
        ("/network/loss", json!(0.000_001)),
        ("/network/loss", json!(1e-3)),
        ("/network/duplication", json!(1.0)),
        ("/disk", json!({ "min_us": 1_000_000, "max_us": 1_000_000 })),
        ("/clients/count", json!(100)),
        ("/clients/operations", json!(1_000_000)),
        ("/clients/think_ms", json!(0)),
        ("/clients/think_ms", json!(3_600_000)),
        ("/clients/timeout_ms", json!(1)),
        ("/script/2/at_ms", json!(86_400_000)),
        ("/script/0/value", json!("é".repeat(128))),
        ("/stop/at_ms", json!(86_400_000)),
        ("/stop/events", json!(2_000_000)),
    ] {
        read(&with(documented(), pointer, value.clone())).unwrap_or_else(|e| panic!("{pointer} {value}: {e}"));
    }
    read(&step(json!({ "do": "skew", "node": 0, "by_ms": -86_400_000, "ppm": 100_000 }))).unwrap();
    read(&step(json!({ "do": "drop", "count": 1_000_000 }))).unwrap();
    let heals = format!("[{}]", vec![r#"{"do":"heal"}"#; 70_000].join(","));
    let file = smallest().to_string().replacen('{', &format!(r#"{{"script":{heals},"#), 1);
    assert_eq!(Scenario::from_json(file).unwrap().script.len(), 70_000);
}

// ---------------------------------------------------------------- what is written

#[test]
fn what_is_written_reads_back_equal_and_is_written_the_same_again() {
    let all_verbs = manual(json!([
        { "at_ms": 1, "do": "propose", "node": 0, "value": "\"q\"\n\u{2028}" },
        { "do": "crash", "node": 0 }, { "do": "restart", "node": 0, "disk": "lost" },
        { "do": "pause", "node": 0 }, { "do": "resume", "node": 0 },
        { "do": "partition", "groups": [[2], [0]] }, { "do": "heal" },
        { "do": "cut", "from": 1, "to": 0 }, { "do": "join", "from": 1, "to": 0 },
        { "do": "drop", "match": { "from": 1, "kind": "AppendEntries" }, "count": "all" },
        { "do": "duplicate", "match": { "to": 1, "kind": "RequestVote" }, "count": 2 },
        { "do": "delay", "by_ms": 3 }, { "do": "slow", "node": 2, "by_ms": 9 },
        { "do": "skew", "node": 2, "by_ms": -9, "ppm": 4 }, { "do": "deliver" },
        { "do": "fire", "node": 0, "timer": "Heartbeat" }, { "at_ms": 2, "do": "settle" }
    ]));
    let files = [
        documented(),
        smallest(),
        all_verbs,
        network(json!({ "model": "synchronous", "delta_ms": 7 })),
        with(smallest(), "/disk", json!({ "min_us": 1, "max_us": 2 })),
        with(smallest(), "/stop", json!({ "events": 5 })),
    ];
    for file in files {
        let scenario = read(&file).unwrap();
        let written = scenario.to_json();
        let again = Scenario::from_json(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(again, scenario);
        assert_eq!(again.to_json(), written);
    }
}

#[test]
fn every_probability_reads_back_equal() {
    let mut scenario = read(&documented()).unwrap();
    for ppm in 0..=1_000_000 {
        let number = serde_json::Value::from(f64::from(ppm) / 1e6).to_string();
        // The whole file for a sample, the arithmetic for all.
        if ppm % 997 == 0 || number.len() > 8 {
            scenario.network.loss_ppm = ppm;
            assert_eq!(Scenario::from_json(scenario.to_json()).unwrap().network.loss_ppm, ppm);
        }
        assert_eq!((number.parse::<f64>().unwrap() * 1e6).round() as u32, ppm);
    }
}

#[test]
fn a_file_is_written_in_the_order_of_the_documentation_with_a_step_per_line() {
    let expected = r#"{
  "version": 1,
  "title": "Old leader behind a partition",
  "protocol": "raft",
  "variant": "correct",
  "nodes": 5,
  "seed": 7,
  "settings": {SETTINGS},
  "network": { "model": "partially-synchronous", "min_ms": 5, "delta_ms": 50, "gst_ms": 2000, "drift_ppm": 200, "loss": 0.05, "duplication": 0.0, "scheduler": "random" },
  "clients": { "count": 2, "operations": 20, "state_machine": "register", "think_ms": 100, "timeout_ms": 1000 },
  "script": [
    { "at_ms": 500, "do": "propose", "node": 0, "value": "x" },
    { "at_ms": 3000, "do": "partition", "groups": [[0, 1], [2, 3, 4]] },
    { "at_ms": 6000, "do": "heal" }
  ],
  "stop": { "at_ms": 10000, "events": 200000, "quiescent": true }
}
"#;
    let written = Scenario::from_json(DOCUMENTED).unwrap().to_json();
    let start = written.find("\"settings\": {").unwrap() + "\"settings\": {".len();
    let settings = &written[start..start + written[start..].find('}').unwrap()];
    assert_eq!(written, expected.replace("SETTINGS", settings));
}

#[test]
fn every_shipped_scenario_is_read_and_has_a_title() {
    for shipped in library::LIBRARY {
        let scenario = shipped.scenario().unwrap_or_else(|error| panic!("{}: {error}", shipped.stem));
        assert!(!scenario.title.is_empty(), "{} has no title", shipped.stem);
        assert_eq!(library::shipped(shipped.stem), Some(shipped));
        assert_eq!(Scenario::from_json(scenario.to_json()).unwrap(), scenario, "{}", shipped.stem);
    }
}

#[test]
fn every_file_of_the_library_folder_is_shipped() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/scenarios");
    let Ok(files) = std::fs::read_dir(folder) else {
        assert!(library::LIBRARY.is_empty(), "{folder} is missing");
        return;
    };
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            assert!(library::shipped(stem).is_some(), "{stem} is not in the list of the library");
        }
    }
}

// ---------------------------------------------------------------- what is refused: the text

#[track_caller]
fn text_refused(text: impl AsRef<[u8]>, sentence: &str) {
    assert_eq!(Scenario::from_json(text).map(|_| "the file is accepted"), Err(sentence.to_string()));
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    text_refused("", "not JSON: EOF while parsing a value at line 1 column 0");
    text_refused("{\n \"version\": 1,,", "not JSON: key must be a string at line 2 column 15");
    text_refused("{} {}", "not JSON: trailing characters at line 1 column 4");
    text_refused(b"{\"a\": \"\xff\"}", "not JSON: byte 7 is not UTF-8");
    text_refused("[".repeat(100_000), "not JSON: recursion limit exceeded at line 1 column 128");
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
        "script[0].match.form: unknown field; match has from, to, kind",
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
    refused(
        &scheduler("asynchronous", "adversary"),
        "network.scheduler: the adversary scheduler is not there yet; use random or manual",
    );
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

// ---------------------------------------------------------------- what is refused: the script

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
