//! Breadth first: level by level, so that the first path to anything is a shortest one.

use super::batch::{Batch, FULL};
use super::ledger::{Ended, Ledger, Walk};
use super::lineage::Lineage;
use super::model::Model;
use super::queue::Queue;
use super::visited::Visited;

/// Where a breadth-first search stands.
#[derive(Debug)]
pub struct Breadth<S> {
    queue: Queue<S>,
    queued_bytes: u64,
    lineage: Lineage,
    /// How many states of the level under way wait; the rest of the queue is the next level.
    level: u64,
    /// The depth of the level under way.
    depth: u32,
}

impl<S> Default for Breadth<S> {
    fn default() -> Self {
        Breadth { queue: Queue::default(), queued_bytes: 0, lineage: Lineage::default(), level: 0, depth: 0 }
    }
}

impl<S> Breadth<S> {
    /// How many states of the level under way wait.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn level(&self) -> u64 {
        self.level
    }

    /// How many states have, from what was seen so far, about so many steps or steps that take so many bytes.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn states_for(&self, generated: u64, steps: u64, bytes: u64) -> u64 {
        let steps_per_state = generated / self.lineage.parent().max(1) + 1;
        let bytes_per_step = self.queued_bytes / self.queue.waiting().max(1) + 1;
        (steps.min(bytes / bytes_per_step) / steps_per_state).max(1)
    }

    /// Expands states until a batch is full, at most `budget` of them, and tells how many.
    pub fn advance<M: Model<State = S>>(
        &mut self,
        model: &M,
        ledger: &mut Ledger,
        visited: &mut Visited,
        batch: &mut Batch<S>,
        budget: u64,
    ) -> u64 {
        batch.clear();
        let wanted = ledger.wanted();
        let most = budget.min(self.level);
        let mut expanded = 0;
        while expanded < most && batch.candidates.len() < FULL {
            let Some(state) = self.take(model) else { break };
            batch.expand(model, &state, wanted);
            expanded += 1;
        }
        batch.look_up(visited);
        ledger.admit(model, batch, self);
        self.enter(ledger);
        expanded
    }

    /// Where a level is done, goes to the next one; where there is none, or it lies too deep, the search ends.
    pub fn enter(&mut self, ledger: &mut Ledger) {
        if self.level > 0 || ledger.ended.is_some() {
            return;
        }
        if self.queue.waiting() == 0 {
            ledger.ended = Some(Ended::Exhausted);
        } else if ledger.depth >= ledger.bounds.depth {
            ledger.ended = Some(Ended::Depth);
        } else {
            (self.level, self.depth) = (self.queue.waiting(), ledger.depth);
        }
    }

    /// Takes the next state of the level.
    #[inline]
    pub fn take<M: Model<State = S>>(&mut self, model: &M) -> Option<S> {
        let state = self.queue.pop()?;
        self.queued_bytes -= model.bytes(&state) as u64;
        self.level -= 1;
        Some(state)
    }
}

impl<S> Walk<S> for Breadth<S> {
    #[inline]
    fn discover(&mut self, ordinal: u32, state: S, bytes: usize) -> u32 {
        self.lineage.push(ordinal);
        self.queue.push(state);
        self.queued_bytes += bytes as u64;
        self.depth + 1
    }

    #[inline]
    fn close(&mut self) {
        self.lineage.close();
    }

    fn trail(&self, ordinal: u32) -> Vec<u32> {
        let mut trail = self.lineage.trail(self.lineage.parent());
        trail.push(ordinal);
        trail
    }

    fn waiting(&self) -> u64 {
        self.lineage.open()
    }

    fn bytes(&self) -> u64 {
        self.queued_bytes + self.lineage.bytes()
    }
}
