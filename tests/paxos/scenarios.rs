//! The schedules that break Paxos once more, as scenario files in the simulated world: `tests/testdata/paxos/`. Each is
//! violated as its card says, under the eyes of the property monitors, and the same file with the correct code is not.

use consensus_playground::properties::Status;
use consensus_playground::protocol::Protocol;
use consensus_playground::protocols::paxos::Paxos;
use consensus_playground::scenario::Scenario;
use consensus_playground::session::Session;
use consensus_playground::sim::Ended;

/// One file a variant.
const FILES: &[(&str, &str)] = &[
    ("volatile-round", include_str!("../testdata/paxos/volatile-round.json")),
    ("promise-without-persist", include_str!("../testdata/paxos/promise-without-persist.json")),
    ("accept-leaves-promise", include_str!("../testdata/paxos/accept-leaves-promise.json")),
    ("own-value", include_str!("../testdata/paxos/own-value.json")),
    ("any-value", include_str!("../testdata/paxos/any-value.json")),
    ("count-per-value", include_str!("../testdata/paxos/count-per-value.json")),
    ("count-messages", include_str!("../testdata/paxos/count-messages.json")),
    ("no-backoff", include_str!("../testdata/paxos/no-backoff.json")),
];

/// Runs the file to its end; the promised properties that are violated.
fn violated(text: &str) -> Vec<&'static str> {
    let mut session = Session::new(Scenario::from_json(text).expect("a scenario")).expect("a run");
    session.run();
    if let Some(Ended::Refused(sentence)) = session.world().ended() {
        panic!("{sentence}");
    }
    let properties = session.properties();
    let broken = properties.iter().filter(|property| matches!(property.status, Status::Violated { .. }));
    broken.map(|property| property.name).collect()
}

#[test]
fn each_variant_breaks_what_its_card_says() {
    for card in Paxos::INFO.variants {
        let (_, text) = FILES.iter().find(|(id, _)| *id == card.id).expect("a file for every variant");
        let violated = violated(text);
        assert!(violated.contains(&card.breaks), "{}: {violated:?}", card.id);
    }
}

#[test]
fn the_same_files_are_safe_with_the_correct_code() {
    for (id, text) in FILES {
        let variant = format!("\"variant\": \"{id}\"");
        assert!(text.contains(&variant), "{id}");
        let correct = text.replace(&variant, "\"variant\": \"correct\"");
        assert_eq!(violated(&correct), Vec::<&str>::new(), "{id}");
    }
}
