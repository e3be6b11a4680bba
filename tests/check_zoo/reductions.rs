//! Each reduction keeps the verdict on instances that are small enough without it.

use super::*;
use consensus_playground::check::cluster::{Space, State};
use std::collections::BTreeSet;

/// The reductions keep the verdict, and find the same histories, on instances that are small enough without them.
#[test]
fn reductions_keep_the_verdict() {
    let small: &[(Case, &str)] = &[
        (Case { variant: "own-value", ..PAXOS }, "learners"),
        (Case { variant: "promise-without-persist", crashes: 1, ..PAXOS }, "fused-restarts"),
        (Case { variant: "own-value", ..PAXOS }, "own-messages"),
        (Case { variant: "own-value", ..PAXOS }, "set"),
        (Case { variant: "own-value", timeouts: &[("Retry", 1)], ..PAXOS }, "idle-timeouts"),
        (Case { variant: "vote-ignores-log", property: LOST, proposals: ONE, ..RAFT }, "normal"),
        (Case { variant: "own-value", ..PAXOS }, "normal"),
        (Case { variant: "gap-skipped", proposals: SAME, timeouts: &[("Election@0", 1)], ..MULTI_PAXOS }, "normal"),
        (Case { variant: "vote-ignores-log", property: LOST, proposals: ONE, ..RAFT }, "symmetry"),
        (
            Case {
                variant: "volatile-term-and-vote",
                property: "Election Safety",
                crashes: 1,
                epochs: Some(1),
                ..RAFT
            },
            "learners",
        ),
        (Case { variant: "decide-on-one", epochs: Some(1), ..BEN_OR }, "normal"),
        (Case { variant: "propose-to-synced", property: LOCAL, proposals: JOINING, ..ZAB }, "latest"),
        (Case { variant: "propose-to-synced", property: LOCAL, proposals: JOINING, ..ZAB }, "normal"),
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
    ];
    for (case, reduction) in small {
        for variant in [case.variant, "correct"] {
            let scenario = scenario(case, variant);
            let mut question = question(case, &scenario);
            let few = Bounds { states: 200_000, ..Bounds::NONE };
            let with = answer::ask(&scenario, &question, Order::Breadth, few, 1).expect("an answer");
            *asked::named(&mut question.reductions, reduction).expect("a reduction") = false;
            let without = answer::ask(&scenario, &question, Order::Breadth, few, 1).expect("an answer");
            assert_eq!(with.violated(), without.violated(), "{reduction}: {}{}", with.text(), without.text());
            assert!(with.progress.unique <= without.progress.unique, "{reduction}: {}{}", with.text(), without.text());
        }
    }
}

/// Every history (who led with which log, what was committed, decided and delivered in which order) that can be reached.
fn histories(case: &Case, reduction: &str, with: bool) -> BTreeSet<String> {
    let scenario = scenario(case, "correct");
    let mut question = Question { only: Vec::new(), ..question(case, &scenario) };
    question.reductions.symmetry = false;
    *asked::named(&mut question.reductions, reduction).expect("a reduction") = with;
    let space = Space::of_scenario(&scenario, &question).expect("a space");
    let mut waiting: Vec<State> = space.starts().to_vec();
    let mut seen: BTreeSet<u64> = waiting.iter().map(State::print).collect();
    let mut ghosts = BTreeSet::new();
    while let Some(state) = waiting.pop() {
        assert_eq!(state.prints, state.fresh_prints(&space.core()), "prints change with the state");
        ghosts.insert(state.ghost);
        let next = space.steps(&state).into_iter().map(|(_, after, _)| after);
        waiting.extend(next.filter(|after| seen.insert(after.print())));
    }
    let core = space.core();
    ghosts.into_iter().map(|ghost| format!("{:?}", core.ghost(ghost))).collect()
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
        (Case { property: LOCAL, ..ZAB }, "normal"),
        (Case { property: LOCAL, ..ZAB }, "latest"),
    ];
    for (case, reduction) in &cases {
        let (with, without) = (histories(case, reduction, true), histories(case, reduction, false));
        assert!(with.len() > 1, "{}: {with:?}", case.protocol);
        assert_eq!(with, without, "{}", case.protocol);
    }
}
