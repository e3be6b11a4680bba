//! From here on the world is kind: messages arrive within bounds, timers fire when they are due, nobody crashes.

use crate::support::{Cluster, Envelope, Random};
use consensus_playground::protocol::{Effect, NodeId, Protocol, Timer};
use std::collections::BTreeMap;

/// Bounds on delays and on disk writes, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub delay: (u64, u64),
    pub disk: (u64, u64),
}

/// Δ of 50 ms, as the simulated world has it unless told otherwise.
pub const USUAL: Bounds = Bounds { delay: (5_000, 50_000), disk: (100, 500) };

enum Due<P: Protocol> {
    Message(Envelope<P::Message>),
    Timer(NodeId, P::Timer),
    Disk(NodeId),
}

/// A timer that was armed before the handler ran and was not touched by it.
const UNTOUCHED: (u64, u64) = (u64::MAX, u64::MAX);

/// How a kind run went.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// How long it ran, in microseconds.
    pub time: u64,
    /// Whether it ended because nothing was left to happen.
    pub silent: bool,
}

struct Agenda<P: Protocol> {
    now: u64,
    serial: u64,
    due: BTreeMap<(u64, u64), Due<P>>,
    armed: BTreeMap<(NodeId, P::Timer), (u64, u64)>,
    writing: Vec<bool>,
    random: Random,
    bounds: Bounds,
}

impl<P: Protocol> Agenda<P> {
    fn add(&mut self, (min, max): (u64, u64), due: Due<P>) -> (u64, u64) {
        let at = self.now + min + self.random.next() % (max - min + 1);
        self.serial += 1;
        self.due.insert((at, self.serial), due);
        (at, self.serial)
    }

    /// Takes note of what the last step brought.
    fn note(&mut self, cluster: &mut Cluster<P>) {
        for envelope in cluster.take_all() {
            self.add(self.bounds.delay, Due::Message(envelope));
        }
        for node in cluster.nodes() {
            let slot = &mut cluster.slots[node.index()];
            if matches!(slot.waiting.front(), Some(Effect::Persist(_))) && !self.writing[node.index()] {
                self.writing[node.index()] = true;
                self.add(self.bounds.disk, Due::Disk(node));
            }
            for &timer in P::Timer::ALL {
                let wanted = slot.timers.get(&timer).copied();
                if wanted == Some(UNTOUCHED) {
                    continue;
                }
                if let Some(key) = self.armed.remove(&(node, timer)) {
                    self.due.remove(&key);
                }
                if let Some(range) = wanted {
                    let key = self.add(range, Due::Timer(node, timer));
                    self.armed.insert((node, timer), key);
                    slot.timers.insert(timer, UNTOUCHED);
                }
            }
        }
    }
}

impl<P: Protocol> Agenda<P> {
    /// Leaves the cluster as it would be found: messages under way, timers with what is left of them.
    fn put_back(self, cluster: &mut Cluster<P>) {
        for ((at, _), due) in self.due {
            match due {
                Due::Message(envelope) => cluster.network.push(envelope),
                Due::Timer(node, timer) => {
                    let left = at.saturating_sub(self.now);
                    cluster.slots[node.index()].timers.insert(timer, (left, left));
                }
                Due::Disk(_) => {}
            }
        }
    }
}

/// Runs until `done`, until nothing is left to happen, or until `limit` microseconds have passed.
pub fn run<P: Protocol>(
    cluster: &mut Cluster<P>,
    bounds: Bounds,
    seed: u64,
    limit: u64,
    done: impl Fn(&Cluster<P>) -> bool,
) -> Course {
    let mut agenda = Agenda {
        now: 0,
        serial: 0,
        due: BTreeMap::new(),
        armed: BTreeMap::new(),
        writing: vec![false; cluster.slots.len()],
        random: Random(seed),
        bounds,
    };
    for slot in &mut cluster.slots {
        slot.slow = true;
    }
    agenda.note(cluster);
    while !done(cluster) {
        let Some((&(at, serial), _)) = agenda.due.first_key_value() else {
            return Course { time: agenda.now, silent: true };
        };
        if at > limit {
            agenda.now = limit;
            break;
        }
        let due = agenda.due.remove(&(at, serial)).expect("just seen");
        agenda.now = at;
        match due {
            Due::Message(Envelope { from, to, message, .. }) => cluster.receive(to, from, message),
            Due::Timer(node, timer) => {
                agenda.armed.remove(&(node, timer));
                cluster.fire(node, timer);
            }
            Due::Disk(node) => {
                agenda.writing[node.index()] = false;
                cluster.write_one(node);
            }
        }
        agenda.note(cluster);
    }
    let time = agenda.now;
    agenda.put_back(cluster);
    Course { time, silent: false }
}
