//! The replicated log: a snapshot of its beginning, if one was taken, and the entries behind it.

use super::message::{Entries, Entry};
use super::{Index, Term};
use crate::growing::Growing;
use crate::protocol::{Membership, NodeSet, SnapshotRef};

/// A log. "First index is 1" (Fig. 2). A clone shares all but its last entries: node and disk at boot, and all
/// checkpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    /// The snapshot that stands for the beginning; its position is lastIncludedIndex.
    snapshot: Option<SnapshotRef>,
    /// lastIncludedIndex, 0 without a snapshot.
    base: Index,
    /// lastIncludedTerm, 0 without a snapshot.
    base_term: Term,
    /// The index of the last entry, or `base`.
    last: Index,
    /// The term at `last`.
    last_term: Term,
    /// What stands at `base + 1 ..= last`.
    entries: Growing<Entry>,
    /// Those of the entries that change the membership: few, if any.
    changes: Vec<(Index, Membership)>,
    /// The members at `base`; `None` while they are the first ones.
    base_members: Option<NodeSet>,
}

impl Log {
    /// The snapshot that stands for the beginning.
    pub fn snapshot(&self) -> Option<SnapshotRef> {
        self.snapshot
    }

    /// lastIncludedIndex: the last index that the snapshot includes; 0 without one.
    pub fn base(&self) -> Index {
        self.base
    }

    /// lastIncludedTerm: the term at [`Log::base`]; 0 without a snapshot.
    pub fn base_term(&self) -> Term {
        self.base_term
    }

    /// The index of the last entry; 0 when there was never one.
    pub fn last_index(&self) -> Index {
        self.last
    }

    /// The term of the last entry; 0 when there was never one.
    pub fn last_term(&self) -> Term {
        self.last_term
    }

    /// The entry at `index`, unless it lies beyond the end or inside the snapshot.
    pub fn get(&self, index: Index) -> Option<&Entry> {
        self.entries.get((index.checked_sub(self.base + 1)?) as usize)
    }

    /// The term at `index`: 0 at 0, known at the snapshot's end, unknown before it and beyond the log's end.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.last {
            return Some(self.last_term);
        }
        if index == self.base {
            return Some(self.base_term);
        }
        self.get(index).map(|entry| entry.term)
    }

    /// The members up to and including `index`, when the cluster began with `initial`: "a server always uses the latest
    /// configuration in its log, regardless of whether the entry is committed" (thesis §4.1).
    pub fn members(&self, initial: NodeSet, index: Index) -> NodeSet {
        let known = self.changes.iter().take_while(|(at, _)| *at <= index);
        known.fold(self.base_members.unwrap_or(initial), |members, (_, change)| change.applied_to(members))
    }

    /// The index of the last entry that changes the membership; 0 when there is none behind the snapshot.
    pub fn last_change(&self) -> Index {
        self.changes.last().map_or(0, |(index, _)| *index)
    }

    /// The indices of the entries in `from..=to` that change the membership.
    pub fn changes_within(&self, from: Index, to: Index) -> impl Iterator<Item = Index> {
        self.changes.iter().map(|(index, _)| *index).filter(move |index| (from..=to).contains(index))
    }

    /// Appends one entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.last += 1;
        self.last_term = entry.term;
        if let Some(change) = entry.command.value.membership() {
            self.changes.push((self.last, change));
        }
    }

    /// Removes everything from `from` on. What the snapshot includes stays.
    pub fn truncate(&mut self, from: Index) {
        if from > self.last {
            return;
        }
        let last = from.saturating_sub(1).max(self.base);
        self.entries.truncate((last - self.base) as usize);
        self.last_term = self.term_at(last).unwrap_or(self.base_term);
        self.last = last;
        self.changes.retain(|(index, _)| *index <= last);
    }

    /// Makes `entries` stand at `first` and behind it, and nothing behind them.
    pub fn replace_from(&mut self, first: Index, entries: &[Entry]) {
        if first <= self.last {
            self.truncate(first);
        }
        debug_assert_eq!(self.last + 1, first, "a log has no gap");
        for entry in entries {
            self.push(*entry);
        }
    }

    /// Up to `max` entries from `from` on.
    pub fn slice(&self, from: Index, max: u32) -> Entries {
        if from <= self.base || from > self.last {
            return Entries::None;
        }
        let count = (self.last - from + 1).min(max);
        Entries::collect((from..from + count).map(|i| *self.get(i).expect("an entry inside the log")))
    }

    /// Drops what `snapshot` includes; what stands behind stays. `term` and `members` are those at its position; no
    /// members when they are still the first ones.
    pub fn compact(&mut self, snapshot: SnapshotRef, term: Term, members: Option<NodeSet>) {
        let position = snapshot.position as Index;
        debug_assert!(self.base <= position && position <= self.last);
        // Little stands behind: what is not applied yet.
        self.entries = self.entries.iter().skip((position - self.base) as usize).copied().collect();
        self.snapshot = Some(snapshot);
        self.base = position;
        self.base_term = term;
        self.changes.retain(|(index, _)| *index > position);
        self.base_members = members;
    }

    /// Takes a leader's snapshot. "If existing log entry has same index and term as snapshot's last included
    /// entry, retain log entries following it", else "discard the entire log" (Fig. 13, rules 6 and 7).
    pub fn install(&mut self, snapshot: SnapshotRef, term: Term, members: Option<NodeSet>) {
        let position = snapshot.position as Index;
        if position >= self.base && self.term_at(position) == Some(term) {
            self.compact(snapshot, term, members);
        } else {
            let (base, base_term) = (position, term);
            *self = Log {
                snapshot: Some(snapshot),
                base,
                base_term,
                last: base,
                last_term: base_term,
                entries: Growing::default(),
                changes: Vec::new(),
                base_members: members,
            };
        }
    }

    /// What [`Log::compact`] at `index` is to be told of the members.
    pub fn members_to_keep(&self, initial: NodeSet, index: Index) -> Option<NodeSet> {
        let changed = self.base_members.is_some() || self.changes.first().is_some_and(|(first, _)| *first <= index);
        changed.then(|| self.members(initial, index))
    }

    /// The first index that holds the same term as `index` does, by bisection: terms never decrease along a log.
    pub fn first_of_term_at(&self, index: Index) -> Index {
        let Some(term) = self.term_at(index) else { return index };
        let (mut below, mut at) = (self.base, index);
        while below + 1 < at {
            let middle = below + (at - below) / 2;
            if self.term_at(middle) == Some(term) {
                at = middle;
            } else {
                below = middle;
            }
        }
        at
    }

    /// The last index up to `limit` that holds `term`, if one does.
    pub fn last_of_term(&self, term: Term, limit: Index) -> Option<Index> {
        let (mut at, mut above) = (self.base, self.last.min(limit) + 1);
        while at + 1 < above {
            let middle = at + (above - at) / 2;
            if self.term_at(middle).is_some_and(|t| t <= term) {
                at = middle;
            } else {
                above = middle;
            }
        }
        (at > 0 && at <= limit && self.term_at(at) == Some(term)).then_some(at)
    }
}
