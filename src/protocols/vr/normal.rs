//! Normal operation (§4.1): "replicas participate in processing of client requests only when their status is normal".

use super::{Config, Entry, OpNumber, Status, Variant, ViewNumber, Vr, VrMessage, VrTimer};
use crate::protocol::{Command, Context, NodeId};

/// The primary's side.
impl Vr {
    pub(super) fn on_client_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        if !self.leads() {
            // "Backups ignore client requests; only the primary processes them" (§4.1). Ours name the primary.
            return ctx.redirect(command, self.is_normal().then(|| self.primary(self.view)));
        }
        match self.log.most_recent(command.client) {
            // "If the request-number s isn't bigger than the information in the table it drops the request, but it will
            // re-send the response if the request is the most recent one from this client and it has already been
            // executed" (§4.1, step 2).
            Some((s, n)) if command.serial <= s => {
                if command.serial == s && n <= self.commit {
                    ctx.reply(command);
                }
            }
            _ => self.order(config, command, ctx),
        }
    }

    /// "The primary advances op-number, adds the request to the end of the log, and updates the information for this
    /// client in the client-table …. Then it sends a PREPARE message to the other replicas" (§4.1, step 3).
    fn order(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        self.append(Entry { view: self.view, command }, ctx);
        if let Some(prepare) = self.prepare_last() {
            self.tell_others(&prepare, ctx);
        }
        if config.quorum() == 1 {
            self.commit_prepared(config, ctx);
        }
    }

    /// PREPARE of the last request.
    fn prepare_last(&self) -> Option<VrMessage> {
        let n = self.log.op_number();
        self.log.get(n).map(|m| VrMessage::Prepare { v: self.view, m: *m, n, k: self.commit })
    }

    pub(super) fn on_prepare_ok(
        &mut self,
        config: &Config,
        from: NodeId,
        v: ViewNumber,
        n: OpNumber,
        ctx: &mut Context<Self>,
    ) {
        if v != self.view || !self.leads() {
            return;
        }
        let me = self.me;
        // "f PREPAREOK messages from different backups" (§4.1, step 5): a second one of the same backup is no news.
        let counted = match config.variant {
            Variant::CountMessages => self.others().find(|other| self.prepared[other.index()] < n).unwrap_or(from),
            _ => from,
        };
        let prepared = &mut self.prepared[counted.index()];
        if counted != me && n > *prepared {
            *prepared = n;
            self.commit_prepared(config, ctx);
        }
    }

    /// "At this point it considers the operation (and all earlier ones) to be committed" (§4.1, step 5).
    pub(super) fn commit_prepared(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let n = config.prepared_by_quorum(self.me, &self.prepared, self.log.op_number());
        self.execute(n, ctx);
    }

    /// "If the primary does not receive a new client request in a timely way, it instead informs the backups of the
    /// latest commit by sending them a COMMIT message" (§4.1, step 6). What is not prepared by now is sent again.
    pub(super) fn on_commit_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if !self.leads() {
            return;
        }
        ctx.set_timer(VrTimer::Commit, config.commit, config.commit);
        let waited = std::mem::replace(&mut self.waited, self.log.op_number());
        for other in self.others() {
            let lost = waited > self.commit && self.prepared[other.index()] < waited;
            let commit = VrMessage::Commit { v: self.view, k: self.commit };
            ctx.send(other, self.prepare_last().filter(|_| lost).unwrap_or(commit));
        }
    }
}

/// The backup's side.
impl Vr {
    pub(super) fn on_prepare(
        &mut self,
        config: &Config,
        from: NodeId,
        v: ViewNumber,
        (m, n, k): (Entry, OpNumber, OpNumber),
        ctx: &mut Context<Self>,
    ) {
        // "It is crucial that replicas stop accepting PREPARE messages from earlier views once they start the view
        // change protocol" (§8.1).
        let leaving = matches!(self.status, Status::ViewChange(_)) && v == self.normal;
        let late = leaving && config.variant == Variant::AnswersOldPrimary;
        if !late && !self.hears(config, from, v, n, ctx) {
            return;
        }
        if n == self.log.op_number() + 1 {
            self.append(m, ctx);
        }
        if n <= self.log.op_number() {
            ctx.send(from, VrMessage::PrepareOk { v, n, i: self.me });
        } else if !late {
            // "A backup won't accept a prepare with op-number n until it has entries for all earlier requests in its
            // log" (§4.1, step 4).
            self.lacks(config, from, v, n, ctx);
        }
        self.execute(k, ctx);
    }

    /// "When a backup learns of a commit, it waits until it has the request in its log (which may require state
    /// transfer) …. Then it executes the operation" (§4.1, step 7).
    pub(super) fn on_commit(
        &mut self,
        config: &Config,
        from: NodeId,
        v: ViewNumber,
        k: OpNumber,
        ctx: &mut Context<Self>,
    ) {
        if !self.hears(config, from, v, k, ctx) {
            return;
        }
        self.execute(k, ctx);
        if k > self.log.op_number() {
            self.lacks(config, from, v, k, ctx);
        }
    }

    /// "Replicas only process normal protocol messages containing a view-number that matches the view-number they know.
    /// If the sender is behind, the receiver drops the message. If the sender is ahead, the replica performs a state
    /// transfer" (§4.1). True when the message, which shows that view `v` got to `n`, is to be processed.
    fn hears(&mut self, config: &Config, from: NodeId, v: ViewNumber, n: OpNumber, ctx: &mut Context<Self>) -> bool {
        if v < self.view || self.leads() && v == self.view {
            return false;
        }
        if from == self.primary(v) {
            self.arm_view_change(config, ctx);
        }
        if v == self.view && self.is_normal() {
            return true;
        }
        self.lacks(config, from, v, n, ctx);
        false
    }
}
