//! Each reduction keeps the verdict on instances that are small enough without it, and is taken on some of them.

use super::*;
use consensus_playground::check::cluster::{Space, State};
use consensus_playground::scenario::Model;
use std::collections::BTreeSet;

const Z1: Case = Case { variant: "propose-to-synced", property: LOCAL, proposals: JOINING, ..ZAB };

const SMALL: &[(Case, &str)] = &[
    (Case { variant: "own-value", ..PAXOS }, "learners"),
    (Case { variant: "promise-without-persist", crashes: 1, ..PAXOS }, "fused-restarts"),
    (Case { variant: "own-value", ..PAXOS }, "own-messages"),
    (Case { variant: "own-value", ..PAXOS }, "set"),
    (Case { variant: "own-value", timeouts: &[("Retry@0", 2)], ..PAXOS }, "idle-timeouts"),
    (
        Case { variant: "volatile-term-and-vote", property: "Election Safety", crashes: 1, epochs: Some(1), ..RAFT },
        "normal",
    ),
    (Case { variant: "own-value", ..PAXOS }, "normal"),
    (Case { variant: "gap-skipped", proposals: SAME, timeouts: &[("Election@0", 1)], ..MULTI_PAXOS }, "normal"),
    (Case { variant: "vote-ignores-log", property: LOST, proposals: ONE, ..RAFT }, "symmetry"),
    (Case { variant: "decide-on-one", epochs: Some(1), ..BEN_OR }, "symmetry"),
    (Case { variant: "own-value", nodes: 4, ..PAXOS }, "symmetry"),
    (
        Case {
            protocol: "fifo",
            variant: "no-gap-check",
            property: "FIFO order",
            proposals: SAME,
            settings: r#"{"retransmit": false}"#,
            crashes: 1,
            ..CASE
        },
        "symmetry",
    ),
    (
        Case { variant: "volatile-term-and-vote", property: "Election Safety", crashes: 1, epochs: Some(1), ..RAFT },
        "learners",
    ),
    (Case { variant: "decide-on-one", epochs: Some(1), ..BEN_OR }, "normal"),
    (Z1, "latest"),
    (Z1, "normal"),
    (
        Case {
            protocol: "fifo",
            variant: "no-gap-check",
            property: "FIFO order",
            nodes: 2,
            proposals: SAME,
            crashes: 1,
            ..CASE
        },
        "silent-crashes",
    ),
    (Case { timeouts: &[("Tick@2", 1), ("Timeout@2", 1)], ..Z1 }, "timer-order"),
    (Case { timeouts: &[("Tick@1", 1), ("Timeout@1", 1)], ..Z1 }, "timer-order"),
];

/// Nothing is left open on either side, and without the reduction there are no fewer states.
#[test]
fn reductions_keep_the_verdict() {
    let mut fewer = BTreeSet::new();
    for (case, reduction) in SMALL {
        for variant in [case.variant, "correct"] {
            let mut scenario = scenario(case, variant);
            if *reduction == "timer-order" {
                // Where there are no clocks there is no order.
                scenario.network.model = Model::PartiallySynchronous;
            }
            let mut question = question(case, &scenario);
            let few = Bounds { states: 3_000_000, ..Bounds::NONE };
            let with = answer::ask(&scenario, &question, Order::Breadth, few, 1).expect("an answer");
            *asked::named(&mut question.reductions, reduction).expect("a reduction") = false;
            let without = answer::ask(&scenario, &question, Order::Breadth, few, 1).expect("an answer");
            assert_eq!(with.progress.ended, without.progress.ended, "{reduction}: {}{}", with.text(), without.text());
            assert_ne!(with.progress.ended, Some(Ended::States), "{reduction}: {}", with.text());
            assert_eq!(with.violated(), without.violated(), "{reduction}: {}{}", with.text(), without.text());
            assert!(with.progress.unique <= without.progress.unique, "{reduction}: {}{}", with.text(), without.text());
            if with.progress.unique < without.progress.unique {
                fewer.insert(*reduction);
            }
        }
    }
    let tested: BTreeSet<&str> = SMALL.iter().map(|(_, reduction)| *reduction).collect();
    assert_eq!(fewer, tested, "each leaves something out");
}

/// The table of `docs/checking.md` names just the reductions that are tested here.
#[test]
fn every_reduction_is_tested() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/checking.md")).expect("the text");
    let section = text.split("## Reductions").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let named = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let tested = SMALL.iter().map(|(_, reduction)| *reduction);
    assert_eq!(named.collect::<BTreeSet<_>>(), tested.collect::<BTreeSet<_>>());
}

/// Every history (who led with which log, what was committed, decided and delivered in which order) that can be reached.
fn histories(case: &Case, reduction: &str, with: bool) -> BTreeSet<String> {
    let scenario = scenario(case, "correct");
    let mut question = Question { only: Vec::new(), ..question(case, &scenario) };
    question.reductions.symmetry = false;
    *asked::named(&mut question.reductions, reduction).expect("a reduction") = with;
    let space = Space::of_scenario(&scenario, &question).expect("a space");
    let states = reached(&space, State::print);
    let core = space.core();
    states.iter().map(|state| format!("{:?}", core.ghost(state.ghost))).collect()
}

/// Every state that can be reached, as far as `print` tells them apart.
fn reached(space: &Space, print: fn(&State) -> u64) -> Vec<State> {
    let mut states: Vec<State> = space.starts().to_vec();
    let mut seen: BTreeSet<u64> = states.iter().map(print).collect();
    let mut at = 0;
    while let Some(state) = states.get(at) {
        assert_eq!(state.prints, state.fresh_prints(&space.core()), "prints change with the state");
        let next = space.steps(state).into_iter().map(|(_, after, _)| after);
        states.extend(next.filter(|after| seen.insert(print(after))).collect::<Vec<_>>());
        at += 1;
    }
    states
}

