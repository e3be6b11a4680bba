//! What will happen when: a binary heap ordered by time, and by the order of asking within one instant.

use crate::sorting::sort;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

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

/// Width of a bucket: 2¹⁰ µs, about a millisecond.
const WIDTH_BITS: u32 = 10;
/// Buckets ahead: about a quarter of a second, beyond which only time-outs lie.
const BUCKETS: u64 = 256;

/// The queue: in order what is due in the present millisecond, in buckets what is due soon, in a heap the rest.
/// Most entries are messages, due within tens of milliseconds: they wait in a bucket, and are sorted among the few of
/// their own millisecond only.
///
/// Entries are not taken out when they become pointless: whoever takes one compares its `seq`.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Everything in buckets up to `present`, the next one first.
    near: VecDeque<Entry>,
    /// The bucket that the near heap has reached.
    present: u64,
    /// The buckets behind it, bucket b at b mod [`BUCKETS`].
    soon: Vec<Vec<Entry>>,
    /// How many entries wait in `soon`.
    waiting: usize,
    /// What was further away when it was asked for.
    far: BinaryHeap<Reverse<Entry>>,
    seq: u64,
}

impl Default for Queue {
    fn default() -> Self {
        Queue {
            near: VecDeque::new(),
            present: 0,
            soon: vec![Vec::new(); BUCKETS as usize],
            waiting: 0,
            far: BinaryHeap::new(),
            seq: 0,
        }
    }
}

impl Queue {
    /// A number for an entry that is about to be pushed, or re-pushed later.
    pub fn number(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Adds an entry under a number from [`Queue::number`].
    pub fn push(&mut self, entry: Entry) {
        let bucket = entry.at >> WIDTH_BITS;
        if bucket <= self.present {
            self.insert(entry);
        } else if bucket - self.present < BUCKETS {
            self.soon[(bucket % BUCKETS) as usize].push(entry);
            self.waiting += 1;
        } else {
            self.far.push(Reverse(entry));
        }
    }

    /// Puts an entry in its place among those of the present millisecond: nearly always the last.
    fn insert(&mut self, entry: Entry) {
        if self.near.back().is_none_or(|last| *last < entry) {
            self.near.push_back(entry);
        } else {
            let place = self.near.partition_point(|other| *other < entry);
            self.near.insert(place, entry);
        }
    }

    /// Adds an entry and returns its number.
    pub fn add(&mut self, at: u64, due: Due) -> u64 {
        let seq = self.number();
        self.push(Entry { at, seq, due });
        seq
    }

    /// The entry that is next.
    pub fn peek(&mut self) -> Option<Entry> {
        if self.near.is_empty() {
            self.advance();
        }
        self.near.front().copied()
    }

    /// Takes the entry that is next.
    pub fn pop(&mut self) -> Option<Entry> {
        if self.near.is_empty() {
            self.advance();
        }
        self.near.pop_front()
    }

    /// Moves on to the next bucket that has an entry, here or far away.
    fn advance(&mut self) {
        let far = self.far.peek().map(|Reverse(entry)| entry.at >> WIDTH_BITS);
        let soon = (self.waiting > 0).then(|| {
            let ahead = (1..BUCKETS).find(|ahead| !self.soon[((self.present + ahead) % BUCKETS) as usize].is_empty());
            self.present + ahead.expect("a bucket that is not empty")
        });
        let Some(next) = soon.into_iter().chain(far).min() else { return };
        self.present = next;
        if soon == Some(next) {
            let bucket = &mut self.soon[(next % BUCKETS) as usize];
            self.waiting -= bucket.len();
            sort(bucket);
            self.near.extend(bucket.drain(..));
        }
        while let Some(&Reverse(entry)) = self.far.peek()
            && entry.at >> WIDTH_BITS <= next
        {
            self.far.pop();
            self.insert(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Random;

    #[test]
    fn entries_come_in_the_order_of_time_and_of_asking() {
        let mut random = Random::stream(1, 1);
        let (mut queue, mut model) = (Queue::default(), std::collections::BTreeSet::new());
        let mut now = 0;
        for round in 0..20_000 {
            let ahead = [0, 5, 900, 20_000, 300_000, 5_000_000][random.below(6) as usize];
            let at = now + random.below(ahead + 1);
            let seq = queue.add(at, Due::Client { client: round });
            model.insert((at, seq));
            if random.below(8) == 0 {
                now = now.max(queue.peek().map_or(now, |entry| entry.at));
            }
            while random.below(2) == 0 {
                let entry = queue.pop().map(|entry| (entry.at, entry.seq));
                assert_eq!(entry, model.pop_first());
                now = entry.map_or(now, |(at, _)| at.max(now));
            }
        }
        while let Some(entry) = queue.pop() {
            assert_eq!(Some((entry.at, entry.seq)), model.pop_first());
        }
        assert!(model.is_empty());
    }
}
