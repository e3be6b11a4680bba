//! The same recording, the same trace: on every machine, natively and in the browser (`tests/web.rs`).
//! `GOLDEN=write cargo test --test golden` writes the file anew; do so only together with a new engine version.
#![cfg(not(target_arch = "wasm32"))]

#[path = "golden/mod.rs"]
mod golden;

use consensus_playground::protocol::NodeId;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Action, Verb, library, link};
use consensus_playground::session::Session;

#[test]
fn golden_recordings_give_their_traces() {
    if std::env::var("GOLDEN").is_ok_and(|mode| mode == "write") {
        let lines: Vec<String> = names().iter().map(|name| golden::replay(name) + "\n").collect();
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/golden.txt"), lines.concat()).unwrap();
        return;
    }
    let mut seen = 0;
    for (name, line) in golden::lines() {
        assert_eq!(golden::replay(name), line);
        seen += 1;
    }
    assert!(seen > 40, "only {seen} golden recordings");
}

#[test]
fn a_replay_that_stops_and_goes_on_gives_the_same_trace() {
    let scenario = library::shipped("raft-split-brain").unwrap().scenario().unwrap();
    let mut straight = Session::new(scenario.clone()).unwrap();
    straight.run();
    let mut winding = Session::new(scenario).unwrap();
    for event in [700, 20, 1500, 3, 2999, 1501, 1500] {
        winding.seek(event);
        assert_eq!(winding.world().events(), event);
    }
    winding.run();
    assert_eq!(winding.report().json(), straight.report().json());
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = library::LIBRARY.iter().map(|shipped| format!("library {}", shipped.stem)).collect();
    for info in registry::ALL {
        names.extend((1..=6).map(|seed| format!("swarm {} {seed}", info.id)));
    }
    names.push(format!("link {}", interfered_with()));
    names
}

/// A run with a person's hand on it: a crash, a held and a duplicated message, a partition, a step back and a fork.
fn interfered_with() -> String {
    let mut session = Session::new(library::shipped("raft-split-brain").unwrap().scenario().unwrap()).unwrap();
    session.seek(400);
    let ids: Vec<u32> = session.world().flights().map(|(_, flight)| flight.id).collect();
    session.act(Action::HoldMessage { id: ids[0] });
    session.act(Action::DuplicateMessage { id: ids[1] });
    session.perform(Verb::Crash { node: NodeId(4) });
    session.seek(900);
    session.perform(Verb::Restart { node: NodeId(4), disk_lost: false });
    session.seek(700);
    session.perform(Verb::Slow { node: NodeId(1), by_us: 40_000 });
    session.seek(2000);
    link::encode(&session.recording()).unwrap()
}
