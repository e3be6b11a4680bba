//! What others may read off a world, and what its properties say of it.

use super::application::{Application, FIRST_ONE_SHOT};
use super::clients::Clients;
use super::cluster::{Action as Effect, Cluster};
use super::network::{Flight, Network};
use super::parts::{Ended, Reign, Tally};
use super::trace::Trace;
use super::values::{Values, letters};
use super::world::World;
use crate::growing::Growing;
use crate::properties::{Assumption, Conditions, Ledger, Moment, Monitor, Property, Words};
use crate::protocol::*;
use crate::scenario::{Model, Scenario};
use std::cmp::Reverse;
use std::sync::Arc;

/// How a sentence calls a client: those of the workload have letters, as in their values; the others have one `propose`
/// each.
fn named(client: ClientId) -> String {
    match client.0.checked_sub(FIRST_ONE_SHOT) {
        None => format!("client {}", letters(client.0)),
        Some(place) => format!("the client of propose {}", place + 1),
    }
}

impl World {
    /// The properties as they stand now, liveness judged by what the model promises. `stalled` says why nothing can
    /// move, if the diagnosis found a reason.
    pub fn properties(&self, stalled: Option<&str>) -> Vec<Property> {
        let mut monitor = self.monitor.clone();
        let moment = Moment { event: self.events.saturating_sub(1), at: self.now };
        monitor.judge(&moment, &self.conditions(stalled));
        let show = |value| self.values.show(value);
        let words = Words { client: &named, ..Words::plain(&show) };
        monitor.properties(&words).collect()
    }

