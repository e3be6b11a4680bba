//! Rows of equal width in a growing list: a number for each node, of each message.

use crate::growing::Growing;

/// Rows of `width` numbers. A row takes 2ᵏ places, so that none lies across two chunks.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    places: Growing<u32>,
    width: usize,
}

impl Rows {
    /// No rows, of `width` ≤ 256 numbers each.
    pub(super) fn new(width: usize) -> Self {
        assert!(width <= 256);
        Rows { places: Growing::default(), width }
    }

    /// Adds a row of zeros.
    pub(super) fn push(&mut self) -> &mut [u32] {
        let start = self.places.len();
        (0..self.stride()).for_each(|_| self.places.push(0));
        self.places.row_mut(start, self.width)
    }

    /// The row `row`, which exists.
    #[inline]
    pub(super) fn get(&self, row: usize) -> &[u32] {
        self.places.row(row * self.stride(), self.width)
    }

    /// The row `row`, which exists, for writing.
    #[inline]
    pub(super) fn get_mut(&mut self, row: usize) -> &mut [u32] {
        self.places.row_mut(row * self.stride(), self.width)
    }

    #[inline]
    fn stride(&self) -> usize {
        self.width.next_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn rows_of_every_width_stand_side_by_side() {
        for width in 1..=25 {
            let mut rows = Rows::new(width);
            for row in 0..1000 {
                rows.push().fill(row);
            }
            let before = rows.clone();
            rows.get_mut(500)[width - 1] = 5000;
            for row in 0..1000 {
                assert_eq!(before.get(row), vec![row as u32; width]);
                assert_eq!(rows.get(row)[width - 1], if row == 500 { 5000 } else { row as u32 });
            }
        }
    }
}
