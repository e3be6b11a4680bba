//! The monitors of one run together: which properties are watched, and who wants to know of what.

use super::ballots::Ballots;
use super::broadcast::Broadcast;
use super::consensus::Consensus;
use super::findings::Findings;
use super::logs::{Logs, Terms};
use super::names::{Name, Names};
use super::past::Past;
use super::primaries::{PRIMARY_ORDER, Primacy};
use super::replicated::Replicated;
use super::{Conditions, Moment, Observation, Property, Violation, Words};
use crate::protocol::{Command, Fact, Info, NodeId, Shape};

/// What follows from what the protocol brings about.
#[derive(Clone, Debug)]
enum Kind {
    OneValue(Box<Consensus>),
    Broadcast(Box<Broadcast>),
    Replicated(Box<Replicated>),
}

/// Watches every property of the run's protocol.
///
/// An observation goes only to the properties that want its kind; a property that was violated once is looked at no
/// more.
#[derive(Clone, Debug)]
pub struct Monitor {
    findings: Findings,
    nodes: usize,
    kind: Kind,
    /// For protocols that promise something of their logs.
    logs: Option<Box<Logs>>,
    /// For protocols that promise something of their ballots.
    ballots: Option<Box<Ballots>>,
}

impl Monitor {
    /// The monitor of a cluster of `nodes` that runs the protocol of this card.
    pub fn new(info: &'static Info, nodes: usize) -> Self {
        let kind = match info.shape {
            Shape::OneValue => Kind::OneValue(Box::new(Consensus::new(nodes))),
            Shape::Broadcast => Kind::Broadcast(Box::new(Broadcast::new(nodes, info.restarts))),
            Shape::Replicated => Kind::Replicated(Box::new(Replicated::new(nodes))),
        };
        let promised = Names::promised(info);
        let logs = promised.any(Names::of(&[
            Name::ElectionSafety,
            Name::LeaderAppendOnly,
            Name::LogMatching,
            Name::LeaderCompleteness,
            Name::AcknowledgedWriteNotLost,
            Name::OnePrimaryPerView,
            Name::Leadership,
            Name::PrefixConsistency,
        ])) || promised.any(PRIMARY_ORDER);
        let ballots = promised.any(Names::of(&[
            Name::P2c,
            Name::OneValuePerBallot,
            Name::PromisesNeverDecrease,
            Name::OneProposalPerRound,
        ]));
        Monitor {
            findings: Findings::new(info),
            nodes,
            kind,
            logs: logs.then(|| {
                let words = Terms { epoch: info.epoch_word, position: info.position_word };
                Box::new(Logs::new(nodes, words, promised.any(PRIMARY_ORDER)))
            }),
            ballots: ballots.then(|| Box::new(Ballots::new(nodes, info))),
        }
    }

    /// Something happened.
    pub fn observe(&mut self, moment: &Moment, observation: &Observation) {
        match *observation {
            Observation::Fact { node, fact } => self.fact(moment, node, fact),
            Observation::Delivered { node, position, command, repeat } => {
                self.delivered(moment, node, position, command, repeat);
            }
            Observation::Request { node, command } if self.has(node) => match &mut self.kind {
                Kind::OneValue(consensus) => consensus.request(moment, node, command),
                Kind::Broadcast(broadcast) => broadcast.request(&self.findings, moment, node, command),
                Kind::Replicated(replicated) => replicated.request(moment, node, command),
            },
            Observation::Invoked { client, serial, operation } => {
                if let Kind::Replicated(replicated) = &mut self.kind {
                    replicated.invoked(client, serial, operation);
                }
            }
            Observation::Returned { client, serial, outcome } => {
                if let Kind::Replicated(replicated) = &mut self.kind {
                    replicated.returned(&mut self.findings, moment, client, serial, outcome);
                }
            }
            Observation::SnapshotInstalled { node, from } if self.has(node) => {
                if let Kind::Replicated(replicated) = &mut self.kind {
                    replicated.installed(node, from.position);
                }
            }
            Observation::Crashed { node } if self.has(node) => self.crashed(node),
            Observation::Restarted { node, disk_lost } if self.has(node) => self.restarted(moment, node, disk_lost),
            Observation::Resumed { node } if self.has(node) => self.woke(moment, node),
            Observation::Request { .. }
            | Observation::SnapshotInstalled { .. }
            | Observation::Crashed { .. }
            | Observation::Restarted { .. }
            | Observation::Resumed { .. }
            | Observation::SnapshotTaken { .. }
            | Observation::Paused { .. }
            | Observation::Disturbed => {}
        }
    }

