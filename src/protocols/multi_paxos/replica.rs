//! The replica: learns what is chosen, and executes it in the order of the slots.

use super::{Ballot, Broken, Change, Config, Entry, MultiPaxos, Phase, Slot};
use crate::protocol::{Context, Fact, NodeId, SnapshotRef};

/// What another node knows: up to `chosen` its `entries` are chosen, and a snapshot stands for those before them.
pub(super) struct News {
    pub chosen: Slot,
    pub snapshot: Option<SnapshotRef>,
    pub entries: Vec<Entry>,
}

impl MultiPaxos {
    /// The leader brings a replica up to date. To learn what is chosen under its ballot is to promise that: else
    ///
    /// 1. n2 of five leads ballot 7 and proposes *red* in slot 1; its Accepts are slow. 2. n1 leads ballot 11 by n1, n3
    ///    and n4, is told of nothing, and *blue* is chosen in slot 1. 3. n0, whose promise is 7, learns *blue*. 4. The old
    ///    Accept arrives, and *red* overwrites *blue* in n0's log.
    pub(super) fn on_decision(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        news: News,
        ctx: &mut Context<Self>,
    ) {
        if ballot >= self.promised {
            self.heard_leader(config, from, ctx);
            if ballot > self.promised {
                self.promise(config, ballot, ctx);
            }
        } else if matches!(self.phase, Phase::Leading(_)) {
            return; // Late, of an earlier leader: what is chosen this one knows from its promises.
        }
        self.learn(config, &news, ctx);
        self.learn_up_to(config, ballot, news.chosen, ctx);
    }

    /// Takes over what another node knows to be chosen, as far as it is next.
    pub(super) fn learn(&mut self, config: &Config, news: &News, ctx: &mut Context<Self>) {
        if let Some(snapshot) = news.snapshot.filter(|snapshot| snapshot.position > self.chosen) {
            self.install(config, snapshot, ctx);
        }
        let mut known = self.chosen;
        let mut written = Vec::new();
        for entry in news.entries.iter().filter(|entry| entry.slot <= news.chosen) {
            if entry.slot != known + 1 {
                continue;
            }
            known += 1;
            // The same command in another ballot stays as it is: an acceptor's ballots never go down.
            let own = self.log.get(entry.slot).map(|proposal| proposal.command);
            if own != Some(entry.proposal.command) {
                self.log.set(*entry);
                written.push(*entry);
            }
        }
        if !written.is_empty() {
            self.write(config, Change::Learn(written), ctx);
        }
        self.execute(config, known, ctx);
    }

    /// The leader of `ballot` knows everything up to `chosen` to be chosen. What was accepted in its ballot is what it
    /// proposed, and was chosen. What was accepted in another ballot may be something else.
    pub(super) fn learn_up_to(&mut self, config: &Config, ballot: Ballot, chosen: Slot, ctx: &mut Context<Self>) {
        let mut known = self.chosen;
        while known < chosen && self.log.get(known + 1).is_some_and(|proposal| proposal.ballot == ballot) {
            known += 1;
        }
        self.execute(config, known, ctx);
    }

    /// Everything up to `slot` is chosen, and is executed in order.
    pub(super) fn execute(&mut self, config: &Config, slot: Slot, ctx: &mut Context<Self>) {
        if slot <= self.chosen {
            return;
        }
        ctx.observe(Fact::Commits { position: slot });
        for slot in self.chosen + 1..=slot {
            let Some(proposal) = self.log.get(slot) else { continue };
            if config.breaks(Broken::ExecutesTwice) {
                ctx.deliver_unchecked(slot, proposal.command);
            } else {
                ctx.deliver(slot, proposal.command);
            }
        }
        self.chosen = slot;
        self.compact_if_due(config, ctx);
    }

    /// Replaces the log by a snapshot of what was executed, when enough of it has gathered.
    fn compact_if_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if config.snapshot_every > 0 && self.chosen - self.log.base() >= config.snapshot_every {
            let snapshot = ctx.take_snapshot(self.me, self.chosen);
            self.log.compact(snapshot);
            self.write(config, Change::Snapshot(snapshot), ctx);
        }
    }

    /// Another node's snapshot stands for what this one lacks.
    fn install(&mut self, config: &Config, snapshot: SnapshotRef, ctx: &mut Context<Self>) {
        self.log.compact(snapshot);
        self.chosen = snapshot.position;
        self.write(config, Change::Snapshot(snapshot), ctx);
        ctx.install_snapshot(snapshot);
        ctx.observe(Fact::Commits { position: snapshot.position });
    }
}
