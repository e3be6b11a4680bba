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
    /// Adds a fingerprint other than 0; whether it was not there.
    #[inline]
    pub fn insert(&mut self, print: u64) -> bool {
        self.tables[shard(print)].insert(print)
    }

    /// A word from where `print` would be looked for. Asked for many in a row, the memory answers several at a time;
    /// looking for them one by one, each would wait for the one before.
    #[inline]
    pub fn touch(&self, print: u64) -> u64 {
        let table = &self.tables[shard(print)];
        table.buckets[table.home(print)].0[0]
    }

    /// The tables, to be filled side by side.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn tables(&mut self) -> &mut [Table] {
        &mut self.tables
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|table| (table.buckets.capacity() * size_of::<Bucket>()) as u64).sum()
    }
}

/// As many fingerprints as the memory hands out at once; the empty places, which hold 0, are the last ones.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Bucket([u64; Bucket::PLACES]);

impl Bucket {
    const PLACES: usize = 8;
    const EMPTY: Bucket = Bucket([0; Bucket::PLACES]);

    /// Looks at all places whatever it finds: cheaper than to guess how many it takes.
    #[inline]
    fn has(&self, print: u64) -> bool {
        self.0.iter().fold(false, |has, there| has | (*there == print))
    }

    #[inline]
    fn used(&self) -> usize {
        self.0.iter().map(|there| usize::from(*there != 0)).sum()
    }
}

/// An open-addressing table. What does not fit into its bucket goes into the next one that has room, without wrapping
/// around. A fingerprint's home grows with the fingerprint, so a table grows by a quarter in one pass from its beginning
/// to its end, and is never less than 70 of 100 full.
#[derive(Clone, Debug)]
pub struct Table {
    /// A few more than homes, for what is pushed off the end.
    buckets: Vec<Bucket>,
    homes: u64,
    len: u64,
    /// The length at which it grows.
    most: u64,
}

impl Table {
    const FIRST: u64 = 8;
    const SPARE: u64 = 4;

    fn new() -> Self {
        Table::with_homes(Self::FIRST)
    }

    /// Full at seven of eight places: four of five fingerprints are then in their home.
    fn with_homes(homes: u64) -> Self {
        let buckets = vec![Bucket::EMPTY; (homes + Self::SPARE) as usize];
        Table { buckets, homes, len: 0, most: homes * (Bucket::PLACES as u64 - 1) }
    }

    /// Where `print` is looked for first, from the 32 bits behind those that chose the table. Fewer homes than 2³².
    #[inline]
    fn home(&self, print: u64) -> usize {
        ((((print << SHARD_BITS) >> 32) * self.homes) >> 32) as usize
    }

    /// Adds a fingerprint other than 0; whether it was not there.
    #[inline]
    pub fn insert(&mut self, print: u64) -> bool {
        let mut at = self.home(print);
        while let Some(bucket) = self.buckets.get_mut(at) {
            if bucket.has(print) {
                return false;
            }
            let used = bucket.used();
            if used < Bucket::PLACES {
                bucket.0[used] = print;
                self.len += 1;
                if self.len >= self.most {
                    self.grow();
                }
                return true;
            }
            at += 1;
        }
        self.push(print);
        true
    }

    /// Beyond the last bucket.
    #[cold]
    fn push(&mut self, print: u64) {
        let mut bucket = Bucket::EMPTY;
        bucket.0[0] = print;
        self.buckets.push(bucket);
        self.len += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let mut grown = Table::with_homes(self.homes + self.homes / 4);
        for bucket in &self.buckets {
            bucket.0.iter().take_while(|print| **print != 0).for_each(|print| grown.place(*print));
        }
        *self = grown;
    }

    /// Adds a fingerprint that is not there.
    fn place(&mut self, print: u64) {
        let home = self.home(print);
        match self.buckets[home..].iter_mut().find(|bucket| bucket.0[Bucket::PLACES - 1] == 0) {
            Some(bucket) => {
                bucket.0[bucket.used()] = print;
                self.len += 1;
            }
            None => self.push(print),
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
                let print = print.max(1);
                prop_assert_eq!(visited.insert(print), set.insert(print));
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
            assert!(n < 10_000 || visited.bytes() < n * 12, "{} bytes for {n}", visited.bytes());
        }
    }
}
