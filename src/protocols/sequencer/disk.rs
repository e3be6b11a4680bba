//! What a node of the fixed-sequencer protocol keeps on its disk.

use crate::growing::Growing;
use crate::protocol::{Command, Stable};
use crate::protocols::dissemination::Letter;
use crate::sorted::Sorted;

/// What the node has asked the sequencer for, and the sequence as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// What the node has broadcast, by its own number less one. Empty at the sequencer, whose own messages are in
    /// the sequence at once.
    pub requests: Growing<Command>,
    /// The sequence, by its number less one. At the sequencer: all numbers that were ever given.
    pub orders: Growing<Letter<()>>,
    /// Of the sequence, what came before its turn.
    pub early: Sorted<u64, Letter<()>>,
    /// Of what this node sent (requests, or at the sequencer orders), so many from the first were acknowledged by all
    /// when the disk was last written. Nothing rests on it but the number of repeats after a restart.
    pub settled: u64,
}

/// One write.
#[derive(Clone, Debug)]
pub enum Write {
    /// The node broadcasts one more message.
    Request { command: Command, settled: u64 },
    /// The message with this number is known.
    Order { seqnum: u64, letter: Letter<()>, settled: u64 },
}

impl Stable for Disk {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        match write {
            Write::Request { command, settled } => {
                self.requests.push(*command);
                self.settled = *settled;
            }
            Write::Order { seqnum, letter, settled } => {
                self.early.insert(*seqnum, letter.clone());
                while let Some(letter) = self.early.remove(&(self.orders.len() as u64 + 1)) {
                    self.orders.push(letter);
                }
                self.settled = *settled;
            }
        }
    }
}
