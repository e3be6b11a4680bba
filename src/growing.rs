//! A list that grows at its end and is cloned often: what a run accumulates, from checkpoint to checkpoint. Logs and
//! disks of protocols, what the properties remember, and the trace are all of this shape.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Items per chunk.
const SIZE: usize = 256;

/// A growing list. Appending is a push, looking up is two loads, and a clone shares all chunks that are full. A
/// general persistent vector does more and costs several times as much for just this.
///
/// Chunks begin at multiples of their size, so equal lists have equal forms: what is derived compares and hashes what
/// is in them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Growing<T> {
    full: Arc<Vec<Arc<Vec<T>>>>,
    tail: Vec<T>,
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Growing { full: Arc::default(), tail: Vec::new() }
    }
}

impl<T> Growing<T> {
    /// How many items there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.full.len() * SIZE + self.tail.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        match self.full.get(index / SIZE) {
            Some(chunk) => chunk.get(index % SIZE),
            None => self.tail.get(index - self.full.len() * SIZE),
        }
    }

    /// The items `start .. start + len`, which are there and in one chunk: of lists whose rows have 2ᵏ ≤ 256 items.
    #[inline]
    pub fn row(&self, start: usize, len: usize) -> &[T] {
        let chunk = self.full.get(start / SIZE).map_or(&self.tail, |chunk| &**chunk);
        &chunk[start % SIZE..start % SIZE + len]
    }

    /// The first item.
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last item.
    pub fn last(&self) -> Option<&T> {
        self.tail.last().or_else(|| self.full.last().and_then(|chunk| chunk.last()))
    }

    /// All items, in both directions.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        (0..self.len()).map(|index| &self[index])
    }
}

impl<T: Clone> Growing<T> {
    /// Appends an item.
    #[inline]
    pub fn push(&mut self, item: T) {
        self.tail.push(item);
        if self.tail.len() == SIZE {
            self.seal();
        }
    }

    #[cold]
    fn seal(&mut self) {
        let chunk = std::mem::replace(&mut self.tail, Vec::with_capacity(SIZE));
        Arc::make_mut(&mut self.full).push(Arc::new(chunk));
    }

    /// The item at `index`, to be changed; a chunk that a clone shares is copied first.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let full = self.full.len() * SIZE;
        if index >= full {
            return self.tail.get_mut(index - full);
        }
        let chunk = &mut Arc::make_mut(&mut self.full)[index / SIZE];
        Arc::make_mut(chunk).get_mut(index % SIZE)
    }

    /// The last item, to be changed.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.len().checked_sub(1).and_then(|last| self.get_mut(last))
    }

    /// [`Growing::row`], to be changed.
    #[inline]
    pub fn row_mut(&mut self, start: usize, len: usize) -> &mut [T] {
        let chunk = match start / SIZE {
            place if place < self.full.len() => Arc::make_mut(&mut Arc::make_mut(&mut self.full)[place]),
            _ => &mut self.tail,
        };
        &mut chunk[start % SIZE..start % SIZE + len]
    }

    /// Removes what is at `len` and behind it.
    pub fn truncate(&mut self, len: usize) {
        let chunk = len / SIZE;
        if chunk < self.full.len() {
            let full = Arc::make_mut(&mut self.full);
            self.tail.clear();
            self.tail.extend_from_slice(&full[chunk][..len % SIZE]);
            full.truncate(chunk);
        } else {
            self.tail.truncate(len - self.full.len() * SIZE);
        }
    }
}

impl<T> Index<usize> for Growing<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        self.get(index).expect("an index within the list")
    }
}

impl<T: Clone> IndexMut<usize> for Growing<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        self.get_mut(index).expect("an index within the list")
    }
}

impl<T: Clone> FromIterator<T> for Growing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Growing::default();
        for item in items {
            list.push(item);
        }
        list
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::hash::{DefaultHasher, Hash, Hasher};

    fn hash(list: &Growing<u32>) -> u64 {
        let mut hasher = DefaultHasher::new();
        list.hash(&mut hasher);
        hasher.finish()
    }

    proptest! {
        #[test]
        fn clones_are_lists_of_their_own(
            before in 0u32..2000,
            steps in prop::collection::vec((0usize..5, any::<usize>(), any::<u32>()), 0..400),
        ) {
            let mut all = vec![((0..before).collect::<Growing<u32>>(), (0..before).collect::<Vec<u32>>())];
            for (what, which, item) in steps {
                let choice = which % all.len();
                let (growing, list) = &mut all[choice];
                match what {
                    0 => (growing.push(item), list.push(item)).0,
                    1 if !list.is_empty() => {
                        let index = which % list.len();
                        growing[index] = item;
                        list[index] = item;
                    }
                    2 if list.len() >= 4 => {
                        let start = which % (list.len() / 4) * 4;
                        growing.row_mut(start, 4).fill(item);
                        list[start..start + 4].fill(item);
                        prop_assert_eq!(growing.row(start, 4), &list[start..start + 4]);
                    }
                    3 if item % 4 == 0 => {
                        let len = which % (list.len() + 2);
                        growing.truncate(len);
                        list.truncate(len);
                    }
                    4 if all.len() < 4 => {
                        let copy = all[choice].clone();
                        all.push(copy);
                    }
                    _ => {}
                }
            }
            for (growing, list) in &all {
                prop_assert_eq!((growing.len(), growing.is_empty()), (list.len(), list.is_empty()));
                prop_assert!(growing.iter().eq(list) && growing.iter().rev().eq(list.iter().rev()));
                prop_assert_eq!((growing.front(), growing.last()), (list.first(), list.last()));
                prop_assert_eq!(growing.get(list.len()), None);
                // Whatever its past, a list is the one made from its items.
                let fresh = list.iter().copied().collect::<Growing<u32>>();
                prop_assert_eq!((growing, hash(growing)), (&fresh, hash(&fresh)));
            }
        }
    }
}
