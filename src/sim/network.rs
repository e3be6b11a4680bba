//! The three network models: what becomes of a message, and when.

use super::random::Random;
use crate::protocol::{MAX_NODES, NodeId, NodeSet};
use crate::scenario::{Model, Network as Knobs, Scheduler};

/// A message on its way. Every one has its own id; nothing is looked up by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Its id: the how-manieth message of the run, from 0.
    pub id: u32,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Kind.
    pub kind: u8,
    /// Whether this slot holds a message at all.
    pub live: bool,
    /// Whether it waits for a hand to deliver it.
    pub held: bool,
    /// When it was sent.
    pub sent_at: u64,
    /// When it arrives, or under the manual scheduler: from when it waits at the receiver.
    pub arrives_at: u64,
    /// The event during which it was sent.
    pub sent: u32,
    /// The number of its entry in the queue; an entry with another number is stale.
    pub seq: u64,
}

/// What becomes of a message at sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives then.
    Arrives(u64),
    /// It arrives then, and a copy at the other time.
    Twice(u64, u64),
    /// It is lost.
    Lost,
}

/// The longest that a heavy tail stretches a delay: 2¹⁰.
const TAIL: u32 = 10;

/// The network between the nodes.
#[derive(Clone, Debug)]
pub struct Network {
    knobs: Knobs,
    random: Random,
    /// By sender: the nodes that a partition keeps it from.
    parted: [NodeSet; MAX_NODES],
    /// By sender: the nodes to which the link is cut.
    cut: [NodeSet; MAX_NODES],
    /// By node: what is added to each of its messages, in microseconds.
    slow: [u64; MAX_NODES],
    /// By link: what is added to each message that goes that way, in microseconds.
    slow_links: Vec<(NodeId, NodeId, u64)>,
    /// By link, when links keep order: the latest arrival so far.
    latest: Option<Vec<u64>>,
    /// By link, when links keep order: the youngest message that has arrived, by its id and one more.
    arrived: Vec<u32>,
}

impl Network {
    /// The network of a scenario; `fifo` keeps the order of each link.
    pub fn new(knobs: Knobs, seed: u64, fifo: bool) -> Self {
        Network {
            knobs,
            random: Random::stream(seed, 1),
            parted: Default::default(),
            cut: Default::default(),
            slow: [0; MAX_NODES],
            slow_links: Vec::new(),
            latest: fifo.then(|| vec![0; MAX_NODES * MAX_NODES]),
            arrived: if fifo { vec![0; MAX_NODES * MAX_NODES] } else { Vec::new() },
        }
    }

    /// The knobs of the model.
    pub fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    /// Whether messages wait for a hand to deliver them.
    pub fn manual(&self) -> bool {
        self.knobs.scheduler != Scheduler::Random
    }

    /// From now on they do, and nothing is lost or doubled of itself.
    pub fn take_over(&mut self) {
        self.knobs.scheduler = Scheduler::Manual;
        (self.knobs.loss_ppm, self.knobs.duplication_ppm) = (0, 0);
    }

    /// Whether an adversary delivers them.
    pub fn adversarial(&self) -> bool {
        self.knobs.scheduler == Scheduler::Adversary
    }

    /// Whether the link from `from` to `to` lets nothing through.
    pub fn blocked(&self, from: NodeId, to: NodeId) -> bool {
        from != to && (self.parted[from.index()].contains(to) || self.cut[from.index()].contains(to))
    }

    /// Divides the nodes: those of no group form one of their own.
    pub fn partition(&mut self, groups: &[NodeSet], n: usize) {
        let named = groups.iter().fold(0, |all, group| all | group.0);
        let rest = NodeSet(((1u64 << n) - 1) as u32 & !named);
        for group in groups.iter().copied().chain([rest]) {
            for node in group.iter() {
                self.parted[node.index()] = NodeId::all(n).filter(|other| !group.contains(*other)).collect();
            }
        }
    }

    /// Undoes all partitions and cuts.
    pub fn heal(&mut self) {
        self.parted = Default::default();
        self.cut = Default::default();
    }

    /// Cuts, or joins, one direction of a link.
    pub fn set_cut(&mut self, from: NodeId, to: NodeId, cut: bool) {
        if cut {
            self.cut[from.index()].insert(to);
        } else {
            self.cut[from.index()].remove(to);
        }
    }

    /// Adds `by` microseconds to every message from or to `node`.
    pub fn set_slow(&mut self, node: NodeId, by: u64) {
        self.slow[node.index()] = by;
    }

