//! Raft's settings and its card.

use super::variant::{VARIANTS, Variant};
use crate::protocol::{Habitat, Info, Needs, NodeId, NodeSet, Setting, SettingKind, Setup, Shape};

/// What one cluster runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub nodes: u8,
    /// The rule that is left out, if one is.
    pub variant: Variant,
    /// The election timeout's range, local microseconds.
    pub election: (u64, u64),
    /// Between two heartbeats, local microseconds.
    pub heartbeat: u64,
    /// Ask before an election whether it could be won (thesis §9.6).
    pub pre_vote: bool,
    /// A leader that hears no majority steps down, and nodes that hear a leader refuse votes (thesis §6.2, §4.2.3).
    pub check_quorum: bool,
    /// A leader's first entry is a no-op (§8).
    pub no_op: bool,
    /// Entries per AppendEntries, at most.
    pub max_batch: u32,
    /// AppendEntries with entries that wait for an answer of one follower, at most.
    pub max_in_flight: u32,
    /// A snapshot after so many entries, 0 for never.
    pub snapshot_every: u32,
    /// The members before any change.
    pub initial: NodeSet,
    /// How long a lease lasts by the leader's own clock, microseconds; `None` when every read is ordered.
    pub lease: Option<u64>,
}

/// The settings as a scenario names them.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "election_timeout_ms",
        kind: SettingKind::Range { default: (150, 300), min: 1, max: 600_000 },
        about: text!("A follower that hears no leader for a time drawn from this range stands for election."),
    },
    Setting {
        name: "heartbeat_ms",
        kind: SettingKind::Integer { default: 50, min: 1, max: 60_000 },
        about: text!(
            "A leader sends heartbeats, and what was lost again, at this interval; shorter than the shortest \
                election timeout."
        ),
    },
    Setting {
        name: "pre_vote",
        kind: SettingKind::Flag { default: true },
        about: text!("Before an election a node asks whether it could win one, and disturbs nobody if it could not."),
    },
    Setting {
        name: "check_quorum",
        kind: SettingKind::Flag { default: true },
        about: text!(
            "A leader that hears from no majority for the longest election timeout steps down, and a node that \
                hears a leader ignores candidates."
        ),
    },
    Setting {
        name: "no_op",
        kind: SettingKind::Flag { default: true },
        about: text!(
            "A new leader appends an entry that does nothing, which commits what earlier leaders left behind."
        ),
    },
    Setting {
        name: "max_batch",
        kind: SettingKind::Integer { default: 64, min: 1, max: 1024 },
        about: text!("An AppendEntries carries at most so many entries."),
    },
    Setting {
        name: "max_in_flight",
        kind: SettingKind::Integer { default: 64, min: 1, max: 1024 },
        about: text!("A leader sends a follower at most so many AppendEntries with entries ahead of its answers."),
    },
    Setting {
        name: "snapshot_every",
        kind: SettingKind::Integer { default: 0, min: 0, max: 1_000_000 },
        about: text!(
            "A node replaces its log by a snapshot whenever so many committed entries have gathered; 0 for never."
        ),
    },
    Setting {
        name: "initial_members",
        kind: SettingKind::Integer { default: 25, min: 1, max: 25 },
        about: text!(
            "So many nodes, from n0 on, are members of the cluster at first; `add n3` and `remove n3`, proposed like a \
                value, change that by one node at a time."
        ),
    },
    Setting {
        name: "lease_reads",
        kind: SettingKind::Flag { default: false },
        about: text!(
            "A leader answers reads from its own state while a majority has acknowledged its heartbeats lately, \
                without a place in the log."
        ),
    },
    Setting {
        name: "clock_drift_ppm",
        kind: SettingKind::Integer { default: 1000, min: 0, max: 500_000 },
        about: text!("What leases take to be the most by which a clock's rate is wrong, in parts per million."),
    },
];

/// Raft's card.
pub const INFO: &Info = &Info {
    id: "raft",
    title: "Raft",
    about: text!(
        "A leader, elected by a majority for a term, puts the clients' commands in order and replicates its log."
    ),
    shape: Shape::Replicated,
    habitat: Habitat::PartiallySynchronous,
    values: &[],
    needs: Needs::Majority,
    epoch_word: "term",
    position_word: "index",
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
        "Election Safety",
        "Leader Append-Only",
        "Log Matching",
        "Leader Completeness",
    ],
    variants: VARIANTS,
    settings: SETTINGS,
    restarts: true,
    // For the default time-outs, with Δ well below them (§5.6): a first leader comes within 0.3 s as a rule and came
    // within 1.7 s in all of 800 clusters of up to 25 nodes with Δ = 50 ms; clients' retries and repairs come on top.
    liveness_bound: (10_000, 40),
};

impl Config {
    /// Reads the settings.
    pub fn read(setup: &Setup<'_>) -> Result<Config, String> {
        let check_quorum = setup.flag("check_quorum") && setup.variant != "no-pre-vote";
        let lease = setup.flag("lease_reads").then(|| lease(setup));
        if lease.is_some() && !check_quorum {
            return Err(
                "lease_reads needs check_quorum: without it nodes that hear a leader vote for another".to_string()
            );
        }
        let harm = "followers stand for election under a leader that is well";
        Ok(Config {
            nodes: setup.nodes as u8,
            variant: Variant::named(setup.variant).ok_or("variant must be one of raft's")?,
            election: setup.range_us("election_timeout_ms"),
            heartbeat: setup.shorter_us("heartbeat_ms", "election_timeout_ms", harm)?,
            pre_vote: setup.flag("pre_vote") && setup.variant != "no-pre-vote",
            check_quorum,
            no_op: setup.flag("no_op"),
            max_batch: setup.integer("max_batch") as u32,
            max_in_flight: setup.integer("max_in_flight") as u32,
            snapshot_every: setup.integer("snapshot_every") as u32,
            initial: NodeId::all(setup.nodes.min(setup.integer("initial_members") as usize)).collect(),
            lease,
        })
    }
}

/// How long a lease may last: by the leader's clock, which may be slow, no longer than the shortest election timeout by
/// another's, which may be fast. "The lease approach relies on a bound on clock drift across servers" (thesis §6.4.1).
fn lease(setup: &Setup<'_>) -> u64 {
    let (shortest, _) = setup.range_us("election_timeout_ms");
    if setup.variant == "lease-ignores-drift" {
        return shortest;
    }
    let drift = setup.integer("clock_drift_ppm");
    shortest * (1_000_000 - drift) / (1_000_000 + drift)
}
