//! The online monitors, fed with observations: every property is seen to hold, to be violated with its sentence and
//! its event, and to be watched where it is not promised. Order and log properties are compared with their definitions
//! over random histories.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::properties::{
    Conditions, Moment, Monitor, Name, Observation, Operation, Outcome, Property, Status, Words,
};
use consensus_playground::protocol::{ClientId, Command, Fact, Info, NodeId, NodeSet, Shape, SnapshotRef, Value};
use consensus_playground::protocols::registry;

#[path = "properties/ballots.rs"]
mod ballots;
#[path = "properties/broadcast.rs"]
mod broadcast;
#[path = "properties/consensus.rs"]
mod consensus;
#[path = "properties/ghost.rs"]
mod ghost;
#[path = "properties/ledger.rs"]
mod ledger;
#[path = "properties/linearizability.rs"]
mod linearizability;
#[path = "properties/logs.rs"]
mod logs;
#[path = "properties/orders.rs"]
mod orders;
#[path = "properties/primaries.rs"]
mod primaries;
#[path = "properties/replicated.rs"]
mod replicated;
#[path = "properties/table.rs"]
mod table;

/// A card of this shape that promises these.
pub fn card(shape: Shape, promises: &[Name]) -> &'static Info {
    let like = registry::info("raft").expect("raft is registered");
    let promises: Vec<&'static str> = promises.iter().map(|name| name.text()).collect();
    Box::leak(Box::new(Info { shape, promises: promises.leak(), ..*like }))
}

/// The command that stands for a letter: `a` is the first of client 1.
pub fn command(letter: char) -> Command {
    let number = letter as u32 - 'a' as u32;
    Command { client: ClientId(1), serial: number + 1, value: Value(number) }
}

pub fn value(letter: char) -> Value {
    command(letter).value
}

pub fn nodes(ids: &[u8]) -> NodeSet {
    ids.iter().copied().map(NodeId).collect()
}

/// A monitor and a clock: every observation is an event of its own, one millisecond after the one before.
#[derive(Clone)]
pub struct Run {
    pub monitor: Monitor,
    pub event: u32,
    /// What the monitor was told.
    pub told: Vec<Observation>,
}

impl Run {
    pub fn new(card: &'static Info, nodes: usize) -> Self {
        Run { monitor: Monitor::new(card, nodes), event: 0, told: Vec::new() }
    }

    pub fn moment(&self) -> Moment {
        Moment { event: self.event, at: u64::from(self.event) * 1000 }
    }

    /// The number of the event.
    pub fn tell(&mut self, observation: Observation) -> u32 {
        self.event += 1;
        self.monitor.observe(&self.moment(), &observation);
        self.told.push(observation);
        self.event
    }

    pub fn request(&mut self, node: u8, letter: char) -> u32 {
        self.tell(Observation::Request { node: NodeId(node), command: command(letter) })
    }

    pub fn deliver(&mut self, node: u8, position: u64, letter: char) -> u32 {
        self.apply(node, position, letter, false)
    }

    pub fn apply(&mut self, node: u8, position: u64, letter: char, repeat: bool) -> u32 {
        self.tell(Observation::Delivered { node: NodeId(node), position, command: command(letter), repeat })
    }

    pub fn noop(&mut self, node: u8, position: u64) -> u32 {
        self.tell(Observation::Delivered { node: NodeId(node), position, command: Command::NOOP, repeat: false })
    }

    pub fn fact(&mut self, node: u8, fact: Fact) -> u32 {
        self.tell(Observation::Fact { node: NodeId(node), fact })
    }

    pub fn crash(&mut self, node: u8) -> u32 {
        self.tell(Observation::Crashed { node: NodeId(node) })
    }

    pub fn restart(&mut self, node: u8, disk_lost: bool) -> u32 {
        self.tell(Observation::Restarted { node: NodeId(node), disk_lost })
    }

    pub fn install(&mut self, node: u8, taken_by: u8, position: u64) -> u32 {
        let from = SnapshotRef { taken_by: NodeId(taken_by), position };
        self.tell(Observation::SnapshotInstalled { node: NodeId(node), from })
    }

    pub fn invoke(&mut self, client: u32, serial: u32, operation: Operation) -> u32 {
        self.tell(Observation::Invoked { client: ClientId(client), serial, operation })
    }

    pub fn result(&mut self, client: u32, serial: u32, outcome: Outcome) -> u32 {
        self.tell(Observation::Returned { client: ClientId(client), serial, outcome })
    }

    /// Judges at `at_ms`.
    pub fn judge(&mut self, at_ms: u64, conditions: Conditions<'_>) {
        let moment = Moment { event: self.event, at: at_ms * 1000 };
        self.monitor.judge(&moment, &conditions);
    }

    pub fn properties(&self) -> Vec<Property> {
        let show = |value: Value| char::from_u32('a' as u32 + value.0).unwrap_or('?').to_string();
        self.monitor.properties(&Words::plain(&show)).collect()
    }

    pub fn status(&self, name: Name) -> Status {
        let property = self.properties().into_iter().find(|property| property.name == name.text());
        property.unwrap_or_else(|| panic!("{} is not watched", name.text())).status
    }

    /// The event of the first violation or counterexample.
    pub fn found(&self, name: Name) -> Option<u32> {
        match self.status(name) {
            Status::Violated { event, .. } | Status::NotPromised { counterexample: Some((event, _)) } => Some(event),
            _ => None,
        }
    }

    #[track_caller]
    pub fn holds(&self, name: Name) {
        assert_eq!(self.status(name), Status::Holds, "{}", name.text());
    }

    #[track_caller]
    pub fn violated(&self, name: Name, event: u32, why: &str) {
        assert_eq!(self.status(name), Status::Violated { event, why: why.to_owned() }, "{}", name.text());
        assert!(self.monitor.violated().is_some());
    }

    #[track_caller]
    pub fn counterexample(&self, name: Name, event: u32, why: &str) {
        let counterexample = Some((event, why.to_owned()));
        assert_eq!(self.status(name), Status::NotPromised { counterexample }, "{}", name.text());
    }

    #[track_caller]
    pub fn pending(&self, name: Name, why: &str) {
        assert_eq!(self.status(name), Status::Pending { why: why.to_owned() }, "{}", name.text());
    }

    #[track_caller]
    pub fn stalled(&self, name: Name, why: &str) {
        assert_eq!(self.status(name), Status::Stalled { why: why.to_owned() }, "{}", name.text());
    }
}

/// So many random histories.
pub fn cases(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}

/// Good conditions since the start, for these nodes, with a bound of 100 ms.
pub fn good(up: &[u8]) -> Conditions<'static> {
    Conditions {
        bound_us: Some(100_000),
        good_since: Some(0),
        up: nodes(up),
        connected: nodes(up),
        quiescent: false,
        stalled_why: None,
        promised: true,
    }
}
