//! The fingerprints of all states that were seen: eight bytes each, and little more.

/// Tables: the highest bits of a fingerprint say which one it belongs to, so that threads can share the work.
pub const SHARDS: usize = 64;
const SHARD_BITS: u32 = SHARDS.trailing_zeros();

/// Which table `print` belongs to.
#[inline]
pub fn shard(print: u64) -> usize {
    (print >> (64 - SHARD_BITS)) as usize
}

/// A set of fingerprints.
#[derive(Clone, Debug)]
pub struct Visited {
    tables: Vec<Table>,
}

impl Default for Visited {
    fn default() -> Self {
        Visited { tables: vec![Table::new(); SHARDS] }
    }
}

impl Visited {
    /// Adds a fingerprint; whether it was not there.
    #[inline]
    pub fn insert(&mut self, print: u64) -> bool {
        self.tables[shard(print)].insert(print)
    }

    /// A word from where `print` would be looked for. Asked for many in a row, the memory answers several at a time;
    /// looking for them one by one, each would wait for the one before.
    #[inline]
    pub fn touch(&self, print: u64) -> u64 {
        let table = &self.tables[shard(print)];
        table.slots[table.home(print)]
    }

    /// The tables, to be filled side by side.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn tables(&mut self) -> &mut [Table] {
        &mut self.tables
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|table| table.slots.capacity() as u64 * 8).sum()
    }
}

/// An open-addressing table with linear probing that does not wrap around: a fingerprint's home grows with the
/// fingerprint, so the table can grow in place, by a quarter at a time, and is never less than two thirds full.
#[derive(Clone, Debug)]
pub struct Table {
    /// 0 is empty. A few more than homes, for those that are pushed off the end.
    slots: Vec<u64>,
    homes: u64,
    len: u64,
    /// The length at which it grows.
    most: u64,
}

impl Table {
    const FIRST: u64 = 64;
    const SPARE: u64 = 32;

    fn new() -> Self {
        let slots = vec![0; (Self::FIRST + Self::SPARE) as usize];
        Table { slots, homes: Self::FIRST, len: 0, most: Self::most(Self::FIRST) }
    }

    /// 85 of 100: a fingerprint that is there is found within four looks, one that is not within twenty-three.
    fn most(homes: u64) -> u64 {
        homes * 85 / 100
    }

    /// Where `print` is looked for first, from the 32 bits behind those that chose the table. Fewer homes than 2³².
    #[inline]
    fn home(&self, print: u64) -> usize {
        ((((print << SHARD_BITS) >> 32) * self.homes) >> 32) as usize
    }

    /// Adds a fingerprint; whether it was not there. 0 stands for an empty slot: its place is taken by 1.
    #[inline]
    pub fn insert(&mut self, print: u64) -> bool {
        let print = print.max(1);
        let mut at = self.home(print);
        loop {
            match self.slots.get(at) {
                Some(&there) if there == print => return false,
                Some(0) | None => break,
                Some(_) => at += 1,
            }
        }
        if self.len == self.most {
            self.grow();
            self.place(print);
        } else {
            self.put(at, print);
        }
        self.len += 1;
        true
    }

    #[inline]
    fn put(&mut self, at: usize, print: u64) {
        match self.slots.get_mut(at) {
            Some(slot) => *slot = print,
            None => self.slots.push(print),
        }
    }

    fn place(&mut self, print: u64) {
        let mut at = self.home(print);
        while self.slots.get(at).is_some_and(|there| *there != 0) {
            at += 1;
        }
        self.put(at, print);
    }

    /// By a quarter, in place. Runs of occupied slots are taken out from the right end to the left and put back: all in
    /// a run have their home in it, homes only move to the right, and there everything is settled already.
    #[cold]
    fn grow(&mut self) {
        self.homes += self.homes / 4;
        self.most = Self::most(self.homes);
        let mut end = self.slots.len();
        let wanted = ((self.homes + Self::SPARE) as usize).max(end);
        self.slots.reserve_exact(wanted - end);
        self.slots.resize(wanted, 0);
        let mut run = Vec::new();
        while end > 0 {
            let start = self.slots[..end].iter().rposition(|there| *there == 0).map_or(0, |empty| empty + 1);
            run.extend_from_slice(&self.slots[start..end]);
            self.slots[start..end].fill(0);
            run.drain(..).for_each(|print| self.place(print));
            end = start.saturating_sub(1);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(prints in prop::collection::vec((0u64..40, 0u64..6, any::<u64>()), 0..3000)) {
            let (mut visited, mut set) = (Visited::default(), BTreeSet::new());
            for (high, low, any) in prints {
                // Some in one crowd, some at the very end of a table, some anywhere.
                let print = match low {
                    0 => high << 30 | 1,
                    1 => u64::MAX - high,
                    2 => (high << 58).wrapping_sub(1 + low),
                    3 => any >> 50 | 1,
                    _ => any,
                };
                prop_assert_eq!(visited.insert(print), set.insert(print.max(1)));
            }
            for print in &set {
                prop_assert!(!visited.insert(*print));
            }
            prop_assert_eq!(visited.tables.iter().map(|table| table.len).sum::<u64>(), set.len() as u64);
        }
    }

    #[test]
    fn it_stays_full() {
        let mut visited = Visited::default();
        for n in 0..1_000_000 {
            visited.insert(crate::check::fingerprint::scramble(n));
            assert!(n < 10_000 || visited.bytes() < n * 25 / 2, "{} bytes for {n}", visited.bytes());
        }
    }
}
