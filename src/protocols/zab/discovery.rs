//! Phase 1, Discovery: a new epoch, and the most recent history of a quorum.

use super::{Body, Config, Epoch, Phase, State, Txns, Variant, Write, Zab};
use crate::protocol::{Context, Fact, NodeId, NodeSet};

impl Zab {
    /// A follower has opened its channel with CEPOCH(`epoch`).
    pub(super) fn on_cepoch(&mut self, config: &Config, from: NodeId, epoch: Epoch, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        leadership.cepoch.insert(from);
        let chosen = leadership.epoch;
        self.seen_epoch = self.seen_epoch.max(epoch);
        if chosen == 0 {
            self.propose_epoch(config, ctx);
        } else if epoch > chosen {
            // It has promised a later epoch to somebody who did not get it, and could never follow this one.
            self.look(config, ctx);
        } else {
            // Step ℓ.3.3: who comes later is proposed the same epoch.
            self.tell(NodeSet::from_iter([from]), Body::NewEpoch { epoch: chosen }, ctx);
        }
    }

    /// Step ℓ.1.1: with CEPOCH from a quorum Q, the prospective leader proposes NEWEPOCH(e') to those in Q, "such that
    /// it is later than any e received in a CEPOCH(e) message".
    pub(super) fn propose_epoch(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        if leadership.cepoch.len() < config.quorum() {
            return;
        }
        let epoch = self.accepted_epoch.max(self.seen_epoch) + 1;
        leadership.epoch = epoch;
        leadership.promised.insert(self.me);
        let quorum = leadership.cepoch;
        // The leader is a follower of its own: it promises first.
        self.promise(epoch, self.me, ctx);
        self.tell(quorum, Body::NewEpoch { epoch }, ctx);
        self.choose_history(config, ctx);
    }

    fn promise(&mut self, epoch: Epoch, leader: NodeId, ctx: &mut Context<Self>) {
        self.accepted_epoch = epoch;
        self.promised_to = Some(leader);
        ctx.persist(Write { promise: Some((epoch, leader)), ..Write::default() });
        self.observe_epoch(ctx);
        ctx.observe(Fact::Votes { epoch: epoch.into(), candidate: leader });
    }

    /// Step f.1.2: "if f.p < e', then make f.p ← e' and acknowledge". A follower that has promised e' before promises
    /// it to nobody else, or two leaders could have a quorum for one epoch (Z9): 1. f, in touch with ℓ and ℓ' in turn,
    /// sends CEPOCH(0) to both; 2. both choose 1; 3. f promises 1 to ℓ, comes back to ℓ', and promises 1 to it.
    pub(super) fn on_new_epoch(&mut self, config: &Config, epoch: Epoch, ctx: &mut Context<Self>) {
        let State::Following(following) = &mut self.state else { return };
        if epoch < self.accepted_epoch {
            return self.look(config, ctx);
        }
        following.phase = Phase::Synchronization;
        let leader = following.leader;
        let fresh = epoch > self.accepted_epoch;
        if fresh {
            self.promise(epoch, leader, ctx);
        }
        let promise = fresh || self.promised_to == Some(leader) || config.variant == Variant::PromiseTwice;
        let history = self.history.behind(0);
        self.answer(Body::AckEpoch { current_epoch: self.current_epoch, history, promise }, ctx);
    }

    /// A follower's ACK-E: it waits for the initial history, or is brought in at once when there is one (step ℓ.3.3).
    pub(super) fn on_ack_epoch(
        &mut self,
        config: &Config,
        from: NodeId,
        answer: (Epoch, Txns),
        promise: bool,
        ctx: &mut Context<Self>,
    ) {
        let State::Leading(leadership) = &mut self.state else { return };
        leadership.peers[from.index()].answer = Some(answer);
        if promise {
            leadership.promised.insert(from);
        }
        if leadership.phase == Phase::Discovery {
            self.choose_history(config, ctx);
        } else {
            self.synchronise(config, from, ctx);
        }
    }

    /// Step ℓ.1.2: with ACK-E from each follower in Q, the leader takes over the history of one f in Q "such that for
    /// every follower f' in Q, f'.a < f.a or (f'.a = f.a) ∧ (f'.zxid ≼ f.zxid)".
    fn choose_history(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        if leadership.promised.len() < config.quorum() {
            return;
        }
        // Z6 looks at the zxid alone.
        let rank = |epoch| if config.variant == Variant::HistoryByZxid { 0 } else { epoch };
        let mut best = (rank(self.current_epoch), self.history.last_zxid());
        let mut chosen: Option<Txns> = None;
        for follower in leadership.promised.iter() {
            let Some((epoch, history)) = &leadership.peers[follower.index()].answer else { continue };
            let key = (rank(*epoch), history.last().map(|txn| txn.zxid).unwrap_or_default());
            if key > best {
                best = key;
                chosen = Some(history.clone());
            }
        }
        let (keep, txns) = match &chosen {
            Some(history) => {
                let keep = self.history.common(history);
                (keep, &history[keep as usize..])
            }
            None => (self.history.last(), &[][..]),
        };
        let epoch = leadership.epoch;
        self.accept_history(config, epoch, keep, txns, ctx);
        self.begin_synchronization(config, ctx);
    }
}
