//! What a node with its disk still knows when it starts again.

use crate::referee::{Referee, say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Protocol, Wait};
use consensus_playground::protocols::causal::Causal;
use consensus_playground::protocols::dissemination::Message;
use consensus_playground::protocols::fifo::Fifo;
use consensus_playground::protocols::links::Retransmit;
use consensus_playground::protocols::reliable::Reliable;
use consensus_playground::protocols::sequencer::Sequencer;

fn restart<P: Protocol>(c: &mut Cluster<P>, node: u8) {
    c.crash(n(node));
    c.restart(n(node));
}

#[test]
fn a_restarted_node_delivers_again_what_it_had_delivered_in_the_same_order() {
    let mut c: Cluster<Causal> = Cluster::new(3, "correct", &[]);
    for (node, value) in [(0, 1), (1, 2), (2, 3), (1, 4)] {
        c.request(n(node), say(value));
    }
    let early = c.under_way(|m| m.goes(1, 0))[1];
    c.deliver(early);
    c.settle();
    let before = values(&c, 0);
    assert_eq!(before.len(), 4);
    restart(&mut c, 0);
    assert_eq!(values(&c, 0), before);
    assert_eq!(c.slots[0].delivered_from, 1);
}

#[test]
fn a_restarted_node_uses_no_number_twice() {
    let (mut c, mut referee): (Cluster<Fifo>, _) = (Cluster::new(3, "correct", &[]), Referee::default());
    referee.request(&mut c, n(0), say(1));
    c.settle();
    restart(&mut c, 0);
    referee.request(&mut c, n(0), say(2));
    let numbers = c.network.iter().map(|m| match &m.message {
        Message::Data { letter, .. } => letter.number,
        other => panic!("{other:?}"),
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [2, 2]);
    c.settle();
    assert_eq!(values(&c, 2), [1, 2]);
    referee.judge(&c, Fifo::INFO.promises).unwrap();
}

/// Nobody has seen what was not on the disk, so its number may be used again; the client was not served.
#[test]
fn what_was_not_on_the_disk_was_never_sent() {
    let mut c: Cluster<Fifo> = Cluster::new(3, "correct", &[]);
    c.hold_disk(n(0));
    c.request(n(0), say(1));
    assert!(c.network.is_empty() && values(&c, 0).is_empty());
    restart(&mut c, 0);
    c.release_disk(n(0));
    c.request(n(0), say(2));
    c.settle();
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![2], vec![2]));
}

/// The acknowledgement stands behind the write: who has it may forget the message.
#[test]
fn what_was_not_on_the_disk_was_never_acknowledged() {
    let mut c: Cluster<Reliable> = Cluster::new(2, "correct", &[]);
    c.hold_disk(n(1));
    c.request(n(0), say(1));
    c.settle();
    restart(&mut c, 1);
    c.release_disk(n(1));
    c.fire(n(0), Retransmit);
    c.settle();
    assert_eq!(values(&c, 1), [1]);
}

#[test]
fn what_waited_for_a_gap_still_waits_for_it() {
    let mut c: Cluster<Fifo> = Cluster::new(2, "correct", &[]);
    c.request(n(0), say(1));
    c.request(n(0), say(2));
    let second = c.under_way(|m| m.goes(0, 1))[1];
    c.deliver(second);
    restart(&mut c, 1);
    assert!(values(&c, 1).is_empty());
    assert_eq!(c.node(n(1)).waits(&c.config), [Wait::Gap { from: n(0), number: 1 }]);
    c.settle();
    assert_eq!(values(&c, 1), [1, 2]);
}

#[test]
fn a_request_that_the_node_has_broadcast_is_known_after_a_restart() {
    let mut c: Cluster<Reliable> = Cluster::new(2, "correct", &[]);
    c.request(n(0), say(1));
    restart(&mut c, 0);
    c.request(n(0), say(1));
    c.settle();
    assert_eq!(values(&c, 1), [1]);
    let mut c: Cluster<Sequencer> = Cluster::new(2, "correct", &[]);
    for node in [0, 1] {
        let command = say(u32::from(node) + 1);
        c.request(n(node), command);
        restart(&mut c, node);
        c.request(n(node), command);
        c.settle();
    }
    assert!(c.slots.iter().all(|slot| slot.timers.is_empty()));
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![1, 2], vec![1, 2]));
}

/// A relay that was cut off by the crash is owed still: else the message could die with its sender after all.
#[test]
fn a_restarted_node_owes_its_relays() {
    let mut c: Cluster<Reliable> = Cluster::new(3, "correct", &[]);
    c.request(n(0), say(1));
    c.deliver_where(|m| m.goes(0, 1));
    c.lose_all();
    c.crash(n(0));
    restart(&mut c, 1);
    c.fire(n(1), Retransmit);
    assert_eq!(c.under_way(|m| m.is("Relay") && m.goes(1, 2)).len(), 1);
    c.settle();
    assert_eq!(values(&c, 2), [1]);
}

/// What everybody had acknowledged by the last write is not sent again after a restart.
#[test]
fn what_is_settled_on_the_disk_is_not_repeated() {
    let mut c: Cluster<Reliable> = Cluster::new(3, "correct", &[]);
    for value in 1..=3 {
        c.request(n(0), say(value));
        c.settle();
    }
    restart(&mut c, 0);
    c.fire(n(0), Retransmit);
    assert_eq!(c.network.len(), 2, "the third message was written before it was acknowledged");
    c.settle();
    assert!(c.slots.iter().all(|slot| slot.timers.is_empty()));
    assert_eq!(values(&c, 1), [1, 2, 3]);
}

/// An acknowledgement that was under way during the crash means the same message afterwards.
#[test]
fn a_message_keeps_its_number_on_the_link() {
    let mut c: Cluster<Reliable> = Cluster::new(2, "correct", &[]);
    c.request(n(0), say(1));
    c.request(n(0), say(2));
    let first = c.under_way(|m| m.goes(0, 1))[0];
    c.deliver(first);
    c.lose_where(|m| m.goes(0, 1)); // The second is lost; the first is acknowledged.
    c.lose_where(|m| m.is("Relay"));
    restart(&mut c, 0);
    c.deliver_where(|m| m.is("Ack"));
    c.fire(n(0), Retransmit);
    let again: Vec<_> = c.network.iter().filter(|m| m.goes(0, 1)).collect();
    assert!(matches!(&again[..], [m] if matches!(&m.message, Message::Data { link: 2, .. })), "{again:?}");
}
