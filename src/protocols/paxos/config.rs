//! Settings, and the card that tells them.

use super::ballot::Ballot;
use super::variant::{self, Broken};
use crate::protocol::{Habitat, Info, MAX_NODES, Needs, Setting, SettingKind, Setup, Shape, majority};
use crate::protocols::backoff::Backoff;

/// Cluster size, time-outs, who learns, and which rule is left out.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub n: u8,
    /// How many make a majority.
    pub quorum: usize,
    /// How long before something is sent again.
    retry: Backoff,
    /// Acceptors tell the proposer alone, which tells the others.
    pub distinguished_learner: bool,
    /// The rule that is left out.
    pub broken: Option<Broken>,
}

impl Config {
    /// Reads the settings.
    pub fn new(setup: &Setup<'_>) -> Result<Config, String> {
        if !(1..=MAX_NODES).contains(&setup.nodes) {
            return Err(format!("nodes must be 1 to {MAX_NODES}, not {}", setup.nodes));
        }
        let broken = setup.left_out("paxos", variant::ALL)?;
        Ok(Config {
            n: setup.nodes as u8,
            quorum: majority(setup.nodes),
            retry: Backoff::read(setup, "retry_ms")?,
            distinguished_learner: setup.flag("distinguished_learner"),
            broken,
        })
    }

    /// Whether this rule is left out.
    pub fn breaks(&self, rule: Broken) -> bool {
        self.broken == Some(rule)
    }

    /// The wait, from and to in microseconds, of a proposer with a ballot under way when `ballot` is the highest it
    /// knows of: doubled in every round of ballots, up to the bound. Rounds rise by duels alone, so the number itself
    /// remembers how much contention there was, on every node alike and across restarts.
    pub fn active_wait(&self, ballot: Ballot) -> (u64, u64) {
        self.retry.wait(ballot.round(self.n).saturating_sub(1))
    }

    /// The wait of a node that lets another proposer go first: one doubling longer.
    pub fn standby_wait(&self, ballot: Ballot) -> (u64, u64) {
        self.retry.wait(ballot.round(self.n).max(1))
    }

    /// The longest wait.
    pub fn longest_wait(&self) -> (u64, u64) {
        self.retry.wait(u64::MAX)
    }
}

/// The settings.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "retry_ms",
        kind: SettingKind::Range { default: (250, 500), min: 1, max: 60_000 },
        about: text!(
            "How long a proposer waits for answers before it sends again or tries a higher ballot; drawn anew each \
                time, doubled in every round of ballots."
        ),
    },
    Setting {
        name: "backoff_max_ms",
        kind: SettingKind::Integer { default: 4000, min: 1, max: 600_000 },
        about: text!("The longest wait that the doubling leads to."),
    },
    Setting {
        name: "distinguished_learner",
        kind: SettingKind::Flag { default: false },
        about: text!(
            "Acceptors send Accepted to the ballot's proposer alone, which tells the others: n messages instead of \
                n², one delay more."
        ),
    },
];

/// The card.
pub const INFO: Info = Info {
    id: "paxos",
    title: "Paxos",
    about: text!("Chooses one value among those proposed, whatever is lost and whoever crashes and comes back."),
    shape: Shape::OneValue,
    habitat: Habitat::PartiallySynchronous,
    values: &[],
    needs: Needs::Majority,
    epoch_word: "ballot",
    position_word: "instance",
    leader_word: "proposer",
    fifo_channels: false,
    promises: &[
        "Validity",
        "Integrity",
        "Agreement",
        "Termination",
        "P2c",
        "One value per ballot",
        "Promises never decrease",
    ],
    variants: variant::CARDS,
    settings: SETTINGS,
    restarts: true,
    liveness_bound: (30_000, 20),
};
