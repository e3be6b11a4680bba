//! Phase 2, Synchronization: a quorum accepts the leader's history. A follower that joins later goes through it, too.

use super::{Body, Config, Epoch, Index, Phase, State, Sync, Txn, Txns, Variant, Write, Zab, ZabTimer, Zxid};
use crate::protocol::{Context, Fact, NodeId, NodeSet};

impl Zab {
    /// Keeps the history up to `keep`, puts `txns` behind it, and makes f.a ← `epoch`: one write (step f.2.1,
    /// "atomically").
    pub(super) fn accept_history(
        &mut self,
        config: &Config,
        epoch: Epoch,
        keep: Index,
        txns: &[Txn],
        ctx: &mut Context<Self>,
    ) {
        let last = self.history.last();
        self.history.replace_behind(keep, txns);
        self.current_epoch = epoch;
        let mut write = Write { current_epoch: Some(epoch), ..Write::default() };
        if keep < last || !txns.is_empty() {
            if config.variant == Variant::EpochBeforeHistory {
                ctx.persist(std::mem::take(&mut write));
            }
            write.txns = Some((keep, txns.into()));
        }
        ctx.persist(write);
        if keep < last {
            ctx.observe(Fact::Truncates { from: u64::from(keep) + 1 });
        }
        for place in keep + 1..=self.history.last() {
            self.observe_place(place, ctx);
        }
    }

    /// Step ℓ.2.1: the leader, which has accepted the initial history itself, proposes it to those in Q.
    pub(super) fn begin_synchronization(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        leadership.phase = Phase::Synchronization;
        leadership.start = self.history.last();
        leadership.synced.insert(self.me);
        let connected = leadership.connected;
        for follower in connected.iter() {
            self.synchronise(config, follower, ctx);
        }
        self.establish(config, ctx);
    }

    /// NEWLEADER for one follower whose ACK-E is there: the shortest way from its history to the leader's.
    pub(super) fn synchronise(&mut self, config: &Config, follower: NodeId, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        let Some((_, theirs)) = leadership.peers[follower.index()].answer.take() else { return };
        // From here on it is sent every proposal (Z1).
        leadership.proposed.insert(follower);
        let epoch = leadership.epoch;
        let common = self.history.common(&theirs);
        let (sync, after) = if self.history.last() - common > config.max_diff {
            (Sync::Snap, 0)
        } else if theirs.len() as Index > common {
            (Sync::Trunc, common)
        } else {
            (Sync::Diff, common)
        };
        let txns = if config.variant == Variant::HoleInDiff {
            let (first, last) = self.unlisted;
            let places = after + 1..=self.history.last();
            let listed = places.filter(|place| *place < first || *place > last);
            listed.filter_map(|place| self.history.get(place).copied()).collect()
        } else {
            self.history.behind(after)
        };
        self.tell(NodeSet::from_iter([follower]), Body::NewLeader { epoch, sync, after, txns }, ctx);
    }

    /// Step f.2.1: the follower "starts a new iteration if f.p ≠ e'"; else it accepts the epoch and the history, and
    /// says so.
    pub(super) fn on_new_leader(
        &mut self,
        config: &Config,
        epoch: Epoch,
        (sync, after, txns): (Sync, Index, Txns),
        ctx: &mut Context<Self>,
    ) {
        if epoch != self.accepted_epoch || after > self.history.last() {
            return self.look(config, ctx);
        }
        let (mut keep, mut txns) = (after, &txns[..]);
        if sync == Sync::Snap {
            // What is the same already is not written again.
            keep = self.history.common(txns);
            txns = &txns[keep as usize..];
        }
        if sync == Sync::Trunc && config.variant == Variant::KeepTail {
            keep = self.history.last();
        }
        let zxid = txns.last().map_or(self.history.zxid(keep), |txn| txn.zxid);
        let early = config.variant == Variant::AckLdBeforeFsync;
        if early {
            self.answer(Body::AckLeader { zxid }, ctx);
        }
        self.accept_history(config, epoch, keep, txns, ctx);
        if !early {
            self.answer(Body::AckLeader { zxid }, ctx);
        }
        if let State::Following(following) = &mut self.state {
            following.synced_to = Some(self.history.last());
        }
    }

    /// ACK-LD of a follower: one of the quorum (step ℓ.2.2), or one that joins (step ℓ.3.4).
    pub(super) fn on_ack_leader(&mut self, config: &Config, from: NodeId, zxid: Zxid, ctx: &mut Context<Self>) {
        let place = self.history.place_of(zxid);
        let State::Leading(leadership) = &mut self.state else { return };
        leadership.peers[from.index()].acked = place;
        if leadership.phase != Phase::Broadcast {
            leadership.synced.insert(from);
            return self.establish(config, ctx);
        }
        // What it has accepted may commit; that goes to it with COMMIT-LD, everything later with COMMIT.
        self.commit_by_counting(config, ctx);
        let State::Leading(leadership) = &mut self.state else { return };
        leadership.synced.insert(from);
        // Z2: what was committed since its NEWLEADER was not told it.
        let committed = self.history.zxid(self.committed);
        let zxid = if config.variant == Variant::CommitLdEchoes { zxid.min(committed) } else { committed };
        self.tell(NodeSet::from_iter([from]), Body::CommitLeader { zxid }, ctx);
    }

    /// Step ℓ.2.2: with ACK-LD from a quorum the leader sends them the commit message, and is the primary of its epoch:
    /// ready(e') (step f.3.1).
    fn establish(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        if leadership.synced.len() < config.quorum() && config.variant != Variant::BroadcastUnsynced {
            return;
        }
        leadership.phase = Phase::Broadcast;
        let (epoch, synced) = (leadership.epoch, leadership.synced);
        self.tell(synced, Body::CommitLeader { zxid: self.history.last_zxid() }, ctx);
        self.deliver_up_to(self.history.last(), ctx);
        ctx.observe(Fact::Leads { epoch: epoch.into() });
        ctx.set_timer(ZabTimer::Timeout, config.sync_timeout.1, config.sync_timeout.1);
    }

    /// Step f.2.2: the follower delivers the initial history in the order of zxids.
    pub(super) fn on_commit_leader(&mut self, config: &Config, zxid: Zxid, ctx: &mut Context<Self>) {
        let State::Following(following) = &mut self.state else { return };
        following.phase = Phase::Broadcast;
        if config.variant == Variant::HoleInDiff {
            self.unlisted = (following.synced_to.unwrap_or(0) + 1, self.history.last());
        }
        self.deliver_up_to(self.history.place_of(zxid), ctx);
    }

    /// Delivers what is committed up to `place`.
    pub(super) fn deliver_up_to(&mut self, place: Index, ctx: &mut Context<Self>) {
        let place = place.min(self.history.last());
        if place <= self.committed {
            return;
        }
        ctx.observe(Fact::Commits { position: place.into() });
        for place in self.committed + 1..=place {
            if let Some(txn) = self.history.get(place) {
                ctx.deliver(place.into(), txn.command);
            }
        }
        self.committed = place;
    }
}
