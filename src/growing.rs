//! A list that grows at its end and is cloned often: what a run accumulates, from checkpoint to checkpoint.

use std::hash::{Hash, Hasher};
use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// Items per chunk.
const SIZE: usize = 256;

/// A growing list. Appending is a push, looking up is two loads, and a clone shares all chunks that are full. A
/// general persistent vector does more and costs several times as much for just this.
#[derive(Clone, Debug)]
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

impl<T: PartialEq> PartialEq for Growing<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for Growing<T> {}

impl<T: Hash> Hash for Growing<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        self.iter().for_each(|item| item.hash(state));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_had() {
        let mut list: Growing<usize> = (0..1000).collect();
        let before = list.clone();
        for index in [0, 255, 256, 999] {
            *list.get_mut(index).unwrap() += 10_000;
        }
        list.push(1000);
        assert_eq!(before.iter().copied().collect::<Vec<_>>(), (0..1000).collect::<Vec<_>>());
        assert_eq!((list.len(), list[256], list[1000], list.get(1001)), (1001, 10_256, 1000, None));
        assert_eq!((list.last(), before.last()), (Some(&1000), Some(&999)));
        assert_eq!(list.iter().rev().take(2).copied().collect::<Vec<_>>(), [1000, 10_999]);
        assert_eq!((0..256).collect::<Growing<usize>>().last(), Some(&255));
    }
}
