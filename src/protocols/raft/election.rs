//! Leader election (§5.2, §5.4.1), with PreVote (thesis §9.6) and the quorum check (thesis §6.2, §4.2.3).

use super::{Change, Entry, Index, Write};
use super::{Config, Leadership, Raft, RaftMessage, RaftTimer, Role, Term, Variant};
use crate::protocol::{Command, Context, Fact, NodeId, NodeSet};

/// A log's end as votes compare it: last term first, then length.
type LogEnd = (Term, Index);

impl Raft {
    /// The election timer fired: no leader was heard, or, at a leader, the quorum is to be checked.
    pub(super) fn on_election_timeout(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Role::Leader(leadership) = &mut self.role else {
            return self.stand(config, ctx);
        };
        if !config.check_quorum {
            return;
        }
        // "A leader in Raft steps down if an election timeout elapses without a successful round of heartbeats to a
        // majority of its cluster" (thesis §6.2).
        leadership.heard.insert(self.me);
        let heard = std::mem::take(&mut leadership.heard);
        if self.is_majority(heard) {
            ctx.set_timer(RaftTimer::Election, config.election.1, config.election.1);
        } else {
            self.follow(config, None, ctx);
        }
    }

    fn stand(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.leader = None;
        self.loyal = false;
        if !self.may_stand(config) {
            self.arm_election_timer(config, ctx);
        } else if config.pre_vote {
            self.stand_for_pre_vote(config, ctx);
        } else {
            self.stand_for_election(config, ctx);
        }
    }

    /// Asks whether an election could be won, and changes nothing before it is known.
    fn stand_for_pre_vote(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if self.alone() {
            return self.stand_for_election(config, ctx);
        }
        self.arm_election_timer(config, ctx);
        self.role = Role::PreCandidate { votes: NodeSet::from_iter([self.me]) };
        for peer in self.peers() {
            let pre_vote = RaftMessage::PreVote {
                term: self.current_term + 1,
                candidate_id: self.me,
                last_log_index: self.log.last_index(),
                last_log_term: self.log.last_term(),
            };
            ctx.send(peer, pre_vote);
        }
    }

    /// "On conversion to candidate, start election: increment currentTerm, vote for self, reset election timer,
    /// send RequestVote RPCs to all other servers" (Fig. 2).
    fn stand_for_election(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.current_term += 1;
        self.voted_for = Some(self.me);
        self.role = Role::Candidate { votes: NodeSet::from_iter([self.me]) };
        self.arm_election_timer(config, ctx);
        self.persist_term(config, ctx);
        ctx.observe(Fact::Votes { epoch: self.current_term.into(), candidate: self.me });
        if self.alone() {
            return self.lead(config, ctx);
        }
        for peer in self.peers() {
            let request = RaftMessage::RequestVote {
                term: self.current_term,
                candidate_id: self.me,
                last_log_index: self.log.last_index(),
                last_log_term: self.log.last_term(),
            };
            ctx.send(peer, request);
        }
    }

    /// "Once a candidate wins an election, it becomes leader. It then sends heartbeat messages to all of the other
    /// servers to establish its authority and prevent new elections" (§5.2).
    fn lead(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.leader = Some(self.me);
        self.role = Role::Leader(Leadership::new(config.nodes, self.log.last_index()));
        ctx.observe(Fact::Leads { epoch: self.current_term.into() });
        if config.check_quorum {
            ctx.set_timer(RaftTimer::Election, config.election.1, config.election.1);
        } else {
            ctx.cancel_timer(RaftTimer::Election);
        }
        ctx.set_timer(RaftTimer::Heartbeat, config.heartbeat, config.heartbeat);
        if config.no_op {
            // "Raft handles this by having each leader commit a blank no-op entry into the log at the start of its
            // term" (§8).
            self.write_as_leader(Entry { term: self.current_term, command: Command::NOOP }, ctx);
        }
        for peer in self.peers() {
            self.probe(config, peer, ctx);
        }
        self.begin_round(config, ctx);
        self.commit_by_counting(config, ctx);
    }

    /// Becomes a follower within the current term.
    pub(super) fn follow(&mut self, config: &Config, leader: Option<NodeId>, ctx: &mut Context<Self>) {
        self.leader = leader;
        if let Role::Leader(_) = std::mem::replace(&mut self.role, Role::Follower) {
            ctx.observe(Fact::StepsDown);
            ctx.cancel_timer(RaftTimer::Heartbeat);
            self.arm_election_timer(config, ctx);
        }
    }

