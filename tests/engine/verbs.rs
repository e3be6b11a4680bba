//! Every verb of a script, by what it does to a run.

use super::*;
use consensus_playground::protocol::NodeId;

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);
const N2: NodeId = NodeId(2);

/// Best-effort broadcast over bare links: one Data per receiver and nothing else.
fn bare(script: Value) -> Session {
    run("best-effort", synchronous(), script, json!({ "settings": { "retransmit": false }, "disk": { "max_us": 0 } }))
}

#[test]
fn propose_is_the_nodes_proposal_where_one_value_is_decided() {
    let session =
        run("paxos", partially(), json!([{ "at_ms": 100, "do": "propose", "node": 1, "value": "x" }]), json!({}));
    assert!(everywhere(&session.report(), &["x"]));
    let asks = of(&session, What::Ask);
    assert_eq!((asks.len(), asks[0].node, asks[0].at), (1, N1, 100_000));
}

#[test]
fn propose_broadcasts_once_where_all_broadcast() {
    let session = bare(json!([{ "at_ms": 100, "do": "propose", "node": 2, "value": "x" }]));
    assert!(everywhere(&session.report(), &["x"]));
    assert_eq!(session.report().messages("Data").sent, 2);
    assert_eq!(of(&session, What::Ask).len(), 1);
}

#[test]
fn propose_keeps_trying_where_a_log_is_replicated() {
    let script = json!([
        { "at_ms": 2000, "do": "crash", "node": 0 },
        { "at_ms": 2000, "do": "propose", "node": 0, "value": "x" }
    ]);
    let session = run("raft", partially(), script, json!({ "settings": { "no_op": true } }));
    let report = session.report();
    assert_eq!((delivered(&report, 1), delivered(&report, 2)), (vec!["x"], vec!["x"]));
    let asks = of(&session, What::Ask);
    assert!(asks.len() > 1 && asks[0].aux == 2 && asks.iter().skip(1).all(|ask| ask.aux & 1 == 1), "{asks:?}");
}

#[test]
fn crash_stops_a_node_and_what_is_under_way_to_it_is_lost() {
    let session = bare(json!([
        { "at_ms": 100, "do": "propose", "node": 0, "value": "x" },
        { "at_ms": 102, "do": "crash", "node": 1 },
        { "at_ms": 103, "do": "crash", "node": 1 }
    ]));
    let report = session.report();
    assert_eq!((report.nodes[1].up, report.nodes[1].role), (false, "down"));
    assert_eq!(delivered(&report, 2), ["x"]);
    assert_eq!(of(&session, What::Crash).len(), 1, "a crashed node does not crash again");
    let lost = of(&session, What::Lose);
    assert_eq!((lost.len(), lost[0].node), (1, N1));
}

#[test]
fn restart_keeps_the_disk_or_loses_it() {
    for (disk, entries) in [("kept", 2), ("lost", 0)] {
        let script = json!([
            { "at_ms": 2000, "do": "propose", "node": 0, "value": "x" },
            { "at_ms": 3000, "do": "crash", "node": 1 },
            { "at_ms": 4000, "do": "restart", "node": 1, "disk": disk }
        ]);
        let mut session = Session::new(scenario("raft", partially(), script, json!({}))).unwrap();
        let restarted = |event: &Event| event.what == What::Start && event.aux == 1;
        assert!(session.step_until(100_000, |world| world.trace().events.last().is_some_and(restarted)));
        let view = session.world().cluster().view(N1).unwrap();
        assert_eq!(view.last, entries, "disk {disk}: a no-op and x");
        assert_eq!(session.world().application(N1).position, 0, "the state machine starts empty");
        session.run();
        assert!(everywhere(&session.report(), &["x"]), "disk {disk}: it is caught up");
        assert_eq!(of(&session, What::Wipe).len(), usize::from(disk == "lost"));
    }
    let session = bare(json!([{ "at_ms": 100, "do": "restart", "node": 1 }]));
    assert_eq!(of(&session, What::Start).len(), 3, "a node that is up does not start again");
}

