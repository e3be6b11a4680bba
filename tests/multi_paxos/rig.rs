//! Multi-Paxos on the hand-driven cluster: words in which a schedule can be told.

use crate::support::{Cluster, command, n};
use consensus_playground::protocol::{Command, Protocol, Row, SettingValue, Stable};
use consensus_playground::protocols::multi_paxos::{
    Ballot, Disk, Entry, MultiPaxos, MultiPaxosMessage, MultiPaxosTimer, Proposal, Slot,
};

pub type Nodes = Cluster<MultiPaxos>;

pub const A: Command = command_of(1);
pub const B: Command = command_of(2);
pub const C: Command = command_of(3);

const fn command_of(client: u32) -> Command {
    use consensus_playground::protocol::{ClientId, Value};
    Command { client: ClientId(client), serial: 1, value: Value(client * 1_000_000 + 1) }
}

/// A cluster with the defaults.
pub fn paxos(nodes: u8) -> Nodes {
    with(nodes, &[])
}

/// A cluster with these settings.
pub fn with(nodes: u8, settings: &[(&'static str, SettingValue)]) -> Nodes {
    Cluster::new(nodes, "correct", settings)
}

/// A cluster whose node 0 leads its first ballot and everybody knows.
pub fn led(nodes: u8) -> Nodes {
    let mut c = paxos(nodes);
    elect(&mut c, 0);
    c
}

/// Fires the node's election timer and delivers everything that follows. The node must lead then.
pub fn elect(c: &mut Nodes, node: u8) {
    c.fire(n(node), MultiPaxosTimer::Election);
    c.settle();
    assert!(leads(c, node), "{} leads", n(node));
}

/// The node begins a ballot, and leads by the promises of these acceptors, in this order.
pub fn elect_by(c: &mut Nodes, node: u8, acceptors: &[u8]) {
    c.fire(n(node), MultiPaxosTimer::Election);
    for acceptor in acceptors {
        assert_eq!(pass(c, "Prepare", node, *acceptor), 1);
        assert_eq!(pass(c, "Promise", *acceptor, node), 1);
    }
}

/// A heartbeat of `node`, and all that follows.
pub fn beat(c: &mut Nodes, node: u8) {
    c.fire(n(node), MultiPaxosTimer::Heartbeat);
    c.settle();
}

/// Messages of this kind that are under way from one node to the other arrive; how many they were.
pub fn pass(c: &mut Nodes, kind: &str, from: u8, to: u8) -> usize {
    c.deliver_where(|m| m.is(kind) && m.goes(from, to))
}

/// The messages that one node has under way to the other.
pub fn between(c: &Nodes, from: u8, to: u8) -> Vec<MultiPaxosMessage> {
    c.network.iter().filter(|m| m.goes(from, to)).map(|m| m.message.clone()).collect()
}

/// How many messages of this kind are under way from one node to the other.
pub fn count(c: &Nodes, kind: &str, from: u8, to: u8) -> usize {
    c.under_way(|m| m.is(kind) && m.goes(from, to)).len()
}

pub fn leads(c: &Nodes, node: u8) -> bool {
    c.node(n(node)).view().leads
}

pub fn chosen(c: &Nodes, node: u8) -> Slot {
    c.node(n(node)).view().committed
}

pub fn disk(c: &Nodes, node: u8) -> &Disk {
    &c.slots[usize::from(node)].disk
}

/// What stands in a slot of a node: ballot and command.
pub fn at(c: &Nodes, node: u8, slot: Slot) -> Option<(u64, Command)> {
    c.node(n(node)).row(slot).map(|Row { epoch, command }| (epoch, command))
}

pub fn entry(slot: Slot, ballot: u64, command: Command) -> Entry {
    Entry { slot, proposal: Proposal { ballot: Ballot(ballot), command } }
}

pub fn prepare(ballot: u64, first: Slot) -> MultiPaxosMessage {
    MultiPaxosMessage::Prepare { ballot: Ballot(ballot), first }
}

pub fn promise(ballot: u64, chosen: Slot, accepted: &[Entry]) -> MultiPaxosMessage {
    MultiPaxosMessage::Promise { ballot: Ballot(ballot), chosen, snapshot: None, accepted: accepted.to_vec() }
}

pub fn accept(ballot: u64, slot: Slot, command: Command, chosen: Slot) -> MultiPaxosMessage {
    MultiPaxosMessage::Accept { ballot: Ballot(ballot), slot, command, chosen }
}

pub fn accepted(ballot: u64, slot: Slot) -> MultiPaxosMessage {
    MultiPaxosMessage::Accepted { ballot: Ballot(ballot), slot }
}

pub fn nack(ballot: u64, promised: u64) -> MultiPaxosMessage {
    MultiPaxosMessage::Nack { ballot: Ballot(ballot), promised: Ballot(promised) }
}

pub fn heartbeat(ballot: u64, chosen: Slot) -> MultiPaxosMessage {
    MultiPaxosMessage::Heartbeat { ballot: Ballot(ballot), chosen }
}

pub fn alive(ballot: u64, chosen: Slot, lacks: bool) -> MultiPaxosMessage {
    MultiPaxosMessage::Alive { ballot: Ballot(ballot), chosen, lacks }
}

pub fn decision(ballot: u64, chosen: Slot, decided: &[Entry]) -> MultiPaxosMessage {
    MultiPaxosMessage::Decision { ballot: Ballot(ballot), chosen, snapshot: None, decided: decided.to_vec() }
}

/// A disk with this promise and log.
pub fn with_log(promised: u64, chosen: Slot, entries: &[Entry]) -> Disk {
    let mut disk = Disk { promised: Ballot(promised), chosen, ..Disk::default() };
    entries.iter().for_each(|entry| disk.log.set(*entry));
    disk
}

/// The node stops and starts from this disk.
pub fn start_from(c: &mut Nodes, node: u8, disk: Disk) {
    c.crash(n(node));
    c.restart_with(n(node), disk);
}

/// The node stops, and starts on an empty disk in place of the one that was lost.
pub fn wipe(c: &mut Nodes, node: u8) {
    start_from(c, node, Disk::lost());
}

/// The command of the paper's number.
pub fn numbered(number: u32) -> Command {
    command(9, number)
}
