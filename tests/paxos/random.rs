//! Long random runs. First chaos: loss, duplication, reordering, timers whenever they like, crashes between any two
//! writes, restarts. Then a kind world, in which every node that is up must decide. One seed, one run.

use crate::fair::{self, Bounds, Course, USUAL};
use crate::hand::{ByHand, value};
use crate::support::{Cluster, Envelope, Random, n};
use consensus_playground::protocol::{Command, Fact, Message, NodeId, NodeSet, SettingValue, majority};
use consensus_playground::protocols::paxos::message::PaxosMessage;
use consensus_playground::protocols::paxos::variant::ALL;
use consensus_playground::protocols::paxos::{Paxos, PaxosTimer};
use std::collections::BTreeMap;

/// What may never happen, followed through a run. It knows more than Agreement of decisions: a value counts as chosen
/// as soon as a majority has it on disk, whether or not anybody learns.
#[derive(Default)]
struct Watch {
    /// Reports this alone.
    only: Option<&'static str>,
    read: usize,
    issued: BTreeMap<u64, Command>,
    accepted: BTreeMap<(u64, Command), NodeSet>,
    chosen: Option<Command>,
    promised: BTreeMap<NodeId, u64>,
}

impl Watch {
    /// Reads on; an error names what broke.
    fn check(&mut self, c: &Cluster<Paxos>, asked: &[Command]) -> Result<(), &'static str> {
        for &(node, fact) in &c.history[self.read..] {
            if let Some(broken) = self.breaks(node, fact, c.slots.len()) {
                self.report(broken)?;
            }
        }
        self.read = c.history.len();
        if c.disorder.is_some() {
            self.report("Agreement")?;
        }
        for slot in &c.slots {
            if slot.delivered.len() > 1 {
                self.report("Integrity")?;
            }
            if slot.delivered.first().is_some_and(|&command| !asked.contains(&command) || Some(command) != self.chosen)
            {
                self.report("Validity")?;
            }
        }
        Ok(())
    }

    fn report(&self, broken: &'static str) -> Result<(), &'static str> {
        if self.only.is_none_or(|only| only == broken) { Err(broken) } else { Ok(()) }
    }

    fn breaks(&mut self, node: NodeId, fact: Fact, nodes: usize) -> Option<&'static str> {
        match fact {
            Fact::Proposes { ballot, command, .. } => {
                (*self.issued.entry(ballot).or_insert(command) != command).then_some("One value per ballot")
            }
            Fact::Accepts { ballot, command, .. } => {
                let by = self.accepted.entry((ballot, command)).or_default();
                by.insert(node);
                let chosen = by.len() >= majority(nodes);
                (chosen && *self.chosen.get_or_insert(command) != command).then_some("Agreement") // among chosen values
            }
            Fact::Learns { command, .. } => (self.chosen != Some(command)).then_some("Agreement"),
            Fact::Epoch { epoch } => {
                let before = self.promised.insert(node, epoch);
                before.is_some_and(|before| epoch < before).then_some("Promises never decrease")
            }
            _ => None,
        }
    }
}

struct Run {
    c: Cluster<Paxos>,
    random: Random,
    /// How many of a thousand messages of each kind are lost in this run: few, many or nearly all.
    loss: [u64; PaxosMessage::KINDS.len()],
    /// How many of a thousand links carry nothing at a time.
    slow: u64,
    seed: u64,
    steps: u64,
    /// What the next message is called.
    next_id: u64,
    /// How many of a thousand steps fire a timer, and how many stop or start a node.
    timers: usize,
    crashes: usize,
    /// How many requests there are at most.
    requests: usize,
    asked: Vec<Command>,
    watch: Watch,
}

impl Run {
    fn new(variant: &str, nodes: u8, seed: u64) -> Run {
        let mut random = Random(seed);
        let given = [("distinguished_learner", SettingValue::Flag(random.per_mille(250)))];
        let mut c = Cluster::new(nodes, variant, &given);
        for at in 0..nodes {
            if random.per_mille(500) {
                c.hold_disk(n(at));
            }
        }
        let loss = std::array::from_fn(|_| [30, 30, 300, 900][random.below(4)]);
        let slow = if random.per_mille(700) { random.next() % 700 } else { 0 };
        let (timers, crashes) = ([5, 20, 60, 120][random.below(4)], [0, 10, 80][random.below(3)]);
        let requests = 2 + random.below(4);
        Run {
            c,
            random,
            loss,
            slow,
            seed,
            steps: 0,
            next_id: 0,
            timers,
            crashes,
            requests,
            asked: Vec::new(),
            watch: Watch::default(),
        }
    }

    fn any(&mut self) -> NodeId {
        NodeId(self.random.below(self.c.slots.len()) as u8)
    }

