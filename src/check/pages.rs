//! A list that only grows, page by page: what a search keeps for good is never moved and never asks for twice its size.

/// Bytes per page.
const PAGE: usize = 1 << 16;

/// The list.
#[derive(Clone, Debug)]
pub struct Pages<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Pages { pages: Vec::new() }
    }
}

impl<T: Copy> Pages<T> {
    const ITEMS: usize = PAGE / size_of::<T>();

    /// Appends an item.
    #[inline]
    pub fn push(&mut self, item: T) {
        match self.pages.last_mut() {
            Some(page) if page.len() < Self::ITEMS => page.push(item),
            _ => self.turn(item),
        }
    }

    #[cold]
    fn turn(&mut self, item: T) {
        // The first page grows as it is filled: small searches stay small.
        let room = if self.pages.is_empty() { 0 } else { Self::ITEMS };
        let mut page = Vec::with_capacity(room);
        page.push(item);
        self.pages.push(page);
    }

    /// The item at `index`, if there is one.
    pub fn get(&self, index: u64) -> Option<T> {
        let index = index as usize;
        self.pages.get(index / Self::ITEMS)?.get(index % Self::ITEMS).copied()
    }

    /// How many items there are.
    pub fn items(&self) -> u64 {
        let full = self.pages.len().saturating_sub(1) * Self::ITEMS;
        (full + self.pages.last().map_or(0, Vec::len)) as u64
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> u64 {
        let last = self.pages.last().map_or(0, |page| page.capacity() * size_of::<T>());
        (self.pages.len().saturating_sub(1) * PAGE + last) as u64
    }
}
