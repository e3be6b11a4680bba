//! What will happen when: a binary heap ordered by time, and by the order of asking within one instant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What an entry of the queue stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The message in this slot arrives.
    Arrival { slot: u32 },
    /// This timer of this node may fire.
    Timer { node: u8, timer: u8 },
    /// This node's disk has finished writing.
    Written { node: u8 },
    /// This client wakes up: to ask, to ask again, or to ask elsewhere.
    Client { client: u32 },
}

/// An entry of the queue. `seq` makes the order total, and tells a stale entry from a live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// When, in microseconds.
    pub at: u64,
    /// The how-manieth entry ever asked for.
    pub seq: u64,
    /// What.
    pub due: Due,
}

/// The queue. Entries are not taken out when they become pointless: whoever takes one compares its `seq`.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    heap: BinaryHeap<Reverse<Entry>>,
    seq: u64,
}

impl Queue {
    /// A number for an entry that is about to be pushed, or re-pushed later.
    pub fn number(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Adds an entry under a number from [`Queue::number`].
    pub fn push(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
    }

    /// Adds an entry and returns its number.
    pub fn add(&mut self, at: u64, due: Due) -> u64 {
        let seq = self.number();
        self.push(Entry { at, seq, due });
        seq
    }

    /// The entry that is next.
    pub fn peek(&self) -> Option<&Entry> {
        self.heap.peek().map(|Reverse(entry)| entry)
    }

    /// Takes the entry that is next.
    pub fn pop(&mut self) -> Option<Entry> {
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}
