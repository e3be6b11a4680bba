//! A scenario out of a seed: first anything goes, then everything is healed and progress is owed.

use crate::protocol::{Habitat, Info, Needs, NodeId, NodeSet, SettingKind, SettingValue, Shape};
use crate::scenario::{
    Clients, Count, Disk, Model, Network, Pattern, Scenario, Scheduler, StateMachine, Step, Stop, Verb,
};
use crate::sim::Random;

const MS: u64 = 1000;
/// How long a recovery may take, if all goes well.
const RECOVERY_US: u64 = 500 * MS;

/// The scenario of `seed` for this protocol and variant.
pub fn generate(info: &'static Info, variant: &'static str, seed: u64) -> Scenario {
    let mut random = Random::stream(seed, 0x5377_6172_6d00);
    let nodes = nodes(info, &mut random);
    let network = network(info, &mut random);
    let faults = faults(info, nodes, &mut random);
    // One value is decided in moments: its storm is short and dense.
    let storm_ends = match info.shape {
        // Rounds follow from Δ, and there are few of them.
        _ if info.habitat == Habitat::Synchronous => random.within(4, 20) * network.delta_us / MS,
        Shape::OneValue => random.within(100, 1_500),
        _ => random.within(1_000, 6_000),
    } * MS;
    let mut storm = Storm {
        info,
        nodes,
        network,
        faults,
        random,
        down: NodeSet::default(),
        failed: Vec::new(),
        script: Vec::new(),
    };
    storm.requests(storm_ends);
    storm.faults(storm_ends);
    storm.heal(storm_ends);
    let Storm { mut script, mut random, .. } = storm;
    script.sort_by_key(|step| step.at_us);
    let clients = (info.shape != Shape::OneValue).then(|| clients(nodes, &mut random));
    let mut settings = settings(info, &mut random);
    if let Some(f @ 1..) = faults {
        settings.push(("f", SettingValue::Integer(f as u64)));
    }
    leases(info, &network, &script, &mut settings, &mut random);
    let disk = match random.below(3) {
        0 => Disk { min_us: 0, max_us: 0 },
        // Where safety rests on Δ, a step that took longer would be a fault of its own.
        _ if info.habitat == Habitat::Synchronous => Disk { min_us: 100, max_us: network.delta_us },
        1 => Disk::default(),
        _ => Disk { min_us: 100, max_us: 20_000 },
    };
    Scenario {
        title: format!("swarm {} seed {seed}", info.id),
        info,
        variant,
        nodes: nodes as u8,
        seed: random.word() >> 12,
        settings,
        network,
        disk,
        clients,
        script,
        stop: Stop {
            at_us: Some(storm_ends.max(network.gst_us) + 60_000 * MS),
            events: Some(150_000),
            quiescent: true,
        },
    }
}

fn nodes(info: &Info, random: &mut Random) -> usize {
    match (info.needs, random.below(10)) {
        (_, 0) => 1,
        (_, 1) => 2,
        (_, 2..=5) => 3,
        (_, 6 | 7) => 5,
        (Needs::Majority | Needs::RecoveredMajority | Needs::AllButF, 8) => 4,
        (_, 8) => 6,
        _ => 7,
    }
}

/// How many nodes may fail, for a protocol that is told: half of the time what it takes by itself.
fn faults(info: &Info, nodes: usize, random: &mut Random) -> Option<usize> {
    let usual = info.faults(nodes, &[])?;
    let most = if info.habitat == Habitat::Synchronous { nodes - 1 } else { usual };
    let drawn = random.below(2) == 0 && most > 0;
    Some(if drawn { random.within(1, most as u64) as usize } else { usual })
}

