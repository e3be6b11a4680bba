//! Random walks: crash and restart between any two writes, lost disks, loss, duplication, reordering, timers at any
//! moment. Then everything is healed, and a new command must reach every node.

use crate::rig::{Nodes, leads, wipe};
use crate::support::{Cluster, Random, command, n};
use consensus_playground::protocol::{Command, Fact, NodeId, NodeSet, Protocol, SettingValue, majority};
use consensus_playground::protocols::multi_paxos::{MultiPaxosTimer, VARIANTS};
use std::collections::BTreeMap;

/// What one walk did, to see that it is worth something.
#[derive(Default)]
pub struct Tally {
    crashes: u32,
    wipes: u32,
    delivered: usize,
    no_ops: usize,
    ballots: u64,
    snapshots: usize,
}

/// What may never happen, followed through a run. A value counts as chosen in its slot as soon as a majority has it on
/// disk in one ballot, whether or not anybody learns.
#[derive(Default)]
pub struct Watch {
    read: usize,
    issued: BTreeMap<(u64, u64), Command>,
    accepted: BTreeMap<(u64, u64), NodeSet>,
    /// With the ballot in which it was first seen to be chosen.
    chosen: BTreeMap<u64, (Command, u64)>,
    promised: BTreeMap<NodeId, u64>,
}

impl Watch {
    fn chosen_at(&self, slot: u64) -> Option<Command> {
        self.chosen.get(&slot).map(|(command, _)| *command)
    }

    /// Reads on; gives what broke.
    pub fn check(&mut self, c: &Nodes) -> Vec<&'static str> {
        let mut broken = Vec::new();
        for &(node, fact) in &c.history[self.read..] {
            match fact {
                Fact::Proposes { position, ballot, command } => {
                    if *self.issued.entry((position, ballot)).or_insert(command) != command {
                        broken.push("One value per ballot");
                    }
                    let chosen = self.chosen.get(&position);
                    if chosen.is_some_and(|(chosen, under)| *chosen != command && ballot > *under) {
                        broken.push("P2c");
                    }
                }
                Fact::Accepts { position, ballot, command } => {
                    let by = self.accepted.entry((position, ballot)).or_default();
                    by.insert(node);
                    let is_chosen = by.len() >= majority(c.slots.len());
                    if is_chosen && self.chosen.entry(position).or_insert((command, ballot)).0 != command {
                        broken.push("State Machine Safety");
                    }
                }
                Fact::Learns { position, command, .. } if self.chosen_at(position) != Some(command) => {
                    broken.push("State Machine Safety");
                }
                Fact::Epoch { epoch } => {
                    let before = self.promised.insert(node, epoch);
                    // Who lost its disk does not know what it had promised, and votes no more.
                    if before.is_some_and(|before| epoch < before) && !c.slots[node.index()].disk.lost {
                        broken.push("Promises never decrease");
                    }
                }
                _ => {}
            }
        }
        self.read = c.history.len();
        if c.disorder.is_some() || c.order.iter().any(|(slot, command)| self.chosen_at(*slot) != Some(*command)) {
            broken.push("State Machine Safety");
        }
        broken
    }
}

/// A cluster whose size and settings come from the seed; every disk is slow.
fn cluster(variant: &str, random: &mut Random) -> Nodes {
    let nodes = [1, 2, 3, 3, 3, 4, 5, 5, 5, 7][random.below(10)];
    // Who leaves a position out has no snapshot that its name fits.
    let snapshots = variant != "gap-skipped" && random.per_mille(500);
    let settings = [
        ("window", SettingValue::Integer([1, 2, 3, 64][random.below(4)])),
        ("max_batch", SettingValue::Integer([1, 2, 256][random.below(3)])),
        ("snapshot_every", SettingValue::Integer(if snapshots { 1 + random.below(9) as u64 } else { 0 })),
    ];
    let mut c = Cluster::new(nodes, variant, &settings);
    for node in 0..nodes {
        c.hold_disk(n(node));
    }
    c
}

/// One step of what may happen at any time.
fn step(c: &mut Nodes, random: &mut Random, loss: u64, serial: &mut u32, tally: &mut Tally) {
    let node = NodeId(random.below(c.slots.len()) as u8);
    let message = (!c.network.is_empty()).then(|| {
        // Mostly one of the older ones, so that runs get somewhere; sometimes any.
        let window = if random.per_mille(800) { c.network.len().min(6) } else { c.network.len() };
        c.network[random.below(window)].id
    });
    let armed = |c: &Nodes, timer| c.slots[node.index()].timers.contains_key(&timer);
    match (random.below(100), message) {
        (0..54, Some(id)) if random.per_mille(loss) => c.lose_where(|m| m.id == id),
        (0..54, Some(id)) => c.deliver(id),
        (54..58, Some(id)) => c.deliver_copy(id),
        (58..82, _) => {
            c.write_one(node);
        }
        (82..89, _) => {
            *serial += 1;
            c.request(node, command(1, *serial));
        }
        (89..95, _) if armed(c, MultiPaxosTimer::Heartbeat) => c.fire(node, MultiPaxosTimer::Heartbeat),
        (95..97, _) if armed(c, MultiPaxosTimer::Election) => c.fire(node, MultiPaxosTimer::Election),
        (97, _) if c.up(node) => {
            tally.crashes += 1;
            c.crash(node);
        }
        (97.., _) if !c.up(node) => {
            // Fewer than a majority lose their disks, so that the rest can go on.
            let lost = c.slots.iter().filter(|slot| slot.disk.lost).count();
            if random.per_mille(30) && (lost + 1) * 2 < c.slots.len() {
                tally.wipes += 1;
                wipe(c, node.0);
            } else {
                c.restart(node);
            }
        }
        _ => {}
    }
}

