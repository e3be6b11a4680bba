//! Zab on the hand-driven cluster: histories as short lists, and the ways into each phase.

use crate::support::{Cluster, Envelope, command, n};
use consensus_playground::protocol::{Protocol, SettingValue};
use consensus_playground::protocols::zab::{Body, History, Txn, Vote, Zab, ZabMessage, ZabStable, ZabTimer, Zxid};

pub type Zabs = Cluster<Zab>;
pub type Under = Envelope<ZabMessage>;

/// A cluster with the defaults, its first votes under way.
pub fn started(nodes: u8) -> Zabs {
    Cluster::new(nodes, "correct", &[])
}

/// A cluster with these settings.
pub fn with(nodes: u8, settings: &[(&'static str, SettingValue)]) -> Zabs {
    Cluster::new(nodes, "correct", settings)
}

/// A cluster whose highest node leads epoch 1, everybody in Broadcast.
pub fn led(nodes: u8) -> Zabs {
    let mut zabs = started(nodes);
    zabs.settle();
    assert!(leads(&zabs, nodes - 1));
    zabs
}

pub fn zxid(epoch: u32, counter: u32) -> Zxid {
    Zxid { epoch, counter }
}

/// The transaction with this zxid, in whatever history.
pub fn txn(epoch: u32, counter: u32) -> Txn {
    Txn { zxid: zxid(epoch, counter), command: command(epoch, counter) }
}

/// A disk with this f.p, f.a and history.
pub fn disk(accepted: u32, current: u32, zxids: &[(u32, u32)]) -> ZabStable {
    let txns: Vec<Txn> = zxids.iter().map(|(epoch, counter)| txn(*epoch, *counter)).collect();
    let mut history = History::default();
    history.replace_behind(0, &txns);
    let promised_to = (accepted > 0).then_some(n(0));
    ZabStable { starts: 1, accepted_epoch: accepted, promised_to, current_epoch: current, history }
}

/// A cluster that starts from these disks; node 0 must not have promised anything that matters to whom.
pub fn from_disks(disks: &[ZabStable]) -> Zabs {
    let mut zabs = started(disks.len() as u8);
    zabs.lose_all();
    for node in 0..disks.len() as u8 {
        zabs.crash(n(node));
    }
    zabs.history.clear();
    for (node, disk) in (0..).zip(disks) {
        zabs.restart_with(n(node), disk.clone());
    }
    zabs
}

pub fn role(zabs: &Zabs, node: u8) -> &'static str {
    zabs.node(n(node)).view().role
}

/// Whether the node is the primary: leads in Broadcast.
pub fn leads(zabs: &Zabs, node: u8) -> bool {
    zabs.node(n(node)).view().leads
}

pub fn committed(zabs: &Zabs, node: u8) -> u64 {
    zabs.node(n(node)).view().committed
}

/// The zxids of the history on the node's disk.
pub fn on_disk(zabs: &Zabs, node: u8) -> Vec<(u32, u32)> {
    let history = &zabs.slots[usize::from(node)].disk.history;
    (1..=history.last()).map(|place| history.zxid(place)).map(|zxid| (zxid.epoch, zxid.counter)).collect()
}

/// f.p and f.a on the node's disk.
pub fn epochs(zabs: &Zabs, node: u8) -> (u32, u32) {
    let disk = &zabs.slots[usize::from(node)].disk;
    (disk.accepted_epoch, disk.current_epoch)
}

/// Delivers what is under way of this kind between these two now. How many they were.
pub fn pass(zabs: &mut Zabs, kind: &str, from: u8, to: u8) -> usize {
    zabs.deliver_where(|m| m.is(kind) && m.goes(from, to))
}

/// Delivers the only message of this kind between these two.
#[track_caller]
pub fn step(zabs: &mut Zabs, kind: &str, from: u8, to: u8) {
    assert_eq!(pass(zabs, kind, from, to), 1, "{kind} from n{from} to n{to}");
}

/// How many of this kind are under way.
pub fn count(zabs: &Zabs, kind: &str) -> usize {
    zabs.under_way(|m| m.is(kind)).len()
}

/// What the only message of this kind between these two says; it stays under way.
#[track_caller]
pub fn said(zabs: &Zabs, kind: &str, from: u8, to: u8) -> Body {
    let found: Vec<&Under> = zabs.network.iter().filter(|m| m.is(kind) && m.goes(from, to)).collect();
    assert_eq!(found.len(), 1, "{kind} from n{from} to n{to}");
    match &found[0].message {
        ZabMessage::Channel { body, .. } => body.clone(),
        other => panic!("{other:?} is on no channel"),
    }
}

/// Takes the oldest message of this kind, with its content changed.
pub fn tamper(zabs: &mut Zabs, kind: &str, change: fn(&mut Body)) -> ZabMessage {
    let at = zabs.network.iter().position(|m| m.is(kind)).expect("a message under way");
    let mut message = zabs.network.remove(at).message;
    if let ZabMessage::Channel { body, .. } = &mut message {
        change(body);
    }
    message
}

/// The votes under way from `from` to `to`, oldest first.
pub fn votes(zabs: &Zabs, from: u8, to: u8) -> Vec<Vote> {
    let of = |m: &Under| match m.message {
        ZabMessage::Notification { vote, .. } if m.goes(from, to) => Some(vote),
        _ => None,
    };
    zabs.network.iter().filter_map(of).collect()
}

/// Lets all votes arrive among `group`, and the elections that a quorum has agreed on end: `leader` begins to lead, and
/// the others follow it. Nothing that they say on their channels arrives.
pub fn elect(zabs: &mut Zabs, leader: u8, group: &[u8]) {
    let vote = |m: &Under| m.is("Notification") && group.contains(&m.from.0) && group.contains(&m.to.0);
    zabs.settle_where(vote);
    for node in std::iter::once(leader).chain(group.iter().copied().filter(|node| *node != leader)) {
        if role(zabs, node) == "LOOKING" {
            zabs.fire(n(node), ZabTimer::Election);
        }
    }
    zabs.lose_where(|m| m.is("Notification"));
    assert_eq!(role(zabs, leader), "LEADING");
    for node in group.iter().filter(|node| **node != leader) {
        assert_eq!(role(zabs, *node), "FOLLOWING", "n{node}");
    }
}

/// `node` loses patience with its leader.
pub fn give_up(zabs: &mut Zabs, node: u8) {
    while role(zabs, node) != "LOOKING" {
        zabs.fire(n(node), ZabTimer::Timeout);
    }
}

/// `node`, which is LOOKING, hears from `leader` itself and sends it CEPOCH; not delivered yet.
pub fn find(zabs: &mut Zabs, node: u8, leader: u8) {
    zabs.lose_where(|m| m.is("Notification"));
    zabs.fire(n(node), ZabTimer::Election);
    step(zabs, "Notification", node, leader);
    step(zabs, "Notification", leader, node);
    zabs.lose_where(|m| m.is("Notification"));
    assert_eq!(role(zabs, node), "FOLLOWING");
}

/// `node` comes to `leader` anew, up to its ACK-E; NEWLEADER is under way to it.
pub fn join(zabs: &mut Zabs, node: u8, leader: u8) {
    find(zabs, node, leader);
    step(zabs, "CEPOCH", node, leader);
    step(zabs, "NEWEPOCH", leader, node);
    step(zabs, "ACK-E", node, leader);
}
