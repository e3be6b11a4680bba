//! What a broadcasting node keeps on its disk.

use super::message::{Letter, Stamp};
use crate::growing::Growing;
use crate::protocol::{Renaming, Stable};

/// The messages that the node has broadcast or received, in the order in which it did. Everything else follows
/// from it: the node's own last number, what it has seen, and, since each rung's rule is deterministic, the order
/// of its deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Disk<S: Clone> {
    /// The messages. Shared with the copies that checkpoints keep.
    pub letters: Growing<Letter<S>>,
    /// Of the messages that this node sent to others, so many from the first were acknowledged by all when the
    /// last message was written. Nothing rests on it but the number of repeats after a restart, so it is not worth
    /// a write of its own.
    pub settled: u64,
}

// Derived, it would ask for a default stamp.
impl<S: Clone> Default for Disk<S> {
    fn default() -> Self {
        Disk { letters: Growing::default(), settled: 0 }
    }
}

/// One more message.
#[derive(Clone, Debug)]
pub struct Append<S> {
    /// The message.
    pub letter: Letter<S>,
    /// [`Disk::settled`] now.
    pub settled: u64,
}

impl<S: Stamp> Stable for Disk<S> {
    type Write = Append<S>;

    fn apply(&mut self, write: &Append<S>) {
        self.letters.push(write.letter.clone());
        self.settled = write.settled;
    }

    fn rename(&mut self, names: &Renaming) {
        let renamed = |letter: &Letter<S>| Letter { origin: names.node(letter.origin), ..letter.clone() };
        self.letters = self.letters.iter().map(renamed).collect();
    }
}
