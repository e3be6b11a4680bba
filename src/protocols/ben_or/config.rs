//! Settings, and the card that tells them.

use super::variant::{self, Broken};
use crate::protocol::{Habitat, Info, MAX_NODES, Needs, Setting, SettingKind, Setup, Shape};

/// Cluster size, thresholds, and which rule is left out.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub n: u8,
    /// How many of them may be down.
    pub f: usize,
    /// How many are waited for: n − f.
    pub need: usize,
    /// The wait before something is said again, in microseconds.
    pub retry: (u64, u64),
    /// One coin for all.
    pub global_coin: bool,
    /// The rule that is left out.
    pub broken: Option<Broken>,
}

impl Config {
    /// Reads the settings.
    pub fn new(setup: &Setup<'_>) -> Result<Config, String> {
        let broken = setup.left_out("ben-or", variant::ALL)?;
        let mut f = INFO.faults(setup.nodes, setup.given).unwrap_or(0);
        if 2 * f >= setup.nodes {
            return Err(format!("f must be below half the number of nodes, which is {}", setup.nodes));
        }
        if broken == Some(Broken::HalfMayFail) {
            f = setup.nodes.div_ceil(2).min(setup.nodes - 1);
        }
        Ok(Config {
            n: setup.nodes as u8,
            f,
            need: setup.nodes - f,
            retry: setup.range_us("retry_ms"),
            global_coin: setup.flag("global_coin") || broken == Some(Broken::GlobalCoin),
            broken,
        })
    }

    /// Whether this rule is left out.
    pub fn breaks(&self, rule: Broken) -> bool {
        self.broken == Some(rule)
    }
}

/// The settings.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "f",
        kind: SettingKind::Integer { default: 0, min: 0, max: (MAX_NODES as u64 - 1) / 2 },
        about: text!(
            "How many nodes may be down, fewer than half: the others are waited for. 0: as many as there may be."
        ),
    },
    Setting {
        name: "retry_ms",
        kind: SettingKind::Range { default: (200, 400), min: 1, max: 60_000 },
        about: text!(
            "How long a node waits before it says again what it said in its round; four times as long once it has \
                decided."
        ),
    },
    Setting {
        name: "global_coin",
        kind: SettingKind::Flag { default: false },
        about: text!(
            "All nodes see the same coin, a list of bits dealt out beforehand: faster as a rule, and where a \
                scheduler knows the coin it may never end."
        ),
    },
];

/// The card.
pub const INFO: Info = Info {
    id: "ben-or",
    title: "Ben-Or",
    about: text!("Decides between 0 and 1 without any clock: where the votes are split, each node tosses a coin."),
    shape: Shape::OneValue,
    habitat: Habitat::Asynchronous,
    values: &["0", "1"],
    needs: Needs::AllButF,
    epoch_word: "round",
    position_word: "decision",
    leader_word: "",
    fifo_channels: false,
    promises: &["Validity", "Integrity", "Agreement", "Termination", "At most one proposed value per round"],
    variants: variant::CARDS,
    settings: SETTINGS,
    restarts: true,
    liveness_bound: (30_000, 40),
};
