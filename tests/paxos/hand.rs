//! Words in which a schedule can be told.

use crate::support::{Cluster, n};
use consensus_playground::protocol::{ClientId, Command, Fact, NodeId, Value};
use consensus_playground::protocols::paxos::message::PaxosMessage;
use consensus_playground::protocols::paxos::stable::{Disk, Proposal};
use consensus_playground::protocols::paxos::{Paxos, PaxosTimer, ballot::Ballot};
use std::collections::BTreeMap;

pub const X: Command = value(1);
pub const Y: Command = value(2);
pub const Z: Command = value(3);

/// A client's command that proposes this value.
pub const fn value(value: u32) -> Command {
    Command { client: ClientId(value), serial: 1, value: Value(value) }
}

/// The proposal of `command` numbered `ballot`.
pub fn proposal(ballot: u64, command: Command) -> Proposal {
    Proposal { ballot: Ballot(ballot), command }
}

/// Paxos with `nodes` nodes.
pub fn paxos(nodes: u8, variant: &str) -> Cluster<Paxos> {
    Cluster::new(nodes, variant, &[])
}

/// Handling a cluster of Paxos by hand.
pub trait ByHand {
    /// A client asks node `at`.
    fn propose(&mut self, at: u8, command: Command);
    /// The oldest message of this kind from one node to the other arrives.
    fn pass(&mut self, kind: &str, from: u8, to: u8);
    /// The oldest message of this kind arrives, and stays under way as well.
    fn pass_copy(&mut self, kind: &str, from: u8, to: u8);
    /// All messages of this kind arrive.
    fn pass_all(&mut self, kind: &str);
    /// All messages of these kinds are lost.
    fn lose(&mut self, kinds: &[&str]);
    /// How many messages of this kind are under way from one node to the other.
    fn count(&self, kind: &str, from: u8, to: u8) -> usize;
    /// The messages that one node has under way to the other.
    fn between(&self, from: u8, to: u8) -> Vec<PaxosMessage>;
    /// The timer of node `at` fires.
    fn retry(&mut self, at: u8);
    /// Node `at` stops and starts from its disk.
    fn bounce(&mut self, at: u8);
    /// What is on the disk of node `at`.
    fn disk(&self, at: u8) -> &Disk;
    /// What node `at` has decided since it started.
    fn decision(&self, at: u8) -> Option<Command>;
    /// Whether the timer of node `at` is armed.
    fn armed(&self, at: u8) -> bool;
    /// Whether all decisions ever made are the same: Agreement.
    fn agrees(&self) -> bool;
    /// Whether nobody ever asked for two values under one ballot.
    fn one_value_per_ballot(&self) -> bool;
}

impl ByHand for Cluster<Paxos> {
    fn propose(&mut self, at: u8, command: Command) {
        self.request(n(at), command);
    }

    fn pass(&mut self, kind: &str, from: u8, to: u8) {
        let ids = self.under_way(|e| e.is(kind) && e.goes(from, to));
        let Some(&id) = ids.first() else {
            panic!("no {kind} from n{from} to n{to} is under way, only {:#?}", self.network);
        };
        self.deliver(id);
    }

    fn pass_copy(&mut self, kind: &str, from: u8, to: u8) {
        let id = self.under_way(|e| e.is(kind) && e.goes(from, to))[0];
        self.deliver_copy(id);
    }

    fn pass_all(&mut self, kind: &str) {
        assert!(self.deliver_where(|e| e.is(kind)) > 0, "no {kind} is under way");
    }

    fn lose(&mut self, kinds: &[&str]) {
        self.lose_where(|e| kinds.iter().any(|kind| e.is(kind)));
    }

    fn count(&self, kind: &str, from: u8, to: u8) -> usize {
        self.under_way(|e| e.is(kind) && e.goes(from, to)).len()
    }

    fn between(&self, from: u8, to: u8) -> Vec<PaxosMessage> {
        self.network.iter().filter(|e| e.goes(from, to)).map(|e| e.message).collect()
    }

    fn retry(&mut self, at: u8) {
        self.fire(n(at), PaxosTimer::Retry);
    }

    fn bounce(&mut self, at: u8) {
        self.crash(n(at));
        self.restart(n(at));
    }

    fn disk(&self, at: u8) -> &Disk {
        &self.slots[usize::from(at)].disk
    }

    fn decision(&self, at: u8) -> Option<Command> {
        self.delivered(n(at)).first().copied()
    }

    fn armed(&self, at: u8) -> bool {
        self.slots[usize::from(at)].timers.contains_key(&PaxosTimer::Retry)
    }

    fn agrees(&self) -> bool {
        self.disorder.is_none()
    }

    fn one_value_per_ballot(&self) -> bool {
        let mut values = BTreeMap::new();
        self.history.iter().all(|&(_, fact)| match fact {
            Fact::Proposes { ballot, command, .. } => *values.entry(ballot).or_insert(command) == command,
            _ => true,
        })
    }
}

/// The facts of node `at` that `wanted` picks.
pub fn facts<T>(cluster: &Cluster<Paxos>, at: u8, wanted: impl Fn(Fact) -> Option<T>) -> Vec<T> {
    cluster.history.iter().filter(|(node, _)| *node == NodeId(at)).filter_map(|&(_, fact)| wanted(fact)).collect()
}
