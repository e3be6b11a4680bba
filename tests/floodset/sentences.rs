//! N. Lynch, *Distributed Algorithms*, §6.2.1, one test a sentence; then what the book leaves open.

use crate::support::{Cluster, n};
use consensus_playground::protocol::{ClientId, Command, Fact, Protocol, SettingValue, Setup, Value, Wait};
use consensus_playground::protocols::floodset::message::Flood;
use consensus_playground::protocols::floodset::{FloodSet, Round};

const A: Command = value(1);
const B: Command = value(2);
const C: Command = value(3);

/// A client's command that proposes this value.
pub const fn value(value: u32) -> Command {
    Command { client: ClientId(value), serial: 1, value: Value(value) }
}

/// FloodSet with `nodes` nodes, `f` of which may crash.
pub fn floodset(nodes: u8, f: u64, variant: &str) -> Cluster<FloodSet> {
    Cluster::new(nodes, variant, &[("f", SettingValue::Integer(f))])
}

/// Everybody's round ends, and the next begins.
pub fn tick(c: &mut Cluster<FloodSet>) {
    for node in c.nodes() {
        if c.slots[node.index()].timers.contains_key(&Round) {
            c.fire(node, Round);
        }
    }
}

/// A round: it begins, and all that is sent arrives.
pub fn round(c: &mut Cluster<FloodSet>) {
    tick(c);
    c.settle();
}

/// The round of `node` begins, and the node crashes behind the first message of its broadcast.
fn crash_in_broadcast(c: &mut Cluster<FloodSet>, node: u8) {
    c.hold_disk(n(node));
    c.fire(n(node), Round);
    c.crash(n(node));
}

fn sets(c: &Cluster<FloodSet>, from: u8, to: u8) -> Vec<Vec<Command>> {
    c.network.iter().filter(|e| e.goes(from, to)).map(|e| e.message.w.clone()).collect()
}

/// Initially, W holds a process's own value alone; in each round it is sent to all others. Reference: §6.2.1.
#[test]
fn each_round_begins_with_w_to_all_others() {
    let mut c = floodset(3, 1, "correct");
    c.request(n(0), A);
    c.request(n(1), B);
    tick(&mut c);
    assert_eq!(sets(&c, 0, 1), [[A]]);
    assert_eq!(sets(&c, 0, 2), [[A]]);
    assert_eq!(sets(&c, 1, 2), [[B]]);
    c.settle();
    tick(&mut c);
    assert_eq!(sets(&c, 0, 1), [[A, B]], "the second of f + 1 rounds");
}

/// All elements of the sets received are added to W. Reference: §6.2.1.
#[test]
fn received_sets_are_added() {
    let mut c = floodset(4, 2, "correct");
    c.request(n(2), B);
    tick(&mut c);
    c.receive(n(2), n(0), Flood { instance: 0, round: 1, w: vec![A, C] });
    c.receive(n(2), n(1), Flood { instance: 0, round: 1, w: vec![B] });
    c.lose_all();
    tick(&mut c);
    assert_eq!(sets(&c, 2, 3), [[A, B, C]], "once each, in one order everywhere");
}

/// The decision comes after f + 1 rounds, not before. Reference: §6.2.1.
#[test]
fn a_decision_takes_f_plus_1_rounds() {
    for f in 1..4 {
        let mut c = floodset(4, f, "correct");
        c.request(n(0), A);
        for done in 0..=f {
            round(&mut c);
            assert!(c.nodes().all(|node| c.delivered(node).is_empty()), "f = {f}: {done} rounds are over");
        }
        tick(&mut c);
        assert!(c.nodes().all(|node| c.delivered(node) == [A]), "f = {f}");
        assert!(c.network.is_empty() && c.slots.iter().all(|slot| slot.timers.is_empty()), "and then silence");
    }
}

/// If W is a singleton, its element is decided. Reference: §6.2.1.
#[test]
fn a_single_value_is_decided() {
    let mut c = floodset(3, 1, "correct");
    for node in 0..3 {
        c.request(n(node), B);
    }
    (0..3).for_each(|_| round(&mut c));
    assert!(c.nodes().all(|node| c.delivered(node) == [B]));
}

/// Otherwise a value on which all agree beforehand: here the least. Reference: §6.2.1, deviation 1.
#[test]
fn the_least_of_several_is_decided() {
    let mut c = floodset(3, 1, "correct");
    for (node, command) in [(0, C), (1, A), (2, B)] {
        c.request(n(node), command);
    }
    (0..3).for_each(|_| round(&mut c));
    assert!(c.nodes().all(|node| c.delivered(node) == [A]), "proposed by n1");
}

/// A process may stop in the middle of its broadcast: some get the message, others do not. f such crashes, each
/// at the one node that knows of A, still leave one round in which nobody fails. Reference: §6.2.1, Lemma on rounds
/// without failures.
#[test]
fn f_crashes_in_the_middle_of_a_broadcast_do_no_harm() {
    let mut c = floodset(4, 2, "correct");
    for (node, command) in [(0, A), (1, B), (2, C), (3, C)] {
        c.request(n(node), command);
    }
    crash_in_broadcast(&mut c, 0);
    round(&mut c);
    crash_in_broadcast(&mut c, 1);
    round(&mut c);
    assert_eq!(c.node(n(2)).row(1).map(|row| row.command), Some(A), "only n2 has heard of A");
    assert_eq!(c.node(n(3)).row(1).map(|row| row.command), Some(B));
    round(&mut c);
    assert_eq!(
        c.node(n(3)).row(1).map(|row| row.command),
        Some(A),
        "after a round without a failure all sets are equal"
    );
    tick(&mut c);
    assert_eq!((c.delivered(n(2)), c.delivered(n(3))), (&[A][..], &[A][..]));
}

