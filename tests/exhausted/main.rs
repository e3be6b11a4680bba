//! What the checker exhausts natively; `tests/web.rs` does the same in a browser.
#![cfg(not(target_arch = "wasm32"))]

mod known;

use consensus_playground::check::Ended;
use consensus_playground::check::cluster::Origin;
use consensus_playground::scenario::{Recording, Scenario};
use consensus_playground::session::Session;
use known::{KNOWN, LARGE, answer, exhausts};

#[test]
fn every_state_is_counted() {
    KNOWN.iter().for_each(|known| exhausts(known, 1));
}

/// From where nothing has happened yet, and from where the nodes have started, there are the same states.
#[test]
fn from_the_first_event_everything_is_seen_that_is_seen_from_the_start() {
    for known in KNOWN {
        let scenario = Scenario::from_json(known.file).expect("a scenario");
        for event in [0, scenario.nodes.into()] {
            let recording = Recording { cursor: Some(event), ..Recording::new(scenario.clone()) };
            let session = Session::open(recording).expect("a session");
            assert_eq!(u64::from(session.world().events()), event);
            let answer = answer(known, Origin::Midst(session.world()), 1);
            let progress = &answer.progress;
            assert_eq!(progress.ended, Some(Ended::Exhausted), "{}", answer.text());
            assert_eq!((progress.unique, progress.generated, progress.depth), known.counts, "{}", answer.text());
        }
    }
}

#[test]
fn threads_change_no_count() {
    exhausts(&KNOWN[1], 3);
}

#[test]
#[ignore = "takes longer"]
fn every_state_of_the_large_ones_is_counted() {
    LARGE.iter().for_each(|known| exhausts(known, 2));
}
