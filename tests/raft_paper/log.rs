//! The log as a data structure, against a plain list that does the same.

use crate::rig::entry;
use crate::support::{Random, n};
use consensus_playground::protocol::SnapshotRef;
use consensus_playground::protocols::raft::{Entry, Log};

/// A log as one would write it down.
#[derive(Default)]
struct Plain {
    base: u32,
    base_term: u32,
    entries: Vec<Entry>,
}

impl Plain {
    fn last(&self) -> u32 {
        self.base + self.entries.len() as u32
    }

    fn get(&self, index: u32) -> Option<Entry> {
        let place = index.checked_sub(self.base + 1)?;
        self.entries.get(place as usize).copied()
    }

    fn term_at(&self, index: u32) -> Option<u32> {
        if index == self.base { Some(self.base_term) } else { self.get(index).map(|e| e.term) }
    }
}

fn snapshot(position: u32) -> SnapshotRef {
    SnapshotRef { taken_by: n(0), position: position.into() }
}

/// Everything that a log can be asked.
fn compare(log: &Log, plain: &Plain, random: &mut Random) {
    assert_eq!((log.base(), log.base_term(), log.last_index()), (plain.base, plain.base_term, plain.last()));
    assert_eq!(Some(log.last_term()), plain.term_at(plain.last()));
    for _ in 0..8 {
        let index = random.below(plain.last() as usize + 3) as u32;
        assert_eq!(log.get(index).copied(), plain.get(index), "at {index}");
        assert_eq!(log.term_at(index), plain.term_at(index), "at {index}");
        let max = 1 + random.below(200) as u32;
        let expected: Vec<_> = if plain.get(index).is_none() {
            Vec::new()
        } else {
            (index..index + max).map_while(|i| plain.get(i)).collect()
        };
        assert_eq!(log.slice(index, max).to_vec(), expected, "{max} from {index}");
        if let Some(term) = plain.get(index).map(|e| e.term) {
            let first = (plain.base + 1..=index).find(|i| plain.term_at(*i) == Some(term));
            assert_eq!(Some(log.first_of_term_at(index)), first);
        }
        let term = random.below(30) as u32;
        let last = (plain.base.max(1)..=plain.last().min(index)).rev().find(|i| plain.term_at(*i) == Some(term));
        assert_eq!(log.last_of_term(term, index), last, "term {term} up to {index}");
    }
}

/// The same log, built in one go.
fn rebuilt(log: &Log, plain: &Plain) -> Log {
    let mut fresh = Log::default();
    if let Some(snapshot) = log.snapshot() {
        fresh.install(snapshot, plain.base_term, None);
    }
    for entry in &plain.entries {
        fresh.push(*entry);
    }
    fresh
}

/// Pushes, cuts, compactions and snapshots in any order, over many chunks; clones keep what they had; and equal logs
/// are equal whatever their history.
#[test]
fn a_log_is_a_list() {
    let mut random = Random(3);
    let mut longest = 0;
    for _ in 0..200 {
        let (mut log, mut plain) = (Log::default(), Plain::default());
        let mut term = 1;
        let mut kept: Option<(Log, Log)> = None;
        for _ in 0..120 {
            term += u32::from(random.per_mille(200));
            match random.below(20) {
                0..14 => {
                    for _ in 0..random.below(40) {
                        let entry = entry(plain.last() + 1, term);
                        log.push(entry);
                        plain.entries.push(entry);
                    }
                }
                14..16 => {
                    let from = plain.base + 1 + random.below(plain.entries.len() + 2) as u32;
                    log.truncate(from);
                    plain.entries.truncate((from - plain.base - 1) as usize);
                }
                16 => {
                    let at = plain.base + random.below(plain.entries.len() + 1) as u32;
                    let at_term = plain.term_at(at).expect("inside");
                    log.compact(snapshot(at), at_term, None);
                    plain.entries.drain(..(at - plain.base) as usize);
                    (plain.base, plain.base_term) = (at, at_term);
                }
                17 => {
                    let at = plain.base + random.below(plain.entries.len() + 300) as u32;
                    log.install(snapshot(at), term, None);
                    if plain.term_at(at) == Some(term) {
                        plain.entries.drain(..(at - plain.base) as usize);
                    } else {
                        plain.entries.clear();
                    }
                    (plain.base, plain.base_term) = (at, term);
                }
                18 => {
                    let first = plain.base + 1 + random.below(plain.entries.len() + 1) as u32;
                    let new: Vec<_> = (first..first + 5).map(|index| entry(index, term)).collect();
                    log.replace_from(first, &new);
                    plain.entries.truncate((first - plain.base - 1) as usize);
                    plain.entries.extend(new);
                }
                _ => kept = Some((log.clone(), rebuilt(&log, &plain))),
            }
            compare(&log, &plain, &mut random);
            assert!(log == rebuilt(&log, &plain), "one content, one form");
            longest = longest.max(plain.entries.len());
        }
        if let Some((clone, as_it_was)) = kept {
            assert!(clone == as_it_was, "a clone does not see what comes later");
        }
    }
    assert!(longest > 500, "over several chunks: {longest}");
}
