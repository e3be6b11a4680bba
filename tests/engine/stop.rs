//! How a run ends.

use super::*;

fn stops(protocol: &str, network: Value, script: Value, more: Value, stop: Value) -> (Session, &'static str, u64) {
    let mut more = more;
    more["stop"] = stop;
    let session = run(protocol, network, script, more);
    let (word, at) = (ended(&session), session.report().ended.at_ms);
    (session, word, at)
}

fn propose() -> Value {
    json!([{ "at_ms": 100, "do": "propose", "node": 0, "value": "x" }])
}

#[test]
fn at_a_time() {
    let (session, word, at) = stops("raft", partially(), json!([]), json!({}), json!({ "at_ms": 1234 }));
    assert_eq!((word, at), ("time", 1234));
    assert!(events(&session).iter().all(|event| event.at <= 1_234_000));
    let (_, word, at) = stops("best-effort", partially(), json!([]), json!({}), json!({ "at_ms": 777 }));
    assert_eq!((word, at), ("time", 777), "even when nothing happens until then");
    let (session, ..) = stops("best-effort", partially(), propose(), json!({}), json!({ "at_ms": 100 }));
    assert_eq!(of(&session, What::Ask).len(), 1, "what is due at the last moment happens");
}

#[test]
fn after_so_many_events() {
    for events in [1, 2, 3, 4, 777] {
        let (session, word, _) = stops("raft", partially(), json!([]), json!({}), json!({ "events": events }));
        assert_eq!((word, session.world().events()), ("events", events));
    }
    let drops = json!([{ "at_ms": 100, "do": "propose", "node": 0, "value": "x" }, { "at_ms": 101, "do": "drop", "count": "all" }]);
    for events in 3..12 {
        let (session, ..) = stops("best-effort", partially(), drops.clone(), json!({}), json!({ "events": events }));
        assert_eq!(session.world().events(), events, "a step that drops two messages is two events");
    }
}

#[test]
fn when_nothing_is_left_to_happen() {
    let bare = json!({ "settings": { "retransmit": false } });
    let (session, word, at) = stops("best-effort", synchronous(), propose(), bare, json!({ "quiescent": true }));
    assert_eq!(word, "quiescent");
    assert_eq!(at, events(&session).last().unwrap().at / 1000);
    assert!(everywhere(&session.report(), &["x"]) && at < 120);
}

#[test]
fn heartbeats_keep_no_run_alive() {
    let (session, word, at) = stops("raft", partially(), propose(), json!({}), json!({ "quiescent": true }));
    assert_eq!(word, "quiescent");
    assert!(everywhere(&session.report(), &["x"]) && (5_000..20_000).contains(&at), "{at}");

    let cut = json!([{ "at_ms": 3000, "do": "partition", "groups": [[0]] }]);
    let (_, word, at) = stops("raft", partially(), cut, json!({}), json!({ "quiescent": true }));
    assert!(word == "quiescent" && at < 30_000, "nor do heartbeats into a partition: {word} {at}");

    let slow = json!([{ "at_ms": 3000, "do": "slow", "node": 0, "by_ms": 25 }]);
    let (_, word, at) = stops("raft", partially(), slow, json!({}), json!({ "quiescent": true }));
    assert!(word == "quiescent" && at < 30_000, "nor do those that come late: {word} {at}");
}

#[test]
fn elections_that_get_nowhere_keep_no_run_alive() {
    let script = json!([
        { "at_ms": 2000, "do": "crash", "node": 0 }, { "do": "crash", "node": 1 },
        { "do": "propose", "node": 2, "value": "x" }
    ]);
    let (session, word, at) = stops("raft", partially(), script, json!({}), json!({ "quiescent": true }));
    assert!(word == "quiescent" && (30_000..60_000).contains(&at), "{word} {at}");
    assert_eq!(session.report().stalled.unwrap().cause, "no quorum reachable");
}

