//! Paxos Made Simple §2.2, §2.4 and §2.5, one test a sentence. Ballots of three nodes: n0 has 3, 6, 9, …; n1 has 4, 7,
//! 10, …; n2 has 5, 8, 11, ….

use crate::hand::{ByHand, X, Y, Z, facts, paxos, proposal};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Fact, Protocol, SettingValue, Wait};
use consensus_playground::protocols::paxos::ballot::Ballot;
use consensus_playground::protocols::paxos::message::PaxosMessage::{Accept, Accepted, Nack, Prepare, Promise};
use consensus_playground::protocols::paxos::{Paxos, PaxosTimer};

const B3: Ballot = Ballot(3);
const B4: Ballot = Ballot(4);
const B5: Ballot = Ballot(5);
const B6: Ballot = Ballot(6);

/// "A proposer selects a proposal number n and sends a prepare request with number n to a majority of acceptors."
/// Here to all of them, itself included. Reference: §2.2, Phase 1(a).
#[test]
fn a_proposer_sends_prepare() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    assert_eq!(c.between(0, 1), [Prepare { ballot: B3 }]);
    assert_eq!(c.between(0, 2), [Prepare { ballot: B3 }]);
    assert_eq!(c.disk(0).promised, B3, "its own acceptor has promised at once");
    let (low, high) = c.slots[0].timers[&PaxosTimer::Retry];
    assert_eq!((low, high), (250_000, 500_000));
}

/// "If an acceptor receives a prepare request with number n greater than that of any prepare request to which it has
/// already responded, then it responds to the request with a promise not to accept any more proposals numbered less
/// than n …" Reference: §2.2, Phase 1(b).
#[test]
fn an_acceptor_promises_a_higher_ballot() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(0), Prepare { ballot: B3 });
    assert_eq!(c.between(2, 0), [Promise { ballot: B3, accepted: None }]);
    c.receive(n(2), n(1), Prepare { ballot: B4 });
    assert_eq!(c.between(2, 1), [Promise { ballot: B4, accepted: None }]);
    assert_eq!(c.disk(2).promised, B4);
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    assert_eq!(c.disk(2).accepted, None, "it keeps its promise");
}

/// "… and with the highest-numbered proposal (if any) that it has accepted." Reference: §2.2, Phase 1(b).
#[test]
fn a_promise_reports_the_highest_numbered_accepted_proposal() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    c.receive(n(2), n(1), Accept { ballot: B4, command: Y });
    c.lose_all();
    c.receive(n(2), n(0), Prepare { ballot: B6 });
    assert_eq!(c.between(2, 0), [Promise { ballot: B6, accepted: Some(proposal(4, Y)) }]);
}

/// "There is then no reason for the acceptor to respond to the new prepare request, since it will not accept the
/// proposal numbered n that the proposer wants to issue." It refuses in words, see below. Reference: §2.2.
#[test]
fn an_acceptor_does_not_promise_a_lower_ballot() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(1), Prepare { ballot: B4 });
    let before = c.disk(2).clone();
    c.receive(n(2), n(0), Prepare { ballot: B3 });
    assert_eq!(c.between(2, 0), [Nack { ballot: B3, promised: B4 }]);
    assert_eq!(*c.disk(2), before);
}

/// "We also have it ignore a prepare request for a proposal it has already accepted." Reference: §2.2.
#[test]
fn an_acceptor_ignores_prepare_for_what_it_has_accepted() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    c.lose_all();
    c.receive(n(2), n(0), Prepare { ballot: B3 });
    assert!(c.network.is_empty());
}

/// "If the proposer receives a response to its prepare requests (numbered n) from a majority of acceptors, then it
/// sends an accept request …" and not before. Reference: §2.2, Phase 2(a).
#[test]
fn a_majority_of_promises_starts_phase_2() {
    let mut c = paxos(5, "correct");
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.pass_copy("Promise", 1, 0);
    c.pass("Promise", 1, 0);
    assert_eq!(c.count("Accept", 0, 1), 0, "its own promise and one more, twice: two of five");
    c.pass("Prepare", 0, 4);
    c.pass("Promise", 4, 0);
    for node in 1..5 {
        assert!(c.between(0, node).contains(&Accept { ballot: Ballot(5), command: X }), "n{node}");
    }
    let issued = facts(&c, 0, |fact| match fact {
        Fact::Leads { epoch } => Some((epoch, None)),
        Fact::Proposes { ballot, command, .. } => Some((ballot, Some(command))),
        _ => None,
    });
    assert_eq!(issued, [(5, None), (5, Some(X))]);
}

