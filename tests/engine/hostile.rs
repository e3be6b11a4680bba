//! Input that nobody in their right mind would give: all of it is valid, none of it may stop the engine.

use super::*;
use crate::common::scenarios::Random;
use consensus_playground::protocol::NodeId;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{
    Action, Clients, Intervention, Recording, StateMachine, Step, Stop, Verb, bounds,
};
use consensus_playground::sim::{Ended, Options, World};
use std::sync::Arc;

/// Random recordings over everything that the formats can say run for some thousand events.
#[test]
fn random_recordings_run() {
    let mut random = Random(3);
    let (mut events, mut refused) = (0, 0);
    for round in 0..500 {
        let mut recording = random.recording();
        recording.scenario.stop.events = Some(random.within(1, 4_000));
        for one in &mut recording.interventions {
            // Most of them where something happens.
            one.event %= random.pick(&[1, 5, 40, 1_000, 2_000_001]);
            if let Action::DropMessage { id } | Action::DuplicateMessage { id } | Action::HoldMessage { id } =
                &mut one.action
            {
                *id %= 500;
            }
        }
        recording.interventions.sort_by_key(|one| one.event);
        let title = format!("round {round}: {:?}", recording.scenario);
        // Settings that do not go together are refused.
        let Ok(mut session) = Session::open(recording) else { continue };
        let report = session.report();
        assert!(report.json().len() > 100, "{title}");
        let end = session.world().events();
        session.seek(end / 2);
        session.report();
        events += u64::from(end);
        refused += u32::from(matches!(session.head().ended(), Some(Ended::Refused(_))));
    }
    assert!(events > 200_000 && refused > 5, "{events} events, {refused} refused");
}

/// The same without a trace, or without properties: what happens does not depend on who looks.
#[test]
fn what_is_kept_changes_nothing() {
    let mut random = Random(4);
    for _ in 0..60 {
        let mut recording = random.recording();
        recording.scenario.stop.events = Some(1_000);
        if consensus_playground::scenario::Scenario::from_json(recording.scenario.to_json()).is_err() {
            continue; // Settings that do not go together.
        }
        let (scenario, interventions) = (Arc::new(recording.scenario), Arc::new(recording.interventions));
        let run = |trace: bool, properties: bool| {
            let options = Options { trace, properties };
            let mut world = World::new(scenario.clone(), interventions.clone(), options).unwrap();
            while world.step() {}
            (world.events(), world.now(), world.tallies().to_vec(), world.ended().cloned())
        };
        let all = run(true, true);
        assert_eq!((run(false, true), run(true, false), run(false, false)), (all.clone(), all.clone(), all.clone()));
    }
}

/// Interventions before the nodes have started: a restart of a node that never was up, a crash, a message that never
/// existed.
#[test]
fn interventions_before_anything_has_happened() {
    for info in registry::ALL {
        for event in 0..4 {
            let node = NodeId(0);
            let actions = [
                Action::Step(Verb::Restart { node: NodeId(2), disk_lost: true }),
                Action::Step(Verb::Restart { node, disk_lost: false }),
                Action::Step(Verb::Pause { node }),
                Action::Step(Verb::Crash { node }),
                Action::Step(Verb::Restart { node, disk_lost: true }),
                Action::Step(Verb::Restart { node, disk_lost: false }),
                Action::Step(Verb::Propose { node, value: "x".to_owned() }),
                Action::DeliverMessage { id: 0 },
                Action::ReleaseMessage { id: u32::MAX },
                Action::DelayMessage { id: 7, by_us: bounds::DELAY_MS * 1000 },
            ];
            let mut recording =
                Recording::new(scenario(info.id, partially(), json!([]), json!({ "stop": { "at_ms": 3000 } })));
            recording.interventions = actions.into_iter().map(|action| Intervention { event, action }).collect();
            let session = Session::open(recording).unwrap();
            assert_eq!(ended(&session), "time", "{}", info.id);
            assert!(session.report().nodes.iter().all(|node| node.up));
        }
    }
}

#[test]
fn a_message_to_oneself_cannot_be_taken() {
    let mut recording = Recording::new(scenario(
        "paxos",
        partially(),
        json!([{ "at_ms": 100, "do": "propose", "node": 0, "value": "x" }]),
        json!({}),
    ));
    let take = |event| {
        (0..20).flat_map(move |id| {
            [Action::DropMessage { id }, Action::HoldMessage { id }].map(|action| Intervention { event, action })
        })
    };
    recording.interventions = (3..12).flat_map(take).collect();
    let session = Session::open(recording).unwrap();
    let trace = session.world().trace();
    let mut own = trace
        .messages
        .iter()
        .filter(|message| message.from == message.to && message.sent + 20 < session.world().events());
    assert!(own.all(|message| message.fate == 1));
}