    /// One thing happens.
    fn step(&mut self) {
        self.steps += 1;
        let node = self.any();
        let timers = 650 + self.timers;
        let crashes = timers + self.crashes;
        let step = self.random.below(1000);
        if step < 650 {
            self.message();
        } else if step < timers && self.c.armed(node.0) {
            self.c.fire(node, PaxosTimer::Retry);
        } else if (timers..crashes).contains(&step) {
            match self.c.up(node) {
                true => self.c.crash(node),
                false => self.c.restart(node),
            }
        } else if step >= 970 && self.c.up(node) && self.asked.len() < self.requests {
            let command = value(self.asked.len() as u32 + 1);
            self.asked.push(command);
            self.c.request(node, command);
        } else {
            self.c.write_one(node);
        }
    }

    /// Some message arrives, or is doubled.
    fn message(&mut self) {
        if self.c.network.is_empty() {
            return;
        }
        let at = self.random.below(self.c.network.len());
        let envelope = &self.c.network[at];
        let id = envelope.id;
        // For a while some links carry nothing: what waits there arrives late.
        let link = (u64::from(envelope.from.0) << 8) | u64::from(envelope.to.0);
        let while_and_link = ((self.steps / 60) << 16) | link;
        if Random(self.seed ^ while_and_link).per_mille(self.slow) {
            return;
        }
        match self.random.per_mille(50) {
            true => self.c.deliver_copy(id),
            false => self.c.deliver(id),
        }
    }

    /// The network loses some of what was sent by the last step.
    fn lose_some(&mut self) {
        let (first, loss, random) = (self.next_id, &self.loss, &mut self.random);
        let next = self.c.network.last().map_or(first, |e| e.id + 1).max(first);
        self.next_id = next;
        self.c.network.retain(|e| e.id < first || !random.per_mille(loss[usize::from(e.message.kind())]));
    }

    /// Chaos of this many steps.
    fn chaos(&mut self, steps: usize) -> Result<(), &'static str> {
        for _ in 0..steps {
            self.step();
            self.lose_some();
            self.watch.check(&self.c, &self.asked)?;
        }
        Ok(())
    }

    /// A majority comes up or stays up; the rest is down for good in half of the runs.
    fn heal(&mut self) {
        let keep_down = if self.random.per_mille(500) { self.c.slots.len() - majority(self.c.slots.len()) } else { 0 };
        let mut down = self.c.nodes().filter(|&node| !self.c.up(node)).collect::<Vec<_>>();
        while down.len() > keep_down {
            let at = self.random.below(down.len());
            self.c.restart(down.swap_remove(at));
        }
    }

    fn up(&self) -> impl Iterator<Item = NodeId> {
        self.c.nodes().filter(|&node| self.c.up(node))
    }

    /// Chaos by the ballot: some node begins one, and each phase reaches some of the acceptors; what it sends to the
    /// rest stays under way and may arrive much later. Meets the rare coincidences of quorums that single steps miss.
    fn ballots(&mut self, count: usize) -> Result<(), &'static str> {
        for _ in 0..count {
            let proposer = self.any();
            if self.c.disk(proposer.0).proposal.is_none() {
                let command = value(self.asked.len() as u32 + 1);
                self.asked.push(command);
                self.c.request(proposer, command);
            } else if self.c.armed(proposer.0) {
                self.c.fire(proposer, PaxosTimer::Retry);
            }
            for kind in ["Prepare", "Promise", "Accept", "Nack"] {
                let reached = NodeSet(self.random.next() as u32);
                let between = |e: &Envelope<PaxosMessage>| match kind {
                    "Prepare" | "Accept" => e.from == proposer && reached.contains(e.to),
                    _ => e.to == proposer,
                };
                self.c.deliver_where(|e| e.is(kind) && between(e));
            }
            for _ in 0..self.random.below(4) {
                let late = self.random.below(self.c.network.len().max(1));
                match self.c.network.get(late).map(|e| (e.id, e.is("Accept") || self.random.per_mille(100))) {
                    Some((id, true)) if self.random.per_mille(200) => self.c.deliver_copy(id),
                    Some((id, true)) => self.c.deliver(id),
                    _ => {}
                }
            }
            let node = self.any();
            match self.random.below(8) {
                0 => self.c.bounce(node.0),
                1 => self.c.hold_disk(node),
                2 => self.c.release_disk(node),
                _ => drop(self.c.write_one(node)),
            }
            self.watch.check(&self.c, &self.asked)?;
        }
        Ok(())
    }

    /// What Termination asks for: somebody who is up has something to go on.
    fn has_cause(&self) -> bool {
        self.up().any(|node| {
            let disk = self.c.disk(node.0);
            disk.proposal.is_some() || disk.accepted.is_some() || disk.decided.is_some()
        })
    }

    fn all_up_decided(c: &Cluster<Paxos>) -> bool {
        c.nodes().all(|node| !c.up(node) || c.decision(node.0).is_some())
    }

    fn kind(&mut self, bounds: Bounds, limit: u64, done: fn(&Cluster<Paxos>) -> bool) -> Course {
        let seed = self.random.next();
        fair::run(&mut self.c, bounds, seed, limit, done)
    }
}

