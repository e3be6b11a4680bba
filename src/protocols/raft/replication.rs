//! Log replication (§5.3) and the commit rule (§5.4.2).

use super::progress::PATIENCE;
use super::{Change, Config, Entries, Entry, Index, Raft, RaftMessage, RaftTimer, Role, Term, Variant, Write};
use crate::protocol::{Command, Context, Fact, NodeId};

/// An AppendEntries request, without what is known from the envelope.
pub(super) struct Append {
    pub term: Term,
    pub prev_log_index: Index,
    pub prev_log_term: Term,
    pub entries: Entries,
    pub leader_commit: Index,
}

/// The leader's side.
impl Raft {
    /// "The leader appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel to each
    /// of the other servers" (§5.3).
    pub(super) fn append_as_leader(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        self.write_as_leader(Entry { term: self.current_term, command }, ctx);
        if command.value.membership().is_some() {
            self.take_configuration(config);
        }
        for peer in self.peers() {
            self.send_new(config, peer, ctx);
        }
        if self.alone() {
            self.commit_by_counting(config, ctx);
        }
    }

    /// Puts an entry at the end of the log, on the disk before anybody hears of it.
    pub(super) fn write_as_leader(&mut self, entry: Entry, ctx: &mut Context<Self>) {
        self.log.push(entry);
        let first = self.log.last_index();
        ctx.persist(Write { vote: None, change: Change::Entries { first, entries: Entries::One(entry) } });
        observe_append(first, entry, ctx);
    }