/// The fault model is stopping: what comes back is no process of the algorithm any more. Reference: §6.1.
#[test]
fn a_restarted_node_takes_no_part() {
    let mut c = floodset(3, 1, "correct");
    c.request(n(0), A);
    c.crash(n(1));
    c.restart(n(1));
    assert!(c.slots[1].timers.is_empty());
    assert_eq!(c.node(n(1)).view().role, "stopped");
    (0..3).for_each(|_| round(&mut c));
    c.request(n(1), B);
    assert_eq!(c.slots[1].redirects, [(B, None)]);
    assert!(c.delivered(n(1)).is_empty() && c.delivered(n(2)) == [A]);
}

/// Who has no value says nothing; who hears of one passes it on. Reference: deviations 2 and 3.
#[test]
fn a_node_that_knows_no_value_is_silent() {
    let mut c = floodset(3, 1, "correct");
    c.request(n(0), A);
    tick(&mut c);
    assert_eq!(c.network.len(), 2, "n0's, and nobody else's");
    c.settle();
    tick(&mut c);
    assert_eq!(c.network.len(), 6);
}

/// What is proposed after round 1 has begun is an input of the next instance. Reference: deviation 2.
#[test]
fn a_late_proposal_waits_for_the_next_instance() {
    let mut c = floodset(3, 1, "correct");
    round(&mut c);
    c.request(n(2), B);
    round(&mut c);
    assert!(c.network.is_empty() && c.node(n(2)).view().last == 0, "two rounds, in which nobody knew anything");
    tick(&mut c);
    let flood = Flood { instance: 1, round: 1, w: vec![B] };
    assert!(c.network.iter().all(|e| e.message == flood) && c.network.len() == 2);
    c.settle();
    c.request(n(0), A);
    round(&mut c);
    tick(&mut c);
    assert!(c.nodes().all(|node| c.delivered(node) == [B]), "A came too late");
}

/// Elsewhere than in the synchronous model: a message is of use until its round is over. Reference: deviation 4.
#[test]
fn a_message_is_of_use_until_its_round_is_over() {
    let mut c = floodset(3, 1, "correct");
    c.request(n(2), C);
    tick(&mut c);
    c.receive(n(2), n(1), Flood { instance: 0, round: 2, w: vec![B] });
    c.lose_all();
    tick(&mut c);
    c.receive(n(2), n(0), Flood { instance: 0, round: 1, w: vec![A] });
    assert_eq!(c.slots[2].facts, [Fact::Late]);
    tick(&mut c);
    assert_eq!(c.delivered(n(2)), [B], "B of round 2 came early, A of round 1 came late");
    c.receive(n(2), n(0), Flood { instance: 0, round: 2, w: vec![A] });
    assert_eq!(c.slots[2].facts, [Fact::Late; 2]);
    c.receive(n(1), n(0), Flood { instance: 7, round: 1, w: vec![A] });
    assert_eq!(c.slots[1].facts, [], "of an instance to come: of no use either, but not too late");
}

/// "Before the write": a slow disk holds up messages, not the clock.
#[test]
fn the_next_round_begins_on_time_however_long_the_disk_takes() {
    let mut c = floodset(3, 1, "correct");
    c.request(n(0), A);
    c.hold_disk(n(0));
    c.fire(n(0), Round);
    assert!(c.slots[0].timers.contains_key(&Round));
    assert_eq!(c.network.len(), 1, "one message left, the other waits for the disk");
    c.write_one(n(0));
    assert_eq!((c.network.len(), c.slots[0].disk.begun), (2, 2));
}

#[test]
fn a_round_is_two_deltas_where_delta_is_told() {
    let declared = FloodSet::INFO.settings;
    let length = |delta: Option<u64>, given: &[(&'static str, SettingValue)]| {
        let setup = Setup { nodes: 4, variant: "correct", given, declared, delta };
        FloodSet::configure(&setup).map(|config| (config.rounds, config.round_us))
    };
    assert_eq!(length(Some(50_000), &[]), Ok((2, 100_001)), "f is 1 of 4 by itself");
    assert_eq!(length(None, &[]), Ok((2, 100_000)));
    let given = [("f", SettingValue::Integer(3)), ("round_ms", SettingValue::Integer(7))];
    assert_eq!(length(None, &given), Ok((4, 7_000)));
    assert_eq!(length(Some(50_000), &given), Ok((4, 7_000)), "who asks for it may be wrong about Δ");
    let given = [("f", SettingValue::Integer(4))];
    assert_eq!(length(None, &given), Err("f must be below the number of nodes, which is 4".to_owned()));
}

/// From round 2 on every node that is up speaks: the others are missing.
#[test]
fn a_node_waits_for_the_sets_of_all_others() {
    let mut c = floodset(3, 1, "correct");
    c.request(n(0), A);
    round(&mut c);
    assert_eq!(c.node(n(1)).waits(&c.config), [], "in round 1 silence is no sign");
    crash_in_broadcast(&mut c, 2);
    c.lose_all();
    round(&mut c);
    let have = [n(0), n(1)].into_iter().collect();
    assert_eq!(c.node(n(1)).waits(&c.config), [Wait::Quorum { what: "sets", epoch: 2, have, need: 3 }]);
}
