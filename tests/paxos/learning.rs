//! Paxos Made Simple §2.3, one test a sentence, and how the news of the decision spreads until all know.

use crate::fair;
use crate::hand::{ByHand, X, Y, Z, facts, paxos, proposal, value};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Fact, Message, NodeSet, Protocol, SettingValue, Wait};
use consensus_playground::protocols::paxos::ballot::Ballot;
use consensus_playground::protocols::paxos::message::PaxosMessage::{
    Accept, Accepted, Decided, Nack, Prepare, Promise,
};
use consensus_playground::protocols::paxos::{MAX_TALLIES, Paxos};

const B3: Ballot = Ballot(3);

fn set(nodes: &[u8]) -> NodeSet {
    nodes.iter().map(|&node| n(node)).collect()
}

fn with_distinguished_learner(nodes: u8) -> Cluster<Paxos> {
    Cluster::new(nodes, "correct", &[("distinguished_learner", SettingValue::Flag(true))])
}

/// "To learn that a value has been chosen, a learner must find out that a proposal has been accepted by a majority of
/// acceptors." Not by fewer, not by one of them twice, not in several ballots. Reference: §2.3.
#[test]
fn a_majority_of_acceptances_of_one_proposal_decides() {
    let mut c = paxos(5, "correct");
    let say = |c: &mut Cluster<Paxos>, from, ballot| {
        c.receive(n(4), n(from), Accepted { ballot: Ballot(ballot), command: X });
    };
    say(&mut c, 0, 5);
    say(&mut c, 1, 5);
    say(&mut c, 1, 5);
    say(&mut c, 2, 6);
    say(&mut c, 3, 6);
    assert_eq!(c.decision(4), None);
    let wait = Wait::Quorum { what: "acceptances", epoch: 6, have: set(&[2, 3]), need: 3 };
    assert_eq!(c.node(n(4)).waits(&c.config), [], "it has no part in it yet");
    c.receive(n(4), n(1), Accept { ballot: Ballot(6), command: X });
    assert_eq!(c.decision(4), Some(X), "its own acceptance is the third");
    assert_ne!(c.node(n(4)).waits(&c.config), [wait]);
    let learnt = facts(&c, 4, |fact| if let Fact::Learns { ballot, .. } = fact { Some(ballot) } else { None });
    assert_eq!(learnt, [6]);
}

/// "The obvious algorithm is to have each acceptor, whenever it accepts a proposal, respond to all learners … a number
/// of responses equal to the product of the number of acceptors and the number of learners." Reference: §2.3.
#[test]
fn acceptors_respond_to_all_learners() {
    let mut c = paxos(3, "correct");
    for acceptor in 0..3 {
        c.receive(n(acceptor), n(0), Accept { ballot: B3, command: X });
    }
    assert_eq!(c.network.len(), 6, "three to each other; to itself at once");
    assert!(c.network.iter().all(|e| e.message == Accepted { ballot: B3, command: X }));
}

/// "We can have the acceptors respond with their acceptances to a distinguished learner, which in turn informs the
/// other learners when a value has been chosen." Reference: §2.3.
#[test]
fn a_distinguished_learner_informs_the_others() {
    let mut c = with_distinguished_learner(3);
    c.propose(0, X);
    c.pass_all("Prepare");
    c.pass_all("Promise");
    c.pass_all("Accept");
    assert_eq!((c.count("Accepted", 1, 0), c.count("Accepted", 1, 2)), (1, 0));
    c.pass("Accepted", 1, 0);
    assert_eq!(c.decision(0), Some(X));
    c.pass("Decided", 0, 2);
    assert_eq!(c.decision(2), Some(X));
}

/// "It is also less reliable, since the distinguished learner could fail." Reference: §2.3.
#[test]
fn a_distinguished_learner_that_fails_is_replaced() {
    let mut c = with_distinguished_learner(3);
    c.propose(0, X);
    c.pass_all("Prepare");
    c.pass_all("Promise");
    c.pass_all("Accept");
    c.crash(n(0));
    c.settle();
    assert_eq!((c.decision(1), c.decision(2)), (None, None));
    c.retry(1);
    c.settle();
    assert_eq!((c.decision(1), c.decision(2)), (Some(X), Some(X)));
}

