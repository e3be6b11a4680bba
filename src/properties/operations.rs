//! The book of client operations that the properties of a replicated state machine share.

use super::Moment;
use super::observation::{Operation, Reply};
use crate::growing::Growing;
use crate::protocol::{ClientId, Command, NodeId, Value};
use crate::sorted::Sorted;

/// How an operation stands with its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The client waits.
    Not,
    /// It was acknowledged.
    Ok,
    /// It never took effect.
    Fail,
    /// The client gave up.
    Unknown,
}

/// One operation: one (client, serial), however often it was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub client: ClientId,
    pub serial: u32,
    /// What was asked, once a node was asked.
    pub value: Option<Value>,
    /// Who was asked last.
    pub asked: NodeId,
    /// When a node was asked first, in µs.
    pub at: u64,
    /// What it does, if the client's side is watched.
    pub operation: Option<Operation>,
    /// The highest position of an operation that was acknowledged before this one began.
    pub floor: u64,
    /// Its first position in the order; 0 while it has none.
    pub position: u64,
    /// What the reference state machine answered at that position.
    pub reply: Option<Reply>,
    pub ended: Ended,
}

impl Record {
    /// The command, once a node was asked.
    pub(super) fn command(&self) -> Option<Command> {
        self.value.map(|value| Command { client: self.client, serial: self.serial, value })
    }
}

/// All operations, in the order in which they began.
#[derive(Clone, Debug)]
pub(super) struct Operations {
    records: Growing<Record>,
    index: Sorted<(ClientId, u32), u32>,
}

impl Operations {
    /// No operation yet.
    pub(super) fn new() -> Self {
        Operations { records: Growing::default(), index: Sorted::default() }
    }

    /// The number of the operation, which is new if it was never heard of.
    pub(super) fn open(&mut self, client: ClientId, serial: u32) -> u32 {
        let id = self.records.len() as u32;
        let found = *self.index.entry((client, serial), id).0;
        if found == id {
            self.records.push(Record {
                client,
                serial,
                value: None,
                asked: NodeId(0),
                at: 0,
                operation: None,
                floor: 0,
                position: 0,
                reply: None,
                ended: Ended::Not,
            });
        }
        found
    }

    /// `node` is asked for `command`.
    pub(super) fn request(&mut self, moment: &Moment, node: NodeId, command: Command) {
        let id = self.open(command.client, command.serial);
        let record = self.get_mut(id);
        record.asked = node;
        if record.value.is_none() {
            record.value = Some(command.value);
            record.at = moment.at;
        }
    }

    /// The number of the operation, if it was heard of.
    pub(super) fn find(&self, client: ClientId, serial: u32) -> Option<u32> {
        self.index.get(&(client, serial)).copied()
    }

    pub(super) fn get(&self, id: u32) -> &Record {
        &self.records[id as usize]
    }

    pub(super) fn get_mut(&mut self, id: u32) -> &mut Record {
        &mut self.records[id as usize]
    }

    pub(super) fn len(&self) -> u32 {
        self.records.len() as u32
    }
}
