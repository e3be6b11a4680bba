//! Raft: total order broadcast under a leader elected for a term, and a state machine replicated by it.
//!
//! Written from D. Ongaro and J. Ousterhout, *In Search of an Understandable Consensus Algorithm (Extended
//! Version)*, 2014, cited by section and figure, and from D. Ongaro's thesis, *Consensus: Bridging Theory and
//! Practice*, 2014, cited as "thesis".
//!
//! **Model.** Partially synchronous; crash and recovery with the disk kept; safe always, live after GST while a
//! majority is up and connected and message delays stay well below the election timeout (§5.6). Tolerates f crashed
//! nodes of 2f+1. Links may lose, duplicate and reorder.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | PreVote | term, candidateId, lastLogIndex, lastLogTerm | an election timeout elapses (setting `pre_vote`) | none; would the receiver vote in `term`? |
//! | PreVoteResponse | term, voteGranted | on PreVote | a majority of grants starts the election |
//! | RequestVote | term, candidateId, lastLogIndex, lastLogTerm | an election starts | the receiver votes once a term, for a log at least as up-to-date as its own |
//! | RequestVoteResponse | term, voteGranted | on RequestVote | a majority of votes makes a leader |
//! | AppendEntries | term, leaderId, prevLogIndex, prevLogTerm, entries, leaderCommit | a client asks; a heartbeat is due; an answer leaves more to send | the follower's log follows the leader's; commitIndex advances |
//! | AppendEntriesResponse | term, success, matchIndex, or prevLogIndex, conflictTerm, conflictIndex | on AppendEntries | matchIndex and nextIndex; entries commit |
//! | InstallSnapshot | term, leaderId, lastIncludedIndex, lastIncludedTerm, lastConfig, data | a follower needs what the leader has compacted away | replaces the follower's log and state |
//! | InstallSnapshotResponse | term, lastIncludedIndex | on InstallSnapshot | matchIndex |
//! | Heartbeat | term, leaderId, round | a heartbeat is due (setting `lease_reads`) | the follower waits before it votes |
//! | HeartbeatResponse | term, round | on Heartbeat | a majority for one round extends the leader's lease |
//!
//! **Stable**: currentTerm, votedFor, log\[\], snapshot. An answer waits for its write: a handler asks for the write
//! first, effects of one node happen in order, and so nothing that a node says rests on what it could still forget.
//! This is also why a leader may count its own entries at once: whoever acknowledges an entry received it from a
//! leader that had written it before.
//!
//! **Deviations from the paper**
//! - AppendEntriesResponse names what it answers (matchIndex, prevLogIndex) and carries the conflict hint that §5.3
//!   describes in words: the paper pairs requests and responses by RPC, our links reorder and duplicate.
//! - A leader sends new entries without waiting for the answers to earlier ones (nextIndex advances on sending;
//!   thesis §10.2.1), as long as a follower follows. After a refusal, and at the start of its term, it sends one
//!   AppendEntries at a time until the logs meet (`probing`).
//! - Lost messages are found by the heartbeat timer: the paper's "retries AppendEntries RPCs indefinitely" without
//!   a timer of its own. A heartbeat's prevLogIndex is the follower's matchIndex, so that it is never refused for
//!   being early.
//! - A follower that refuses what it had acknowledged (its disk is lost) makes the leader forget its matchIndex.
//!   The paper leaves this outside its model; safety is not claimed then, but the node catches up.
//! - "Hearing from a leader" for PreVote and for refusing votes (thesis §4.2.3, §9.6) is not measured on a clock: it
//!   lasts until the node's own election timer fires. A leader's quorum check takes the longest election timeout.
//! - InstallSnapshot carries the snapshot whole, as a reference: no offset, no done.
//! - lastApplied has no variable: a node delivers at once what it knows to be committed.
//! - Membership changes (thesis §4.1, with the correction of raft-dev, 10 July 2015) are commands "add n3", "remove n3".
//!   A server is added when it has what was committed when it was asked for, in place of the rounds of §4.2.1.
//! - Leases (thesis §6.4.1) have heartbeats of their own, numbered, since links reorder. A node that has just started
//!   waits for an election timeout before it votes: it may have acknowledged a heartbeat before it crashed.
//! - No leadership transfer; without a lease a read is a command like any other.

mod config;
mod election;
mod inspect;
mod lease;
mod log;
mod membership;
mod message;
mod progress;
mod reduce;
mod replication;
mod snapshot;
mod stable;
mod variant;

pub use config::Config;
pub use log::Log;
pub use message::{Entries, Entry, RaftMessage};
pub use progress::{Leadership, Progress};
pub use stable::{Change, RaftStable, Write};
pub use variant::{VARIANTS, Variant};

