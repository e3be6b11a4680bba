//! The scenario file: what is read, what the defaults are, and how it is written.
//! Reference: the documentation of `scenario::format`.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::files::{DOCUMENTED, documented, manual, network, read, smallest, step, with};
use consensus_playground::protocol::{NodeId, NodeSet, SettingValue};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{
    Clients, Count, Disk, Model, Names, Network, Pattern, Scenario, Scheduler, StateMachine, Step, Stop, Verb, library,
};
use serde_json::{Value, json};

#[track_caller]
fn verb(value: Value) -> Verb {
    read(&step(value)).unwrap().script.remove(0).verb
}

fn nodes(nodes: &[u8]) -> NodeSet {
    nodes.iter().map(|&node| NodeId(node)).collect()
}

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
        verb(json!({ "do": "drop", "match": { "skip": 2 } })),
        Verb::Drop { pattern: Pattern { skip: 2, ..all }, count: Count::Number(1) }
    );
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
            pattern: Pattern { from: Some(NodeId(0)), to: Some(node), kind: Some(kind), skip: 0 },
            count: Count::All,
            by_us: 20_000
        }
    );
    assert_eq!(verb(json!({ "do": "slow", "node": 1, "by_ms": 0 })), Verb::Slow { node, by_us: 0 });
    let link = json!({ "do": "slow", "node": 1, "to": 0, "by_ms": 7 });
    assert_eq!(verb(link), Verb::SlowLink { from: node, to: NodeId(0), by_us: 7000 });
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
        { "do": "slow", "node": 2, "to": 0, "by_ms": 9 },
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
        // The whole file for a sample; the arithmetic has its own test.
        if ppm % 997 == 0 || !(100..=999_900).contains(&ppm) {
            scenario.network.loss_ppm = ppm;
            let file = scenario.to_json();
            assert_eq!(Scenario::from_json(&file).unwrap().network.loss_ppm, ppm);
            let read: Value = serde_json::from_str(&file).unwrap();
            assert_eq!((read["network"]["loss"].as_f64().unwrap() * 1e6).round() as u32, ppm);
        }
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