/// Every number at its bound: times, delays, jumps of clocks, one after the other.
#[test]
fn numbers_at_their_bounds() {
    let day = bounds::AT_MS;
    for info in registry::ALL {
        for network in [
            json!({ "model": "synchronous", "min_ms": bounds::DELAY_MS, "delta_ms": bounds::DELAY_MS }),
            json!({ "model": "partially-synchronous", "min_ms": 0, "delta_ms": bounds::DELAY_MS, "gst_ms": day,
                    "drift_ppm": bounds::DRIFT_PPM, "loss": 1, "duplication": 1 }),
            json!({ "model": "asynchronous", "min_ms": bounds::DELAY_MS, "loss": 0.5, "duplication": 1 }),
        ] {
            let mut script = Vec::new();
            for step in 0..60u64 {
                let node = step % 25;
                let at = step * day / 60;
                let sign = if step % 3 == 0 { -1 } else { 1 };
                script.push(json!({ "at_ms": at, "do": "skew", "node": node, "by_ms": sign * day as i64, "ppm": -sign * 100_000 }));
                script.push(json!({ "do": "slow", "node": node, "by_ms": bounds::DELAY_MS }));
                script.push(json!({ "do": "propose", "node": node, "value": "x".repeat(bounds::VALUE_BYTES) }));
                script.push(json!({ "do": "delay", "count": "all", "by_ms": bounds::DELAY_MS }));
                script.push(json!({ "do": "duplicate", "count": bounds::COUNT }));
            }
            let clients = json!({ "count": 100, "operations": 1_000_000, "state_machine": "kv", "think_ms": 0, "timeout_ms": 3_600_000 });
            let more = json!({ "nodes": 25, "seed": u64::MAX, "clients": clients, "script": script,
                               "disk": { "min_us": 1_000_000, "max_us": 1_000_000 },
                               "stop": { "at_ms": day, "events": 12_000 } });
            let session = run(info.id, network, json!([]), more);
            assert!(session.world().events() > 300, "{}: {}", info.id, ended(&session));
            session.report().json();
        }
    }
}

/// A hundred thousand delays, and as many jumps of a clock in one direction.
#[test]
fn a_hundred_thousand_steps_of_the_longest_kind() {
    for verb in [
        json!({ "do": "skew", "node": 0, "by_ms": bounds::AT_MS, "ppm": 100_000 }),
        json!({ "do": "skew", "node": 0, "by_ms": -(bounds::AT_MS as i64), "ppm": -100_000 }),
        json!({ "at_ms": 101, "do": "delay", "match": { "to": 1 }, "count": "all", "by_ms": bounds::DELAY_MS }),
    ] {
        let propose = json!({ "at_ms": 100, "do": "propose", "node": 0, "value": "x" });
        let mut scenario = scenario("best-effort", partially(), json!([propose, verb]), json!({}));
        let many = std::iter::repeat_n(scenario.script[1].clone(), bounds::STEPS - 1);
        scenario.script.truncate(1);
        scenario.script.extend(many);
        scenario.stop = Stop { at_us: None, events: Some(150_000), quiescent: true };
        let mut session = Session::with(scenario, Vec::new(), Options { trace: false, properties: true }).unwrap();
        session.run();
        assert!(session.world().events() > 99_999);
    }
}

/// Proposals without end at one instant. Were the cost of one to grow with those before it, this would take hours.
#[test]
fn a_hundred_thousand_proposals_at_one_instant() {
    for info in registry::ALL {
        let mut scenario = scenario(info.id, partially(), json!([]), json!({ "nodes": 3 }));
        let step = |number: usize| Step {
            at_us: Some(3_000_000),
            verb: Verb::Propose {
                node: NodeId((number % 3) as u8),
                value: info.values.first().map_or_else(|| format!("v{number}"), |value| (*value).to_owned()),
            },
        };
        scenario.script = (0..bounds::STEPS).map(step).collect();
        scenario.stop = Stop { at_us: Some(8_000_000), events: Some(130_000), quiescent: true };
        let mut session = Session::with(scenario, Vec::new(), Options { trace: false, properties: true }).unwrap();
        session.run();
        assert!(session.world().events() >= 100_000, "{}", info.id);
    }
}

/// The largest cluster with the most clients, who never pause.
#[test]
fn the_largest_workload() {
    for info in registry::ALL {
        let mut scenario = scenario(info.id, partially(), json!([]), json!({ "nodes": 25 }));
        scenario.clients = Some(Clients {
            count: bounds::CLIENTS,
            operations: bounds::OPERATIONS,
            state_machine: StateMachine::Kv,
            think_us: 0,
            timeout_us: 1_000,
        });
        scenario.stop = Stop { at_us: None, events: Some(60_000), quiescent: false };
        let mut session = Session::new(scenario).unwrap();
        session.run();
        assert_eq!((session.world().events(), ended(&session)), (60_000, "events"), "{}", info.id);
        assert!(!session.report().violated());
    }
}

/// Fifty thousand messages held by hand and settled. Were each looked for among all, this would take minutes.
#[test]
fn settling_many_messages_is_quick() {
    let propose = json!({ "do": "propose", "node": 0, "value": "x" });
    let mut scenario = scenario("best-effort", by_hand(), json!([propose, { "do": "settle" }]), json!({ "nodes": 25 }));
    let (first, settle) = (scenario.script[0].clone(), scenario.script[1].clone());
    scenario.script = std::iter::repeat_n(first, 2_000).chain([settle]).collect();
    scenario.stop = Stop { at_us: None, events: Some(200_000), quiescent: true };
    let mut session = Session::with(scenario, Vec::new(), Options { trace: false, properties: true }).unwrap();
    session.run();
    assert_eq!(session.world().application(NodeId(24)).applied, 2_000);
}
