//! FIFO broadcast. References: Cachin et al., 2nd ed., §3.9, Module 3.8 and Algorithm 3.12; Hadzilacos and Toueg 1994.

use crate::referee::{Referee, say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Protocol, Wait};
use consensus_playground::protocols::fifo::Fifo;

/// n0 says 1, 2, 3; they reach n1 in the order 3, 1, 2.
fn out_of_order(variant: &str) -> (Cluster<Fifo>, Referee) {
    let (mut c, mut referee): (Cluster<Fifo>, _) = (Cluster::new(3, variant, &[]), Referee::default());
    for value in 1..=3 {
        referee.request(&mut c, n(0), say(value));
    }
    let ids = c.under_way(|m| m.goes(0, 1));
    c.deliver(ids[2]);
    c.deliver(ids[0]);
    c.deliver(ids[1]);
    (c, referee)
}

/// FIFO delivery: if some process broadcasts message m1 before it broadcasts message m2, then no correct process
/// delivers m2 unless it has already delivered m1. Reference: FRB5
#[test]
fn a_senders_messages_are_delivered_in_the_order_of_their_numbers() {
    let (mut c, referee) = out_of_order("correct");
    assert_eq!(values(&c, 1), [1, 2, 3]);
    c.settle();
    referee.judge(&c, Fifo::INFO.promises).unwrap();
}

/// F1, `no-gap-check`. Breaks FIFO order on the schedule above.
#[test]
fn without_the_gap_check_a_later_message_comes_first() {
    let (mut c, referee) = out_of_order("no-gap-check");
    assert_eq!(values(&c, 1), [3, 1, 2]);
    c.settle();
    let why = referee.judge(&c, Fifo::INFO.promises).unwrap_err();
    assert!(why.starts_with("FIFO order"), "{why}");
}

/// A message that comes early is relayed at once and delivered later: the rung below does not wait.
/// Reference: Algorithm 3.12, on rb-Deliver
#[test]
fn an_early_message_is_kept_and_the_gap_is_named() {
    let mut c: Cluster<Fifo> = Cluster::new(3, "correct", &[]);
    for value in 1..=4 {
        c.request(n(0), say(value));
    }
    let ids = c.under_way(|m| m.goes(0, 1));
    c.deliver(ids[3]);
    c.deliver(ids[1]);
    assert!(values(&c, 1).is_empty());
    assert_eq!(c.under_way(|m| m.is("Relay") && m.from == n(1)).len(), 4);
    let waits = c.node(n(1)).waits(&c.config);
    assert_eq!(waits, [Wait::Gap { from: n(0), number: 1 }]);
    c.deliver(ids[0]);
    assert_eq!(values(&c, 1), [1, 2]);
    assert_eq!(c.node(n(1)).waits(&c.config), [Wait::Gap { from: n(0), number: 3 }]);
    c.deliver(ids[2]);
    assert_eq!(values(&c, 1), [1, 2, 3, 4]);
    assert!(c.node(n(1)).waits(&c.config).is_empty());
}

/// One sender's gap holds nobody else up. Reference: Algorithm 3.12, `next` is kept per sender
#[test]
fn a_gap_holds_up_its_own_sender_only() {
    let mut c: Cluster<Fifo> = Cluster::new(3, "correct", &[]);
    c.request(n(0), say(1));
    c.request(n(0), say(2));
    c.request(n(2), say(3));
    let second = c.under_way(|m| m.goes(0, 1))[1];
    c.deliver(second);
    c.deliver_where(|m| m.is("Data") && m.goes(2, 1));
    assert_eq!(values(&c, 1), [3]);
}

/// FIFO is no total order: two nodes deliver the same two messages of different senders either way, and every promise
/// is kept. Reference: Hadzilacos and Toueg 1994, FIFO Broadcast; Cachin et al., §6.1
#[test]
fn two_nodes_deliver_two_messages_in_two_orders() {
    let (mut c, mut referee): (Cluster<Fifo>, _) = (Cluster::new(2, "correct", &[]), Referee::default());
    referee.request(&mut c, n(0), say(1));
    referee.request(&mut c, n(1), say(2));
    c.settle();
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![1, 2], vec![2, 1]));
    assert!(referee.judge(&c, &["Total order"]).is_err());
    referee.judge(&c, Fifo::INFO.promises).unwrap();
}

/// The reply of one node overtakes the question of another on the way to a third, and FIFO order does not mind: it
/// speaks of one sender. Reference: Hadzilacos and Toueg 1994, why Causal Broadcast is asked for
#[test]
fn a_reply_may_overtake_its_question() {
    let (mut c, mut referee): (Cluster<Fifo>, _) = (Cluster::new(3, "correct", &[]), Referee::default());
    let (question, reply) = (say(1), say(2));
    referee.request(&mut c, n(0), question);
    c.deliver_where(|m| m.is("Data") && m.goes(0, 1));
    referee.request(&mut c, n(1), reply);
    c.deliver_where(|m| m.is("Data") && m.goes(1, 2));
    assert_eq!(values(&c, 2), [2]);
    c.settle();
    assert_eq!(values(&c, 2), [2, 1]);
    assert!(referee.judge(&c, &["Causal order"]).is_err());
    referee.judge(&c, Fifo::INFO.promises).unwrap();
}