/// "… with a value v, where v is the value of the highest-numbered proposal among the responses …", in whatever order
/// they come. Reference: §2.2, Phase 2(a).
#[test]
fn the_value_of_the_highest_numbered_reported_proposal_is_taken() {
    for order in [[1, 2], [2, 1]] {
        let mut c = paxos(5, "correct");
        c.propose(0, Z);
        c.lose_all();
        let reports = [None, Some(proposal(1, X)), Some(proposal(2, Y))];
        for from in order {
            c.receive(n(0), n(from), Promise { ballot: Ballot(5), accepted: reports[usize::from(from)] });
        }
        assert_eq!(c.between(0, 3)[0], Accept { ballot: Ballot(5), command: Y });
    }
}

/// "… or is any value if the responses reported no proposals." Its client's. Reference: §2.2, Phase 2(a).
#[test]
fn without_reports_the_proposer_takes_its_own_value() {
    let mut c = paxos(3, "correct");
    c.propose(1, Y);
    c.pass("Prepare", 1, 2);
    c.pass("Promise", 2, 1);
    assert_eq!(c.between(1, 2)[0], Accept { ballot: B4, command: Y });
}

/// "If an acceptor receives an accept request for a proposal numbered n, it accepts the proposal unless it has already
/// responded to a prepare request having a number greater than n." Reference: §2.2, Phase 2(b).
#[test]
fn an_acceptor_accepts_unless_it_promised_higher() {
    for (promised, accepts) in [(0, true), (3, true), (4, false)] {
        let mut c = paxos(3, "correct");
        if promised > 0 {
            c.receive(n(2), n(1), Prepare { ballot: Ballot(promised) });
        }
        c.lose_all();
        c.receive(n(2), n(0), Accept { ballot: B3, command: X });
        assert_eq!(c.disk(2).accepted, accepts.then_some(proposal(3, X)), "promised {promised}");
        let answer =
            if accepts { Accepted { ballot: B3, command: X } } else { Nack { ballot: B3, promised: Ballot(promised) } };
        assert_eq!(c.between(2, 0), [answer]);
    }
}

/// "An acceptor must accept the first proposal that it receives." Reference: §2.2, P1, which P1a subsumes.
#[test]
fn an_acceptor_accepts_the_first_proposal_it_receives() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(0), Accept { ballot: Ballot(300), command: X });
    assert_eq!(c.disk(2).accepted, Some(proposal(300, X)));
}

/// Accepting a ballot that was not promised raises the promise too: `maxBal' = m.bal`. Reference: Paxos.tla, Phase2b.
#[test]
fn accepting_raises_the_promise() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(0), Prepare { ballot: B3 });
    c.receive(n(2), n(1), Accept { ballot: B4, command: Y });
    assert_eq!(c.disk(2).promised, B4);
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    assert_eq!(c.disk(2).accepted, Some(proposal(4, Y)));
    let epochs = facts(&c, 2, |fact| if let Fact::Epoch { epoch } = fact { Some(epoch) } else { None });
    assert_eq!(epochs, [3, 4]);
}

/// "This need not be the same set of acceptors that responded to the initial requests." Reference: §2.2.
#[test]
fn accept_requests_may_reach_acceptors_that_did_not_promise() {
    let mut c = paxos(5, "correct");
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.pass("Prepare", 0, 2);
    c.pass("Promise", 1, 0);
    c.pass("Promise", 2, 0);
    c.lose(&["Prepare"]);
    c.pass("Accept", 0, 3);
    c.pass("Accept", 0, 4);
    c.pass("Accepted", 3, 0);
    c.pass("Accepted", 4, 0);
    assert_eq!(c.decision(0), Some(X), "accepted by n0, n3 and n4");
}

