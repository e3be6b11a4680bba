//! The logs of all nodes as one tree.
//!
//! A log is a path from the root: an entry has the entry before it as its parent, and two logs share their path as
//! far as they are the same. So a log is one number, that of its last entry; two logs are the same up to an index
//! exactly when they have the same entry there; and what a leader's log was at its election is remembered for
//! nothing. Entries are never removed. Each keeps a second, longer edge (the skew-binary jump pointer of Myers 1983),
//! by which the entry at any index is found in O(log).

use crate::growing::Growing;
use crate::protocol::Command;
use crate::sorted::Sorted;

/// No entry.
const NONE: u32 = u32::MAX;

/// The root: the empty log.
pub(super) const ROOT: Id = Id(0);

/// An entry together with everything before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(u32);

/// One entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub epoch: u64,
    pub command: Command,
    /// Its place in the log, from 1.
    pub position: u32,
    parent: u32,
    jump: u32,
    first_child: u32,
    next_sibling: u32,
    /// The next entry of the same position and epoch.
    next_alike: u32,
    /// Whether there is another entry of the same position and epoch.
    pub alike: bool,
}

/// All entries that ever stood in some log.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    entries: Growing<Entry>,
    /// The newest entry of each position and epoch.
    index: Sorted<(u32, u64), u32>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let root = Entry {
            epoch: 0,
            command: Command::NOOP,
            position: 0,
            parent: 0,
            jump: 0,
            first_child: NONE,
            next_sibling: NONE,
            next_alike: NONE,
            alike: false,
        };
        let mut entries = Growing::default();
        entries.push(root);
        Tree { entries, index: Sorted::default() }
    }

    #[inline]
    pub(super) fn entry(&self, id: Id) -> &Entry {
        &self.entries[id.0 as usize]
    }

    /// The entry before.
    pub(super) fn parent(&self, id: Id) -> Id {
        Id(self.entry(id).parent)
    }

    /// The entries behind position `known` on the path to `last`, in their order.
    pub(super) fn news(&self, last: Id, known: u64) -> Vec<Id> {
        let mut news = Vec::with_capacity(u64::from(self.entry(last).position).saturating_sub(known) as usize);
        let mut id = last;
        while u64::from(self.entry(id).position) > known {
            news.push(id);
            id = self.parent(id);
        }
        news.reverse();
        news
    }

    /// The entry of `epoch` and `command` behind `parent`: O(1), as few different entries ever stand behind one.
    pub(super) fn child(&mut self, parent: Id, epoch: u64, command: Command) -> Id {
        let mut next = self.entry(parent).first_child;
        while next != NONE {
            let entry = self.entry(Id(next));
            if entry.epoch == epoch && entry.command == command {
                return Id(next);
            }
            next = entry.next_sibling;
        }
        self.create(parent, epoch, command)
    }

    fn create(&mut self, parent: Id, epoch: u64, command: Command) -> Id {
        let id = self.entries.len() as u32;
        let (position, jump, sibling) = {
            let above = self.entry(parent);
            let jump = self.entry(Id(above.jump));
            let far = self.entry(Id(jump.jump)).position;
            let even = above.position - jump.position == jump.position - far;
            (above.position + 1, if even { jump.jump } else { parent.0 }, above.first_child)
        };
        let alike = self.index.insert((position, epoch), id);
        self.entries.push(Entry {
            epoch,
            command,
            position,
            parent: parent.0,
            jump,
            first_child: NONE,
            next_sibling: sibling,
            next_alike: alike.unwrap_or(NONE),
            alike: alike.is_some(),
        });
        self.entries[parent.0 as usize].first_child = id;
        if let Some(other) = alike {
            self.entries[other as usize].alike = true;
        }
        Id(id)
    }

    /// The entry at `position` on the way to `id`; `position` is at most that of `id`.
    pub(super) fn at(&self, id: Id, position: u64) -> Id {
        let mut id = id;
        loop {
            let entry = self.entry(id);
            if u64::from(entry.position) <= position {
                return id;
            }
            let jump = Id(entry.jump);
            id = if u64::from(self.entry(jump).position) >= position { jump } else { Id(entry.parent) };
        }
    }

    /// The log that ends with `id`, by value: epochs and commands.
    pub(super) fn log(&self, id: Id) -> Vec<(u64, Command)> {
        let places = 1..=u64::from(self.entry(id).position);
        places.map(|place| self.entry(self.at(id, place))).map(|entry| (entry.epoch, entry.command)).collect()
    }

    /// Whether the log that ends with `log` has the entry `id`.
    pub(super) fn has(&self, log: Id, id: Id) -> bool {
        let position = self.entry(id).position;
        self.entry(log).position >= position && self.at(log, u64::from(position)) == id
    }

    /// The other entries of the same position and epoch.
    pub(super) fn alike(&self, id: Id) -> impl Iterator<Item = Id> {
        let entry = self.entry(id);
        let newest = self.index.get(&(entry.position, entry.epoch)).copied();
        std::iter::successors(newest, |next| Some(self.entry(Id(*next)).next_alike).filter(|n| *n != NONE))
            .map(Id)
            .filter(move |other| *other != id)
    }

    /// The first position at which two logs of equal length differ.
    pub(super) fn fork(&self, a: Id, b: Id) -> u64 {
        let (mut low, mut high) = (0, u64::from(self.entry(a).position));
        // The logs agree at `low` and differ at `high`.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.at(a, middle) == self.at(b, middle) { low = middle } else { high = middle }
        }
        high
    }
}
