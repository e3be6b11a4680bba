//! Clients: the workload's, one operation after the other, and the one-shot client of each `propose` step. A client
//! that waits too long asks another node with the same (client, serial), so that its command is applied once.

use super::application::FIRST_ONE_SHOT;
use super::cluster::Input;
use super::queue::Due;
use super::random::Random;
use super::trace::What;
use super::values::Op;
use super::world::World;
use crate::growing::Growing;
use crate::properties::{Observation, Outcome, Reply};
use crate::protocol::*;
use crate::scenario::{Clients as Workload, StateMachine};

/// How a client's operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOperation {
    /// What was asked.
    pub command: Command,
    /// When it was first asked, µs, and during which event.
    pub invoked: (u64, u32),
    /// When it was answered, µs, during which event and with what; `None` while its outcome is unknown.
    pub answered: Option<(u64, u32, Reply)>,
}

#[derive(Clone, Copy, Debug)]
struct Client {
    /// The operation that waits for an answer: its place in the history.
    waiting: Option<u32>,
    /// How many operations were begun.
    begun: u32,
    /// Whom it asks.
    target: NodeId,
    /// Whom it has asked this operation.
    asked: NodeSet,
    /// How often.
    tries: u32,
    /// The number of the entry that will wake it.
    seq: u64,
}

/// All clients of a run.
#[derive(Clone, Debug)]
pub struct Clients {
    workload: Option<Workload>,
    shape: Shape,
    nodes: usize,
    random: Random,
    regular: Vec<Client>,
    one_shot: Growing<Client>,
    history: Growing<ClientOperation>,
    answered: u32,
    /// How many one-shot clients wait for an answer.
    one_shot_waiting: u32,
}

/// How long a one-shot client waits for an answer: a second, as long as clients usually do.
const PATIENCE_US: u64 = 1_000_000;
/// How soon a client that was sent elsewhere asks there: a round trip to a node nearby.
const REDIRECT_US: u64 = 1_000;
/// How soon a client that found nobody, or nobody who knew better, asks the next node.
const NOBODY_US: u64 = 50_000;
/// Keys of the `kv` workload.
const KEYS: [&str; 3] = ["x", "y", "z"];

impl Clients {
    pub(super) fn new(workload: Option<Workload>, seed: u64, shape: Shape, nodes: usize) -> Self {
        let count = workload.map_or(0, |workload| workload.count);
        let regular = (0..count).map(|client| Client::new(NodeId((usize::from(client) % nodes) as u8))).collect();
        Clients {
            workload,
            shape,
            nodes,
            random: Random::stream(seed, 6),
            regular,
            one_shot: Growing::default(),
            history: Growing::default(),
            answered: 0,
            one_shot_waiting: 0,
        }
    }

    /// What commands are operations on.
    pub fn machine(&self) -> StateMachine {
        self.workload.map_or(StateMachine::Log, |workload| workload.state_machine)
    }

    /// Every operation, in the order in which they were first asked.
    pub fn history(&self) -> &Growing<ClientOperation> {
        &self.history
    }

    /// Whether every operation that will be asked was answered.
    pub fn all_answered(&self) -> bool {
        let operations = self.workload.map_or(0, |workload| workload.operations);
        self.answered as usize == self.history.len() && self.regular.iter().all(|client| client.begun == operations)
    }

    /// Whether a client will ask something new when its pause is over.
    pub(super) fn any_thinks(&self) -> bool {
        let operations = self.workload.map_or(0, |workload| workload.operations);
        self.regular.iter().any(|client| client.waiting.is_none() && client.begun < operations)
    }

    /// How long the most patient client that waits for an answer waits, µs.
    pub(super) fn longest_patience(&self) -> Option<u64> {
        let one_shot = (self.one_shot_waiting > 0).then_some(PATIENCE_US);
        let regular = self.regular.iter().any(|client| client.waiting.is_some());
        let regular = self.workload.filter(|_| regular).map(|workload| workload.timeout_us);
        one_shot.max(regular)
    }

    /// The nodes at which clients have asked for something.
    pub fn asked(&self) -> NodeSet {
        let clients = self.regular.iter().chain(self.one_shot.iter());
        NodeSet(clients.fold(0, |all, client| all | client.asked.0))
    }

    /// How many operations wait for an answer.
    pub fn outstanding(&self) -> usize {
        self.history.len() - self.answered as usize
    }

    fn client(&self, id: u32) -> Option<&Client> {
        match id.checked_sub(FIRST_ONE_SHOT) {
            Some(place) => self.one_shot.get(place as usize),
            None => self.regular.get(id as usize),
        }
    }

