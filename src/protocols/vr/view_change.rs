//! View changes (§4.2): "used to mask failures of the primary".

use super::message::Report;
use super::{Config, Disk, Entry, OpNumber, Status, Variant, ViewNumber, Vr, VrMessage, VrTimer};
use crate::protocol::{Context, NodeId, NodeSet};

/// How far a view change is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Change {
    /// Who has left for the view, this replica included.
    pub started: NodeSet,
    /// Whether DOVIEWCHANGE was sent.
    pub sent: bool,
    /// At the primary of the new view: what came in DOVIEWCHANGE, by sender.
    pub reports: Vec<(NodeId, Report)>,
}

/// A wait is at most so many times as long as the first.
const LONGEST: ViewNumber = 4;

impl Vr {
    /// Waits for the primary, or for the end of a view change: longer, the more of them have failed.
    pub(super) fn arm_view_change(&self, config: &Config, ctx: &mut Context<Self>) {
        let (low, high) = config.view_change;
        let factor = u64::from((self.view - self.normal.min(self.view)).clamp(1, LONGEST));
        ctx.set_timer(VrTimer::ViewChange, low * factor, high * factor);
    }

    /// "If a timeout expires without a communication from the primary, the replicas carry out a view change" (§4.2). "A
    /// view change may not succeed, e.g., because the new primary fails. In this case the replicas will start a further
    /// view change": when f others have joined this one, or this replica would count views alone.
    pub(super) fn on_view_change_timeout(&mut self, config: &Config, ctx: &mut Context<Self>) {
        match &self.status {
            Status::ViewChange(change) if !change.sent => self.arm_view_change(config, ctx),
            Status::Normal if self.leads() => {}
            Status::Recovering(_) => {}
            _ => self.start_view_change(config, self.view + 1, ctx),
        }
    }

    /// "A replica i that notices the need for a view change advances its view-number, sets its status to view-change,
    /// and sends a STARTVIEWCHANGE message to the all other replicas" (§4.2, step 1).
    pub(super) fn start_view_change(&mut self, config: &Config, v: ViewNumber, ctx: &mut Context<Self>) {
        self.stop_leading(ctx);
        self.view = v;
        self.status = Status::ViewChange(Change { started: NodeSet::from_iter([self.me]), ..Change::default() });
        self.observe_view(ctx);
        self.tell_others(&VrMessage::StartViewChange { v, i: self.me }, ctx);
        self.arm_view_change(config, ctx);
        ctx.set_timer(VrTimer::Resend, config.resend, config.resend);
        self.report_if_due(config, ctx);
    }

    pub(super) fn on_start_view_change(
        &mut self,
        config: &Config,
        from: NodeId,
        v: ViewNumber,
        ctx: &mut Context<Self>,
    ) {
        if v > self.view {
            self.start_view_change(config, v, ctx);
        }
        let leads = self.leads();
        match &mut self.status {
            Status::ViewChange(change) if v == self.view => {
                change.started.insert(from);
                self.report_if_due(config, ctx);
            }
            // The sender is behind, and does not hear the primary: it is told where the others are.
            Status::Normal if v < self.view || !leads => {
                ctx.send(from, VrMessage::Commit { v: self.view, k: self.commit });
            }
            _ => {}
        }
    }

    /// "When replica i receives STARTVIEWCHANGE messages for its view-number from f other replicas, it sends a
    /// DOVIEWCHANGE message to the node that will be the primary in the new view" (§4.2, step 2).
    fn report_if_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Status::ViewChange(change) = &mut self.status else { return };
        let joined = change.started.len() >= config.quorum() || config.variant == Variant::OneExchange;
        if change.sent || !joined {
            return;
        }
        change.sent = true;
        // "Write the new view number to disk before sending the DOVIEWCHANGE messages" (§8.2). DOVIEWCHANGE is a
        // promise to prepare nothing more in earlier views, and a replica that restarts must not break it.
        if config.variant.keeps_view_number() && self.view > self.disk.view_number {
            self.disk = Disk { view_number: self.view, ..self.disk };
            ctx.persist(self.disk);
        }
        self.report(ctx);
    }

    fn report(&self, ctx: &mut Context<Self>) {
        let report = Report { normal: self.normal, l: self.log.after(0), k: self.commit };
        ctx.send(self.primary(self.view), VrMessage::DoViewChange { v: self.view, report, i: self.me });
    }

    /// Says again what may have been lost.
    pub(super) fn repeat_view_change(&self, ctx: &mut Context<Self>) {
        let Status::ViewChange(change) = &self.status else { return };
        self.tell_others(&VrMessage::StartViewChange { v: self.view, i: self.me }, ctx);
        if change.sent && self.primary(self.view) != self.me {
            self.report(ctx);
        }
    }

    pub(super) fn on_do_view_change(
        &mut self,
        config: &Config,
        from: NodeId,
        v: ViewNumber,
        report: Report,
        ctx: &mut Context<Self>,
    ) {
        if v > self.view {
            self.start_view_change(config, v, ctx);
        }
        let me = self.me;
        let Status::ViewChange(change) = &mut self.status else { return };
        if v != self.view {
            return;
        }
        change.reports.retain(|(sender, _)| *sender != from);
        change.reports.push((from, report));
        // "When the new primary receives f + 1 DOVIEWCHANGE messages from different replicas (including itself)" (§4.2,
        // step 3).
        if change.reports.len() >= config.quorum() && change.reports.iter().any(|(sender, _)| *sender == me) {
            let reports = std::mem::take(&mut change.reports);
            self.start_view(config, &reports, ctx);
        }
    }

    /// "… selects as the new log the one contained in the message with the largest v′; if several messages have the
    /// same v′ it selects the one among them with the largest n. It … sets its commit-number to the largest such number
    /// it received …, changes its status to normal, and informs the other replicas of the completion of the view change
    /// by sending STARTVIEW messages" (§4.2, step 3).
    fn start_view(&mut self, config: &Config, reports: &[(NodeId, Report)], ctx: &mut Context<Self>) {
        let rank = |report: &Report| match config.variant {
            Variant::LongestLog => (0, report.n()),
            _ => (report.normal, report.n()),
        };
        let mut k = self.commit;
        let mut best = &reports[0].1;
        for (_, report) in reports {
            k = k.max(report.k);
            if rank(report) > rank(best) {
                best = report;
            }
        }
        self.replace(0, &best.l, ctx);
        self.lead(config, ctx);
        self.tell_others(&VrMessage::StartView { v: self.view, l: best.l.clone(), k }, ctx);
        self.execute(k, ctx);
        if config.quorum() == 1 {
            self.commit_prepared(config, ctx);
        }
    }

    /// "When other replicas receive the STARTVIEW message, they replace their log with the one in the message, …, set
    /// their view-number to the view number in the message, change their status to normal" (§4.2, step 5).
    pub(super) fn on_start_view(
        &mut self,
        config: &Config,
        v: ViewNumber,
        l: &[Entry],
        k: OpNumber,
        ctx: &mut Context<Self>,
    ) {
        if v > self.view || v == self.view && !self.is_normal() && self.primary(v) != self.me {
            self.enter(config, v, (0, l), k, ctx);
        }
    }
}
