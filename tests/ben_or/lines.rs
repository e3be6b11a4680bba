//! The algorithm of Ben-Or, in the form of Aguilera and Toueg (2012), one test a line. Step 1 reports, step 2 counts
//! reports and proposes, step 3 counts proposals.

use crate::hand::{ByHand, ONE, ZERO, ben_or, nodes, proposal, report, with_f};
use crate::support::n;
use consensus_playground::protocol::{Fact, Protocol, SettingValue, Setup, Wait};
use consensus_playground::protocols::ben_or::{BenOr, command};

/// Send (R, k, x) to all processes. Reference: Ben-Or's algorithm, step 1.
#[test]
fn a_round_begins_with_a_report_to_all() {
    let mut c = ben_or(3, "correct");
    c.propose(0, ONE);
    assert_eq!((c.between(0, 1), c.between(0, 2)), (vec![report(1, ONE)], vec![report(1, ONE)]));
    let waits = Wait::Quorum { what: "reports", epoch: 1, have: nodes(&[0]), need: 2 };
    assert_eq!(c.node(n(0)).waits(&c.config), [waits], "its own has come");
}

/// Wait for messages of the form (R, k, ∗) from n − f processes, itself among them, and distinct ones. Reference:
/// step 2.
#[test]
fn reports_of_n_minus_f_nodes_are_waited_for() {
    for (f, others) in [(1, 3), (2, 2)] {
        let mut c = with_f(5, f);
        c.begin(&[ZERO]);
        for from in 1..=others {
            assert_eq!(c.between(0, 1), [], "f = {f}");
            c.receive(n(0), n(from), report(1, ZERO));
            if from < others {
                c.receive(n(0), n(from), report(1, ZERO)); // a copy
            }
        }
        assert_eq!(c.between(0, 1), [proposal(1, Some(ZERO))], "f = {f}");
    }
}

/// If received more than n/2 (R, k, v) with the same v then send (P, k, v) to all processes. Reference: step 2.
#[test]
fn more_than_half_of_all_nodes_make_a_proposal() {
    let mut c = ben_or(5, "correct");
    c.begin(&[ONE]);
    c.receive(n(0), n(1), report(1, ONE));
    c.receive(n(0), n(2), report(1, ONE));
    assert_eq!(c.between(0, 4), [proposal(1, Some(ONE))]);
    let proposed = Fact::Proposes { position: 1, ballot: 1, command: command(ONE) };
    assert_eq!(c.slots[0].facts, [Fact::Epoch { epoch: 1 }, proposed]);
}

/// Else send (P, k, ?) to all processes: two of four are not more than half, though two of three heard. Reference:
/// step 2.
#[test]
fn half_of_the_nodes_are_not_enough() {
    let mut c = ben_or(4, "correct");
    c.begin(&[ONE]);
    c.receive(n(0), n(1), report(1, ONE));
    c.receive(n(0), n(2), report(1, ZERO));
    assert_eq!(c.between(0, 3), [proposal(1, None)]);
    assert_eq!(c.slots[0].facts, [Fact::Epoch { epoch: 1 }], "? is no value that was proposed");
}

/// Wait for messages of the form (P, k, ∗) from n − f processes. Those that come before the node's own count, too.
/// Reference: step 3.
#[test]
fn proposals_of_n_minus_f_nodes_are_waited_for() {
    let mut c = ben_or(5, "correct");
    c.begin(&[ONE]);
    c.receive(n(0), n(3), proposal(1, None));
    c.receive(n(0), n(4), proposal(1, None));
    c.receive(n(0), n(1), report(1, ONE));
    assert_eq!(c.node(n(0)).view().epoch, 1, "it has proposed nothing yet");
    c.receive(n(0), n(2), report(1, ZERO));
    assert_eq!(c.node(n(0)).view().epoch, 2, "its own proposal is the third");
}

