//! A recording spelled out: names in place of cards and indices, whole milliseconds, nothing that depends on the
//! order of the registry. It is what a link holds ([`super::layout`]) and what a file is written from.
//!
//! Nothing here is checked: what comes from a link is turned into JSON and read by the same rules as a file.
//!
//! The layout is that of links `#v1.`: fields and variants may not change, links would be misread. A new verb is
//! added at the end. In tests it is written by postcard too, which must give the same bytes.

use super::format::{Count, Pattern, Scenario, Step, Stop, Verb};
use super::names::Names;
use super::parse::{MODELS, SCHEDULERS, STATE_MACHINES, word};
use super::recording::{Action, Intervention, Recording};
use crate::protocol::{NodeId, SettingValue};

/// A recording.
#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Plain {
    pub scenario: PlainScenario,
    pub interventions: Vec<(u64, PlainAction)>,
    pub cursor: Option<u64>,
    /// Kinds of messages and timers that the steps name by their place here.
    pub words: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct PlainScenario {
    pub title: String,
    pub protocol: String,
    pub variant: String,
    pub nodes: u8,
    pub seed: u64,
    pub settings: Vec<(String, PlainSetting)>,
    pub network: PlainNetwork,
    pub disk_us: (u64, u64),
    pub clients: Option<PlainClients>,
    pub script: Vec<(Option<u64>, PlainVerb)>,
    pub stop: PlainStop,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum PlainSetting {
    Flag(bool),
    Integer(u64),
    Range(u64, u64),
}

#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct PlainNetwork {
    pub model: String,
    pub min_ms: u64,
    pub delta_ms: u64,
    pub gst_ms: u64,
    pub drift_ppm: u32,
    pub loss_ppm: u32,
    pub duplication_ppm: u32,
    pub scheduler: String,
}