    fn client_mut(&mut self, id: u32) -> Option<&mut Client> {
        match id.checked_sub(FIRST_ONE_SHOT) {
            Some(place) => self.one_shot.get_mut(place as usize),
            None => self.regular.get_mut(id as usize),
        }
    }

    pub(super) fn expects(&self, id: u32, seq: u64) -> bool {
        self.client(id).is_some_and(|client| client.seq == seq)
    }

    fn patience(&self, id: u32) -> u64 {
        match self.workload {
            Some(workload) if id < FIRST_ONE_SHOT => workload.timeout_us,
            _ => PATIENCE_US,
        }
    }

    /// Whether a client asks other nodes when one does not answer: only where all nodes serve one log.
    fn roams(&self) -> bool {
        self.shape == Shape::Replicated
    }
}

impl Client {
    fn new(target: NodeId) -> Self {
        Client { waiting: None, begun: 0, target, asked: NodeSet::default(), tries: 0, seq: 0 }
    }

    /// Whether it waits for an answer to `command` from `node`.
    fn awaits(&self, node: NodeId, command: Command, history: &Growing<ClientOperation>) -> Option<u32> {
        let place = self.waiting.filter(|_| self.asked.contains(node))?;
        (history[place as usize].command == command).then_some(place)
    }
}

impl World {
    pub(super) fn start_clients(&mut self) {
        for client in 0..self.clients.regular.len() as u32 {
            let think = self.think();
            self.wake_client(client, think);
        }
    }

    /// A pause of the workload's think time, with jitter: between a half and one and a half of it.
    fn think(&mut self) -> u64 {
        let think = self.clients.workload.map_or(0, |workload| workload.think_us);
        self.clients.random.within(think / 2, think + think / 2)
    }

    fn wake_client(&mut self, id: u32, after: u64) {
        let seq = self.queue.add(self.now + after, Due::Client { client: id });
        self.clients.client_mut(id).expect("a client").seq = seq;
    }

    /// A `propose` step: a client of its own submits `text` at `node`.
    pub(super) fn propose(&mut self, node: NodeId, text: &str) {
        let id = FIRST_ONE_SHOT + self.clients.one_shot.len() as u32;
        let value = self.values.parse(text, self.clients.machine(), self.clients.nodes);
        self.clients.one_shot.push(Client::new(node));
        self.clients.one_shot_waiting += 1;
        self.begin(id, value);
        self.ask(id);
    }

    pub(super) fn client_wakes(&mut self, id: u32) {
        let client = self.clients.client(id).expect("a client");
        let (waiting, begun, tries) = (client.waiting, client.begun, client.tries);
        if waiting.is_none() {
            let operations = self.clients.workload.map_or(0, |workload| workload.operations);
            if begun < operations {
                let value = self.invent(id, begun + 1);
                self.begin(id, value);
                self.ask(id);
            }
            return;
        }
        if self.clients.shape == Shape::Broadcast && self.clients.client(id).is_some_and(|c| !c.asked.is_empty()) {
            // A broadcast is asked for once: what its node took is the node's affair.
            return;
        }
        if self.clients.roams() && tries > 0 {
            let nodes = self.clients.nodes as u8;
            let client = self.clients.client_mut(id).expect("a client");
            client.target = NodeId((client.target.0 + 1) % nodes);
        }
        self.ask(id);
    }

    fn begin(&mut self, id: u32, value: Value) {
        let place = self.clients.history.len() as u32;
        let client = self.clients.client_mut(id).expect("a client");
        client.begun += 1;
        client.waiting = Some(place);
        client.asked = NodeSet::default();
        client.tries = 0;
        self.disturbed_at = self.now;
        let command = Command { client: ClientId(id), serial: client.begun, value };
        self.clients.history.push(ClientOperation { command, invoked: (self.now, self.events), answered: None });
        let operation = self.values.operation(value, self.clients.machine());
        self.observe(&Observation::Invoked { client: ClientId(id), serial: command.serial, operation });
    }

    /// The `serial`-th operation of a client of the workload.
    fn invent(&mut self, client: u32, serial: u32) -> Value {
        let allowed = self.scenario.info.values;
        if !allowed.is_empty() {
            let text = allowed[self.clients.random.below(allowed.len() as u64) as usize];
            return self.values.text(text);
        }
        let mine = self.values.add(Op::Numbered { client, serial });
        let random = &mut self.clients.random;
        let key = match self.clients.workload.map(|workload| workload.state_machine) {
            Some(StateMachine::Register) => None,
            Some(StateMachine::Kv) => {
                let key = KEYS[random.below(KEYS.len() as u64) as usize];
                Some(self.values.text(key))
            }
            _ => return mine,
        };
        let op = match self.clients.random.below(5) {
            0 | 1 => Op::Read(key),
            2 | 3 => Op::Write(key, mine),
            _ => {
                let old = self.written_before(key).unwrap_or(mine);
                Op::Cas(key, old, mine)
            }
        };
        self.values.add(op)
    }

