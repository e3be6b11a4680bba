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
    /// R6: answers of older terms are counted.
    CountOldAnswers,
    /// R7: new entries are durable before the term that they belong to.
    EntriesBeforeTerm,
    /// R8: the membership is changed before an entry of the leader's own term is committed.
    ChangeBeforeCommit,
    /// R9: a follower acknowledges entries before they are on its disk.
    AcknowledgeBeforeFsync,
    /// R10: a lease takes all clocks to run alike.
    LeaseIgnoresDrift,
    /// R11: no PreVote, and no check of the quorum.
    NoPreVote,
}

/// The cards, in the order of their codes.
pub const VARIANTS: &[protocol::Variant] = &[
    protocol::Variant {
        id: "commit-older-term",
        code: "R1",
        title: text!("Counting replicas of an older term"),
        rule: text!(
            "Only entries of the leader's current term are committed by counting replicas; older ones are \
               committed with them."
        ),
        source: text!("Ongaro, Ousterhout 2014 (extended version), §5.4.2 and Figure 8"),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "volatile-term-and-vote",
        code: "R2",
        title: text!("Forgetting the vote"),
        rule: text!(
            "currentTerm and votedFor are on the disk before the vote is sent, so that a node that restarts does \
               not vote twice in a term."
        ),
        source: text!("Ongaro 2014 (thesis), §3.8"),
        breaks: "Election Safety",
    },
    protocol::Variant {
        id: "truncate-unconditionally",
        code: "R3",
        title: text!("Truncating without a conflict"),
        rule: text!(
            "A follower removes entries only where one conflicts with a new one: a late AppendEntries must not \
               remove what was acknowledged after it."
        ),
        source: text!("Ongaro, Ousterhout 2014 (extended version), Figure 2, AppendEntries rule 3"),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "commit-to-log-length",
        code: "R4",
        title: text!("Committing what the leader never checked"),
        rule: text!(
            "A follower's commitIndex goes no further than the last entry of the AppendEntries: what stands behind \
               it may not be the leader's."
        ),
        source: text!("Ongaro, Ousterhout 2014 (extended version), Figure 2, AppendEntries rule 5"),
        breaks: "State Machine Safety",
    },
    protocol::Variant {
        id: "vote-ignores-log",
        code: "R5",
        title: text!("A vote for any log"),
        rule: text!("A node votes only for a candidate whose log is at least as up-to-date as its own."),
        source: text!("Ongaro, Ousterhout 2014 (extended version), §5.4.1"),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "count-old-answers",
        code: "R6",
        title: text!("Counting answers of an older term"),
        rule: text!(
            "A leader takes note only of answers to its own term's AppendEntries: what a follower acknowledged before, \
               it may have removed since."
        ),
        source: text!(
            "Ongaro, Ousterhout 2014 (extended version), Figure 2; Students' Guide to Raft, \"Term confusion\""
        ),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "entries-before-term",
        code: "R7",
        title: text!("The entries are on the disk, their term is not"),
        rule: text!(
            "A follower that hears of a new term writes the term no later than the entries, before it acknowledges \
               them: else it restarts in the old term and obeys the old leader."
        ),
        source: text!(
            "Ongaro, Ousterhout 2014 (extended version), Figure 2, persistent state; Ongaro 2014 (thesis), §3.8"
        ),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "change-before-commit",
        code: "R8",
        title: text!("A membership change too early"),
        rule: text!(
            "A leader changes the membership only once it has committed an entry of its own term: else the majorities \
               of two leaders' changes need not share a node."
        ),
        source: text!("Ongaro, raft-dev mailing list, 10 July 2015, on the thesis, §4.1"),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "acknowledge-before-fsync",
        code: "R9",
        title: text!("Acknowledging before the disk has it"),
        rule: text!("A follower answers AppendEntries only when its entries are on stable storage."),
        source: text!(
            "Ongaro, Ousterhout 2014 (extended version), Figure 2, persistent state; Ongaro 2014 (thesis), §3.8"
        ),
        breaks: "Leader Completeness",
    },
    protocol::Variant {
        id: "lease-ignores-drift",
        code: "R10",
        title: text!("A lease by a slow clock"),
        rule: text!("A leader's lease is shorter than the election timeout by what two clocks can drift apart."),
        source: text!("Ongaro 2014 (thesis), §6.4.1"),
        breaks: "Linearizability",
    },
    protocol::Variant {
        id: "no-pre-vote",
        code: "R11",
        title: text!("A deaf node disturbs the others"),
        rule: text!(
            "A node asks whether it could win before it raises its term, and nodes that hear a leader do not listen to \
               candidates."
        ),
        source: text!("Ongaro 2014 (thesis), §9.6 and §4.2.3"),
        breaks: "Validity",
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
            "count-old-answers" => Variant::CountOldAnswers,
            "entries-before-term" => Variant::EntriesBeforeTerm,
            "change-before-commit" => Variant::ChangeBeforeCommit,
            "acknowledge-before-fsync" => Variant::AcknowledgeBeforeFsync,
            "lease-ignores-drift" => Variant::LeaseIgnoresDrift,
            "no-pre-vote" => Variant::NoPreVote,
            _ => return None,
        })
    }
}
