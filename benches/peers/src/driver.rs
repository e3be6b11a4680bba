//! Drives a peer through the set-up: one queue, one thread, the same rules for each.

use crate::clock::Stopwatch;
use crate::queue::Queue;
use crate::setup::{
    Committed, DRAIN_US, LATENCY_MAX_US, LATENCY_MIN_US, Links, NODES, Outcome, PROPOSAL_US, Setup, TICK_US,
};

/// A cluster of [`NODES`] nodes of one library; nodes are counted from 0.
pub trait Cluster {
    /// What travels.
    type Message;
    /// A cluster that has just started.
    fn start() -> Self;
    /// The node that believes it leads, if one does.
    fn leader(&self) -> Option<usize>;
    /// Proposes at `node`; false when the node refused.
    fn propose(&mut self, node: usize, value: u64) -> bool;
    /// The clock of `node` ticks.
    fn tick(&mut self, node: usize);
    /// `message` arrives at `node`.
    fn deliver(&mut self, node: usize, message: Self::Message);
    /// Moves what `node` wants to send into `out`, with its receiver, and applies what it has committed since.
    fn collect(&mut self, node: usize, out: &mut Vec<(usize, Self::Message)>);
    /// What `node` has committed so far.
    fn committed(&self, node: usize) -> Committed;
}

enum Event<M> {
    Deliver { to: u8, message: M },
    Tick(u8),
    Propose,
}

/// Uniform latencies, drawn per message.
struct Wires {
    links: Links,
    random: u64,
    last_us: [[u64; NODES]; NODES],
}

impl Wires {
    fn arrival(&mut self, now_us: u64, from: usize, to: usize) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let span = LATENCY_MAX_US - LATENCY_MIN_US + 1;
        let drawn = now_us + LATENCY_MIN_US + ((u128::from(z) * u128::from(span)) >> 64) as u64;
        match self.links {
            Links::AnyOrder => drawn,
            Links::InOrder => {
                let last = &mut self.last_us[from][to];
                *last = drawn.max(*last);
                *last
            }
        }
    }
}

struct Run<C: Cluster> {
    cluster: C,
    queue: Queue<Event<C::Message>>,
    wires: Wires,
    out: Vec<(usize, C::Message)>,
    stop_proposing_us: u64,
    messages: u64,
    events: u64,
    proposed: u64,
}

impl<C: Cluster> Run<C> {
    fn until(&mut self, end_us: u64) {
        while let Some((now_us, event)) = self.queue.pop_until(end_us) {
            self.events += 1;
            self.handle(now_us, event);
        }
    }

    fn handle(&mut self, now_us: u64, event: Event<C::Message>) {
        let node = match event {
            Event::Deliver { to, message } => {
                self.messages += 1;
                self.cluster.deliver(usize::from(to), message);
                usize::from(to)
            }
            Event::Tick(node) => {
                self.cluster.tick(usize::from(node));
                self.queue.push(now_us + TICK_US, Event::Tick(node));
                usize::from(node)
            }
            Event::Propose => {
                if now_us + PROPOSAL_US < self.stop_proposing_us {
                    self.queue.push(now_us + PROPOSAL_US, Event::Propose);
                }
                let Some(leader) = self.cluster.leader() else { return };
                if self.cluster.propose(leader, now_us) {
                    self.proposed += 1;
                }
                leader
            }
        };
        self.cluster.collect(node, &mut self.out);
        for (to, message) in self.out.drain(..) {
            let at_us = self.wires.arrival(now_us, node, to);
            self.queue.push(at_us, Event::Deliver { to: to as u8, message });
        }
    }
}

/// Runs one cluster of `C` through the set-up, on `links`.
pub fn run<C: Cluster>(setup: &Setup, links: Links) -> Outcome {
    let mut run = Run {
        cluster: C::start(),
        queue: Queue::with_capacity(4096),
        wires: Wires { links, random: setup.seed, last_us: [[0; NODES]; NODES] },
        out: Vec::with_capacity(64),
        stop_proposing_us: setup.virtual_us,
        messages: 0,
        events: 0,
        proposed: 0,
    };
    for node in 0..NODES {
        // Clocks of different machines do not tick together.
        run.queue.push(node as u64 * (TICK_US / NODES as u64), Event::Tick(node as u8));
    }
    run.queue.push(PROPOSAL_US, Event::Propose);
    let stopwatch = Stopwatch::start();
    run.until(setup.virtual_us);
    let (wall, cpu) = stopwatch.stop();
    let (messages, events) = (run.messages, run.events);
    run.until(setup.virtual_us + DRAIN_US);
    let committed = std::array::from_fn(|node| run.cluster.committed(node));
    Outcome { wall, cpu, messages, events, proposed: run.proposed, committed }
}