#[test]
fn a_paused_node_does_nothing_and_what_arrives_waits() {
    let session = run(
        "raft",
        partially(),
        json!([{ "at_ms": 2000, "do": "pause", "node": 1 }, { "at_ms": 2500, "do": "resume", "node": 1 },
               { "at_ms": 2600, "do": "resume", "node": 1 }]),
        json!({}),
    );
    let (pause, resume) = (of(&session, What::Pause)[0], of(&session, What::Resume)[0]);
    assert_eq!((pause.at, resume.at, of(&session, What::Resume).len()), (2_000_000, 2_500_000, 1));
    let steps = |low: u64, high: u64| {
        count(&session, |event| event.node == N1 && event.at > low && event.at < high && event.what.local())
    };
    assert_eq!(steps(pause.at, resume.at), 0);
    let arrivals = |event: &Event| event.what == What::Arrive && event.node == N1 && event.at == resume.at;
    assert!(count(&session, arrivals) > 3, "what came meanwhile is taken at once");
    assert_eq!(session.report().messages("AppendEntries").dropped, 0);
}

#[test]
fn a_partition_keeps_groups_apart_until_it_heals() {
    let script = json!([
        { "at_ms": 100, "do": "partition", "groups": [[0]] },
        { "at_ms": 200, "do": "propose", "node": 0, "value": "a" },
        { "at_ms": 200, "do": "propose", "node": 1, "value": "b" },
        { "at_ms": 300, "do": "heal" },
        { "at_ms": 400, "do": "propose", "node": 0, "value": "c" }
    ]);
    let report = bare(script).report();
    assert_eq!(delivered(&report, 0), ["a", "c"]);
    assert_eq!((delivered(&report, 1), delivered(&report, 2)), (vec!["b", "c"], vec!["b", "c"]));
    assert_eq!(report.messages("Data").dropped, 3, "nodes that no group names are a group of their own");
}

#[test]
fn a_partition_takes_what_is_under_way() {
    let session = bare(json!([
        { "at_ms": 100, "do": "propose", "node": 0, "value": "a" },
        { "at_ms": 102, "do": "partition", "groups": [[0, 1], [2]] }
    ]));
    assert_eq!(of(&session, What::Lose).iter().map(|event| event.node).collect::<Vec<_>>(), [N2]);
}

#[test]
fn a_cut_is_one_way_and_joins_again() {
    let report = bare(json!([
        { "at_ms": 100, "do": "cut", "from": 0, "to": 1 },
        { "at_ms": 200, "do": "propose", "node": 0, "value": "a" },
        { "at_ms": 250, "do": "propose", "node": 1, "value": "b" },
        { "at_ms": 300, "do": "join", "from": 0, "to": 1 },
        { "at_ms": 400, "do": "propose", "node": 0, "value": "c" }
    ]))
    .report();
    assert_eq!(delivered(&report, 0), ["a", "b", "c"]);
    assert_eq!(delivered(&report, 1), ["b", "c"]);
    assert_eq!(delivered(&report, 2), ["a", "b", "c"]);
}

#[test]
fn drop_takes_what_is_in_flight_first_and_then_what_comes() {
    let proposals = |verb: Value| {
        json!([
            { "at_ms": 100, "do": "propose", "node": 0, "value": "a" },
            verb,
            { "at_ms": 200, "do": "propose", "node": 0, "value": "b" },
            { "at_ms": 300, "do": "propose", "node": 0, "value": "c" }
        ])
    };
    let at = 101;
    let session = bare(proposals(json!({ "at_ms": at, "do": "drop", "match": { "from": 0, "to": 1 }, "count": 2 })));
    let drops = of(&session, What::Drop);
    assert_eq!(drops.iter().map(|event| (event.at, event.node)).collect::<Vec<_>>(), [(101_000, N1), (200_000, N1)]);
    assert_eq!(delivered(&session.report(), 1), ["c"]);
    assert_eq!(delivered(&session.report(), 2), ["a", "b", "c"]);
    assert_eq!(of(&session, What::Rule)[0].data, 1, "one to come");

    let session = bare(proposals(json!({ "at_ms": at, "do": "drop", "count": "all" })));
    assert_eq!(of(&session, What::Drop).len(), 2, "all means all that are in flight");
    assert_eq!(delivered(&session.report(), 1), ["b", "c"]);

    let session = bare(proposals(json!({ "at_ms": at, "do": "drop", "match": { "from": 1 }, "count": "all" })));
    assert_eq!(of(&session, What::Drop).len(), 0, "nothing matches, nothing happens");

    let session = bare(proposals(json!({ "at_ms": at, "do": "drop" })));
    assert_eq!(of(&session, What::Drop).len(), 1, "one, the oldest");
}

