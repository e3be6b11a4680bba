//! Random walks: crash and restart between any two writes, loss, duplication, reordering, timers at any moment.

use crate::rig::{Rafts, leads, rows, violations};
use crate::support::{Cluster, Random, command, n};
use crate::variants::BY_SCENARIO;
use consensus_playground::protocol::{NodeId, Protocol, SettingValue};
use consensus_playground::protocols::raft::{RaftTimer, VARIANTS};
use std::collections::BTreeSet;

/// What one walk did, to see that it is worth something.
#[derive(Default)]
struct Tally {
    crashes: u32,
    delivered: usize,
    terms: u64,
    snapshots: usize,
}

/// A cluster whose size and settings come from the seed; every disk is slow.
fn cluster(variant: &str, random: &mut Random) -> Rafts {
    let nodes = [1, 2, 3, 3, 3, 4, 5, 5, 5, 7][random.below(10)];
    let settings = [
        ("pre_vote", SettingValue::Flag(random.per_mille(500))),
        ("check_quorum", SettingValue::Flag(random.per_mille(500))),
        ("no_op", SettingValue::Flag(random.per_mille(500))),
        ("max_batch", SettingValue::Integer(1 + random.below(4) as u64)),
        ("max_in_flight", SettingValue::Integer(1 + random.below(4) as u64)),
        ("snapshot_every", SettingValue::Integer(if random.per_mille(500) { 0 } else { 1 + random.below(9) as u64 })),
    ];
    let mut rafts = Cluster::new(nodes, variant, &settings);
    for node in 0..nodes {
        rafts.hold_disk(n(node));
    }
    rafts
}

/// One step of what may happen at any time.
fn step(rafts: &mut Rafts, random: &mut Random, serial: &mut u32, tally: &mut Tally) {
    let node = NodeId(random.below(rafts.slots.len()) as u8);
    let message = (!rafts.network.is_empty()).then(|| {
        // Mostly one of the older ones, so that runs get somewhere; sometimes any.
        let window = if random.per_mille(800) { rafts.network.len().min(6) } else { rafts.network.len() };
        rafts.network[random.below(window)].id
    });
    match (random.below(100), message) {
        (0..50, Some(id)) => rafts.deliver(id),
        (50..54, Some(id)) => rafts.deliver_copy(id),
        (54..58, Some(id)) => rafts.lose_where(|m| m.id == id),
        (58..82, _) => {
            rafts.write_one(node);
        }
        (82..89, _) => {
            *serial += 1;
            rafts.request(node, command(1, *serial));
        }
        (89..95, _) if rafts.slots[node.index()].timers.contains_key(&RaftTimer::Heartbeat) => {
            rafts.fire(node, RaftTimer::Heartbeat);
        }
        (95..97, _) if rafts.slots[node.index()].timers.contains_key(&RaftTimer::Election) => {
            rafts.fire(node, RaftTimer::Election);
        }
        (97, _) if rafts.up(node) => {
            tally.crashes += 1;
            rafts.crash(node);
        }
        (97.., _) if !rafts.up(node) => rafts.restart(node),
        _ => {}
    }
}

/// Ends all faults, and demands that a new command reaches every node.
fn heal(rafts: &mut Rafts, random: &mut Random) {
    let nodes = rafts.slots.len() as u8;
    rafts.lose_all();
    for node in 0..nodes {
        rafts.release_disk(n(node));
        if !rafts.up(n(node)) {
            rafts.restart(n(node));
        }
    }
    let last = command(2, 1);
    for round in 0..60 {
        rafts.settle();
        let leader = (0..nodes).filter(|node| leads(rafts, *node)).max_by_key(|node| crate::rig::term(rafts, *node));
        match leader {
            Some(leader) if round % 20 != 19 => {
                if !rafts.order.values().any(|c| *c == last) {
                    rafts.request(n(leader), last);
                }
                rafts.settle();
                if leads(rafts, leader) {
                    rafts.fire(n(leader), RaftTimer::Heartbeat);
                }
            }
            _ => {
                let node = random.below(usize::from(nodes)) as u8;
                if rafts.slots[usize::from(node)].timers.contains_key(&RaftTimer::Election) {
                    rafts.fire(n(node), RaftTimer::Election);
                }
            }
        }
        rafts.settle();
        let everywhere = (0..nodes).all(|node| rafts.delivered(n(node)).contains(&last) || covered(rafts, node, &last));
        if everywhere {
            return;
        }
    }
    panic!("the healed cluster does not deliver");
}

