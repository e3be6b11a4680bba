//! Perfect point-to-point links, seen through best-effort broadcast, which adds nothing to them.

use crate::referee::{say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{NodeId, SettingValue};
use consensus_playground::protocols::best_effort::BestEffort;
use consensus_playground::protocols::links::{LONGEST_SILENCE_US, Retransmit, WINDOW};

fn cluster(nodes: u8) -> Cluster<BestEffort> {
    Cluster::new(nodes, "correct", &[])
}

fn armed(cluster: &Cluster<BestEffort>, node: NodeId) -> Option<(u64, u64)> {
    cluster.slots[node.index()].timers.get(&Retransmit).copied()
}

/// Reliable delivery: if a correct process p sends a message m to a correct process q, then q eventually delivers m.
/// Reference: Cachin et al., §2.4.4, PL1
#[test]
fn a_lost_message_is_sent_again_until_it_is_acknowledged() {
    let mut c = cluster(2);
    c.request(n(0), say(1));
    for _ in 0..5 {
        c.lose_all();
        c.fire(n(0), Retransmit);
        assert_eq!(c.under_way(|m| m.is("Data") && m.goes(0, 1)).len(), 1);
    }
    c.settle();
    assert_eq!(values(&c, 1), [1]);
}

/// No duplication: no message is delivered by a process more than once. Reference: Cachin et al., §2.4.4, PL2
#[test]
fn a_repeat_is_acknowledged_again_and_not_delivered_again() {
    let mut c = cluster(2);
    c.request(n(0), say(1));
    c.deliver_where(|m| m.is("Data"));
    assert_eq!(c.under_way(|m| m.is("Ack")).len(), 1);
    c.lose_all();
    c.fire(n(0), Retransmit);
    c.deliver_where(|m| m.is("Data"));
    assert_eq!(c.under_way(|m| m.is("Ack")).len(), 1, "the first acknowledgement may be lost");
    assert_eq!(values(&c, 1), [1]);
}

#[test]
fn when_everything_is_acknowledged_no_timer_is_armed() {
    let mut c = cluster(3);
    c.request(n(0), say(1));
    assert!(armed(&c, n(0)).is_some());
    c.settle_among(&[0, 1]);
    assert!(armed(&c, n(0)).is_some(), "n2 has not acknowledged");
    c.settle();
    assert!(c.nodes().all(|node| armed(&c, node).is_none()));
}

#[test]
fn repeats_to_a_dead_node_back_off_to_two_seconds_and_never_end() {
    let mut c = cluster(2);
    c.crash(n(1));
    c.request(n(0), say(1));
    let mut longest = 0;
    let mut repeats = 0;
    for _ in 0..100 {
        c.lose_all();
        let (_, max) = armed(&c, n(0)).expect("the timer goes on for ever");
        assert!(max >= longest && max <= LONGEST_SILENCE_US, "{max} µs after {longest} µs");
        longest = max;
        c.fire(n(0), Retransmit);
        repeats += c.network.len();
    }
    assert_eq!((longest, repeats), (LONGEST_SILENCE_US, 100));
    c.lose_all();
    c.restart(n(1));
    c.fire(n(0), Retransmit);
    c.settle();
    assert_eq!(values(&c, 1), [1]);
}

#[test]
fn a_node_that_speaks_again_is_not_spared_any_longer() {
    let mut c = cluster(2);
    c.request(n(0), say(1));
    let first = armed(&c, n(0));
    for _ in 0..6 {
        c.lose_all();
        c.fire(n(0), Retransmit);
    }
    assert!(armed(&c, n(0)) > first);
    c.lose_all();
    c.request(n(1), say(2));
    c.deliver_where(|m| m.goes(1, 0));
    assert_eq!(armed(&c, n(0)), first);
}

/// A dead node costs the others nothing: their messages are repeated after one round, whatever its back-off.
#[test]
fn each_node_has_a_back_off_of_its_own() {
    let mut c = cluster(3);
    c.crash(n(2));
    c.request(n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    c.deliver_where(|m| m.goes(1, 0));
    let first = armed(&c, n(0));
    for _ in 0..6 {
        c.lose_all();
        c.fire(n(0), Retransmit);
    }
    c.lose_all();
    c.request(n(0), say(2));
    assert_eq!(armed(&c, n(0)), first, "n1 is owed something now");
    c.lose_all();
    c.fire(n(0), Retransmit);
    assert_eq!(c.under_way(|m| m.goes(0, 1)).len(), 1);
    assert_eq!(c.under_way(|m| m.goes(0, 2)).len(), 0, "n2's turn comes later");
    // However often n0 speaks, n2's turn does come.
    for value in 3..40 {
        c.request(n(0), say(value));
        c.settle_among(&[0, 1]);
        c.lose_all();
        c.fire(n(0), Retransmit);
        if c.network.iter().any(|m| m.goes(0, 2)) {
            return;
        }
    }
    panic!("n2 is starved");
}

#[test]
fn what_was_sent_less_than_a_round_ago_is_not_repeated() {
    let mut c = cluster(2);
    c.request(n(0), say(1));
    c.request(n(0), say(2)); // The timer runs already.
    c.lose_all();
    c.fire(n(0), Retransmit);
    assert_eq!(c.network.len(), 1, "the second has not waited for a round");
    c.lose_all();
    c.fire(n(0), Retransmit);
    c.lose_all();
    c.fire(n(0), Retransmit);
    assert_eq!(c.network.len(), 2, "now both have");
}

#[test]
fn a_backlog_is_repeated_in_pieces_the_oldest_first() {
    let mut c = cluster(2);
    let backlog = WINDOW * 2 + 5;
    for value in 1..=backlog {
        c.request(n(0), say(value));
    }
    c.lose_all();
    for _ in 0..4 {
        c.fire(n(0), Retransmit);
        assert!(c.network.len() <= WINDOW as usize);
        c.settle();
    }
    assert_eq!(values(&c, 1), (1..=backlog).collect::<Vec<_>>());
    assert_eq!(armed(&c, n(0)), None);
}

#[test]
fn an_acknowledgement_of_something_else_settles_nothing() {
    use consensus_playground::protocols::dissemination::Message;
    let mut c = cluster(3);
    c.request(n(0), say(1));
    c.lose_all();
    for link in [0, 2, u64::MAX] {
        c.receive(n(0), n(1), Message::Ack { link });
    }
    c.receive(n(0), n(2), Message::Ack { link: 1 });
    c.receive(n(0), n(2), Message::Ack { link: 1 });
    c.fire(n(0), Retransmit);
    assert_eq!(c.under_way(|m| m.goes(0, 1)).len(), 1, "n1 still lacks it");
    assert_eq!(c.under_way(|m| m.goes(0, 2)).len(), 0, "n2 has it");
}

/// With `retransmit` off the links are as good as the network, as the textbook's algorithms assume.
#[test]
fn without_retransmission_nothing_is_acknowledged_and_nothing_repeated() {
    let mut c: Cluster<BestEffort> = Cluster::new(3, "correct", &[("retransmit", SettingValue::Flag(false))]);
    for value in 1..=3 {
        c.request(n(0), say(value));
    }
    c.lose_where(|m| m.goes(0, 2));
    let first = c.under_way(|m| m.goes(0, 1))[0];
    c.deliver_copy(first);
    c.settle();
    assert_eq!(values(&c, 1), [1, 2, 3], "repeats by the network are still filtered");
    assert!(values(&c, 2).is_empty());
    assert!(c.nodes().all(|node| armed(&c, node).is_none()));
}
