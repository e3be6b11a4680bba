//! Broadcast, by hand.

use super::*;

fn protocol(id: &str, nodes: usize) -> Run {
    Run::new(registry::info(id).expect("registered"), nodes)
}

#[test]
fn one_order_everywhere_satisfies_everything() {
    let mut run = protocol("sequencer", 3);
    run.request(0, 'a');
    run.request(1, 'b');
    for node in 0..3 {
        run.deliver(node, 1, 'b');
        run.deliver(node, 2, 'a');
    }
    run.judge(5000, good(&[0, 1, 2]));
    for name in [Name::Validity, Name::NoDuplication, Name::NoCreation, Name::Agreement, Name::TotalOrder] {
        run.holds(name);
    }
}

#[test]
fn nothing_is_delivered_twice_in_one_life() {
    let mut run = protocol("reliable", 2);
    run.request(0, 'a');
    run.deliver(1, 1, 'a');
    run.crash(1);
    run.restart(1, true);
    run.deliver(1, 1, 'a');
    run.holds(Name::NoDuplication);
    let event = run.deliver(1, 2, 'a');
    run.violated(Name::NoDuplication, event, "n1 delivered a of n0 a second time");
}

#[test]
fn nothing_is_delivered_that_was_not_broadcast() {
    let mut run = protocol("best-effort", 2);
    let event = run.deliver(1, 1, 'a');
    run.violated(Name::NoCreation, event, "n1 delivered a, which no node had broadcast");
}

#[test]
fn fifo_order_is_per_sender() {
    let mut run = protocol("fifo", 3);
    run.request(0, 'a');
    run.request(0, 'b');
    run.request(1, 'c');
    for (position, letter) in [(1, 'c'), (2, 'a'), (3, 'b')] {
        run.deliver(2, position, letter);
    }
    run.deliver(1, 1, 'a');
    run.holds(Name::FifoOrder);
    let event = run.deliver(0, 1, 'b');
    run.violated(Name::FifoOrder, event, "n0 delivered b before a, which n0 had broadcast first");
}

#[test]
fn a_reply_before_its_question_breaks_causal_order_and_fifo_does_not_promise_it() {
    let story = |id| {
        let mut run = protocol(id, 3);
        run.request(0, 'q');
        run.deliver(1, 1, 'q');
        run.request(1, 'r');
        let event = run.deliver(2, 1, 'r');
        (run, event)
    };
    let why = "n2 delivered r before q, which may have caused it: q was in the past of n1 when it broadcast r";
    let (run, event) = story("fifo");
    run.counterexample(Name::CausalOrder, event, why);
    run.holds(Name::FifoOrder);
    let (run, event) = story("causal");
    run.violated(Name::CausalOrder, event, why);
}

#[test]
fn causality_reaches_over_a_third_message() {
    let mut run = protocol("causal", 4);
    run.request(0, 'a');
    run.deliver(1, 1, 'a');
    run.request(1, 'b');
    run.deliver(2, 1, 'a');
    run.deliver(2, 2, 'b');
    run.request(2, 'c');
    run.deliver(3, 1, 'a');
    run.holds(Name::CausalOrder);
    let event = run.deliver(3, 2, 'c');
    let why = "n3 delivered c before b, which may have caused it: b was in the past of n2 when it broadcast c";
    run.violated(Name::CausalOrder, event, why);
}

#[test]
fn concurrent_messages_have_no_causal_order() {
    let mut run = protocol("causal", 2);
    run.request(0, 'a');
    run.request(1, 'b');
    run.deliver(0, 1, 'a');
    run.deliver(0, 2, 'b');
    run.deliver(1, 1, 'b');
    let event = run.deliver(1, 2, 'a');
    run.holds(Name::CausalOrder);
    let why = "n1 delivered b before a, n0 delivered a before b";
    run.counterexample(Name::TotalOrder, event, why);
}

