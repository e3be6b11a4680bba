//! The fixed sequencer. References: Défago, Schiper and Urbán 2004, fixed sequencer, variant UB; Hadzilacos and Toueg
//! 1994 for the properties.

use crate::referee::{Referee, say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{NodeId, Protocol, SettingValue, Setup, Wait};
use consensus_playground::protocols::links::Retransmit;
use consensus_playground::protocols::sequencer::Sequencer;

fn cluster(nodes: u8, variant: &str) -> (Cluster<Sequencer>, Referee) {
    (Cluster::new(nodes, variant, &[]), Referee::default())
}

/// Unicast to the sequencer, then broadcast with a number. Reference: UB
#[test]
fn a_message_goes_to_the_sequencer_and_from_there_to_all() {
    let (mut c, _) = cluster(4, "correct");
    c.request(n(2), say(1));
    assert_eq!((c.network.len(), c.under_way(|m| m.is("Request") && m.goes(2, 0)).len()), (1, 1));
    assert!(values(&c, 2).is_empty(), "the sender waits for the number like everybody else");
    c.deliver_where(|m| m.is("Request"));
    assert_eq!(values(&c, 0), [1]);
    for to in 1..4 {
        assert_eq!(c.under_way(|m| m.is("Order") && m.goes(0, to)).len(), 1);
    }
    c.settle();
    assert_eq!((values(&c, 1), values(&c, 2), values(&c, 3)), (vec![1], vec![1], vec![1]));
    assert!(c.slots.iter().all(|slot| slot.timers.is_empty()));
}

/// Total order: if correct processes p and q both deliver m and m', then p delivers m before m' exactly if q does: the
/// same traffic that FIFO broadcast delivers in two orders. Reference: Hadzilacos and Toueg 1994, Atomic Broadcast
#[test]
fn two_nodes_deliver_two_messages_in_one_order() {
    let (mut c, mut referee) = cluster(3, "correct");
    referee.request(&mut c, n(1), say(1));
    referee.request(&mut c, n(2), say(2));
    c.settle();
    for node in 0..3 {
        assert_eq!(values(&c, node), [1, 2]);
    }
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
}

/// A process delivers messages in the order of their numbers and keeps what comes early. Reference: UB, destination
#[test]
fn an_order_that_comes_early_waits_and_the_gap_is_named() {
    let (mut c, _) = cluster(3, "correct");
    for value in 1..=3 {
        c.request(n(0), say(value));
    }
    let ids = c.under_way(|m| m.goes(0, 1));
    c.deliver(ids[2]);
    c.deliver(ids[1]);
    assert!(values(&c, 1).is_empty());
    assert_eq!(c.node(n(1)).waits(&c.config), [Wait::Gap { from: n(0), number: 1 }]);
    c.deliver(ids[0]);
    assert_eq!(values(&c, 1), [1, 2, 3]);
}

#[test]
fn an_early_order_is_written_once_however_often_it_comes() {
    let (mut c, _) = cluster(2, "correct");
    c.request(n(0), say(1));
    c.request(n(0), say(2));
    let early = c.under_way(|m| m.goes(0, 1))[1];
    c.deliver_copy(early);
    c.hold_disk(n(1));
    c.deliver_copy(early);
    assert!(c.slots[1].waiting.is_empty(), "no second write holds the acknowledgement back");
    assert_eq!(c.under_way(|m| m.is("Ack") && m.goes(1, 0)).len(), 2);
}

/// The number is the better acknowledgement: who has it asks no more, before a restart and after.
#[test]
fn a_request_whose_number_is_known_is_not_repeated() {
    let (mut c, _) = cluster(2, "correct");
    c.request(n(1), say(1));
    c.request(n(1), say(2));
    let second = c.under_way(|m| m.is("Request"))[1];
    c.deliver(second);
    c.deliver_where(|m| m.is("Order"));
    c.lose_all(); // The acknowledgement and the first request.
    c.crash(n(1));
    c.restart(n(1));
    c.fire(n(1), Retransmit);
    assert_eq!(c.network.len(), 1, "the first is asked for again, the second has its number");
    c.deliver_where(|m| m.is("Request"));
    c.deliver_where(|m| m.is("Order"));
    assert!(c.slots[1].timers.is_empty(), "no acknowledgement is needed any more");
    assert_eq!(values(&c, 1), [2, 1]);
}

/// A gap is filled by retransmission, from the only node that knows the number.
#[test]
fn a_lost_order_is_sent_again() {
    let (mut c, mut referee) = cluster(3, "correct");
    referee.request(&mut c, n(0), say(1));
    referee.request(&mut c, n(0), say(2));
    let lost = c.under_way(|m| m.goes(0, 1))[0];
    c.lose_where(|m| m.id == lost);
    c.settle();
    assert!(values(&c, 1).is_empty());
    c.fire(n(0), Retransmit);
    c.settle();
    assert_eq!(values(&c, 1), [1, 2]);
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
}

/// The sequencer dies: nothing is ordered, nobody takes over, and who waits knows for whom. It returns: all goes on.
#[test]
fn while_the_sequencer_is_down_nothing_is_delivered() {
    let (mut c, mut referee) = cluster(3, "correct");
    referee.request(&mut c, n(1), say(1));
    c.settle();
    c.crash(n(0));
    referee.request(&mut c, n(1), say(2));
    referee.request(&mut c, n(2), say(3));
    for _ in 0..20 {
        c.settle();
        for node in 1..3 {
            c.fire(n(node), Retransmit);
        }
    }
    c.settle();
    for node in 1..3 {
        assert_eq!(values(&c, node), [1]);
        let waits = c.node(n(node)).waits(&c.config);
        assert_eq!(waits, [Wait::Node { what: "order", node: n(0) }]);
    }
    referee.judge(&c, &["No duplication", "No creation", "Total order"]).unwrap();
    c.restart(n(0));
    c.fire(n(1), Retransmit);
    c.fire(n(2), Retransmit);
    c.settle();
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
    assert_eq!(values(&c, 1).len(), 3);
}

/// Agreement rests on the sequencer: a number that only one node has heard of dies with it.
#[test]
fn a_sequencer_that_dies_half_way_leaves_the_nodes_apart() {
    let (mut c, mut referee) = cluster(3, "correct");
    referee.request(&mut c, n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    c.lose_all();
    c.crash(n(0));
    assert_eq!((values(&c, 1), values(&c, 2)), (vec![1], vec![]));
    assert!(referee.judge(&c, &["Agreement"]).is_err());
    c.restart(n(0));
    c.fire(n(0), Retransmit);
    c.settle();
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
}

/// Not promised: FIFO order. The numbers follow the order of arrival at the sequencer.
#[test]
fn two_requests_of_one_sender_may_change_places() {
    let (mut c, mut referee) = cluster(3, "correct");
    referee.request(&mut c, n(1), say(1));
    referee.request(&mut c, n(1), say(2));
    let second = c.under_way(|m| m.goes(1, 0))[1];
    c.deliver(second);
    c.settle();
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![2, 1], vec![2, 1]));
    assert!(referee.judge(&c, &["FIFO order"]).is_err());
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
}

