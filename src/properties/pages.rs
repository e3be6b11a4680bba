//! A list that only grows, whose clones share what they have in common: the shape of a run's history.
//!
//! Rows of equal width lie in pages, pages in books. To read a row is three loads; to write one copies, once after each
//! clone, the page and the book that it is in; a clone copies one pointer for each 4096 rows. That is several times
//! faster than a general persistent vector, and monitors read their history at every observation.

use std::sync::Arc;

/// Rows in a page, and pages in a book.
const FAN: usize = 64;

type Page<T> = Arc<[T]>;

/// Rows of `width` elements each.
#[derive(Clone, Debug)]
pub(super) struct Pages<T> {
    books: Vec<Arc<Vec<Page<T>>>>,
    width: usize,
    len: usize,
}

impl<T: Copy> Pages<T> {
    /// No rows, of `width` ≥ 1 elements each.
    pub(super) fn new(width: usize) -> Self {
        Pages { books: Vec::new(), width, len: 0 }
    }

    /// How many rows there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a row of equal elements.
    pub(super) fn push(&mut self, element: T) {
        let row = self.len;
        let (book, page) = (row / (FAN * FAN), row / FAN % FAN);
        self.len += 1;
        if book == self.books.len() {
            self.books.push(Arc::new(Vec::with_capacity(FAN)));
        }
        if page == self.books[book].len() {
            // A new page is all filled with its first element; the rows behind it are written when they come.
            let fill: Page<T> = std::iter::repeat_n(element, FAN * self.width).collect();
            Arc::make_mut(&mut self.books[book]).push(fill);
        } else {
            self.row_mut(row).fill(element);
        }
    }

    /// The row `row`, which exists.
    #[inline]
    pub(super) fn row(&self, row: usize) -> &[T] {
        assert!(row < self.len);
        let start = row % FAN * self.width;
        &self.books[row / (FAN * FAN)][row / FAN % FAN][start..start + self.width]
    }

    /// The row `row`, which exists, for writing.
    #[inline]
    pub(super) fn row_mut(&mut self, row: usize) -> &mut [T] {
        assert!(row < self.len);
        let start = row % FAN * self.width;
        let book = Arc::make_mut(&mut self.books[row / (FAN * FAN)]);
        &mut Arc::make_mut(&mut book[row / FAN % FAN])[start..start + self.width]
    }

    /// The first element of the row `row`, which exists.
    #[inline]
    pub(super) fn at(&self, row: usize) -> &T {
        &self.row(row)[0]
    }

    /// The first element of the row `row`, which exists, for writing.
    #[inline]
    pub(super) fn at_mut(&mut self, row: usize) -> &mut T {
        &mut self.row_mut(row)[0]
    }

    /// The first element of the row `row`, if there is one.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<&T> {
        (row < self.len).then(|| self.at(row))
    }

    /// The first elements of all rows.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        (0..self.len).map(|row| self.at(row))
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::Pages;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn clones_are_lists_of_their_own(
            width in 1usize..4,
            steps in prop::collection::vec((0usize..3, any::<usize>(), any::<u32>()), 0..400),
            before in 0u32..9000,
        ) {
            let mut all = vec![(Pages::new(width), Vec::new())];
            for element in 0..before {
                all[0].0.push(element);
                all[0].1.push(vec![element; width]);
            }
            for (what, which, element) in steps {
                let choice = which % all.len();
                let (pages, list) = &mut all[choice];
                match what {
                    0 => {
                        pages.push(element);
                        list.push(vec![element; width]);
                    }
                    1 if !list.is_empty() => {
                        let row = which % list.len();
                        pages.row_mut(row)[element as usize % width] = element;
                        list[row][element as usize % width] = element;
                    }
                    2 if all.len() < 4 => {
                        let copy = all[choice].clone();
                        all.push(copy);
                    }
                    _ => {}
                }
            }
            for (pages, list) in &all {
                prop_assert_eq!(pages.len(), list.len());
                prop_assert!(list.iter().enumerate().all(|(row, expected)| pages.row(row) == &expected[..]));
                prop_assert!(pages.iter().eq(list.iter().map(|row| &row[0])));
                prop_assert_eq!(pages.get(list.len()), None);
            }
        }
    }
}
