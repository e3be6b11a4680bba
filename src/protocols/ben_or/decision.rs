//! Who knows the decision, and until when it is told.

use super::config::Config;
use super::message::BenOrMessage;
use super::stable::Write;
use super::variant::Broken;
use super::{BINARY, BenOr, Retry, command};
use crate::protocol::{Context, NodeId, NodeSet, Value};

impl BenOr {
    pub(super) fn decide(&mut self, config: &Config, value: Value, ctx: &mut Context<Self>) {
        self.learn(value, ctx);
        self.tell(config, ctx);
    }

    fn learn(&mut self, value: Value, ctx: &mut Context<Self>) {
        self.write(Write::Decided { value }, ctx);
        (self.reports, self.proposals) = Default::default();
        self.known.insert(self.me);
        ctx.deliver(1, command(value));
    }

    fn all_know(&self) -> bool {
        self.known.len() >= usize::from(self.n)
    }

    fn news(&self) -> Option<BenOrMessage> {
        self.disk.decided.map(|value| BenOrMessage::Decided { value, known: self.known })
    }

    /// Tells those that may not know, and will again.
    pub(super) fn tell(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if self.all_know() || config.breaks(Broken::FallSilent) {
            return ctx.cancel_timer(Retry);
        }
        if let Some(news) = self.news() {
            self.send_to(NodeSet(self.all().0 & !self.known.0), news, ctx);
        }
        ctx.set_timer(Retry, 4 * config.retry.0, 4 * config.retry.1);
    }

    /// A node that still counts reports is told the end.
    pub(super) fn answer_with_decision(&self, config: &Config, to: NodeId, ctx: &mut Context<Self>) {
        if let Some(news) = self.news().filter(|_| to != self.me && !config.breaks(Broken::FallSilent)) {
            ctx.send(to, news);
        }
    }

    pub(super) fn on_decided(
        &mut self,
        config: &Config,
        from: NodeId,
        value: Value,
        known: NodeSet,
        ctx: &mut Context<Self>,
    ) {
        if !BINARY.contains(&value) {
            return;
        }
        let knew_all = self.all_know();
        if self.disk.decided.is_none() {
            self.learn(value, ctx);
            // The sender is telling the others already.
            ctx.set_timer(Retry, 4 * config.retry.0, 4 * config.retry.1);
        }
        self.known = NodeSet(self.known.0 | known.0);
        self.known.insert(from);
        if self.all_know() && !knew_all {
            ctx.cancel_timer(Retry);
            // The first to see that all know says so, and everybody falls silent.
            if let Some(news) = self.news().filter(|_| known.len() < usize::from(self.n)) {
                return self.send_to(self.others(), news, ctx);
            }
        }
        if !known.contains(self.me) {
            self.answer_with_decision(config, from, ctx);
        }
    }
}
