//! Settings, and the card that tells them.

use super::variant::{self, Broken};
use crate::protocol::{Habitat, Info, MAX_NODES, Needs, Setting, SettingKind, Setup, Shape};

/// Cluster size, rounds, and which rule is left out.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub n: u8,
    /// After so many rounds a node decides.
    pub rounds: u32,
    /// How long a round lasts, in microseconds.
    pub round_us: u64,
    /// The rule that is left out.
    pub broken: Option<Broken>,
}

impl Config {
    /// Reads the settings.
    pub fn new(setup: &Setup<'_>) -> Result<Config, String> {
        let broken = setup.left_out("floodset", variant::ALL)?;
        let f = INFO.faults(setup.nodes, setup.given).unwrap_or(0);
        if f >= setup.nodes {
            return Err(format!("f must be below the number of nodes, which is {}", setup.nodes));
        }
        let rounds = match broken {
            Some(Broken::OneRoundLess) => f.max(1),
            _ => f + 1,
        };
        let given = setup.given.iter().any(|(name, _)| *name == "round_ms");
        let round_us = match setup.delta {
            // A step takes at most Δ, a message at most Δ, and the last one comes before the end.
            Some(delta) if !given => 2 * delta + 1,
            _ => setup.us("round_ms"),
        };
        Ok(Config { n: setup.nodes as u8, rounds: rounds as u32, round_us, broken })
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
        kind: SettingKind::Integer { default: 0, min: 0, max: MAX_NODES as u64 - 1 },
        about: text!("How many nodes may crash: a decision takes f + 1 rounds. 0: as many as are fewer than half."),
    },
    Setting {
        name: "round_ms",
        kind: SettingKind::Integer { default: 100, min: 1, max: 60_000 },
        about: text!(
            "How long a round lasts where the model does not tell Δ; in the synchronous model 2Δ unless given."
        ),
    },
];

/// The card.
pub const INFO: Info = Info {
    id: "floodset",
    title: "FloodSet",
    about: text!("Synchronous consensus: all tell all that they know for f + 1 rounds, then take the least value."),
    shape: Shape::OneValue,
    habitat: Habitat::Synchronous,
    values: &[],
    needs: Needs::Each,
    epoch_word: "round",
    position_word: "decision",
    leader_word: "",
    fifo_channels: false,
    promises: &["Validity", "Integrity", "Agreement", "Termination"],
    variants: variant::CARDS,
    settings: SETTINGS,
    restarts: false,
    liveness_bound: (1000, 120),
};