#[test]
fn what_takes_long_is_waited_for() {
    let quiescent = || json!({ "quiescent": true });
    let slow = json!({ "model": "synchronous", "min_ms": 300_000, "delta_ms": 600_000 });
    let bare = json!({ "settings": { "retransmit": false } });
    let (session, word, _) = stops("best-effort", slow.clone(), propose(), bare, quiescent());
    assert!(word == "quiescent" && everywhere(&session.report(), &["x"]), "a message that takes ten minutes");

    let heavy = json!({ "model": "asynchronous", "min_ms": 60_000 });
    for seed in 1..=5 {
        let more = json!({ "seed": seed, "nodes": 5 });
        let (session, word, _) = stops("reliable", heavy.clone(), propose(), more, quiescent());
        assert!(word == "quiescent" && everywhere(&session.report(), &["x"]), "hours, in the tail");
    }

    let patient = json!({ "settings": { "election_timeout_ms": [100_000, 120_000] } });
    let (session, word, _) = stops("raft", partially(), propose(), patient, quiescent());
    assert!(word == "quiescent" && everywhere(&session.report(), &["x"]), "an election after two minutes");

    let clients = json!({ "count": 2, "operations": 3, "state_machine": "log", "think_ms": 90_000 });
    let (session, word, _) = stops("raft", partially(), json!([]), json!({ "clients": clients }), quiescent());
    assert_eq!((word, session.world().clients().history().len()), ("quiescent", 6), "clients that think for a while");
    assert!(session.world().clients().all_answered());

    let clients = json!({ "count": 1, "operations": 2, "state_machine": "log", "think_ms": 1, "timeout_ms": 300_000 });
    let script = json!([{ "at_ms": 1, "do": "pause", "node": 0 }, { "at_ms": 1, "do": "cut", "from": 0, "to": 1 },
        { "at_ms": 1, "do": "cut", "from": 0, "to": 2 }, { "at_ms": 1, "do": "resume", "node": 0 }]);
    let (session, word, _) = stops("raft", partially(), script, json!({ "clients": clients }), quiescent());
    assert!(word == "quiescent" && session.world().clients().all_answered(), "a client that is patient for minutes");

    let later = json!([{ "at_ms": 100, "do": "propose", "node": 0, "value": "x" },
                       { "at_ms": 80_000, "do": "propose", "node": 1, "value": "y" }]);
    let (session, ..) = stops("best-effort", partially(), later, json!({}), quiescent());
    assert!(session.report().nodes.iter().all(|node| node.delivered.len() == 2), "a script that has more to do");
}

#[test]
fn before_gst_no_run_is_quiescent() {
    let network = json!({ "model": "partially-synchronous", "gst_ms": 50_000, "loss": 1 });
    let (session, word, at) = stops("best-effort", network, propose(), json!({}), json!({ "quiescent": true }));
    assert!(word == "quiescent" && at >= 50_000 && everywhere(&session.report(), &["x"]), "{word} {at}");
}

#[test]
fn idle_when_nothing_moves_by_itself() {
    let (_, word, _) = stops("paxos", by_hand(), json!([{ "do": "settle" }]), json!({}), json!({ "events": 1000 }));
    assert_eq!(word, "idle");
    let (_, word, at) = stops("paxos", by_hand(), json!([]), json!({}), json!({ "at_ms": 50, "events": 1000 }));
    assert_eq!((word, at), ("time", 50));
    let (_, word, _) = stops("paxos", by_hand(), json!([]), json!({}), json!({ "events": 1000, "quiescent": true }));
    assert_eq!(word, "quiescent");
}

#[test]
fn whichever_comes_first() {
    let stop = json!({ "at_ms": 60_000, "events": 200_000, "quiescent": true });
    assert_eq!(stops("raft", partially(), propose(), json!({}), stop).1, "quiescent");
    let stop = json!({ "at_ms": 300, "events": 200_000, "quiescent": true });
    assert_eq!(stops("raft", partially(), propose(), json!({}), stop).1, "time");
    let stop = json!({ "at_ms": 60_000, "events": 10, "quiescent": true });
    assert_eq!(stops("raft", partially(), propose(), json!({}), stop).1, "events");
}
