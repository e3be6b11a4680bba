//! An ordered map that grows and is cloned often: what a run can be asked for, from checkpoint to checkpoint.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The most entries in a chunk.
const SIZE: usize = 64;

type Chunk<K, V> = Arc<Vec<(K, V)>>;

/// A map in the order of its keys. It lies in sorted chunks; a clone shares them, and writing copies one. Trees do no
/// more for what is asked of it, and each of their instances is several times the code: the page pays for that with
/// every visitor.
#[derive(Clone, Debug)]
pub struct Sorted<K, V = ()> {
    /// None is empty; the keys of each are below those of the next.
    chunks: Arc<Vec<Chunk<K, V>>>,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted { chunks: Arc::default() }
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The chunk that has `key` or would take it, and where in it; the flag says whether it is there.
    fn find(&self, key: &K) -> (usize, usize, bool) {
        let Some(last) = self.chunks.len().checked_sub(1) else { return (0, 0, false) };
        // Most of what is looked for is new: the last chunk first.
        let chunk = if self.chunks[last][0].0 <= *key {
            last
        } else {
            self.chunks.partition_point(|chunk| chunk[0].0 <= *key).saturating_sub(1)
        };
        match self.chunks[chunk].binary_search_by(|(other, _)| other.cmp(key)) {
            Ok(place) => (chunk, place, true),
            Err(place) => (chunk, place, false),
        }
    }

    /// What `key` has.
    pub fn get(&self, key: &K) -> Option<&V> {
        let (chunk, place, found) = self.find(key);
        found.then(|| &self.chunks[chunk][place].1)
    }

    /// What `key` has, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (chunk, place, found) = self.find(key);
        found.then(|| &mut Arc::make_mut(&mut Arc::make_mut(&mut self.chunks)[chunk])[place].1)
    }

    /// Whether `key` is there.
    pub fn contains(&self, key: &K) -> bool {
        self.find(key).2
    }

    /// What `key` has, to be changed: `value` if it was not there. The flag says that it was.
    pub fn entry(&mut self, key: K, value: V) -> (&mut V, bool) {
        let (mut chunk, mut place, found) = self.find(&key);
        let chunks = Arc::make_mut(&mut self.chunks);
        if !found {
            let full = chunks.get(chunk).is_none_or(|entries| entries.len() == SIZE);
            if full && chunk + 1 >= chunks.len() && chunks.get(chunk).is_none_or(|entries| place == entries.len()) {
                // At the very end: chunks that grow in order stay full.
                chunk = chunks.len();
                place = 0;
                chunks.push(Arc::default());
            } else if full {
                let upper = Arc::make_mut(&mut chunks[chunk]).split_off(SIZE / 2);
                chunks.insert(chunk + 1, Arc::new(upper));
                if place > SIZE / 2 {
                    chunk += 1;
                    place -= SIZE / 2;
                }
            }
            Arc::make_mut(&mut chunks[chunk]).insert(place, (key, value));
        }
        (&mut Arc::make_mut(&mut chunks[chunk])[place].1, found)
    }

    /// Gives `key` a value and returns the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(place) = self.get_mut(&key) {
            return Some(std::mem::replace(place, value));
        }
        self.entry(key, value);
        None
    }

    /// Takes `key` out, with what it has.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (chunk, place, found) = self.find(key);
        if !found {
            return None;
        }
        let chunks = Arc::make_mut(&mut self.chunks);
        let entries = Arc::make_mut(&mut chunks[chunk]);
        let (_, value) = entries.remove(place);
        if entries.is_empty() {
            chunks.remove(chunk);
        }
        Some(value)
    }

    /// All entries whose keys are not below `key`, in order.
    pub fn from(&self, key: K) -> impl Iterator<Item = (&K, &V)> {
        let (chunk, place, _) = self.find(&key);
        let rest = self.chunks.iter().skip(chunk).flat_map(|entries| entries.iter());
        rest.skip(place).map(|(key, value)| (key, value))
    }

    /// The last entry below `key`.
    pub fn before(&self, key: &K) -> Option<(&K, &V)> {
        let (chunk, place, _) = self.find(key);
        let (key, value) = match place.checked_sub(1) {
            Some(place) => &self.chunks[chunk][place],
            None => self.chunks[chunk.checked_sub(1)?].last()?,
        };
        Some((key, value))
    }

    /// How many there are: counts chunks.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|entries| entries.len()).sum()
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> + Clone {
        self.chunks.iter().flat_map(|entries| entries.iter()).map(|(key, value)| (key, value))
    }
}

