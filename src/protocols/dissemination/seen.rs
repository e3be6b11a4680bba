//! Which numbers of a sequence have been seen, in as little room as the network's disorder allows.

use crate::sorted::Sorted;

/// A set of numbers from 1: all up to a watermark, and the few beyond it that came early. Holds at most as many
/// numbers beyond the watermark as are missing before them plus those in flight; nothing once the gaps are filled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    upto: u64,
    beyond: Sorted<u64>,
}

impl Seen {
    /// Everything up to here has been seen.
    pub fn upto(&self) -> u64 {
        self.upto
    }

    /// Adds `number`; true when it is new.
    pub fn insert(&mut self, number: u64) -> bool {
        if number <= self.upto {
            return false;
        }
        if number > self.upto + 1 {
            return self.beyond.add(number);
        }
        self.upto = number;
        while !self.beyond.is_empty() && self.beyond.remove(&(self.upto + 1)).is_some() {
            self.upto += 1;
        }
        true
    }
}