/// If received at least f + 1 (P, k, v) with the same v ≠ ? then decide(v). Reference: step 3.
#[test]
fn f_plus_1_proposals_decide() {
    let decide = |f: u64, votes: &[Option<_>]| {
        let mut c = with_f(5, f);
        c.begin(&[ONE]);
        for from in 1..=4 - f as u8 {
            c.receive(n(0), n(from), report(1, ONE));
        }
        for (from, vote) in (1..).zip(votes) {
            c.receive(n(0), n(from), proposal(1, *vote));
        }
        c.decision(0)
    };
    assert_eq!(decide(2, &[Some(ONE), Some(ONE)]), Some(ONE), "three of three");
    assert_eq!(decide(2, &[Some(ONE), None]), None, "two of three");
    assert_eq!(decide(1, &[Some(ONE), None, None]), Some(ONE), "two of four, where f is 1");
    assert_eq!(decide(1, &[None, None, None]), None, "its own alone");
}

/// If at least one (P, k, v) with v ≠ ? then x ← v. Reference: step 3.
#[test]
fn one_proposal_is_adopted() {
    for value in [ZERO, ONE] {
        let mut c = ben_or(3, "correct");
        c.begin(&[ZERO]);
        c.receive(n(0), n(1), report(1, ONE));
        c.lose_all();
        c.receive(n(0), n(1), proposal(1, Some(value)));
        assert_eq!(c.between(0, 1), [report(2, value)]);
    }
}

/// Else x ← 0 or 1 randomly. Reference: step 3.
#[test]
fn without_a_proposal_a_coin_is_tossed() {
    let mut c = ben_or(3, "correct");
    c.begin(&[ZERO]);
    let mut tossed = [0, 0];
    for round in 1..=200 {
        let other = if c.slots[0].disk.estimate == ONE { ZERO } else { ONE };
        c.receive(n(0), n(1), report(round, other));
        c.lose_all();
        c.receive(n(0), n(1), proposal(round, None));
        tossed[c.slots[0].disk.estimate.0 as usize] += 1;
    }
    assert!(tossed[0] > 60 && tossed[1] > 60, "{tossed:?}");
    assert_eq!(c.node(n(0)).view().epoch, 201);
}

/// If all start with v, all decide v in round 1: there is no coin to toss. Reference: Ben-Or 1983, validity.
#[test]
fn equal_inputs_are_decided_in_round_1() {
    for count in 1..=7 {
        let mut c = ben_or(count, "correct");
        for node in 0..count {
            c.propose(node, ONE);
        }
        c.settle();
        for node in 0..count {
            assert_eq!((c.decision(node), c.node(n(node)).view().epoch), (Some(ONE), 1), "n{node} of {count}");
            assert!(!c.armed(node), "all know that all know");
        }
    }
}

/// Any f others may be gone for good. Reference: f < n/2.
#[test]
fn f_may_be_down_from_the_start() {
    let mut c = ben_or(5, "correct");
    c.crash(n(3));
    c.crash(n(4));
    for (node, value) in [(0, ONE), (1, ONE), (2, ONE)] {
        c.propose(node, value);
    }
    c.settle();
    assert!((0..3).all(|node| c.decision(node) == Some(ONE)));
    c.restart(n(3));
    c.retry(0);
    c.settle();
    assert_eq!(c.decision(3), Some(ONE), "whoever comes back is told");
}

/// Below half of the nodes: f < n/2. Reference: Ben-Or 1983; Aguilera and Toueg 2012.
#[test]
fn f_is_below_half() {
    let declared = BenOr::INFO.settings;
    let need = |nodes, variant, f| {
        let given = [("f", SettingValue::Integer(f))];
        let setup = Setup { nodes, variant, given: &given[..usize::from(f > 0)], declared, delta: None };
        BenOr::configure(&setup).map(|config| (config.f, config.need))
    };
    assert_eq!(
        [1, 2, 3, 4, 5].map(|nodes| need(nodes, "correct", 0).unwrap()),
        [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    );
    assert_eq!(need(5, "correct", 1), Ok((1, 4)));
    assert_eq!(need(4, "correct", 2), Err("f must be below half the number of nodes, which is 4".to_owned()));
    assert_eq!(need(4, "half-may-fail", 0), Ok((2, 2)), "B6");
}
