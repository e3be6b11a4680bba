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

/// The most threads.
pub const MOST: usize = 256;
/// Pieces per thread and round: some take longer than others.
const PIECES: usize = 8;
/// About so many steps are in a piece, and they take about so many bytes.
const STEPS: u64 = 16_384;
const BYTES: u64 = 1 << 20;

/// The threads, and what they work on; kept from round to round.
pub struct Crew<S> {
    threads: usize,
    pieces: Vec<Piece<S>>,
    prints: Vec<Prints>,
}

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
    fn sort<S>(&mut self, batch: &Batch<S>) {
        let prints = || batch.candidates.iter().map(|candidate| candidate.print);
        self.ends = [0; SHARDS];
        prints().for_each(|print| self.ends[shard(print)] += 1);
        let mut start = 0;
        for end in &mut self.ends {
            start += std::mem::replace(end, start);
        }
        // Until here `ends` are the starts: each moves to its end while its table's share is filled in.
        self.sorted.resize(batch.candidates.len(), (0, 0));
        for (at, print) in prints().enumerate() {
            let place = &mut self.ends[shard(print)];
            self.sorted[*place as usize] = (print, at as u32);
            *place += 1;
        }
        self.fresh.clear();
        self.fresh.resize_with(batch.candidates.len(), AtomicBool::default);
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

impl<S: Send> Crew<S> {
    /// So many threads.
    pub fn new(threads: usize) -> Self {
        let count = threads * PIECES;
        let piece = || Piece { states: Vec::new(), batch: Batch::default() };
        let prints = || Prints { sorted: Vec::new(), ends: [0; SHARDS], fresh: Vec::new() };
        let pieces = std::iter::repeat_with(piece).take(count).collect();
        Crew { threads, pieces, prints: std::iter::repeat_with(prints).take(count).collect() }
    }

    /// One round, of at most `budget` states; tells how many were expanded. Nothing, if the level is not worth sharing.
    pub fn round<M: Model<State = S> + Sync>(
        &mut self,
        model: &M,
        ledger: &mut Ledger,
        visited: &mut Visited,
        breadth: &mut Breadth<S>,
        budget: u64,
    ) -> Option<u64> {
        let Crew { threads, pieces, prints } = self;
        let threads = *threads;
        let most = budget.min(breadth.level());
        let count = pieces.len() as u64;
        if threads < 2 || most < 2 * count {
            return None;
        }
        let size = breadth.states_for(ledger.generated, STEPS, BYTES).min(most / count);
        for piece in &mut *pieces {
            piece.states.extend((0..size).map_while(|_| breadth.take(model)));
        }
        let wanted = ledger.wanted();
        each(threads, pieces.iter_mut().zip(&mut *prints), |(piece, prints)| {
            piece.batch.clear();
            for state in piece.states.drain(..) {
                piece.batch.expand(model, &state, wanted);
            }
            prints.sort(&piece.batch);
        });
        each(threads, visited.tables().iter_mut().enumerate(), |(number, table)| {
            prints.iter().for_each(|prints| prints.look_up(number, table));
        });
        each(threads, pieces.iter_mut().zip(&*prints), |(piece, prints)| {
            let fresh = (0..).zip(&prints.fresh).filter(|(_, fresh)| fresh.load(Ordering::Relaxed));
            piece.batch.fresh.extend(fresh.map(|(at, _)| at));
            piece.batch.judge(model, wanted);
        });
        for piece in pieces {
            if ledger.ended.is_none() {
                ledger.admit(model, &mut piece.batch, breadth);
            }
        }
        breadth.enter(ledger);
        Some(size * count)
    }
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