/// Everything of the request is lost but the request itself, so it is sent again.
fn repeated_request(variant: &str) -> (Cluster<Sequencer>, Referee) {
    let (mut c, mut referee) = cluster(3, variant);
    referee.request(&mut c, n(1), say(1));
    c.deliver_where(|m| m.is("Request"));
    c.lose_where(|m| m.goes(0, 1));
    c.fire(n(1), Retransmit);
    c.settle();
    c.fire(n(0), Retransmit);
    c.settle();
    (c, referee)
}

/// Integrity: every process delivers m at most once. Reference: Hadzilacos and Toueg 1994, Integrity
#[test]
fn a_repeated_request_gets_no_second_number() {
    let (c, referee) = repeated_request("correct");
    for node in 0..3 {
        assert_eq!(values(&c, node), [1]);
    }
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
}

/// S2, `sequenced-twice`. Breaks No duplication on the schedule above.
#[test]
fn without_the_look_a_repeated_request_is_delivered_twice() {
    let (c, referee) = repeated_request("sequenced-twice");
    assert_eq!(values(&c, 2), [1, 1]);
    let why = referee.judge(&c, Sequencer::INFO.promises).unwrap_err();
    assert!(why.starts_with("No duplication"), "{why}");
}

/// n1 and n2 ask; n3 alone hears of the numbers and n0 restarts. Both ask again, n2 first.
fn restarted_sequencer(variant: &str) -> (Cluster<Sequencer>, Referee) {
    let (mut c, mut referee) = cluster(4, variant);
    referee.request(&mut c, n(1), say(1));
    c.deliver_where(|m| m.is("Request"));
    referee.request(&mut c, n(2), say(2));
    c.deliver_where(|m| m.is("Request"));
    c.deliver_where(|m| m.goes(0, 3));
    assert_eq!(values(&c, 3), [1, 2]);
    c.lose_all();
    c.crash(n(0));
    c.restart(n(0));
    c.fire(n(2), Retransmit);
    c.settle();
    c.fire(n(1), Retransmit);
    c.settle();
    for node in [0, 0, 0] {
        if !c.slots[node].timers.is_empty() {
            c.fire(n(0), Retransmit);
            c.settle();
        }
    }
    (c, referee)
}

/// A restarted sequencer goes on where it was: its numbers were on its disk before anyone saw them.
#[test]
fn a_restarted_sequencer_gives_no_number_twice() {
    let (c, referee) = restarted_sequencer("correct");
    for node in 0..4 {
        assert_eq!(values(&c, node), [1, 2]);
    }
    assert_eq!(c.disorder, None);
    referee.judge(&c, Sequencer::INFO.promises).unwrap();
}

/// S1, `restart-numbers`. Two commands have one position, and two nodes deliver the same two messages in two orders.
#[test]
fn with_a_volatile_counter_two_commands_have_one_position() {
    let (c, referee) = restarted_sequencer("restart-numbers");
    assert_eq!((values(&c, 1), values(&c, 3)), (vec![2, 1], vec![1, 2]));
    assert!(c.disorder.is_some());
    let why = referee.judge(&c, Sequencer::INFO.promises).unwrap_err();
    assert!(why.starts_with("Total order"), "{why}");
}

#[test]
fn any_node_can_be_the_sequencer_and_no_other_can() {
    let given = [("sequencer", SettingValue::Integer(2))];
    let mut c: Cluster<Sequencer> = Cluster::new(3, "correct", &given);
    c.request(n(0), say(1));
    assert_eq!(c.under_way(|m| m.is("Request") && m.goes(0, 2)).len(), 1);
    c.settle();
    assert_eq!(values(&c, 1), [1]);
    assert!(c.node(n(2)).view().leads && c.node(n(0)).view().leader == Some(n(2)));
    assert_eq!(Sequencer::INFO.needed_node(&given), Some(n(2)));
    assert_eq!(Sequencer::INFO.needed_node(&[]), Some(NodeId(0)));

    let given = [("sequencer", SettingValue::Integer(3))];
    let declared = Sequencer::INFO.settings;
    let setup = Setup { nodes: 3, variant: "correct", given: &given, declared, delta: None };
    assert_eq!(Sequencer::configure(&setup).unwrap_err(), "sequencer must be one of the 3 nodes, not node 3");
}
