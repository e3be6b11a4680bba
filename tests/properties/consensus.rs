//! Consensus on one value.

use super::*;

fn paxos(nodes: usize) -> Run {
    Run::new(registry::info("paxos").expect("registered"), nodes)
}

#[test]
fn a_decision_of_what_was_proposed_holds() {
    let mut run = paxos(3);
    run.request(0, 'a');
    run.request(1, 'b');
    for node in 0..3 {
        run.deliver(node, 1, 'b');
    }
    for name in [Name::Validity, Name::Integrity, Name::Agreement, Name::Termination] {
        run.holds(name);
    }
    run.judge(5000, good(&[0, 1, 2]));
    run.holds(Name::Termination);
}

#[test]
fn validity_wants_a_proposal() {
    let mut run = paxos(3);
    run.request(0, 'a');
    let event = run.deliver(2, 1, 'c');
    run.violated(Name::Validity, event, "n2 decided c, which no node had proposed");
}

#[test]
fn agreement_is_uniform() {
    let mut run = paxos(3);
    run.request(0, 'a');
    run.request(1, 'b');
    run.deliver(0, 1, 'a');
    run.crash(0);
    let event = run.deliver(2, 1, 'b');
    run.violated(Name::Agreement, event, "n2 decided b where n0 had decided a");
    run.holds(Name::Integrity);
}

#[test]
fn the_same_value_from_two_clients_is_no_disagreement() {
    let mut run = paxos(2);
    let (one, two) = (command('a'), Command { client: ClientId(2), ..command('a') });
    for (node, command) in [(0, one), (1, two)] {
        run.tell(Observation::Request { node: NodeId(node), command });
        run.tell(Observation::Delivered { node: NodeId(node), position: 1, command, repeat: false });
    }
    run.holds(Name::Agreement);
}

#[test]
fn integrity_forbids_a_second_decision() {
    let mut run = paxos(3);
    run.request(0, 'a');
    run.deliver(1, 1, 'a');
    let event = run.deliver(1, 1, 'a');
    run.violated(Name::Integrity, event, "n1 decided twice: a and then a");
}

#[test]
fn a_restarted_node_may_decide_the_same_again_and_nothing_else() {
    let mut run = paxos(3);
    run.request(0, 'a');
    run.request(0, 'b');
    run.deliver(1, 1, 'a');
    run.crash(1);
    run.restart(1, false);
    run.deliver(1, 1, 'a');
    run.holds(Name::Integrity);
    run.restart(1, false);
    let event = run.deliver(1, 1, 'b');
    run.violated(Name::Integrity, event, "n1 decided b after its restart, and a before");
}

#[test]
fn termination_is_pending_then_violated_past_the_bound() {
    let mut run = paxos(3);
    run.judge(1, good(&[0, 1, 2]));
    run.pending(Name::Termination, "n0, n1 and n2 have not decided: wait for a proposal");
    run.request(0, 'a');
    run.deliver(1, 1, 'a');
    run.judge(50, good(&[0, 1, 2]));
    run.pending(Name::Termination, "n0 has not decided");
    run.judge(101, good(&[0, 1, 2]));
    run.pending(Name::Termination, "n0 has not decided");
    let late = Conditions { good_since: Some(90_000), ..good(&[0, 1, 2]) };
    run.judge(190, late);
    run.pending(Name::Termination, "n0 has not decided");
    run.judge(191, late);
    let why = "n0 has not decided, though conditions have been good since 90 ms and the bound is 100 ms";
    run.violated(Name::Termination, run.event, why);
    run.deliver(0, 1, 'a');
    run.deliver(2, 1, 'a');
    run.judge(300, late);
    run.violated(Name::Termination, run.event - 2, why);
}

#[test]
fn termination_owes_nothing_without_a_quorum_or_a_bound() {
    let mut run = paxos(3);
    run.request(0, 'a');
    let alone = Conditions { good_since: None, stalled_why: Some("no quorum: n1 and n2 are down"), ..good(&[0]) };
    run.judge(9000, alone);
    run.stalled(Name::Termination, "no quorum: n1 and n2 are down");
    run.judge(9000, Conditions { bound_us: None, ..good(&[0, 1, 2]) });
    run.pending(Name::Termination, "n0 has not decided");
    run.judge(9000, Conditions { promised: false, ..good(&[0, 1, 2]) });
    run.pending(Name::Termination, "n0 has not decided");
}

#[test]
fn a_run_with_nothing_left_to_happen_is_judged_at_once() {
    let mut run = paxos(3);
    run.request(0, 'a');
    let over = Conditions { quiescent: true, bound_us: None, ..good(&[0, 1, 2]) };
    run.judge(2, Conditions { promised: false, ..over });
    run.stalled(Name::Termination, "nothing is in flight and no timer is armed");
    run.judge(2, over);
    let why = "n0 has not decided, and never will: nothing is in flight and no timer is armed";
    run.violated(Name::Termination, run.event, why);
}

#[test]
fn a_node_that_was_cut_off_or_down_starts_its_bound_anew() {
    let mut run = paxos(3);
    run.request(0, 'a');
    run.deliver(0, 1, 'a');
    run.deliver(1, 1, 'a');
    run.judge(5000, good(&[0, 1]));
    run.holds(Name::Termination);
    let at = run.restart(2, false);
    run.judge(u64::from(at) + 100, good(&[0, 1, 2]));
    run.pending(Name::Termination, "n2 has not decided");
    run.judge(u64::from(at) + 101, good(&[0, 1, 2]));
    assert_eq!(run.found(Name::Termination), Some(at));
}

#[test]
fn where_termination_is_not_promised_its_failure_is_a_counterexample() {
    let mut run = Run::new(card(Shape::OneValue, &[Name::Agreement]), 2);
    run.request(1, 'a');
    run.judge(200, good(&[0, 1]));
    run.counterexample(
        Name::Termination,
        1,
        "n0 has not decided, though conditions have been good since 0 ms and the bound is 100 ms",
    );
}