use crate::protocol::{
    Command, Context, Fact, Field, Info, NodeId, NodeSet, Protocol, Renaming, Row, Setup, Symmetry, Timer, Value, View,
    Wait,
};

/// A term. A run has at most two million events, so 32 bits never wrap.
pub type Term = u32;

/// A place in the log, from 1; 0 stands before it. Bounded like [`Term`].
pub type Index = u32;

/// Raft's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RaftTimer {
    /// A follower or candidate waits for a leader; a leader checks whether it still has its quorum.
    Election,
    /// A leader's next heartbeat.
    Heartbeat,
}

impl Timer for RaftTimer {
    const ALL: &'static [Self] = &[RaftTimer::Election, RaftTimer::Heartbeat];

    fn name(self) -> &'static str {
        match self {
            RaftTimer::Election => "Election",
            RaftTimer::Heartbeat => "Heartbeat",
        }
    }

    fn index(self) -> u8 {
        self as u8
    }
}

/// "At any given time each server is in one of three states" (§5.1), and in a fourth with PreVote.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers leaders and candidates.
    Follower,
    /// Asks whether it could win an election.
    PreCandidate { votes: NodeSet },
    /// Stands for election.
    Candidate { votes: NodeSet },
    /// Orders the clients' commands.
    Leader(Leadership),
}

/// A Raft node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Raft {
    me: NodeId,
    current_term: Term,
    voted_for: Option<NodeId>,
    log: Log,
    /// "Index of highest log entry known to be committed"; delivered up to here.
    commit_index: Index,
    role: Role,
    /// The leader of the current term that this node hears; forgotten when the election timer fires.
    leader: Option<NodeId>,
    /// The latest configuration in the log.
    members: NodeSet,
    /// Under leases: whether the node must not vote before its election timer fires.
    loyal: bool,
}

impl Raft {
    /// Whom this node sends to: the other members, and a leader a newcomer too.
    fn peers(&self) -> impl Iterator<Item = NodeId> + use<> {
        let mut peers = self.members;
        if let Role::Leader(Leadership { newcomer: Some((node, _)), .. }) = self.role {
            peers.insert(node);
        }
        peers.remove(self.me);
        peers.iter()
    }

    /// The part of a write that holds currentTerm and votedFor.
    fn vote_to_write(&self, config: &Config) -> Option<(Term, Option<NodeId>)> {
        // Thesis §3.8: a server that forgot its vote could vote for two candidates of one term.
        (config.variant != Variant::VolatileTermAndVote).then_some((self.current_term, self.voted_for))
    }

    /// Writes currentTerm and votedFor, and tells that the term is a new one.
    fn persist_term(&self, config: &Config, ctx: &mut Context<Self>) {
        ctx.persist(Write { vote: self.vote_to_write(config), change: Change::Keep });
        self.observe_term(ctx);
    }

    fn observe_term(&self, ctx: &mut Context<Self>) {
        ctx.observe(Fact::Epoch { epoch: self.current_term.into() });
    }

    /// Delivers what is known to be committed up to `index`, and what it lets go of the log.
    fn commit(&mut self, config: &Config, index: Index, ctx: &mut Context<Self>) {
        let index = index.min(self.log.last_index());
        if index <= self.commit_index {
            return;
        }
        ctx.observe(Fact::Commits { position: index.into() });
        for i in self.commit_index + 1..=index {
            if let Some(entry) = self.log.get(i) {
                ctx.deliver(i.into(), entry.command);
            }
        }
        let first = std::mem::replace(&mut self.commit_index, index) + 1;
        self.configurations_committed(config, first, ctx);
        self.compact_if_due(config, ctx);
        self.advance_change(config, ctx);
    }
}

impl Protocol for Raft {
    type Config = Config;
    type Message = RaftMessage;
    type Timer = RaftTimer;
    type Stable = RaftStable;

