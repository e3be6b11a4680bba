//! The assumption ledger: what a run broke, once, with its time and its cause.

use super::*;

/// What was broken, as (first words of the sentence, ms, by).
fn broken(session: &Session) -> Vec<(String, u64, String)> {
    let first = |sentence: &str| sentence.split(' ').take(3).collect::<Vec<_>>().join(" ");
    session.report().assumptions.iter().map(|one| (first(one.broken), one.at_ms, one.by.clone())).collect()
}

fn check(protocol: &str, network: Value, script: Value, expected: &[(&str, u64, &str)]) {
    let session = run(protocol, network, script.clone(), json!({}));
    let expected: Vec<_> = expected.iter().map(|(what, at, by)| ((*what).to_owned(), *at, (*by).to_owned())).collect();
    assert_eq!(broken(&session), expected, "{protocol} {script}");
}

#[test]
fn crashes() {
    let crash = |at: u64, node: u8| json!({ "at_ms": at, "do": "crash", "node": node });
    check("raft", partially(), json!([crash(100, 0)]), &[]);
    check(
        "raft",
        partially(),
        json!([crash(100, 0), crash(200, 1), crash(300, 2)]),
        &[("A majority of", 200, "crash")],
    );
    check("sequencer", partially(), json!([crash(100, 1), crash(200, 0)]), &[("The sequencer never", 200, "crash")]);
    check("best-effort", partially(), json!([crash(100, 0), crash(200, 1)]), &[]);
    check("floodset", synchronous(), json!([crash(100, 0), crash(200, 1)]), &[("No more than", 200, "crash")]);
    check("ben-or", partially(), json!([crash(100, 0), crash(200, 1)]), &[("No more than", 200, "crash")]);
}

#[test]
fn restarts() {
    let script = |disk: &str| {
        json!([
            { "at_ms": 100, "do": "crash", "node": 1 }, { "at_ms": 200, "do": "restart", "node": 1, "disk": disk },
            { "at_ms": 300, "do": "crash", "node": 1 }, { "at_ms": 400, "do": "restart", "node": 1, "disk": disk }
        ])
    };
    check("raft", partially(), script("kept"), &[]);
    check("raft", partially(), script("lost"), &[("What a node", 200, "restart with the disk lost")]);
}

#[test]
fn links() {
    let propose = json!({ "at_ms": 500, "do": "propose", "node": 0, "value": "x" });
    let reliable = |at, by| [("A message between", at, by)];
    for network in [synchronous(), partially()] {
        let cut = json!({ "at_ms": 300, "do": "cut", "from": 0, "to": 1 });
        check("best-effort", network.clone(), json!([cut, propose]), &reliable(300, "cut"));
        let partition = json!({ "at_ms": 300, "do": "partition", "groups": [[0]] });
        check("best-effort", network.clone(), json!([partition, propose]), &reliable(300, "partition"));
        let drop = json!({ "at_ms": 300, "do": "drop", "count": 2 });
        check("best-effort", network.clone(), json!([drop, propose]), &reliable(500, "drop"));
        let twice = json!({ "at_ms": 300, "do": "duplicate", "count": 2 });
        check("best-effort", network, json!([twice, propose]), &[("A message that", 500, "duplicate")]);
    }
    let early = json!({ "model": "partially-synchronous", "min_ms": 5, "delta_ms": 10, "gst_ms": 2000 });
    let script = json!([
        { "at_ms": 300, "do": "drop", "count": 1 }, { "at_ms": 300, "do": "duplicate", "count": 1 },
        { "at_ms": 300, "do": "partition", "groups": [[0]] }, propose, { "at_ms": 1000, "do": "heal" }
    ]);
    check("best-effort", early.clone(), script, &[]);
    let script = json!([{ "at_ms": 300, "do": "partition", "groups": [[0]] }, propose]);
    let session = run("best-effort", early, script, json!({}));
    let (what, at, by) = broken(&session).remove(0);
    assert!(what == "A message between" && at >= 2000 && by == "partition or cut", "it lasts beyond GST: {at}");
    let asked = json!({ "model": "asynchronous", "loss": 0.1, "duplication": 0.1 });
    let expected = [
        ("A message between", 0, "loss asked for in network"),
        ("A message that", 0, "duplication asked for in network"),
    ];
    check("best-effort", asked, json!([]), &expected);
}

#[test]
fn delays() {
    let propose = json!({ "at_ms": 500, "do": "propose", "node": 0, "value": "x" });
    let sentences = [(synchronous(), "Every message arrives"), (partially(), "From GST on")];
    for (network, sentence) in sentences {
        for verb in [
            json!({ "at_ms": 300, "do": "slow", "node": 1, "by_ms": 100 }),
            json!({ "at_ms": 300, "do": "delay", "match": { "to": 1 }, "by_ms": 100 }),
        ] {
            let session = run("best-effort", network.clone(), json!([verb, propose]), json!({}));
            let all = broken(&session);
            assert_eq!((all.len(), all[0].0.as_str()), (1, sentence));
            assert!((605..612).contains(&all[0].1), "{all:?}");
        }
    }
    let late = json!({ "at_ms": 300, "do": "slow", "node": 1, "by_ms": 100 });
    check("best-effort", json!({ "model": "asynchronous" }), json!([late, propose]), &[]);
    let gst = json!({ "model": "partially-synchronous", "min_ms": 5, "delta_ms": 10, "gst_ms": 5000 });
    check("best-effort", gst, json!([late, propose]), &[]);
}

#[test]
fn clocks_and_steps() {
    let skew = |by: i64, ppm: i64| json!([{ "at_ms": 300, "do": "skew", "node": 1, "by_ms": by, "ppm": ppm }]);
    let drifting = json!({ "model": "partially-synchronous", "drift_ppm": 200 });
    check("best-effort", synchronous(), skew(1, 0), &[("All clocks show", 300, "skew")]);
    check("best-effort", drifting.clone(), skew(0, 200), &[]);
    check("best-effort", drifting.clone(), skew(0, -201), &[("Clocks run at", 300, "skew")]);
    check("best-effort", drifting, skew(5, 0), &[("Clocks run at", 300, "skew")]);
    check("best-effort", json!({ "model": "asynchronous" }), skew(5, 5), &[]);
    let pause = json!([{ "at_ms": 300, "do": "pause", "node": 1 }, { "at_ms": 301, "do": "propose", "node": 0, "value": "x" },
                       { "at_ms": 900, "do": "resume", "node": 1 }]);
    check("best-effort", synchronous(), pause.clone(), &[("A node that", 300, "pause")]);
    check("best-effort", partially(), pause, &[]);
}