/// "Because of message loss, a value could be chosen with no learner ever finding out. … If a learner needs to know
/// whether a value has been chosen, it can have a proposer issue a proposal." Reference: §2.3.
#[test]
fn a_value_that_was_chosen_unseen_is_found_out() {
    let mut c = paxos(5, "correct");
    c.propose(0, X);
    c.pass_all("Prepare");
    c.pass_all("Promise");
    c.pass("Accept", 0, 1);
    c.pass("Accept", 0, 2);
    c.lose_all(); // chosen by n0, n1 and n2
    c.crash(n(0));
    c.crash(n(1));
    assert!((0..5).all(|node| c.decision(node).is_none()));
    c.retry(2);
    c.settle();
    assert!((2..5).all(|node| c.decision(node) == Some(X)));
}

/// "The assumption of non-Byzantine failures makes it easy for one learner to find out from another learner that a
/// value has been accepted." Reference: §2.3; deviation 8.
#[test]
fn who_knows_the_decision_says_so() {
    let mut c = paxos(3, "correct");
    c.receive(n(1), n(2), Decided { chosen: proposal(3, X), known: set(&[2]) });
    c.lose_all();
    c.propose(0, Y);
    c.pass("Prepare", 0, 1);
    let news = Decided { chosen: proposal(3, X), known: set(&[1, 2]) };
    assert_eq!(c.between(1, 0), [news]);
    c.pass("Decided", 1, 0);
    assert_eq!(c.decision(0), Some(X), "not what its client asked for");
    c.lose_all();
    c.receive(n(1), n(0), Accept { ballot: Ballot(9), command: X });
    assert!(matches!(c.between(1, 0)[..], [Decided { .. }]));
}

/// Deviation 9: the proposer of the chosen ballot tells those that may not know until they answer; who first sees that
/// all know says so; then all are silent.
#[test]
fn the_news_is_repeated_until_all_know() {
    let mut c = paxos(4, "correct");
    c.propose(0, X);
    c.pass_all("Prepare");
    c.pass_all("Promise");
    c.pass_all("Accept");
    c.lose_where(|e| e.to == n(3) || e.from == n(3)); // n3 accepted, and hears nothing more
    c.settle();
    assert!((0..3).all(|node| c.decision(node) == Some(X) && c.armed(node)));
    c.retry(0);
    c.lose_where(|e| e.to == n(3));
    c.settle();
    assert!(c.armed(0) && c.armed(1) && c.armed(2), "n3 has not answered");
    c.retry(0);
    assert_eq!(c.between(0, 3), [Decided { chosen: proposal(4, X), known: set(&[0, 1, 2]) }]);
    assert_eq!(c.network.len(), 1, "those that answered are left in peace");
    c.settle();
    assert_eq!(c.decision(3), Some(X));
    assert!((0..4).all(|node| !c.armed(node)), "nobody has anything left to say");
}

/// The proposer's own silence does not matter: any learner spreads the news when it hears nothing.
#[test]
fn any_learner_spreads_the_news() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.settle_where(|e| e.to != n(2));
    c.settle_where(|e| e.goes(2, 1) || e.goes(2, 0));
    c.lose_all();
    assert_eq!((c.decision(0), c.decision(1), c.decision(2)), (Some(X), Some(X), None));
    c.crash(n(0));
    c.retry(1);
    c.settle();
    assert_eq!(c.decision(2), Some(X));
    assert!(c.armed(1) && c.armed(2), "n0 may not know after its restart, as far as they know");
    c.restart(n(0));
    assert_eq!(c.decision(0), Some(X), "it does know");
    c.retry(0);
    c.settle();
    assert!((0..3).all(|node| !c.armed(node)));
}

