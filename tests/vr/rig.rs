//! VR on the hand-driven cluster: messages in few words, logs as short lists, and what must hold of a history.

use crate::support::{Cluster, command, n};
use consensus_playground::protocol::{Command, Fact, NodeId, Protocol};
use consensus_playground::protocols::vr::{Entry, Report, Vr, VrMessage, VrTimer};
use std::collections::BTreeMap;

pub type Group = Cluster<Vr>;

/// A group with the defaults: node 0 is the primary of view 0.
pub fn group(nodes: u8) -> Group {
    Cluster::new(nodes, "correct", &[])
}

/// The `serial`-th request of client 1.
pub fn op(serial: u32) -> Command {
    command(1, serial)
}

/// What stands in the log for it, first ordered in `view`.
pub fn entry(view: u32, serial: u32) -> Entry {
    Entry { view, command: op(serial) }
}

/// A log of requests 1, 2, … that were ordered in these views.
pub fn log(views: &[u32]) -> std::sync::Arc<[Entry]> {
    views.iter().zip(1..).map(|(view, serial)| entry(*view, serial)).collect()
}

pub fn prepare(v: u32, serial: u32, at: u32, k: u32) -> VrMessage {
    VrMessage::Prepare { v, m: entry(v, serial), n: at, k }
}

pub fn prepare_ok(v: u32, at: u32, i: u8) -> VrMessage {
    VrMessage::PrepareOk { v, n: at, i: n(i) }
}

pub fn start_view_change(v: u32, i: u8) -> VrMessage {
    VrMessage::StartViewChange { v, i: n(i) }
}

pub fn do_view_change(v: u32, views: &[u32], normal: u32, k: u32, i: u8) -> VrMessage {
    VrMessage::DoViewChange { v, report: Report { normal, l: log(views), k }, i: n(i) }
}

pub fn start_view(v: u32, views: &[u32], k: u32) -> VrMessage {
    VrMessage::StartView { v, l: log(views), k }
}

/// RECOVERYRESPONSE of a backup.
pub fn answer(v: u32, x: u32, j: u8) -> VrMessage {
    VrMessage::RecoveryResponse { v, x, state: None, j: n(j) }
}

/// RECOVERYRESPONSE of a primary.
pub fn full_answer(v: u32, x: u32, views: &[u32], k: u32, j: u8) -> VrMessage {
    VrMessage::RecoveryResponse { v, x, state: Some((log(views), k)), j: n(j) }
}

/// Orders requests `serials` at `primary`, everywhere.
pub fn write(group: &mut Group, primary: u8, serials: std::ops::RangeInclusive<u32>) {
    for serial in serials {
        group.request(n(primary), op(serial));
        group.settle();
    }
}

/// The node's view-change timer fires, and all follows among `among`.
pub fn time_out(group: &mut Group, node: u8, among: &[u8]) {
    group.fire(n(node), VrTimer::ViewChange);
    group.settle_among(among);
}

/// A COMMIT of the idle primary, or what it sends in its place, and all that follows.
pub fn beat(group: &mut Group, primary: u8) {
    group.fire(n(primary), VrTimer::Commit);
    group.settle();
}

pub fn role(group: &Group, node: u8) -> &'static str {
    group.node(n(node)).view().role
}

pub fn view(group: &Group, node: u8) -> u64 {
    group.node(n(node)).view().epoch
}

pub fn committed(group: &Group, node: u8) -> u64 {
    group.node(n(node)).view().committed
}

/// The request-numbers in the node's log.
pub fn serials(group: &Group, node: u8) -> Vec<u32> {
    let state = group.node(n(node));
    (1..=state.view().last).map(|at| state.row(at).expect("inside the log").command.serial).collect()
}

/// The messages that `from` sent and that are under way, taken out, with their receivers.
pub fn sent(group: &mut Group, from: u8) -> Vec<(u8, VrMessage)> {
    let (sent, rest) = group.take_all().into_iter().partition(|envelope| envelope.from == n(from));
    group.network = rest;
    let sent: Vec<crate::support::Envelope<VrMessage>> = sent;
    sent.into_iter().map(|envelope| (envelope.to.0, envelope.message)).collect()
}

/// Every committed operation is in the log of every later view's primary, a view has one primary, and what is executed
/// is executed everywhere alike: what does not hold, in words.
pub fn violations(group: &Group) -> Vec<String> {
    let mut logs: BTreeMap<NodeId, BTreeMap<u64, Command>> = BTreeMap::new();
    let (mut views, mut primaries) = (BTreeMap::new(), BTreeMap::new());
    let mut committed: BTreeMap<u64, (Command, u64)> = BTreeMap::new();
    let mut started: Vec<(u64, BTreeMap<u64, Command>)> = Vec::new();
    let mut found: Vec<String> = group.disorder.clone().into_iter().collect();
    for (node, fact) in &group.history {
        let log = logs.entry(*node).or_default();
        match *fact {
            Fact::Epoch { epoch } => {
                views.insert(*node, epoch);
            }
            Fact::Appends { position, command, .. } => {
                log.insert(position, command);
            }
            Fact::Truncates { from } => {
                log.split_off(&from);
            }
            Fact::Commits { position } => {
                let view = views[node];
                for (at, command) in log.range(..=position) {
                    committed.entry(*at).or_insert((*command, view));
                }
                for (later, log) in started.iter().filter(|(later, _)| *later > view) {
                    let lost = committed.iter().find(|(at, (c, v))| *v <= view && log.get(at) != Some(c));
                    found.extend(lost.map(|lost| format!("{lost:?} is not in view {later}")));
                }
            }
            Fact::Leads { epoch } => {
                if *primaries.entry(epoch).or_insert(*node) != *node {
                    found.push(format!("two primaries of view {epoch}"));
                }
                let lost = committed.iter().find(|(at, (c, v))| *v < epoch && log.get(at) != Some(c));
                found.extend(lost.map(|lost| format!("{node} leads view {epoch} without {lost:?}")));
                started.push((epoch, log.clone()));
            }
            _ => {}
        }
    }
    found
}
