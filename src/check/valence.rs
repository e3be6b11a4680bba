//! Valence: which decisions can still be reached from a configuration (M. Fischer, N. Lynch, M. Paterson 1985). "Let V be
//! the set of decision values of configurations reachable from C. C is bivalent if |V| = 2. C is univalent if |V| = 1, let
//! us say 0-valent or 1-valent according to the corresponding decision value."
//!
//! A decision that was found can be reached, whatever the bounds. That no other can is known only when every state
//! within the bounds was seen: so a verdict says so, or says that it is not settled. It never guesses.

use super::cluster::{Space, State, Step};
use super::ledger::{Bounds, Ended, Until};
use super::model::{Model, Property, Steps};
use super::search::{Order, Search};
use crate::protocol::{Shape, Value};
use std::cell::RefCell;
use std::ops::Deref;

/// States that are expanded between two looks at what was found.
const SLICE: u64 = 256;

/// Decisions that are told apart: more than anybody asks for.
const MOST: usize = 4;

/// What a configuration can still come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valence {
    /// Decisions that can be reached, in the order of their numbers; two at most are looked for.
    pub reached: Vec<Value>,
    /// Whether that is all there is to know: two were reached, or every state within the bounds was seen.
    pub settled: bool,
    /// Distinct states that were seen.
    pub states: u64,
    /// The most states on a path.
    pub depth: u32,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Two decisions can be reached.
    Bivalent,
    /// This one can be reached, and within the bounds no other.
    Univalent(Value),
    /// Within the bounds nothing is decided at all.
    Undecided,
    /// There are more states than were allowed.
    NotSettled,
}

impl Verdict {
    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Bivalent => "bivalent",
            Verdict::Univalent(_) => "univalent",
            Verdict::Undecided => "undecided",
            Verdict::NotSettled => "not settled",
        }
    }
}

impl Valence {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        match self.reached[..] {
            [_, _, ..] => Verdict::Bivalent,
            _ if !self.settled => Verdict::NotSettled,
            [value] => Verdict::Univalent(value),
            [] => Verdict::Undecided,
        }
    }
}

/// The place of which it is asked what will stand there: the only one, or the first that is free.
pub fn place(space: &Space, start: &State) -> usize {
    let core = space.core();
    if core.court.shape == Shape::Replicated { core.ghost(start.ghost).places() } else { 0 }
}

/// The space, up to decisions: what comes behind one changes nothing.
struct Deciding<S> {
    space: S,
    start: State,
    place: usize,
    /// What is decided somewhere, in the order in which it was found.
    values: RefCell<Vec<Value>>,
}

impl<S: Deref<Target = Space>> Deciding<S> {
    fn decided(&self, state: &State) -> Option<Value> {
        Some(self.space.core().ghost(state.ghost).decision(self.place)?.value)
    }
}

impl<S: Deref<Target = Space>> Model for Deciding<S> {
    type State = State;
    type Action = Step;

    fn initial(&self) -> Vec<State> {
        vec![self.start.clone()]
    }

    fn successors(&self, state: &State, steps: &mut impl Steps<Self>) {
        if self.decided(state).is_none() {
            for (step, after, _) in self.space.steps(state) {
                steps.step(step, after);
            }
        }
    }

    fn properties(&self) -> Vec<Property> {
        vec![Property::sometimes("a value is decided"); MOST]
    }

    fn judge(&self, state: &State) -> u64 {
        let Some(value) = self.decided(state) else { return 0 };
        let mut values = self.values.borrow_mut();
        let at = values.iter().position(|known| *known == value).unwrap_or_else(|| {
            values.push(value);
            values.len() - 1
        });
        if at < MOST { 1 << at } else { 0 }
    }

    fn fingerprint(&self, state: &State) -> u64 {
        state.print()
    }

    fn bytes(&self, state: &State) -> usize {
        size_of::<State>() + 4 * state.net.len()
    }
}

/// The search for a valence, slice by slice.
pub struct Sought<S: Deref<Target = Space>> {
    search: Search<Deciding<S>>,
    /// Decisions that are known to be within reach.
    known: Vec<Value>,
    /// So many decisions are enough.
    enough: usize,
}

impl<S: Deref<Target = Space>> Sought<S> {
    /// The valence of `start`, as far as `place` is concerned, by at most so many distinct states; some decisions may be
    /// `known` to be within reach.
    pub fn new(space: S, start: &State, place: usize, known: Vec<Value>, states: u64) -> Self {
        let model = Deciding { space, start: start.clone(), place, values: RefCell::default() };
        let bounds = Bounds { states, ..Bounds::NONE };
        let search = Search::until(model, Order::Breadth, bounds, Until { any: 0, all: 0 });
        Sought { search, known, enough: 2 }
    }

    /// The same where it is known that there is one decision at most.
    pub fn one(mut self) -> Self {
        self.enough = 1;
        self
    }

    /// Expands up to `budget` states more; the valence, when there is no more to find out.
    pub fn run(&mut self, budget: u64) -> Option<Valence> {
        let mut left = budget;
        loop {
            let mut reached = self.known.clone();
            reached.extend(self.search.model().values.borrow().iter());
            reached.sort_unstable_by_key(|value| value.0);
            reached.dedup();
            let progress = self.search.progress();
            let enough = reached.len() >= self.enough;
            if enough || progress.ended.is_some() {
                let settled = enough || progress.ended == Some(Ended::Exhausted);
                return Some(Valence { reached, settled, states: progress.unique, depth: progress.depth });
            }
            if left == 0 {
                return None;
            }
            self.search.run(SLICE.min(left));
            left -= SLICE.min(left);
        }
    }
}

/// The valence of `start`, by at most so many distinct states.
pub fn of(space: &Space, start: &State, states: u64) -> Valence {
    let mut sought = Sought::new(space, start, place(space, start), Vec::new(), states);
    loop {
        if let Some(valence) = sought.run(u64::MAX) {
            return valence;
        }
    }
}

/// The valence behind each step that can be taken from `start`.
pub fn of_steps(space: &Space, start: &State, states: u64) -> Vec<(Step, Valence)> {
    space.steps(start).into_iter().map(|(step, after, _)| (step, of(space, &after, states))).collect()
}