#[test]
fn a_match_may_name_the_kind() {
    let script = json!([
        { "at_ms": 100, "do": "drop", "match": { "kind": "Ack" }, "count": 1 },
        { "at_ms": 200, "do": "propose", "node": 0, "value": "a" }
    ]);
    let session = run("best-effort", synchronous(), script, json!({}));
    let drops = of(&session, What::Drop);
    assert_eq!(drops.iter().map(|event| kind(&session, event)).collect::<Vec<_>>(), ["Ack"]);
    assert_eq!(session.report().messages("Data").sent, 3, "the unacknowledged message is sent again");
}

#[test]
fn a_rule_leaves_alone_what_a_node_sends_to_itself() {
    let script = json!([
        { "at_ms": 10, "do": "drop", "match": { "to": 1 }, "count": 1000 },
        { "at_ms": 10, "do": "drop", "match": { "to": 2 }, "count": 1000 },
        { "at_ms": 100, "do": "propose", "node": 0, "value": "x" }
    ]);
    let session = run("paxos", partially(), script, json!({}));
    assert!(of(&session, What::Drop).iter().all(|event| event.node != N0));
    let own = |event: &Event| event.what == What::Arrive && event.node == N0 && event.peer == N0;
    assert!(count(&session, own) > 1);
}

#[test]
fn duplicate_makes_a_message_arrive_twice() {
    let session = bare(json!([
        { "at_ms": 10, "do": "duplicate", "match": { "to": 1 }, "count": 1 },
        { "at_ms": 100, "do": "propose", "node": 0, "value": "a" }
    ]));
    let arrivals = |node| count(&session, |event: &Event| event.what == What::Arrive && event.node == node);
    assert_eq!((arrivals(N1), arrivals(N2)), (2, 1));
    let duplicated = of(&session, What::Duplicate)[0];
    assert_eq!((duplicated.at, duplicated.node), (100_000, N1));
    assert_eq!(delivered(&session.report(), 1), ["a"], "the filter of the links takes it once");
}

#[test]
fn delay_makes_a_message_late() {
    let script = |delay: Value| json!([{ "at_ms": 100, "do": "propose", "node": 0, "value": "a" }, delay]);
    let arrival = |session: &Session, node| {
        of(session, What::Arrive).iter().find(|event| event.node == node).map(|event| event.at).unwrap()
    };
    let plain = bare(script(json!({ "at_ms": 101, "do": "heal" })));
    let session = bare(script(json!({ "at_ms": 101, "do": "delay", "match": { "to": 1 }, "count": 1, "by_ms": 70 })));
    assert_eq!(arrival(&session, N1), arrival(&plain, N1) + 70_000);
    assert_eq!(arrival(&session, N2), arrival(&plain, N2));
    let session = bare(script(json!({ "at_ms": 101, "do": "delay", "count": "all", "by_ms": 70 })));
    assert_eq!(of(&session, What::Delay).len(), 2);
    assert_eq!(arrival(&session, N2), arrival(&plain, N2) + 70_000);
}

#[test]
fn slow_adds_to_all_that_a_node_sends_or_receives_until_it_is_taken_back() {
    let script = |by: Value| {
        json!([
            by,
            { "at_ms": 100, "do": "propose", "node": 0, "value": "a" },
            { "at_ms": 300, "do": "slow", "node": 1, "by_ms": 0 },
            { "at_ms": 400, "do": "propose", "node": 1, "value": "b" }
        ])
    };
    let took = |session: &Session| {
        let trace = session.world().trace();
        let times = |event: &Event| {
            let message = trace.messages[event.data as usize];
            (message.from, message.to, event.at - trace.events[message.sent as usize].at)
        };
        of(session, What::Arrive).iter().map(times).collect::<Vec<_>>()
    };
    let plain = took(&bare(script(json!({ "at_ms": 50, "do": "heal" }))));
    let slow = took(&bare(script(json!({ "at_ms": 50, "do": "slow", "node": 1, "by_ms": 60 }))));
    let of = |times: &[(NodeId, NodeId, u64)], from, to| {
        times.iter().find(|time| (time.0, time.1) == (from, to)).map(|time| time.2).unwrap()
    };
    assert_eq!(of(&slow, N0, N1), of(&plain, N0, N1) + 60_000);
    assert_eq!(of(&slow, N0, N2), of(&plain, N0, N2));
    assert_eq!(of(&slow, N1, N2), of(&plain, N1, N2), "as fast as it was");
}

