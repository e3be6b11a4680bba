//! The acceptor: phase 1(b) for all slots at once, phase 2(b) in one.

use super::{Ballot, Broken, Change, Config, Entry, MultiPaxos, MultiPaxosMessage, Slot};
use crate::protocol::{Context, Fact, NodeId};

impl MultiPaxos {
    /// Whether it may promise and accept: "an acceptor must remember this information even if it fails and then restarts"
    /// (§2.2).
    fn votes(&self, config: &Config) -> bool {
        // Paxos Made Live §5.1 lets a node vote again that has seen an instance through.
        !self.lost || config.breaks(Broken::WipedVotes) && self.chosen > 0
    }

    /// Promises `ballot`, which is higher than what it promised before. "An acceptor records its intended response in
    /// stable storage before actually sending the response" (§2.5).
    pub(super) fn promise(&mut self, config: &Config, ballot: Ballot, ctx: &mut Context<Self>) {
        self.promised = ballot;
        self.write(config, Change::Keep, ctx);
        ctx.observe(Fact::Epoch { epoch: ballot.0 });
    }

    fn refuse(&self, to: NodeId, ballot: Ballot, ctx: &mut Context<Self>) {
        ctx.send(to, MultiPaxosMessage::Nack { ballot, promised: self.promised });
    }

    /// Phase 1(b) of all slots from `first` on. "In phase 1, an acceptor responds with more than a simple OK only if it
    /// has already received a phase 2 message from some proposer" (§3).
    pub(super) fn on_prepare(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        first: Slot,
        ctx: &mut Context<Self>,
    ) {
        if !self.votes(config) {
            return;
        }
        if ballot < self.promised {
            return self.refuse(from, ballot, ctx);
        }
        if ballot > self.promised {
            self.give_way(config, ctx);
            self.promise(config, ballot, ctx);
        }
        let omits = config.breaks(Broken::PromiseOmitsChosen);
        let first = if omits { first.max(self.chosen + 1) } else { first };
        let promise = MultiPaxosMessage::Promise {
            ballot,
            chosen: if omits { 0 } else { self.chosen },
            snapshot: self.log.snapshot().filter(|snapshot| snapshot.position >= first),
            accepted: self.log.entries(first, self.log.last()),
        };
        ctx.send(from, promise);
    }

    /// Phase 2(b): "it accepts the proposal unless it has already responded to a prepare request having a number greater
    /// than n" (§2.2).
    pub(super) fn on_accept(
        &mut self,
        config: &Config,
        from: NodeId,
        entry: Entry,
        chosen: Slot,
        ctx: &mut Context<Self>,
    ) {
        let Entry { slot, proposal } = entry;
        let ballot = proposal.ballot;
        if ballot < self.promised {
            return self.refuse(from, ballot, ctx);
        }
        self.heard_leader(config, from, ctx);
        if self.votes(config) {
            let accepted = MultiPaxosMessage::Accepted { ballot, slot };
            let early = config.breaks(Broken::AcceptWithoutPersist);
            if early {
                ctx.send(from, accepted.clone());
            }
            self.accept(config, entry, ctx);
            if !early {
                ctx.send(from, accepted);
            }
        }
        self.learn_up_to(config, ballot, chosen, ctx);
    }

    /// Brings promise and log in line with the proposal, on the disk, unless they are.
    fn accept(&mut self, config: &Config, entry: Entry, ctx: &mut Context<Self>) {
        let Entry { slot, proposal } = entry;
        // Paxos.tla, Phase2b: accepting raises maxBal as well.
        let raised = proposal.ballot > self.promised;
        self.promised = proposal.ballot;
        // What a snapshot includes is chosen, and the proposal has the same value.
        let news = slot > self.log.base() && self.log.get(slot) != Some(proposal);
        if news {
            self.log.set(entry);
            self.write(config, Change::Accept(entry), ctx);
        } else if raised {
            self.write(config, Change::Keep, ctx);
        }
        if raised {
            ctx.observe(Fact::Epoch { epoch: proposal.ballot.0 });
        }
        if news {
            let (ballot, command) = (proposal.ballot.0, proposal.command);
            ctx.observe(Fact::Accepts { position: slot, ballot, command });
        }
    }

    /// The leader is there, and knows what is chosen up to `chosen`.
    pub(super) fn on_heartbeat(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        chosen: Slot,
        ctx: &mut Context<Self>,
    ) {
        if ballot < self.promised {
            return self.refuse(from, ballot, ctx);
        }
        self.heard_leader(config, from, ctx);
        self.learn_up_to(config, ballot, chosen, ctx);
        ctx.send(from, MultiPaxosMessage::Alive { ballot, chosen: self.chosen, lacks: self.chosen < chosen });
    }
}
