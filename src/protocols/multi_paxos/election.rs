//! Phase 1, once for all slots; and giving way to a higher ballot.

use super::leader::Leadership;
use super::replica::News;
use super::{Ballot, Broken, Config, Entry, MultiPaxos, MultiPaxosMessage, MultiPaxosTimer, Phase};
use crate::protocol::{Command, Context, Fact, NodeId, NodeSet};

impl MultiPaxos {
    /// Waits for a leader, and tries to lead if none is heard. A node without its old disk only ever follows.
    pub(super) fn wait_for_leader(&self, config: &Config, ctx: &mut Context<Self>) {
        if !self.lost {
            let (min, max) = config.election.wait(self.preempted.into());
            ctx.set_timer(MultiPaxosTimer::Election, min, max);
        }
    }

    /// No leader was heard, or not enough promises came; at a leader, the majority is to be checked.
    pub(super) fn on_election_timeout(&mut self, config: &Config, ctx: &mut Context<Self>) {
        match &mut self.phase {
            Phase::Following => self.begin_ballot(config, ctx),
            Phase::Preparing { ballot, promises, .. } => {
                let (prepare, promises) =
                    (MultiPaxosMessage::Prepare { ballot: *ballot, first: self.chosen + 1 }, *promises);
                for peer in self.peers().filter(|peer| !promises.contains(*peer)) {
                    ctx.send(peer, prepare.clone());
                }
                self.wait_for_leader(config, ctx);
            }
            Phase::Leading(leadership) => {
                let heard = std::mem::take(&mut leadership.heard);
                if heard.len() + 1 >= config.quorum {
                    ctx.set_timer(MultiPaxosTimer::Election, config.election.first.1, config.election.first.1);
                } else {
                    self.follow(config, None, ctx);
                }
            }
        }
    }

    /// "A newly chosen leader executes phase 1 for infinitely many instances of the consensus algorithm" (§3): for all
    /// that it does not know to be chosen.
    fn begin_ballot(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Some(ballot) = self.seen.max(self.promised).next_of(self.me, self.n) else {
            return; // The numbers are used up.
        };
        self.leader = None;
        self.seen = ballot;
        self.phase = Phase::Preparing { ballot, promises: NodeSet::from_iter([self.me]), reports: Vec::new() };
        // Its own acceptor's promise remembers "the highest-numbered proposal it has tried to issue" (§2.5).
        self.promise(config, ballot, ctx);
        self.wait_for_leader(config, ctx);
        if config.quorum == 1 {
            return self.lead(config, ctx);
        }
        // "Using the same proposal number for all instances, it can do this by sending a single reasonably short message
        // to the other servers" (§3).
        self.broadcast(MultiPaxosMessage::Prepare { ballot, first: self.chosen + 1 }, ctx);
    }

    /// A promise: what it knows to be chosen is learned at once, what it has accepted behind that is kept for phase 2.
    pub(super) fn on_promise(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        news: News,
        ctx: &mut Context<Self>,
    ) {
        if !matches!(self.phase, Phase::Preparing { ballot: own, .. } if own == ballot) {
            return;
        }
        self.learn(config, &news, ctx);
        let Phase::Preparing { promises, reports, .. } = &mut self.phase else { return };
        promises.insert(from);
        for entry in news.entries.into_iter().filter(|entry| entry.slot > self.chosen) {
            report(reports, entry);
        }
        if promises.len() >= config.quorum {
            self.lead(config, ctx);
        }
    }

    /// A majority has promised. "Suppose that the outcome of these executions determine the value to be proposed in
    /// instances 135 and 140, but leaves the proposed value unconstrained in all other instances. The leader then
    /// executes phase 2 for instances 135 and 140", and fills 136 and 137 with no-ops (§3).
    fn lead(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Phase::Preparing { ballot, mut reports, .. } = std::mem::replace(&mut self.phase, Phase::Following) else {
            return;
        };
        for entry in self.log.entries(self.chosen + 1, self.log.last()) {
            report(&mut reports, entry);
        }
        let (first, last) = (self.chosen + 1, reports.last().map_or(0, |entry| entry.slot));
        self.leader = Some(self.me);
        self.preempted = 0;
        self.phase = Phase::Leading(Leadership::new(ballot));
        ctx.observe(Fact::Leads { epoch: ballot.0 });
        ctx.set_timer(MultiPaxosTimer::Election, config.election.first.1, config.election.first.1);
        ctx.set_timer(MultiPaxosTimer::Heartbeat, config.heartbeat, config.heartbeat);
        self.broadcast(MultiPaxosMessage::Heartbeat { ballot, chosen: self.chosen }, ctx);
        let mut reported = reports.iter().filter(|entry| entry.slot >= first).peekable();
        for slot in first..=last {
            // "We let it fill the gap immediately by proposing … a special "no-op" command" (§3).
            let gap = (!config.breaks(Broken::GapNotFilled)).then_some(Command::NOOP);
            let command = reported.next_if(|entry| entry.slot == slot).map(|entry| entry.proposal.command).or(gap);
            self.propose(config, command, ctx);
        }
    }

    /// "It is probably a good idea to abandon a proposal if some proposer has begun trying to issue a higher-numbered
    /// one" (§2.2); a leader is *preempted* (PMMC).
    pub(super) fn on_nack(&mut self, config: &Config, ballot: Ballot, promised: Ballot, ctx: &mut Context<Self>) {
        if self.ballot() == Some(ballot) && promised > ballot {
            self.give_way(config, ctx);
        }
    }

    /// Another ballot is higher than its own, if it has one under way: lets that one go first.
    pub(super) fn give_way(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if self.ballot().is_some() {
            self.preempted = self.preempted.saturating_add(1);
        }
        self.follow(config, None, ctx);
    }

    /// Has no ballot of its own under way from now on, and waits for a leader.
    pub(super) fn follow(&mut self, config: &Config, leader: Option<NodeId>, ctx: &mut Context<Self>) {
        if let Phase::Leading(leadership) = std::mem::replace(&mut self.phase, Phase::Following) {
            ctx.observe(Fact::StepsDown);
            ctx.cancel_timer(MultiPaxosTimer::Heartbeat);
            for command in leadership.queue {
                ctx.redirect(command, leader);
            }
        }
        self.leader = leader;
        self.wait_for_leader(config, ctx);
    }

    /// The leader of `ballot`, which is not below the promise, was heard.
    pub(super) fn heard_leader(&mut self, config: &Config, from: NodeId, ctx: &mut Context<Self>) {
        self.preempted = 0;
        self.follow(config, Some(from), ctx);
    }
}

/// Keeps the highest-numbered proposal of each slot, in the order of the slots.
fn report(reports: &mut Vec<Entry>, entry: Entry) {
    let at = reports.partition_point(|other| other.slot < entry.slot);
    match reports.get_mut(at) {
        Some(other) if other.slot == entry.slot => {
            if other.proposal.ballot < entry.proposal.ballot {
                *other = entry;
            }
        }
        _ => reports.insert(at, entry),
    }
}
