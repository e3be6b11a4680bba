//! State transfer (§5.2): "used by a node that has gotten behind (but hasn't crashed) to bring itself up-to-date".

use super::{Config, Entry, OpNumber, Status, ViewNumber, Vr, VrMessage, VrTimer};
use crate::protocol::{Context, Fact, NodeId};

/// What this replica has heard of and lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// The view.
    pub v: ViewNumber,
    /// How far the view's log is, at least.
    pub n: OpNumber,
    /// Who was asked last.
    pub asked: NodeId,
}

impl Vr {
    /// A message of view `v`, this one or a later one, shows that there is something up to op-number `n` that is not
    /// here.
    pub(super) fn lacks(&mut self, config: &Config, from: NodeId, v: ViewNumber, n: OpNumber, ctx: &mut Context<Self>) {
        if self.primary(v) == self.me {
            return; // It can only have been here, in a life that is forgotten: the others will move on.
        }
        if v > self.view && config.variant.goes_ahead() {
            self.go_ahead(config, v, ctx);
        }
        if let Some(transfer) = self.wanted()
            && transfer.v >= v
        {
            return; // asked for already
        }
        self.ask(config, Transfer { v, n, asked: from }, ctx);
    }

    /// What is lacking still.
    pub(super) fn wanted(&self) -> Option<Transfer> {
        let there =
            |t: &Transfer| self.view > t.v || self.view == t.v && self.is_normal() && self.log.op_number() >= t.n;
        self.transfer.filter(|transfer| !there(transfer))
    }

    /// "To get the state the replica sends a GETSTATE message to one of the other replicas" (§5.2). "In the former case
    /// it only needs to learn about requests after its op-number. In the latter it needs to learn about requests after
    /// the latest committed request in its log, since requests after that might have been reordered in the view
    /// change."
    fn ask(&mut self, config: &Config, transfer: Transfer, ctx: &mut Context<Self>) {
        self.transfer = Some(transfer);
        let same = self.is_normal() && transfer.v == self.view;
        let n = if same { self.log.op_number() } else { self.commit };
        ctx.send(transfer.asked, VrMessage::GetState { v: transfer.v, n, i: self.me });
        ctx.set_timer(VrTimer::Resend, config.resend, config.resend);
    }

    /// V2, and the paper: "in this case it sets its op-number to its commit-number and removes all entries after this
    /// from its log" (§5.2), its view-number being the later one. What it had prepared is gone, and v′ says the
    /// opposite.
    fn go_ahead(&mut self, config: &Config, v: ViewNumber, ctx: &mut Context<Self>) {
        self.stop_leading(ctx);
        (self.view, self.normal, self.status) = (v, v, Status::Normal);
        self.observe_view(ctx);
        if self.commit < self.log.op_number() {
            self.log.truncate(self.commit);
            ctx.observe(Fact::Truncates { from: u64::from(self.commit) + 1 });
        }
        self.arm_view_change(config, ctx);
    }

    /// "A replica responds to a GETSTATE message only if its status is normal and it is currently in view v. In this
    /// case it sends a NEWSTATE message, …, l is its log after n′" (§5.2).
    pub(super) fn on_get_state(&self, from: NodeId, v: ViewNumber, n: OpNumber, ctx: &mut Context<Self>) {
        if self.is_normal() && v == self.view && n <= self.log.op_number() {
            let (l, n) = (self.log.after(n), self.log.op_number());
            ctx.send(from, VrMessage::NewState { v, l, n, k: self.commit });
        }
    }

    /// "When replica i receives the NEWSTATE message, it appends the log in the message to its log and updates its
    /// state using the other information in the message" (§5.2). Of a later view than its own: what it has behind the
    /// log that both share gives way now, and not before.
    pub(super) fn on_new_state(
        &mut self,
        config: &Config,
        v: ViewNumber,
        (l, n): (&[Entry], OpNumber),
        k: OpNumber,
        ctx: &mut Context<Self>,
    ) {
        let first = n.saturating_sub(l.len() as OpNumber);
        let op_number = self.log.op_number();
        if v == self.view && self.is_normal() {
            if !self.leads() && first <= op_number && op_number < n {
                for entry in &l[(op_number - first) as usize..] {
                    self.append(*entry, ctx);
                }
                self.acknowledge(k, ctx);
            }
            return self.execute(k, ctx);
        }
        let news = v > self.view || v == self.view && self.primary(v) != self.me;
        if news && first <= self.commit && self.commit <= n {
            self.enter(config, v, (first, l), k, ctx);
        }
    }

    /// Nothing has come: asks again, for a state the next replica.
    pub(super) fn ask_again(&mut self, config: &Config, ctx: &mut Context<Self>) {
        match &self.status {
            Status::Normal => {}
            Status::ViewChange(_) => self.repeat_view_change(ctx),
            Status::Recovering(_) => self.ask_to_recover(ctx),
        }
        if let Some(transfer) = self.wanted() {
            let next = |node: NodeId| NodeId((node.0 + 1) % self.nodes);
            let asked = Some(next(transfer.asked)).filter(|node| *node != self.me).unwrap_or(next(self.me));
            self.ask(config, Transfer { asked, ..transfer }, ctx);
        } else if !self.is_normal() {
            ctx.set_timer(VrTimer::Resend, config.resend, config.resend);
        }
    }
}
