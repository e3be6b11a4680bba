//! The scheduler that keeps a run undecided (M. Fischer, N. Lynch, M. Paterson 1985), on every protocol that decides.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::properties::Status;
use consensus_playground::scenario::{Recording, Scenario};
use consensus_playground::session::Session;
use consensus_playground::sim::What;

fn scenario(protocol: &str, nodes: u8, seed: u64, proposals: &[&str], events: u32) -> Scenario {
    let propose = |(node, value): (usize, &&str)| {
        format!(r#"{{"at_ms": 0, "do": "propose", "node": {node}, "value": "{value}"}}"#)
    };
    let script: Vec<String> = proposals.iter().enumerate().map(propose).collect();
    let json = format!(
        r#"{{"version": 1, "title": "", "protocol": "{protocol}", "nodes": {nodes}, "seed": {seed},
            "network": {{"model": "asynchronous", "min_ms": 1, "scheduler": "adversary"}},
            "script": [{}], "stop": {{"events": {events}}}}}"#,
        script.join(", ")
    );
    Scenario::from_json(&json).expect("a scenario")
}

fn run(protocol: &str, nodes: u8, seed: u64, proposals: &[&str], events: u32) -> Session {
    Session::driven(Recording::new(scenario(protocol, nodes, seed, proposals, events))).expect("a session")
}

/// Deliveries, and the most that went before one message's own while it was under way.
fn deliveries(session: &Session) -> (u32, u32) {
    let trace = session.world().trace();
    let mut before = Vec::with_capacity(trace.events.len());
    let mut count = 0;
    for event in trace.events.iter() {
        before.push(count);
        count += u32::from(event.what == What::Arrive && event.node != event.peer);
    }
    let waited = trace.messages.iter().filter(|message| message.from != message.to).map(|message| {
        let arrived = before.get(message.ended as usize).copied().unwrap_or(count);
        arrived - before[message.sent as usize]
    });
    (count, waited.max().unwrap_or(0))
}

fn decided(session: &Session) -> bool {
    session.world().frontier() > 0
}

fn no_promise_of_safety_is_broken(session: &Session) {
    for property in session.properties() {
        assert!(!matches!(property.status, Status::Violated { .. }), "{}: {:?}", property.name, property.status);
    }
}

/// FLP: Agreement and Validity kept, Termination lost. Nobody crashes, and every message arrives within a window.
#[test]
fn paxos_is_kept_undecided_for_ten_thousand_deliveries() {
    for nodes in [3, 5] {
        let session = run("paxos", nodes, 1, &["red", "blue"], 24_000);
        let (count, waited) = deliveries(&session);
        assert!(count >= 10_000, "{count} deliveries");
        assert!(!decided(&session));
        assert!(waited <= 60, "a message waited for {waited} deliveries");
        assert_eq!(session.world().up().len(), usize::from(nodes));
        no_promise_of_safety_is_broken(&session);
    }
}

/// "The coin against the adversary": it cannot foresee what a coin will say.
#[test]
fn ben_or_escapes_by_its_coin() {
    let mut rounds = Vec::new();
    for seed in 1..=40 {
        let session = run("ben-or", 3, seed, &["0", "1", "1"], 20_000);
        assert!(decided(&session), "seed {seed}");
        no_promise_of_safety_is_broken(&session);
        let views = session.world().up().iter().filter_map(|node| session.world().cluster().view(node));
        rounds.extend(views.map(|view| view.epoch).max());
    }
    rounds.sort_unstable();
    println!("rounds: {rounds:?}");
    assert!(rounds[39] > rounds[0], "some seeds take longer than others: {rounds:?}");
}

/// Leaders come and go, and nothing is ever committed; yet every message arrives within a window.
#[test]
fn replicated_protocols_are_driven_into_endless_elections() {
    for protocol in ["multi-paxos", "raft", "vr", "zab"] {
        let session = run(protocol, 3, 1, &["red", "blue"], 600);
        let (count, waited) = deliveries(&session);
        assert!(waited <= 200, "{protocol}: of {count} deliveries a message waited for {waited}");
        println!("{protocol}: {count} deliveries, {} reigns", session.world().reigns().len());
        assert!(!decided(&session), "{protocol}");
        no_promise_of_safety_is_broken(&session);
    }
}

/// A replay takes the same course: the adversary rests on what the world shows.
#[test]
fn a_seek_finds_the_same_run() {
    let straight = run("paxos", 3, 7, &["red", "blue"], 1500);
    let recording = Recording::new(scenario("paxos", 3, 7, &["red", "blue"], 1500));
    let mut winding = Session::driven(Recording { cursor: Some(0), ..recording }).expect("a session");
    for event in [900, 20, 1400, 601, 600] {
        winding.seek(event);
        while winding.world().events() < event && winding.step() {}
        assert_eq!(winding.world().events(), event);
    }
    winding.run();
    assert_eq!(winding.report().json(), straight.report().json());
}

/// A scheduler that only delivers in turn lets the same run decide: it is the adversary that keeps it open.
#[test]
fn without_the_adversary_the_same_proposals_are_decided() {
    let mut fair = scenario("paxos", 3, 1, &["red", "blue"], 24_000);
    fair.network.scheduler = consensus_playground::scenario::Scheduler::Random;
    let mut session = Session::new(fair).expect("a session");
    session.run();
    assert!(decided(&session));
}

/// Where no adversary is at hand, its picks as interventions take the same course, also through a link.
#[test]
fn its_picks_as_interventions_are_the_same_run() {
    let recording = Recording::new(scenario("paxos", 3, 7, &["red", "blue"], 1500));
    let driven = Session::driven(recording.clone()).expect("a session");
    let picked = Session::picked(recording, 1500).expect("a recording");
    assert!(picked.interventions.len() > 600);
    let link = consensus_playground::scenario::link::encode(&picked).expect("a link");
    let (decoded, _) = consensus_playground::scenario::link::decode(&link).expect("a recording");
    let mut opened = Session::open(decoded).expect("a session");
    assert_eq!(opened.report().json(), driven.report().json());
    // In its midst nothing waits for a person alone.
    opened.seek(40);
    let why = opened.diagnosis().map(|diagnosis| diagnosis.why).unwrap_or_default();
    assert!(why.contains("waits for the adversary"), "{why}");
}
