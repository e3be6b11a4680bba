//! The set-up that every contestant is given, and what a run of it comes to.

use std::time::Duration;

/// Nodes in the cluster.
pub const NODES: usize = 5;
/// Every message takes between this …
pub const LATENCY_MIN_US: u64 = 10_000;
/// … and this many virtual microseconds, uniformly.
pub const LATENCY_MAX_US: u64 = 15_000;
/// A node's clock ticks this often.
pub const TICK_US: u64 = 10_000;
/// A follower that hears nothing for this many ticks starts an election.
pub const ELECTION_TICKS: usize = 10;
/// A leader says that it lives every so many ticks.
pub const HEARTBEAT_TICKS: usize = 5;
/// One proposal at the leader this often.
pub const PROPOSAL_US: u64 = 1_000;
/// After the timed part the run goes on for this long without proposals, untimed, so that every node can commit what
/// was proposed and the logs can be compared.
pub const DRAIN_US: u64 = 2_000_000;

/// What differs from run to run.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Virtual microseconds in the timed part.
    pub virtual_us: u64,
    /// Seeds the latencies.
    pub seed: u64,
}

/// What the links between nodes promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// A message may overtake another, as in the playground's network models and in Raft's paper.
    AnyOrder,
    /// A link keeps the order in which it was given its messages, as a TCP connection does. OmniPaxos is specified for
    /// such links; on others it prepares anew for every message that was overtaken and falls behind for good.
    InOrder,
}

/// What the log of a node came to: how many proposals it committed, and a digest of their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Proposals that the node committed; what a protocol puts into its log for itself does not count.
    pub count: u64,
    /// Two nodes with the same proposals in the same order have the same digest (FNV-1a over the values).
    pub digest: u64,
}

impl Committed {
    /// The next proposal of the log.
    pub fn push(&mut self, value: u64) {
        if self.count == 0 {
            self.digest = 0xcbf2_9ce4_8422_2325;
        }
        self.count += 1;
        self.digest = (self.digest ^ value).wrapping_mul(0x0100_0000_01b3);
    }
}

/// One run of one contestant.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Wall time of the timed part.
    pub wall: Duration,
    /// Processor time of the timed part, where the system tells it.
    pub cpu: Option<Duration>,
    /// Messages that were delivered to a node.
    pub messages: u64,
    /// Messages, ticks or timers, and proposals.
    pub events: u64,
    /// Proposals that a leader took.
    pub proposed: u64,
    /// Per node, after the untimed rest.
    pub committed: [Committed; NODES],
}

impl Outcome {
    /// An error sentence unless every node committed the same proposals in the same order, and all but those of the
    /// first virtual second, when there may be no leader yet.
    pub fn verify(&self, setup: &Setup) -> Result<(), String> {
        let first = self.committed[0];
        if let Some(node) = self.committed.iter().position(|other| *other != first) {
            return Err(format!("nodes 0 and {node} committed different logs: {:?}", self.committed));
        }
        let expected = setup.virtual_us / PROPOSAL_US;
        let lost_at_start = (1_000_000 / PROPOSAL_US).min(expected);
        if first.count < expected - lost_at_start || first.count > self.proposed {
            return Err(format!("{} committed of {} proposed, about {expected} expected", first.count, self.proposed));
        }
        Ok(())
    }
}
