//! What the checker says is so: in the midst of a run the past counts, whoever is down; bounds are told; a valence rests
//! on all that can still be decided.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::check::answer::{self, Answer};
use consensus_playground::check::asked;
use consensus_playground::check::cluster::{Event, Goal, Origin, Question, Space, State, Step};
use consensus_playground::check::valence::{self, Verdict};
use consensus_playground::check::{Bounds, Ended, Order};
use consensus_playground::properties::Name;
use consensus_playground::protocol::{Command, NodeId};
use consensus_playground::scenario::{Recording, Scenario};
use consensus_playground::session::Session;
use std::collections::BTreeSet;

const SYNCHRONOUS: &str = r#"{"model": "synchronous", "min_ms": 50, "delta_ms": 50}"#;
const MANUAL: &str = r#"{"model": "asynchronous", "min_ms": 1, "scheduler": "manual"}"#;
const PLAIN_RAFT: &str = r#"{"pre_vote": false, "check_quorum": false, "no_op": false}"#;

fn scenario(protocol: &str, variant: &str, network: &str, settings: &str, nodes: u8, script: &str) -> Scenario {
    Scenario::from_json(format!(
        r#"{{"version": 1, "title": "", "protocol": "{protocol}", "variant": "{variant}", "nodes": {nodes}, "seed": 1,
            "settings": {settings}, "network": {network}, "disk": {{"min_us": 0, "max_us": 0}}, "script": [{script}],
            "stop": {{"at_ms": 60000, "events": 3000, "quiescent": true}}}}"#
    ))
    .expect("a scenario")
}

/// The world where the script is done.
fn ran(scenario: Scenario) -> Session {
    let steps = scenario.script.len();
    let mut session = Session::open(Recording { cursor: Some(0), ..Recording::new(scenario) }).expect("a session");
    while session.world().next_step() < steps && session.step() {}
    // What follows of itself; clients who ask again do that later.
    let soon = session.world().now() + 100_000;
    while session.next_at().is_some_and(|at| at < soon) && session.step() {}
    assert_eq!(session.world().next_step(), steps, "every step is taken: {:?}", session.world().ended());
    session
}

fn question(scenario: &Scenario, only: &[&str], crashes: u8, timeouts: &[(&str, u8)], epochs: Option<u64>) -> Question {
    let only = only.iter().map(|name| Name::of(name).expect("a property")).collect();
    let mut question = Question { only, ..Question::default() };
    (question.bounds.crashes, question.bounds.timeouts, question.bounds.epochs) = (crashes, 0, epochs);
    for (name, most) in timeouts {
        asked::bound_timer(&mut question.bounds, name, *most, scenario).expect("a timer");
    }
    question
}

fn ask(origin: Origin<'_>, question: &Question, threads: usize) -> Answer {
    answer::ask_from(origin, question, Order::Breadth, Bounds::NONE, threads).expect("an answer")
}

const TWO: &str = r#"{"do": "propose", "node": 0, "value": "red"}, {"do": "propose", "node": 1, "value": "blue"}"#;