    /// The history variables of primary order, where the protocol promises it.
    pub fn primacy(&self) -> Option<Primacy> {
        self.logs.as_ref().and_then(|logs| logs.primacy())
    }

    /// What a run has shown of leaders, logs and ballots, where the protocol promises something of them.
    pub fn past(&self) -> Past {
        let mut past = Past::default();
        if let Some(logs) = &self.logs {
            logs.tell(&mut past);
        }
        if let Some(ballots) = &self.ballots {
            ballots.tell(&mut past);
        }
        past
    }

    fn has(&self, node: NodeId) -> bool {
        node.index() < self.nodes
    }

    #[inline]
    fn fact(&mut self, moment: &Moment, node: NodeId, fact: Fact) {
        if !self.has(node) {
            return;
        }
        if let Some(logs) = &mut self.logs {
            logs.fact(&mut self.findings, moment, node, fact);
        }
        if let Some(ballots) = &mut self.ballots {
            ballots.fact(&mut self.findings, moment, node, fact);
        }
    }

    #[inline]
    fn delivered(&mut self, moment: &Moment, node: NodeId, position: u64, command: Command, repeat: bool) {
        if !self.has(node) {
            return;
        }
        let findings = &mut self.findings;
        match &mut self.kind {
            Kind::OneValue(consensus) => consensus.delivered(findings, moment, node, command),
            Kind::Broadcast(broadcast) => broadcast.delivered(findings, moment, node, command),
            Kind::Replicated(replicated) => replicated.delivered(findings, moment, node, position, command, repeat),
        }
    }

    fn crashed(&mut self, node: NodeId) {
        if let Kind::Broadcast(broadcast) = &mut self.kind {
            broadcast.crashed(node);
        }
        if let Some(logs) = &mut self.logs {
            logs.crashed(node);
        }
    }

    fn restarted(&mut self, moment: &Moment, node: NodeId, disk_lost: bool) {
        match &mut self.kind {
            Kind::OneValue(consensus) => consensus.restarted(moment, node),
            Kind::Broadcast(broadcast) => broadcast.restarted(moment, node),
            Kind::Replicated(replicated) => replicated.restarted(moment, node),
        }
        if let Some(logs) = &mut self.logs {
            logs.restarted(node, disk_lost);
        }
        if let Some(ballots) = &mut self.ballots {
            ballots.restarted(node, disk_lost);
        }
    }

    fn woke(&mut self, moment: &Moment, node: NodeId) {
        match &mut self.kind {
            Kind::OneValue(consensus) => consensus.woke(moment, node),
            Kind::Broadcast(broadcast) => broadcast.woke(moment, node),
            Kind::Replicated(replicated) => replicated.woke(moment, node),
        }
    }

    /// Judges what is owed by the model's bound. To be called before [`Monitor::properties`] is read, and now and then
    /// in a run that shall stop at a violation; costs O(n).
    pub fn judge(&mut self, moment: &Moment, conditions: &Conditions<'_>) {
        match &mut self.kind {
            Kind::OneValue(consensus) => consensus.judge(&mut self.findings, moment, conditions),
            Kind::Broadcast(broadcast) => broadcast.judge(&mut self.findings, moment, conditions),
            Kind::Replicated(replicated) => replicated.judge(&mut self.findings, moment, conditions),
        }
    }

    /// Every watched property and how it stands.
    pub fn properties(&self, words: &Words<'_>) -> impl Iterator<Item = Property> {
        self.findings.properties(words)
    }

    /// The first violation of a property that the protocol promises. Costs nothing.
    pub fn violated(&self) -> Option<&Violation> {
        self.findings.violated()
    }
}
