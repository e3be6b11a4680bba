//! Recovery (§4.3): "when a replica recovers after a crash it cannot participate in request processing and view changes
//! until it has a state at least as recent as when it failed".

use super::{Config, Entries, OpNumber, Status, Variant, ViewNumber, Vr, VrMessage, VrTimer};
use crate::protocol::{Context, NodeId};

/// What came in a RECOVERYRESPONSE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The sender's view-number.
    pub v: ViewNumber,
    /// Log and commit-number, if the sender is the primary of its view.
    pub state: Option<(Entries, OpNumber)>,
}

impl Vr {
    /// "The recovering replica, i, sends a RECOVERY message to all other replicas, where x is a nonce" (§4.3, step 1).
    pub(super) fn recover(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.status = Status::Recovering(Vec::new());
        self.ask_to_recover(ctx);
        ctx.set_timer(VrTimer::Resend, config.resend, config.resend);
    }

    pub(super) fn ask_to_recover(&self, ctx: &mut Context<Self>) {
        self.tell_others(&VrMessage::Recovery { i: self.me, x: self.disk.nonce, v: self.disk.view_number }, ctx);
    }

    /// "A replica j replies to a RECOVERY message only when its status is normal. … If j is the primary of its view, l
    /// is its log, n is its op-number, and k is the commit-number; otherwise these values are nil" (§4.3, step 2).
    pub(super) fn on_recovery(
        &mut self,
        config: &Config,
        from: NodeId,
        x: u32,
        v: ViewNumber,
        ctx: &mut Context<Self>,
    ) {
        if v > self.view {
            // The sender had left this view when it crashed and will not come back to it.
            self.start_view_change(config, v, ctx);
        } else if self.is_normal() {
            let state = self.leads().then(|| (self.log.after(0), self.commit));
            ctx.send(from, VrMessage::RecoveryResponse { v: self.view, x, state, j: self.me });
        }
    }

    pub(super) fn on_recovery_response(
        &mut self,
        config: &Config,
        from: NodeId,
        x: u32,
        answer: Answer,
        ctx: &mut Context<Self>,
    ) {
        let Status::Recovering(answers) = &mut self.status else { return };
        // "The protocol uses the nonce to ensure that the recovering replica accepts only RECOVERYRESPONSE messages
        // that are for this recovery and not an earlier one" (§4.3).
        if x != self.disk.nonce && config.variant != Variant::AnyNonce {
            return;
        }
        match answers.iter_mut().find(|(sender, _)| *sender == from) {
            Some((_, before)) if before.v > answer.v => {} // overtaken
            Some((_, before)) => *before = answer,
            None => answers.push((from, answer)),
        }
        self.recover_if_due(config, ctx);
    }

    /// "The recovering replica waits to receive at least f + 1 RECOVERYRESPONSE messages from different replicas, …,
    /// including one from the primary of the latest view it learns of in these messages. Then it updates its state
    /// using the information from the primary, changes its status to normal" (§4.3, step 3). Nor is it content with a
    /// view before that on its disk.
    fn recover_if_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Status::Recovering(answers) = &self.status else { return };
        if answers.len() < config.quorum() {
            return;
        }
        let v = self.latest_heard();
        let primary = self.primary(v);
        let from_primary = |(sender, answer): &&(NodeId, Answer)| *sender == primary && answer.v == v;
        if let Some((_, Answer { state: Some((l, k)), .. })) = answers.iter().find(from_primary) {
            let (l, k) = (l.clone(), *k);
            ctx.cancel_timer(VrTimer::Resend);
            self.enter(config, v, (0, &l), k, ctx);
        }
    }

    /// The latest view that this recovering replica knows of.
    pub(super) fn latest_heard(&self) -> ViewNumber {
        let Status::Recovering(answers) = &self.status else { return self.view };
        answers.iter().fold(self.disk.view_number, |latest, (_, answer)| latest.max(answer.v))
    }
}
