//! The history h_f of a node: the transactions that it has accepted, in the order of their zxids.

use super::Index;
use crate::growing::Growing;
use crate::protocol::Command;
use std::sync::Arc;

/// An epoch. A run has at most two million events, so 32 bits never wrap.
pub type Epoch = u32;

/// z = ⟨e, c⟩: the name of a transaction is an epoch and a counter (§III), compared as ≺_z does: epoch first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zxid {
    /// epoch(z): that of the primary that broadcast it.
    pub epoch: Epoch,
    /// counter(z): its place among the transactions of that primary, from 1.
    pub counter: u32,
}

impl std::fmt::Display for Zxid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "⟨{},{}⟩", self.epoch, self.counter)
    }
}

/// ⟨v, z⟩: a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Txn {
    /// z.
    pub zxid: Zxid,
    /// v.
    pub command: Command,
}

/// Several transactions, shared by whoever holds the message.
pub type Txns = Arc<[Txn]>;

/// A history. Places count from 1. A clone shares all but its last transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    txns: Growing<Txn>,
}

impl History {
    /// How many transactions it has: the place of the last one.
    pub fn last(&self) -> Index {
        self.txns.len() as Index
    }

    /// The transaction at `place`.
    pub fn get(&self, place: Index) -> Option<&Txn> {
        self.txns.get(place.checked_sub(1)? as usize)
    }

    /// The zxid at `place`; ⟨0,0⟩ where nothing stands.
    pub fn zxid(&self, place: Index) -> Zxid {
        self.get(place).map_or(Zxid::default(), |txn| txn.zxid)
    }

    /// f.zxid: that of the last transaction.
    pub fn last_zxid(&self) -> Zxid {
        self.zxid(self.last())
    }

    /// The last place whose zxid is at most `zxid`, by bisection: zxids ascend along a history.
    pub fn place_of(&self, zxid: Zxid) -> Index {
        let (mut below, mut above) = (0, self.last() + 1);
        while below + 1 < above {
            let middle = below + (above - below) / 2;
            if self.zxid(middle) <= zxid {
                below = middle;
            } else {
                above = middle;
            }
        }
        below
    }

    /// Up to which place it is the same as `txns`.
    pub fn common(&self, txns: &[Txn]) -> Index {
        self.txns.iter().zip(txns).take_while(|(ours, theirs)| ours == theirs).count() as Index
    }

    /// What stands behind `place`.
    pub fn behind(&self, place: Index) -> Txns {
        (place + 1..=self.last()).filter_map(|place| self.get(place).copied()).collect()
    }

    /// Keeps what stands up to `place`, and puts `txns` behind it.
    pub fn replace_behind(&mut self, place: Index, txns: &[Txn]) {
        debug_assert!(place <= self.last(), "a history has no gap");
        self.txns.truncate(place as usize);
        for txn in txns {
            self.txns.push(*txn);
        }
    }
}
