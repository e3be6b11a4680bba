//! Walks at random: loss, repeats, disorder, slow disks, crashes and restarts, requests that are asked twice. What is
//! promised holds at every look; once all nodes are up and the network is whole, everybody has everything.

use crate::referee::{Broadcasts, Referee, say};
use crate::support::{Cluster, Random, n};
use consensus_playground::protocol::{Command, NodeId, Protocol};
use consensus_playground::protocols::best_effort::BestEffort;
use consensus_playground::protocols::causal::Causal;
use consensus_playground::protocols::fifo::Fifo;
use consensus_playground::protocols::reliable::Reliable;
use consensus_playground::protocols::sequencer::Sequencer;

const SAFETY: [&str; 5] = ["No duplication", "No creation", "FIFO order", "Causal order", "Total order"];

struct Walk<P: Protocol> {
    cluster: Cluster<P>,
    referee: Referee,
    random: Random,
    asked: u32,
    /// Whether the nodes crash in this walk.
    crashes: bool,
    /// Per 1000 messages.
    loss: u64,
    seed: u64,
    correct: bool,
}

impl<P: Protocol> Walk<P>
where
    P::Stable: Broadcasts,
{
    fn new(variant: &str, seed: u64) -> Self {
        let mut random = Random(seed);
        let nodes = 2 + random.below(4) as u8;
        let (crashes, loss) = (random.per_mille(600), [0, 50, 300][random.below(3)]);
        let cluster = Cluster::new(nodes, variant, &[]);
        Walk {
            cluster,
            referee: Referee::default(),
            random,
            asked: 0,
            crashes,
            loss,
            seed,
            correct: variant == "correct",
        }
    }

    fn any_node(&mut self) -> NodeId {
        n(self.random.below(self.cluster.slots.len()) as u8)
    }

    fn step(&mut self) {
        let node = self.any_node();
        let up = self.cluster.up(node);
        match self.random.below(20) {
            0..=2 if up => {
                self.asked += 1;
                self.referee.request(&mut self.cluster, node, say(self.asked));
            }
            3 if up && self.asked > 0 => {
                // Asked again: by this node broadcast already, or not at all if it was another that was asked.
                let value = 1 + self.random.below(self.asked as usize) as u32;
                if self.cluster.delivered(node).contains(&say(value)) && self.referee.was_asked(node, say(value)) {
                    self.cluster.request(node, say(value));
                }
            }
            4 if self.crashes => self.crash_or_restart(node),
            5 => self.cluster.hold_disk(node),
            6 => self.cluster.release_disk(node),
            7 | 8 => {
                self.cluster.write_one(node);
            }
            9 => self.fire(node),
            _ => self.a_message_arrives(),
        }
    }

    fn crash_or_restart(&mut self, node: NodeId) {
        if !self.cluster.up(node) {
            return self.cluster.restart(node);
        }
        let before: Vec<Command> = self.cluster.delivered(node).to_vec();
        self.cluster.crash(node);
        if self.random.per_mille(500) {
            self.cluster.restart(node);
            let again = self.cluster.delivered(node);
            let kept = again.starts_with(&before) || !self.correct;
            assert!(kept, "seed {}: {node} delivered {before:?}, then {again:?}", self.seed);
        }
    }

    fn fire(&mut self, node: NodeId) {
        if let Some(timer) = self.cluster.slots[node.index()].timers.keys().next().copied() {
            self.cluster.fire(node, timer);
        }
    }

    fn a_message_arrives(&mut self) {
        if self.cluster.network.is_empty() {
            return;
        }
        let id = self.cluster.network[self.random.below(self.cluster.network.len())].id;
        if self.random.per_mille(self.loss) {
            self.cluster.lose_where(|m| m.id == id);
        } else if self.random.per_mille(100) {
            self.cluster.deliver_copy(id);
        } else {
            self.cluster.deliver(id);
        }
    }

    /// Everybody is up and everything arrives, until nothing is left to arrive.
    fn heal(&mut self) {
        for node in self.cluster.nodes() {
            self.cluster.release_disk(node);
            if !self.cluster.up(node) {
                self.cluster.restart(node);
            }
        }
        for _ in 0..100 {
            self.cluster.settle();
            if self.cluster.slots.iter().all(|slot| slot.timers.is_empty()) {
                return;
            }
            for node in self.cluster.nodes() {
                self.fire(node);
            }
        }
        panic!("seed {}: the links never come to rest", self.seed);
    }

    /// The first promise that the walk breaks.
    fn verdict(mut self) -> Result<(), String> {
        let promised = |property: &&&str| P::INFO.promises.contains(*property);
        let safety: Vec<&str> = SAFETY.iter().filter(promised).copied().collect();
        let told = |why: String, seed: u64| format!("{why} (seed {seed})");
        for _ in 0..12 {
            for _ in 0..25 {
                self.step();
            }
            self.referee.judge(&self.cluster, &safety).map_err(|why| told(why, self.seed))?;
        }
        self.heal();
        self.referee.judge(&self.cluster, &safety).map_err(|why| told(why, self.seed))?;
        self.referee.judge(&self.cluster, P::INFO.promises).map_err(|why| told(why, self.seed))?;
        if P::INFO.promises.contains(&"Total order") {
            assert_eq!(self.cluster.disorder, None, "seed {}", self.seed);
        }
        Ok(())
    }
}

fn walks<P: Protocol>(variant: &str, runs: u64) -> Vec<String>
where
    P::Stable: Broadcasts,
{
    (0..runs).filter_map(|seed| Walk::<P>::new(variant, seed).verdict().err()).collect()
}

fn keeps_its_promises<P: Protocol>()
where
    P::Stable: Broadcasts,
{
    let broken = walks::<P>("correct", 400);
    assert!(broken.is_empty(), "{}", broken[0]);
}

#[test]
fn best_effort_keeps_its_promises() {
    keeps_its_promises::<BestEffort>();
}

#[test]
fn reliable_keeps_its_promises() {
    keeps_its_promises::<Reliable>();
}

#[test]
fn fifo_keeps_its_promises() {
    keeps_its_promises::<Fifo>();
}

#[test]
fn causal_keeps_its_promises() {
    keeps_its_promises::<Causal>();
}

#[test]
fn sequencer_keeps_its_promises() {
    keeps_its_promises::<Sequencer>();
}

/// The walks reach what the variants leave out: each is caught, by the property that its card names. (`no-relay` needs
/// a sender that never comes back; here everybody does.)
#[test]
fn every_variant_is_caught_by_its_property() {
    fn caught<P: Protocol>(left_out: &[&str])
    where
        P::Stable: Broadcasts,
    {
        for variant in P::INFO.variants.iter().filter(|variant| !left_out.contains(&variant.id)) {
            let broken = walks::<P>(variant.id, 60);
            assert!(broken.iter().any(|why| why.starts_with(variant.breaks)), "{}: {broken:?}", variant.id);
        }
    }
    caught::<Reliable>(&["no-relay"]);
    caught::<Fifo>(&[]);
    caught::<Causal>(&[]);
    caught::<Sequencer>(&[]);
}
