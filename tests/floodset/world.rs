//! FloodSet in the simulated world: at home, and elsewhere.

use consensus_playground::properties::Status;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Model, Scenario};
use consensus_playground::session::Session;
use consensus_playground::sim::Options;
use consensus_playground::swarm;
use serde_json::{Value, json};

fn run(network: Value, disk_us: u64, more: Value) -> Session {
    let mut file = json!({
        "version": 1, "protocol": "floodset", "nodes": 3, "seed": 1, "settings": { "f": 1 }, "network": network,
        "disk": { "min_us": disk_us, "max_us": disk_us },
        "script": [
            { "at_ms": 10, "do": "propose", "node": 0, "value": "red" },
            { "at_ms": 10, "do": "propose", "node": 1, "value": "green" },
            { "at_ms": 10, "do": "propose", "node": 2, "value": "blue" },
        ],
        "stop": { "at_ms": 2000 }
    });
    for (name, value) in more.as_object().expect("an object") {
        file[name] = value.clone();
    }
    let mut session = Session::new(Scenario::from_json(file.to_string()).expect("a scenario")).expect("a run");
    session.run();
    session
}

fn decisions(session: &Session) -> Vec<Vec<String>> {
    session.report().nodes.iter().map(|node| node.delivered.clone()).collect()
}

fn broken(session: &Session) -> Vec<(&'static str, String)> {
    session.report().assumptions.iter().map(|one| (one.broken, one.by.clone())).collect()
}

/// Delays and disks that take all of Δ: the message is there before its round is over.
#[test]
fn the_last_moment_is_early_enough() {
    let network = json!({ "model": "synchronous", "min_ms": 50, "delta_ms": 50 });
    let session = run(network, 50_000, json!({}));
    assert_eq!(decisions(&session), [["red"], ["red"], ["red"]]);
    assert!(session.world().ledger().is_clean());
}

/// A disk that takes longer than Δ breaks the assumption on steps, and may break Agreement.
#[test]
fn a_slow_disk_is_noticed() {
    let network = json!({ "model": "synchronous", "min_ms": 50, "delta_ms": 50 });
    let session = run(network, 50_001, json!({}));
    assert_eq!(broken(&session)[0].0, "A node that is up takes its next step within Δ.");
}

/// Whoever thinks that rounds are shorter than they may be is told so by the ledger, in the synchronous model too.
#[test]
fn rounds_that_are_too_short_are_noticed() {
    let network = json!({ "model": "synchronous", "min_ms": 50, "delta_ms": 50 });
    let session = run(network, 0, json!({ "settings": { "f": 1, "round_ms": 40 } }));
    assert_eq!(decisions(&session), [["red"], ["green"], ["blue"]]);
    let late = ("A message arrives before its round is over.", "a message that came too late".to_owned());
    assert_eq!(broken(&session), [late]);
}

/// Outside its habitat the promise stands and is broken, and the ledger says what was taken for granted.
#[test]
fn elsewhere_the_ledger_says_what_was_assumed() {
    for (model, by) in [("partially-synchronous", "partial synchrony"), ("asynchronous", "the asynchronous model")] {
        let session = run(json!({ "model": model, "min_ms": 5 }), 0, json!({}));
        let told = ("The network is synchronous, and every node knows Δ.", by.to_owned());
        assert_eq!(broken(&session)[0], told);
    }
    let network = json!({ "model": "partially-synchronous", "min_ms": 5, "delta_ms": 50 });
    let session = run(network, 0, json!({ "settings": { "f": 1, "round_ms": 4 } }));
    let agreement = session.properties().into_iter().find(|property| property.name == "Agreement").expect("watched");
    assert!(matches!(agreement.status, Status::Violated { .. }), "{agreement:?}");
    assert_eq!(broken(&session).len(), 2);
}

/// The storms that FloodSet is judged by break nothing that it assumes, and do crash nodes.
#[test]
fn storms_keep_to_the_synchronous_model() {
    let info = registry::info("floodset").expect("registered");
    let (mut crashed, mut cut_short) = (0, 0);
    for seed in 0..400 {
        let scenario = swarm::generate(info, "correct", seed);
        assert_eq!(scenario.network.model, Model::Synchronous);
        let mut session =
            Session::with(scenario, Vec::new(), Options { trace: false, properties: true }).expect("a run");
        session.play(2_000_000, 100_000);
        let world = session.world();
        assert!(world.ledger().is_clean(), "seed {seed}: {:?}", world.ledger().broken());
        crashed += usize::from(world.up().len() < usize::from(world.scenario().nodes));
        cut_short +=
            usize::from(world.scenario().disk.max_us > 0 && world.up().len() < usize::from(world.scenario().nodes));
    }
    assert!(crashed > 150 && cut_short > 100, "{crashed} {cut_short}");
}