#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct PlainClients {
    pub count: u16,
    pub operations: u32,
    pub state_machine: String,
    pub think_ms: u64,
    pub timeout_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct PlainStop {
    pub at_ms: Option<u64>,
    pub events: Option<u64>,
    pub quiescent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct PlainPattern {
    pub from: Option<u8>,
    pub to: Option<u8>,
    pub kind: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum PlainCount {
    Number(u32),
    All,
    /// So many, 0 for all, after the oldest so many that fit. It came later: links from before have no such thing.
    After {
        skip: u32,
        number: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum PlainVerb {
    Propose {
        node: u8,
        value: String,
    },
    Crash {
        node: u8,
    },
    Restart {
        node: u8,
        disk_lost: bool,
    },
    Pause {
        node: u8,
    },
    Resume {
        node: u8,
    },
    Partition {
        groups: Vec<u32>,
    },
    #[default]
    Heal,
    Cut {
        from: u8,
        to: u8,
    },
    Join {
        from: u8,
        to: u8,
    },
    Drop {
        pattern: PlainPattern,
        count: PlainCount,
    },
    Duplicate {
        pattern: PlainPattern,
        count: PlainCount,
    },
    Delay {
        pattern: PlainPattern,
        count: PlainCount,
        by_ms: u64,
    },
    Slow {
        node: u8,
        by_ms: u64,
    },
    Skew {
        node: u8,
        by_ms: i64,
        ppm: i32,
    },
    Deliver {
        pattern: PlainPattern,
        count: PlainCount,
    },
    Fire {
        node: u8,
        timer: u16,
    },
    Settle,
    SlowLink {
        from: u8,
        to: u8,
        by_ms: u64,
    },
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum PlainAction {
    Step(PlainVerb),
    DeliverMessage { id: u32 },
    HoldMessage { id: u32 },
    ReleaseMessage { id: u32 },
    DelayMessage { id: u32, by_ms: u64 },
    DuplicateMessage { id: u32 },
    DropMessage { id: u32 },
    TakeOver { seed: u32 },
}

impl Default for PlainSetting {
    fn default() -> Self {
        PlainSetting::Flag(false)
    }
}

impl Default for PlainAction {
    fn default() -> Self {
        PlainAction::Step(PlainVerb::default())
    }
}

impl Plain {
    /// The recording spelled out. What is finer than a millisecond is lost.
    pub fn of(recording: &Recording) -> Plain {
        Plain::spell(&recording.scenario, &recording.interventions, recording.cursor)
    }

    /// The scenario spelled out, without interventions.
    pub fn of_scenario(scenario: &Scenario) -> Plain {
        Plain::spell(scenario, &[], None)
    }

    fn spell(scenario: &Scenario, interventions: &[Intervention], cursor: Option<u64>) -> Plain {
        let mut words = Words { names: Names::of(scenario.info), words: Vec::new() };
        let script = scenario.script.iter().map(|step| words.step(step)).collect();
        let interventions = interventions.iter().map(|one| (one.event, words.action(&one.action))).collect();
        let network = &scenario.network;
        let Stop { at_us, events, quiescent } = scenario.stop;
        Plain {
            scenario: PlainScenario {
                title: scenario.title.clone(),
                protocol: scenario.info.id.to_string(),
                variant: scenario.variant.to_string(),
                nodes: scenario.nodes,
                seed: scenario.seed,
                settings: scenario.settings.iter().map(|(name, value)| (name.to_string(), setting(*value))).collect(),
                network: PlainNetwork {
                    model: word(MODELS, network.model).to_string(),
                    min_ms: network.min_us / 1000,
                    delta_ms: network.delta_us / 1000,
                    gst_ms: network.gst_us / 1000,
                    drift_ppm: network.drift_ppm,
                    loss_ppm: network.loss_ppm,
                    duplication_ppm: network.duplication_ppm,
                    scheduler: word(SCHEDULERS, network.scheduler).to_string(),
                },
                disk_us: (scenario.disk.min_us, scenario.disk.max_us),
                clients: scenario.clients.map(|clients| PlainClients {
                    count: clients.count,
                    operations: clients.operations,
                    state_machine: word(STATE_MACHINES, clients.state_machine).to_string(),
                    think_ms: clients.think_us / 1000,
                    timeout_ms: clients.timeout_us / 1000,
                }),
                script,
                stop: PlainStop { at_ms: at_us.map(|us| us / 1000), events, quiescent },
            },
            interventions,
            cursor,
            words: words.words.into_iter().map(str::to_string).collect(),
        }
    }
}

fn setting(value: SettingValue) -> PlainSetting {
    match value {
        SettingValue::Flag(flag) => PlainSetting::Flag(flag),
        SettingValue::Integer(integer) => PlainSetting::Integer(integer),
        SettingValue::Range(low, high) => PlainSetting::Range(low, high),
    }
}

/// Spells verbs out and collects the words that they need.
struct Words {
    names: Names,
    words: Vec<&'static str>,
}

impl Words {
    fn word(&mut self, word: &'static str) -> u16 {
        let place = self.words.iter().position(|w| *w == word).unwrap_or_else(|| {
            self.words.push(word);
            self.words.len() - 1
        });
        // A protocol has at most 256 kinds and 8 timers.
        place as u16
    }

    fn pattern(&mut self, pattern: &Pattern) -> PlainPattern {
        let node = |node: Option<NodeId>| node.map(|node| node.0);
        let name = |kind: u8| self.names.kinds.get(usize::from(kind)).copied().unwrap_or("");
        let kind = pattern.kind.map(name);
        PlainPattern { from: node(pattern.from), to: node(pattern.to), kind: kind.map(|kind| self.word(kind)) }
    }

    fn step(&mut self, step: &Step) -> (Option<u64>, PlainVerb) {
        (step.at_us.map(|us| us / 1000), self.verb(&step.verb))
    }

    fn verb(&mut self, verb: &Verb) -> PlainVerb {
        match verb {
            Verb::Propose { node, value } => PlainVerb::Propose { node: node.0, value: value.clone() },
            Verb::Crash { node } => PlainVerb::Crash { node: node.0 },
            Verb::Restart { node, disk_lost } => PlainVerb::Restart { node: node.0, disk_lost: *disk_lost },
            Verb::Pause { node } => PlainVerb::Pause { node: node.0 },
            Verb::Resume { node } => PlainVerb::Resume { node: node.0 },
            Verb::Partition { groups } => PlainVerb::Partition { groups: groups.iter().map(|group| group.0).collect() },
            Verb::Heal => PlainVerb::Heal,
            Verb::Cut { from, to } => PlainVerb::Cut { from: from.0, to: to.0 },
            Verb::Join { from, to } => PlainVerb::Join { from: from.0, to: to.0 },
            Verb::Drop { pattern, count: n } => {
                PlainVerb::Drop { pattern: self.pattern(pattern), count: count(pattern, *n) }
            }
            Verb::Duplicate { pattern, count: n } => {
                PlainVerb::Duplicate { pattern: self.pattern(pattern), count: count(pattern, *n) }
            }
            Verb::Delay { pattern, count: n, by_us } => {
                PlainVerb::Delay { pattern: self.pattern(pattern), count: count(pattern, *n), by_ms: by_us / 1000 }
            }
            Verb::Slow { node, by_us } => PlainVerb::Slow { node: node.0, by_ms: by_us / 1000 },
            Verb::SlowLink { from, to, by_us } => PlainVerb::SlowLink { from: from.0, to: to.0, by_ms: by_us / 1000 },
            Verb::Skew { node, by_us, ppm } => PlainVerb::Skew { node: node.0, by_ms: by_us / 1000, ppm: *ppm },
            Verb::Deliver { pattern, count: n } => {
                PlainVerb::Deliver { pattern: self.pattern(pattern), count: count(pattern, *n) }
            }
            Verb::Fire { node, timer } => {
                let name = self.names.timers.get(usize::from(*timer)).copied().unwrap_or("");
                PlainVerb::Fire { node: node.0, timer: self.word(name) }
            }
            Verb::Settle => PlainVerb::Settle,
        }
    }

    fn action(&mut self, action: &Action) -> PlainAction {
        match action {
            Action::Step(verb) => PlainAction::Step(self.verb(verb)),
            Action::DeliverMessage { id } => PlainAction::DeliverMessage { id: *id },
            Action::HoldMessage { id } => PlainAction::HoldMessage { id: *id },
            Action::ReleaseMessage { id } => PlainAction::ReleaseMessage { id: *id },
            Action::DelayMessage { id, by_us } => PlainAction::DelayMessage { id: *id, by_ms: by_us / 1000 },
            Action::DuplicateMessage { id } => PlainAction::DuplicateMessage { id: *id },
            Action::DropMessage { id } => PlainAction::DropMessage { id: *id },
            Action::TakeOver { seed } => PlainAction::TakeOver { seed: *seed },
        }
    }
}

fn count(pattern: &Pattern, count: Count) -> PlainCount {
    match (pattern.skip, count) {
        (0, Count::Number(number)) => PlainCount::Number(number),
        (0, Count::All) => PlainCount::All,
        (skip, Count::Number(number)) => PlainCount::After { skip, number },
        (skip, Count::All) => PlainCount::After { skip, number: 0 },
    }
}
