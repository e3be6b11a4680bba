//! State machine replication, for every replicated protocol of the registry and every state machine: through faults and
//! retries each command is applied once, the state is the same on all nodes after the same prefix, and what the clients
//! saw is linearizable by the checker that knows nothing of the run.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::properties::linearizable::{self, Witness};
use consensus_playground::properties::{Property, Status};
use consensus_playground::protocol::{Command, Info, NodeId, Shape};
use consensus_playground::report;
use consensus_playground::scenario::{Scenario, StateMachine, library};
use consensus_playground::session::Session;
use consensus_playground::sim::{What, World};
use consensus_playground::storm;
use std::collections::{BTreeMap, BTreeSet};

const MACHINES: [(&str, StateMachine); 3] =
    [("log", StateMachine::Log), ("register", StateMachine::Register), ("kv", StateMachine::Kv)];

/// Impatient clients in a cluster to which everything happens, snapshots or not.
fn scenario(info: &'static Info, machine: &str, seed: u64) -> Scenario {
    let snapshots =
        info.settings.iter().filter(|_| seed.is_multiple_of(2)).find(|setting| setting.name == "snapshot_every");
    let settings = snapshots.map_or(String::new(), |setting| format!(r#""settings": {{"{}": 10}},"#, setting.name));
    let id = info.id;
    let json = format!(
        r#"{{"version": 1, "title": "{id} {machine} {seed}", "protocol": "{id}", "nodes": 5, "seed": {seed}, {settings}
            "network": {{"model": "partially-synchronous", "min_ms": 2, "delta_ms": 20, "gst_ms": 7000,
                         "drift_ppm": 200, "loss": 0.03, "duplication": 0.05}},
            "clients": {{"count": 5, "operations": 80, "state_machine": "{machine}",
                         "think_ms": 40, "timeout_ms": 200}},
            "script": [
              {{"at_ms": 1000, "do": "crash", "node": 0}},
              {{"at_ms": 1500, "do": "restart", "node": 0, "disk": "kept"}},
              {{"at_ms": 1600, "do": "propose", "node": 2, "value": "x"}},
              {{"at_ms": 2000, "do": "partition", "groups": [[0, 1], [2, 3, 4]]}},
              {{"at_ms": 2100, "do": "propose", "node": 1, "value": "y"}},
              {{"at_ms": 3000, "do": "heal"}},
              {{"at_ms": 3500, "do": "crash", "node": 4}},
              {{"at_ms": 3600, "do": "crash", "node": 2}},
              {{"at_ms": 4200, "do": "restart", "node": 4, "disk": "kept"}},
              {{"at_ms": 4200, "do": "restart", "node": 2, "disk": "kept"}},
              {{"at_ms": 4500, "do": "cut", "from": 3, "to": 1}},
              {{"at_ms": 5000, "do": "pause", "node": 1}},
              {{"at_ms": 5500, "do": "resume", "node": 1}},
              {{"at_ms": 6000, "do": "slow", "node": 0, "by_ms": 80}},
              {{"at_ms": 6500, "do": "slow", "node": 0, "by_ms": 0}},
              {{"at_ms": 6500, "do": "heal"}}
            ],
            "stop": {{"at_ms": 120000, "quiescent": true}}}}"#
    );
    Scenario::from_json(json).expect(id)
}

/// What a state machine is after a prefix: its state, how many commands it took, and the last one handed over.
type State = (String, u64, Option<Command>);

fn state(world: &World, node: NodeId) -> State {
    let application = world.application(node);
    let last = application.delivered.iter().next_back().map(|delivery| delivery.command);
    (application.state(world.values()), application.applied, last)
}

/// A run to its end, and what was seen of the states on the way.
struct Watched {
    session: Session,
    /// How often a state was compared with another of the same prefix.
    compared: u32,
    /// The first two that differed.
    differ: Option<String>,
}

/// Runs to the end; whenever a node's position has changed, its state is compared with what every other node, at any
/// time, had there.
fn watched(scenario: Scenario) -> Watched {
    let nodes = usize::from(scenario.nodes);
    let session = Session::new(scenario).expect("a session");
    let mut watched = Watched { session, compared: 0, differ: None };
    let mut states: BTreeMap<u64, State> = BTreeMap::new();
    let mut at = vec![0; nodes];
    while watched.session.step() {
        for node in NodeId::all(nodes) {
            let world = watched.session.world();
            let position = world.application(node).position;
            if position == std::mem::replace(&mut at[node.index()], position) || position == 0 {
                continue;
            }
            let now = state(world, node);
            let Some(before) = states.get(&position) else {
                states.insert(position, now);
                continue;
            };
            watched.compared += 1;
            // Who starts from a snapshot has been handed nothing.
            let other = before.2.zip(now.2).is_some_and(|(before, now)| before != now);
            if (&before.0, before.1) != (&now.0, now.1) || other {
                let words = format!("{node} at {position} is {now:?}, and was {before:?} elsewhere");
                watched.differ.get_or_insert(words);
            }
        }
    }
    watched
}

fn holds(session: &Session, title: &str) {
    for Property { name, status, .. } in session.properties() {
        assert!(matches!(status, Status::Holds | Status::NotPromised { .. }), "{title}: {name}: {status:?}");
    }
}

