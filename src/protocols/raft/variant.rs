//! Raft with one rule left out, on purpose. Each variant differs from the correct code by one condition.

use crate::protocol;

/// Which Raft runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Variant {
    /// The paper's.
    #[default]
    Correct,
    /// R1: commits an entry of an older term by counting its replicas.
    CommitOlderTerm,
    /// R2: currentTerm and votedFor are not on the disk.
    VolatileTermAndVote,
    /// R3: a follower cuts its log behind every AppendEntries.
    TruncateUnconditionally,
    /// R4: a follower commits up to its log's end.
    CommitToLogLength,
    /// R5: a vote does not look at the candidate's log.
    VoteIgnoresLog,
    /// R9: a follower acknowledges entries before they are on its disk.
    AcknowledgeBeforeFsync,
}

/// The cards, in the order of their codes. R6–R8, R10 and R11 have their numbers in `docs/bugs.md`.
pub const VARIANTS: &[protocol::Variant] = &[
    protocol::Variant {
        id: "commit-older-term",
        code: "R1",
        title: "Counting replicas of an older term",
        rule: "Only entries of the leader's current term are committed by counting replicas; older ones are \
               committed with them.",
        source: "Ongaro, Ousterhout 2014 (extended version), §5.4.2 and Figure 8",
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "volatile-term-and-vote",
        code: "R2",
        title: "Forgetting the vote",
        rule: "currentTerm and votedFor are on the disk before the vote is sent, so that a node that restarts does \
               not vote twice in a term.",
        source: "Ongaro 2014 (thesis), §3.8",
        breaks: "Election Safety",
    },
    protocol::Variant {
        id: "truncate-unconditionally",
        code: "R3",
        title: "Truncating without a conflict",
        rule: "A follower removes entries only where one conflicts with a new one: a late AppendEntries must not \
               remove what was acknowledged after it.",
        source: "Ongaro, Ousterhout 2014 (extended version), Figure 2, AppendEntries rule 3",
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "commit-to-log-length",
        code: "R4",
        title: "Committing what the leader never checked",
        rule: "A follower's commitIndex goes no further than the last entry of the AppendEntries: what stands behind \
               it may not be the leader's.",
        source: "Ongaro, Ousterhout 2014 (extended version), Figure 2, AppendEntries rule 5",
        breaks: "State Machine Safety",
    },
    protocol::Variant {
        id: "vote-ignores-log",
        code: "R5",
        title: "A vote for any log",
        rule: "A node votes only for a candidate whose log is at least as up-to-date as its own.",
        source: "Ongaro, Ousterhout 2014 (extended version), §5.4.1",
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "acknowledge-before-fsync",
        code: "R9",
        title: "Acknowledging before the disk has it",
        rule: "A follower answers AppendEntries only when its entries are on stable storage.",
        source: "Ongaro, Ousterhout 2014 (extended version), Figure 2, persistent state; Ongaro 2014 (thesis), §3.8",
        breaks: "Leader Completeness",
    },
];

impl Variant {
    /// The variant called `id`.
    pub fn named(id: &str) -> Option<Variant> {
        Some(match id {
            "correct" => Variant::Correct,
            "commit-older-term" => Variant::CommitOlderTerm,
            "volatile-term-and-vote" => Variant::VolatileTermAndVote,
            "truncate-unconditionally" => Variant::TruncateUnconditionally,
            "commit-to-log-length" => Variant::CommitToLogLength,
            "vote-ignores-log" => Variant::VoteIgnoresLog,
            "acknowledge-before-fsync" => Variant::AcknowledgeBeforeFsync,
            _ => return None,
        })
    }
}