/// A restarted node delivers its decision again: the decision is on the disk before it is delivered.
#[test]
fn the_decision_is_on_the_disk() {
    let mut c = paxos(3, "correct");
    c.hold_disk(n(2));
    for from in [0, 1] {
        c.receive(n(2), n(from), Accepted { ballot: B3, command: X });
    }
    assert_eq!(c.decision(2), None);
    assert!(c.write_one(n(2)));
    assert_eq!(c.decision(2), Some(X));
    c.bounce(2);
    assert_eq!(c.delivered(n(2)), [X], "once in each life");
    assert_eq!(c.node(n(2)).view().committed, 1);
}

/// Integrity: whatever arrives after the decision, a node decides once.
#[test]
fn a_node_decides_once() {
    let mut c = paxos(3, "correct");
    c.propose(0, X);
    c.settle();
    for (from, command) in [(1, X), (2, X), (1, Y), (2, Y)] {
        c.receive(n(0), n(from), Accepted { ballot: Ballot(7), command });
    }
    c.receive(n(0), n(1), Decided { chosen: proposal(3, X), known: set(&[1]) });
    c.receive(n(0), n(1), Promise { ballot: B3, accepted: None });
    c.receive(n(0), n(1), Nack { ballot: B3, promised: Ballot(4) });
    c.propose(0, Z);
    assert_eq!(c.delivered(n(0)), [X]);
}

/// Deviation 10: a learner counts in a bounded number of ballots, the highest, and forgets the lowest first.
#[test]
fn tallies_are_bounded() {
    let mut c = paxos(3, "correct");
    let many = MAX_TALLIES as u64 + 5;
    for round in 1..=many {
        c.receive(n(2), n(0), Accepted { ballot: Ballot(3 * round), command: value(round as u32) });
    }
    c.receive(n(2), n(1), Accepted { ballot: Ballot(3), command: value(1) });
    assert_eq!(c.decision(2), None, "the lowest was forgotten and does not come back");
    let field = |c: &Cluster<Paxos>| {
        let fields = c.node(n(2)).fields(&|v| format!("v{}", v.0));
        fields.into_iter().find(|f| f.name == "acceptances").unwrap().value
    };
    assert_eq!(field(&c).split(' ').count(), MAX_TALLIES);
    c.receive(n(2), n(1), Accepted { ballot: Ballot(3 * many), command: value(many as u32) });
    assert_eq!(c.decision(2), Some(value(many as u32)));
    assert_eq!(field(&c), "none");
}

/// A run of one proposer in a kind world: every node decides, then the run is silent, and this is what it costs.
#[test]
fn the_cost_of_a_quiet_run() {
    for (distinguished, accepted) in [(false, 25), (true, 5)] {
        let given = [("distinguished_learner", SettingValue::Flag(distinguished))];
        let mut c = Cluster::<Paxos>::new(5, "correct", &given);
        c.propose(2, X);
        let mut sent = [0; 6];
        c.settle_where(|e| {
            let _ = e;
            false
        });
        // By hand, in the order of sending, so that the count is exact.
        while let Some(envelope) = c.network.first() {
            sent[usize::from(envelope.message.kind())] += 1;
            let id = envelope.id;
            c.deliver(id);
        }
        // Without those that a node sends to itself.
        assert_eq!(sent[..3], [4, 4, 4], "Prepare, Promise, Accept");
        assert!(sent[3] <= accepted - accepted / 5, "Accepted: {sent:?}");
        assert_eq!(sent[4], 0, "nobody is refused");
        let course = fair::run(&mut c, fair::USUAL, 1, 60_000_000, |_| false);
        assert!(course.silent, "{course:?}");
        assert!((0..5).all(|node| c.decision(node) == Some(X) && !c.armed(node)));
    }
}

/// Nodes without any knowledge send nothing and have no timer.
#[test]
fn nothing_happens_without_a_proposal() {
    let c = paxos(5, "correct");
    assert!(c.network.is_empty() && (0..5).all(|node| !c.armed(node)));
    let mut d = paxos(3, "correct");
    d.receive(n(1), n(0), Prepare { ballot: B3 });
    assert!(!d.armed(1), "a promise alone is no reason to propose");
}