    /// "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (§5.1).
    /// True when it did: then the term is to be written before anything else is said.
    #[must_use]
    pub(super) fn adopt(&mut self, config: &Config, term: Term, ctx: &mut Context<Self>) -> bool {
        if term <= self.current_term {
            return false;
        }
        self.current_term = term;
        self.voted_for = None;
        self.follow(config, None, ctx);
        true
    }

    /// "If the logs have last entries with different terms, then the log with the later term is more up-to-date. If
    /// the logs end with the same term, then whichever log is longer is more up-to-date" (§5.4.1).
    fn at_least_as_up_to_date(&self, config: &Config, candidate: LogEnd) -> bool {
        config.variant == Variant::VoteIgnoresLog || candidate >= (self.log.last_term(), self.log.last_index())
    }

    pub(super) fn on_request_vote(
        &mut self,
        config: &Config,
        from: NodeId,
        term: Term,
        end: LogEnd,
        ctx: &mut Context<Self>,
    ) {
        // "If a server receives a RequestVote request within the minimum election timeout of hearing from a current
        // leader, it does not update its term or grant its vote" (thesis §4.2.3).
        let later = term > self.current_term || config.lease.is_some();
        if config.check_quorum && self.hears_a_leader() && later {
            ctx.send(from, RaftMessage::RequestVoteResponse { term: self.current_term, vote_granted: false });
            return;
        }
        let adopted = self.adopt(config, term, ctx);
        let vote_granted = term == self.current_term
            && self.voted_for.is_none_or(|voted| voted == from)
            && self.at_least_as_up_to_date(config, end);
        let voted_now = vote_granted && self.voted_for.is_none();
        if vote_granted {
            self.voted_for = Some(from);
            // A vote given is a reason to wait (§5.2, Fig. 2 "without … granting vote to candidate").
            self.arm_election_timer(config, ctx);
        }
        if adopted || voted_now {
            ctx.persist(Write { vote: self.vote_to_write(config), change: Change::Keep });
        }
        if adopted {
            self.observe_term(ctx);
        }
        if voted_now {
            ctx.observe(Fact::Votes { epoch: term.into(), candidate: from });
        }
        ctx.send(from, RaftMessage::RequestVoteResponse { term: self.current_term, vote_granted });
    }

    pub(super) fn on_request_vote_response(
        &mut self,
        config: &Config,
        from: NodeId,
        term: Term,
        vote_granted: bool,
        ctx: &mut Context<Self>,
    ) {
        if self.adopt(config, term, ctx) {
            return self.persist_term(config, ctx);
        }
        let Role::Candidate { votes } = &mut self.role else { return };
        if term != self.current_term || !vote_granted {
            return;
        }
        votes.insert(from);
        let votes = *votes;
        if self.is_majority(votes) {
            self.lead(config, ctx);
        }
    }

    /// "A server would grant its pre-vote only if the candidate's log is sufficiently up-to-date and it has not
    /// heard from a valid leader" (thesis §9.6, in its sense).
    pub(super) fn on_pre_vote(
        &mut self,
        config: &Config,
        from: NodeId,
        term: Term,
        end: LogEnd,
        ctx: &mut Context<Self>,
    ) {
        let may_vote =
            term > self.current_term || term == self.current_term && self.voted_for.is_none_or(|voted| voted == from);
        let vote_granted = may_vote && !self.hears_a_leader() && self.at_least_as_up_to_date(config, end);
        let term = if vote_granted { term } else { self.current_term };
        ctx.send(from, RaftMessage::PreVoteResponse { term, vote_granted });
    }

    pub(super) fn on_pre_vote_response(
        &mut self,
        config: &Config,
        from: NodeId,
        term: Term,
        vote_granted: bool,
        ctx: &mut Context<Self>,
    ) {
        if !vote_granted {
            if self.adopt(config, term, ctx) {
                self.persist_term(config, ctx);
            }
            return;
        }
        let Role::PreCandidate { votes } = &mut self.role else { return };
        if term != self.current_term + 1 {
            return;
        }
        votes.insert(from);
        let votes = *votes;
        if self.is_majority(votes) {
            self.stand_for_election(config, ctx);
        }
    }
}