/// All nodes take a round together only as long as it is known how many each has taken.
#[test]
fn in_the_synchronous_model_time_outs_are_always_counted() {
    let scenario = scenario("floodset", "correct", SYNCHRONOUS, r#"{"f": 1}"#, 3, TWO);
    for most in [15, 255] {
        let question = question(&scenario, &[], 1, &[("Round", most)], None);
        let answer = ask(Origin::Start(&scenario), &question, 1);
        assert_eq!((answer.progress.ended, answer.violated()), (Some(Ended::Exhausted), false), "{}", answer.text());
        assert!(answer.text().contains("Round time-outs of a node 14"), "the bound is told: {}", answer.text());
    }
}

/// Whoever is asked first in the search, the run of its counterexample decides the same.
#[test]
fn depth_first_counterexamples_of_rounds_run() {
    for variant in ["one-round-less", "own-only"] {
        let scenario = scenario("floodset", variant, SYNCHRONOUS, r#"{"f": 1}"#, 3, TWO);
        let question = question(&scenario, &["Agreement"], 1, &[("Round", 3)], None);
        let answer = answer::ask(&scenario, &question, Order::Depth, Bounds::NONE, 1).expect("an answer");
        assert!(answer.counterexample.as_ref().is_some_and(|found| found.run.is_ok()), "{}", answer.text());
    }
}

/// What was sent to a node that is down for good keeps no round open.
#[test]
fn rounds_go_on_without_who_is_down() {
    let at = |ms: u32| {
        let crash = format!(r#"{{"at_ms": {ms}, "do": "crash", "node": 2}}"#);
        let scenario = scenario("floodset", "correct", SYNCHRONOUS, r#"{"f": 1}"#, 3, &format!("{TWO}, {crash}"));
        let recording = Recording { cursor: Some(5), ..Recording::new(scenario) };
        let mut session = Session::open(recording).expect("a session");
        while session.world().up().len() == 3 && session.step() {}
        session
    };
    let waits = |session: &Session| session.world().flights().any(|(_, flight)| flight.to == NodeId(2));
    let session = (1..20).map(|round| at(10 * round)).find(waits).expect("a moment with something under way to n2");
    let question = question(session.scenario(), &[], 0, &[("Round", 14)], None);
    let answer = ask(Origin::Midst(session.world()), &question, 1);
    assert!(answer.seen[0].1 > 0, "a value is decided: {}", answer.text());
}

/// Nor does one that has come back, and takes no part any more.
#[test]
fn rounds_go_on_without_who_came_back() {
    let scenario = scenario("floodset", "own-only", SYNCHRONOUS, r#"{"f": 1}"#, 3, TWO);
    let mut question = question(&scenario, &["Agreement"], 1, &[("Round", 3)], None);
    question.bounds.restarts = true;
    let recording = Recording { cursor: Some(4), ..Recording::new(scenario) };
    let session = Session::open(recording).expect("a session");
    for fused in [true, false] {
        question.reductions.fused_restarts = fused;
        let answer = ask(Origin::Midst(session.world()), &question, 1);
        assert!(answer.violated(), "{}", answer.text());
    }
}

/// Who is down in a run may come back, where the protocol survives that: it costs no crash.
#[test]
fn who_is_down_may_come_back() {
    let script =
        r#"{"do": "crash", "node": 1}, {"do": "crash", "node": 2}, {"do": "propose", "node": 0, "value": "red"}"#;
    let scenario = scenario("paxos", "correct", MANUAL, "{}", 3, script);
    let session = ran(scenario.clone());
    assert_eq!(session.world().up().len(), 1);
    let question = question(&scenario, &[], 0, &[], None);
    let answer = ask(Origin::Midst(session.world()), &question, 1);
    assert!(answer.seen[0].1 > 0, "a value is decided: {}", answer.text());
    let space = Space::of(Origin::Midst(session.world()), &question).expect("a space");
    let found = valence::of(&space, &space.starts()[0], 100_000);
    assert!(matches!(found.verdict(), Verdict::Univalent(_)), "{found:?}");
}

/// n0 has accepted red from n1 under a ballot that n4, which is down, has accepted as well: one more makes it chosen.
#[test]
fn what_was_accepted_by_who_is_down_counts() {
    let script = r#"{"do": "propose", "node": 1, "value": "red"},
        {"do": "deliver", "match": {"kind": "Prepare", "from": 1}, "count": "all"},
        {"do": "deliver", "match": {"kind": "Promise", "to": 1}, "count": "all"},
        {"do": "drop", "match": {"kind": "Accept", "from": 1, "to": 2}, "count": 1},
        {"do": "drop", "match": {"kind": "Accept", "from": 1, "to": 3}, "count": 1},
        {"do": "deliver", "match": {"kind": "Accept", "from": 1, "to": 4}, "count": 1},
        {"do": "crash", "node": 4}"#;
    let scenario = scenario("paxos", "correct", MANUAL, "{}", 5, script);
    let session = ran(scenario.clone());
    let mut question = question(&scenario, &[], 0, &[], None);
    question.bounds.commands = 0;
    let space = Space::of(Origin::Midst(session.world()), &question).expect("a space");
    let found = valence::of(&space, &space.starts()[0], 100_000);
    assert!(matches!(found.verdict(), Verdict::Univalent(_)), "n1, n4 and n0 choose red: {found:?}");
}

/// n1 has begun ballot 7 with n2 and is gone; n0 was told nothing of it. n2 refuses n0, and that tells.
const REFUSED: &str = r#"{"do": "propose", "node": 1, "value": "blue"},
    {"do": "drop", "match": {"kind": "Prepare", "from": 1}, "count": "all"}, {"do": "fire", "node": 1, "timer": "Retry"},
    {"do": "drop", "match": {"kind": "Prepare", "from": 1, "to": 0}, "count": 1},
    {"do": "deliver", "match": {"kind": "Prepare", "from": 1, "to": 2}, "count": 1}, {"do": "crash", "node": 1},
    {"do": "drop", "match": {"from": 2}, "count": "all"},
    {"do": "propose", "node": 0, "value": "red"}"#;

#[test]
fn a_refusal_tells_of_a_ballot_that_was_lost_in_the_run() {
    let scenario = scenario("paxos", "correct", MANUAL, "{}", 3, REFUSED);
    let session = ran(scenario.clone());
    let question = question(&scenario, &[], 0, &[("Retry@0", 1)], None);
    let space = Space::of(Origin::Midst(session.world()), &question).expect("a space");
    assert!(decides_without(&space, NodeId(1)), "n2's refusal brings n0 beyond ballot 7");
}

/// Whether something is decided while this node takes no step.
fn decides_without(space: &Space, without: NodeId) -> bool {
    let mut waiting = space.starts().to_vec();
    let mut seen: BTreeSet<u64> = waiting.iter().map(|state| state.print()).collect();
    while let Some(state) = waiting.pop() {
        if space.core().ghost(state.ghost).places() > 0 {
            return true;
        }
        let next = space.steps(&state).into_iter().filter(|(step, ..)| step.node != without);
        waiting.extend(next.map(|(_, after, _)| after).filter(|after| seen.insert(after.print())));
    }
    false
}

/// x is committed, acknowledged, and known to be so by n0 alone, which is down.
#[test]
fn what_was_committed_by_who_is_down_counts() {
    let script = r#"{"do": "partition", "groups": [[0, 1], [2]]},
        {"do": "fire", "node": 0, "timer": "Election"}, {"do": "settle"},
        {"do": "propose", "node": 0, "value": "x"}, {"do": "settle"}, {"do": "crash", "node": 0}, {"do": "heal"}"#;
    let scenario = scenario("raft", "vote-ignores-log", MANUAL, PLAIN_RAFT, 3, script);
    let session = ran(scenario.clone());
    assert!(session.world().frontier() > 0);
    let question = question(&scenario, &["Leader Completeness"], 0, &[("Election@2", 2)], Some(2));
    let answer = ask(Origin::Midst(session.world()), &question, 1);
    assert!(answer.violated(), "{}", answer.text());
    assert!(answer.counterexample.as_ref().is_some_and(|found| found.run.is_ok()), "{}", answer.text());
}

/// The log with which a leader was elected counts that is down by now: no false alarm.
#[test]
fn the_log_of_a_leader_that_is_down_counts() {
    // n0 leads term 1 and has x on n1 and n2, whose answers are late; n1 leads term 2, with x, and is gone.
    let script = r#"{"do": "fire", "node": 0, "timer": "Election"},
        {"do": "deliver", "match": {"kind": "RequestVote", "from": 0}, "count": "all"},
        {"do": "deliver", "match": {"kind": "RequestVoteResponse", "to": 0}, "count": "all"},
        {"do": "propose", "node": 0, "value": "x"},
        {"do": "deliver", "match": {"kind": "AppendEntries"}, "count": "all"},
        {"do": "deliver", "match": {"kind": "AppendEntriesResponse"}, "count": "all"},
        {"do": "deliver", "match": {"kind": "AppendEntries"}, "count": "all"},
        {"do": "fire", "node": 1, "timer": "Election"},
        {"do": "deliver", "match": {"kind": "RequestVote", "from": 1, "to": 2}, "count": 1},
        {"do": "deliver", "match": {"kind": "RequestVoteResponse", "from": 2, "to": 1}, "count": 1},
        {"do": "drop", "match": {"from": 1, "to": 0, "kind": "RequestVote"}, "count": "all"},
        {"do": "crash", "node": 1}"#;
    let scenario = scenario("raft", "correct", MANUAL, PLAIN_RAFT, 3, script);
    let session = ran(scenario.clone());
    assert_eq!(session.world().reigns().len(), 2);
    let answer = ask(Origin::Midst(session.world()), &question(&scenario, &[], 0, &[], Some(0)), 1);
    assert!(answer.seen[0].1 > 0, "n0 commits x: {}", answer.text());
    assert!(!answer.violated(), "{}", answer.text());
}

/// Nodes that a change of the membership in the log names are not alike, though the change lies behind.
#[test]
fn a_membership_that_was_changed_tells_nodes_apart() {
    let script = r#"{"do": "fire", "node": 0, "timer": "Election"}, {"do": "settle"},
        {"do": "propose", "node": 0, "value": "remove n3"}, {"do": "settle"}"#;
    let scenario = scenario("raft", "correct", MANUAL, PLAIN_RAFT, 4, script);
    let session = ran(scenario.clone());
    assert!(session.world().frontier() > 0);
    let space = Space::of(Origin::Midst(session.world()), &question(&scenario, &[], 0, &[], None)).expect("a space");
    assert_eq!(space.core().renamings(), 1);
}

/// A run under other names is a run: whatever can be reached, can be reached under every renaming that the search takes
/// for the same.
#[test]
fn renamings_lead_from_runs_to_runs() {
    let asked = r#"{"do": "propose", "node": 0, "value": "1"}"#;
    for protocol in ["paxos", "reliable"] {
        let scenario = scenario(protocol, "correct", MANUAL, "{}", 3, asked);
        let mut question = question(&scenario, &[], 0, &[], Some(1));
        question.bounds.retries = 1;
        let again = Space::of_scenario(&scenario, &question).expect("a space");
        assert_eq!(again.core().renamings(), 1, "who asks once more asks anybody");
        question.bounds.retries = 0;
        let space = Space::of_scenario(&scenario, &question).expect("a space");
        assert!(space.core().renamings() > 1);
        let mut waiting = space.starts().to_vec();
        let print = |state: &State| state.prints[0];
        let mut seen: BTreeSet<u64> = waiting.iter().map(print).collect();
        let mut images = BTreeSet::new();
        while let Some(state) = waiting.pop() {
            images.extend(state.prints.iter().copied());
            let next = space.steps(&state).into_iter().map(|(_, after, _)| after);
            waiting.extend(next.filter(|after| seen.insert(print(after))));
        }
        assert_eq!(seen, images, "{protocol}");
    }
}

/// A node that is about to hear itself, and to toss a coin then, has both ways before it.
#[test]
fn a_coin_that_is_in_the_air_has_not_fallen() {
    let script = r#"{"do": "propose", "node": 0, "value": "0"}, {"do": "propose", "node": 1, "value": "1"},
        {"do": "propose", "node": 2, "value": "1"}"#;
    let (mut coins, mut both) = (0, 0);
    for seed in 1..=12 {
        let mut scenario = scenario("ben-or", "correct", r#"{"model": "asynchronous", "min_ms": 1}"#, "{}", 3, script);
        scenario.seed = seed;
        let question = question(&scenario, &[], 0, &[], Some(1));
        let mut session = Session::open(Recording { cursor: Some(3), ..Recording::new(scenario) }).expect("a session");
        while session.step() && session.world().events() < 60 {
            let space = Space::of(Origin::Midst(session.world()), &question).expect("a space");
            let start = &space.starts()[0];
            let steps = space.steps(start);
            let own = |step: &Step| matches!(step.event, Event::Deliver(letter) if space.core().is_own(letter));
            if steps.iter().any(|(step, ..)| own(step)) {
                coins += 1;
                both += usize::from(steps.len() == 2 && steps.iter().all(|(step, ..)| own(step)));
            }
        }
    }
    assert!(coins > 0 && coins == both, "{both} of {coins} coins may fall either way");
}

/// Of many values that were decided, those count that can still be.
#[test]
fn the_valence_of_a_late_slot_knows_its_values() {
    let propose = |value: usize| format!(r#"{{"do": "propose", "node": 0, "value": "v{value}"}}, {{"do": "settle"}}"#);
    let all: Vec<String> = (0..10).map(propose).collect();
    let lead = r#"{"do": "fire", "node": 0, "timer": "Election"}, {"do": "settle"}"#;
    let script = format!(r#"{lead}, {}, {{"do": "propose", "node": 0, "value": "late"}}"#, all.join(", "));
    let scenario = scenario("raft", "correct", MANUAL, PLAIN_RAFT, 3, &script);
    let session = ran(scenario.clone());
    assert_eq!(session.world().frontier(), 10);
    let space = Space::of(Origin::Midst(session.world()), &question(&scenario, &[], 0, &[], Some(0))).expect("a space");
    let found = valence::of(&space, &space.starts()[0], 100_000);
    let Verdict::Univalent(value) = found.verdict() else { panic!("{found:?}") };
    assert_eq!(session.world().values().show(value), "late");
}

/// A leader's no-op takes a slot like any other value.
#[test]
fn a_no_op_is_a_decision() {
    let settings = r#"{"pre_vote": false, "check_quorum": false}"#;
    let scenario = scenario("raft", "correct", MANUAL, settings, 3, "");
    let question = question(&scenario, &[], 0, &[("Election@0", 1)], Some(1));
    let space = Space::of_scenario(&scenario, &question).expect("a space");
    let found = valence::of(&space, &space.starts()[0], 100_000);
    assert_eq!(found.verdict(), Verdict::Univalent(Command::NOOP.value), "{found:?}");
}

/// A script with more commands than a search can ask for is no larger than it says.
#[test]
fn commands_that_are_left_out_are_told() {
    let propose = |value: usize| format!(r#"{{"do": "propose", "node": 0, "value": "v{value}"}}"#);
    let all: Vec<String> = (0..18).map(propose).collect();
    let scenario = scenario("raft", "correct", MANUAL, PLAIN_RAFT, 3, &all.join(", "));
    let mut question = question(&scenario, &[], 0, &[], Some(0));
    let answer = ask(Origin::Start(&scenario), &question, 1);
    assert!(answer.text().contains("the last 2 commands of the script were left out"), "{}", answer.text());
    assert!(answer.json().contains(r#""commands_left_out": 2"#), "{}", answer.json());
    question.bounds.commands = 3;
    let answer = ask(Origin::Start(&scenario), &question, 1);
    assert!(answer.json().contains(r#""commands_left_out": 15"#), "{}", answer.json());
}

/// That stale votes lead to nothing new was tried, not proved: a clean verdict without them says so.
#[test]
fn a_heuristic_is_called_one() {
    let scenario = scenario("zab", "correct", MANUAL, "{}", 3, "");
    let mut question = question(&scenario, &[], 0, &[], Some(1));
    let answer = ask(Origin::Start(&scenario), &question, 1);
    assert_eq!((answer.progress.ended, answer.violated()), (Some(Ended::Exhausted), false));
    assert!(answer.text().contains("latest is a heuristic, which makes this no proof"), "{}", answer.text());
    assert_eq!(answer.heuristics, ["latest"]);
    question.reductions.latest = false;
    let answer = ask(Origin::Start(&scenario), &question, 1);
    assert!(answer.heuristics.is_empty() && !answer.text().contains("note"), "{}", answer.text());
}

/// However many threads there are, as much is seen.
#[test]
fn threads_change_nothing_of_what_is_told() {
    let propose = r#"{"do": "propose", "node": 0, "value": "x"}, {"do": "propose", "node": 1, "value": "y"}"#;
    let scenario = scenario("paxos", "promise-without-persist", MANUAL, "{}", 3, propose);
    let question = question(&scenario, &["Agreement"], 1, &[], None);
    let one = ask(Origin::Start(&scenario), &question, 1);
    assert!(one.violated() && one.progress.unique > 3000, "{}", one.text());
    for threads in [2, 3] {
        assert_eq!(ask(Origin::Start(&scenario), &question, threads).json(), one.json());
    }
    let few = Bounds { states: 2_000, ..Bounds::NONE };
    let ask = |threads| answer::ask_from(Origin::Start(&scenario), &question, Order::Breadth, few, threads);
    assert_eq!(ask(2).expect("an answer").json(), ask(1).expect("an answer").json());
}

/// On the way to a goal bounds count as well, and what they cut off is not called out of reach.
#[test]
fn a_bound_on_the_way_to_a_goal_is_told() {
    let scenario = scenario("raft", "correct", MANUAL, PLAIN_RAFT, 3, TWO);
    let mut question = question(&scenario, &[], 0, &[("Election", 15)], Some(2));
    question.bounds.goals = vec![Goal::parse("committed=2", 3).expect("a goal")];
    for bounds in [
        Bounds { states: 100, ..Bounds::NONE },
        Bounds { depth: 5, ..Bounds::NONE },
        Bounds { bytes: 60_000, ..Bounds::NONE },
    ] {
        let error = answer::ask(&scenario, &question, Order::Breadth, bounds, 1).expect_err("too little");
        assert!(error.contains("was reached before"), "{bounds:?}: {error}");
    }
}
