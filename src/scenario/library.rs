//! The scenarios that come with the playground: the files of `www/scenarios`, built in.

use super::format::Scenario;

/// A scenario of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The file's name without `.json`.
    pub stem: &'static str,
    /// The file.
    pub json: &'static str,
}

impl Shipped {
    /// The scenario; an error names what is wrong with the file.
    pub fn scenario(&self) -> Result<Scenario, String> {
        Scenario::from_json(self.json)
    }
}

macro_rules! library {
    ($($stem:literal),* $(,)?) => {
        &[$(Shipped { stem: $stem, json: include_str!(concat!("../../www/scenarios/", $stem, ".json")) }),*]
    };
}

/// All of them, in the order of the menu.
pub const LIBRARY: &[Shipped] = library![
    "raft-first-run",
    "raft-split-brain",
    "raft-no-quorum",
    "raft-quorum-back",
    "paxos-one-value",
    "paxos-duel",
    "paxos-duel-resolved",
    "fifo-two-orders",
    "sequencer-one-order",
    "fifo-reply",
    "causal-reply",
    "sequencer-dies",
];

/// The scenario called `stem`.
pub fn shipped(stem: &str) -> Option<&'static Shipped> {
    LIBRARY.iter().find(|shipped| shipped.stem == stem)
}
