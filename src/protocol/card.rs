//! What the registry, the page and the properties know of a protocol without running it: its card.

use super::{MAX_NODES, NodeId};
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A setting of a protocol, as `headless list` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name in the scenario file.
    pub name: &'static str,
    /// Type, default and bounds.
    pub kind: SettingKind,
    /// One sentence.
    pub about: Text,
}

/// Type, default and bounds of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// `true` or `false`.
    Flag { default: bool },
    /// An integer within `min..=max`.
    Integer { default: u64, min: u64, max: u64 },
    /// `[low, high]` with `min ≤ low ≤ high ≤ max`; milliseconds.
    Range { default: (u64, u64), min: u64, max: u64 },
}

/// A setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingValue {
    /// A flag.
    Flag(bool),
    /// An integer.
    Integer(u64),
    /// A range.
    Range(u64, u64),
}

/// What a protocol is told when it is configured. Values are checked against [`Info::settings`] before.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    /// Nodes in the cluster, 1..=25.
    pub nodes: usize,
    /// The variant's id, one of [`Info::variants`] or `correct`.
    pub variant: &'a str,
    /// The values that were given; the rest have their defaults.
    pub given: &'a [(&'static str, SettingValue)],
    /// The declared settings.
    pub declared: &'static [Setting],
    /// Δ in microseconds: told in the synchronous model only.
    pub delta: Option<u64>,
}

impl Setup<'_> {
    fn value(&self, name: &str) -> SettingValue {
        if let Some((_, value)) = self.given.iter().find(|(n, _)| *n == name) {
            return *value;
        }
        let setting = self.declared.iter().find(|s| s.name == name).expect("a declared setting");
        match setting.kind {
            SettingKind::Flag { default } => SettingValue::Flag(default),
            SettingKind::Integer { default, .. } => SettingValue::Integer(default),
            SettingKind::Range { default: (low, high), .. } => SettingValue::Range(low, high),
        }
    }

    /// The declared flag `name`.
    pub fn flag(&self, name: &str) -> bool {
        match self.value(name) {
            SettingValue::Flag(flag) => flag,
            other => unreachable!("{name} is {other:?}"),
        }
    }

    /// The declared integer `name`.
    pub fn integer(&self, name: &str) -> u64 {
        match self.value(name) {
            SettingValue::Integer(integer) => integer,
            other => unreachable!("{name} is {other:?}"),
        }
    }

    /// The declared integer `name`, given in milliseconds, in microseconds.
    pub fn us(&self, name: &str) -> u64 {
        self.integer(name) * 1000
    }

    /// The declared range `name`, given in milliseconds, in microseconds.
    pub fn range_us(&self, name: &str) -> (u64, u64) {
        match self.value(name) {
            SettingValue::Range(low, high) => (low * 1000, high * 1000),
            other => unreachable!("{name} is {other:?}"),
        }
    }

    /// The declared `interval`, in microseconds, when it is shorter than the declared range `than` ever is; `or` says
    /// what would happen else.
    pub fn shorter_us(&self, interval: &str, than: &str, or: &str) -> Result<u64, String> {
        let us = self.us(interval);
        if us < self.range_us(than).0 {
            return Ok(us);
        }
        Err(format!("{interval} must be less than the low end of {than}, or {or}"))
    }

    /// The rule that the variant leaves out, of those in `table`; the correct variant leaves out none.
    pub fn left_out<B: Copy>(&self, protocol: &str, table: &[(B, Variant)]) -> Result<Option<B>, String> {
        let wanted = self.variant;
        if wanted == "correct" {
            return Ok(None);
        }
        match table.iter().find(|(_, card)| card.id == wanted) {
            Some((rule, _)) => Ok(Some(*rule)),
            None => Err(format!("variant must be one of {protocol}'s, not {wanted:?}")),
        }
    }
}

/// What a protocol promises to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One value is decided.
    OneValue,
    /// Every node broadcasts, every node delivers.
    Broadcast,
    /// One log, a state machine on each node, clients that retry.
    Replicated,
}

