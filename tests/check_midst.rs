//! The search from the midst of a run: what it finds goes on from the run as it is. (That it sees from the first event
//! what the search from the start sees is in `tests/exhausted`.)
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::check::answer::{self, Answer};
use consensus_playground::check::cluster::run::Run;
use consensus_playground::check::cluster::{Origin, Question};
use consensus_playground::check::{Bounds, Order, asked};
use consensus_playground::properties::{Name, Property, Status};
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::{Action, Recording, Scenario, Verb, link};
use consensus_playground::session::Session;

const ASYNCHRONOUS: &str = r#"{"model": "asynchronous", "min_ms": 1}"#;
const PARTIAL: &str = r#"{"model": "partially-synchronous", "min_ms": 5, "delta_ms": 50, "gst_ms": 400, "drift_ppm": 200,
                          "loss": 0.05}"#;
const SYNCHRONOUS: &str = r#"{"model": "synchronous", "min_ms": 5, "delta_ms": 50}"#;

struct Case {
    protocol: &'static str,
    variant: &'static str,
    property: &'static str,
    network: &'static str,
    proposals: &'static [(u8, &'static str)],
    settings: &'static str,
    crashes: u8,
    timeouts: &'static [(&'static str, u8)],
    epochs: Option<u64>,
    seed: u64,
    /// Where the search begins.
    at: u32,
}

const TWO: &[(u8, &str)] = &[(0, "x"), (1, "y")];
const CASE: Case = Case {
    protocol: "paxos",
    variant: "",
    property: "Agreement",
    network: ASYNCHRONOUS,
    proposals: TWO,
    settings: "{}",
    crashes: 0,
    timeouts: &[],
    epochs: None,
    seed: 1,
    at: 0,
};
const PLAIN_RAFT: &str = r#"{"pre_vote": false, "check_quorum": false, "no_op": false}"#;

const CASES: &[Case] = &[
    Case { variant: "own-value", at: 9, ..CASE },
    Case { variant: "own-value", network: PARTIAL, at: 3, ..CASE },
    Case { variant: "promise-without-persist", crashes: 1, at: 9, ..CASE },
    // A crash before what comes of the node's own message is on its disk.
    Case { variant: "promise-without-persist", crashes: 1, seed: 2, at: 13, ..CASE },
    Case { variant: "count-messages", at: 9, ..CASE },
    Case {
        protocol: "raft",
        variant: "acknowledge-before-fsync",
        property: "Leader Completeness",
        network: PARTIAL,
        settings: PLAIN_RAFT,
        crashes: 1,
        timeouts: &[("Election", 2), ("Heartbeat", 1)],
        epochs: Some(1),
        at: 30,
        ..CASE
    },
    Case {
        protocol: "ben-or",
        variant: "decide-on-one",
        proposals: &[(0, "0"), (1, "1"), (2, "1")],
        epochs: Some(2),
        at: 10,
        ..CASE
    },
    Case {
        protocol: "fifo",
        variant: "no-gap-check",
        property: "FIFO order",
        proposals: &[(0, "x"), (0, "y")],
        at: 4,
        ..CASE
    },
    // Of three that may ask, who breaks it asks first: the run numbers the values otherwise than the search.
    Case {
        protocol: "fifo",
        variant: "no-gap-check",
        property: "FIFO order",
        proposals: &[(1, "z"), (0, "x"), (0, "y")],
        at: 3,
        ..CASE
    },
    Case {
        protocol: "floodset",
        variant: "one-round-less",
        network: SYNCHRONOUS,
        proposals: &[(0, "red"), (1, "blue")],
        settings: r#"{"f": 1}"#,
        crashes: 1,
        timeouts: &[("Round", 3)],
        at: 5,
        ..CASE
    },
];

fn scenario(case: &Case, variant: &str) -> Scenario {
    let Case { protocol, network, settings, seed, .. } = case;
    let steps = case.proposals.iter();
    let steps = steps.map(|(node, value)| format!(r#"{{"do": "propose", "node": {node}, "value": "{value}"}}"#));
    let script = steps.collect::<Vec<_>>().join(", ");
    Scenario::from_json(format!(
        r#"{{"version": 1, "title": "", "protocol": "{protocol}", "variant": "{variant}", "nodes": 3, "seed": {seed},
            "settings": {settings}, "network": {network}, "script": [{script}],
            "stop": {{"at_ms": 60000, "events": 3000, "quiescent": true}}}}"#
    ))
    .expect("a scenario")
}