/// Ends all faults, and demands that a new command reaches every node.
fn heal(c: &mut Nodes, random: &mut Random) {
    let nodes = c.slots.len() as u8;
    c.lose_all();
    for node in 0..nodes {
        c.release_disk(n(node));
        if !c.up(n(node)) {
            c.restart(n(node));
        }
    }
    let last = command(2, 1);
    for _ in 0..80 {
        let leader = (0..nodes).filter(|node| leads(c, *node)).max_by_key(|node| c.node(n(*node)).view().epoch);
        match leader {
            Some(leader) => {
                if !c.order.values().any(|command| *command == last) {
                    c.request(n(leader), last);
                    c.settle();
                }
                if leads(c, leader) {
                    c.fire(n(leader), MultiPaxosTimer::Heartbeat);
                }
            }
            None => {
                let node = random.below(usize::from(nodes)) as u8;
                if c.slots[usize::from(node)].timers.contains_key(&MultiPaxosTimer::Election) {
                    c.fire(n(node), MultiPaxosTimer::Election);
                }
            }
        }
        c.settle();
        let most = c.order.keys().last().copied().unwrap_or(0);
        let reached = |node: u8| c.node(n(node)).view().committed == most;
        if c.order.values().any(|command| *command == last) && (0..nodes).all(reached) {
            return;
        }
    }
    panic!("the healed cluster does not deliver everywhere");
}

/// Walks `steps` steps from `seed`; what is violated by then.
pub fn walk(variant: &str, seed: u64, steps: u32, tally: &mut Tally) -> (Nodes, Watch, Vec<&'static str>) {
    let mut random = Random(seed);
    let mut c = cluster(variant, &mut random);
    let loss = [20, 100, 400][random.below(3)];
    let (mut serial, mut watch) = (0, Watch::default());
    for i in 0..steps {
        step(&mut c, &mut random, loss, &mut serial, tally);
        if i % 32 == 31 {
            let broken = watch.check(&c);
            if !broken.is_empty() {
                return (c, watch, broken);
            }
        }
    }
    tally.delivered += c.order.len();
    tally.no_ops += c.order.values().filter(|command| command.is_noop()).count();
    tally.ballots += c.slots.iter().map(|slot| slot.disk.promised.0).max().unwrap_or(0) / c.slots.len() as u64;
    tally.snapshots += c.slots.iter().filter(|slot| slot.delivered_from > 1).count();
    let broken = watch.check(&c);
    (c, watch, broken)
}

/// One value a ballot and slot, one chosen value a slot, promises kept, one order, and when the faults end the cluster
/// delivers again, everywhere.
#[test]
fn random_walks_are_safe_and_end_well() {
    let mut tally = Tally::default();
    for seed in 0..4000 {
        let (mut c, mut watch, broken) = walk("correct", seed, 4000, &mut tally);
        assert!(broken.is_empty(), "seed {seed}: {broken:?} {:?}", c.disorder);
        heal(&mut c, &mut Random(seed ^ 0xfeed));
        assert_eq!(watch.check(&c), Vec::<&str>::new(), "seed {seed}, healed: {:?}", c.disorder);
        for delivered in c.order.values().filter(|command| !command.is_noop()) {
            assert!([1, 2].contains(&delivered.client.0), "seed {seed}: nobody asked for {delivered:?}");
        }
    }
    // A walk that elects nobody, delivers nothing or never crashes would prove nothing.
    let Tally { crashes, wipes, delivered, no_ops, ballots, snapshots } = tally;
    println!(
        "{crashes} crashes, {wipes} lost disks, {delivered} slots, {no_ops} no-ops, {ballots} rounds of ballots, {snapshots} nodes behind a snapshot"
    );
    assert!(
        crashes > 50_000 && wipes > 500 && delivered > 20_000 && no_ops > 100 && ballots > 20_000 && snapshots > 500
    );
}

/// The same walks find every variant that breaks something at all.
#[test]
fn random_walks_find_every_safety_variant() {
    for (_, card) in VARIANTS.iter().filter(|(_, card)| !["Validity", "No duplication"].contains(&card.breaks)) {
        let mut tally = Tally::default();
        let found = (0..6000).find(|seed| !walk(card.id, *seed, 2500, &mut tally).2.is_empty());
        println!("{}: seed {found:?}", card.id);
        assert!(found.is_some(), "{}", card.id);
    }
}

/// One seed, one run.
#[test]
fn a_seed_is_a_run() {
    let history = |seed| walk("correct", seed, 2000, &mut Tally::default()).0.history;
    assert_eq!(history(11), history(11));
    assert_ne!(history(11), history(12));
}
