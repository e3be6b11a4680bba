//! Online monitors of the properties of a run: told of observations as they happen, at a cost per observation that
//! does not grow with the run.
//!
//! A [`Monitor`] is part of a checkpoint: cloning it shares all history. What went wrong is kept as data
//! ([`Sentence`]) and put into words when it is read.

mod ballots;
mod broadcast;
mod causal;
mod consensus;
mod delivery;
mod election_safety;
mod exact;
mod fifo;
mod findings;
mod leader_append_only;
mod leader_completeness;
mod ledger;
mod linearizability;
pub mod linearizable;
mod liveness;
mod log_matching;
mod logs;
mod machine;
mod monitor;
mod names;
mod observation;
mod operations;
mod p2c;
mod past;
mod prefix_consistency;
mod primaries;
mod primary_integrity;
mod replicated;
mod rows;
mod sentence;
mod total_order;
mod tree;

pub use ledger::{Assumption, Broken, Ledger};
pub use monitor::Monitor;
pub use names::Name;
pub use observation::{Action, Conditions, Moment, Observation, Operation, Outcome, Reply};
pub use past::Past;
pub use primaries::Primacy;
pub use sentence::{Part, Sentence, Words};

/// How a property stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has held so far; for liveness: nothing is pending.
    Holds,
    /// It is violated, by `event`.
    Violated { event: u32, why: String },
    /// Liveness: something is still owed, and may come.
    Pending { why: String },
    /// Liveness: something is owed, and no progress is possible without a change.
    Stalled { why: String },
    /// The protocol does not promise it; the first counterexample, if the run has shown one: event and reason.
    NotPromised { counterexample: Option<(u32, String)> },
}

/// A property and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name, as in `Info::promises`.
    pub name: &'static str,
    /// What it says and where it is written.
    pub source: crate::protocol::Text,
    /// Whether it says that something happens in the end.
    pub liveness: bool,
    /// How it stands.
    pub status: Status,
}

/// A violation of a promised property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The property.
    pub name: &'static str,
    /// The event that did it, and when.
    pub moment: Moment,
    /// What happened.
    pub why: Sentence,
}