fn question(case: &Case, scenario: &Scenario) -> Question {
    let mut question = Question { only: vec![Name::of(case.property).expect("a property")], ..Question::default() };
    question.bounds.crashes = case.crashes;
    question.bounds.timeouts = 0;
    question.bounds.epochs = case.epochs;
    for (name, most) in case.timeouts {
        asked::bound_timer(&mut question.bounds, name, *most, scenario).expect("a timer");
    }
    question
}

fn at(scenario: &Scenario, event: u32) -> Session {
    let session = Session::open(Recording { cursor: Some(event.into()), ..Recording::new(scenario.clone()) });
    let session = session.expect("a session");
    assert_eq!(session.world().events(), event);
    session
}

fn ask(session: &Session, question: &Question, bounds: Bounds) -> Answer {
    answer::ask_from(Origin::Midst(session.world()), question, Order::Breadth, bounds, 2).expect("an answer")
}

/// Whether the run ends with the event that violates `property`.
fn breaks_last(session: &Session, property: &str) -> bool {
    let last = session.world().events() - 1;
    let violated = |judged: Property| {
        judged.name == property && matches!(judged.status, Status::Violated { event, .. } if event == last)
    };
    session.properties().into_iter().any(violated)
}

/// The run in which the counterexample comes true goes on from that of `session`, survives its link, and ends with the
/// event that breaks.
fn goes_on(session: &Session, case: &Case, scenario: &Scenario) -> Run {
    let answer = ask(session, &question(case, scenario), Bounds::NONE);
    let found = answer.counterexample.as_ref().unwrap_or_else(|| panic!("{}", answer.text()));
    let run = found.run.as_ref().unwrap_or_else(|sentence| panic!("{sentence}: {}", answer.text()));
    let link = link::encode(&run.recording()).expect("a link");
    let (recording, notice) = link::decode(&link).expect("a recording");
    assert_eq!(notice, None);
    let opened = Session::open(recording).expect("a session");
    let (before, after) = (&session.world().trace().events, &opened.world().trace().events);
    assert!(before.iter().eq(after.iter().take(before.len())), "{}: the run up to there is kept", case.variant);
    assert!(after.len() > before.len() && breaks_last(&opened, case.property), "{}", answer.text());
    assert!(found.deeds.len() < run.interventions.len(), "each step is an intervention: {}", answer.text());
    run.clone()
}

#[test]
fn what_breaks_in_the_midst_of_a_run_goes_on_from_it() {
    let mut files = 0;
    for case in CASES {
        let scenario = scenario(case, case.variant);
        let Some(file) = goes_on(&at(&scenario, case.at), case, &scenario).file else { continue };
        files += 1;
        let mut session = Session::new(Scenario::from_json(file.to_json()).expect("a file")).expect("a session");
        session.run();
        assert!(breaks_last(&session, case.property), "{}: the file ends as the link does", case.variant);
    }
    assert!(files >= 6, "{files} can be told by a script");
}

/// A search knows no slow nodes and no partitions: the run that comes of it ends them first. What was done by hand is
/// kept.
#[test]
fn what_was_done_by_hand_is_kept_and_what_is_in_the_way_is_ended() {
    let case = &CASES[0];
    let scenario = scenario(case, case.variant);
    let mut session = at(&scenario, case.at);
    let held = session.world().flights().map(|(_, flight)| flight.id).next().expect("a message");
    assert!(session.act(Action::HoldMessage { id: held }));
    assert!(session.perform(Verb::Pause { node: NodeId(2) }));
    assert!(session.perform(Verb::Partition { groups: vec![[NodeId(0)].into_iter().collect()] }));
    let run = goes_on(&session, case, &scenario);
    let done: Vec<&Action> = run.interventions.iter().map(|done| &done.action).collect();
    assert_eq!(*done[0], Action::HoldMessage { id: held });
    assert_eq!(*done[3], Action::Step(Verb::Resume { node: NodeId(2) }));
    assert_eq!(*done[4], Action::Step(Verb::Heal));
    assert!(matches!(done[5], Action::TakeOver { .. }));
}

/// The correct protocol, from the same events on within the same bounds.
#[test]
fn nothing_breaks_in_the_midst_of_a_correct_run() {
    for case in CASES {
        let scenario = scenario(case, "correct");
        let session = at(&scenario, case.at);
        let answer = ask(&session, &question(case, &scenario), Bounds { states: 300_000, ..Bounds::NONE });
        assert!(!answer.violated() && answer.progress.unique > 3, "{}", answer.text());
    }
}
