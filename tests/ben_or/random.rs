//! Long random runs. First chaos: loss, duplication, reordering, timers whenever they like, crashes between any two
//! writes, restarts. Then a world in which every message arrives in the end, in any order: every node that is up
//! decides.

use crate::hand::{ByHand, ONE, ZERO};
use crate::support::{Cluster, Random};
use consensus_playground::protocol::{Fact, NodeId, SettingValue, Value};
use consensus_playground::protocols::ben_or::variant::ALL;
use consensus_playground::protocols::ben_or::{BenOr, Retry};
use std::collections::BTreeMap;

struct Run {
    c: Cluster<BenOr>,
    random: Random,
    asked: Vec<Value>,
    /// What was proposed in each round.
    proposed: BTreeMap<u64, Value>,
    read: usize,
    loss: u64,
    crashes: u64,
}

impl Run {
    fn new(variant: &str, seed: u64) -> Run {
        let mut random = Random(seed);
        let nodes = 1 + random.below(7) as u8;
        let most = (u64::from(nodes) - 1) / 2;
        let f = if most > 0 && random.per_mille(300) { 1 + random.next() % most } else { 0 };
        let mut c: Cluster<BenOr> = Cluster::new(nodes, variant, &[("f", SettingValue::Integer(f))]);
        for node in c.nodes() {
            if random.per_mille(400) {
                c.hold_disk(node);
            }
        }
        let (loss, crashes) = ([0, 50, 400][random.below(3)], [0, 10, 60][random.below(3)]);
        // Where f is half of a few nodes (B6), one that waits for nobody goes from round to round in no time.
        let loss_of_time = 2 * c.config.need <= usize::from(nodes) && c.config.need < 2;
        let c = if loss_of_time { Cluster::new(5, variant, &[]) } else { c };
        let nodes = c.slots.len() as u8;
        let mut run = Run { c, random, asked: Vec::new(), proposed: BTreeMap::new(), read: 0, loss, crashes };
        for node in 0..nodes {
            if run.random.per_mille(800) {
                run.ask(node);
            }
        }
        run
    }

    fn ask(&mut self, node: u8) {
        let value = if self.random.per_mille(500) { ZERO } else { ONE };
        if self.c.up(NodeId(node)) {
            self.asked.push(value);
            self.c.propose(node, value);
        }
    }

    fn any(&mut self) -> NodeId {
        NodeId(self.random.below(self.c.slots.len()) as u8)
    }

    fn step(&mut self, crashes: u64, loss: u64) {
        let node = self.any();
        if self.random.per_mille(crashes) {
            match self.c.up(node) {
                true => self.c.crash(node),
                false => self.c.restart(node),
            }
        } else if self.random.per_mille(250) {
            self.c.write_one(node);
        } else if self.c.network.is_empty() || self.random.per_mille(20) {
            if self.c.armed(node.0) {
                self.c.fire(node, Retry);
            }
        } else {
            let at = self.random.below(self.c.network.len());
            let id = self.c.network[at].id;
            match self.random.next() % 1000 {
                lost if lost < loss => self.c.lose_where(|e| e.id == id),
                dice if dice < loss + 30 => self.c.deliver_copy(id),
                _ => self.c.deliver(id),
            }
        }
    }

    /// What may never happen; the property's name.
    fn check(&mut self) -> Result<(), &'static str> {
        for &(_, fact) in &self.c.history[self.read..] {
            if let Fact::Proposes { ballot, command, .. } = fact
                && *self.proposed.entry(ballot).or_insert(command.value) != command.value
            {
                return Err("At most one proposed value per round");
            }
        }
        self.read = self.c.history.len();
        if self.c.disorder.is_some() {
            return Err("Agreement");
        }
        if self.c.order.values().any(|command| !self.asked.contains(&command.value)) {
            return Err("Validity");
        }
        Ok(())
    }

    fn chaos(&mut self, steps: usize) -> Result<(), &'static str> {
        for _ in 0..steps {
            self.step(self.crashes, self.loss);
            self.check()?;
        }
        Ok(())
    }

    /// Up to f nodes stay down for good, the others come up; no message is lost from now on. How many rounds it takes
    /// until all of them have decided.
    fn kind(&mut self) -> Result<u64, &'static str> {
        let mut down: Vec<NodeId> = self.c.nodes().filter(|node| !self.c.up(*node)).collect();
        let spare = if self.random.per_mille(500) { self.c.config.f } else { 0 };
        while down.len() > spare {
            self.c.restart(down.pop().expect("one that is down"));
        }
        let begun = self.c.nodes().any(|node| self.c.slots[node.index()].disk.round > 0);
        if !begun {
            let first = self.c.nodes().find(|node| self.c.up(*node)).expect("one that is up");
            self.ask(first.0);
        }
        for _ in 0..200_000 {
            if self.c.nodes().all(|node| !self.c.up(node) || self.c.decision(node.0).is_some()) {
                return Ok(self.c.nodes().map(|node| self.c.slots[node.index()].disk.round).max().unwrap_or(0));
            }
            self.step(0, 0);
            self.check()?;
        }
        Err("Termination")
    }
}

#[test]
fn chaos_breaks_nothing() {
    let mut decided = 0;
    for seed in 0..6_000 {
        let mut run = Run::new("correct", seed);
        assert_eq!(run.chaos(300), Ok(()), "seed {seed}: {:?}", run.c.disorder);
        decided += usize::from(!run.c.order.is_empty());
    }
    assert!(decided > 2_000, "the runs get somewhere: {decided}");
}

/// "Terminates with probability 1": within few rounds, whatever happened before.
#[test]
fn a_kind_world_after_chaos_decides() {
    let (mut longest, mut split) = (0, 0);
    for seed in 0..3_000 {
        let mut run = Run::new("correct", seed);
        let steps = run.random.below(200);
        assert_eq!(run.chaos(steps), Ok(()), "seed {seed}");
        let rounds = run.kind().unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        longest = longest.max(rounds);
        split += usize::from(rounds > 1);
    }
    println!("at most {longest} rounds; {split} runs took more than one");
    assert!(split > 200, "coins are tossed: {split}");
    assert!(longest < 200, "{longest}");
}

/// The same runs find every variant that breaks safety.
#[test]
fn chaos_finds_every_safety_variant() {
    for (_, card) in ALL.iter().filter(|(_, card)| card.breaks != "Termination") {
        let found = (0..40_000).find(|seed| {
            let mut run = Run::new(card.id, *seed);
            run.chaos(300).and_then(|()| run.kind()).is_err_and(|broken| broken == card.breaks)
        });
        println!("{}: seed {found:?}", card.id);
        assert!(found.is_some(), "{} was not found", card.id);
    }
}

/// And what breaks progress breaks nothing else.
#[test]
fn what_never_decides_decides_nothing_wrong() {
    for (_, card) in ALL.iter().filter(|(_, card)| card.breaks == "Termination") {
        for seed in 0..1_000 {
            let mut run = Run::new(card.id, seed);
            assert_eq!(run.chaos(300), Ok(()), "{} seed {seed}", card.id);
        }
    }
}