    /// Adds `by` microseconds to every message from `from` to `to`.
    pub fn set_slow_link(&mut self, from: NodeId, to: NodeId, by: u64) {
        self.slow_links.retain(|link| (link.0, link.1) != (from, to));
        if by > 0 {
            self.slow_links.push((from, to, by));
        }
    }

    /// The links that are slowed of themselves: from, to, by how many microseconds.
    pub fn slow_links(&self) -> &[(NodeId, NodeId, u64)] {
        &self.slow_links
    }

    /// What is added to a message from one to the other.
    pub fn slowness(&self, from: NodeId, to: NodeId) -> u64 {
        let link = self.slow_links.iter().find(|link| (link.0, link.1) == (from, to));
        self.slow[from.index()] + self.slow[to.index()] + link.map_or(0, |link| link.2)
    }

    /// Whether anything keeps a pair apart.
    pub fn whole(&self) -> bool {
        self.parted.iter().chain(&self.cut).all(|set| set.is_empty())
    }

    /// What becomes of a message that is sent now.
    pub fn fate(&mut self, now: u64, from: NodeId, to: NodeId) -> Fate {
        if from == to {
            return Fate::Arrives(now);
        }
        if self.blocked(from, to) {
            return Fate::Lost;
        }
        let lossy = match self.knobs.model {
            Model::Synchronous => false,
            Model::PartiallySynchronous => now < self.knobs.gst_us,
            Model::Asynchronous => true,
        };
        if lossy && self.random.chance(self.knobs.loss_ppm) {
            return Fate::Lost;
        }
        let arrival = self.arrival(now, from, to);
        if lossy && self.random.chance(self.knobs.duplication_ppm) {
            return Fate::Twice(arrival, self.arrival(now, from, to));
        }
        Fate::Arrives(arrival)
    }

    /// When a message that is sent now arrives.
    pub fn arrival(&mut self, now: u64, from: NodeId, to: NodeId) -> u64 {
        let Knobs { model, min_us, delta_us, gst_us, .. } = self.knobs;
        let arrival = match model {
            _ if self.manual() => now + min_us,
            Model::Synchronous => now + self.random.within(min_us, delta_us),
            Model::PartiallySynchronous if now >= gst_us => now + self.random.within(min_us, delta_us),
            Model::PartiallySynchronous => {
                // "Any" delay before GST, and Δ holds from GST on for what is still in flight (Dwork, Lynch,
                // Stockmeyer 1988, §2.1): nothing that is not lost arrives later than GST + Δ.
                let stretched = now + min_us + self.tail(delta_us.max(1));
                let latest = gst_us + self.random.within(min_us, delta_us);
                stretched.min(latest)
            }
            Model::Asynchronous => now + min_us + self.tail(2 * min_us.max(500)),
        } + self.slowness(from, to);
        let Some(latest) = &mut self.latest else { return arrival };
        let latest = &mut latest[from.index() * MAX_NODES + to.index()];
        *latest = arrival.max(*latest);
        *latest
    }

    /// Whether a younger message of a link that keeps order has arrived before the message `id`, which arrives now.
    pub fn overtakes(&mut self, from: NodeId, to: NodeId, id: u32) -> bool {
        let Some(youngest) = self.arrived.get_mut(from.index() * MAX_NODES + to.index()) else { return false };
        let late = *youngest > id;
        *youngest = (*youngest).max(id + 1);
        late
    }

    fn tail(&mut self, base: u64) -> u64 {
        let span = base * self.random.doubling(TAIL);
        self.random.below(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Zab and others like it want links that keep order (Junqueira, Reed and Serafini 2011, §2.2).
    #[test]
    fn links_that_keep_order_let_nothing_overtake() {
        let knobs = Knobs::asynchronous(1_000, Scheduler::Random);
        let (a, b) = (NodeId(0), NodeId(24));
        let overtaken = |fifo: bool| {
            let mut network = Network::new(knobs, 1, fifo);
            let arrivals: Vec<u64> = (0..200).map(|sent| network.arrival(sent * 100, a, b)).collect();
            arrivals.windows(2).filter(|pair| pair[1] < pair[0]).count()
        };
        assert_eq!(overtaken(true), 0);
        assert!(overtaken(false) > 20);

        let mut network = Network::new(knobs, 1, true);
        let late: Vec<bool> = [3, 5, 4, 5, 6].map(|id| network.overtakes(a, b, id)).to_vec();
        assert_eq!(late, [false, false, true, true, false], "4 comes after 5, and 5 a second time");
        assert!(!network.overtakes(b, a, 0), "the other direction is a link of its own");
        assert!(!Network::new(knobs, 1, false).overtakes(a, b, 0));
    }
}