    /// Sends `peer` what is new, as far as the window allows.
    fn send_new(&mut self, config: &Config, peer: NodeId, ctx: &mut Context<Self>) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.peers[peer.index()];
        if progress.probing {
            return;
        }
        while progress.next_index <= self.log.last_index() && progress.in_flight.len() < config.max_in_flight as usize {
            let prev_log_index = progress.next_index - 1;
            let Some(prev_log_term) = self.log.term_at(prev_log_index) else {
                // The entries it needs are compacted away: only a snapshot helps.
                progress.probe_from(progress.next_index);
                return self.probe(config, peer, ctx);
            };
            let entries = self.log.slice(progress.next_index, config.max_batch);
            progress.next_index += entries.len() as Index;
            progress.in_flight.push_back(progress.next_index - 1);
            let append = RaftMessage::AppendEntries {
                term: self.current_term,
                leader_id: self.me,
                prev_log_index,
                prev_log_term,
                entries,
                leader_commit: self.commit_index,
            };
            ctx.send(peer, append);
        }
    }

    /// Sends `peer` the one message that is under way while the logs have yet to meet: AppendEntries from nextIndex,
    /// or the snapshot when the log no longer reaches back so far. nextIndex stays until they have.
    pub(super) fn probe(&mut self, config: &Config, peer: NodeId, ctx: &mut Context<Self>) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.peers[peer.index()];
        let prev_log_index = progress.next_index - 1;
        let message = match (self.log.term_at(prev_log_index), self.log.snapshot()) {
            (None, Some(snapshot)) => {
                progress.probe_carries(self.log.base());
                RaftMessage::InstallSnapshot {
                    term: self.current_term,
                    leader_id: self.me,
                    last_included_term: self.log.base_term(),
                    last_config: self.log.members_to_keep(config.initial, self.log.base()),
                    snapshot,
                }
            }
            (prev_log_term, _) => {
                let entries = self.log.slice(progress.next_index, config.max_batch);
                progress.probe_carries(prev_log_index + entries.len() as Index);
                RaftMessage::AppendEntries {
                    term: self.current_term,
                    leader_id: self.me,
                    prev_log_index,
                    prev_log_term: prev_log_term.unwrap_or_default(),
                    entries,
                    leader_commit: self.commit_index,
                }
            }
        };
        ctx.send(peer, message);
    }

    /// A heartbeat is due (§5.2), and with it whatever is taken to be lost: "the leader retries AppendEntries RPCs
    /// indefinitely until all followers eventually store all log entries" (§5.3).
    pub(super) fn on_heartbeat_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if !matches!(self.role, Role::Leader(_)) {
            return;
        }
        ctx.set_timer(RaftTimer::Heartbeat, config.heartbeat, config.heartbeat);
        self.give_up_on_newcomer();
        self.begin_round(config, ctx);
        for peer in self.peers() {
            let Role::Leader(leadership) = &mut self.role else { return };
            let progress = &mut leadership.peers[peer.index()];
            progress.beat();
            if progress.probing {
                self.probe(config, peer, ctx);
            } else {
                let prev_log_index = progress.match_index.max(self.log.base());
                let heartbeat = RaftMessage::AppendEntries {
                    term: self.current_term,
                    leader_id: self.me,
                    prev_log_index,
                    prev_log_term: self.log.term_at(prev_log_index).unwrap_or_default(),
                    entries: Entries::None,
                    leader_commit: self.commit_index,
                };
                ctx.send(peer, heartbeat);
            }
        }
    }

    /// Takes note of an answer's term and sender. True when this node leads the term that was answered.
    pub(super) fn answered(&mut self, config: &Config, from: NodeId, term: Term, ctx: &mut Context<Self>) -> bool {
        if term != self.current_term {
            if self.adopt(config, term, ctx) {
                self.persist_term(config, ctx);
                return false;
            }
            // What an answer of an older term grants, the follower's log may have lost since.
            if config.variant != Variant::CountOldAnswers {
                return false;
            }
        }
        let Role::Leader(leadership) = &mut self.role else { return false };
        leadership.heard.insert(from);
        true
    }

    /// The follower's log matches up to `index`: "update nextIndex and matchIndex for follower" (Fig. 2).
    pub(super) fn on_match(&mut self, config: &Config, from: NodeId, index: Index, ctx: &mut Context<Self>) {
        let index = index.min(self.log.last_index());
        let Role::Leader(leadership) = &mut self.role else { return };
        if leadership.peers[from.index()].matched(index) && index > self.commit_index {
            self.commit_by_counting(config, ctx);
        }
        self.advance_change(config, ctx);
        self.send_new(config, from, ctx);
    }

    /// "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry" (Fig. 2), by the hint
    /// that lets it "bypass all of the conflicting entries in that term" (§5.3).
    pub(super) fn on_refusal(
        &mut self,
        config: &Config,
        from: NodeId,
        prev_log_index: Index,
        (conflict_term, conflict_index): (Term, Index),
        ctx: &mut Context<Self>,
    ) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.peers[from.index()];
        if progress.probing && prev_log_index + 1 != progress.next_index {
            return; // The answer to an earlier message.
        }
        if prev_log_index <= progress.match_index {
            // Nearly always an answer that was overtaken. But a node that refuses what it acknowledged, and grants
            // nothing, has lost its disk: what is known of it is void. Lowering matchIndex is always safe.
            if progress.silent < PATIENCE {
                return;
            }
            progress.match_index = 0;
        }
        let hint = match conflict_term {
            0 => conflict_index,
            term => self.log.last_of_term(term, prev_log_index).map_or(conflict_index, |last| last + 1),
        };
        let low = progress.match_index + 1;
        progress.probe_from(hint.clamp(low, prev_log_index.max(low)));
        self.probe(config, from, ctx);
    }

    /// "If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term ==
    /// currentTerm: set commitIndex = N" (Fig. 2).
    pub(super) fn commit_by_counting(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Role::Leader(leadership) = &self.role else { return };
        let index = leadership.majority_match(self.me, self.log.last_index(), self.members);
        // "Raft never commits log entries from previous terms by counting replicas" (§5.4.2): Figure 8 shows how
        // such an entry is overwritten although a majority holds it. Entries of the own term end the log.
        let counts = index >= leadership.term_start || config.variant == Variant::CommitOlderTerm;
        if counts {
            self.commit(config, index, ctx);
        }
    }
}

/// The follower's side.
impl Raft {
    pub(super) fn on_append_entries(&mut self, config: &Config, from: NodeId, append: Append, ctx: &mut Context<Self>) {
        // "Reply false if term < currentTerm" (Fig. 2, rule 1).
        if append.term < self.current_term {
            return self.refuse(from, append.prev_log_index, (0, 0), ctx);
        }
        let adopted = self.adopt(config, append.term, ctx);
        if matches!(self.role, Role::Leader(_)) {
            return; // Election Safety excludes a second leader of the term; variants that break it come here.
        }
        // "If the leader's term is at least as large as the candidate's current term, then the candidate recognizes
        // the leader as legitimate and returns to follower state" (§5.2).
        if !matches!(self.role, Role::Follower) {
            self.role = Role::Follower;
        }
        self.hear(config, from, ctx);

        if let Some(hint) = self.conflict(append.prev_log_index, append.prev_log_term) {
            if adopted {
                self.persist_term(config, ctx);
            }
            return self.refuse(from, append.prev_log_index, hint, ctx);
        }
        let match_index = append.prev_log_index + append.entries.len() as Index;
        let response = RaftMessage::AppendEntriesResponse {
            term: self.current_term,
            success: true,
            prev_log_index: append.prev_log_index,
            match_index,
            conflict_term: 0,
            conflict_index: 0,
        };
        let early = config.variant == Variant::AcknowledgeBeforeFsync;
        if early {
            ctx.send(from, response.clone());
        }
        self.write_as_follower(config, append.prev_log_index, append.entries, adopted, ctx);
        if !early {
            ctx.send(from, response);
        }
        if adopted && config.variant == Variant::EntriesBeforeTerm {
            self.persist_term(config, ctx);
        }
        // "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)" (Fig. 2,
        // rule 5). Behind the last new entry stands what the leader may not have.
        let known = if config.variant == Variant::CommitToLogLength { self.log.last_index() } else { match_index };
        self.commit(config, append.leader_commit.min(known), ctx);
    }

