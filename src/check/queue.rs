//! States that wait to be expanded, first come, first served.

use std::collections::VecDeque;
use std::vec::IntoIter;

/// States per chunk: what has been expanded is given back chunk by chunk.
const CHUNK: usize = 512;

/// The queue.
#[derive(Debug)]
pub struct Queue<S> {
    head: IntoIter<S>,
    middle: VecDeque<Vec<S>>,
    tail: Vec<S>,
    len: u64,
}

impl<S> Default for Queue<S> {
    fn default() -> Self {
        Queue { head: Vec::new().into_iter(), middle: VecDeque::new(), tail: Vec::new(), len: 0 }
    }
}

impl<S> Queue<S> {
    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.len
    }

    /// Appends a state.
    #[inline]
    pub fn push(&mut self, state: S) {
        if self.tail.len() == CHUNK {
            self.middle.push_back(std::mem::replace(&mut self.tail, Vec::with_capacity(CHUNK)));
        }
        self.tail.push(state);
        self.len += 1;
    }

    /// Takes the first state.
    #[inline]
    pub fn pop(&mut self) -> Option<S> {
        let state = match self.head.next() {
            Some(state) => state,
            None => {
                self.head = self.middle.pop_front().unwrap_or_else(|| std::mem::take(&mut self.tail)).into_iter();
                self.head.next()?
            }
        };
        self.len -= 1;
        Some(state)
    }
}
