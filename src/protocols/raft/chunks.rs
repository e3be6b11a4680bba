//! The entries of a log in chunks: appending costs a push, a clone shares all chunks that are full.
//!
//! A log is written at its end thousands of times between two checkpoints, and read near its end; a general
//! persistent vector pays for more than that. Slots count from 0 at the log's first index ever; the chunks begin at a
//! multiple of [`SIZE`], and slots below the log's base hold [`FILLER`], so that equal logs have equal forms.

use super::message::Entry;
use crate::protocol::Command;
use std::sync::Arc;

/// Entries per chunk: 2 KiB.
const SIZE: u32 = 128;

/// What stands in slots that a snapshot has taken the place of.
const FILLER: Entry = Entry { term: 0, command: Command::NOOP };

/// Consecutive entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Chunks {
    /// Full chunks before this one are gone: the number of the first that is here.
    first: u32,
    /// Full chunks.
    full: Arc<Vec<Arc<[Entry]>>>,
    /// What follows them: fewer than [`SIZE`].
    tail: Vec<Entry>,
}

impl Chunks {
    /// No entries; the next goes into `slot`.
    pub(super) fn starting_at(slot: u32) -> Self {
        Chunks { first: slot / SIZE, full: Arc::default(), tail: vec![FILLER; (slot % SIZE) as usize] }
    }

    /// What stands in `slot`, which is neither below the base nor beyond the end.
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&Entry> {
        let chunk = (slot / SIZE).checked_sub(self.first)? as usize;
        let place = (slot % SIZE) as usize;
        match self.full.get(chunk) {
            Some(full) => full.get(place),
            None if chunk == self.full.len() => self.tail.get(place),
            None => None,
        }
    }

    /// Appends an entry.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        self.tail.push(entry);
        if self.tail.len() == SIZE as usize {
            self.seal();
        }
    }

    #[cold]
    fn seal(&mut self) {
        Arc::make_mut(&mut self.full).push(Arc::from(self.tail.as_slice()));
        self.tail.clear();
    }

    /// Removes what stands in slot `end` and behind it.
    pub(super) fn truncate(&mut self, end: u32) {
        let chunk = (end / SIZE).saturating_sub(self.first) as usize;
        let place = (end % SIZE) as usize;
        if chunk < self.full.len() {
            let full = Arc::make_mut(&mut self.full);
            self.tail.clear();
            self.tail.extend_from_slice(&full[chunk][..place]);
            full.truncate(chunk);
        } else {
            self.tail.truncate(place);
        }
    }

    /// Forgets what stands before slot `base`.
    pub(super) fn forget(&mut self, base: u32) {
        let gone = ((base / SIZE).saturating_sub(self.first) as usize).min(self.full.len());
        let place = (base % SIZE) as usize;
        let full = Arc::make_mut(&mut self.full);
        full.drain(..gone);
        self.first += gone as u32;
        match full.first_mut() {
            Some(chunk) => {
                let kept = chunk[place..].iter().copied();
                *chunk = std::iter::repeat_n(FILLER, place).chain(kept).collect();
            }
            None => {
                let place = place.min(self.tail.len());
                self.tail[..place].fill(FILLER);
            }
        }
    }
}
