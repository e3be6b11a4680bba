//! The same storm over every replicated protocol: one script, one workload, one table.
//! `UPDATE=1 cargo test --test storm` writes `tests/testdata/storm.txt` anew.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::properties::Status;
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::{Scenario, library};
use consensus_playground::session::Session;
use consensus_playground::sim::World;
use consensus_playground::storm::{self, Row};
use std::process::Command;

/// The storm as it is shipped for each protocol.
fn scenarios() -> Vec<Scenario> {
    let shipped = |id: &str| library::shipped(&format!("storm-{id}")).unwrap_or_else(|| panic!("no storm for {id}"));
    storm::protocols().map(|info| shipped(info.id).scenario().expect(info.id)).collect()
}

fn runs() -> Vec<Session> {
    let run = |scenario: Scenario| storm::run(&scenario, scenario.info).expect(scenario.info.id);
    scenarios().into_iter().map(run).collect()
}

/// What each client of the workload asked for, in order.
fn workload(world: &World) -> Vec<Vec<String>> {
    let count = world.scenario().clients.expect("a workload").count;
    let history = world.clients().history();
    let of = |client: u16| {
        let own = history.iter().filter(move |operation| operation.command.client.0 == u32::from(client));
        own.map(|operation| world.values().show(operation.command.value)).collect()
    };
    (0..count).map(of).collect()
}

#[test]
fn only_the_protocol_differs() {
    let all = scenarios();
    assert!(all.len() >= 4);
    for other in &all {
        let title = format!("Same storm: {}", other.info.title);
        assert_eq!(*other, Scenario { title, ..storm::onto(&all[0], other.info).unwrap() });
    }
}

#[test]
fn every_client_asks_for_the_same_in_the_same_order() {
    let runs = runs();
    let first = workload(runs[0].world());
    assert_eq!(first.iter().map(Vec::len).collect::<Vec<_>>(), [100; 3]);
    for run in &runs {
        assert_eq!(workload(run.world()), first, "{}", run.scenario().info.id);
    }
}

#[test]
fn it_parts_the_leader_of_each_protocol_from_the_majority_and_then_crashes_it() {
    for run in runs() {
        let (world, id) = (run.world(), run.scenario().info.id);
        let leads =
            |at: u64| world.reigns().iter().filter(move |reign| reign.from < at && reign.to.is_none_or(|to| to > at));
        let before: Vec<u8> = leads(2_000_000).map(|reign| reign.node.0).collect();
        assert!(matches!(before[..], [0 | 4]), "{id}: {before:?} lead when n0 and n4 are parted from the others");
        let crashes = storm::leader_crashes(world);
        assert!(matches!(crashes[..], [(NodeId(1 | 3), 5_000_000)]), "{id}: {crashes:?}");
    }
}

#[test]
fn every_command_is_delivered_everywhere_once_and_no_promise_is_broken() {
    for run in runs() {
        let (world, report, id) = (run.world(), run.report(), run.scenario().info.id);
        assert!(world.clients().all_answered(), "{id}");
        for property in run.properties() {
            let fine = matches!(property.status, Status::Holds | Status::NotPromised { .. });
            assert!(fine, "{id}: {}: {:?}", property.name, property.status);
        }
        let first = &report.nodes[0].delivered;
        assert_eq!(first.len(), 300, "{id}");
        assert!(report.nodes.iter().all(|node| node.up && node.delivered == *first), "{id}");
    }
}

fn table() -> String {
    storm::table(&runs().iter().map(|run| Row::of(run.world())).collect::<Vec<_>>())
}

#[test]
fn the_table_is_as_it_was() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/storm.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, table()).unwrap();
    }
    assert_eq!(table(), std::fs::read_to_string(path).unwrap_or_default());
}

fn headless(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_headless")).args(arguments).output().expect("the runner starts");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn headless_prints_the_table_from_the_file_of_any_of_them() {
    let file = |stem: &str| format!("{}/www/scenarios/{stem}.json", env!("CARGO_MANIFEST_DIR"));
    for stem in ["storm-raft", "storm-vr"] {
        assert_eq!(headless(&["storm", &file(stem)]), (Some(0), table(), String::new()));
    }
    let two = headless(&["storm", &file("storm-zab"), "--protocols", "raft,zab"]).1;
    assert_eq!(two.lines().count(), 4);
    assert!(two.contains("| Raft |") && two.contains("| Zab |"));
    for (arguments, sentence) in [
        (&["storm"][..], "expected a file"),
        (&["storm", &file("storm-zab"), "--protocols", "raft,fifo"], "--protocols: there are multi-paxos, raft"),
        (&["storm", &file("vr-published-flaw")], "names a message or a timer of vr alone"),
    ] {
        let (code, out, error) = headless(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(error.contains(sentence) && error.lines().count() == 1, "{error}");
    }
}
