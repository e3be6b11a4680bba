//! The steps out of some states, looked up together.

use super::model::{Model, Steps};
use super::visited::Visited;

/// Enough steps for one batch. The look-ups of a batch overlap, and it stays in the nearest cache.
pub const FULL: usize = 256;

/// One step that was taken.
#[derive(Debug)]
pub struct Candidate<S> {
    /// The fingerprint of the state it led to.
    pub print: u64,
    /// How many steps of the same state came before it.
    pub ordinal: u32,
    /// The state it led to.
    pub state: S,
}

/// What the steps out of some states, in their order, led to.
#[derive(Debug)]
pub struct Batch<S> {
    /// Every step within the model.
    pub candidates: Vec<Candidate<S>>,
    /// For each expanded state, how many steps there are up to its last one.
    pub ends: Vec<u32>,
    /// Which of the steps led to a state that was not known.
    pub fresh: Vec<u32>,
    /// Which of the steps, or the new states behind them, have something to say of which properties. By step; a step
    /// may stand here twice.
    pub marks: Vec<(u32, u64)>,
}

impl<S> Default for Batch<S> {
    fn default() -> Self {
        Batch { candidates: Vec::new(), ends: Vec::new(), fresh: Vec::new(), marks: Vec::new() }
    }
}

impl<S> Batch<S> {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.candidates.clear();
        self.ends.clear();
        self.fresh.clear();
        self.marks.clear();
    }

    /// The initial states of a model, as if they were steps of nobody.
    pub fn begin<M: Model<State = S>>(&mut self, model: &M) {
        let mut taker = Taker { model, batch: self, ordinal: 0, wanted: 0 };
        model.initial().into_iter().for_each(|state| taker.take(state, 0));
        self.ends.push(self.candidates.len() as u32);
    }

    /// The steps out of `state`. `wanted` are the properties of which something is still to be heard.
    #[inline]
    pub fn expand<M: Model<State = S>>(&mut self, model: &M, state: &S, wanted: u64) {
        model.successors(state, &mut Taker { model, batch: self, ordinal: 0, wanted });
        self.ends.push(self.candidates.len() as u32);
    }

    /// Looks up all states, and remembers those that are new.
    pub fn look_up(&mut self, visited: &mut Visited) {
        let touched = self.candidates.iter().fold(0, |all, candidate| all ^ visited.touch(candidate.print));
        std::hint::black_box(touched);
        for (at, candidate) in self.candidates.iter().enumerate() {
            if visited.insert(candidate.print) {
                self.fresh.push(at as u32);
            }
        }
    }

    /// Judges the new states.
    pub fn judge<M: Model<State = S>>(&mut self, model: &M, wanted: u64) {
        let heard = self.marks.len();
        for &at in &self.fresh {
            let marks = model.judge(&self.candidates[at as usize].state) & wanted;
            if marks != 0 {
                self.marks.push((at, marks));
            }
        }
        if heard > 0 {
            self.marks.sort_by_key(|(at, _)| *at);
        }
    }
}

/// Takes steps into a batch.
struct Taker<'a, M: Model> {
    model: &'a M,
    batch: &'a mut Batch<M::State>,
    ordinal: u32,
    wanted: u64,
}

impl<M: Model> Taker<'_, M> {
    #[inline]
    fn take(&mut self, state: M::State, marks: u64) {
        let ordinal = self.ordinal;
        self.ordinal += 1;
        if !self.model.within(&state) {
            return;
        }
        if marks & self.wanted != 0 {
            self.batch.marks.push((self.batch.candidates.len() as u32, marks & self.wanted));
        }
        let print = self.model.fingerprint(&state);
        self.batch.candidates.push(Candidate { print, ordinal, state });
    }
}

impl<M: Model> Steps<M> for Taker<'_, M> {
    #[inline]
    fn marked(&mut self, _action: M::Action, state: M::State, marks: u64) {
        self.take(state, marks);
    }
}
