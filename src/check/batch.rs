//! The steps out of some states, looked up together.

use super::model::{Model, Steps};
use super::visited::Visited;

/// Enough steps for one batch. The look-ups of a batch overlap, and it stays in the nearest cache.
pub const FULL: usize = 256;

/// A step that may have led somewhere new, or that has something to say.
#[derive(Debug)]
pub struct Candidate<S> {
    /// The fingerprint of the state it led to.
    pub print: u64,
    /// How many steps of the same state came before it.
    pub ordinal: u32,
    /// How many steps of the batch came before it, those that lead out of the model not counted.
    pub before: u32,
    /// The state it led to.
    pub state: S,
}

/// What the steps out of some states, in their order, led to.
#[derive(Debug)]
pub struct Batch<S> {
    /// How many steps there are.
    pub steps: u32,
    /// Those that did not obviously lead to a known state.
    pub candidates: Vec<Candidate<S>>,
    /// For each expanded state, how many candidates there are up to its last one.
    pub ends: Vec<u32>,
    /// Which of the candidates led to a state that was not known.
    pub fresh: Vec<u32>,
    /// Which of the candidates have something to say of which properties, in order; a candidate may stand here twice.
    pub marks: Vec<(u32, u64)>,
    /// Whether what the new states behind them have to say is among it.
    pub judged: bool,
    recent: Recent,
}

/// Fingerprints of recent candidates, whichever came last in each place. Of the steps that lead to a known state, most
/// lead back to where they began or to where a neighbour has just led: these need no look into the large tables.
#[derive(Debug)]
struct Recent(Box<[u64; Recent::PLACES]>);

impl Recent {
    /// As much as fits into the nearest cache.
    const BITS: u32 = 12;
    const PLACES: usize = 1 << Recent::BITS;

    /// Whether it is among them; from now on it is.
    #[inline]
    fn knows(&mut self, print: u64) -> bool {
        std::mem::replace(&mut self.0[(print >> (64 - Recent::BITS)) as usize], print) == print
    }
}

impl<S> Default for Batch<S> {
    fn default() -> Self {
        let recent = Recent(Box::new([0; Recent::PLACES]));
        Batch {
            steps: 0,
            candidates: Vec::new(),
            ends: Vec::new(),
            fresh: Vec::new(),
            marks: Vec::new(),
            judged: false,
            recent,
        }
    }
}

impl<S> Batch<S> {
    /// Empties it.
    pub fn clear(&mut self) {
        self.steps = 0;
        self.candidates.clear();
        self.ends.clear();
        self.fresh.clear();
        self.marks.clear();
        self.judged = false;
    }

    /// The initial states of a model, as if they were steps of nobody.
    pub fn begin<M: Model<State = S>>(&mut self, model: &M) {
        let mut taker = Taker { model, batch: self, own: 0, ordinal: 0, wanted: 0 };
        model.initial().into_iter().for_each(|state| taker.take(state, 0));
        self.ends.push(self.candidates.len() as u32);
    }

    /// The steps out of `state`. `wanted` are the properties of which something is still to be heard.
    #[inline]
    pub fn expand<M: Model<State = S>>(&mut self, model: &M, state: &S, wanted: u64) {
        let own = print(model, state);
        model.successors(state, &mut Taker { model, batch: self, own, ordinal: 0, wanted });
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

    /// Judges the new states, ahead of their admission.
    #[cfg(not(target_arch = "wasm32"))]
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
        self.judged = true;
    }
}

/// A fingerprint that is not 0: there are places where 0 stands for nothing.
#[inline]
fn print<M: Model>(model: &M, state: &M::State) -> u64 {
    model.fingerprint(state).max(1)
}

/// Takes steps into a batch.
struct Taker<'a, M: Model> {
    model: &'a M,
    batch: &'a mut Batch<M::State>,
    /// The fingerprint of the state that the steps are from.
    own: u64,
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
        let batch = &mut *self.batch;
        let before = batch.steps;
        batch.steps += 1;
        let print = print(self.model, &state);
        let known = print == self.own || batch.recent.knows(print);
        if marks & self.wanted != 0 {
            batch.marks.push((batch.candidates.len() as u32, marks & self.wanted));
        } else if known {
            return;
        }
        batch.candidates.push(Candidate { print, ordinal, before, state });
    }
}

impl<M: Model> Steps<M> for Taker<'_, M> {
    #[inline]
    fn marked(&mut self, _action: M::Action, state: M::State, marks: u64) {
        self.take(state, marks);
    }
}
