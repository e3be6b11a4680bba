//! Each rule left out is seen to break the property that its card names, on a schedule made by hand; the same schedule
//! on the correct code is safe. A step whose message the correct code never sends is passed over.
//!
//! Ballots of three nodes: n0 has 3, 6, 9, …; n1 has 4, 7, …; n2 has 5, 8, ….

use crate::fair::{self, Bounds};
use crate::hand::{ByHand, X, Y, Z, paxos};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Command, Protocol};
use consensus_playground::protocols::paxos::Paxos;
use consensus_playground::protocols::paxos::ballot::Ballot;
use consensus_playground::protocols::paxos::message::PaxosMessage;
use consensus_playground::protocols::paxos::variant::{ALL, Broken};

/// The oldest message of this kind (and value) arrives, if there is one.
fn may_pass(c: &mut Cluster<Paxos>, kind: &str, from: u8, to: u8, value: Option<Command>) {
    let fits = |message: &PaxosMessage| match message {
        PaxosMessage::Accept { command, .. } | PaxosMessage::Accepted { command, .. } => {
            value.is_none_or(|value| value == *command)
        }
        _ => true,
    };
    if let Some(&id) = c.under_way(|e| e.is(kind) && e.goes(from, to) && fits(&e.message)).first() {
        c.deliver(id);
    }
}

/// `proposer` begins a ballot and gets the promise of each of `acceptors`, in this order.
fn prepare(c: &mut Cluster<Paxos>, proposer: u8, acceptors: &[u8]) {
    for &acceptor in acceptors {
        may_pass(c, "Prepare", proposer, acceptor, None);
        may_pass(c, "Promise", acceptor, proposer, None);
    }
}

/// `acceptor` is asked by `proposer` to accept `value`, and `proposer` hears its answer.
fn accept(c: &mut Cluster<Paxos>, proposer: u8, acceptor: u8, value: Command) {
    may_pass(c, "Accept", proposer, acceptor, Some(value));
    while c.count("Accepted", acceptor, proposer) > 0 {
        may_pass(c, "Accepted", acceptor, proposer, None);
    }
}

/// Begins a ballot at `at` for `value`, or for what it proposed before, unless it knows the decision.
fn try_for(c: &mut Cluster<Paxos>, at: u8, value: Command) {
    if c.disk(at).proposal.is_none() {
        c.propose(at, value);
    }
    if c.node(n(at)).view().role == "acceptor" && c.armed(at) {
        c.retry(at);
    }
}

fn volatile_round(c: &mut Cluster<Paxos>) {
    c.hold_disk(n(0));
    c.propose(0, X);
    c.write_one(n(0)); // the number
    c.write_one(n(0)); // its own promise
    prepare(c, 0, &[1]); // leads ballot 3 with X
    c.crash(n(0)); // before its own acceptance is on the disk
    c.restart(n(0));
    c.release_disk(n(0));
    c.propose(0, Y);
    try_for(c, 0, Y); // ballot 3 again
    prepare(c, 0, &[2]);
    accept(c, 0, 2, Y); // n0 and n2: Y
    may_pass(c, "Accept", 0, 2, Some(X)); // late
    may_pass(c, "Accept", 0, 1, Some(X));
    may_pass(c, "Accepted", 2, 1, Some(X)); // n1 and n2: X
}

fn promise_without_persist(c: &mut Cluster<Paxos>) {
    c.propose(1, Y);
    prepare(c, 1, &[0]); // leads ballot 4
    c.propose(2, Z);
    prepare(c, 2, &[0]); // leads ballot 5
    c.bounce(0); // has promised ballot 5
    accept(c, 1, 0, Y); // n0 and n1: Y
    accept(c, 2, 0, Z); // n0 and n2: Z
}

/// Five nodes: n0 has 5, 10, …; n1 has 6, 11, …; n3 has 8, ….
fn accept_leaves_promise(c: &mut Cluster<Paxos>) {
    c.propose(0, X);
    prepare(c, 0, &[1, 2]); // leads ballot 5; n2 has promised it
    c.propose(3, Y);
    prepare(c, 3, &[4, 1]); // leads ballot 8
    accept(c, 3, 4, Y);
    accept(c, 3, 2, Y); // n2, n3 and n4: Y
    may_pass(c, "Accept", 0, 2, Some(X)); // late
    c.propose(1, Z);
    prepare(c, 1, &[0, 2]); // ballot 11, is told of X alone
    accept(c, 1, 0, X);
    accept(c, 1, 2, X); // n0, n1 and n2: X
}

fn own_value(c: &mut Cluster<Paxos>) {
    c.propose(0, X);
    prepare(c, 0, &[1]);
    accept(c, 0, 1, X); // n0 and n1: X
    c.propose(2, Z);
    prepare(c, 2, &[1]); // is told of X
    accept(c, 2, 1, Z);
}

fn any_value(c: &mut Cluster<Paxos>) {
    c.propose(0, X);
    prepare(c, 0, &[2]); // n0 accepts X in ballot 3
    c.propose(1, Y);
    prepare(c, 1, &[2]);
    accept(c, 1, 2, Y); // n1 and n2: Y in ballot 4
    c.lose(&["Accept", "Accepted"]);
    c.retry(2);
    prepare(c, 2, &[0]); // is told of Y by itself, then of X by n0
    accept(c, 2, 0, X);
}

