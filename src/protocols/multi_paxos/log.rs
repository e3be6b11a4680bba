//! A proposal for each slot, as far as there is one; a snapshot may stand for the beginning.

use super::message::Entry;
use super::{Ballot, Proposal, Slot};
use crate::growing::Growing;
use crate::protocol::{Command, SnapshotRef};

/// What stands in a slot without a proposal.
const EMPTY: Proposal = Proposal { ballot: Ballot::NONE, command: Command::NOOP };

/// The slots. Slots are numbered from 1; a clone shares all but the last ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    snapshot: Option<SnapshotRef>,
    /// What stands behind the snapshot.
    slots: Growing<Proposal>,
}

impl Log {
    /// The snapshot that stands for the beginning.
    pub fn snapshot(&self) -> Option<SnapshotRef> {
        self.snapshot
    }

    /// The last slot that the snapshot includes; 0 without one.
    pub fn base(&self) -> Slot {
        self.snapshot.map_or(0, |snapshot| snapshot.position)
    }

    /// The last slot with a proposal, or [`Log::base`].
    pub fn last(&self) -> Slot {
        self.base() + self.slots.len() as Slot
    }

    /// The proposal in `slot`, if there is one, and not in the snapshot.
    pub fn get(&self, slot: Slot) -> Option<Proposal> {
        let place = slot.checked_sub(self.base() + 1)?;
        self.slots.get(place as usize).copied().filter(|proposal| proposal.ballot > Ballot::NONE)
    }

    /// Puts a proposal in its slot. Slots before it may be empty; what the snapshot includes stays.
    pub fn set(&mut self, entry: Entry) {
        let Some(place) = entry.slot.checked_sub(self.base() + 1) else { return };
        while self.slots.len() <= place as usize {
            self.slots.push(EMPTY);
        }
        self.slots[place as usize] = entry.proposal;
    }

    /// The proposals from `first` on, up to and including `last`.
    pub fn entries(&self, first: Slot, last: Slot) -> Vec<Entry> {
        let slots = first.max(self.base() + 1)..=last.min(self.last());
        slots.filter_map(|slot| Some(Entry { slot, proposal: self.get(slot)? })).collect()
    }

    /// Drops what `snapshot` includes; what stands behind it stays, for slots do not depend on one another.
    pub fn compact(&mut self, snapshot: SnapshotRef) {
        let included = snapshot.position.saturating_sub(self.base()) as usize;
        self.slots = self.slots.iter().skip(included).copied().collect();
        self.snapshot = Some(snapshot);
    }
}
