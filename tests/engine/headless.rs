//! The headless runner as a process: what it prints, and how it ends.

use super::*;
use consensus_playground::protocol::NodeId;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Recording, Verb, link};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

fn headless(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headless")).args(arguments).output().expect("the runner starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A file of this test, named by what it holds.
fn file(name: &str, content: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Bad input: exit 2, nothing on standard output, one line on standard error.
fn bad(arguments: &[&str]) -> String {
    let output = headless(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    let lines: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!(lines.len(), 1, "{arguments:?}: {lines:?}");
    lines[0].to_owned()
}

fn good(arguments: &[&str]) -> String {
    let output = headless(arguments);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{arguments:?}");
    text(&output.stdout).to_owned()
}

fn split_brain() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/www/scenarios/raft-split-brain.json").to_owned()
}

#[test]
fn bad_input_is_one_line_and_exit_2() {
    let starts = |arguments: &[&str], beginning: &str| {
        let line = bad(arguments);
        assert!(line.contains(beginning), "{arguments:?}: {line}");
    };
    starts(&["run", "/nowhere/at-all.json"], "/nowhere/at-all.json: No such file");
    starts(&["run", env!("CARGO_TARGET_TMPDIR")], "directory");
    starts(&["run"], "expected a file");
    starts(&["run", "a", "b"], "unexpected argument");
    starts(&["run", "--fast", "a"], "--fast");
    starts(&["march"], "march: no such command; there are run, check");
    starts(&["--march"], "--march");
    let large = file("large.json", &vec![b' '; (1 << 20) + 1]);
    starts(&["run", &large], "larger than 1048576 bytes");
    starts(&["run", &file("torn.json", b"{\"version\": 1")], "");
    starts(&["run", &file("bytes.json", &[0xff, 0xfe])], "");
    starts(&["run", &file("lines.json", b"{\"version\": 1,\n \"a\nb\": 2}")], "");
    let mut scenario = json!({ "version": 1, "protocol": "raft", "nodes": 26, "network": { "model": "asynchronous" }, "stop": { "events": 9 } });
    starts(&["run", &file("nodes.json", scenario.to_string().as_bytes())], "nodes: expected");
    scenario["nodes"] = json!(3);
    scenario["script"] = json!([{ "do": "crash", "node": 3 }]);
    starts(&["link", &file("script.json", scenario.to_string().as_bytes())], "script[0].node: expected");
    starts(&["run", "#v1.AAAA"], "the link is damaged");
    starts(&["run", "#v2.AAAA"], "later version");
    let refused = json!({ "version": 1, "protocol": "raft", "nodes": 3, "network": by_hand(), "stop": { "events": 9 },
                          "script": [{ "do": "fire", "node": 0, "timer": "Heartbeat" }] });
    starts(
        &["run", &file("refused.json", refused.to_string().as_bytes())],
        "script[0]: fire: the Heartbeat timer of n0 is not armed",
    );
    starts(&["explain", &split_brain()], "--event: expected");
    starts(&["explain", "--event", "3"], "expected a file");
    starts(&["explain", &split_brain(), "--event", "x"], "x");
    starts(&["explain", &split_brain(), "--event", "4000000000"], "--event: the run has events 0 to");
    starts(&["swarm"], "--protocol: expected one of");
    starts(&["swarm", "--protocol", "pbft2"], "--protocol: there is");
    starts(&["swarm", "--protocol", "raft", "--variant", "hasty"], "--variant: raft has correct");
    starts(&["swarm", "--protocol", "raft", "--runs", "-1"], "-1");
    starts(&["swarm", "--protocol", "raft", "many"], "many");
    starts(&["list", "all"], "all");
    starts(&["linearize", "/nowhere"], "/nowhere: No such file");
    starts(&["linearize", &file("torn.jsonl", b"{\"process\":0")], "line 1");
    starts(&["linearize", &file("bytes.jsonl", &[0xff])], "UTF-8");
}

#[test]
fn help_is_no_error() {
    for arguments in [&["--help"][..], &["-h"], &[]] {
        assert!(good(arguments).contains("headless run FILE|LINK"));
    }
}

#[test]
fn a_link_runs_as_its_recording_does() {
    let scenario = consensus_playground::scenario::library::shipped("raft-split-brain").unwrap().scenario().unwrap();
    let mut session = Session::new(scenario.clone()).unwrap();
    session.seek(700);
    session.perform(Verb::Crash { node: NodeId(2) });
    session.seek(1200);
    let link = link::encode(&session.recording()).unwrap();
    assert_eq!(good(&["run", &link]).trim_end(), session.report().json());
    session.run();
    let link = link::encode(&session.recording()).unwrap();
    assert_eq!(good(&["run", &format!("https://example.org/play/{link}")]).trim_end(), session.report().json());

    let whole = good(&["link", &split_brain()]);
    assert_eq!(good(&["run", whole.trim()]), good(&["run", &split_brain()]));
    let mut damaged = whole.trim().to_owned();
    let last = damaged.pop().unwrap();
    damaged.push(if last == 'A' { 'B' } else { 'A' });
    assert!(bad(&["run", &damaged]).contains("damaged"));

    let mut other = Recording::new(scenario);
    other.engine += 1;
    let output = headless(&["run", &link::encode(&other).unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stderr).contains("this link was made by engine"),
        "another engine's link is never opened silently"
    );
}

#[test]
fn a_violated_promise_is_exit_3() {
    let info = registry::info("paxos").unwrap();
    let (name, seed) = (1..)
        .find_map(|seed| {
            let variant = info.variants[0].id;
            let outcome =
                consensus_playground::swarm::judge(&consensus_playground::swarm::generate(info, variant, seed)).ok()?;
            let safety = outcome.failure.filter(|failure| failure.event.is_some())?;
            Some((safety.property, seed))
        })
        .unwrap();
    let scenario = consensus_playground::swarm::generate(info, info.variants[0].id, seed);
    let path = file("violated.json", scenario.to_json().as_bytes());
    let output = headless(&["run", &path]);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let violated =
        report["properties"].as_array().unwrap().iter().find(|property| property["status"] == "violated").unwrap();
    assert!(violated["event"].is_u64() && violated["why"].is_string(), "{name}: {violated}");
}

#[test]
fn the_list_names_everything() {
    let list: Value = serde_json::from_str(&good(&["list"])).unwrap();
    let protocols = list["protocols"].as_array().unwrap();
    assert_eq!(protocols.len(), registry::ALL.len());
    for (info, entry) in registry::ALL.iter().zip(protocols) {
        let strings =
            |field: &str| entry[field].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(entry["id"], info.id);
        assert_eq!(strings("properties"), info.promises);
        assert!(!strings("messages").is_empty() && !strings("timers").is_empty());
        let variants = entry["variants"].as_array().unwrap();
        assert_eq!((variants.len(), &variants[0]["id"]), (info.variants.len() + 1, &json!("correct")));
        for variant in &variants[1..] {
            for field in ["id", "code", "title", "rule", "source", "breaks"] {
                assert!(variant[field].as_str().is_some_and(|text| !text.is_empty()), "{variant}");
            }
        }
        let settings = entry["settings"].as_array().unwrap();
        assert_eq!(settings.len(), info.settings.len());
        for setting in settings {
            assert!(setting["about"].as_str().is_some_and(|about| about.ends_with('.')), "{setting}");
            let default = &setting["default"];
            let number = |value: &Value| value.as_u64().unwrap();
            let within = |value: &Value| (number(&setting["min"])..=number(&setting["max"])).contains(&number(value));
            match setting["type"].as_str().unwrap() {
                "flag" => assert!(default.is_boolean()),
                "integer" => assert!(within(default), "{setting}"),
                "range" => {
                    assert!(within(&default[0]) && within(&default[1]) && number(&default[0]) <= number(&default[1]))
                }
                other => panic!("{other}"),
            }
        }
    }
}

/// The causal past by its definition: all events from which a path leads to `event`, by message, timer or node.
fn past(session: &Session, event: usize) -> BTreeSet<usize> {
    let events = events(session);
    let (mut past, mut open) = (BTreeSet::from([event]), vec![event]);
    while let Some(at) = open.pop() {
        let local = |event: &Event| event.what.local() && !(event.what == What::Ask && event.aux & 2 == 2);
        let same =
            |other: &usize| local(&events[at]) && local(&events[*other]) && events[*other].node == events[at].node;
        let before: Vec<usize> = (0..at).filter(same).chain([events[at].cause as usize]).collect();
        open.extend(before.into_iter().filter(|earlier| past.insert(*earlier)));
    }
    past
}

#[test]
fn explain_prints_the_causal_past() {
    let script = json!([
        { "at_ms": 300, "do": "propose", "node": 0, "value": "x" },
        { "at_ms": 300, "do": "drop", "match": { "to": 2 }, "count": 3 },
        { "at_ms": 500, "do": "crash", "node": 1 }, { "at_ms": 600, "do": "restart", "node": 1, "disk": "lost" },
        { "at_ms": 600, "do": "pause", "node": 2 }, { "at_ms": 700, "do": "resume", "node": 2 }
    ]);
    let scenario = scenario("raft", partially(), script, json!({ "stop": { "at_ms": 1500 } }));
    let path = file("explained.json", scenario.to_json().as_bytes());
    let mut session = Session::new(scenario).unwrap();
    session.run();
    let last = session.world().events() as usize;
    for event in (0..last).step_by(7) {
        let expected = past(&session, event);
        assert_eq!(session.past(event as u32).unwrap(), expected.iter().map(|at| *at as u32).collect::<Vec<_>>());
        if event % 91 == 0 {
            let printed = good(&["explain", &path, "--event", &event.to_string()]);
            let numbers: BTreeSet<usize> =
                printed.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
            assert_eq!(numbers, expected);
        }
    }
    assert_eq!(session.past(last as u32), None);
}

#[test]
fn every_event_has_words() {
    let mut random = crate::common::scenarios::Random(5);
    let mut kinds = BTreeSet::new();
    for _ in 0..60 {
        let info = random.pick(registry::ALL);
        let mut scenario = consensus_playground::swarm::generate(info, "correct", random.bits() % 1000);
        scenario.stop.events = Some(2000);
        let mut session = Session::new(scenario).unwrap();
        session.run();
        for event in events(&session) {
            kinds.insert(event.what);
        }
        for number in 0..session.world().events() {
            assert!(session.line(number).is_some_and(|line| !line.is_empty() && !line.contains('\n')));
        }
        assert_eq!(session.line(session.world().events()), None);
    }
    assert!(kinds.len() >= 17, "{kinds:?}");
}

#[test]
fn a_swarm_is_the_same_twice() {
    let arguments = ["swarm", "--protocol", "raft", "--runs", "15", "--seed", "40"];
    let first = good(&arguments);
    assert_eq!(first, good(&arguments));
    assert!(first.starts_with("raft, correct: 15 runs, ") && first.trim_end().ends_with(" 0 failed"), "{first}");

    let variant = registry::info("fifo").unwrap().variants[0].id;
    let arguments = ["swarm", "--protocol", "fifo", "--variant", variant, "--runs", "40"];
    let (first, second) = (headless(&arguments), headless(&arguments));
    assert_eq!(first.status.code(), Some(3));
    assert_eq!(text(&first.stdout), text(&second.stdout));
    let scenario: String = text(&first.stdout).lines().skip(1).take_while(|line| !line.starts_with("seed")).collect();
    assert!(scenario.starts_with('{'), "a failure comes with its smallest scenario");
}

#[test]
fn linearize_judges_a_history() {
    let history = |read: &str| {
        let lines = [
            r#"{"process":0,"type":"invoke","f":"write","value":"a"}"#.to_owned(),
            r#"{"process":0,"type":"ok","f":"write","value":"a"}"#.to_owned(),
            r#"{"process":1,"type":"invoke","f":"read"}"#.to_owned(),
            format!(r#"{{"process":1,"type":"ok","f":"read","value":{read}}}"#),
        ];
        lines.join("\n")
    };
    let verdict: Value =
        serde_json::from_str(&good(&["linearize", &file("good.jsonl", history("\"a\"").as_bytes())])).unwrap();
    assert_eq!(verdict, json!({ "linearizable": true, "operations": 2, "witness": [0, 1] }));
    let output = headless(&["linearize", &file("stale.jsonl", history("null").as_bytes())]);
    assert_eq!(output.status.code(), Some(3));
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&verdict["linearizable"], &verdict["operations"]), (&json!(false), &json!(2)));
    assert_eq!(verdict["witness"]["prefix"], 4);
    assert_eq!(
        good(&["linearize", &file("empty.jsonl", b"")]).trim(),
        r#"{"linearizable":true,"operations":0,"witness":[]}"#
    );
}

/// `check --at`: what breaks later on goes on from the run as it is, and its link shows that.
#[test]
fn check_begins_at_an_event() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/scenarios/bugs/paxos-own-value.json");
    let output = headless(&["check", path, "--at", "8", "--timeouts", "0", "--json"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let run = headless(&["run", answer["link"].as_str().expect("a link")]);
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(run.status.code(), Some(3), "{report}");
    let explained = good(&["explain", path, "--event", "7"]);
    assert_eq!(good(&["explain", answer["link"].as_str().expect("a link"), "--event", "7"]), explained);
    let file = file("own-value-from-8.json", answer["scenario"].to_string().as_bytes());
    assert_eq!(headless(&["run", &file]).status.code(), Some(3), "the scenario file breaks, too");
    let correct = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/check/paxos.json");
    assert!(good(&["check", correct, "--at", "4", "--timeouts", "0"]).contains("event 4 of the run"));
    assert!(bad(&["check", correct, "--at", "4000"]).starts_with("--at: the run has "));
}

/// Bounds under which a verdict would say less than it seems to are refused.
#[test]
fn check_refuses_bounds_that_cannot_be_meant() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/check/paxos.json");
    for (arguments, sentence) in [
        (&["--crashes", "-1"][..], "--crashes: expected a number from 0 to 255, found \"-1\""),
        (&["--crashes", "1", "--crashes-at", "0,3"], "--crashes-at: the nodes are 0 to 2"),
        (&["--crashes-at", "0"], "--crashes-at: without --crashes nobody crashes"),
        (&["--lost-disks", "1"], "--lost-disks: only a crash loses a disk, and --crashes is 0"),
        (&["--property", "Agreement", "--property", "FIFO order"], "--property: Paxos promises no FIFO order that"),
        (&["--timeouts", "15"], "--timeouts: expected a number up to 14, or free, found \"15\""),
        (&["--threads", "0"], "--threads: expected a number from 1 to "),
        (&["--max-states", "99999999999999999999"], "--max-states: expected a number from 0 to "),
    ] {
        let error = bad(&[&["check", path], arguments].concat());
        assert!(error.starts_with(sentence), "{error}");
    }
    let told = good(&["check", path, "--timeouts", "0", "--crashes", "1", "--crashes-at", "2", "--lost-disks", "0"]);
    assert!(told.contains("crashes of n2 1"), "{told}");
}
