//! The two phases of a round.

use super::config::Config;
use super::message::BenOrMessage;
use super::stable::Write;
use super::variant::Broken;
use super::{BINARY, BenOr, command, union};
use crate::protocol::{Context, Fact, NodeId, NodeSet, Value};

impl BenOr {
    /// Step 1: (R, k, x) goes to all.
    pub(super) fn begin_round(&mut self, config: &Config, round: u64, estimate: Value, ctx: &mut Context<Self>) {
        self.write(Write::Round { round, estimate, proposal: None }, ctx);
        (self.reports, self.proposals) = Default::default();
        ctx.observe(Fact::Epoch { epoch: round });
        self.say(self.all(), ctx);
        self.arm(config, ctx);
    }

    /// Says, once more, what this node has to say in its round.
    pub(super) fn say(&self, to: NodeSet, ctx: &mut Context<Self>) {
        let round = self.disk.round;
        self.send_to(to, BenOrMessage::Report { round, value: self.disk.estimate }, ctx);
        if let Some(value) = self.disk.proposal {
            self.send_to(to, BenOrMessage::Proposal { round, value }, ctx);
        }
    }

    /// Step 2: waits for (R, k, ·) of n − f nodes. More than n/2 of one v: proposes (P, k, v), else (P, k, ?).
    pub(super) fn on_report(
        &mut self,
        config: &Config,
        from: NodeId,
        round: u64,
        value: Value,
        ctx: &mut Context<Self>,
    ) {
        let Some(place) = BINARY.iter().position(|v| *v == value) else { return };
        if round > self.disk.round {
            self.begin_round(config, round, value, ctx);
        }
        if round < self.disk.round {
            return;
        }
        self.reports[place].insert(from);
        let received = union(&self.reports).len();
        if received < config.need || self.disk.proposal.is_some() {
            return;
        }
        let of = if config.breaks(Broken::MajorityOfReceived) { received } else { usize::from(self.n) };
        let value = BINARY.into_iter().zip(&self.reports).find(|(_, who)| 2 * who.len() > of).map(|(value, _)| value);
        self.write(Write::Round { round, estimate: self.disk.estimate, proposal: Some(value) }, ctx);
        if let Some(value) = value {
            ctx.observe(Fact::Proposes { position: 1, ballot: round, command: command(value) });
        }
        self.send_to(self.all(), BenOrMessage::Proposal { round, value }, ctx);
        self.arm(config, ctx);
    }

    /// Step 3: waits for (P, k, ·) of n − f nodes.
    pub(super) fn on_proposal(
        &mut self,
        config: &Config,
        from: NodeId,
        round: u64,
        value: Option<Value>,
        ctx: &mut Context<Self>,
    ) {
        // A Report of a later round comes from everybody who proposes in it.
        if round != self.disk.round {
            return;
        }
        let place = BINARY.iter().position(|v| Some(*v) == value).unwrap_or(2);
        self.proposals[place].insert(from);
        if self.disk.proposal.is_some() && union(&self.proposals).len() >= config.need {
            self.end_round(config, ctx);
        }
    }

    /// Still step 3: at least f + 1 for one v decide v, at least one makes x become v, none leaves it to the coin.
    fn end_round(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let decides = if config.breaks(Broken::DecideOnOne) { 1 } else { config.f + 1 };
        let adopts = if config.breaks(Broken::AdoptLate) { config.f + 1 } else { 1 };
        let votes = |place: usize| self.proposals[place].len();
        // The rules leave at most one of the two with any vote at all.
        let place = usize::from(votes(1) > votes(0));
        if votes(place) >= decides {
            return self.decide(config, BINARY[place], ctx);
        }
        let next = self.disk.round + 1;
        let place = match votes(place) >= adopts {
            true => place,
            false if config.global_coin => global_coin(self.disk.round),
            false => ctx.choose(2) as usize,
        };
        self.begin_round(config, next, BINARY[place], ctx);
    }
}

/// A coin that falls for all alike: a list of bits dealt out beforehand, as in M. Rabin, *Randomized Byzantine
/// generals*, FOCS 1983.
fn global_coin(round: u64) -> usize {
    (round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40 & 1) as usize
}
