//! Settings, and the card that tells them.

use super::ballot::Ballot;
use super::variant::{self, Broken};
use crate::protocol::{Habitat, Info, MAX_NODES, Needs, Setting, SettingKind, Setup, Shape, majority};

/// Cluster size, time-outs, who learns, and which rule is left out.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nodes in the cluster.
    pub n: u8,
    /// How many make a majority.
    pub quorum: usize,
    /// The first wait before something is sent again, in microseconds.
    pub retry: (u64, u64),
    /// No wait is longer, in microseconds.
    pub backoff_max: u64,
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
        let broken = match setup.variant {
            "correct" => None,
            id => match variant::ALL.iter().find(|(_, card)| card.id == id) {
                Some((broken, _)) => Some(*broken),
                None => return Err(format!("variant must be one of paxos's, not {id:?}")),
            },
        };
        let retry = setup.range_us("retry_ms");
        let backoff_max = setup.integer("backoff_max_ms") * 1000;
        if backoff_max < retry.1 {
            let ms = retry.1 / 1000;
            return Err(format!("backoff_max_ms must be at least the upper end of retry_ms, which is {ms}"));
        }
        Ok(Config {
            n: setup.nodes as u8,
            quorum: majority(setup.nodes),
            retry,
            backoff_max,
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
        self.wait(ballot.round(self.n).saturating_sub(1))
    }

    /// The wait of a node that lets another proposer go first: one doubling longer.
    pub fn standby_wait(&self, ballot: Ballot) -> (u64, u64) {
        self.wait(ballot.round(self.n).max(1))
    }

    /// The longest wait.
    pub fn longest_wait(&self) -> (u64, u64) {
        self.wait(63)
    }

    fn wait(&self, doublings: u64) -> (u64, u64) {
        let factor = 1u64 << doublings.min(20);
        let high = self.retry.1.saturating_mul(factor).min(self.backoff_max);
        // Once doubled, the lower end is at most half the upper one, so that there is always chance in the wait.
        let low = self.retry.0.saturating_mul(factor).min((high / 2).max(self.retry.0));
        (low, high)
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
