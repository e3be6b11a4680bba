//! Raft's messages and log entries, by the paper's names (Fig. 2, Fig. 13; thesis §9.6 for PreVote).

use super::{Index, Term};
use crate::protocol::{Command, Kind, Message, NodeId, NodeSet, Renaming, SnapshotRef, Value};
use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::Arc;

/// "Each entry contains command for state machine, and term when entry was received by leader" (Fig. 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The term in which a leader created it.
    pub term: Term,
    /// What it asks of the state machine.
    pub command: Command,
}

/// The entries of one message or one disk write. Nearly always none or one: those need no allocation, and
/// longer runs are shared by whoever holds the message. One content has one form, so that the derived
/// comparisons compare contents.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entries {
    /// A heartbeat's.
    #[default]
    None,
    /// A single entry.
    One(Entry),
    /// Two or more.
    Many(Arc<[Entry]>),
}

impl Entries {
    /// The entries of an exact-size run.
    pub fn collect(mut entries: impl ExactSizeIterator<Item = Entry>) -> Self {
        match entries.len() {
            0 => Entries::None,
            1 => entries.next().map_or(Entries::None, Entries::One),
            _ => Entries::Many(entries.collect()),
        }
    }

    /// What is left without the first `skip` entries.
    pub fn without_first(self, skip: usize) -> Self {
        if skip == 0 {
            return self;
        }
        Entries::collect(self.iter().skip(skip).copied())
    }
}

impl Deref for Entries {
    type Target = [Entry];
    fn deref(&self) -> &[Entry] {
        match self {
            Entries::None => &[],
            Entries::One(entry) => std::slice::from_ref(entry),
            Entries::Many(entries) => entries,
        }
    }
}

/// What the nodes say to each other. The table in the module's head tells when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RaftMessage {
    /// A candidate asks for a vote (§5.2).
    RequestVote { term: Term, candidate_id: NodeId, last_log_index: Index, last_log_term: Term },
    /// The answer; `term` lets a stale candidate update itself.
    RequestVoteResponse { term: Term, vote_granted: bool },
    /// Would you vote for me in `term`? Changes nothing at the receiver (thesis §9.6).
    PreVote { term: Term, candidate_id: NodeId, last_log_index: Index, last_log_term: Term },
    /// The answer: granted with the term that was asked about, refused with the receiver's own.
    PreVoteResponse { term: Term, vote_granted: bool },
    /// The leader replicates entries, or none as a heartbeat (§5.3).
    AppendEntries {
        term: Term,
        leader_id: NodeId,
        prev_log_index: Index,
        prev_log_term: Term,
        entries: Entries,
        leader_commit: Index,
    },
    /// The answer. Granted: the log matches the leader's up to `match_index`. Refused: the hint of §5.3, and
    /// which `prev_log_index` was refused.
    AppendEntriesResponse {
        term: Term,
        success: bool,
        prev_log_index: Index,
        match_index: Index,
        conflict_term: Term,
        conflict_index: Index,
    },
    /// The leader replaces what it no longer has in its log by its snapshot (§7).
    InstallSnapshot {
        term: Term,
        leader_id: NodeId,
        last_included_term: Term,
        /// The members at its end; none while they are the first ones.
        last_config: Option<NodeSet>,
        snapshot: SnapshotRef,
    },
    /// The answer: everything up to `last_included_index` is there.
    InstallSnapshotResponse { term: Term, last_included_index: Index },
    /// A round of heartbeats that a lease rests on (thesis §6.4.1).
    Heartbeat { term: Term, leader_id: NodeId, round: u32 },
    /// The answer: the sender will not vote before its election timer fires.
    HeartbeatResponse { term: Term, round: u32 },
}

/// A kind that asks or one that answers. None counts as a heartbeat: an AppendEntries without entries shares its
/// kind with one that carries some, and may still bring a commit that lets a follower deliver.
const fn kind(name: &'static str, short: &'static str, reply: bool) -> Kind {
    Kind { name, short, reply, heartbeat: false }
}