/// A node with something to do has its timer armed, whatever happened to it: nothing is ever waited for in vain.
fn nobody_is_stuck(c: &Cluster<Paxos>) -> bool {
    c.nodes().filter(|&node| c.up(node) && c.slots[node.index()].waiting.is_empty()).all(|node| {
        let disk = c.disk(node.0);
        let undecided = disk.decided.is_none() && (disk.proposal.is_some() || disk.accepted.is_some());
        !undecided || c.armed(node.0)
    })
}

/// Safety under chaos. Reference: model.md §4.
#[test]
fn chaos_breaks_nothing() {
    let mut decided = 0;
    for seed in 0..20_000 {
        let mut run = Run::new("correct", 1 + (seed % 7) as u8, seed);
        if let Err(broken) = run.chaos(300) {
            panic!("seed {seed}: {broken}: {:?}\n{:?}", run.c.disorder, run.c.history);
        }
        assert!(nobody_is_stuck(&run.c), "seed {seed}");
        decided += u32::from(run.watch.chosen.is_some());
    }
    assert!(decided > 5_000, "the runs get somewhere: {decided}");
}

/// Liveness after chaos: within the bound that the card states, and then silence.
#[test]
fn a_kind_world_after_chaos_decides() {
    let (base, factor) = consensus_playground::protocols::paxos::config::INFO.liveness_bound;
    let bound = base * 1000 + factor * USUAL.delay.1;
    let (mut tried, mut slowest) = (0, 0);
    for seed in 0..10_000 {
        let mut run = Run::new("correct", 1 + (seed % 7) as u8, seed);
        let steps = run.random.below(300);
        run.chaos(steps).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        run.heal();
        let course = run.kind(USUAL, bound, Run::all_up_decided);
        let decided = Run::all_up_decided(&run.c);
        // Writes that were pending are done by now, so the disks tell.
        assert!(decided || !run.has_cause(), "seed {seed}: {course:?}");
        if decided {
            tried += 1;
            slowest = slowest.max(course.time);
        }
        run.watch.check(&run.c, &run.asked).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        let all_up = run.up().count() == run.c.slots.len();
        let course = run.kind(USUAL, 10 * bound, |_| false);
        assert!(course.silent || !all_up, "seed {seed}: all know, and somebody still talks");
    }
    println!("slowest of {tried}: {} ms", slowest / 1000);
    assert!(tried > 5000, "{tried}");
}

/// Many proposers, one after the other within a short time: the randomised back-off lets one through. The bound holds
/// with room to spare.
#[test]
fn many_propose_at_once() {
    let mut slowest = 0;
    for nodes in [2, 3, 5, 9, 25] {
        for seed in 0..60 {
            let mut run = Run::new("correct", nodes, seed);
            let mut time = 0;
            // The lowest ballots first, so that everybody is preempted.
            for at in 0..nodes {
                run.c.propose(at, value(u32::from(at)));
                let pause = run.random.below(40_000) as u64;
                time += run.kind(USUAL, pause, Run::all_up_decided).time;
            }
            time += run.kind(USUAL, 60_000_000, Run::all_up_decided).time;
            assert!(Run::all_up_decided(&run.c), "{nodes} nodes, seed {seed}");
            slowest = slowest.max(time);
        }
    }
    println!("slowest: {} ms", slowest / 1000);
    assert!(slowest < 20_000_000);
}

/// Delays far longer than the first time-outs: the doubling gets there.
#[test]
fn slow_networks_decide_too() {
    let slow = Bounds { delay: (100_000, 400_000), disk: (1_000, 20_000) };
    for seed in 0..200 {
        let mut run = Run::new("correct", 5, seed);
        for at in 0..5 {
            run.c.propose(at, value(u32::from(at)));
        }
        run.kind(slow, 120_000_000, Run::all_up_decided);
        assert!(Run::all_up_decided(&run.c), "seed {seed}");
    }
}

/// Safety under chaos by the ballot.
#[test]
fn chaotic_ballots_break_nothing() {
    for seed in 0..20_000 {
        let mut run = Run::new("correct", 3 + 2 * (seed % 2) as u8, seed);
        if let Err(broken) = run.ballots(20) {
            panic!("seed {seed}: {broken}: {:?}\n{:?}", run.c.disorder, run.c.history);
        }
    }
}

/// The same chaos finds every safety variant by the property that its card names, so it is able to find something.
#[test]
fn chaos_finds_every_safety_variant() {
    for (_, card) in ALL.iter().filter(|(_, card)| card.breaks != "Termination") {
        let found = (0..60_000).find(|seed| {
            let mut run = Run::new(card.id, 3 + 2 * (seed % 2) as u8, *seed);
            run.watch.only = Some(card.breaks);
            run.ballots(20).is_err() || run.chaos(100).is_err()
        });
        println!("{}: seed {found:?}", card.id);
        assert!(found.is_some(), "{} was not found", card.id);
    }
}

/// One seed, one run.
#[test]
fn a_seed_is_a_run() {
    let history = |seed| {
        let mut run = Run::new("correct", 5, seed);
        run.chaos(500).expect("safe");
        run.heal();
        run.kind(USUAL, 60_000_000, Run::all_up_decided);
        run.c.history
    };
    assert_eq!(history(11), history(11));
    assert_ne!(history(11), history(12));
}
