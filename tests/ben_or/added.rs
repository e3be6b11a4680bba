//! What the playground adds to the algorithm: inputs for all, links that lose, disks, and an end.

use crate::hand::{ByHand, ONE, ZERO, ben_or, nodes, proposal, report};
use crate::support::n;
use consensus_playground::protocol::{ClientId, Command, Protocol, SettingValue, Value};
use consensus_playground::protocols::ben_or::message::BenOrMessage::Decided;
use consensus_playground::protocols::ben_or::{BenOr, Retry};
use consensus_playground::scenario::{Scenario, Verb};
use consensus_playground::session::Session;

/// Deviation 1: whoever has no input takes a proposed one.
#[test]
fn a_node_without_an_input_takes_that_of_the_first_report() {
    let mut c = ben_or(3, "correct");
    c.receive(n(2), n(0), proposal(1, Some(ZERO)));
    assert!(c.network.is_empty(), "a Proposal alone begins nothing");
    c.receive(n(2), n(0), report(1, ONE));
    assert_eq!(c.between(2, 1)[0], report(1, ONE));
    c.lose_all();
    c.propose(2, ZERO);
    assert!(c.network.is_empty(), "its client came too late");
}

/// Deviation 2: what may have been lost is said again, the same as before.
#[test]
fn what_was_said_in_a_round_is_said_again() {
    let mut c = ben_or(3, "correct");
    c.begin(&[ONE]);
    c.retry(0);
    assert_eq!(c.between(0, 2), [report(1, ONE)]);
    c.receive(n(0), n(1), report(1, ZERO));
    c.lose_all();
    c.retry(0);
    assert_eq!(c.between(0, 2), [report(1, ONE), proposal(1, None)]);
    assert_eq!(c.slots[0].timers[&Retry], (200_000, 400_000));
}

/// Deviation 3: a node that was left behind joins the others, with what they hold.
#[test]
fn a_later_round_is_joined_with_its_estimate() {
    let mut c = ben_or(3, "correct");
    c.begin(&[ZERO]);
    c.receive(n(0), n(1), proposal(4, Some(ONE)));
    assert_eq!(c.node(n(0)).view().epoch, 1);
    c.receive(n(0), n(1), report(4, ONE));
    assert_eq!(c.between(0, 2), [report(4, ONE), proposal(4, Some(ONE))], "two of three report 1 in round 4");
    c.lose_all();
    c.receive(n(0), n(2), report(3, ZERO));
    c.receive(n(0), n(2), proposal(3, Some(ZERO)));
    assert!(c.network.is_empty() && c.node(n(0)).view().epoch == 4, "what is over is over");
}

/// Deviation 4: whoever decides tells the others, and answers those that still count.
#[test]
fn who_has_decided_says_so() {
    let mut c = ben_or(3, "correct");
    c.begin(&[ONE]);
    c.receive(n(0), n(1), report(1, ONE));
    c.lose_all();
    c.receive(n(0), n(1), proposal(1, Some(ONE)));
    let news = Decided { value: ONE, known: nodes(&[0]) };
    assert_eq!((c.decision(0), c.between(0, 1), c.between(0, 2)), (Some(ONE), vec![news], vec![news]));
    c.lose_all();
    c.receive(n(0), n(2), report(7, ZERO));
    assert_eq!(c.between(0, 2), [news]);
    c.receive(n(2), n(0), news);
    assert_eq!(c.decision(2), Some(ONE));
    assert_eq!(c.between(2, 0), [Decided { value: ONE, known: nodes(&[0, 2]) }], "it answers, not being in known");
}

/// Deviation 4: until everybody is known to know.
#[test]
fn the_news_is_repeated_until_all_know() {
    let mut c = ben_or(3, "correct");
    c.receive(n(0), n(1), Decided { value: ONE, known: nodes(&[1]) });
    c.lose_all();
    for _ in 0..3 {
        c.retry(0);
        assert_eq!(c.between(0, 2), [Decided { value: ONE, known: nodes(&[0, 1]) }]);
        assert_eq!(c.between(0, 1), [], "n1 knows");
        c.lose_all();
    }
    c.receive(n(0), n(2), Decided { value: ONE, known: nodes(&[0, 2]) });
    let all = Decided { value: ONE, known: nodes(&[0, 1, 2]) };
    assert_eq!((c.between(0, 1), c.between(0, 2)), (vec![all], vec![all]), "the first to see it says so");
    assert!(!c.armed(0));
    c.settle();
    assert!((0..3).all(|node| !c.armed(node)) && c.network.is_empty());
}

