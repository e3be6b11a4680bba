//! Causal broadcast. References: Birman, Schiper and Stephenson 1991, CBCAST; Cachin et al., 2nd ed., §3.9, Module 3.9
//! and Algorithm 3.15.

use crate::referee::{Referee, say, values};
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Message, Protocol, Wait};
use consensus_playground::protocols::causal::Causal;

fn cluster(variant: &str) -> (Cluster<Causal>, Referee) {
    (Cluster::new(3, variant, &[]), Referee::default())
}

/// The timestamp of the message `id`, as the inspector shows it.
fn time(c: &Cluster<Causal>, id: u64) -> String {
    let envelope = c.network.iter().find(|envelope| envelope.id == id).unwrap();
    let fields = envelope.message.fields(&|value| value.0.to_string());
    fields.into_iter().find(|(name, _)| *name == "VT").unwrap().1
}

/// Before sending m, process p_i increments VT(p_i)[i] and timestamps m. Reference: CBCAST, rule 1
#[test]
fn a_message_carries_what_its_sender_had_delivered_and_counts_itself() {
    let (mut c, _) = cluster("correct");
    c.request(n(0), say(1));
    let first = c.under_way(|m| m.goes(0, 1))[0];
    assert_eq!(time(&c, first), "[1, 0, 0]");
    c.deliver(first);
    c.request(n(1), say(2));
    let reply = c.under_way(|m| m.is("Data") && m.goes(1, 2))[0];
    assert_eq!(time(&c, reply), "[1, 1, 0]");
    c.request(n(1), say(3));
    let next = c.under_way(|m| m.is("Data") && m.goes(1, 2))[1];
    assert_eq!(time(&c, next), "[1, 2, 0]");
}

/// n1 answers what n0 asked; the answer reaches n2 before the question.
fn overtaking_reply(variant: &str) -> (Cluster<Causal>, Referee) {
    let (mut c, mut referee) = cluster(variant);
    referee.request(&mut c, n(0), say(1));
    c.deliver_where(|m| m.is("Data") && m.goes(0, 1));
    referee.request(&mut c, n(1), say(2));
    c.deliver_where(|m| m.is("Data") && m.goes(1, 2));
    (c, referee)
}

/// Causal delivery: for any message m1 that potentially caused a message m2, no process delivers m2 unless it has
/// already delivered m1. p_j delays m until VT(m)[k] ≤ VT(p_j)[k] for each k that is not its sender.
/// Reference: CRB5; CBCAST, rule 2
#[test]
fn a_reply_waits_for_its_question() {
    let (mut c, referee) = overtaking_reply("correct");
    assert!(values(&c, 2).is_empty());
    assert_eq!(c.node(n(2)).waits(&c.config), [Wait::Gap { from: n(0), number: 1 }]);
    c.deliver_where(|m| m.is("Data") && m.goes(0, 2));
    assert_eq!(values(&c, 2), [1, 2]);
    c.settle();
    referee.judge(&c, Causal::INFO.promises).unwrap();
}

/// C1, `sender-entry-only`. Breaks Causal order on the schedule above.
#[test]
fn reading_the_senders_entry_only_lets_the_reply_overtake() {
    let (mut c, referee) = overtaking_reply("sender-entry-only");
    assert_eq!(values(&c, 2), [2]);
    c.settle();
    assert_eq!(values(&c, 2), [2, 1]);
    let why = referee.judge(&c, Causal::INFO.promises).unwrap_err();
    assert!(why.starts_with("Causal order"), "{why}");
}

/// p_j delays m until VT(m)[k] = VT(p_j)[k] + 1 for its sender k. Reference: CBCAST, rule 2
#[test]
fn a_senders_messages_keep_their_order() {
    let (mut c, mut referee) = cluster("correct");
    for value in 1..=3 {
        referee.request(&mut c, n(0), say(value));
    }
    let ids = c.under_way(|m| m.goes(0, 1));
    for id in ids.into_iter().rev() {
        assert!(values(&c, 1).is_empty());
        c.deliver(id);
    }
    assert_eq!(values(&c, 1), [1, 2, 3]);
    c.settle();
    referee.judge(&c, Causal::INFO.promises).unwrap();
}

/// A chain of causes through several nodes closes in one step when its first link comes. Reference: CBCAST, rule 3
#[test]
fn a_chain_that_waits_for_one_message_is_delivered_when_it_comes() {
    let (mut c, mut referee): (Cluster<Causal>, _) = (Cluster::new(5, "correct", &[]), Referee::default());
    for node in 0..4 {
        referee.request(&mut c, n(node), say(u32::from(node) + 1));
        c.settle_among(&[0, 1, 2, 3]);
    }
    c.deliver_where(|m| m.is("Data") && m.goes(3, 4));
    // n4 has only n3's message, which rests on the three before it.
    assert!(values(&c, 4).is_empty());
    assert_eq!(c.node(n(4)).waits(&c.config).len(), 3);
    for node in [2, 1, 0] {
        assert!(values(&c, 4).is_empty());
        c.deliver_where(|m| m.is("Data") && m.goes(node, 4));
    }
    assert_eq!(values(&c, 4), [1, 2, 3, 4]);
    c.settle();
    referee.judge(&c, Causal::INFO.promises).unwrap();
}

/// Messages of which neither caused the other come in any order: causal order is partial. Reference: Hadzilacos and
/// Toueg 1994, Causal Broadcast
#[test]
fn messages_that_know_nothing_of_each_other_wait_for_nothing() {
    let (mut c, mut referee) = cluster("correct");
    referee.request(&mut c, n(0), say(1));
    referee.request(&mut c, n(1), say(2));
    c.settle();
    assert_eq!((values(&c, 0), values(&c, 1)), (vec![1, 2], vec![2, 1]));
    assert!(referee.judge(&c, &["Total order"]).is_err());
    referee.judge(&c, Causal::INFO.promises).unwrap();
}

/// n1 delivers n0's message, then sends its own. Everything arrives.
fn send_after_delivery(variant: &str) -> (Cluster<Causal>, Referee) {
    let (mut c, mut referee) = cluster(variant);
    referee.request(&mut c, n(0), say(1));
    c.settle();
    referee.judge(&c, Causal::INFO.promises).unwrap();
    referee.request(&mut c, n(1), say(2));
    c.settle();
    (c, referee)
}

/// C2, `tick-on-delivery`. The second message of n1 bears the number 2 in n1's entry though it is its first: everybody
/// else waits for number 1 for ever. Breaks Validity, and nothing else.
#[test]
fn a_clock_that_ticks_on_delivery_blocks_for_ever() {
    let (c, referee) = send_after_delivery("correct");
    referee.judge(&c, Causal::INFO.promises).unwrap();
    let (c, referee) = send_after_delivery("tick-on-delivery");
    assert!(c.network.is_empty() && c.slots.iter().all(|slot| slot.timers.is_empty()), "nothing will ever come");
    assert_eq!((values(&c, 0), values(&c, 1), values(&c, 2)), (vec![1], vec![1, 2], vec![1]));
    assert_eq!(c.node(n(2)).waits(&c.config), [Wait::Gap { from: n(1), number: 1 }]);
    let why = referee.judge(&c, Causal::INFO.promises).unwrap_err();
    assert!(why.starts_with("Validity"), "{why}");
    referee.judge(&c, &["No duplication", "No creation", "FIFO order", "Causal order"]).unwrap();
}