/// "Correctness is maintained, even though requests and/or responses for the proposal may arrive at their destinations
/// long after the proposal was abandoned." Reference: §2.2.
#[test]
fn an_abandoned_proposal_may_still_be_chosen() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.pass("Promise", 1, 0);
    c.pass("Accept", 0, 1);
    c.receive(n(0), n(2), Nack { ballot: B3, promised: B5 });
    assert!(!c.node(n(0)).view().leads, "abandoned");
    c.pass("Accepted", 1, 0);
    assert_eq!(c.decision(0), Some(X));
    let mut d = paxos(3, "correct");
    d.propose(0, X);
    d.pass("Prepare", 0, 1);
    d.receive(n(0), n(2), Nack { ballot: B3, promised: B5 });
    d.pass("Promise", 1, 0);
    assert_eq!(d.count("Accept", 0, 1), 0, "a promise for an abandoned ballot leads to nothing");
}

/// "If an acceptor ignores a prepare or accept request because it has already received a prepare request with a higher
/// number, then it should probably inform the proposer, who should then abandon its proposal." Reference: §2.2.
#[test]
fn a_refused_proposer_abandons_and_tries_higher_after_a_wait() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(1), Prepare { ballot: Ballot(40) });
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.pass("Promise", 1, 0);
    c.pass("Accept", 0, 2);
    c.pass("Nack", 2, 0);
    c.lose_all();
    assert_eq!(c.node(n(0)).view().role, "acceptor");
    assert_eq!(c.history.last(), Some(&(n(0), Fact::StepsDown)));
    c.retry(0);
    assert_eq!(c.between(0, 1), [Prepare { ballot: Ballot(42) }], "above every ballot seen");
}

/// "An acceptor must remember this information even if it fails and then restarts." Reference: §2.2.
#[test]
fn an_acceptor_remembers_over_restarts() {
    let mut c = paxos(3, "correct");
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    c.receive(n(2), n(1), Prepare { ballot: B4 });
    c.lose_all();
    c.bounce(2);
    assert_eq!(c.node(n(2)).view().epoch, 4);
    assert_eq!(c.history.last(), Some(&(n(2), Fact::Epoch { epoch: 4 })), "told again at boot");
    c.receive(n(2), n(0), Accept { ballot: B3, command: Z });
    assert_eq!(c.between(2, 0), [Nack { ballot: B3, promised: B4 }]);
    c.receive(n(2), n(0), Prepare { ballot: B6 });
    assert_eq!(c.between(2, 0)[1], Promise { ballot: B6, accepted: Some(proposal(3, X)) });
}

/// "If a proposal with value v is chosen, then every higher-numbered proposal that is chosen has value v."
/// Reference: §2.2, P2.
#[test]
fn a_later_proposer_takes_up_the_chosen_value() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.pass("Promise", 1, 0);
    c.pass("Accept", 0, 1);
    c.lose_all(); // chosen by n0 and n1, and nobody knows
    c.crash(n(0));
    c.propose(2, Z);
    c.settle();
    assert_eq!((c.decision(1), c.decision(2)), (Some(X), Some(X)));
}

/// "Proposer p completes phase 1 for a proposal number n1. Another proposer q then completes phase 1 for a proposal
/// number n2 > n1. Proposer p's phase 2 accept requests for a proposal numbered n1 are ignored … So, proposer p then
/// begins and completes phase 1 for a new proposal number n3 > n2 … And so on." Twenty rounds; then q is left alone.
/// Reference: §2.4.
#[test]
fn two_proposers_may_duel_for_ever() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.propose(1, Y);
    c.pass("Prepare", 0, 2);
    c.pass("Promise", 2, 0); // n0 leads ballot 3
    let (mut leading, mut next) = (0, 1);
    for _ in 0..20 {
        c.pass("Prepare", next, 2);
        c.pass("Promise", 2, next); // and now the other leads a higher ballot
        c.pass("Accept", leading, 2);
        c.pass("Nack", 2, leading);
        c.lose_where(|e| !(e.is("Accept") && e.goes(next, 2)));
        assert!((0..3).all(|node| c.decision(node).is_none()));
        c.retry(leading); // begins a ballot that is higher still
        (leading, next) = (next, leading);
    }
    let given_up = c.history.iter().filter(|(_, fact)| *fact == Fact::StepsDown).count();
    assert_eq!((given_up, c.disk(0).tried), (20, Ballot(33)));
    c.settle();
    let decided = c.decision(0).expect("left alone, it decides");
    assert!((0..3).all(|node| c.decision(node) == Some(decided)));
}