/// Any of the models; the synchronous one for protocols whose safety rests on it.
fn network(info: &Info, random: &mut Random) -> Network {
    let model = match random.below(5) {
        _ if info.habitat == Habitat::Synchronous => Model::Synchronous,
        0 => Model::Synchronous,
        1 => Model::Asynchronous,
        _ => Model::PartiallySynchronous,
    };
    let delta_us = [5, 20, 50][random.below(3) as usize] * MS;
    let lossy = model != Model::Synchronous && random.below(2) == 0;
    Network {
        model,
        min_us: if model == Model::Asynchronous { random.within(1, 10) * MS } else { random.within(1, 5) * MS },
        delta_us: if model == Model::Asynchronous { 0 } else { delta_us },
        gst_us: match model {
            Model::PartiallySynchronous => random.below(4) * random.below(1_000) * MS,
            _ => 0,
        },
        drift_ppm: if model == Model::PartiallySynchronous { random.below(500) as u32 } else { 0 },
        loss_ppm: if lossy { random.below(200_000) as u32 } else { 0 },
        duplication_ppm: if lossy { random.below(200_000) as u32 } else { 0 },
        scheduler: Scheduler::Random,
    }
}

fn clients(nodes: usize, random: &mut Random) -> Clients {
    Clients {
        count: random.within(1, nodes.min(4) as u64) as u16,
        operations: random.within(1, 12) as u32,
        state_machine: [StateMachine::Log, StateMachine::Register, StateMachine::Kv][random.below(3) as usize],
        think_us: random.within(1, 300) * MS,
        timeout_us: random.within(200, 1_500) * MS,
    }
}

