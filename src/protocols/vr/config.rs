//! VR's settings and its card.

use super::OpNumber;
use super::variant::{VARIANTS, Variant};
use crate::protocol::{Habitat, Info, MAX_NODES, Needs, NodeId, Setting, SettingKind, Setup, Shape};

/// What one cluster runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub nodes: u8,
    /// The rule that is left out, if one is.
    pub variant: Variant,
    /// How long a backup waits to hear from the primary, local microseconds.
    pub view_change: (u64, u64),
    /// Between two COMMIT messages of an idle primary, local microseconds.
    pub commit: u64,
    /// Before something unanswered is sent again, local microseconds.
    pub resend: u64,
}

/// The settings as a scenario names them.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "view_change_timeout_ms",
        kind: SettingKind::Range { default: (300, 600), min: 1, max: 600_000 },
        about: text!(
            "A backup that hears nothing from the primary for a time drawn from this range starts a view change; up \
                to four times as long once view changes fail."
        ),
    },
    Setting {
        name: "commit_ms",
        kind: SettingKind::Integer { default: 50, min: 1, max: 60_000 },
        about: text!(
            "An idle primary sends COMMIT, or what was lost again, at this interval; shorter than the shortest \
                view-change timeout."
        ),
    },
    Setting {
        name: "resend_ms",
        kind: SettingKind::Integer { default: 150, min: 1, max: 60_000 },
        about: text!(
            "What waits for an answer in a view change, a recovery or a state transfer is sent again at this \
                interval."
        ),
    },
];

/// VR's card.
pub const INFO: &Info = &Info {
    id: "vr",
    title: "Viewstamped Replication",
    about: text!(
        "A primary, whose turn comes with the number of the view, orders the clients' requests; no disk has a log."
    ),
    shape: Shape::Replicated,
    needs: Needs::RecoveredMajority,
    habitat: Habitat::PartiallySynchronous,
    values: &[],
    epoch_word: "view",
    position_word: "op-number",
    leader_word: "primary",
    fifo_channels: false,
    promises: &[
        "Validity",
        "Agreement",
        "No duplication",
        "No creation",
        "Total order",
        "State Machine Safety",
        "Linearizability",
        "Acknowledged write not lost",
        "Committed logs agree",
        "One primary per view",
    ],
    variants: VARIANTS,
    settings: SETTINGS,
    restarts: true,
    // For the default time-outs: with three of seven replicas down, three view changes in a row may fail, each after a
    // longer wait: six seconds. Recoveries and clients' retries come on top.
    liveness_bound: (20_000, 40),
};

impl Config {
    /// Reads the settings.
    pub fn read(setup: &Setup<'_>) -> Result<Config, String> {
        Ok(Config {
            nodes: setup.nodes as u8,
            variant: Variant::named(setup.variant).ok_or("variant must be one of vr's")?,
            view_change: setup.range_us("view_change_timeout_ms"),
            commit: setup.shorter_us(
                "commit_ms",
                "view_change_timeout_ms",
                "backups leave a view whose primary is well",
            )?,
            resend: setup.us("resend_ms"),
        })
    }

    /// f + 1 of 2f + 1 replicas; in a group of an even size as many as any two such sets need to meet.
    pub fn quorum(&self) -> usize {
        crate::protocol::majority(usize::from(self.nodes))
    }

    /// The highest op-number up to which a quorum has prepared, the primary itself with all of its log, `last`,
    /// included.
    pub fn prepared_by_quorum(&self, me: NodeId, prepared: &[OpNumber], last: OpNumber) -> OpNumber {
        let mut all = [0; MAX_NODES];
        let all = &mut all[..usize::from(self.nodes)];
        for (slot, n) in all.iter_mut().zip(prepared) {
            *slot = *n;
        }
        all[me.index()] = last;
        crate::sorting::sort(all);
        all[all.len() - self.quorum()]
    }
}