/// "A reliable algorithm for electing a proposer must use either randomness or real time": the wait is random, doubles
/// with every round of ballots and is bounded; who promises to another proposer waits longer than that one.
/// Reference: §2.4.
#[test]
fn waits_are_random_double_and_are_bounded() {
    let range = |c: &Cluster<Paxos>, at: u8| c.slots[usize::from(at)].timers[&PaxosTimer::Retry];
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    for (seen, expected) in [(4, (500, 1000)), (7, (1000, 2000)), (10, (2000, 4000)), (31, (2000, 4000))] {
        let ballot = c.disk(0).tried;
        c.receive(n(0), n(1), Nack { ballot, promised: Ballot(seen) });
        assert_eq!(range(&c, 0), (expected.0 * 1000, expected.1 * 1000), "after ballot {seen}");
        c.retry(0);
    }
    let mut d = paxos(3, "correct");
    d.propose(0, X);
    assert_eq!(range(&d, 0), (250_000, 500_000), "its ballot is under way");
    d.receive(n(0), n(2), Prepare { ballot: B5 });
    assert_eq!(range(&d, 0), (500_000, 1_000_000), "n2 goes first");
    d.pass("Prepare", 0, 1);
    d.pass("Promise", 1, 0);
    assert_eq!(d.count("Accept", 0, 1), 0, "the lower ballot is abandoned");
}

/// "By abandoning a proposal and trying again if it learns about some request with a higher proposal number, the
/// distinguished proposer will eventually choose a high enough proposal number." Reference: §2.4.
#[test]
fn a_lone_proposer_reaches_a_high_enough_number() {
    let mut c = paxos(3, "correct");
    c.receive(n(1), n(2), Prepare { ballot: Ballot(3_000_002) });
    c.lose_all();
    c.crash(n(2));
    c.propose(0, X);
    c.settle();
    assert_eq!(c.decision(0), None);
    c.retry(0);
    c.settle();
    assert_eq!((c.decision(0), c.decision(1)), (Some(X), Some(X)));
}

/// "In its consensus algorithm, each process plays the role of proposer, acceptor, and learner." Reference: §2.5.
#[test]
fn a_single_process_is_all_three() {
    let mut c = paxos(1, "correct");
    c.propose(0, X);
    assert_eq!(c.decision(0), Some(X));
    assert!(!c.armed(0) && c.network.is_empty(), "and has nothing left to do");
}

/// "Response messages are tagged with the corresponding proposal number to prevent confusion." Reference: §2.5.
#[test]
fn responses_to_another_ballot_do_not_count() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.receive(n(0), n(1), Nack { ballot: B3, promised: B4 });
    c.retry(0);
    c.lose_all();
    c.receive(n(0), n(1), Promise { ballot: B3, accepted: None });
    c.receive(n(0), n(1), Nack { ballot: B3, promised: B4 });
    let waits = c.node(n(0)).waits(&c.config);
    let have = [n(0)].into_iter().collect();
    assert_eq!(waits, [Wait::Quorum { what: "promises", epoch: 6, have, need: 2 }]);
    c.receive(n(0), n(1), Promise { ballot: B6, accepted: None });
    assert_eq!(c.between(0, 1)[0], Accept { ballot: B6, command: X });
}

/// "An acceptor records its intended response in stable storage before actually sending the response."
/// Reference: §2.5.
#[test]
fn an_acceptor_writes_before_it_answers() {
    let mut c = paxos(3, "correct");
    c.hold_disk(n(2));
    c.receive(n(2), n(0), Prepare { ballot: B3 });
    assert!(c.network.is_empty() && c.slots[2].facts.is_empty());
    assert!(c.write_one(n(2)));
    assert_eq!(c.between(2, 0), [Promise { ballot: B3, accepted: None }]);
    c.lose_all();
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    assert!(c.network.is_empty());
    c.bounce(2);
    assert_eq!(c.disk(2).accepted, None, "the crash came first, and nobody was told");
    c.receive(n(2), n(0), Accept { ballot: B3, command: X });
    assert!(c.write_one(n(2)));
    assert_eq!(c.between(2, 0), [Accepted { ballot: B3, command: X }]);
}

