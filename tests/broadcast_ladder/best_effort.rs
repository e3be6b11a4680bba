//! Best-effort broadcast. References: Cachin et al., 2nd ed., §3.2, Module 3.1 and Algorithm 3.1.

use crate::referee::{Referee, say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::Protocol;
use consensus_playground::protocols::best_effort::BestEffort;

fn cluster() -> Cluster<BestEffort> {
    Cluster::new(4, "correct", &[])
}

/// Validity: if a correct process broadcasts a message m, then every correct process eventually delivers m.
/// Reference: BEB1
#[test]
fn what_a_correct_node_broadcasts_everybody_delivers() {
    let (mut c, mut referee) = (cluster(), Referee::default());
    referee.request(&mut c, n(0), say(1));
    assert_eq!(values(&c, 0), [1], "the sender at once");
    c.settle();
    for node in 0..4 {
        assert_eq!(values(&c, node), [1]);
    }
    referee.judge(&c, BestEffort::INFO.promises).unwrap();
}

/// No duplication: no message is delivered more than once. Reference: BEB2
#[test]
fn a_client_that_asks_twice_is_broadcast_once() {
    let mut c = cluster();
    c.request(n(0), say(1));
    c.request(n(0), say(1));
    c.settle();
    assert_eq!(values(&c, 3), [1]);
}

/// No creation: what is delivered was broadcast. One message at a time reaches the others, as it was said.
/// Reference: BEB3
#[test]
fn the_sender_sends_to_each_other_node_once() {
    let mut c = cluster();
    c.request(n(2), say(1));
    assert_eq!(c.network.len(), 3);
    for to in [0, 1, 3] {
        assert_eq!(c.under_way(|m| m.is("Data") && m.goes(2, to)).len(), 1);
    }
}

/// "If the sender crashes, there is no guarantee": some deliver, the others never. Reference: §3.2, and §3.3 for why
/// one wants more
#[test]
fn a_sender_that_dies_half_way_leaves_the_nodes_apart() {
    let (mut c, mut referee) = (cluster(), Referee::default());
    referee.request(&mut c, n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    c.lose_where(|m| m.goes(0, 2) || m.goes(0, 3));
    c.crash(n(0));
    c.settle();
    assert_eq!((values(&c, 1), values(&c, 2)), (vec![1], vec![]));
    assert!(referee.judge(&c, &["Agreement"]).is_err());
    referee.judge(&c, BestEffort::INFO.promises).unwrap();
}