impl Message for RaftMessage {
    const KINDS: &'static [Kind] = &[
        kind("RequestVote", "RV", false),
        kind("RequestVoteResponse", "RVr", true),
        kind("PreVote", "PV", false),
        kind("PreVoteResponse", "PVr", true),
        kind("AppendEntries", "AE", false),
        kind("AppendEntriesResponse", "AEr", true),
        kind("InstallSnapshot", "IS", false),
        kind("InstallSnapshotResponse", "ISr", true),
        Kind { heartbeat: true, ..kind("Heartbeat", "HB", false) },
        Kind { heartbeat: true, ..kind("HeartbeatResponse", "HBr", true) },
    ];

    fn kind(&self) -> u8 {
        match self {
            RaftMessage::RequestVote { .. } => 0,
            RaftMessage::RequestVoteResponse { .. } => 1,
            RaftMessage::PreVote { .. } => 2,
            RaftMessage::PreVoteResponse { .. } => 3,
            RaftMessage::AppendEntries { .. } => 4,
            RaftMessage::AppendEntriesResponse { .. } => 5,
            RaftMessage::InstallSnapshot { .. } => 6,
            RaftMessage::InstallSnapshotResponse { .. } => 7,
            RaftMessage::Heartbeat { .. } => 8,
            RaftMessage::HeartbeatResponse { .. } => 9,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        match self {
            RaftMessage::RequestVote { term, candidate_id, last_log_index, last_log_term }
            | RaftMessage::PreVote { term, candidate_id, last_log_index, last_log_term } => vec![
                ("term", term.to_string()),
                ("candidateId", candidate_id.to_string()),
                ("lastLogIndex", last_log_index.to_string()),
                ("lastLogTerm", last_log_term.to_string()),
            ],
            RaftMessage::RequestVoteResponse { term, vote_granted }
            | RaftMessage::PreVoteResponse { term, vote_granted } => {
                vec![("term", term.to_string()), ("voteGranted", vote_granted.to_string())]
            }
            RaftMessage::AppendEntries { term, leader_id, prev_log_index, prev_log_term, entries, leader_commit } => {
                vec![
                    ("term", term.to_string()),
                    ("leaderId", leader_id.to_string()),
                    ("prevLogIndex", prev_log_index.to_string()),
                    ("prevLogTerm", prev_log_term.to_string()),
                    ("entries", show_entries(entries, value)),
                    ("leaderCommit", leader_commit.to_string()),
                ]
            }
            RaftMessage::AppendEntriesResponse {
                term,
                success,
                prev_log_index,
                match_index,
                conflict_term,
                conflict_index,
            } => {
                let mut fields = vec![("term", term.to_string()), ("success", success.to_string())];
                if *success {
                    fields.push(("matchIndex", match_index.to_string()));
                } else {
                    fields.push(("prevLogIndex", prev_log_index.to_string()));
                    fields.push(("conflictTerm", if_any(*conflict_term)));
                    fields.push(("conflictIndex", if_any(*conflict_index)));
                }
                fields
            }
            RaftMessage::InstallSnapshot { term, leader_id, last_included_term, last_config, snapshot } => vec![
                ("term", term.to_string()),
                ("leaderId", leader_id.to_string()),
                ("lastIncludedIndex", snapshot.position.to_string()),
                ("lastIncludedTerm", last_included_term.to_string()),
                ("lastConfig", last_config.map_or_else(|| "as at first".to_string(), |members| format!("{members:?}"))),
                ("data", format!("snapshot of {}", snapshot.taken_by)),
            ],
            RaftMessage::InstallSnapshotResponse { term, last_included_index } => {
                vec![("term", term.to_string()), ("lastIncludedIndex", last_included_index.to_string())]
            }
            RaftMessage::Heartbeat { term, leader_id, round } => {
                vec![("term", term.to_string()), ("leaderId", leader_id.to_string()), ("round", round.to_string())]
            }
            RaftMessage::HeartbeatResponse { term, round } => {
                vec![("term", term.to_string()), ("round", round.to_string())]
            }
        }
    }

    fn positive(&self) -> bool {
        match self {
            RaftMessage::RequestVoteResponse { vote_granted, .. }
            | RaftMessage::PreVoteResponse { vote_granted, .. } => *vote_granted,
            RaftMessage::AppendEntriesResponse { success, .. } => *success,
            _ => true,
        }
    }

    fn rename(&mut self, names: &Renaming) {
        match self {
            RaftMessage::RequestVote { candidate_id: node, .. }
            | RaftMessage::PreVote { candidate_id: node, .. }
            | RaftMessage::AppendEntries { leader_id: node, .. }
            | RaftMessage::InstallSnapshot { leader_id: node, .. }
            | RaftMessage::Heartbeat { leader_id: node, .. } => *node = names.node(*node),
            RaftMessage::RequestVoteResponse { .. }
            | RaftMessage::PreVoteResponse { .. }
            | RaftMessage::AppendEntriesResponse { .. }
            | RaftMessage::InstallSnapshotResponse { .. }
            | RaftMessage::HeartbeatResponse { .. } => {}
        }
    }
}

fn if_any(number: u32) -> String {
    if number == 0 { "none".to_string() } else { number.to_string() }
}

/// How many entries the inspector spells out.
const SHOWN: usize = 8;

fn show_entries(entries: &[Entry], value: &dyn Fn(Value) -> String) -> String {
    let mut text = String::from("[");
    for (i, entry) in entries.iter().take(SHOWN).enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let what = if entry.command.is_noop() { "no-op".to_string() } else { value(entry.command.value) };
        let _ = write!(text, "{comma}{what} (term {})", entry.term);
    }
    if entries.len() > SHOWN {
        let _ = write!(text, ", and {} more", entries.len() - SHOWN);
    }
    text.push(']');
    text
}