impl<K: Ord + Clone> Sorted<K> {
    /// Adds a key to a set; whether it is new.
    pub fn add(&mut self, key: K) -> bool {
        !self.entry(key, ()).1
    }

    /// Whether all that is in this set is in the other.
    pub fn within(&self, other: &Self) -> bool {
        self.iter().all(|(key, ())| other.contains(key))
    }
}

// Equal are maps of equal entries, however they lie in chunks.

impl<K: Ord + Clone, V: Clone + PartialEq> PartialEq for Sorted<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Ord + Clone, V: Clone + Eq> Eq for Sorted<K, V> {}

impl<K: Ord + Clone, V: Clone + Ord> PartialOrd for Sorted<K, V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord + Clone, V: Clone + Ord> Ord for Sorted<K, V> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<K: Ord + Clone + Hash, V: Clone + Hash> Hash for Sorted<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        self.iter().for_each(|entry| entry.hash(state));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::Sorted;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_is_a_map_and_a_clone_keeps_what_it_had(
            steps in prop::collection::vec((0u16..400, any::<u8>(), 0usize..3, 0usize..5), 0..1500),
            ascending in 0u16..600,
        ) {
            let mut all = vec![(Sorted::default(), BTreeMap::new())];
            for key in 0..ascending {
                all[0].0.insert(key, 0);
                all[0].1.insert(key, 0);
            }
            for (index, (key, value, which, what)) in steps.into_iter().enumerate() {
                let which = which % all.len();
                let (sorted, map) = &mut all[which];
                if what < 2 {
                    prop_assert_eq!(sorted.insert(key, value), map.insert(key, value));
                } else if what < 4 {
                    prop_assert_eq!(sorted.remove(&key), map.remove(&key));
                } else {
                    let known = map.contains_key(&key);
                    prop_assert_eq!(sorted.entry(key, value), (map.entry(key).or_insert(value), known));
                }
                prop_assert!(sorted.chunks.iter().all(|chunk| (1..=super::SIZE).contains(&chunk.len())));
                if index % 400 == 100 {
                    let copy = all[which].clone();
                    all.push(copy);
                }
            }
            for (sorted, map) in &all {
                prop_assert!(sorted.iter().eq(map.iter()));
                prop_assert_eq!((sorted.is_empty(), sorted.len()), (map.is_empty(), map.len()));
                let rebuilt = map.iter().fold(Sorted::default(), |mut rebuilt, (key, value)| {
                    rebuilt.insert(*key, *value);
                    rebuilt
                });
                prop_assert_eq!(sorted, &rebuilt);
                prop_assert_eq!(sorted.cmp(&all[0].0), map.cmp(&all[0].1));
                for key in 0..700 {
                    prop_assert_eq!(sorted.get(&key), map.get(&key));
                    prop_assert_eq!(sorted.contains(&key), map.contains_key(&key));
                    prop_assert!(sorted.from(key).eq(map.range(key..)));
                    prop_assert_eq!(sorted.before(&key), map.range(..key).next_back());
                }
            }
        }
    }

    #[test]
    fn chunks_that_grow_in_order_are_full() {
        let mut sorted = Sorted::default();
        for key in 0..10 * super::SIZE as u32 {
            sorted.insert(key, key);
        }
        assert_eq!(sorted.chunks.len(), 10);
    }
}
