//! The acceptor: phase 1(b) and 2(b).

use super::Paxos;
use super::ballot::Ballot;
use super::config::Config;
use super::message::PaxosMessage;
use super::stable::{Proposal, Write};
use super::variant::Broken;
use crate::protocol::{Context, Fact, NodeId};

impl Paxos {
    /// Phase 1(b): "If an acceptor receives a prepare request with number n greater than that of any prepare request to
    /// which it has already responded, then it responds to the request with a promise not to accept any more proposals
    /// numbered less than n and with the highest-numbered proposal (if any) that it has accepted" (§2.2).
    pub(super) fn on_prepare(&mut self, config: &Config, from: NodeId, ballot: Ballot, ctx: &mut Context<Self>) {
        self.seen = self.seen.max(ballot);
        if self.answer_with_decision(from, ctx) {
            return;
        }
        let (promised, accepted) = (self.disk.promised, self.disk.accepted);
        if ballot < promised {
            ctx.send(from, PaxosMessage::Nack { ballot, promised });
            return;
        }
        // "We also have it ignore a prepare request for a proposal it has already accepted" (§2.2).
        if accepted.is_some_and(|accepted| accepted.ballot == ballot) {
            return;
        }
        if ballot > promised {
            if config.breaks(Broken::PromiseWithoutPersist) {
                self.disk.promised = ballot;
            } else {
                // "An acceptor records its intended response in stable storage before actually sending the response"
                // (§2.5).
                self.write(Write::Acceptor { promised: ballot, accepted }, ctx);
            }
            ctx.observe(Fact::Epoch { epoch: ballot.0 });
            ctx.send(from, PaxosMessage::Promise { ballot, accepted });
            self.stand_by(config, from, ballot, ctx);
        } else {
            // A copy, or sent again: so is the answer.
            ctx.send(from, PaxosMessage::Promise { ballot, accepted });
        }
    }

    /// Phase 2(b): "If an acceptor receives an accept request for a proposal numbered n, it accepts the proposal unless
    /// it has already responded to a prepare request having a number greater than n" (§2.2).
    pub(super) fn on_accept(&mut self, config: &Config, from: NodeId, proposal: Proposal, ctx: &mut Context<Self>) {
        let Proposal { ballot, command } = proposal;
        self.seen = self.seen.max(ballot);
        if self.answer_with_decision(from, ctx) {
            return;
        }
        let promised = self.disk.promised;
        if ballot < promised {
            ctx.send(from, PaxosMessage::Nack { ballot, promised });
            return;
        }
        if self.disk.accepted != Some(proposal) {
            // Paxos.tla, Phase2b: accepting raises maxBal as well.
            let raised = if config.breaks(Broken::AcceptLeavesPromise) { promised } else { ballot };
            self.write(Write::Acceptor { promised: raised, accepted: Some(proposal) }, ctx);
            if raised > promised {
                ctx.observe(Fact::Epoch { epoch: raised.0 });
            }
            ctx.observe(Fact::Accepts { position: 1, ballot: ballot.0, command });
            self.stand_by(config, from, ballot, ctx);
        }
        let accepted = PaxosMessage::Accepted { ballot, command };
        if config.distinguished_learner {
            ctx.send(ballot.owner(self.n), accepted);
        } else {
            // "The obvious algorithm is to have each acceptor, whenever it accepts a proposal, respond to all learners,
            // sending them the proposal" (§2.3).
            self.broadcast(accepted, ctx);
        }
    }
}
