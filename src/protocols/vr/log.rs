//! The log, and the client-table that follows from it.

use super::{OpNumber, ViewNumber};
use crate::growing::Growing;
use crate::protocol::{ClientId, Command};
use crate::sorted::Sorted;
use std::sync::Arc;

/// A request in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The view in which it was first given its op-number: for the page and the properties, never for the algorithm.
    pub view: ViewNumber,
    /// What the client asked.
    pub command: Command,
}

/// The log of one message, shared by whoever holds the message.
pub type Entries = Arc<[Entry]>;

/// "This is an array containing op-number entries. The entries contain the requests that have been received so far in
/// their assigned order" (Figure 2). With it goes the client-table: "for each client the number of its most recent
/// request". Both change together here, so that the table always is what the log says; whether a request has been
/// executed is told by the commit-number, and its result is kept by the application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    entries: Growing<Entry>,
    /// The op-number of each request by client and request-number. The last of a client is its most recent one.
    clients: Sorted<(ClientId, u32), OpNumber>,
}

impl Log {
    /// op-number: that of the last entry, 0 when there is none.
    pub fn op_number(&self) -> OpNumber {
        self.entries.len() as OpNumber
    }

    /// The entry of op-number `n`.
    pub fn get(&self, n: OpNumber) -> Option<&Entry> {
        self.entries.get(n.checked_sub(1)? as usize)
    }

    /// Request-number and op-number of the client's most recent request.
    pub fn most_recent(&self, client: ClientId) -> Option<(u32, OpNumber)> {
        let (key, n) = self.clients.before(&(client, u32::MAX))?;
        (key.0 == client).then_some((key.1, *n))
    }

    /// The last client with a smaller number that has asked something, and its most recent request-number.
    pub fn last_client_before(&self, client: ClientId) -> Option<(ClientId, u32)> {
        self.clients.before(&(client, 0)).map(|(key, _)| *key)
    }

    /// Adds a request at the end.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        let key = (entry.command.client, entry.command.serial);
        self.clients.entry(key, self.entries.len() as OpNumber);
    }

    /// Removes everything behind `last`.
    pub fn truncate(&mut self, last: OpNumber) {
        for n in last + 1..=self.op_number() {
            let Some(entry) = self.get(n) else { break };
            let key = (entry.command.client, entry.command.serial);
            if self.clients.get(&key) == Some(&n) {
                self.clients.remove(&key);
            }
        }
        self.entries.truncate(last as usize);
    }

    /// What stands behind `n`.
    pub fn after(&self, n: OpNumber) -> Entries {
        self.entries.iter().skip(n as usize).copied().collect()
    }

    /// How far this log and `other`, which begins behind `n`, are the same.
    pub fn common(&self, n: OpNumber, other: &[Entry]) -> OpNumber {
        let same = other.iter().zip(n + 1..).take_while(|(entry, n)| self.get(*n) == Some(entry));
        n + same.count() as OpNumber
    }
}