#[test]
fn total_order_speaks_of_what_two_nodes_have_in_common() {
    let mut run = protocol("sequencer", 3);
    for letter in ['a', 'b', 'c'] {
        run.request(0, letter);
    }
    run.deliver(0, 1, 'a');
    run.deliver(0, 2, 'c');
    run.deliver(1, 1, 'b');
    run.deliver(1, 2, 'c');
    run.holds(Name::TotalOrder);
    run.deliver(2, 1, 'c');
    let event = run.deliver(2, 2, 'b');
    run.violated(Name::TotalOrder, event, "n2 delivered c before b, n1 delivered b before c");
}

#[test]
fn best_effort_loses_agreement_with_its_sender() {
    let mut run = protocol("best-effort", 3);
    run.request(0, 'a');
    run.deliver(1, 1, 'a');
    run.crash(0);
    run.judge(50, good(&[1, 2]));
    run.holds(Name::Validity);
    assert_eq!(run.status(Name::Agreement), Status::NotPromised { counterexample: None });
    run.judge(200, good(&[1, 2]));
    run.counterexample(
        Name::Agreement,
        run.event,
        "n2 has not delivered a, which n1 delivered, though conditions have been good since 0 ms and the bound is 100 ms",
    );
    run.holds(Name::Validity);
}

#[test]
fn a_message_that_arrives_after_its_senders_crash_is_owed_to_all() {
    let mut run = protocol("reliable", 3);
    run.request(0, 'a');
    run.crash(0);
    run.judge(500, good(&[1, 2]));
    run.holds(Name::Agreement);
    run.holds(Name::Validity);
    run.deliver(2, 1, 'a');
    run.judge(50, good(&[1, 2]));
    run.pending(Name::Agreement, "n1 has not delivered a, which n2 delivered");
    run.deliver(1, 1, 'a');
    run.judge(500, good(&[1, 2]));
    run.holds(Name::Agreement);
}

#[test]
fn what_only_a_crashed_node_delivered_is_owed_to_nobody() {
    let mut run = protocol("reliable", 3);
    run.request(0, 'a');
    run.deliver(0, 1, 'a');
    run.crash(0);
    run.judge(500, good(&[1, 2]));
    run.holds(Name::Agreement);
    run.holds(Name::Validity);
}

#[test]
fn validity_is_owed_by_whoever_is_connected() {
    let mut run = protocol("reliable", 4);
    run.request(0, 'a');
    run.deliver(0, 1, 'a');
    run.deliver(1, 1, 'a');
    run.request(3, 'b');
    run.deliver(3, 1, 'b');
    let split = Conditions { connected: nodes(&[0, 1]), ..good(&[0, 1, 2, 3]) };
    run.judge(50, split);
    run.holds(Name::Validity);
    run.judge(
        500,
        Conditions { connected: nodes(&[0, 1, 2]), stalled_why: Some("n2 is cut off"), promised: false, ..split },
    );
    run.stalled(Name::Validity, "n2 is cut off");
    run.judge(50, good(&[0, 1, 2, 3]));
    run.pending(Name::Validity, "n2 has not delivered a, which n0 broadcast");
    run.judge(102, good(&[0, 1, 2, 3]));
    run.violated(
        Name::Validity,
        run.event,
        "n2 has not delivered a, which n0 broadcast, though conditions have been good since 0 ms and the bound is 100 ms",
    );
}

#[test]
fn a_broadcast_with_nothing_left_to_happen_is_judged_in_the_asynchronous_model_too() {
    let mut run = protocol("causal", 2);
    run.request(0, 'a');
    run.deliver(0, 1, 'a');
    run.judge(1, Conditions { bound_us: None, good_since: None, ..good(&[0, 1]) });
    run.pending(Name::Validity, "n1 has not delivered a, which n0 broadcast");
    run.judge(1, Conditions { bound_us: None, good_since: None, quiescent: true, ..good(&[0, 1]) });
    let never = ", and never will: nothing is in flight and no timer is armed";
    run.violated(Name::Validity, run.event, &format!("n1 has not delivered a, which n0 broadcast{never}"));
    run.violated(Name::Agreement, run.event, &format!("n1 has not delivered a, which n0 delivered{never}"));
}