/// Deviation 5: in each phase of a round a node says one thing, whatever happens to it.
#[test]
fn a_restarted_node_says_the_same_again() {
    let mut c = ben_or(3, "correct");
    c.begin(&[ONE]);
    c.receive(n(0), n(1), report(1, ZERO));
    c.lose_all();
    c.crash(n(0));
    c.restart(n(0));
    assert_eq!(c.between(0, 1), [report(1, ONE), proposal(1, None)]);
    c.lose_all();
    c.receive(n(0), n(1), report(1, ONE));
    assert!(c.network.is_empty(), "two of three report 1 now, and it has said ?");
    c.receive(n(0), n(2), Decided { value: ZERO, known: nodes(&[2]) });
    c.crash(n(0));
    c.restart(n(0));
    assert_eq!(c.decision(0), Some(ZERO), "the application is empty: delivered again");
}

/// Nothing leaves before it is on the disk.
#[test]
fn nothing_is_said_before_it_is_on_the_disk() {
    let mut c = ben_or(3, "correct");
    c.hold_disk(n(0));
    c.propose(0, ONE);
    assert!(c.network.is_empty());
    c.write_one(n(0));
    assert_eq!(c.between(0, 1), [report(1, ONE)]);
    c.receive(n(0), n(1), report(1, ONE));
    assert_eq!(c.between(0, 1).len(), 1, "its Proposal waits");
    c.write_one(n(0));
    assert_eq!(c.between(0, 1)[1], proposal(1, Some(ONE)));
    c.receive(n(0), n(1), proposal(1, Some(ONE)));
    assert_eq!(c.decision(0), None, "and so does its decision");
    c.write_one(n(0));
    assert_eq!(c.decision(0), Some(ONE));
}

/// A coin for all falls the same for all, and not always the same.
#[test]
fn a_global_coin_falls_alike() {
    let mut tossed = Vec::new();
    for me in 0..2 {
        let mut c = crate::support::Cluster::<BenOr>::new(3, "correct", &[("global_coin", SettingValue::Flag(true))]);
        c.propose(me, ZERO);
        tossed.push(Vec::new());
        for round in 1..=40 {
            let other = if c.slots[usize::from(me)].disk.estimate == ONE { ZERO } else { ONE };
            c.receive(n(me), n(2), report(round, other));
            c.receive(n(me), n(2), proposal(round, None));
            tossed[usize::from(me)].push(c.slots[usize::from(me)].disk.estimate);
        }
    }
    assert_eq!(tossed[0], tossed[1]);
    assert!(tossed[0].contains(&ZERO) && tossed[0].contains(&ONE));
}

/// Binary values only: in a file, by hand, and should another come all the same.
#[test]
fn other_values_are_refused() {
    let file = |value: &str| {
        format!(
            r#"{{"version": 1, "protocol": "ben-or", "nodes": 3, "network": {{"model": "asynchronous"}},
                "script": [{{"do": "propose", "node": 0, "value": "{value}"}}], "stop": {{"at_ms": 9000}}}}"#
        )
    };
    let error = Scenario::from_json(file("red")).unwrap_err();
    assert_eq!(error, "script[0].value: expected one of 0, 1, found \"red\"");
    let mut session = Session::new(Scenario::from_json(file("1")).expect("a scenario")).expect("a run");
    session.seek(2);
    assert!(!session.perform(Verb::Propose { node: n(1), value: "2".to_owned() }));
    assert!(session.perform(Verb::Propose { node: n(1), value: "0".to_owned() }));
    let mut c = ben_or(3, "correct");
    let other = Command { client: ClientId(1), serial: 1, value: Value(2) };
    c.request(n(0), other);
    assert!(c.network.is_empty() && c.slots[0].redirects == [(other, None)]);
}
