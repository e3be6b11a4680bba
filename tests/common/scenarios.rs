//! Random scenarios and recordings, all of them valid, over everything that the formats can say.

use consensus_playground::protocol::{Info, NodeId, NodeSet, SettingKind, SettingValue};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{
    Action, Clients, Count, Disk, Intervention, Model, Names, Network, Pattern, Recording, Scenario, Scheduler,
    StateMachine, Step, Stop, Verb, bounds,
};

/// SplitMix64 (Steele, Lea and Flood, 2014): one seed, one sequence.
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number within `low..=high`, the ends more often than the rest.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        match self.bits() % 8 {
            0 => low,
            1 => high,
            _ => low + ((u128::from(self.bits()) * (u128::from(high - low) + 1)) >> 64) as u64,
        }
    }

    /// A place in a list of `len`.
    pub fn place(&mut self, len: usize) -> usize {
        (self.bits() % len as u64) as usize
    }

    /// One of the items.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.place(items.len())]
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.bits().is_multiple_of(n)
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.once_in(2) { Some(make(self)) } else { None }
    }

    fn ms(&mut self, low: u64, high: u64) -> u64 {
        self.within(low, high) * 1000
    }

    fn text(&mut self, max: u64) -> String {
        const LETTERS: &[char] = &['x', 'y', '0', ' ', '"', '\\', '\n', '\u{0}', 'é', '\u{2028}', '🗳'];
        let mut text = String::new();
        for _ in 0..self.within(0, max) {
            let letter = self.pick(LETTERS);
            if text.len() + letter.len_utf8() <= max as usize {
                text.push(letter);
            }
        }
        text
    }

    /// A scenario of any protocol.
    pub fn scenario(&mut self) -> Scenario {
        let info = self.pick(registry::ALL);
        let mut variants = vec!["correct"];
        variants.extend(info.variants.iter().map(|variant| variant.id));
        let nodes = self.within(1, 25) as u8;
        let network = self.network();
        let names = Names::of(info);
        let mut at_us = 0;
        let mut script = Vec::new();
        for _ in 0..self.within(0, 12) {
            let given = self.maybe(|random| random.ms(at_us / 1000, bounds::AT_MS));
            at_us = given.unwrap_or(at_us);
            let verb = self.verb(info, nodes, &names, network.scheduler == Scheduler::Manual);
            script.push(Step { at_us: given, verb });
        }
        let min_us = self.within(0, bounds::DISK_US);
        Scenario {
            title: self.text(bounds::TITLE_CHARS as u64),
            info,
            variant: self.pick(&variants),
            nodes,
            seed: self.within(0, u64::MAX),
            settings: self.settings(info),
            network,
            disk: self
                .maybe(|random| Disk { min_us, max_us: random.within(min_us, bounds::DISK_US) })
                .unwrap_or_default(),
            clients: self.maybe(Random::clients),
            script,
            stop: self.stop(),
        }
    }

    fn settings(&mut self, info: &'static Info) -> Vec<(&'static str, SettingValue)> {
        let mut settings = Vec::new();
        for setting in info.settings {
            if self.once_in(2) {
                let value = match setting.kind {
                    SettingKind::Flag { .. } => SettingValue::Flag(self.once_in(2)),
                    SettingKind::Integer { min, max, .. } => SettingValue::Integer(self.within(min, max)),
                    SettingKind::Range { min, max, .. } => {
                        let low = self.within(min, max);
                        SettingValue::Range(low, self.within(low, max))
                    }
                };
                settings.push((setting.name, value));
            }
        }
        settings
    }

    fn network(&mut self) -> Network {
        let model = self.pick(&[Model::Synchronous, Model::PartiallySynchronous, Model::Asynchronous]);
        let partially = model == Model::PartiallySynchronous;
        let delta_us = if model == Model::Asynchronous { 0 } else { self.ms(1, bounds::DELAY_MS) };
        let most = if model == Model::Asynchronous { bounds::DELAY_MS } else { delta_us / 1000 };
        let mut ppm = |used: bool, max: u32| if used { self.within(0, max.into()) as u32 } else { 0 };
        let drift_ppm = ppm(partially, bounds::DRIFT_PPM);
        let loss_ppm = ppm(model != Model::Synchronous, bounds::MILLION);
        let duplication_ppm = ppm(model != Model::Synchronous, bounds::MILLION);
        let manual = model != Model::Synchronous && self.once_in(2);
        Network {
            model,
            min_us: self.ms(0, most),
            delta_us,
            gst_us: if partially { self.ms(0, bounds::AT_MS) } else { 0 },
            drift_ppm,
            loss_ppm,
            duplication_ppm,
            scheduler: if manual { Scheduler::Manual } else { Scheduler::Random },
        }
    }

    fn clients(&mut self) -> Clients {
        Clients {
            count: self.within(1, bounds::CLIENTS.into()) as u16,
            operations: self.within(1, bounds::OPERATIONS.into()) as u32,
            state_machine: self.pick(&[StateMachine::Log, StateMachine::Register, StateMachine::Kv]),
            think_us: self.ms(0, bounds::CLIENT_MS),
            timeout_us: self.ms(1, bounds::CLIENT_MS),
        }
    }

    fn stop(&mut self) -> Stop {
        let at_us = self.maybe(|random| random.ms(1, bounds::AT_MS));
        let events = self.maybe(|random| random.within(1, bounds::EVENTS));
        let quiescent = self.once_in(2) || (at_us.is_none() && events.is_none());
        Stop { at_us, events, quiescent }
    }

    fn node(&mut self, nodes: u8) -> NodeId {
        NodeId(self.within(0, u64::from(nodes) - 1) as u8)
    }

    fn pattern(&mut self, nodes: u8, names: &Names) -> Pattern {
        Pattern {
            from: self.maybe(|random| random.node(nodes)),
            to: self.maybe(|random| random.node(nodes)),
            kind: self.maybe(|random| random.place(names.kinds.len()) as u8),
            skip: self.maybe(|random| random.within(1, bounds::COUNT.into()) as u32).unwrap_or(0),
        }
    }

    fn count(&mut self) -> Count {
        if self.once_in(3) { Count::All } else { Count::Number(self.within(1, bounds::COUNT.into()) as u32) }
    }

    fn groups(&mut self, nodes: u8) -> Vec<NodeSet> {
        let mut groups = vec![NodeSet::default(); self.within(1, 4) as usize];
        let count = groups.len();
        for node in NodeId::all(nodes.into()) {
            // One place more than there are groups: some nodes are not named.
            if let Some(group) = groups.get_mut(self.place(count + 1)) {
                group.insert(node);
            }
        }
        groups.retain(|group| !group.is_empty());
        if groups.is_empty() {
            groups.push(NodeSet::from_iter([NodeId(0)]));
        }
        groups
    }

    fn verb(&mut self, info: &Info, nodes: u8, names: &Names, manual: bool) -> Verb {
        let node = self.node(nodes);
        let by_us = self.ms(1, bounds::DELAY_MS);
        let to = NodeId((node.0 + 1) % nodes);
        match self.bits() % if manual { 17 } else { 14 } {
            0 => {
                let value = match info.values {
                    [] => self.text(bounds::VALUE_BYTES as u64),
                    values => self.pick(values).to_owned(),
                };
                Verb::Propose { node, value }
            }
            1 => Verb::Crash { node },
            2 => Verb::Restart { node, disk_lost: self.once_in(2) },
            3 => Verb::Pause { node },
            4 => Verb::Resume { node },
            5 => Verb::Partition { groups: self.groups(nodes) },
            6 if nodes > 1 => Verb::Cut { from: node, to },
            7 if nodes > 1 => Verb::Join { from: node, to },
            8 => Verb::Drop { pattern: self.pattern(nodes, names), count: self.count() },
            9 => Verb::Duplicate { pattern: self.pattern(nodes, names), count: self.count() },
            10 => Verb::Delay { pattern: self.pattern(nodes, names), count: self.count(), by_us },
            11 => Verb::Slow { node, by_us: self.ms(0, bounds::DELAY_MS) },
            12 => {
                let sign = if self.once_in(2) { -1 } else { 1 };
                let ppm = self.within(0, bounds::DRIFT_PPM.into()) as i32;
                Verb::Skew { node, by_us: sign * self.ms(0, bounds::AT_MS) as i64, ppm: -(sign as i32) * ppm }
            }
            14 => Verb::Deliver { pattern: self.pattern(nodes, names), count: self.count() },
            15 if !names.timers.is_empty() => Verb::Fire { node, timer: self.place(names.timers.len()) as u8 },
            16 => Verb::Settle,
            _ => Verb::Heal,
        }
    }

    /// A recording of any scenario.
    pub fn recording(&mut self) -> Recording {
        let scenario = self.scenario();
        let names = Names::of(scenario.info);
        let manual = scenario.network.scheduler == Scheduler::Manual;
        let mut event = 0;
        let mut interventions = Vec::new();
        for _ in 0..self.within(0, 8) {
            event = self.within(event, bounds::EVENTS);
            let id = self.bits() as u32;
            let action = match self.bits() % 10 {
                0 => Action::DeliverMessage { id },
                1 => Action::HoldMessage { id },
                2 => Action::ReleaseMessage { id },
                3 => Action::DelayMessage { id, by_us: self.ms(1, bounds::DELAY_MS) },
                4 => Action::DuplicateMessage { id },
                5 => Action::DropMessage { id },
                6 => Action::TakeOver { seed: id },
                _ => Action::Step(self.verb(scenario.info, scenario.nodes, &names, manual)),
            };
            interventions.push(Intervention { event, action });
        }
        let cursor = self.maybe(|random| random.within(0, bounds::EVENTS));
        Recording { interventions, cursor, ..Recording::new(scenario) }
    }
}
