//! What a replica keeps on its disk: two numbers. "The protocol does not require any writing to disk" (§4.1): the log
//! is in memory, and in the memories of the others.

use super::ViewNumber;
use crate::protocol::Stable;

/// The disk of one node. Both numbers only rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// How often the node has started, and the nonce of its recovery: "it could maintain a counter on disk and advance
    /// this counter on each recovery" (§4.3). 0 means that it has never started.
    pub nonce: u32,
    /// The highest view for which it may have sent DOVIEWCHANGE.
    pub view_number: ViewNumber,
}

/// No replica has started as often.
pub(super) const LOST: u32 = u32::MAX;

/// One write: all of the disk.
impl Stable for Disk {
    type Write = Disk;

    fn apply(&mut self, write: &Disk) {
        *self = *write;
    }

    /// A new disk says that there was another: the replica recovers, as every one does that restarts, but knows neither
    /// nonce nor view-number.
    fn lost() -> Disk {
        Disk { nonce: LOST, view_number: 0 }
    }
}