/// When node 1 first repeats a message that nobody acknowledged, with its clock skewed at 101 ms.
fn first_repeat(skew: Value) -> u64 {
    let mut script = json!([
        { "at_ms": 50, "do": "partition", "groups": [[1]] },
        { "at_ms": 100, "do": "propose", "node": 1, "value": "a" }
    ]);
    script.as_array_mut().unwrap().push(skew);
    let more = json!({ "settings": { "retransmit_ms": [1000, 1000] } });
    let session = run("best-effort", partially(), script, more);
    of(&session, What::Fire)[0].at
}

#[test]
fn skew_moves_a_clock_and_its_timers() {
    let plain = first_repeat(json!({ "at_ms": 101, "do": "heal" }));
    assert!((1_100_000..1_101_000).contains(&plain), "a disk write and a second: {plain}");
    let skew = |by_ms: i64, ppm: i64| {
        first_repeat(json!({ "at_ms": 101, "do": "skew", "node": 1, "by_ms": by_ms, "ppm": ppm }))
    };
    assert_eq!(skew(300, 0), plain - 300_000, "a clock that is set ahead fires early");
    assert_eq!(skew(-300, 0), plain + 300_000, "a clock that is set back fires late");
    assert_eq!(skew(5_000, 0), 101_000, "what is due fires at once");
    let (fast, slow) = (skew(0, 100_000), skew(0, -100_000));
    let left = plain - 101_000;
    assert!(fast.abs_diff(101_000 + left * 10 / 11) < 10, "a tenth faster: {fast}");
    assert!(slow.abs_diff(101_000 + left * 10 / 9) < 10, "a tenth slower: {slow}");
    assert!((100_000..3_000_000).contains(&(skew(-3_000, 0) - plain)), "no clock shows less than nothing");
}

#[test]
fn steps_without_a_time_follow_the_one_before_at_once() {
    let session = bare(json!([
        { "do": "propose", "node": 0, "value": "a" },
        { "at_ms": 70, "do": "crash", "node": 2 },
        { "do": "propose", "node": 1, "value": "b" },
        { "do": "pause", "node": 0 }
    ]));
    let at = |what| of(&session, what).iter().map(|event| event.at).collect::<Vec<_>>();
    assert_eq!((at(What::Ask), at(What::Crash), at(What::Pause)), (vec![0, 70_000], vec![70_000], vec![70_000]));
    let starts = events(&session).iter().take_while(|event| event.what == What::Start).count();
    assert_eq!(starts, 3, "all nodes start before the first step");
}

#[test]
fn slow_with_a_receiver_adds_to_one_direction_of_one_link() {
    let script = |by: Value| {
        json!([
            by,
            { "at_ms": 100, "do": "propose", "node": 0, "value": "a" },
            { "at_ms": 200, "do": "propose", "node": 1, "value": "b" },
            { "at_ms": 300, "do": "slow", "node": 0, "to": 1, "by_ms": 0 },
            { "at_ms": 400, "do": "propose", "node": 0, "value": "c" }
        ])
    };
    let took = |by: Value| {
        let session = bare(script(by));
        let trace = session.world().trace();
        let time = |event: &Event| {
            let message = trace.messages[event.data as usize];
            (event.data, message.from, message.to, event.at - trace.events[message.sent as usize].at)
        };
        let mut times = of(&session, What::Arrive).iter().map(time).collect::<Vec<_>>();
        times.sort_unstable();
        times
    };
    let plain = took(json!({ "at_ms": 50, "do": "heal" }));
    let slow = took(json!({ "at_ms": 50, "do": "slow", "node": 0, "to": 1, "by_ms": 60 }));
    let mut slowed = 0;
    for (before, after) in plain.iter().zip(&slow) {
        let late = (before.1, before.2) == (N0, N1) && slowed == 0;
        slowed += u32::from(late);
        assert_eq!(after.3, before.3 + if late { 60_000 } else { 0 }, "{before:?}");
    }
    assert_eq!(slowed, 1, "only what n0 sent to n1 before the link was as fast as it was");
}