/// Reads under a lease now and then, where no clock breaks what leases rest on.
fn leases(
    info: &Info,
    network: &Network,
    script: &[Step],
    given: &mut Vec<(&'static str, SettingValue)>,
    random: &mut Random,
) {
    let skewed = script.iter().any(|step| matches!(step.verb, Verb::Skew { .. }));
    let alone = given.iter().any(|(name, _)| *name == "check_quorum");
    let has = info.settings.iter().any(|setting| setting.name == LEASES);
    if has && !skewed && !alone && network.model != Model::Asynchronous && random.below(4) == 0 {
        given.push((LEASES, SettingValue::Flag(true)));
    }
}

/// The setting that lets a leader answer reads by itself.
const LEASES: &str = "lease_reads";

/// Flags and counts of replicated protocols are drawn. What progress rests on stays as it is: time-outs, and the
/// no-op without which a new leader of an idle cluster never learns what is committed (Raft §8).
fn settings(info: &Info, random: &mut Random) -> Vec<(&'static str, SettingValue)> {
    let mut given = Vec::new();
    for setting in info.settings {
        let drawn =
            random.below(4) == 0 && info.shape == Shape::Replicated && !matches!(setting.name, "no_op" | LEASES);
        match setting.kind {
            SettingKind::Flag { default } if drawn => given.push((setting.name, SettingValue::Flag(!default))),
            SettingKind::Integer { default: 0, max, .. } if drawn => {
                given.push((setting.name, SettingValue::Integer(random.within(3, 20).min(max))));
            }
            _ => {}
        }
    }
    given
}

struct Storm {
    info: &'static Info,
    nodes: usize,
    network: Network,
    faults: Option<usize>,
    random: Random,
    down: NodeSet,
    /// Where a node that restarts has to recover: until when each that crashed counts as failed, µs.
    failed: Vec<u64>,
    script: Vec<Step>,
}

impl Storm {
    fn node(&mut self) -> NodeId {
        NodeId(self.random.below(self.nodes as u64) as u8)
    }

    fn at(&mut self, at: u64, verb: Verb) {
        self.script.push(Step { at_us: Some(at / MS * MS), verb });
    }

    fn requests(&mut self, until: u64) {
        let few = if self.info.shape == Shape::OneValue { self.nodes as u64 + 1 } else { 6 };
        let until = self.rush(until);
        for i in 0..self.random.within(1, few) {
            let (node, at) = (self.node(), self.random.below(until));
            let value = match self.info.values {
                [] if self.random.below(4) == 0 => "same".to_owned(),
                [] => format!("v{i}"),
                values => values[self.random.below(values.len() as u64) as usize].to_owned(),
            };
            self.at(at, Verb::Propose { node, value });
        }
    }

    /// Until when requests come. Whoever hears of a value before it has one of its own has none to fight for: in every
    /// other storm nodes that join one another are asked nearly at once.
    fn rush(&mut self, until: u64) -> u64 {
        let short = match self.info.habitat {
            Habitat::Synchronous => 2 * self.network.delta_us,
            _ if !self.info.values.is_empty() => 5 * MS,
            _ => return until,
        };
        if self.random.below(2) == 0 { short } else { until }
    }

    fn faults(&mut self, until: u64) {
        if self.random.below(8) == 0 {
            return;
        }
        let mut times: Vec<u64> = (0..self.random.within(1, 16)).map(|_| self.random.below(until)).collect();
        times.sort_unstable();
        for at in times {
            let back = (at + self.random.within(1, until / MS / 3) * MS).min(until);
            self.fault(at, back);
        }
    }

    fn fault(&mut self, at: u64, back: u64) {
        let node = self.node();
        let other = NodeId(
            ((usize::from(node.0) + 1 + self.random.below(self.nodes.max(2) as u64 - 1) as usize) % self.nodes) as u8,
        );
        match self.random.below(10) {
            // Whatever else there is breaks the synchronous model.
            _ if self.info.habitat == Habitat::Synchronous => self.crash(node, at, back),
            0..=2 => self.crash(node, at, back),
            3 => {
                self.at(at, Verb::Pause { node });
                self.at(back, Verb::Resume { node });
            }
            4 | 5 => {
                let group: NodeSet = NodeId::all(self.nodes).filter(|_| self.random.below(2) == 0).collect();
                let groups = if group.is_empty() { vec![NodeSet::from_iter([node])] } else { vec![group] };
                self.at(at, Verb::Partition { groups });
                self.at(back, Verb::Heal);
            }
            6 if node != other => {
                self.at(at, Verb::Cut { from: node, to: other });
                self.at(back, Verb::Join { from: node, to: other });
            }
            7 => {
                let by_us = self.random.within(10, 400) * MS;
                self.at(at, Verb::Slow { node, by_us });
                self.at(back, Verb::Slow { node, by_us: 0 });
            }
            8 if self.network.model == Model::PartiallySynchronous => {
                let by_us = self.random.below(600_000) as i64 / 1000 * 1000 - 300_000;
                let ppm = self.random.below(1_000) as i32 - 500;
                self.at(at, Verb::Skew { node, by_us, ppm });
            }
            _ => {
                let pattern = Pattern { from: Some(node), to: None, kind: None, skip: 0 };
                let count = Count::Number(self.random.within(1, 10) as u32);
                let verb = match self.random.below(3) {
                    0 => Verb::Drop { pattern, count },
                    1 => Verb::Duplicate { pattern, count },
                    _ => Verb::Delay { pattern, count, by_us: self.random.within(50, 1_500) * MS },
                };
                self.at(at, verb);
            }
        }
    }

    /// A crash that the protocol must take: with a restart where it recovers, for good where it is crash-stop; never
    /// the one node without which it may stall.
    fn crash(&mut self, node: NodeId, at: u64, back: u64) {
        if self.info.needs == Needs::RecoveredMajority && !self.bearable(at, back) {
            self.at(at, Verb::Pause { node });
            self.at(back, Verb::Resume { node });
        } else if self.info.restarts {
            self.at(at, Verb::Crash { node });
            self.at(back, Verb::Restart { node, disk_lost: false });
        } else if self.info.needed_node(&[]) != Some(node) && self.down.len() < self.faults.unwrap_or(self.nodes - 1) {
            self.down.insert(node);
            self.at(at, Verb::Crash { node });
        }
    }

    /// Whether a crash leaves enough memories to recover from. Mostly it must: nothing is owed afterwards where it does
    /// not.
    fn bearable(&mut self, at: u64, back: u64) -> bool {
        self.failed.retain(|until| *until > at);
        let bearable = self.failed.len() < (self.nodes - 1) / 2 || self.random.below(8) == 0;
        if bearable {
            self.failed.push(back + RECOVERY_US);
        }
        bearable
    }

    fn heal(&mut self, at: u64) {
        self.at(at, Verb::Heal);
        for node in NodeId::all(self.nodes) {
            self.at(at, Verb::Resume { node });
            self.at(at, Verb::Slow { node, by_us: 0 });
            if self.info.restarts {
                self.at(at, Verb::Restart { node, disk_lost: false });
            }
        }
    }
}