/// What a renaming makes of a state that can be reached can be reached, and it is found by its fingerprint; who takes
/// all of them for one finds as many states as there are, and every history under some name.
fn other_names(case: &Case) {
    let scenario = scenario(case, case.variant);
    let question = Question { only: Vec::new(), ..question(case, &scenario) };
    let space = Space::of_scenario(&scenario, &question).expect("a space");
    let (all, few) = (reached(&space, |state| state.prints[0]), reached(&space, State::print));
    let core = space.core();
    assert!(core.renamings() > 1, "{}: nobody can have another name", case.protocol);
    let prints: BTreeSet<u64> = all.iter().map(|state| state.prints[0]).collect();
    for state in &all {
        assert!(state.prints.iter().all(|print| prints.contains(print)), "{}: {}", case.protocol, case.variant);
    }
    let of = |states: &[State]| states.iter().map(State::print).collect::<BTreeSet<_>>();
    assert_eq!(of(&all), of(&few));
    assert!(few.len() < all.len(), "{}: {} of {}", case.protocol, few.len(), all.len());
    let least = |state: &State| {
        let ghost = core.ghost(state.ghost);
        (0..core.renamings()).map(|at| format!("{:?}", ghost.renamed(core.renaming(at)))).min()
    };
    let histories = |states: &[State]| states.iter().map(least).collect::<BTreeSet<_>>();
    assert_eq!(histories(&all), histories(&few));
}

#[test]
fn other_names_leave_the_same_histories() {
    let textbook =
        Case { property: "No creation", proposals: SAME, settings: r#"{"retransmit": false}"#, crashes: 1, ..CASE };
    let paxos = Case { variant: "correct", nodes: 4, ..PAXOS };
    let cases = [
        Case { property: LOST, proposals: ONE, variant: "correct", epochs: Some(1), ..RAFT },
        Case { property: LOST, proposals: ONE, variant: "vote-ignores-log", epochs: Some(1), ..RAFT },
        Case { variant: "correct", epochs: Some(1), ..BEN_OR },
        Case { variant: "decide-on-one", epochs: Some(1), crashes: 1, ..BEN_OR },
        Case { variant: "majority-of-received", epochs: Some(1), crashes: 1, ..BEN_OR },
        Case { crashes: 1, ..paxos },
        Case { timeouts: &[("Retry@0", 1)], ..paxos },
        Case { variant: "own-value", ..paxos },
        Case { protocol: "best-effort", variant: "correct", proposals: TWO, nodes: 4, ..textbook },
        Case { protocol: "reliable", variant: "no-relay", ..textbook },
        Case { protocol: "reliable", variant: "correct", ..textbook },
        Case { protocol: "fifo", variant: "no-gap-check", ..textbook },
        Case { protocol: "fifo", variant: "correct", proposals: ONE, settings: "{}", ..textbook },
    ];
    cases.iter().for_each(other_names);
}

/// Votes that their senders have replaced lead to nothing that others do not lead to, where there is a crash or nodes lose
/// patience: four million states without the reduction.
#[test]
#[ignore = "takes longer"]
fn the_latest_votes_lead_to_the_same_histories() {
    let zab = Case { property: LOCAL, stay: false, ..ZAB };
    let cases = [
        Case { crashes: 1, epochs: Some(2), ..zab },
        Case { timeouts: &[("Election", 1)], ..zab },
        Case { timeouts: &[("Timeout@1", 1), ("Election@1", 1)], ..zab },
    ];
    for case in &cases {
        let (with, without) = (histories(case, "latest", true), histories(case, "latest", false));
        assert!(with.len() > 10, "{with:?}");
        assert_eq!(with, without);
    }
}

/// What nodes forget, and messages that are not waited for, leave every history within reach.
#[test]
fn forgetting_leaves_the_same_histories() {
    let raft = Case { property: LOST, proposals: ONE, ..RAFT };
    let timeouts = &[("Election@0", 1), ("Heartbeat@0", 1)];
    let leads = Case { proposals: ONE, timeouts, crashes: 1, crashes_at: &[1], ..MULTI_PAXOS };
    let cases = [
        (Case { epochs: Some(1), ..raft }, "normal"),
        (Case { timeouts: &[("ViewChange", 1)], ..VR }, "normal"),
        (Case { timeouts: &[("ViewChange@2", 1)], crashes: 1, crashes_at: &[2], ..VR }, "normal"),
        (Case { epochs: Some(1), ..BEN_OR }, "normal"),
        (Case { crashes: 1, ..PAXOS }, "normal"),
        (Case { timeouts: &[("Retry@0", 1)], ..PAXOS }, "normal"),
        (Case { lost_disks: 1, ..leads }, "normal"),
        (Case { proposals: &[], timeouts: &[("Election@0", 1), ("Election@1", 1)], ..leads }, "normal"),
        (Case { property: LOCAL, stay: false, ..ZAB }, "normal"),
        (Case { property: LOCAL, stay: false, ..ZAB }, "latest"),
    ];
    for (case, reduction) in &cases {
        let (with, without) = (histories(case, reduction, true), histories(case, reduction, false));
        assert!(with.len() > 1, "{}: {with:?}", case.protocol);
        assert_eq!(with, without, "{}", case.protocol);
    }
}
