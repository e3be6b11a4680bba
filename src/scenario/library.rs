//! The scenarios that come with the playground: the files of `www/scenarios`. They are built in, but not into the page:
//! it loads them beside its program ([`load`]), each as the link that opens it. Those of `www/scenarios/bugs`
//! show each broken variant at fault.

use super::format::Scenario;
#[cfg(feature = "page")]
use super::link;

/// A scenario of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The file's name without `.json`.
    pub stem: &'static str,
    /// The file; empty in the page.
    pub json: &'static str,
}

#[cfg(not(feature = "page"))]
impl Shipped {
    /// The scenario; an error names what is wrong with the file.
    pub fn scenario(&self) -> Result<Scenario, String> {
        Scenario::from_json(self.json)
    }

    /// The scenario's title.
    pub fn title(&self) -> Option<String> {
        self.scenario().ok().map(|scenario| scenario.title)
    }
}

#[cfg(feature = "page")]
impl Shipped {
    /// The scenario, if it was loaded; an error names what is wrong.
    pub fn scenario(&self) -> Result<Scenario, String> {
        let link = self.loaded(2).ok_or("the page has lost its scenarios on the way; reload it")?;
        link::carried(&link).map(|(recording, _)| recording.scenario)
    }

    /// The scenario's title, if it was loaded.
    pub fn title(&self) -> Option<String> {
        self.loaded(1)
    }

    fn loaded(&self, field: usize) -> Option<String> {
        LOADED.with_borrow(|loaded| {
            let mut lines = loaded.lines().map(|line| line.split('\t'));
            lines
                .find_map(|mut fields| (fields.next() == Some(self.stem)).then(|| fields.nth(field - 1))?)
                .map(String::from)
        })
    }
}

#[cfg(feature = "page")]
thread_local! {
    static LOADED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Takes in the text of `www/scenarios.tsv`: a line for each file with its stem, its title and its link.
#[cfg(feature = "page")]
pub fn load(lines: String) {
    LOADED.set(lines);
}

macro_rules! library {
    ($folder:literal: $($stem:literal),* $(,)?) => {
        &[$(Shipped {
            stem: $stem,
            json: if cfg!(feature = "page") {
                ""
            } else {
                include_str!(concat!("../../www/scenarios/", $folder, $stem, ".json"))
            },
        }),*]
    };
}

/// All of them, in the order of the menu.
pub const LIBRARY: &[Shipped] = library!["":
    "raft-first-run",
    "raft-split-brain",
    "raft-no-quorum",
    "raft-quorum-back",
    "raft-figure-7",
    "raft-figure-8",
    "zab-first-run",
    "zab-epochs",
    "vr-first-run",
    "vr-view-change",
    "vr-published-flaw",
    "paxos-one-value",
    "paxos-duel",
    "paxos-duel-resolved",
    "paxos-adversary",
    "multi-paxos-first-run",
    "multi-paxos-gap-filled",
    "storm-raft",
    "storm-multi-paxos",
    "storm-zab",
    "storm-vr",
    "fifo-two-orders",
    "sequencer-one-order",
    "fifo-reply",
    "causal-reply",
    "sequencer-dies",
    "floodset-rounds",
    "floodset-outside",
    "ben-or-coin",
];

/// One for each broken variant, called `<protocol>-<variant>`, in the order of the registry: what goes wrong without
/// the rule that the variant leaves out, in as few steps as it takes. The same steps do `correct` no harm.
pub const BUGS: &[Shipped] = library!["bugs/":
    "reliable-no-relay",
    "fifo-no-gap-check",
    "causal-sender-entry-only",
    "causal-tick-on-delivery",
    "sequencer-restart-numbers",
    "sequencer-sequenced-twice",
    "floodset-one-round-less",
    "floodset-own-only",
    "floodset-first-quiet-round",
    "ben-or-majority-of-received",
    "ben-or-decide-on-one",
    "ben-or-adopt-late",
    "ben-or-fall-silent",
    "ben-or-global-coin",
    "ben-or-half-may-fail",
    "paxos-volatile-round",
    "paxos-promise-without-persist",
    "paxos-accept-leaves-promise",
    "paxos-own-value",
    "paxos-any-value",
    "paxos-count-per-value",
    "paxos-count-messages",
    "paxos-no-backoff",
    "multi-paxos-gap-not-filled",
    "multi-paxos-gap-skipped",
    "multi-paxos-promise-omits-chosen",
    "multi-paxos-wiped-votes",
    "multi-paxos-executes-twice",
    "multi-paxos-volatile-promise",
    "multi-paxos-accept-without-persist",
    "raft-commit-older-term",
    "raft-volatile-term-and-vote",
    "raft-truncate-unconditionally",
    "raft-commit-to-log-length",
    "raft-vote-ignores-log",
    "raft-count-old-answers",
    "raft-entries-before-term",
    "raft-change-before-commit",
    "raft-acknowledge-before-fsync",
    "raft-lease-ignores-drift",
    "raft-no-pre-vote",
    "zab-propose-to-synced",
    "zab-commit-ld-echoes",
    "zab-ack-ld-before-fsync",
    "zab-epoch-before-history",
    "zab-keep-tail",
    "zab-history-by-zxid",
    "zab-broadcast-unsynced",
    "zab-hole-in-diff",
    "zab-promise-twice",
    "vr-one-exchange",
    "vr-truncate-on-get-state",
    "vr-as-published",
    "vr-any-nonce",
    "vr-longest-log",
    "vr-answers-old-primary",
    "vr-count-messages",
];

/// The scenario of [`BUGS`] that shows `variant` of `protocol` at fault.
pub fn bug(protocol: &str, variant: &str) -> Option<&'static Shipped> {
    BUGS.iter().find(|bug| bug.stem.strip_prefix(protocol).and_then(|rest| rest.strip_prefix('-')) == Some(variant))
}

/// The scenario of [`LIBRARY`] called `stem`.
pub fn shipped(stem: &str) -> Option<&'static Shipped> {
    LIBRARY.iter().find(|shipped| shipped.stem == stem)
}
