//! Primary order (Zab, §III) in the history variables: judged by the rules of `properties/primaries.rs` and
//! `properties/primary_integrity.rs`, with the same variables by value. Of these only those are kept that a property
//! which is judged reads: what nobody reads would tell states apart for nothing.

use super::ghost::{Court, Entry};
use crate::properties::{Name, Primacy};
use crate::protocol::{Command, NodeId};

/// The properties that speak of primaries.
pub const PRIMARY_ORDER: &[Name] = &[Name::LocalPrimaryOrder, Name::GlobalPrimaryOrder, Name::PrimaryIntegrity];

/// What was committed, each with the highest epoch in which a node that knew was.
type Committed = [(Entry, u64)];

impl Primacy {
    /// Before anything has happened.
    pub(super) fn new(court: &Court) -> Self {
        let watched = court.wants_any(PRIMARY_ORDER);
        Primacy { places: vec![(0, Vec::new()); if watched { court.nodes } else { 0 }], ..Primacy::default() }
    }

    /// Without what no property that is judged reads.
    pub(super) fn of(mut self, court: &Court) -> Self {
        if !court.wants_any(PRIMARY_ORDER) {
            self.places.clear();
        }
        if !court.wants(Name::LocalPrimaryOrder) {
            self.broadcasts.clear();
        }
        if !court.wants(Name::PrimaryIntegrity) {
            self.bases.clear();
        }
        self
    }

    /// The node begins a new life, in which it delivers everything anew.
    pub(super) fn restarted(&mut self, node: NodeId) {
        if let Some(place) = self.places.get_mut(node.index()) {
            *place = Default::default();
        }
    }

    fn position(&self, node: NodeId) -> usize {
        self.places[node.index()].1.iter().map(|(_, count)| *count as usize).sum()
    }

    /// `node`, the primary of `epoch`, broadcasts `command` behind `log`; the marks of what that shows.
    pub(super) fn broadcasts(
        &mut self,
        court: &Court,
        node: NodeId,
        epoch: u64,
        command: Command,
        log: &[Entry],
        committed: &Committed,
    ) -> u64 {
        if court.wants(Name::LocalPrimaryOrder) {
            let at = self.broadcasts.partition_point(|(other, ..)| *other <= epoch);
            let before = self.broadcasts[..at].last().filter(|(other, ..)| *other == epoch);
            let count = before.map_or(1, |(_, count, _)| count + 1);
            self.broadcasts.insert(at, (epoch, count, command));
        }
        let at = self.bases.partition_point(|(other, _)| *other < epoch);
        if !court.wants(Name::PrimaryIntegrity) || self.bases.get(at).is_some_and(|(other, _)| *other == epoch) {
            return 0;
        }
        let base = log[..self.position(node).min(log.len())].to_vec();
        // Epochs ascend along a log.
        let earlier = committed.partition_point(|((other, _), _)| *other < epoch);
        let lacks = committed[..earlier].last().is_some_and(|(last, _)| !base.contains(last));
        self.bases.insert(at, (epoch, base));
        if lacks { court.mark(Name::PrimaryIntegrity) } else { 0 }
    }

    /// `node` delivers `log` as far as it has not delivered it yet; `committed` was before.
    pub(super) fn delivers(&mut self, court: &Court, node: NodeId, log: &[Entry], committed: &Committed) -> u64 {
        let mut marks = 0;
        let same = log.iter().zip(committed).take_while(|(entry, (other, _))| *entry == other).count();
        for (place, &entry) in log.iter().enumerate().skip(self.position(node)) {
            marks |= self.order(court, node, entry);
            let without = |(epoch, base): &(u64, Vec<Entry>)| *epoch > entry.0 && !base.contains(&entry);
            if place >= same && self.bases.iter().any(without) {
                marks |= court.mark(Name::PrimaryIntegrity);
            }
        }
        marks
    }

    fn order(&mut self, court: &Court, node: NodeId, (epoch, command): Entry) -> u64 {
        let (last, counts) = &mut self.places[node.index()];
        let back = epoch < *last;
        *last = epoch;
        let at = counts.partition_point(|(other, _)| *other < epoch);
        if counts.get(at).is_none_or(|(other, _)| *other != epoch) {
            counts.insert(at, (epoch, 0));
        }
        counts[at].1 += 1;
        let count = counts[at].1;
        let other = |(e, c, other): &(u64, u64, Command)| (*e, *c) == (epoch, count) && *other != command;
        let wrong = self.broadcasts.iter().any(other);
        (if back { court.mark(Name::GlobalPrimaryOrder) } else { 0 })
            | if wrong { court.mark(Name::LocalPrimaryOrder) } else { 0 }
    }
}
