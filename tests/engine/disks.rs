//! Disks: a write takes its time and holds back what is behind it; a crash before it is done loses both.

use super::*;
use consensus_playground::protocol::NodeId;

/// A broadcast at node 0, 100 ms into the run; a disk that takes exactly a millisecond, or `disk`.
fn broadcast(values: u32, then: Value, disk: Value) -> Session {
    let propose = |value| json!({ "at_ms": 100, "do": "propose", "node": 0, "value": format!("v{value}") });
    let mut script: Vec<Value> = (0..values).map(propose).collect();
    script.extend(then.as_array().unwrap().iter().cloned());
    run("best-effort", synchronous(), json!(script), json!({ "settings": { "retransmit": false }, "disk": disk }))
}

fn one_ms() -> Value {
    json!({ "min_us": 1000, "max_us": 1000 })
}

#[test]
fn what_is_behind_a_write_waits_for_it() {
    let session = broadcast(1, json!([]), one_ms());
    let write = of(&session, What::Write).into_iter().find(|event| event.node == NodeId(0)).unwrap();
    assert_eq!(write.at, 101_000);
    let trace = session.world().trace();
    let sent: Vec<_> = trace.messages.iter().map(|message| trace.events[message.sent as usize]).collect();
    assert_eq!(sent, [write, write], "messages leave when the disk has written");
    let ask = of(&session, What::Ask)[0];
    assert_eq!(trace.events[write.cause as usize], ask);
    let mine = session.world().application(NodeId(0)).delivered[0];
    assert_eq!(trace.events[mine.event as usize], write, "and so does the node's own delivery");
}

#[test]
fn a_crash_during_a_write_loses_it_and_all_behind_it() {
    let crash = json!([{ "do": "crash", "node": 0 }, { "at_ms": 200, "do": "restart", "node": 0 }]);
    let session = broadcast(1, crash, one_ms());
    assert_eq!(of(&session, What::Write).len(), 0);
    assert_eq!(session.report().messages("Data").sent, 0);
    assert!(session.report().nodes.iter().all(|node| node.delivered.is_empty()), "nothing was durable");

    let crash = json!([{ "at_ms": 102, "do": "crash", "node": 0 }, { "at_ms": 200, "do": "restart", "node": 0 }]);
    let session = broadcast(1, crash, one_ms());
    assert!(everywhere(&session.report(), &["v0"]), "what was durable comes back");
}

#[test]
fn a_write_takes_all_that_waits_when_it_starts() {
    let session = broadcast(10, json!([]), one_ms());
    let at_0: Vec<_> = of(&session, What::Write).into_iter().filter(|event| event.node == NodeId(0)).collect();
    assert_eq!(at_0.iter().map(|event| event.at).collect::<Vec<_>>(), [101_000, 102_000], "one, then the nine others");
    let values: Vec<String> = (0..10).map(|value| format!("v{value}")).collect();
    assert_eq!(session.report().nodes[0].delivered, values, "in the order in which they were asked for");
    assert_eq!(of(&session, What::Ask).len(), 10, "the node takes requests while its disk writes");
}

#[test]
fn half_of_a_group_is_lost_when_the_first_write_is_done_and_the_second_is_not() {
    // The first write ends at 101 ms, the crash comes at the same instant, by the script's right of way.
    let crash = json!([{ "at_ms": 101, "do": "crash", "node": 0 }, { "at_ms": 300, "do": "restart", "node": 0 }]);
    let disk = json!({ "min_us": 700, "max_us": 700 });
    let session = broadcast(3, crash, disk);
    assert_eq!(session.report().nodes[0].delivered, ["v0"]);
    assert_eq!(session.report().nodes[1].delivered, ["v0"]);
}

#[test]
fn a_disk_without_latency_holds_nothing_up() {
    let session = broadcast(3, json!([]), json!({ "min_us": 0, "max_us": 0 }));
    assert_eq!(of(&session, What::Write).len(), 0);
    let trace = session.world().trace();
    assert!(trace.messages.iter().all(|message| trace.events[message.sent as usize].what == What::Ask));
    assert_eq!(session.report().nodes[2].delivered.len(), 3);
}

#[test]
fn a_paused_nodes_write_is_done_when_it_goes_on() {
    let pause = json!([{ "do": "pause", "node": 0 }, { "at_ms": 500, "do": "resume", "node": 0 }]);
    let session = broadcast(1, pause, one_ms());
    let write = of(&session, What::Write).into_iter().find(|event| event.node == NodeId(0)).unwrap();
    assert_eq!(write.at, 500_000);
    assert!(everywhere(&session.report(), &["v0"]));
}
