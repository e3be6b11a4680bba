//! The exhaustive checker on Viewstamped Replication, within small bounds: one request, one time-out of each replica.

use consensus_playground::check::answer::{Answer, ask};
use consensus_playground::check::cluster::Question;
use consensus_playground::check::{Bounds, Order};
use consensus_playground::properties::Name;
use consensus_playground::scenario::Scenario;

/// What is found from the start of three replicas with these crashes and views, within so many states.
fn checked(variant: &str, crashes: u8, views: u64, states: u64) -> Answer {
    let scenario = format!(
        "{{\"version\": 1, \"title\": \"t\", \"protocol\": \"vr\", \"variant\": \"{variant}\", \"nodes\": 3, \"seed\": 1,
          \"network\": {{\"model\": \"asynchronous\", \"scheduler\": \"manual\"}},
          \"script\": [{{\"do\": \"propose\", \"node\": 0, \"value\": \"red\"}}], \"stop\": {{\"events\": 1000}}}}"
    );
    let scenario = Scenario::from_json(scenario).unwrap();
    let mut question = Question { only: vec![Name::AcknowledgedWriteNotLost], ..Question::default() };
    question.bounds.crashes = crashes;
    question.bounds.epochs = Some(views);
    // ViewChange once; neither Commit nor Resend, which only say again what a set of messages never loses.
    question.bounds.timeouts_of[..3].copy_from_slice(&[Some(1), Some(0), Some(0)]);
    ask(&scenario, &question, Order::Breadth, Bounds { states, ..Bounds::NONE }, 1).unwrap()
}

/// Every interleaving up to the depth at which the variants break: the rule left out is found, and the correct protocol
/// is clean in as many states.
#[test]
fn the_checker_finds_what_one_exchange_and_a_late_answer_do() {
    for (variant, crashes) in [("answers-old-primary", 0), ("one-exchange", 1)] {
        let broken = checked(variant, crashes, 1, 200_000);
        assert!(broken.counterexample.is_some(), "{variant}: {}", broken.text());
        let correct = checked("correct", crashes, 1, 200_000);
        assert!(correct.counterexample.is_none(), "{}", correct.text());
        for (what, states) in &correct.seen {
            assert!(*states > 1000, "{what} in {states} states");
        }
    }
}

/// V3 as the checker finds it: two crashes, one after the other, one view change. Six million states, and as many for
/// the correct protocol, which is clean.
#[test]
#[ignore = "some minutes and gigabytes"]
fn the_checker_finds_the_published_flaw_and_that_it_is_closed() {
    assert!(checked("as-published", 2, 1, 10_000_000).counterexample.is_some());
    assert!(checked("correct", 2, 1, 10_000_000).counterexample.is_none());
}
