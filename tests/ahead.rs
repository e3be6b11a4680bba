//! The look ahead from a moment: its valence, what each next step makes of it, and what an adversary's choice avoids.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::check::ahead::Ahead;
use consensus_playground::check::cluster::Question;
use consensus_playground::check::coins::Coins;
use consensus_playground::scenario::{Recording, Scenario, Scheduler, library};
use consensus_playground::session::Session;
use serde_json::{Value, json};

fn shipped(name: &str) -> Scenario {
    Scenario::from_json(library::shipped(name).expect("a shipped scenario").json).expect("a scenario")
}

fn scenario(protocol: &str, network: Value, proposals: &[(u8, &str)], more: Value) -> Scenario {
    let script = proposals.iter().map(|(node, value)| json!({ "do": "propose", "node": node, "value": value }));
    let mut file = json!({
        "version": 1, "title": "", "protocol": protocol, "nodes": 3, "seed": 1, "network": network,
        "script": script.collect::<Vec<_>>(), "stop": { "at_ms": 60_000, "events": 3000 }
    });
    for (name, value) in more.as_object().expect("an object") {
        file[name] = value.clone();
    }
    Scenario::from_json(file.to_string()).expect("a scenario")
}

/// What is told at event `event` of a recording.
fn told(recording: &Recording, event: u32) -> Value {
    let next = recording.interventions.iter().find(|next| next.event >= event.into()).map(|next| next.action.clone());
    let recording = Recording { cursor: Some(event.into()), ..recording.clone() };
    let session = Session::open(recording).expect("a session");
    assert_eq!(session.world().events(), event);
    let mut ahead = Ahead::new(session.world(), &Question::default(), next.as_ref()).expect("a look ahead");
    while ahead.run(256) {}
    serde_json::from_str(&ahead.json()).expect("JSON")
}

fn picked() -> Recording {
    let scenario = shipped("paxos-adversary");
    Session::picked(Recording { cursor: Some(0), ..Recording::new(scenario) }, 400).expect("a recording")
}

fn makes<'a>(told: &'a Value, step: &str) -> &'a str {
    let steps = told["steps"].as_array().expect("steps").iter();
    let found = steps.filter(|line| line["step"] == step).map(|line| line["makes"].as_str().expect("a sentence"));
    found.collect::<Vec<_>>().first().unwrap_or_else(|| panic!("no {step}: {told:#}"))
}

#[test]
fn each_next_step_says_what_it_makes_of_a_bivalent_moment() {
    let told = told(&picked(), 200);
    assert_eq!((told["word"].as_str(), told["kind"].as_str()), (Some("bivalent"), Some("bivalent")));
    assert_eq!(told["says"], "red and blue can both still be decided");
    assert_eq!(makes(&told, "n0 receives Promise from n1 (bal 18, maxVBal 16, maxVal blue)"), "makes it blue-valent");
    assert_eq!(makes(&told, "n0 receives Promise from n2 (bal 18, maxVBal none)"), "keeps it bivalent");
    assert_eq!(told["steps"][0]["messages"], json!([137]), "the message that it is about");
}

/// Lemma 3 at work: whatever the adversary picks is not what would settle it.
#[test]
fn an_adversary_tells_what_it_avoids() {
    let picked = picked();
    let (mut avoided, mut picks) = (0, 0);
    for event in (4..400).step_by(3) {
        let told = told(&picked, event);
        assert_eq!(told["word"], "bivalent", "event {event}");
        let of = &told["adversary"];
        let pick = of["picks"].as_str();
        picks += u32::from(pick.is_some());
        for line in of["avoids"].as_array().expect("what it avoids") {
            let line = line.as_str().expect("a sentence");
            assert!(line.contains(": decides ") || line.contains(": makes it "), "{line}");
            assert!(pick.is_none_or(|pick| !line.starts_with(pick)), "event {event}: it picks {line}");
            avoided += 1;
        }
    }
    assert!(avoided > 20 && picks > 100, "{avoided} avoided, {picks} picked");
    let told = told(&picked, 23);
    assert_eq!(told["adversary"]["survived"], "7 deliveries survived: nothing is decided");
    assert_eq!(told["adversary"]["avoids"][0], "n0 receives Accept from n1 (bal 4, val blue): decides blue");
}