    fn conditions<'a>(&self, stalled_why: Option<&'a str>) -> Conditions<'a> {
        let up = NodeSet(self.standing(self.up()).0 & self.members().0);
        let connected = self.connected(up);
        let knobs = self.network.knobs();
        let (base, factor) = self.scenario.info.liveness_bound;
        let bounded = knobs.model != Model::Asynchronous && !self.network.manual();
        Conditions {
            bound_us: bounded.then_some(base * 1000 * self.stretch() + factor * knobs.delta_us),
            good_since: (self.enough() && self.now >= knobs.gst_us).then_some(self.calm_since.max(knobs.gst_us)),
            up,
            connected,
            quiescent: (self.ended.is_some() || self.script.done(&self.scenario))
                && self.flights().next().is_none()
                && self.nodes.iter().all(|node| node.writing.is_none() && node.timers.iter().all(|timer| !timer.on)),
            stalled_why,
            promised: (bounded || self.needs_no_bound()) && self.patient() && !self.liveness_lost(),
        }
    }

    /// Whether progress is promised although nothing bounds delays. A hand may hold a message for ever: that is no fair
    /// scheduler.
    fn needs_no_bound(&self) -> bool {
        self.scenario.info.habitat == Habitat::Asynchronous && !self.network.manual()
    }

    /// How many nodes may fail, where the protocol is told.
    pub fn faults(&self) -> Option<usize> {
        self.scenario.info.faults(self.nodes.len(), &self.scenario.settings)
    }

    fn standing(&self, nodes: NodeSet) -> NodeSet {
        nodes.iter().filter(|node| !self.nodes[node.index()].paused).collect()
    }

    /// Whether what the protocol needs for progress is up, has recovered and is connected.
    pub fn enough(&self) -> bool {
        let members = self.members();
        let connected = self.connected(NodeSet(self.standing(self.sound()).0 & members.0));
        match self.scenario.info.needs {
            Needs::Majority | Needs::RecoveredMajority => connected.len() >= majority(members.len()),
            Needs::AllButF => connected.len() + self.faults().unwrap_or(0) >= self.nodes.len(),
            Needs::Setting(_) => self.needed_node().is_none_or(|node| connected.contains(node)),
            Needs::Each => true,
        }
    }

    /// The node without which nothing moves (a fixed sequencer), if the protocol has one.
    pub fn needed_node(&self) -> Option<NodeId> {
        self.scenario.info.needed_node(&self.scenario.settings)
    }

    /// Whether the time-outs given leave an election the time it takes: two messages, of which each may take Δ.
    /// Raft §5.6: "broadcastTime ≪ electionTimeout".
    fn patient(&self) -> bool {
        let info = self.scenario.info;
        let least = info.settings.iter().filter_map(|setting| match setting.kind {
            SettingKind::Range { default: (low, _), .. } => Some(self.range(setting.name).map_or(low, |(low, _)| low)),
            _ => None,
        });
        !info.needs.majority() || least.min().is_none_or(|ms| ms * 1000 >= 2 * self.network.knobs().delta_us)
    }

    /// How many times the default the longest time-out is that was given.
    fn stretch(&self) -> u64 {
        let settings = self.scenario.info.settings.iter().filter_map(|setting| match setting.kind {
            SettingKind::Range { default: (_, high), .. } => Some((self.range(setting.name)?.1, high)),
            SettingKind::Integer { default, .. } if setting.name.ends_with("_ms") => {
                Some((self.integer(setting.name)?, default))
            }
            _ => None,
        });
        settings.map(|(given, default)| given.div_ceil(default.max(1))).max().unwrap_or(1).max(1)
    }

    fn given(&self, name: &str) -> Option<SettingValue> {
        self.scenario.settings.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    fn range(&self, name: &str) -> Option<(u64, u64)> {
        match self.given(name)? {
            SettingValue::Range(low, high) => Some((low, high)),
            _ => None,
        }
    }

    pub(super) fn integer(&self, name: &str) -> Option<u64> {
        match self.given(name)? {
            SettingValue::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// By how much clocks may drift, parts per million, for the leases that the protocol reads under; `None` where it
    /// reads under none.
    pub(super) fn lease_drift(&self) -> Option<u32> {
        let leases = self.given("lease_reads") == Some(SettingValue::Flag(true));
        let declared = self.scenario.info.settings.iter().find(|setting| setting.name == "clock_drift_ppm")?;
        let SettingKind::Integer { default, .. } = declared.kind else { return None };
        leases.then(|| self.integer(declared.name).unwrap_or(default) as u32)
    }

    /// Whether an assumption is broken without which the protocol owes no progress any more. Lost messages do not
    /// matter to those that send again.
    fn liveness_lost(&self) -> bool {
        let bare = self.scenario.settings.contains(&("retransmit", SettingValue::Flag(false)));
        let broken = |assumption| self.ledger.is_broken(assumption);
        broken(Assumption::StableStorage)
            || broken(Assumption::CrashStop)
            || self.scenario.info.habitat == Habitat::Synchronous && !self.ledger.is_clean()
            || bare && (broken(Assumption::ReliableLinks) || self.network.knobs().loss_ppm > 0)
    }

    /// The largest group of nodes of `up` that one of them reaches both ways, itself included.
    pub fn around(&self, up: NodeSet) -> NodeSet {
        let both = |node, other| !self.network.blocked(node, other) && !self.network.blocked(other, node);
        let around = |node: NodeId| up.iter().filter(|other| both(node, *other)).collect::<NodeSet>();
        // The first of the largest.
        up.iter().map(around).min_by_key(|group| Reverse(group.len())).unwrap_or_default()
    }

    /// The largest group of nodes of `up` that all reach one another both ways; nodes that recover count last.
    pub fn connected(&self, up: NodeSet) -> NodeSet {
        let sound = NodeSet(up.0 & self.sound().0);
        let recovering = NodeSet(up.0 & !sound.0);
        // Cuts are few: grow a group from each node, in order, and take the largest.
        let grow = |start: NodeId| {
            let mut group = NodeSet::default();
            for node in std::iter::once(start).chain(sound.iter()).chain(recovering.iter()) {
                let reaches = |other| !self.network.blocked(node, other) && !self.network.blocked(other, node);
                if group.iter().all(reaches) {
                    group.insert(node);
                }
            }
            group
        };
        let size = |group: &NodeSet| (group.0 & sound.0).count_ones() * 32 + group.0.count_ones();
        up.iter().map(grow).max_by_key(size).unwrap_or_default()
    }
}

/// What others may read.
impl World {
    /// The scenario.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// How many events have happened.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// Virtual time, µs.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Why the run is over, if it is.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// The nodes, behind their object-safe face.
    pub fn cluster(&self) -> &dyn Cluster {
        &*self.cluster
    }

    /// The trace.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The strings.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The properties.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// The assumption ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Who believed when that it leads.
    pub fn reigns(&self) -> &Growing<Reign> {
        &self.reigns
    }

    /// Messages by kind.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// The application on `node`.
    pub fn application(&self, node: NodeId) -> &Application {
        &self.applications[node.index()]
    }

    /// The clients.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The nodes that are up.
    pub fn up(&self) -> NodeSet {
        NodeId::all(self.nodes.len()).filter(|node| self.nodes[node.index()].up).collect()
    }

    /// Whether `node` has started: before the first event of a run none has.
    pub fn started(&self, node: NodeId) -> bool {
        node.index() < self.script.started
    }

    /// The nodes that are up and know what they knew: "a replica is considered failed until it has recovered its state"
    /// (Liskov and Cowling 2012, §8.2).
    pub fn sound(&self) -> NodeSet {
        self.up().iter().filter(|node| !self.cluster.recovering(*node)).collect()
    }

    /// The members of the cluster, as far as they are known to be committed: all nodes, where the membership never
    /// changes.
    pub fn members(&self) -> NodeSet {
        self.members.1
    }

    /// Whether `node` is paused.
    pub fn paused(&self, node: NodeId) -> bool {
        self.nodes[node.index()].paused
    }

    /// Messages in flight, in no order that means anything; each with its slot.
    pub fn flights(&self) -> impl Iterator<Item = (u32, &Flight)> {
        (0..).zip(&self.flights).filter(|(_, flight)| flight.live)
    }

    /// The armed timers of `node`: index, armed since and due at (µs of true time).
    pub fn timers(&self, node: NodeId) -> impl Iterator<Item = (u8, u64, u64)> {
        (0..)
            .zip(&self.nodes[node.index()].timers)
            .filter(|(_, armed)| armed.on)
            .map(|(i, armed)| (i, armed.since, armed.at))
    }

    /// What `node` has asked for and waits for its disk, in order.
    pub fn outbox(&self, node: NodeId) -> impl Iterator<Item = &Effect> {
        self.nodes[node.index()].outbox.iter().map(|(action, _)| action)
    }

    /// The number of the script's next step.
    pub fn next_step(&self) -> usize {
        self.script.next
    }

    /// Whether a write of `node` is under way.
    pub fn writing(&self, node: NodeId) -> bool {
        self.nodes[node.index()].writing.is_some()
    }

    /// Whether, under the manual scheduler, nothing happens any more but by hand: the script is done, the disks have
    /// written, and what is in flight waits, or has come to a node that is paused.
    pub fn idle_by_hand(&self) -> bool {
        self.script.done(&self.scenario)
            && self.nodes.iter().all(|node| node.writing.is_none())
            && self.flights().all(|(_, flight)| flight.held || self.paused(flight.to))
    }

    /// How many interventions were done, or turned out to be impossible.
    pub(super) fn intervened(&self) -> usize {
        self.intervened
    }

    /// Since when nothing was done, and nothing went wrong, that may hold progress up, µs.
    pub fn calm_since(&self) -> u64 {
        self.calm_since
    }

    /// When something was last delivered or someone elected, µs.
    pub fn progress_at(&self) -> u64 {
        self.progress_at
    }

    /// How many epochs have begun since something was last delivered, each higher than all before it: what their
    /// numbers are is the protocol's affair, ballots leave out those of other nodes.
    pub fn epochs_without_delivery(&self) -> u64 {
        self.epochs.1
    }

    /// The highest position delivered anywhere.
    pub fn frontier(&self) -> u64 {
        self.frontier
    }
}
