//! What clients have asked of this node, so that a repeated request is broadcast once.

use crate::protocol::{ClientId, Command};
use crate::sorted::Sorted;

/// The highest serial that each client has asked of this node. A client numbers its operations upwards and asks
/// the next one only when it is done with the last, so a number that is not higher is a repeat. (Viewstamped
/// Replication's client table rests on the same: Liskov and Cowling 2012, §4.1.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clients {
    latest: Sorted<ClientId, u32>,
}

impl Clients {
    /// Notes the request; true when this node has not been asked it before.
    pub fn is_new(&mut self, command: &Command) -> bool {
        let latest = self.latest.entry(command.client, 0).0;
        let new = command.serial > *latest;
        *latest = command.serial.max(*latest);
        new
    }
}
