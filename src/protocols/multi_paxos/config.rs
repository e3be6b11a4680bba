//! Settings, and the card that tells them.

use super::variant::{self, Broken};
use crate::protocol::{Habitat, Info, Needs, Setting, SettingKind, Setup, Shape, majority};
use crate::protocols::backoff::Backoff;

/// Cluster size, time-outs, bounds, and which rule is left out.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub n: u8,
    /// How many make a majority.
    pub quorum: usize,
    /// How long a node waits for a leader, the longer the oftener it was preempted since it heard one.
    pub election: Backoff,
    /// Between two heartbeats, in microseconds.
    pub heartbeat: u64,
    /// α of §3, WINDOW of PMMC: how many slots a leader proposes in ahead of the first that is not chosen.
    pub window: usize,
    /// Slots in one Decision.
    pub max_batch: u64,
    /// A snapshot after so many slots, 0 for never.
    pub snapshot_every: u64,
    /// The rule that is left out.
    pub broken: Option<Broken>,
}

impl Config {
    /// Reads the settings.
    pub fn read(setup: &Setup<'_>) -> Result<Config, String> {
        let broken = setup.left_out("multi-paxos", variant::ALL)?;
        let harm = "nodes try to lead under a leader that is well";
        let heartbeat = setup.shorter_us("heartbeat_ms", "election_timeout_ms", harm)?;
        Ok(Config {
            n: setup.nodes as u8,
            quorum: majority(setup.nodes),
            election: Backoff::read(setup, "election_timeout_ms")?,
            heartbeat,
            window: setup.integer("window") as usize,
            max_batch: setup.integer("max_batch"),
            snapshot_every: setup.integer("snapshot_every"),
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
        name: "election_timeout_ms",
        kind: SettingKind::Range { default: (150, 300), min: 1, max: 600_000 },
        about: text!(
            "A node that hears no leader for a time drawn from this range begins a ballot; doubled each time another \
                one preempts it."
        ),
    },
    Setting {
        name: "backoff_max_ms",
        kind: SettingKind::Integer { default: 2000, min: 1, max: 600_000 },
        about: text!("The longest wait that the doubling leads to."),
    },
    Setting {
        name: "heartbeat_ms",
        kind: SettingKind::Integer { default: 50, min: 1, max: 60_000 },
        about: text!(
            "A leader says what is chosen, and sends again what was not answered, at this interval; shorter than the \
                shortest election timeout."
        ),
    },
    Setting {
        name: "window",
        kind: SettingKind::Integer { default: 64, min: 1, max: 1024 },
        about: text!(
            "A leader proposes in at most so many slots from the first that is not chosen; what clients ask for \
                beyond waits."
        ),
    },
    Setting {
        name: "max_batch",
        kind: SettingKind::Integer { default: 256, min: 1, max: 4096 },
        about: text!("A node that lacks what is chosen is told so many slots at a time."),
    },
    Setting {
        name: "snapshot_every",
        kind: SettingKind::Integer { default: 0, min: 0, max: 1_000_000 },
        about: text!(
            "A node replaces its log by a snapshot whenever so many executed slots have gathered; 0 for never."
        ),
    },
];

/// The card.
pub const INFO: Info = Info {
    id: "multi-paxos",
    title: "Multi-Paxos",
    about: text!(
        "An instance of Paxos for every slot of one log; a leader's first phase is done once for all of them."
    ),
    shape: Shape::Replicated,
    habitat: Habitat::PartiallySynchronous,
    values: &[],
    needs: Needs::Majority,
    epoch_word: "ballot",
    position_word: "slot",
    leader_word: "leader",
    fifo_channels: false,
    promises: &[
        "Validity",
        "Agreement",
        "No duplication",
        "No creation",
        "Total order",
        "State Machine Safety",
        "Linearizability",
        "P2c",
        "One value per ballot",
        "Promises never decrease",
    ],
    variants: variant::CARDS,
    settings: SETTINGS,
    restarts: true,
    // For the default time-outs, with Δ well below them: a first leader came within 0.4 s in all of 800 clusters of up to
    // 25 nodes with Δ = 50 ms. Preempted nodes wait up to two seconds; clients' retries and what a replica lacks, a batch
    // with each heartbeat, come on top.
    liveness_bound: (10_000, 40),
};