fn count_per_value(c: &mut Cluster<Paxos>) {
    c.propose(0, X);
    prepare(c, 0, &[2]); // n0 accepts X in ballot 3
    c.propose(1, Y);
    prepare(c, 1, &[2]); // n1 accepts Y in ballot 4
    c.propose(2, Z);
    prepare(c, 2, &[0]); // n2 accepts X in ballot 5
    c.pass("Accepted", 0, 2); // X by n0 in 3 and by n2 in 5: no quorum
    c.lose(&["Accept", "Accepted", "Prepare"]);
    c.receive(n(1), n(2), PaxosMessage::Nack { ballot: Ballot(4), promised: Ballot(5) });
    c.retry(1); // ballot 7
    prepare(c, 1, &[0]); // Y in 4 is above X in 3
    accept(c, 1, 0, Y);
}

fn count_messages(c: &mut Cluster<Paxos>) {
    c.propose(0, X);
    prepare(c, 0, &[2]); // n0 accepts X in ballot 3
    c.propose(1, Y);
    prepare(c, 1, &[2]);
    accept(c, 1, 2, Y); // n1 and n2: Y
    c.pass_copy("Accepted", 0, 2); // X by n0 …
    c.pass("Accepted", 0, 2); // … and once more
}

type Schedule = fn(&mut Cluster<Paxos>);

const SCHEDULES: &[(Broken, u8, Schedule)] = &[
    (Broken::VolatileRound, 3, volatile_round),
    (Broken::PromiseWithoutPersist, 3, promise_without_persist),
    (Broken::AcceptLeavesPromise, 5, accept_leaves_promise),
    (Broken::OwnValue, 3, own_value),
    (Broken::AnyValue, 3, any_value),
    (Broken::CountPerValue, 3, count_per_value),
    (Broken::CountMessages, 3, count_messages),
];

#[test]
fn each_rule_left_out_breaks_agreement() {
    for &(broken, nodes, schedule) in SCHEDULES {
        let card = ALL.iter().find(|(b, _)| *b == broken).expect("a card for every variant").1;
        let mut c = paxos(nodes, card.id);
        schedule(&mut c);
        assert!(!c.agrees(), "{} must break Agreement on its schedule: {:?}", card.id, c.history);
        let kept = c.one_value_per_ballot();
        assert_eq!(kept, broken != Broken::VolatileRound, "{}: one value per ballot", card.id);
    }
}

#[test]
fn the_same_schedules_are_safe_on_the_correct_code() {
    for &(broken, nodes, schedule) in SCHEDULES {
        let mut c = paxos(nodes, "correct");
        schedule(&mut c);
        assert!(c.agrees() && c.one_value_per_ballot(), "{broken:?}: {:?}", c.disorder);
        // Nor does what is still under way lead anywhere else.
        c.settle();
        for at in 0..nodes {
            if c.armed(at) {
                c.retry(at);
                c.settle();
            }
        }
        assert!(c.agrees() && c.one_value_per_ballot(), "{broken:?}: {:?}", c.disorder);
        assert!((0..nodes).all(|at| c.decision(at).is_some()), "{broken:?} left undecided");
    }
}

/// Every card is one of the registry's, and every variant is tried here.
#[test]
fn every_variant_has_a_schedule() {
    let cards = Paxos::INFO.variants;
    assert_eq!(cards.len(), SCHEDULES.len() + 1, "all but the liveness variant");
    for card in cards {
        assert!(Paxos::INFO.promises.contains(&card.breaks), "{} breaks {}", card.id, card.breaks);
    }
}

/// P6. A refused proposer begins its next ballot before anything else can happen, and two of them refuse each other for
/// ever without a single timer. The correct code sends nothing until its timer fires.
#[test]
fn without_back_off_two_proposers_never_fall_silent() {
    let duel = |variant| {
        let mut c = paxos(3, variant);
        c.propose(0, X);
        c.propose(1, Y);
        c.pass("Prepare", 0, 2);
        c.pass("Promise", 2, 0); // n0 leads ballot 3
        let (mut leading, mut next) = (0, 1);
        for round in 0..1000 {
            may_pass(&mut c, "Prepare", next, 2, None);
            may_pass(&mut c, "Promise", 2, next, None);
            may_pass(&mut c, "Accept", leading, 2, None);
            may_pass(&mut c, "Nack", 2, leading, None);
            if c.count("Prepare", leading, 2) == 0 {
                return round;
            }
            // What is left are the one's Prepare and the other's Accept.
            let left = [("Prepare", leading), ("Accept", next)];
            c.lose_where(|e| !left.iter().any(|&(kind, from)| e.is(kind) && e.goes(from, 2)));
            (leading, next) = (next, leading);
        }
        1000
    };
    assert_eq!(duel("no-backoff"), 1000);
    assert_eq!(duel("correct"), 0);
}

/// P6 in a world that could not be kinder: every message takes the same time. The correct code decides all the same.
#[test]
fn without_back_off_equal_delays_never_decide() {
    let even = Bounds { delay: (20_000, 20_000), disk: (100, 100) };
    let decided = |c: &Cluster<Paxos>| (0..3).all(|at| c.decision(at).is_some());
    let run = |variant, seed| {
        let mut c = paxos(3, variant);
        c.propose(0, X);
        c.propose(1, Y);
        fair::run(&mut c, even, seed, 120_000_000, decided);
        decided(&c)
    };
    assert!((0..50).all(|seed| run("correct", seed)));
    assert!((0..50).all(|seed| !run("no-backoff", seed)));
}
