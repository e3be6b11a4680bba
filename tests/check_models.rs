//! The search against counts that others have reached: Stateright's and TLC's, see the heads of the models.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::check::models::paxos_tla::{self, Paxos, Rule};
use consensus_playground::check::models::two_phase::{self, TwoPhase};
use consensus_playground::check::{Bounds, Ended, Model, Order, Progress, Search};

fn exhaust<M: Model>(model: M, order: Order) -> (u64, u64, u32) {
    let mut search = Search::new(model, order, Bounds::NONE);
    let Progress { generated, unique, depth, ended, .. } = search.run(u64::MAX);
    assert_eq!(ended, Some(Ended::Exhausted));
    (generated, unique, depth)
}

#[test]
fn two_phase_commit() {
    for (managers, counts) in [(3, (1_146, 288, 11)), (5, (58_146, 8_832, 17)), (7, (2_744_706, 296_448, 23))] {
        assert_eq!(exhaust(TwoPhase::new(managers), Order::Breadth), counts);
        assert_eq!(exhaust(TwoPhase::new(managers), Order::Depth), counts);
    }
}

#[test]
fn paxos() {
    for (ballots, counts) in [(2, (23_563, 3_921, 17)), (3, (1_361_380, 185_369, 25))] {
        assert_eq!(exhaust(Paxos::new(ballots, Rule::Highest), Order::Breadth), counts);
        assert_eq!(exhaust(Paxos::new(ballots, Rule::Highest), Order::Depth).1, counts.1);
    }
}

/// The shortest counterexample to property `property`, by its actions.
fn shortest<M: Model>(model: M, property: usize) -> Vec<String> {
    let mut search = Search::new(model, Order::Breadth, Bounds::NONE);
    assert_eq!(search.run(u64::MAX).ended, Some(Ended::Found));
    assert_eq!(search.broken(), Some(property));
    let path = search.path(property).expect("a path");
    let bit = 1 << property;
    assert_eq!(search.model().judge(path.end()) & bit, bit, "the last state breaks it");
    for (_, state) in path.steps.iter().rev().skip(1) {
        assert_eq!(search.model().judge(state) & bit, 0, "and no state before");
    }
    path.steps.iter().map(|(action, _)| format!("{action:?}")).collect()
}

#[test]
fn a_hasty_transaction_manager_is_caught_in_three_steps() {
    // One manager must commit on its word, and another abort on its own: no two steps do.
    let steps = shortest(TwoPhase::hasty(3), two_phase::CONSISTENT);
    assert_eq!(steps, ["TmCommit", "RmChooseToAbort(0)", "RmRcvCommitMsg(1)"]);
}

#[test]
fn a_ballot_that_takes_any_value_is_caught_in_twelve_steps() {
    // Each of two ballots needs its 1a, two promises, its 2a and two votes.
    assert_eq!(shortest(Paxos::new(3, Rule::Any), paxos_tla::CONSISTENCY).len(), 12);
    assert_eq!(shortest(Paxos::new(2, Rule::Any), paxos_tla::CONSISTENCY).len(), 12);
}

#[test]
fn a_ballot_that_takes_any_reported_value_is_caught_in_seventeen_steps() {
    // Two ballots that choose, six steps each; and one that has one vote only, which the last ballot takes for the
    // highest: its 1a, two promises, its 2a, a vote.
    assert_eq!(shortest(Paxos::new(3, Rule::AnyReported), paxos_tla::CONSISTENCY).len(), 17);
    // With two ballots there is no third vote to be mistaken for the highest.
    assert_eq!(exhaust(Paxos::new(2, Rule::AnyReported), Order::Breadth), (23_563, 3_921, 17));
}