/// Who must be up and connected for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// A majority of the nodes.
    Majority,
    /// All nodes but f, which the setting `f` gives.
    AllButF,
    /// A majority of the nodes, not counting those that restarted and are recovering: a restart alone brings no node
    /// back.
    RecoveredMajority,
    /// Nobody but sender and receiver.
    Each,
    /// The node that this integer setting names, and the sender: a fixed sequencer.
    Setting(&'static str),
}

impl Needs {
    /// Whether it is a majority that must be up.
    pub fn majority(self) -> bool {
        matches!(self, Needs::Majority | Needs::RecoveredMajority)
    }
}

/// The network model that a protocol is made for (model.md §3). Outside of it the promises are the same, so that a
/// run shows which of them break; the assumption ledger says what was taken for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habitat {
    /// Δ is told and clocks are perfect: safety itself rests on them.
    Synchronous,
    /// Safe in every model, live after GST.
    PartiallySynchronous,
    /// Safe in every model, live without any bound on delays.
    Asynchronous,
}

/// A broken variant: a rule left out, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// As in a scenario's `variant`: lower case with dashes.
    pub id: &'static str,
    /// The name in `docs/bugs.md`: R1, P3, …
    pub code: &'static str,
    /// A title for people.
    pub title: Text,
    /// The rule that it breaks, in one sentence.
    pub rule: Text,
    /// Where the rule is written.
    pub source: Text,
    /// The property that fails.
    pub breaks: &'static str,
}

/// The cards alone of a table of rules with their cards, for [`Info::variants`].
pub const fn cards<B: Copy, const N: usize>(table: &[(B, Variant)]) -> [Variant; N] {
    let mut cards = [table[0].1; N];
    let mut i = 0;
    while i < N {
        cards[i] = table[i].1;
        i += 1;
    }
    cards
}

/// The card of a protocol in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// As in a scenario's `protocol`.
    pub id: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// One sentence: what it solves.
    pub about: Text,
    /// What it brings about.
    pub shape: Shape,
    /// The network model that it is made for.
    pub habitat: Habitat,
    /// The values that may be proposed; empty: any.
    pub values: &'static [&'static str],
    /// Who must be up.
    pub needs: Needs,
    /// The paper's word for epoch ("term"), or "" where there is none.
    pub epoch_word: &'static str,
    /// The paper's word for a position ("index").
    pub position_word: &'static str,
    /// The paper's word for the node that leads, or "" where none does.
    pub leader_word: &'static str,
    /// Whether links must keep the order in which messages were sent.
    pub fifo_channels: bool,
    /// The names of the properties that it promises.
    pub promises: &'static [&'static str],
    /// Broken variants.
    pub variants: &'static [Variant],
    /// Settings.
    pub settings: &'static [Setting],
    /// What crashes it takes: "crash-stop" protocols lose what they promised when a node restarts.
    pub restarts: bool,
    /// After GST, with what it needs up and connected, something pending is delivered within this many
    /// milliseconds plus this many times Δ (base, factor). The bound that liveness is judged by.
    pub liveness_bound: (u64, u64),
}

impl Info {
    /// The node without which nothing moves, if there is one: the default of the setting that [`Needs::Setting`]
    /// names, or its value among `given`.
    pub fn needed_node(&self, given: &[(&'static str, SettingValue)]) -> Option<NodeId> {
        let Needs::Setting(name) = self.needs else { return None };
        let setup = Setup { nodes: MAX_NODES, variant: "correct", given, declared: self.settings, delta: None };
        u8::try_from(setup.integer(name)).ok().map(NodeId)
    }

    /// Whether `value` may be proposed.
    pub fn takes(&self, value: &str) -> bool {
        self.values.is_empty() || self.values.contains(&value)
    }

    /// How many of `nodes` nodes may fail, for a protocol with the setting `f`: what it was given among `given`, or as
    /// many as are fewer than half.
    pub fn faults(&self, nodes: usize, given: &[(&'static str, SettingValue)]) -> Option<usize> {
        self.settings.iter().find(|setting| setting.name == "f")?;
        match given.iter().find(|(name, _)| *name == "f") {
            Some((_, SettingValue::Integer(f @ 1..))) => Some(*f as usize),
            _ => Some(nodes.saturating_sub(1) / 2),
        }
    }
}
