//! Zab's settings and its card.

use super::variant::{VARIANTS, Variant};
use crate::protocol::{Habitat, Info, Needs, Setting, SettingKind, Setup, Shape};

/// What one cluster runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub nodes: u8,
    /// The rule that is left out, if one is.
    pub variant: Variant,
    /// Between two votes of a LOOKING node, local microseconds.
    pub election: (u64, u64),
    /// How long a quorum of votes waits for a better one, local microseconds.
    pub finalize: u64,
    /// Between two PINGs, local microseconds.
    pub tick: u64,
    /// How long follower and leader do without one another, local microseconds.
    pub sync_timeout: (u64, u64),
    /// How long a leader may take to complete Discovery and Synchronization, local microseconds.
    pub init_timeout: u64,
    /// A follower that lacks more transactions gets the whole history.
    pub max_diff: u32,
}

/// The settings as a scenario names them.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "election_ms",
        kind: SettingKind::Range { default: (100, 200), min: 1, max: 60_000 },
        about: text!("A LOOKING node repeats its vote after a time drawn from this range."),
    },
    Setting {
        name: "finalize_ms",
        kind: SettingKind::Integer { default: 60, min: 0, max: 60_000 },
        about: text!(
            "When a quorum agrees on a leader, but not everybody has voted, the election waits so long for a \
                better vote."
        ),
    },
    Setting {
        name: "tick_ms",
        kind: SettingKind::Integer { default: 50, min: 1, max: 60_000 },
        about: text!(
            "A leader sends PING, and a follower that has no answer yet sends CEPOCH again, at this interval; \
                shorter than the shortest sync_timeout_ms."
        ),
    },
    Setting {
        name: "sync_timeout_ms",
        kind: SettingKind::Range { default: (250, 500), min: 1, max: 600_000 },
        about: text!(
            "A follower that hears nothing from its leader for a time drawn from this range, and a leader that \
                hears no quorum for the longest, go back to LOOKING."
        ),
    },
    Setting {
        name: "init_timeout_ms",
        kind: SettingKind::Integer { default: 1500, min: 1, max: 600_000 },
        about: text!("A leader that has not completed Discovery and Synchronization by then goes back to LOOKING."),
    },
    Setting {
        name: "max_diff",
        kind: SettingKind::Integer { default: 500, min: 1, max: 1_000_000 },
        about: text!(
            "A follower that lacks more transactions than this is sent the whole history instead of the difference."
        ),
    },
];

/// Zab's card.
pub const INFO: &Info = &Info {
    id: "zab",
    title: "Zab",
    about: text!(
        "A primary broadcasts state changes in the order in which it made them; whoever follows it first brings its \
            own history in line."
    ),
    shape: Shape::Replicated,
    habitat: Habitat::PartiallySynchronous,
    values: &[],
    needs: Needs::Majority,
    epoch_word: "epoch",
    position_word: "place",
    leader_word: "leader",
    fifo_channels: true,
    promises: &[
        "Validity",
        "Agreement",
        "No duplication",
        "No creation",
        "Total order",
        "State Machine Safety",
        "Linearizability",
        "Leadership",
        "Prefix consistency",
        "Local primary order",
        "Global primary order",
        "Primary integrity",
    ],
    variants: VARIANTS,
    settings: SETTINGS,
    restarts: true,
    // For the default time-outs, with Δ well below them: in 1,600 clusters of up to 25 nodes with Δ up to 50 ms a first
    // leader came within 0.32 s, and the next within 1.2 s of its crash. A synchronisation that fails takes the whole
    // init_timeout_ms, and clients' retries come on top.
    liveness_bound: (10_000, 40),
};

impl Config {
    /// Reads the settings.
    pub fn read(setup: &Setup<'_>) -> Result<Config, String> {
        Ok(Config {
            nodes: setup.nodes as u8,
            variant: Variant::named(setup.variant).ok_or("variant must be one of zab's")?,
            election: setup.range_us("election_ms"),
            finalize: setup.us("finalize_ms"),
            tick: setup.shorter_us("tick_ms", "sync_timeout_ms", "followers give up a leader that is well")?,
            sync_timeout: setup.range_us("sync_timeout_ms"),
            init_timeout: setup.us("init_timeout_ms"),
            max_diff: setup.integer("max_diff") as u32,
        })
    }

    /// Nodes that make a quorum: a majority.
    pub fn quorum(&self) -> usize {
        crate::protocol::majority(usize::from(self.nodes))
    }
}
