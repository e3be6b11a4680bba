//! Phase 3, Broadcast: the primary's transactions, as in a two-phase commit without aborts.

use super::{Body, Config, Index, Leadership, State, Txn, Variant, Write, Zab, Zxid};
use crate::protocol::{Command, Context, MAX_NODES, NodeId};

impl Leadership {
    /// The last place that a quorum has accepted, the leader itself up to `last`.
    fn quorum_acked(&self, config: &Config, me: NodeId, last: Index) -> Index {
        let mut acked = [0; MAX_NODES];
        let acked = &mut acked[..self.peers.len()];
        for (slot, peer) in acked.iter_mut().zip(&self.peers) {
            *slot = peer.acked;
        }
        acked[me.index()] = last;
        crate::sorting::sort(acked);
        acked[acked.len() - config.quorum()]
    }
}

impl Zab {
    /// Step ℓ.3.1: the leader proposes in increasing order of zxid, with epoch(z) = e'.
    pub(super) fn propose(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &self.state else { return };
        // Z1: a follower that was sent NEWLEADER, and has not answered yet, needs what comes behind it.
        let to = match config.variant {
            Variant::ProposeToSynced => leadership.synced,
            _ => leadership.proposed,
        };
        let zxid = Zxid { epoch: leadership.epoch, counter: self.history.last() - leadership.start + 1 };
        let txn = Txn { zxid, command };
        self.append(txn, ctx);
        self.tell(to, Body::Propose { txn }, ctx);
        self.commit_by_counting(config, ctx);
    }

    /// Puts a transaction at the end of the history, on the disk before anything is said of it.
    fn append(&mut self, txn: Txn, ctx: &mut Context<Self>) {
        let last = self.history.last();
        self.history.replace_behind(last, &[txn]);
        ctx.persist(Write { txns: Some((last, [txn].into())), ..Write::default() });
        self.observe_place(last + 1, ctx);
    }

    /// Step f.3.2: the follower accepts proposals in the order in which it receives them, and appends them to h_f.
    pub(super) fn on_propose(&mut self, txn: Txn, ctx: &mut Context<Self>) {
        self.append(txn, ctx);
        self.answer(Body::Ack { zxid: txn.zxid }, ctx);
    }

    pub(super) fn on_ack(&mut self, config: &Config, from: NodeId, zxid: Zxid, ctx: &mut Context<Self>) {
        let place = self.history.place_of(zxid);
        let State::Leading(leadership) = &mut self.state else { return };
        let acked = &mut leadership.peers[from.index()].acked;
        *acked = place.max(*acked);
        self.commit_by_counting(config, ctx);
    }

    /// Step ℓ.3.2: what a quorum has acknowledged the leader commits: one COMMIT for each transaction, in order. Who
    /// has not sent ACK-LD learns it from COMMIT-LD.
    pub(super) fn commit_by_counting(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &self.state else { return };
        if !self.primary() {
            return;
        }
        let place = leadership.quorum_acked(config, self.me, self.history.last());
        let synced = leadership.synced;
        for place in self.committed + 1..=place {
            self.tell(synced, Body::Commit { zxid: self.history.zxid(place) }, ctx);
        }
        self.deliver_up_to(place, ctx);
    }

    /// Step f.3.3: the follower delivers a transaction when its COMMIT comes and all before it are delivered.
    pub(super) fn on_commit(&mut self, zxid: Zxid, ctx: &mut Context<Self>) {
        let next = self.committed + 1;
        if self.history.get(next).is_some_and(|txn| txn.zxid == zxid) {
            self.deliver_up_to(next, ctx);
        }
    }
}
