//! Reads under a lease (thesis §6.4.1): a leader whose round of heartbeats a majority has acknowledged knows that nobody
//! else is elected for a while, and answers reads from its own state, without a place in the log.
//!
//! The lease rests on clocks: each node that acknowledged waits for its shortest election timeout before it votes, and
//! the leader takes the lease to be shorter than that by the drift of two clocks. A clock that jumps, or drifts by more,
//! makes it wrong.

use super::{Config, Raft, RaftMessage, RaftTimer, Role, Term};
use crate::protocol::{Command, Context, MAX_NODES, NodeId};

/// Rounds that may wait for their majority: more are as good as lost.
const MAX_ROUNDS: usize = 16;

impl Raft {
    /// "The leader would use its normal heartbeat mechanism to maintain a lease" (thesis §6.4.1): begins a round.
    pub(super) fn begin_round(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if config.lease.is_none() {
            return;
        }
        let term = self.current_term;
        let Role::Leader(leadership) = &mut self.role else { return };
        leadership.round += 1;
        let round = leadership.round;
        leadership.rounds.push_back((round, ctx.local_now()));
        if leadership.rounds.len() > MAX_ROUNDS {
            leadership.rounds.pop_front();
        }
        if self.alone() {
            return self.extend_lease(config);
        }
        for peer in self.peers() {
            ctx.send(peer, RaftMessage::Heartbeat { term, leader_id: self.me, round });
        }
    }

    pub(super) fn on_heartbeat(
        &mut self,
        config: &Config,
        from: NodeId,
        (term, round): (Term, u32),
        ctx: &mut Context<Self>,
    ) {
        if term < self.current_term {
            ctx.send(from, RaftMessage::HeartbeatResponse { term: self.current_term, round: 0 });
            return;
        }
        if self.adopt(config, term, ctx) {
            self.persist_term(config, ctx);
        }
        if matches!(self.role, Role::Leader(_)) {
            return; // As in AppendEntries: only a variant comes here.
        }
        self.role = Role::Follower;
        self.hear(config, from, ctx);
        ctx.send(from, RaftMessage::HeartbeatResponse { term, round });
    }

    pub(super) fn on_heartbeat_response(&mut self, config: &Config, from: NodeId, round: u32) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.peers[from.index()];
        progress.round = progress.round.max(round);
        self.extend_lease(config);
    }

    /// "Once the leader's heartbeats were acknowledged by a majority of the cluster, the leader would extend its lease to
    /// start + election timeout / clock drift bound, since the followers shouldn't time out before then" (thesis
    /// §6.4.1), where start is when the round began.
    fn extend_lease(&mut self, config: &Config) {
        let Some(lease) = config.lease else { return };
        let (me, members, majority) = (self.me, self.members, self.majority());
        let Role::Leader(leadership) = &mut self.role else { return };
        let mut acknowledged = [0; MAX_NODES];
        for node in members.iter() {
            let own = if node == me { leadership.round } else { leadership.peers[node.index()].round };
            acknowledged[node.index()] = own;
        }
        crate::sorting::sort(&mut acknowledged);
        let round = acknowledged[MAX_NODES - majority];
        while let Some((_, start)) = leadership.rounds.front().copied().filter(|(number, _)| *number <= round) {
            leadership.lease_until = leadership.lease_until.max(start + lease);
            leadership.rounds.pop_front();
        }
    }

    /// A read: answered at once under a lease, by a leader that has committed an entry of its own term and so knows all
    /// that is committed (thesis §6.4); else ordered like any other command.
    pub(super) fn on_read(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        let Role::Leader(leadership) = &self.role else { return ctx.redirect(command, self.leader) };
        let leased = config.lease.is_some() && ctx.local_now() < leadership.lease_until;
        if leased && self.commit_index >= leadership.term_start {
            ctx.answer(command);
        } else {
            self.append_as_leader(config, command, ctx);
        }
    }

    /// A leader was heard: the node waits, and under leases it has promised to.
    pub(super) fn hear(&mut self, config: &Config, leader: NodeId, ctx: &mut Context<Self>) {
        self.leader = Some(leader);
        self.loyal = config.lease.is_some();
        self.arm_election_timer(config, ctx);
    }

    /// Whether the node has heard a leader since its election timer fired. Under leases that is remembered even when a
    /// higher term is heard of, and a node that has just started assumes that it did.
    pub(super) fn hears_a_leader(&self) -> bool {
        self.leader.is_some() || self.loyal
    }

    pub(super) fn arm_election_timer(&self, config: &Config, ctx: &mut Context<Self>) {
        ctx.set_timer(RaftTimer::Election, config.election.0, config.election.1);
    }
}
