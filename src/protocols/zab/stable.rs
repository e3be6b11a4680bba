//! What a Zab node keeps on its disk: f.p, f.a and h_f (§IV).

use super::Index;
use super::history::{Epoch, History, Txns};
use crate::protocol::{NodeId, Stable};

/// The disk of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ZabStable {
    /// How often the node has started: no two of its channels have the same number.
    pub starts: u32,
    /// f.p: the last NEWEPOCH that it acknowledged.
    pub accepted_epoch: Epoch,
    /// The prospective leader that it acknowledged then.
    pub promised_to: Option<NodeId>,
    /// f.a: the last NEWLEADER that it acknowledged.
    pub current_epoch: Epoch,
    /// h_f.
    pub history: History,
}

/// One write to the disk: all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// The node starts.
    pub start: bool,
    /// f.p, and to whom it was promised.
    pub promise: Option<(Epoch, NodeId)>,
    /// f.a.
    pub current_epoch: Option<Epoch>,
    /// These stand behind this place from now on, and nothing else does.
    pub txns: Option<(Index, Txns)>,
}

impl Stable for ZabStable {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        self.starts += u32::from(write.start);
        if let Some((epoch, leader)) = write.promise {
            (self.accepted_epoch, self.promised_to) = (epoch, Some(leader));
        }
        if let Some(epoch) = write.current_epoch {
            self.current_epoch = epoch;
        }
        if let Some((place, txns)) = &write.txns {
            self.history.replace_behind(*place, txns);
        }
    }
}
