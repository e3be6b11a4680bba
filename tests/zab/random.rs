//! Random walks: crash and restart between any two writes, loss, copies, disorder on links, timers at any moment.

use crate::rig::{Under, Zabs, leads, started};
use crate::support::{Cluster, Random, command, n};
use consensus_playground::properties::{Moment, Monitor, Observation};
use consensus_playground::protocol::{NodeId, Protocol, SettingValue};
use consensus_playground::protocols::zab::{VARIANTS, Zab, ZabTimer};

/// A walk: the cluster, and the monitors of the card's properties, told of every fact.
struct Walk {
    zabs: Zabs,
    monitor: Monitor,
    told: usize,
    random: Random,
    serial: u32,
    crashes: u32,
}

impl Walk {
    fn new(variant: &str, seed: u64) -> Walk {
        let mut random = Random(seed);
        let nodes = [1, 2, 3, 3, 3, 4, 5, 5, 5, 7][random.below(10)];
        let max_diff = SettingValue::Integer(1 + random.below(8) as u64);
        let mut zabs: Zabs = Cluster::new(nodes, variant, &[("max_diff", max_diff)]);
        for node in 0..nodes {
            zabs.hold_disk(n(node));
        }
        let monitor = Monitor::new(Zab::INFO, usize::from(nodes));
        Walk { zabs, monitor, told: 0, random, serial: 0, crashes: 0 }
    }

    /// Tells the monitors what is new.
    fn tell(&mut self) {
        for &(node, fact) in &self.zabs.history[self.told..] {
            self.monitor.observe(&Moment::default(), &Observation::Fact { node, fact });
        }
        self.told = self.zabs.history.len();
    }

    fn crash(&mut self, node: NodeId) {
        self.crashes += 1;
        self.zabs.crash(node);
        self.monitor.observe(&Moment::default(), &Observation::Crashed { node });
    }

    fn restart(&mut self, node: NodeId) {
        self.monitor.observe(&Moment::default(), &Observation::Restarted { node, disk_lost: false });
        self.zabs.restart(node);
    }

    fn fire(&mut self, node: NodeId, timer: ZabTimer) {
        if self.zabs.slots[node.index()].timers.contains_key(&timer) {
            self.zabs.fire(node, timer);
        }
    }

    /// One step of what may happen at any time.
    fn step(&mut self) {
        let node = NodeId(self.random.below(self.zabs.slots.len()) as u8);
        let message = (!self.zabs.network.is_empty()).then(|| self.pick());
        match (self.random.below(1000), message) {
            (0..560, Some(id)) => self.zabs.deliver(id),
            (560..566, Some(id)) => self.zabs.deliver_copy(id),
            (566..574, Some(id)) => self.zabs.lose_where(|m| m.id == id),
            (574..870, _) => {
                self.zabs.write_one(node);
            }
            (870..920, _) => {
                self.serial += 1;
                self.zabs.request(node, command(1, self.serial));
            }
            (920..930, _) => self.fire(node, ZabTimer::Tick),
            (930..970, _) => self.fire(node, ZabTimer::Election),
            (970..988, _) => self.fire(node, ZabTimer::Timeout),
            (988..994, _) if self.zabs.up(node) => self.crash(node),
            (988.., _) if !self.zabs.up(node) => self.restart(node),
            _ => {}
        }
        self.tell();
    }

    /// A message under way: nearly always the oldest of its link, so that channels stand for a while.
    fn pick(&mut self) -> u64 {
        let at = self.random.below(self.zabs.network.len().min(12));
        let Under { id, from, to, .. } = self.zabs.network[at];
        if self.random.per_mille(10) {
            return id;
        }
        self.zabs.network.iter().find(|m| m.from == from && m.to == to).map_or(id, |m| m.id)
    }