/// "Different proposers choose their numbers from disjoint sets of numbers, so two different proposers never issue a
/// proposal with the same number." Reference: §2.5.
#[test]
fn proposers_have_numbers_of_their_own() {
    let mut c = paxos(5, "correct");
    for node in 0..5 {
        c.propose(node, X);
        assert_eq!(c.disk(node).tried.0 % 5, u64::from(node));
    }
}

/// "Each proposer remembers (in stable storage) the highest-numbered proposal it has tried to issue, and begins phase 1
/// with a higher proposal number than any it has already used." Reference: §2.5.
#[test]
fn a_restarted_proposer_uses_a_new_number() {
    let mut c = paxos(3, "correct");
    c.hold_disk(n(0));
    c.propose(0, X);
    assert!(c.network.is_empty(), "the number is on the disk before it is used");
    assert!(c.write_one(n(0)));
    assert_eq!(c.between(0, 1), [Prepare { ballot: B3 }]);
    c.crash(n(0)); // its own promise is not on the disk
    c.lose_all();
    assert_eq!((c.disk(0).tried, c.disk(0).promised), (B3, Ballot(0)));
    c.restart(n(0));
    c.retry(0);
    assert!(c.write_one(n(0)));
    assert_eq!(c.between(0, 1), [Prepare { ballot: B6 }]);
    c.release_disk(n(0));
    c.settle();
    assert_eq!(c.decision(2), Some(X), "and has kept its client's proposal (deviation 5)");
}

/// Deviation 2: unanswered requests are sent again under the same ballot, to those that did not answer, and answered
/// again without a write.
#[test]
fn lost_messages_are_sent_again() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.lose_all(); // n1's promise and n2's Prepare
    c.retry(0);
    assert_eq!((c.between(0, 1), c.between(0, 2)), (vec![Prepare { ballot: B3 }], vec![Prepare { ballot: B3 }]));
    c.hold_disk(n(1));
    c.pass("Prepare", 0, 1);
    assert_eq!(c.between(1, 0), [Promise { ballot: B3, accepted: None }], "no write");
    c.release_disk(n(1));
    c.pass("Promise", 1, 0);
    c.pass("Accept", 0, 1);
    c.pass("Accepted", 1, 2);
    c.lose_all();
    assert!(c.armed(0));
    c.retry(0);
    assert_eq!(c.between(0, 2), [Accept { ballot: B3, command: X }]);
    c.hold_disk(n(1));
    c.pass("Accept", 0, 1);
    assert_eq!(c.between(1, 0), [Accepted { ballot: B3, command: X }], "no write");
}

/// Deviation 6: who accepted and sees no decision finishes for a proposer that is gone.
#[test]
fn an_acceptor_finishes_for_a_crashed_proposer() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.pass("Prepare", 0, 1);
    c.pass("Promise", 1, 0);
    c.pass("Accept", 0, 2);
    c.crash(n(0));
    c.lose_all();
    assert!(c.armed(2) && !c.armed(1), "only n2 has something to go on");
    c.retry(2);
    c.settle();
    assert_eq!((c.decision(1), c.decision(2)), (Some(X), Some(X)));
}

/// A node proposes once: a second request changes nothing, and one that comes while the node finishes for another is
/// on the disk all the same.
#[test]
fn the_first_proposal_of_a_node_stands() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.propose(0, Y);
    assert_eq!(c.disk(0).proposal, Some(X));
    let mut d = paxos(3, "correct");
    d.receive(n(2), n(0), Accept { ballot: B3, command: X });
    d.retry(2);
    d.propose(2, Z);
    assert_eq!((d.disk(2).proposal, d.disk(2).tried), (Some(Z), B5));
    d.lose_all();
    d.settle();
    d.retry(2);
    d.settle();
    assert_eq!(d.decision(2), Some(X), "what it had accepted goes first");
}

/// A bound that the waits cannot keep is refused with a sentence.
#[test]
fn a_bound_below_the_first_wait_is_refused() {
    use consensus_playground::protocol::Setup;
    let given = [("backoff_max_ms", SettingValue::Integer(400))];
    let setup = Setup { nodes: 3, variant: "correct", given: &given, declared: Paxos::INFO.settings, delta: None };
    let refusal = Paxos::configure(&setup).unwrap_err();
    assert_eq!(refusal, "backoff_max_ms must be at least the upper end of retry_ms, which is 500");
}
