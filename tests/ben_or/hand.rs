//! Words in which a schedule can be told.

use crate::support::{Cluster, n};
use consensus_playground::protocol::{NodeSet, SettingValue, Value};
use consensus_playground::protocols::ben_or::message::BenOrMessage::{self, Proposal, Report};
use consensus_playground::protocols::ben_or::{BenOr, Retry, command};

pub const ZERO: Value = Value(0);
pub const ONE: Value = Value(1);

/// Ben-Or with `nodes` nodes, as many of which may be down as are fewer than half.
pub fn ben_or(nodes: u8, variant: &str) -> Cluster<BenOr> {
    Cluster::new(nodes, variant, &[])
}

/// Ben-Or with `nodes` nodes, `f` of which may be down.
pub fn with_f(nodes: u8, f: u64) -> Cluster<BenOr> {
    Cluster::new(nodes, "correct", &[("f", SettingValue::Integer(f))])
}

pub fn report(round: u64, value: Value) -> BenOrMessage {
    Report { round, value }
}

pub fn proposal(round: u64, value: Option<Value>) -> BenOrMessage {
    Proposal { round, value }
}

/// Handling a cluster by hand.
pub trait ByHand {
    /// A client asks node `at` for `value`.
    fn propose(&mut self, at: u8, value: Value);
    /// The nodes begin round 1 with these values, and what they sent is lost.
    fn begin(&mut self, values: &[Value]);
    /// What one node has sent to another.
    fn between(&self, from: u8, to: u8) -> Vec<BenOrMessage>;
    /// What a node decided since it started.
    fn decision(&self, at: u8) -> Option<Value>;
    /// The timer of a node fires.
    fn retry(&mut self, at: u8);
    /// Whether the timer of a node is armed.
    fn armed(&self, at: u8) -> bool;
}

impl ByHand for Cluster<BenOr> {
    fn propose(&mut self, at: u8, value: Value) {
        self.request(n(at), command(value));
    }

    fn begin(&mut self, values: &[Value]) {
        for (at, value) in (0..).zip(values) {
            self.propose(at, *value);
        }
        self.lose_all();
    }

    fn between(&self, from: u8, to: u8) -> Vec<BenOrMessage> {
        self.network.iter().filter(|e| e.goes(from, to)).map(|e| e.message).collect()
    }

    fn decision(&self, at: u8) -> Option<Value> {
        self.delivered(n(at)).first().map(|command| command.value)
    }

    fn retry(&mut self, at: u8) {
        self.fire(n(at), Retry);
    }

    fn armed(&self, at: u8) -> bool {
        self.slots[usize::from(at)].timers.contains_key(&Retry)
    }
}

pub fn nodes(ids: &[u8]) -> NodeSet {
    ids.iter().copied().map(n).collect()
}
