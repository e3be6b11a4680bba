//! The proposer: phase 1(a) and 2(a), giving way, and trying again.

use super::ballot::Ballot;
use super::config::Config;
use super::message::PaxosMessage;
use super::stable::{Proposal, Write};
use super::variant::Broken;
use super::{Paxos, Phase};
use crate::protocol::{Command, Context, Fact, NodeId, NodeSet};

impl Paxos {
    /// Takes up the client's proposal. A ballot that is under way for somebody else's value goes on: its promises may
    /// leave the choice to this node.
    pub(super) fn propose(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        self.disk.proposal = Some(command);
        match self.phase {
            Phase::Idle => self.begin_ballot(config, ctx),
            _ => self.write(Write::Proposer { tried: self.disk.tried, proposal: Some(command) }, ctx),
        }
    }

    /// Phase 1(a): "A proposer selects a proposal number n and sends a prepare request with number n to a majority of
    /// acceptors" (§2.2), here to all of them.
    fn begin_ballot(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Some(ballot) = self.seen.max(self.disk.tried).next_of(self.me, self.n) else {
            return; // The numbers are used up.
        };
        self.seen = ballot;
        self.phase = Phase::Preparing { ballot, promises: NodeSet::default(), best: None };
        // "Each proposer remembers (in stable storage) the highest-numbered proposal it has tried to issue" (§2.5).
        self.write(Write::Proposer { tried: ballot, proposal: self.disk.proposal }, ctx);
        self.broadcast(PaxosMessage::Prepare { ballot }, ctx);
        self.retry_after(config.active_wait(self.seen), ctx);
    }

    /// A promise. With a majority of them phase 2(a) begins: "it sends an accept request … with a value v, where v is
    /// the value of the highest-numbered proposal among the responses, or is any value if the responses reported no
    /// proposals" (§2.2).
    pub(super) fn on_promise(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        accepted: Option<Proposal>,
        ctx: &mut Context<Self>,
    ) {
        let own = self.own_value();
        let Phase::Preparing { ballot: current, promises, best } = &mut self.phase else { return };
        // "Response messages are tagged with the corresponding proposal number to prevent confusion" (§2.5).
        if ballot != *current {
            return;
        }
        promises.insert(from);
        if let Some(reported) = accepted {
            let highest = best.is_none_or(|best| reported.ballot > best.ballot);
            if highest || config.breaks(Broken::AnyValue) {
                *best = Some(reported);
            }
        }
        if promises.len() < config.quorum {
            return;
        }
        let reported = best.map(|best| best.command);
        let choice = if config.breaks(Broken::OwnValue) { own.or(reported) } else { reported.or(own) };
        let Some(command) = choice else { return };
        self.phase = Phase::Accepting { proposal: Proposal { ballot, command } };
        ctx.observe(Fact::Leads { epoch: ballot.0 });
        ctx.observe(Fact::Proposes { position: 1, ballot: ballot.0, command });
        self.broadcast(PaxosMessage::Accept { ballot, command }, ctx);
        self.retry_after(config.active_wait(self.seen), ctx);
    }

    /// "It is probably a good idea to abandon a proposal if some proposer has begun trying to issue a higher-numbered
    /// one" (§2.2).
    pub(super) fn on_nack(&mut self, config: &Config, ballot: Ballot, promised: Ballot, ctx: &mut Context<Self>) {
        self.seen = self.seen.max(promised);
        if self.ballot() != Some(ballot) {
            return;
        }
        self.give_way(config, ctx);
    }

    /// This node's acceptor has just promised or accepted `ballot` of `proposer`: lets that one go first, unless its own
    /// ballot under way is higher still.
    pub(super) fn stand_by(&mut self, config: &Config, proposer: NodeId, ballot: Ballot, ctx: &mut Context<Self>) {
        if proposer == self.me {
            return;
        }
        match self.ballot() {
            Some(own) if own > ballot => {}
            Some(_) => self.give_way(config, ctx),
            None if self.own_value().is_some() => self.retry_after(config.standby_wait(self.seen), ctx),
            None => {}
        }
    }

    /// Abandons the ballot under way and tries again after a wait.
    fn give_way(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.leave_ballot(ctx);
        if config.breaks(Broken::NoBackoff) {
            self.begin_ballot(config, ctx);
        } else {
            self.retry_after(config.standby_wait(self.seen), ctx);
        }
    }

    /// Abandons the ballot under way, if there is one.
    pub(super) fn leave_ballot(&mut self, ctx: &mut Context<Self>) {
        if let Phase::Accepting { .. } = self.phase {
            ctx.observe(Fact::StepsDown);
        }
        self.phase = Phase::Idle;
    }

    /// The time-out of a node without a decision: asks again those that have not answered, or begins a higher ballot.
    pub(super) fn try_again(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let (message, answered) = match self.phase {
            Phase::Idle => {
                if self.own_value().is_some() {
                    self.begin_ballot(config, ctx);
                }
                return;
            }
            Phase::Preparing { ballot, promises, .. } => (PaxosMessage::Prepare { ballot }, promises),
            Phase::Accepting { proposal } => {
                let Proposal { ballot, command } = proposal;
                (PaxosMessage::Accept { ballot, command }, self.acceptors_of(proposal))
            }
        };
        for node in NodeId::all(usize::from(self.n)).filter(|&node| !answered.contains(node)) {
            ctx.send(node, message);
        }
        self.retry_after(config.active_wait(self.seen), ctx);
    }
}
