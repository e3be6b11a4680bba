//! Reliable broadcast. References: Cachin et al., 2nd ed., §3.3, Module 3.2 and Algorithm 3.3; Hadzilacos and Toueg
//! 1994.

use crate::referee::{Referee, say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::Protocol;
use consensus_playground::protocols::reliable::Reliable;

fn cluster(variant: &str) -> Cluster<Reliable> {
    Cluster::new(4, variant, &[])
}

/// A node relays a message when it delivers it for the first time, and never again. Reference: Algorithm 3.3
#[test]
fn a_message_is_relayed_to_all_on_its_first_delivery() {
    let mut c = cluster("correct");
    c.request(n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    assert_eq!(c.under_way(|m| m.is("Relay")).len(), 3);
    for to in [0, 2, 3] {
        assert_eq!(c.under_way(|m| m.is("Relay") && m.goes(1, to)).len(), 1);
    }
    c.deliver_where(|m| m.goes(0, 2));
    c.deliver_where(|m| m.goes(1, 2));
    assert_eq!(c.under_way(|m| m.is("Relay") && m.from == n(2)).len(), 3, "the second copy changes nothing");
    c.settle();
    assert_eq!(values(&c, 2), [1]);
}

/// The price: every node sends every message to every other one. Reference: §3.3, performance of Algorithm 3.3
#[test]
fn a_broadcast_costs_every_node_a_message_to_every_other() {
    let mut c = cluster("correct");
    c.request(n(0), say(1));
    let mut sent = 0;
    while let Some(id) = c.under_way(|_| true).first().copied() {
        sent += c.under_way(|m| m.id == id && !m.is("Ack")).len();
        c.deliver(id);
    }
    assert_eq!(sent, 4 * 3);
}

/// The sender reaches one node and dies; that node's relays are all that the others get.
fn sender_dies_half_way(variant: &str) -> (Cluster<Reliable>, Referee) {
    let (mut c, mut referee) = (cluster(variant), Referee::default());
    referee.request(&mut c, n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    c.lose_where(|m| m.from == n(0));
    c.crash(n(0));
    c.settle();
    (c, referee)
}

/// Agreement: if a message m is delivered by some correct process, then m is eventually delivered by every correct
/// process. Reference: RB4
#[test]
fn a_sender_that_dies_half_way_leaves_nobody_out() {
    let (c, referee) = sender_dies_half_way("correct");
    assert_eq!((values(&c, 1), values(&c, 2), values(&c, 3)), (vec![1], vec![1], vec![1]));
    referee.judge(&c, Reliable::INFO.promises).unwrap();
}

/// E1, `no-relay`. Breaks Agreement on the schedule above.
#[test]
fn without_the_relay_only_some_deliver() {
    let (c, referee) = sender_dies_half_way("no-relay");
    assert_eq!((values(&c, 1), values(&c, 2)), (vec![1], vec![]));
    let why = referee.judge(&c, Reliable::INFO.promises).unwrap_err();
    assert!(why.starts_with("Agreement"), "{why}");
}

/// Agreement binds correct nodes only: a node may deliver and die, and the message with it. Uniform reliable broadcast
/// is another rung. Reference: §3.4
#[test]
fn agreement_is_not_uniform() {
    let (mut c, mut referee) = (cluster("correct"), Referee::default());
    referee.request(&mut c, n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![1], vec![1]));
    c.lose_all();
    c.crash(n(0));
    c.crash(n(1));
    c.settle();
    assert!(values(&c, 2).is_empty() && values(&c, 3).is_empty());
    referee.judge(&c, Reliable::INFO.promises).unwrap();
}

/// No order is promised: two nodes deliver one sender's messages either way. Reference: §3.9, why FIFO order is asked
/// for
#[test]
fn one_senders_messages_may_change_places() {
    let (mut c, mut referee) = (cluster("correct"), Referee::default());
    referee.request(&mut c, n(0), say(1));
    referee.request(&mut c, n(0), say(2));
    let second = c.under_way(|m| m.goes(0, 1))[1];
    c.deliver(second);
    c.settle();
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![1, 2], vec![2, 1]));
    assert!(referee.judge(&c, &["FIFO order"]).is_err());
    referee.judge(&c, Reliable::INFO.promises).unwrap();
}
