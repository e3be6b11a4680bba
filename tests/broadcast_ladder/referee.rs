//! Judges a run by its broadcasts and what each node delivered: the properties of broadcast, stated without regard to
//! any algorithm.

use crate::support::{Cluster, n};
use consensus_playground::protocol::{Command, NodeId, Protocol, Value};
use consensus_playground::protocols::dissemination::{Disk, Stamp};
use consensus_playground::protocols::sequencer;
use std::collections::BTreeMap;

/// A disk that tells whether its node has broadcast a command. A request whose write a crash cut off was none.
pub trait Broadcasts {
    fn has_broadcast(&self, command: Command) -> bool;
}

impl<S: Stamp> Broadcasts for Disk<S> {
    fn has_broadcast(&self, command: Command) -> bool {
        self.letters.iter().any(|letter| letter.command == command)
    }
}

impl Broadcasts for sequencer::Disk {
    fn has_broadcast(&self, command: Command) -> bool {
        self.requests.iter().any(|request| *request == command)
            || self.orders.iter().any(|letter| letter.command == command)
    }
}

/// A request: who was asked, for what, and what it had delivered by then.
struct Asked {
    node: NodeId,
    command: Command,
    past: Vec<Command>,
}

/// Notes the requests of a run.
#[derive(Default)]
pub struct Referee {
    asked: Vec<Asked>,
}

impl Referee {
    /// Asks `node` to broadcast `command`, and notes it.
    pub fn request<P: Protocol>(&mut self, cluster: &mut Cluster<P>, node: NodeId, command: Command) {
        self.asked.push(Asked { node, command, past: cluster.delivered(node).to_vec() });
        cluster.request(node, command);
    }

    /// Whether `node` was asked for `command` before.
    pub fn was_asked(&self, node: NodeId, command: Command) -> bool {
        self.asked.iter().any(|asked| asked.node == node && asked.command == command)
    }

    /// The first of the named properties that the run breaks, in words. What must come in the end (Validity,
    /// Agreement) is judged as if the end were now.
    pub fn judge<P: Protocol>(&self, cluster: &Cluster<P>, properties: &[&str]) -> Result<(), String>
    where
        P::Stable: Broadcasts,
    {
        for property in properties {
            for node in cluster.nodes().filter(|node| cluster.up(*node)) {
                let broken = match *property {
                    "No duplication" => no_duplication(cluster, node),
                    "No creation" => self.no_creation(cluster, node),
                    "Validity" => self.validity(cluster, node),
                    "Agreement" => agreement(cluster, node),
                    "FIFO order" => self.fifo_order(cluster, node),
                    "Causal order" => self.causal_order(cluster, node),
                    "Total order" => total_order(cluster, node),
                    other => panic!("no property is called {other}"),
                };
                if let Some(why) = broken {
                    return Err(format!("{property}: {why}"));
                }
            }
        }
        Ok(())
    }

    fn no_creation<P: Protocol>(&self, cluster: &Cluster<P>, node: NodeId) -> Option<String> {
        let unasked = |command: &&Command| self.asked.iter().all(|asked| asked.command != **command);
        let created = cluster.delivered(node).iter().find(unasked)?;
        Some(format!("{node} delivered {created:?}"))
    }

    fn validity<P: Protocol>(&self, cluster: &Cluster<P>, node: NodeId) -> Option<String>
    where
        P::Stable: Broadcasts,
    {
        let missing = |asked: &&Asked| {
            let broadcast = cluster.slots[asked.node.index()].disk.has_broadcast(asked.command);
            cluster.up(asked.node) && broadcast && !cluster.delivered(node).contains(&asked.command)
        };
        let missed = self.asked.iter().find(missing)?;
        Some(format!("{node} never delivers {:?} of {}", missed.command, missed.node))
    }

    /// "If some process broadcasts message m1 before it broadcasts message m2, then no correct process delivers m2
    /// unless it has already delivered m1."
    fn fifo_order<P: Protocol>(&self, cluster: &Cluster<P>, node: NodeId) -> Option<String>
    where
        P::Stable: Broadcasts,
    {
        let mut due: BTreeMap<NodeId, Vec<Command>> = BTreeMap::new();
        for asked in self.asked.iter().rev() {
            let list = due.entry(asked.node).or_default();
            let broadcast = cluster.slots[asked.node.index()].disk.has_broadcast(asked.command);
            if broadcast && !list.contains(&asked.command) {
                list.push(asked.command);
            }
        }
        for command in cluster.delivered(node) {
            let sender = self.asked.iter().find(|asked| asked.command == *command)?.node;
            let first = due.get_mut(&sender)?.pop();
            if first != Some(*command) {
                return Some(format!("{node} delivers {command:?} of {sender} where {first:?} is next"));
            }
        }
        None
    }

    /// "For any message m1 that potentially caused a message m2, no process delivers m2 unless it has already
    /// delivered m1": what the sender had delivered when it was asked.
    fn causal_order<P: Protocol>(&self, cluster: &Cluster<P>, node: NodeId) -> Option<String> {
        let mut rank = BTreeMap::new();
        for (place, command) in cluster.delivered(node).iter().enumerate() {
            rank.entry(*command).or_insert(place);
        }
        for (command, place) in &rank {
            let asked = self.asked.iter().find(|asked| asked.command == *command)?;
            if let Some(cause) = asked.past.iter().find(|cause| rank.get(cause).is_none_or(|at| at > place)) {
                return Some(format!("{node} delivers {command:?} without its cause {cause:?}"));
            }
        }
        None
    }
}

fn no_duplication<P: Protocol>(cluster: &Cluster<P>, node: NodeId) -> Option<String> {
    let delivered = cluster.delivered(node);
    let again = (1..delivered.len()).find(|&i| delivered[..i].contains(&delivered[i]))?;
    Some(format!("{node} delivers {:?} twice", delivered[again]))
}

fn agreement<P: Protocol>(cluster: &Cluster<P>, node: NodeId) -> Option<String> {
    for other in cluster.nodes().filter(|other| cluster.up(*other)) {
        let missing = |command: &&Command| !cluster.delivered(node).contains(command);
        if let Some(command) = cluster.delivered(other).iter().find(missing) {
            return Some(format!("{other} delivered {command:?} and {node} never does"));
        }
    }
    None
}

/// Of any two nodes one has delivered a prefix of the other's sequence.
fn total_order<P: Protocol>(cluster: &Cluster<P>, node: NodeId) -> Option<String> {
    for other in cluster.nodes().filter(|other| cluster.up(*other)) {
        let both = cluster.delivered(node).iter().zip(cluster.delivered(other));
        if let Some((here, there)) = both.into_iter().find(|(here, there)| here != there) {
            return Some(format!("{node} delivers {here:?} where {other} delivers {there:?}"));
        }
    }
    None
}

/// What the node delivered, by value.
pub fn values<P: Protocol>(cluster: &Cluster<P>, node: u8) -> Vec<u32> {
    cluster.delivered(n(node)).iter().map(|command| command.value.0).collect()
}

/// A command of a client of its own, told apart by its value.
pub fn say(value: u32) -> Command {
    Command { client: consensus_playground::protocol::ClientId(value), serial: 1, value: Value(value) }
}
