//! Breadth first on several threads, with the counts and the findings of one.
//!
//! A level is worked through in rounds of three steps that all threads share: the states are expanded piece by piece;
//! what they led to is looked up table by table, in the order of the pieces, so that of two steps to the same new state
//! the earlier one discovers it; what is new is judged. Then the pieces are admitted one after another, as they would
//! have been by a single thread.

use super::batch::Batch;
use super::breadth::Breadth;
use super::ledger::Ledger;
use super::model::Model;
use super::visited::{SHARDS, Table, Visited, shard};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pieces per thread and round: some take longer than others.
const PIECES: u64 = 8;
/// About so many steps are in a piece, and they take about so many bytes.
const STEPS: u64 = 4096;
const BYTES: u64 = 1 << 20;

/// Some states, and what they led to.
struct Piece<S> {
    states: Vec<S>,
    batch: Batch<S>,
}

/// The fingerprints of what a piece led to, by table, each with the number of its step; and which were new.
struct Prints {
    sorted: Vec<(u64, u32)>,
    ends: [u32; SHARDS],
    fresh: Vec<AtomicBool>,
}

impl Prints {
    fn of<S>(batch: &Batch<S>) -> Self {
        let prints = || batch.candidates.iter().map(|candidate| candidate.print);
        let mut ends = [0; SHARDS];
        prints().for_each(|print| ends[shard(print)] += 1);
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        // Until here `ends` are the starts: each moves to its end while its table's share is filled in.
        let mut sorted = vec![(0, 0); batch.candidates.len()];
        for (at, print) in prints().enumerate() {
            let place = &mut ends[shard(print)];
            sorted[*place as usize] = (print, at as u32);
            *place += 1;
        }
        let fresh = batch.candidates.iter().map(|_| AtomicBool::new(false)).collect();
        Prints { sorted, ends, fresh }
    }

    fn look_up(&self, number: usize, table: &mut Table) {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        for (print, at) in &self.sorted[start as usize..self.ends[number] as usize] {
            if table.insert(*print) {
                self.fresh[*at as usize].store(true, Ordering::Relaxed);
            }
        }
    }
}

/// One round, of at most `budget` states; tells how many it has expanded. Nothing, if the level is not worth sharing.
pub fn round<M: Model + Sync>(
    model: &M,
    ledger: &mut Ledger,
    visited: &mut Visited,
    breadth: &mut Breadth<M::State>,
    threads: usize,
    budget: u64,
) -> Option<u64>
where
    M::State: Send,
{
    let count = threads as u64 * PIECES;
    let most = budget.min(breadth.level());
    if most < 2 * count {
        return None;
    }
    let size = breadth.states_for(ledger.generated, STEPS, BYTES).min(most / count);
    let mut pieces: Vec<Piece<M::State>> = Vec::new();
    for _ in 0..count {
        let states = (0..size).map_while(|_| breadth.take(model)).collect();
        pieces.push(Piece { states, batch: Batch::default() });
    }
    let wanted = ledger.wanted();
    let mut prints: Vec<Option<Prints>> = pieces.iter().map(|_| None).collect();
    each(threads, pieces.iter_mut().zip(&mut prints), |(piece, prints)| {
        for state in piece.states.drain(..) {
            piece.batch.expand(model, &state, wanted);
        }
        *prints = Some(Prints::of(&piece.batch));
    });
    each(threads, visited.tables().iter_mut().enumerate(), |(number, table)| {
        prints.iter().flatten().for_each(|prints| prints.look_up(number, table));
    });
    each(threads, pieces.iter_mut().zip(&prints), |(piece, prints)| {
        let fresh = prints.iter().flat_map(|prints| &prints.fresh).enumerate();
        let fresh = fresh.filter(|(_, fresh)| fresh.load(Ordering::Relaxed)).map(|(at, _)| at as u32);
        piece.batch.fresh.extend(fresh);
        piece.batch.judge(model, wanted);
    });
    for piece in &mut pieces {
        if ledger.ended.is_none() {
            ledger.admit(model, &mut piece.batch, breadth);
        }
    }
    breadth.enter(ledger);
    Some(size * count)
}

/// Does `work` on each of the items, on so many threads.
fn each<T: Send>(threads: usize, items: impl Iterator<Item = T> + Send, work: impl Fn(T) + Sync) {
    let items = Mutex::new(items);
    let worker = || {
        loop {
            let item = items.lock().expect("no thread has panicked").next();
            let Some(item) = item else { break };
            work(item);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(worker);
        }
        worker();
    });
}