/// Whether the node's snapshot includes the command.
fn covered(rafts: &Rafts, node: u8, wanted: &consensus_playground::protocol::Command) -> bool {
    let from = rafts.slots[usize::from(node)].delivered_from;
    rafts.order.iter().any(|(position, command)| command == wanted && *position < from)
}

/// Walks `steps` steps from `seed`; what is violated by then.
fn walk(variant: &str, seed: u64, steps: u32, tally: &mut Tally) -> (Rafts, Vec<(&'static str, String)>) {
    let mut random = Random(seed);
    let mut rafts = cluster(variant, &mut random);
    let mut serial = 0;
    for i in 0..steps {
        step(&mut rafts, &mut random, &mut serial, tally);
        if i % 64 == 63 {
            let broken = violations(&rafts);
            if !broken.is_empty() {
                return (rafts, broken);
            }
        }
    }
    tally.delivered += rafts.order.len();
    tally.terms += (0..rafts.slots.len() as u8)
        .map(|node| u64::from(rafts.slots[usize::from(node)].disk.current_term))
        .max()
        .unwrap_or(0);
    tally.snapshots += rafts.slots.iter().filter(|slot| slot.delivered_from > 1).count();
    let broken = violations(&rafts);
    (rafts, broken)
}

/// Election Safety, Log Matching, Leader Completeness and State Machine Safety hold on every walk, only what clients
/// asked for is delivered, and when the faults end the cluster delivers again.
#[test]
fn random_walks_are_safe_and_end_well() {
    let mut tally = Tally::default();
    for seed in 0..400 {
        let (mut rafts, broken) = walk("correct", seed, 4000, &mut tally);
        assert_eq!(broken, [], "seed {seed}");
        let mut random = Random(seed ^ 0xfeed);
        heal(&mut rafts, &mut random);
        assert_eq!(violations(&rafts), [], "seed {seed}, healed");
        let mut seen = BTreeSet::new();
        for delivered in rafts.order.values().filter(|c| !c.is_noop()) {
            assert!([1, 2].contains(&delivered.client.0), "seed {seed}: nobody asked for {delivered:?}");
            seen.insert(*delivered);
        }
        assert!(!seen.is_empty(), "seed {seed}");
        let longest = (0..rafts.slots.len() as u8).map(|node| rafts.node(n(node)).view().last).max();
        assert!((0..rafts.slots.len() as u8).all(|node| Some(rafts.node(n(node)).view().last) == longest));
        let _ = rows(&rafts, 0);
    }
    // A walk that elects nobody, delivers nothing or never crashes would prove nothing.
    let Tally { crashes, delivered, terms, snapshots } = tally;
    println!("{crashes} crashes, {delivered} positions, {terms} terms, {snapshots} nodes behind a snapshot");
    assert!(
        crashes > 5000 && delivered > 5000 && terms > 5000 && snapshots > 100,
        "{crashes} {delivered} {terms} {snapshots}"
    );
}

/// The same walks find every variant.
#[test]
fn random_walks_find_every_variant() {
    for card in VARIANTS.iter().filter(|card| !BY_SCENARIO.contains(&card.id)) {
        let mut tally = Tally::default();
        let found = (0..4000).find(|seed| {
            let (_, broken) = walk(card.id, *seed, 2500, &mut tally);
            broken.iter().any(|(name, _)| *name == card.breaks)
        });
        println!("{}: seed {found:?}", card.id);
        assert!(found.is_some(), "{}", card.id);
    }
}
