//! The learner: sees that a proposal is chosen, and sees to it that everybody learns.

use super::ballot::Ballot;
use super::config::Config;
use super::message::PaxosMessage;
use super::stable::{Proposal, Write};
use super::variant::Broken;
use super::{Paxos, PaxosTimer};
use crate::protocol::{Context, Fact, NodeId, NodeSet, Value};

/// In how many proposals a learner counts acceptances at a time.
pub const MAX_TALLIES: usize = 8;

/// Who accepted one proposal, as far as this learner has heard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    proposal: Proposal,
    pub(super) acceptors: NodeSet,
    /// Accepted messages beyond the first of each acceptor: counted by the variant that counts messages only.
    repeats: u8,
}

impl Tally {
    pub(super) fn describe(&self, value: &dyn Fn(Value) -> String) -> String {
        format!("{}:{}{:?}", self.proposal.ballot.0, value(self.proposal.command.value), self.acceptors)
    }
}

impl Paxos {
    /// Who accepted `proposal`, as far as this node has heard.
    pub(super) fn acceptors_of(&self, proposal: Proposal) -> NodeSet {
        self.tallies.iter().find(|tally| tally.proposal == proposal).map_or(NodeSet::default(), |tally| tally.acceptors)
    }

    /// "To learn that a value has been chosen, a learner must find out that a proposal has been accepted by a majority
    /// of acceptors" (§2.3).
    pub(super) fn on_accepted(&mut self, config: &Config, from: NodeId, proposal: Proposal, ctx: &mut Context<Self>) {
        if self.disk.decided.is_some() {
            return;
        }
        let Some(at) = self.tally_of(proposal) else { return };
        let tally = &mut self.tallies[at];
        if !tally.acceptors.insert(from) && config.breaks(Broken::CountMessages) {
            tally.repeats = tally.repeats.saturating_add(1);
        }
        let votes = tally.acceptors.len() + usize::from(tally.repeats);
        let votes = if config.breaks(Broken::CountPerValue) { self.acceptors_of_value(proposal) } else { votes };
        if votes >= config.quorum {
            let Proposal { ballot, command } = proposal;
            self.decide(proposal, Some(Fact::Learns { position: 1, ballot: ballot.0, command }), ctx);
            self.spread_after_learning(config, ballot, ctx);
        }
    }

    /// Where `proposal` is counted. The tallies are in ascending order, so that equal knowledge is equal state, and the
    /// lowest ballot makes room when there are too many; `None` when `proposal` would be that one.
    fn tally_of(&mut self, proposal: Proposal) -> Option<usize> {
        let at = self.tallies.partition_point(|tally| tally.proposal < proposal);
        if self.tallies.get(at).is_some_and(|tally| tally.proposal == proposal) {
            return Some(at);
        }
        let tally = Tally { proposal, acceptors: NodeSet::default(), repeats: 0 };
        if self.tallies.len() < MAX_TALLIES {
            self.tallies.insert(at, tally);
            return Some(at);
        }
        let lower = at.checked_sub(1)?;
        self.tallies[..at].rotate_left(1);
        self.tallies[lower] = tally;
        Some(lower)
    }

    /// What the variant P5 counts: acceptors of the value in any ballot.
    fn acceptors_of_value(&self, proposal: Proposal) -> usize {
        let same = self.tallies.iter().filter(|tally| tally.proposal.command == proposal.command);
        same.fold(NodeSet::default(), |all, tally| NodeSet(all.0 | tally.acceptors.0)).len()
    }

    fn decide(&mut self, chosen: Proposal, learnt: Option<Fact>, ctx: &mut Context<Self>) {
        self.write(Write::Learner { decided: chosen }, ctx);
        if let Some(fact) = learnt {
            ctx.observe(fact);
        }
        self.leave_ballot(ctx);
        self.tallies = Vec::new();
        self.known.insert(self.me);
        ctx.deliver(1, chosen.command);
    }

    /// The proposer of the chosen ballot tells the others first, the rest stand by. A distinguished learner "in turn
    /// informs the other learners when a value has been chosen" (§2.3), so it does not wait.
    fn spread_after_learning(&mut self, config: &Config, ballot: Ballot, ctx: &mut Context<Self>) {
        if self.all_know() {
            ctx.cancel_timer(PaxosTimer::Retry);
        } else if ballot.owner(self.n) != self.me {
            self.retry_after(config.standby_wait(ballot), ctx);
        } else if config.distinguished_learner {
            self.tell_again(config, ctx);
        } else {
            self.retry_after(config.active_wait(ballot), ctx);
        }
    }

    fn all_know(&self) -> bool {
        self.known.len() >= usize::from(self.n)
    }

    /// Answers a request with the decision, if this node knows it.
    pub(super) fn answer_with_decision(&self, to: NodeId, ctx: &mut Context<Self>) -> bool {
        let Some(chosen) = self.disk.decided else { return false };
        ctx.send(to, PaxosMessage::Decided { chosen, known: self.known });
        true
    }

    /// The time-out of a node that knows the decision: tells it to those that may not know.
    pub(super) fn tell_again(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Some(chosen) = self.disk.decided else { return };
        if self.all_know() {
            return; // The timer fired while its cancellation waited for the disk.
        }
        for node in NodeId::all(usize::from(self.n)).filter(|&node| !self.known.contains(node)) {
            ctx.send(node, PaxosMessage::Decided { chosen, known: self.known });
        }
        self.retry_after(config.longest_wait(), ctx);
    }

    /// "The assumption of non-Byzantine failures makes it easy for one learner to find out from another learner that a
    /// value has been accepted" (§2.3).
    pub(super) fn on_decided(
        &mut self,
        config: &Config,
        from: NodeId,
        chosen: Proposal,
        known: NodeSet,
        ctx: &mut Context<Self>,
    ) {
        let knew_all = self.all_know();
        let news = self.disk.decided.is_none();
        if news {
            self.decide(chosen, None, ctx);
        }
        self.known = NodeSet(self.known.0 | known.0);
        self.known.insert(from);
        if self.all_know() {
            ctx.cancel_timer(PaxosTimer::Retry);
            if !knew_all && known.len() < usize::from(self.n) {
                // The first to see that all know says so, and everybody falls silent.
                self.tell_all_know(ctx);
            } else if !known.contains(self.me) {
                self.answer_with_decision(from, ctx);
            }
            return;
        }
        if !known.contains(self.me) {
            self.answer_with_decision(from, ctx);
        }
        if news || !known.contains(self.me) {
            // The sender is spreading the decision already.
            self.retry_after(config.standby_wait(chosen.ballot), ctx);
        }
    }

    fn tell_all_know(&self, ctx: &mut Context<Self>) {
        let Some(chosen) = self.disk.decided else { return };
        for node in NodeId::all(usize::from(self.n)).filter(|&node| node != self.me) {
            ctx.send(node, PaxosMessage::Decided { chosen, known: self.known });
        }
    }

    /// After a restart: delivers what the disk knows, the application being empty, and takes up what is unfinished.
    pub(super) fn resume(mut self, config: &Config, ctx: &mut Context<Self>) -> Self {
        if let Some(chosen) = self.disk.decided {
            self.known.insert(self.me);
            ctx.deliver(1, chosen.command);
            if !self.all_know() {
                self.retry_after(config.standby_wait(chosen.ballot), ctx);
            }
        } else if self.own_value().is_some() {
            self.retry_after(config.standby_wait(self.seen), ctx);
        }
        self
    }
}