    /// "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm" (Fig. 2, rule 2):
    /// the hint of such a refusal, "the term of the conflicting entry and the first index it stores for that term"
    /// (§5.3), or just the log's end when there is no entry.
    fn conflict(&self, prev_log_index: Index, prev_log_term: Term) -> Option<(Term, Index)> {
        if prev_log_index > self.log.last_index() {
            return Some((0, self.log.last_index() + 1));
        }
        match self.log.term_at(prev_log_index) {
            // What the snapshot includes is committed: the leader has the same.
            None => None,
            Some(term) if term == prev_log_term => None,
            Some(term) => Some((term, self.log.first_of_term_at(prev_log_index))),
        }
    }

    fn refuse(&self, to: NodeId, prev_log_index: Index, (term, index): (Term, Index), ctx: &mut Context<Self>) {
        let refusal = RaftMessage::AppendEntriesResponse {
            term: self.current_term,
            success: false,
            prev_log_index,
            match_index: 0,
            conflict_term: term,
            conflict_index: index,
        };
        ctx.send(to, refusal);
    }

    /// Brings the log behind `prev` in line with `entries`, and writes that, with the term if it is new.
    fn write_as_follower(
        &mut self,
        config: &Config,
        prev: Index,
        entries: Entries,
        adopted: bool,
        ctx: &mut Context<Self>,
    ) {
        let known = self.already_there(prev, &entries);
        let first = prev + 1 + known as Index;
        let entries = entries.without_first(known);
        let last = self.log.last_index();
        // R3 alone cuts behind entries that are all there.
        let cuts = config.variant == Variant::TruncateUnconditionally && first <= last && first > self.log.base();
        if entries.is_empty() && !cuts {
            if adopted {
                self.persist_term(config, ctx);
            }
            return;
        }
        self.log.replace_from(first, &entries);
        self.take_configuration(config);
        // R7 alone writes the entries first and the term that they belong to later.
        let late = config.variant == Variant::EntriesBeforeTerm;
        let vote = if adopted && !late { self.vote_to_write(config) } else { None };
        ctx.persist(Write { vote, change: Change::Entries { first, entries: entries.clone() } });
        if adopted {
            self.observe_term(ctx);
        }
        if first <= last {
            ctx.observe(Fact::Truncates { from: first.into() });
        }
        for (index, entry) in (first..).zip(entries.iter()) {
            observe_append(index, *entry, ctx);
        }
    }

    /// How many of `entries` stand behind `prev` already: "if an existing entry conflicts with a new one (same index
    /// but different terms), delete the existing entry and all that follow it; append any new entries not already in
    /// the log" (Fig. 2, rules 3 and 4). An old AppendEntries that comes late thus removes nothing.
    fn already_there(&self, prev: Index, entries: &[Entry]) -> usize {
        if prev == self.log.last_index() {
            return 0;
        }
        let inside = entries.len().min(self.log.base().saturating_sub(prev) as usize);
        let same = |&(index, entry): &(Index, &Entry)| self.log.get(index).is_some_and(|e| e.term == entry.term);
        let behind = (prev + 1 + inside as Index..).zip(&entries[inside..]);
        inside + behind.take_while(same).count()
    }

    /// Tells what stands at `index`.
    pub(super) fn observe_entry(&self, index: Index, ctx: &mut Context<Self>) {
        if let Some(entry) = self.log.get(index) {
            observe_append(index, *entry, ctx);
        }
    }
}

fn observe_append(index: Index, entry: Entry, ctx: &mut Context<Raft>) {
    ctx.observe(Fact::Appends { position: index.into(), epoch: entry.term.into(), command: entry.command });
}