    /// The value of a recent write to `key`: what a compare-and-set may hope to find.
    fn written_before(&self, key: Option<Value>) -> Option<Value> {
        self.clients.history.iter().rev().take(20).find_map(|operation| match self.values.op(operation.command.value) {
            Some(Op::Write(k, v)) if *k == key => Some(*v),
            _ => None,
        })
    }

    /// The client asks its target now.
    fn ask(&mut self, id: u32) {
        let patience = self.clients.patience(id);
        let client = self.clients.client_mut(id).expect("a client");
        let place = client.waiting.expect("something to ask");
        client.tries += 1;
        let (node, again) = (client.target, client.tries > 1);
        let state = &self.nodes[node.index()];
        let there = state.up && !state.paused;
        if there {
            self.clients.client_mut(id).expect("a client").asked.insert(node);
        }
        let command = self.clients.history[place as usize].command;
        let cause = self.clients.history[place as usize].invoked.1;
        self.wake_client(id, if there { patience } else { NOBODY_US.min(patience) });
        let event = self.event(What::Ask, node, node, u8::from(again) | u8::from(!there) << 1, id, cause);
        if there {
            self.observe(&Observation::Request { node, command });
            let query = self.values.reads(command.value);
            self.run(node, if query { Input::Query(command) } else { Input::Request(command) }, event);
            let decided = self.clients.shape == Shape::OneValue && self.applications[node.index()].position > 0;
            if decided && self.clients.client(id).is_some_and(|client| client.waiting == Some(place)) {
                self.answered(id, place, Reply::Done);
            }
        }
    }

    /// The node asked the client to go elsewhere.
    pub(super) fn redirect(&mut self, node: NodeId, command: Command, to: Option<NodeId>) {
        let id = command.client.0;
        let nodes = self.clients.nodes as u8;
        let roams = self.clients.roams();
        let history = &self.clients.history;
        if !roams || self.clients.client(id).and_then(|client| client.awaits(node, command, history)).is_none() {
            return;
        }
        let client = self.clients.client_mut(id).expect("a client");
        if client.target != node {
            return;
        }
        client.tries = 0;
        match to {
            Some(leader) if leader != node => {
                client.target = leader;
                self.wake_client(id, REDIRECT_US);
            }
            _ => {
                client.target = NodeId((node.0 + 1) % nodes);
                self.wake_client(id, NOBODY_US);
            }
        }
    }

    /// The node delivered `command`: if its client waits for this node's answer, it has it now.
    pub(super) fn answer(&mut self, node: NodeId, command: Command, reply: Reply) {
        let id = command.client.0;
        let one_value = self.clients.shape == Shape::OneValue;
        if one_value {
            return self.decided(node, reply);
        }
        let history = &self.clients.history;
        let Some(place) = self.clients.client(id).and_then(|client| client.awaits(node, command, history)) else {
            return;
        };
        self.answered(id, place, reply);
    }

    /// Whoever proposed at a node that decides is answered, whatever was decided.
    fn decided(&mut self, node: NodeId, reply: Reply) {
        let clients = &self.clients;
        let regular = (0..).zip(&clients.regular);
        let one_shot = (FIRST_ONE_SHOT..).zip(clients.one_shot.iter());
        let asked = regular.chain(one_shot).filter(|(_, client)| client.asked.contains(node));
        let waiting: Vec<(u32, u32)> = asked.filter_map(|(id, client)| Some((id, client.waiting?))).collect();
        for (id, place) in waiting {
            self.answered(id, place, reply);
        }
    }

    fn answered(&mut self, id: u32, place: u32, reply: Reply) {
        let event = self.events.saturating_sub(1);
        let operation = &mut self.clients.history[place as usize];
        operation.answered = Some((self.now, event, reply));
        let serial = operation.command.serial;
        self.clients.answered += 1;
        let client = self.clients.client_mut(id).expect("a client");
        client.waiting = None;
        client.seq = 0;
        self.observe(&Observation::Returned { client: ClientId(id), serial, outcome: Outcome::Ok(reply) });
        if id < FIRST_ONE_SHOT {
            let think = self.think();
            self.wake_client(id, think);
        } else {
            self.clients.one_shot_waiting -= 1;
        }
    }
}
