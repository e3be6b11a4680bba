//! Depth first: newest states first. What waits is what branches off a single path, instead of a level.

use super::batch::Batch;
use super::ledger::{Ended, Ledger, Walk};
use super::model::Model;
use super::visited::Visited;

/// Where a depth-first search stands.
#[derive(Debug)]
pub struct Depth<S> {
    /// What waits: each state with its depth and the number of the step that led to it.
    stack: Vec<(S, u32, u32)>,
    stacked_bytes: u64,
    /// The numbers of the steps to the state under way.
    trail: Vec<u32>,
    /// Whether something was left out because it lies too deep.
    cut: bool,
}

impl<S> Default for Depth<S> {
    fn default() -> Self {
        Depth { stack: Vec::new(), stacked_bytes: 0, trail: Vec::new(), cut: false }
    }
}

impl<S> Depth<S> {
    /// Expands one state; tells how many it has expanded.
    pub fn advance<M: Model<State = S>>(
        &mut self,
        model: &M,
        ledger: &mut Ledger,
        visited: &mut Visited,
        batch: &mut Batch<S>,
    ) -> u64 {
        let Some((state, depth, ordinal)) = self.stack.pop() else {
            ledger.ended = Some(if self.cut { Ended::Depth } else { Ended::Exhausted });
            return 0;
        };
        self.stacked_bytes -= model.bytes(&state) as u64 + 8;
        if depth >= ledger.bounds.depth {
            self.cut = true;
            return 0;
        }
        self.trail.truncate(depth as usize - 1);
        self.trail.push(ordinal);
        batch.clear();
        batch.expand(model, &state, ledger.wanted());
        batch.look_up(visited);
        ledger.admit(model, batch, self);
        1
    }
}

impl<S> Walk<S> for Depth<S> {
    #[inline]
    fn discover(&mut self, ordinal: u32, state: S, bytes: usize) -> u32 {
        let depth = self.trail.len() as u32 + 1;
        self.stack.push((state, depth, ordinal));
        self.stacked_bytes += bytes as u64 + 8;
        depth
    }

    fn close(&mut self) {}

    fn trail(&self, ordinal: u32) -> Vec<u32> {
        self.trail.iter().copied().chain([ordinal]).collect()
    }

    fn waiting(&self) -> u64 {
        self.stack.len() as u64
    }

    fn bytes(&self) -> u64 {
        self.stacked_bytes + self.trail.capacity() as u64 * 4
    }
}
