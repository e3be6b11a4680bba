//! The search against counts that others have reached: Stateright's and TLC's, see the heads of the models.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::check::answer;
use consensus_playground::check::cluster::Question;
use consensus_playground::check::models::paxos_tla::{self, Paxos, Rule};
use consensus_playground::check::models::two_phase::{self, TwoPhase};
use consensus_playground::check::{Bounds, Ended, Model, Order, Progress, Search, Until};
use consensus_playground::scenario::Scenario;

/// Generated and distinct states, and depth.
type Counts = (u64, u64, u32);

fn counts(Progress { generated, unique, depth, .. }: Progress) -> Counts {
    (generated, unique, depth)
}

fn exhaust<M: Model>(model: M, order: Order) -> Counts {
    let mut search = Search::new(model, order, Bounds::NONE);
    let progress = search.run(u64::MAX);
    assert_eq!(progress.ended, Some(Ended::Exhausted));
    assert_eq!((progress.waiting, search.broken(), search.unseen().count()), (0, None, 0));
    counts(progress)
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

/// All that a search has to tell, its paths by their actions.
fn outcome<M: Model>(search: &Search<M>) -> (Counts, Option<Ended>, u64, Vec<Option<Vec<u32>>>) {
    let progress = search.progress();
    let trails = (0..search.properties().len()).map(|property| search.trail(property).map(<[u32]>::to_vec));
    (counts(progress), progress.ended, progress.waiting, trails.collect())
}

/// One thread in one go, one thread in slices, and several threads, give the same in every respect.
fn is_the_same_on_threads<M: Model + Copy + Sync>(model: M, bounds: Bounds)
where
    M::State: Send,
{
    let mut whole = Search::new(model, Order::Breadth, bounds);
    whole.run(u64::MAX);
    let mut slices = Search::new(model, Order::Breadth, bounds);
    while slices.run(777).ended.is_none() {}
    assert_eq!(outcome(&slices), outcome(&whole));
    for threads in 2..=4 {
        let mut shared = Search::new(model, Order::Breadth, bounds);
        if threads == 4 {
            while shared.run_on(threads, 10_000).ended.is_none() {}
        } else {
            shared.run_on(threads, u64::MAX);
        }
        assert_eq!(outcome(&shared), outcome(&whole), "{threads} threads, {bounds:?}");
    }
}

#[test]
fn threads_and_slices_change_nothing() {
    for states in [1, 2, 1_000, 66_666, u64::MAX] {
        let bounds = Bounds { states, ..Bounds::NONE };
        is_the_same_on_threads(TwoPhase::new(6), bounds);
        is_the_same_on_threads(Paxos::new(3, Rule::Highest), bounds);
        is_the_same_on_threads(Paxos::new(3, Rule::Any), bounds);
        is_the_same_on_threads(Paxos::new(3, Rule::AnyReported), bounds);
    }
    for depth in [1, 2, 10, 16] {
        is_the_same_on_threads(Paxos::new(3, Rule::Any), Bounds { depth, ..Bounds::NONE });
    }
}

#[test]
fn a_cluster_is_searched_alike_on_threads() {
    for (name, violated) in [("paxos-one-value", false), ("raft-first-run", false), ("bugs/paxos-any-value", true)] {
        let file = std::fs::read(format!("www/scenarios/{name}.json")).expect("a shipped scenario");
        let scenario = Scenario::from_json(&file).expect("a scenario");
        let question = Question::default();
        let bounds = Bounds { states: 20_000, ..Bounds::NONE };
        let found = |threads| {
            let answer = answer::ask(&scenario, &question, Order::Breadth, bounds, threads).expect("an answer");
            let deeds = answer.counterexample.as_ref().map(|found| &found.deeds);
            let words = deeds.map(|deeds| deeds.iter().map(|deed| answer.words(deed)).collect::<Vec<_>>());
            (counts(answer.progress), answer.progress.ended, words)
        };
        let alone = found(1);
        assert_eq!(alone.2.is_some(), violated, "{name}");
        assert_eq!(found(2), alone, "{name}");
        assert_eq!(found(3), alone, "{name}");
    }
}

#[test]
fn bounds_are_kept_and_told() {
    let ended = |order, bounds| {
        let mut search = Search::new(TwoPhase::new(5), order, bounds);
        let progress = search.run(u64::MAX);
        (progress.ended, progress.unique, progress.depth)
    };
    for order in [Order::Breadth, Order::Depth] {
        let states = |states| ended(order, Bounds { states, ..Bounds::NONE });
        assert_eq!((states(8_831).0, states(8_831).1), (Some(Ended::States), 8_831));
        assert_eq!((states(8_832).0, states(8_832).1), (Some(Ended::Exhausted), 8_832));
        let depth = |depth| ended(order, Bounds { depth, ..Bounds::NONE });
        assert_eq!((depth(16).0, depth(16).2), (Some(Ended::Depth), 16));
        assert_eq!((depth(18).0, depth(18).2), (Some(Ended::Exhausted), 17));
        let (bytes, unique, _) = ended(order, Bounds { bytes: 60_000, ..Bounds::NONE });
        assert_eq!(bytes, Some(Ended::Bytes));
        assert!((1_000..8_000).contains(&unique), "{unique}");
    }
    // In breadth a bound on depth leaves out nothing that lies within it: two states are deepest, one where all
    // have committed and one where all have been told to abort at the last moment.
    assert_eq!(ended(Order::Breadth, Bounds { depth: 16, ..Bounds::NONE }).1, 8_830);
}

#[test]
fn a_search_can_go_on_until_it_has_seen_enough() {
    let seen = |until| {
        let mut search = Search::until(TwoPhase::new(4), Order::Breadth, Bounds::NONE, until);
        let ended = search.run(u64::MAX).ended;
        let depth = |property| search.path(property).map(|path| path.depth());
        (ended, depth(two_phase::ALL_ABORT), depth(two_phase::ALL_COMMIT))
    };
    let both = 1 << two_phase::ALL_ABORT | 1 << two_phase::ALL_COMMIT;
    // Four managers abort on their own; to commit, each prepares, is received and is told, and the TM commits.
    assert_eq!(seen(Until { any: both, all: 0 }), (Some(Ended::Found), Some(5), None));
    assert_eq!(seen(Until { any: 0, all: both }), (Some(Ended::Found), Some(5), Some(14)));
    assert_eq!(seen(Until { any: 1 << two_phase::CONSISTENT, all: 0 }), (Some(Ended::Exhausted), Some(5), Some(14)));
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
    let mut search = Search::new(Paxos::new(3, Rule::AnyReported), Order::Breadth, Bounds::NONE);
    assert_eq!(counts(search.run(u64::MAX)), (811_909, 130_067, 18));
    // As in the browser: `tests/web.rs`.
    assert_eq!(search.trail(0), Some(&[0, 0, 1, 2, 3, 3, 4, 1, 4, 3, 4, 3, 4, 8, 6, 3, 3, 6][..]));
    // With two ballots there is no third vote to be mistaken for the highest.
    assert_eq!(exhaust(Paxos::new(2, Rule::AnyReported), Order::Breadth), (23_563, 3_921, 17));
}