/// Why not every node has taken each command that was asked for exactly once, if so.
fn not_once(world: &World) -> Option<String> {
    let asked: BTreeSet<Command> = world.clients().history().iter().map(|operation| operation.command).collect();
    NodeId::all(usize::from(world.scenario().nodes)).find_map(|node| {
        let application = world.application(node);
        let taken = application.delivered.iter().filter(|delivery| delivery.applied);
        let distinct: BTreeSet<Command> = taken.clone().map(|delivery| delivery.command).collect();
        let wrong = match application.applied {
            _ if distinct.len() != taken.count() => "one of them twice",
            _ if !distinct.is_subset(&asked) => "one that nobody asked for",
            applied if applied != asked.len() as u64 => "so many in all",
            _ => return None,
        };
        Some(format!("{node} has taken {} of {} commands, {wrong}", application.applied, asked.len()))
    })
}

fn judged(world: &World) -> linearizable::Verdict {
    linearizable::check(&linearizable::parse(&report::history(world)).expect("a history"))
}

fn replicates(machine: &str) {
    for info in storm::protocols() {
        let (mut retries, mut compared, mut open_for_long) = (0, 0, 0);
        for seed in 1..=6 {
            let scenario = scenario(info, machine, seed);
            let title = scenario.title.clone();
            let Watched { session, compared: states, differ } = watched(scenario);
            let world = session.world();
            assert!(world.clients().all_answered(), "{title}: {} wait", world.clients().outstanding());
            holds(&session, &title);
            assert_eq!((differ, not_once(world)), (None, None), "{title}");
            let verdict = judged(world);
            assert_eq!((verdict.linearizable, verdict.operations), (Some(true), 402), "{title}: {:?}", verdict.witness);
            compared += states;
            retries +=
                world.trace().events.iter().filter(|event| event.what == What::Ask && event.aux & 1 != 0).count();
            let slow = |(invoked, answered): (u64, u64)| answered - invoked > 200_000;
            let times = world
                .clients()
                .history()
                .iter()
                .filter_map(|operation| Some((operation.invoked.0, operation.answered?.0)));
            open_for_long += times.filter(|times| slow(*times)).count();
        }
        // Else nothing was shown.
        assert!(
            retries > 100 && open_for_long > 50 && compared > 3_000,
            "{}: {retries} {open_for_long} {compared}",
            info.id
        );
    }
}

#[test]
fn a_log_is_replicated() {
    replicates("log");
}

#[test]
fn a_register_is_replicated() {
    replicates("register");
}

#[test]
fn keys_and_values_are_replicated() {
    replicates("kv");
}

#[test]
fn each_state_machine_of_the_format_is_among_them() {
    for info in storm::protocols() {
        for (machine, expected) in MACHINES {
            assert_eq!(scenario(info, machine, 1).clients.map(|clients| clients.state_machine), Some(expected));
        }
    }
}

/// The history of a run in the middle: what is not answered is open, and may or may not have had its effect.
#[test]
fn a_history_cut_short_is_linearizable_too() {
    for info in storm::protocols() {
        for (machine, _) in MACHINES {
            let mut session = Session::new(scenario(info, machine, 3)).expect("a session");
            let mut open = 0;
            for at in (1..=14).map(|half| half * 500_000) {
                session.play(at, u32::MAX);
                open += session.world().clients().outstanding();
                let verdict = judged(session.world());
                assert_eq!(verdict.linearizable, Some(true), "{} {machine} {at}: {:?}", info.id, verdict.witness);
            }
            assert!(open > 0, "{} {machine}", info.id);
        }
    }
}

/// Broken variants are seen: by what is compared here, and from the history alone whenever the property that watches
/// the run sees it.
#[test]
fn broken_variants_are_caught() {
    let replicated = |scenario: &Scenario| scenario.info.shape == Shape::Replicated;
    let bugs = library::BUGS.iter().map(|bug| (bug.stem, bug.scenario().expect(bug.stem)));
    let (mut differing, mut twice, mut refuted) = (Vec::new(), Vec::new(), 0);
    for (stem, scenario) in bugs.filter(|(_, scenario)| replicated(scenario)) {
        let Watched { session, differ, .. } = watched(scenario);
        differing.extend(differ.map(|_| stem));
        twice.extend(not_once(session.world()).filter(|why| why.ends_with("twice")).map(|_| stem));
        let property =
            session.properties().into_iter().find(|property| property.name == "Linearizability").expect(stem);
        let violated = matches!(property.status, Status::Violated { .. });
        let verdict = judged(session.world());
        assert_eq!(verdict.linearizable, Some(!violated), "{stem}: {:?}", verdict.witness);
        if let Witness::Conflict(conflict) = verdict.witness {
            assert_eq!(conflict.operations.len(), 2, "{stem}: {conflict:?}");
            refuted += 1;
        }
    }
    assert_eq!(twice, ["multi-paxos-executes-twice"]);
    assert!(differing.contains(&"raft-commit-older-term") && differing.contains(&"vr-as-published"), "{differing:?}");
    assert!(refuted > 5, "{refuted}");
}

/// What a client read is part of the history: one answer of another time, and there is no order.
#[test]
fn a_stale_read_is_refuted_from_the_history_alone() {
    let mut session = Session::new(scenario(storm::protocols().next().unwrap(), "register", 1)).unwrap();
    session.run();
    let history = report::history(session.world());
    let read = history.lines().rfind(|line| line.contains(r#""type": "ok", "f": "read", "value": ""#)).unwrap();
    let early = history.lines().find(|line| line.contains(r#""type": "ok", "f": "read", "value": ""#)).unwrap();
    let value = |line: &str| line.split(r#""value": "#).nth(1).unwrap().to_owned();
    let forged = history.replacen(read, &read.replace(&value(read), &value(early)), 1);
    assert_ne!(forged, history);
    let verdict = linearizable::check(&linearizable::parse(&forged).unwrap());
    assert_eq!(verdict.linearizable, Some(false));
}