    /// What is violated by now.
    fn broken(&self) -> Option<&'static str> {
        let disorder = self.zabs.disorder.as_ref().map(|_| "State Machine Safety");
        self.monitor.violated().map(|violation| violation.name).or(disorder)
    }

    /// Ends all faults, and demands that a new command reaches every node.
    fn heal(&mut self) {
        let nodes = self.zabs.slots.len() as u8;
        self.zabs.lose_all();
        for node in (0..nodes).map(n) {
            self.zabs.release_disk(node);
            if !self.zabs.up(node) {
                self.restart(node);
            }
        }
        let last = command(2, 1);
        for round in 0..200 {
            self.zabs.settle();
            let epoch = |zabs: &Zabs, node: u8| zabs.node(n(node)).view().epoch;
            let leader = (0..nodes).filter(|node| leads(&self.zabs, *node)).max_by_key(|node| epoch(&self.zabs, *node));
            if let Some(leader) = leader.filter(|_| !self.zabs.order.values().any(|c| *c == last)) {
                self.zabs.request(n(leader), last);
            }
            self.zabs.settle();
            if (0..nodes).all(|node| self.zabs.delivered(n(node)).contains(&last)) {
                return self.tell();
            }
            for node in (0..nodes).map(n) {
                self.fire(node, ZabTimer::Tick);
            }
            self.zabs.settle();
            for node in (0..nodes).map(n) {
                self.fire(node, ZabTimer::Election);
            }
            let node = n(self.random.below(usize::from(nodes)) as u8);
            if round % 4 == 3 {
                self.fire(node, ZabTimer::Timeout);
            }
        }
        panic!("the healed cluster does not deliver");
    }
}

/// Zab's properties hold on every walk, and when the faults end the cluster delivers again.
#[test]
fn random_walks_are_safe_and_end_well() {
    let (mut crashes, mut delivered, mut epochs) = (0, 0, 0);
    for seed in 0..300 {
        let mut walk = Walk::new("correct", seed);
        for _ in 0..5000 {
            walk.step();
            assert_eq!(walk.broken(), None, "seed {seed}: {:?}", walk.zabs.disorder);
        }
        crashes += walk.crashes;
        delivered += walk.zabs.order.len();
        epochs += walk.zabs.slots.iter().map(|slot| slot.disk.current_epoch).max().unwrap_or(0);
        walk.heal();
        assert_eq!(walk.broken(), None, "seed {seed}, healed");
    }
    // Walks that elect nobody, deliver nothing or never crash would prove nothing.
    println!("{crashes} crashes, {delivered} places, {epochs} epochs");
    assert!(crashes > 1000 && delivered > 3000 && epochs > 1000, "{crashes} {delivered} {epochs}");
}

/// Those that few coincidences show. For the others there is the swarm, and a scenario each (tests/broken.rs).
const SOON: [&str; 4] = ["propose-to-synced", "keep-tail", "broadcast-unsynced", "hole-in-diff"];

/// The same walks find variants: some property of the card falls.
#[test]
fn random_walks_find_variants() {
    for card in VARIANTS.iter().filter(|card| SOON.contains(&card.id)) {
        let found = (0..3000).find(|seed| {
            let mut walk = Walk::new(card.id, *seed);
            (0..3000).any(|_| {
                walk.step();
                walk.broken().is_some()
            })
        });
        println!("{}: seed {found:?}", card.id);
        assert!(found.is_some(), "{}", card.id);
    }
}

/// Whatever comes, from whomever, in whatever state: no panic, and nothing is delivered that nobody asked for.
#[test]
fn any_message_at_any_time_is_no_panic() {
    let mut seen: Vec<Under> = Vec::new();
    for seed in 0..60 {
        let mut walk = Walk::new("correct", seed);
        for _ in 0..600 {
            if walk.zabs.slots.len() != 3 {
                break;
            }
            walk.step();
            if let Some(message) = walk.zabs.network.last() {
                seen.push(message.clone());
            }
        }
    }
    let mut random = Random(1);
    for _ in 0..200 {
        let mut zabs = started(3);
        for _ in 0..200 {
            let Under { from, to, message, .. } = seen[random.below(seen.len())].clone();
            if from.0 < 3 && to.0 < 3 && from != to {
                zabs.receive(to, from, message);
            }
            if random.per_mille(300) {
                let ids = zabs.under_way(|_| true);
                ids.first().into_iter().for_each(|id| zabs.deliver(*id));
            }
        }
        let fine = |c: &consensus_playground::protocol::Command| c.client.0 <= 2;
        assert!((0..3).all(|node| zabs.delivered(n(node)).iter().all(fine)));
    }
}
