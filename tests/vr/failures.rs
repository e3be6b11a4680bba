//! More failures than the group can bear: the ledger, the diagnosis and the promises of a whole run.

use consensus_playground::properties::Assumption;
use consensus_playground::report::Report;
use consensus_playground::scenario::{Model, Scenario};
use consensus_playground::session::Session;
use consensus_playground::sim::{Options, World};
use consensus_playground::swarm;
use serde_json::{Value, json};
use std::sync::Arc;

fn run(nodes: u8, script: Value) -> Report {
    let scenario = json!({
        "version": 1, "title": "t", "protocol": "vr", "nodes": nodes, "seed": 3,
        "network": { "model": "partially-synchronous", "min_ms": 5, "delta_ms": 20 },
        "script": script, "stop": { "at_ms": 90_000, "quiescent": true }
    });
    let mut session = Session::new(Scenario::from_json(scenario.to_string()).unwrap()).unwrap();
    session.run();
    session.report()
}

fn at(at_ms: u64, verb: &str, node: u8) -> Value {
    match verb {
        "restart" => json!({ "at_ms": at_ms, "do": verb, "node": node, "disk": "kept" }),
        "propose" => json!({ "at_ms": at_ms, "do": verb, "node": node, "value": format!("v{at_ms}") }),
        _ => json!({ "at_ms": at_ms, "do": verb, "node": node }),
    }
}

fn status(report: &Report, name: &str) -> &'static str {
    report.properties.iter().find(|property| property.name == name).unwrap().status
}

/// A group that loses all its memories at once has lost its log: it stands still and says why, and makes nothing up.
#[test]
fn a_total_restart_stands_still_with_a_diagnosis() {
    let script = [at(500, "propose", 0), at(2000, "crash", 0), at(2000, "crash", 1), at(2000, "crash", 2)];
    let back = [at(3000, "restart", 0), at(3000, "restart", 1), at(3000, "restart", 2), at(4000, "propose", 1)];
    let report = run(3, json!([script, back].concat()));
    assert!(!report.violated(), "{}", report.json());
    let stalled = report.stalled.as_ref().expect("stalled");
    assert_eq!(
        stalled.why,
        "No quorum is reachable: 2 of 3 nodes must be up and connected, 0 are; n0, n1 and n2 have to recover from 2 \
         that know."
    );
    assert_eq!((stalled.cause, &stalled.nodes[..]), ("no quorum reachable", &[0, 1, 2][..]));
    assert_eq!(status(&report, "Validity"), "stalled");
    assert!(report.nodes.iter().all(|node| node.role == "recovering" && node.log.is_empty()));
    let assumption = &report.assumptions[0];
    assert_eq!((assumption.broken, assumption.by.as_str()), ("A majority of the nodes is up at any time.", "crash"));
}

/// A replica counts as crashed until it has recovered: the second crash is one too many, though both were never down at
/// once.
#[test]
fn a_crash_while_another_recovers_is_one_too_many() {
    let script = json!([
        at(500, "propose", 0),
        at(2000, "crash", 2),
        json!({ "at_ms": 2010, "do": "partition", "groups": [[2]] }),
        at(2020, "restart", 2),
        at(3000, "crash", 1),
        json!({ "at_ms": 3010, "do": "heal" }),
        at(3020, "restart", 1),
        at(4000, "propose", 0)
    ]);
    let report = run(3, script);
    assert!(!report.violated(), "{}", report.json());
    assert_eq!(report.assumptions[1].by, "crash while another node recovers");
    assert!(report.stalled.as_ref().is_some_and(|stalled| stalled.why.contains("n1 and n2 have to recover")));
    assert_eq!(report.nodes[0].log.len(), 2, "what n0 knows it keeps");
}

/// As long as no more than f have failed at once, all comes back: every replica crashes, one after the other.
#[test]
fn every_replica_may_crash_one_after_the_other() {
    let mut script = vec![at(500, "propose", 0)];
    for (round, node) in (0..3).chain(0..3).zip([0, 1, 2, 0, 1, 2]) {
        let from = 2000 + 4000 * (script.len() as u64 / 3 + round / 3);
        script.extend([at(from, "crash", node), at(from + 500, "restart", node), at(from + 2000, "propose", node)]);
    }
    let report = run(3, json!(script));
    assert!(!report.violated() && report.assumptions.is_empty(), "{}", report.json());
    assert_eq!(report.stalled.map(|stalled| stalled.why), None);
    assert!(report.nodes.iter().all(|node| node.delivered.len() == 7 && node.delivered == report.nodes[0].delivered));
}

/// A restart is no help where the log is gone; the engine proposes none.
#[test]
fn no_restart_is_proposed_that_would_only_recover() {
    let script = json!([at(2000, "crash", 1), at(2000, "crash", 2), at(2500, "propose", 0)]);
    let scenario = json!({
        "version": 1, "title": "t", "protocol": "vr", "nodes": 3, "seed": 3,
        "network": { "model": "partially-synchronous", "min_ms": 5, "delta_ms": 20 },
        "script": script, "stop": { "at_ms": 5_000 }
    });
    let mut session = Session::new(Scenario::from_json(scenario.to_string()).unwrap()).unwrap();
    session.run();
    let diagnosis = session.diagnosis().expect("stalled");
    assert!(diagnosis.change.is_empty(), "{:?}", diagnosis.change);
    assert!(diagnosis.stuck);
}

/// Random storms crash more than f at once now and then; in most of them progress is owed when they are over, so that the
/// swarm demands something.
#[test]
fn most_storms_leave_a_group_that_owes_progress() {
    let info = consensus_playground::protocols::registry::info("vr").unwrap();
    let (mut owing, mut bounded, mut broken) = (0, 0, 0);
    for seed in 0..400 {
        let scenario = swarm::generate(info, "correct", seed);
        let model = scenario.network.model;
        let options = Options { trace: false, properties: false };
        let mut world = World::new(Arc::new(scenario), Arc::default(), options).unwrap();
        while world.step() {}
        bounded += u32::from(model != Model::Asynchronous);
        owing += u32::from(model != Model::Asynchronous && world.enough());
        broken += u32::from(world.ledger().is_broken(Assumption::MajorityUp));
    }
    assert!(owing * 5 > bounded * 4, "{owing} of {bounded}");
    assert!(broken > 20, "{broken}");
}