    const INFO: &'static Info = config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::read(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &RaftStable, ctx: &mut Context<Self>) -> Self {
        // "When servers start up, they begin as followers" (§5.2).
        let node = Raft {
            me,
            current_term: stable.current_term,
            voted_for: stable.voted_for,
            log: stable.log.clone(),
            commit_index: stable.log.base(),
            role: Role::Follower,
            leader: None,
            members: stable.log.members(config.initial, stable.log.last_index()),
            loyal: config.lease.is_some(),
        };
        node.observe_term(ctx);
        if let Some(snapshot) = node.log.snapshot() {
            ctx.install_snapshot(snapshot);
            ctx.observe(Fact::Compacts { position: snapshot.position });
        }
        for index in node.log.base() + 1..=node.log.last_index() {
            node.observe_entry(index, ctx);
        }
        node.arm_election_timer(config, ctx);
        node
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: RaftMessage, ctx: &mut Context<Self>) {
        match message {
            RaftMessage::AppendEntries { term, prev_log_index, prev_log_term, entries, leader_commit, .. } => {
                let append = replication::Append { term, prev_log_index, prev_log_term, entries, leader_commit };
                self.on_append_entries(config, from, append, ctx);
            }
            RaftMessage::AppendEntriesResponse {
                term,
                success,
                prev_log_index,
                match_index,
                conflict_term,
                conflict_index,
            } => {
                if self.answered(config, from, term, ctx) {
                    if success {
                        self.on_match(config, from, match_index, ctx);
                    } else {
                        self.on_refusal(config, from, prev_log_index, (conflict_term, conflict_index), ctx);
                    }
                }
            }
            RaftMessage::RequestVote { term, last_log_index, last_log_term, .. } => {
                self.on_request_vote(config, from, term, (last_log_term, last_log_index), ctx);
            }
            RaftMessage::RequestVoteResponse { term, vote_granted } => {
                self.on_request_vote_response(config, from, term, vote_granted, ctx);
            }
            RaftMessage::PreVote { term, last_log_index, last_log_term, .. } => {
                self.on_pre_vote(config, from, term, (last_log_term, last_log_index), ctx);
            }
            RaftMessage::PreVoteResponse { term, vote_granted } => {
                self.on_pre_vote_response(config, from, term, vote_granted, ctx);
            }
            RaftMessage::InstallSnapshot { term, last_included_term, last_config, snapshot, .. } => {
                self.on_install_snapshot(config, from, term, (snapshot, last_included_term, last_config), ctx);
            }
            RaftMessage::Heartbeat { term, round, .. } => self.on_heartbeat(config, from, (term, round), ctx),
            RaftMessage::HeartbeatResponse { term, round } => {
                if self.answered(config, from, term, ctx) {
                    self.on_heartbeat_response(config, from, round);
                }
            }
            RaftMessage::InstallSnapshotResponse { term, last_included_index } => {
                if self.answered(config, from, term, ctx) {
                    self.on_match(config, from, last_included_index, ctx);
                }
            }
        }
    }

    fn on_timer(&mut self, config: &Config, timer: RaftTimer, ctx: &mut Context<Self>) {
        match timer {
            RaftTimer::Election => self.on_election_timeout(config, ctx),
            RaftTimer::Heartbeat => self.on_heartbeat_due(config, ctx),
        }
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        // "If the client's first choice is not the leader, that server will reject the client's request and supply
        // information about the most recent leader it has heard from" (§8).
        if !matches!(self.role, Role::Leader(_)) {
            ctx.redirect(command, self.leader);
        } else if command.value.membership().is_some() {
            self.on_change_request(config, command, ctx);
        } else {
            self.append_as_leader(config, command, ctx);
        }
    }

    fn on_query(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        self.on_read(config, command, ctx);
    }

    fn view(&self) -> View {
        self.summary()
    }

    fn row(&self, position: u64) -> Option<Row> {
        let entry = self.log.get(Index::try_from(position).ok()?)?;
        Some(Row { epoch: entry.term.into(), command: entry.command })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        self.variables(value)
    }

    fn waits(&self, _: &Config) -> Vec<Wait> {
        self.awaited()
    }

    /// R4 is a bug of followers that learn what is committed.
    fn learners(config: &Config) -> bool {
        config.variant != Variant::CommitToLogLength && config.snapshot_every == 0
    }

    /// A lower leaderCommit is that of a leader whose answers are late.
    fn unlearn(message: &mut RaftMessage) -> bool {
        if let RaftMessage::AppendEntries { leader_commit, .. } = message {
            *leader_commit = 0;
        }
        true
    }

    fn normal(&mut self, config: &Config) {
        self.forget_unread(config);
    }

    fn hurries(config: &Config, message: &RaftMessage) -> bool {
        config.plain() && message.only_hurries()
    }

    fn provokes(message: &RaftMessage) -> bool {
        matches!(message, RaftMessage::RequestVote { .. } | RaftMessage::AppendEntries { .. })
    }

    fn outgrew(&self, config: &Config, _: NodeId, message: &RaftMessage) -> bool {
        config.plain() && self.has_outgrown(config, message)
    }

    fn symmetry(config: &Config) -> Symmetry {
        let all = config.initial == NodeId::all(usize::from(config.nodes)).collect();
        if config.snapshot_every == 0 && all { Symmetry::Unasked } else { Symmetry::None }
    }

    fn rename(&mut self, names: &Renaming) {
        self.rename_nodes(names);
    }
}