/// Of a replicated protocol, too: it keeps leaders from committing anything, be it a no-op.
#[test]
fn an_adversary_of_a_log_tells_what_it_avoids() {
    let network = json!({ "model": "asynchronous", "min_ms": 1, "scheduler": "adversary" });
    let raft = scenario("raft", network, &[(0, "red"), (1, "blue")], json!({}));
    let picked = Session::picked(Recording { cursor: Some(0), ..Recording::new(raft) }, 400).expect("a recording");
    let avoided = (4..400).step_by(5).flat_map(|event| {
        let told = told(&picked, event);
        assert!(told["adversary"]["survived"].as_str().expect("a count").ends_with(" survived: nothing is decided"));
        told["adversary"]["avoids"].as_array().expect("what it avoids").clone()
    });
    let avoided: Vec<String> = avoided.map(|line| line.as_str().expect("a sentence").to_owned()).collect();
    assert!(avoided.iter().any(|line| line.contains(": leaves only the no-op of term ")), "{avoided:?}");
}

#[test]
fn a_moment_with_one_decision_left_is_called_by_its_value() {
    let asynchronous = || json!({ "model": "asynchronous", "min_ms": 1 });
    let same = scenario("ben-or", asynchronous(), &[(0, "1"), (1, "1"), (2, "1")], json!({}));
    assert_eq!(told(&Recording::new(same), 9)["word"], "1-valent");
    let differ = scenario("ben-or", asynchronous(), &[(0, "0"), (1, "1"), (2, "1")], json!({}));
    assert_eq!(told(&Recording::new(differ), 9)["word"], "bivalent");
    let one = scenario("paxos", asynchronous(), &[(0, "red")], json!({}));
    let at = told(&Recording::new(one.clone()), 5);
    assert_eq!(
        (at["word"].as_str(), at["says"].as_str()),
        (Some("red-valent"), Some("within the bounds only red can be decided any more"))
    );
    let mut session = Session::new(one).expect("a session");
    session.run();
    let end = told(&session.recording(), session.world().events());
    assert_eq!((end["word"].as_str(), end["says"].as_str()), (Some("red-valent"), Some("red is decided")));
}

/// In the synchronous model it is crashes that decide: here that of the node that proposed the least value.
#[test]
fn rounds_are_looked_at_in_their_order() {
    let network = json!({ "model": "synchronous", "min_ms": 5, "delta_ms": 50 });
    let flood =
        scenario("floodset", network, &[(0, "red"), (1, "blue"), (2, "blue")], json!({ "settings": { "f": 1 } }));
    let told = told(&Recording::new(flood), 6);
    assert_eq!(told["word"], "bivalent", "{told:#}");
    assert_eq!(makes(&told, "n0 crashes"), "makes it blue-valent");
    assert_eq!(makes(&told, "n1 crashes"), "makes it red-valent");
}

/// Of a replicated protocol, the first slot that is free.
#[test]
fn one_slot_of_a_log_has_a_valence() {
    let network = json!({ "model": "asynchronous", "scheduler": "manual" });
    let script = &[(0, "x"), (1, "y")];
    let settings = json!({ "settings": { "pre_vote": false, "check_quorum": false, "no_op": false } });
    let at = told(&Recording::new(scenario("raft", network, script, settings)), 3);
    assert_eq!(
        (at["word"].as_str(), at["says"].as_str()),
        (Some("bivalent"), Some("index 1: x and y can both still be decided"))
    );
}

#[test]
fn a_broadcast_has_no_valence() {
    let session = Session::new(shipped("fifo-two-orders")).expect("a session");
    assert!(Ahead::new(session.world(), &Question::default(), None).is_err());
}

/// All seeds decide, and the adversary makes them take longer.
#[test]
fn the_coin_wins_in_some_round() {
    let scenario = scenario("ben-or", json!({ "model": "asynchronous" }), &[(0, "0"), (1, "1"), (2, "1")], json!({}));
    let sum = |scheduler| {
        let mut coins = Coins::new(&scenario, scheduler, 60);
        while coins.toss().expect("a run") {}
        let (rounds, undecided) = coins.counts();
        println!("{scheduler:?}: {rounds:?}, {undecided} undecided");
        assert_eq!((rounds.iter().sum::<u32>() + undecided, undecided), (60, 0));
        (1..).zip(rounds).map(|(round, count)| round * count).sum::<u32>()
    };
    let (random, adversary) = (sum(Scheduler::Random), sum(Scheduler::Adversary));
    assert!(adversary > random, "{adversary} rounds against {random}");
}
