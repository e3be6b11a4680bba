//! Things by number: whatever a search meets again and again is kept once, and states hold its number.
//!
//! Numbers are given in the order of first sight, which differs with several threads. So nothing that can be seen
//! depends on them: order and fingerprints come from [`Table::print`], which comes from the content alone.

use crate::check::fingerprint;
use std::hash::Hash;

/// An index from 64-bit words to numbers: open addressing, linear probing, at most half full.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// A key with its number plus one; 0 is free.
    slots: Vec<(u64, u32)>,
    len: usize,
}

impl Index {
    /// The number of the first entry under `key` that `fits`.
    #[inline]
    pub fn find(&self, key: u64, fits: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = fingerprint::scramble(key) as usize & mask;
        loop {
            let (found, number) = self.slots[at];
            let id = number.checked_sub(1)?;
            if found == key && fits(id) {
                return Some(id);
            }
            at = (at + 1) & mask;
        }
    }

    /// The number under `key`, where a key has one number only.
    #[inline]
    pub fn get(&self, key: u64) -> Option<u32> {
        self.find(key, |_| true)
    }

    /// Adds an entry; there must be none that is equal.
    pub fn add(&mut self, key: u64, id: u32) {
        if (self.len + 1) * 2 > self.slots.len() {
            let larger = (self.slots.len() * 2).max(64);
            let old = std::mem::replace(&mut self.slots, vec![(0, 0); larger]);
            old.into_iter().filter(|(_, number)| *number != 0).for_each(|(key, number)| self.place(key, number));
        }
        self.place(key, id + 1);
        self.len += 1;
    }

    fn place(&mut self, key: u64, number: u32) {
        let mask = self.slots.len() - 1;
        let mut at = fingerprint::scramble(key) as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (key, number);
    }
}

/// Things of one type, each kept once.
#[derive(Clone, Debug)]
pub struct Table<T> {
    items: Vec<T>,
    prints: Vec<u64>,
    index: Index,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { items: Vec::new(), prints: Vec::new(), index: Index::default() }
    }
}

impl<T: Eq + Hash> Table<T> {
    /// The number of `item`, which is kept if it is new.
    pub fn put(&mut self, item: T) -> u32 {
        let print = fingerprint::of(&item);
        let items = &self.items;
        if let Some(id) = self.index.find(print, |id| items[id as usize] == item) {
            return id;
        }
        let id = self.items.len() as u32;
        self.items.push(item);
        self.prints.push(print);
        self.index.add(print, id);
        id
    }
}

impl<T> Table<T> {
    /// What has the number `id`.
    #[inline]
    pub fn get(&self, id: u32) -> &T {
        &self.items[id as usize]
    }

    /// The fingerprint of what has the number `id`.
    #[inline]
    pub fn print(&self, id: u32) -> u64 {
        self.prints[id as usize]
    }

    /// How many things there are.
    pub fn count(&self) -> usize {
        self.items.len()
    }
}
