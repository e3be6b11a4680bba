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
use crate::protocol::Value;

/// States that are expanded between two looks at what was found.
const SLICE: u64 = 256;

/// Decisions that are told apart.
const MOST: usize = 8;

const NAMES: [&str; MOST] = [
    "the first value is decided",
    "the second value is decided",
    "the third value is decided",
    "the fourth value is decided",
    "the fifth value is decided",
    "the sixth value is decided",
    "the seventh value is decided",
    "the eighth value is decided",
];

/// What a configuration can still come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valence {
    /// Decisions that can be reached, in the order of the proposals; two at most are looked for.
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

/// The space, up to decisions: what comes behind one changes nothing.
struct Deciding<'a> {
    space: &'a Space,
    start: State,
    values: Vec<Value>,
}

impl Deciding<'_> {
    fn decided(&self, state: &State) -> Option<usize> {
        let decided = self.space.core().ghost(state.ghost).first_decision()?;
        self.values.iter().position(|value| *value == decided.value)
    }
}

impl Model for Deciding<'_> {
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
        NAMES[..self.values.len()].iter().map(|name| Property::sometimes(name)).collect()
    }

    fn judge(&self, state: &State) -> u64 {
        self.decided(state).map_or(0, |value| 1 << value)
    }

    fn fingerprint(&self, state: &State) -> u64 {
        state.print()
    }

    fn bytes(&self, state: &State) -> usize {
        size_of::<State>() + 4 * state.net.len()
    }
}

/// The valence of `start`, by at most so many distinct states.
pub fn of(space: &Space, start: &State, states: u64) -> Valence {
    let mut values: Vec<Value> = Vec::new();
    let core = space.core();
    for command in core.court.done.iter().chain(&core.court.commands) {
        if values.len() < MOST && !values.contains(&command.value) {
            values.push(command.value);
        }
    }
    drop(core);
    let model = Deciding { space, start: start.clone(), values: values.clone() };
    let bounds = Bounds { states, ..Bounds::NONE };
    let mut search = Search::until(model, Order::Breadth, bounds, Until { any: 0, all: 0 });
    loop {
        let progress = search.run(SLICE);
        let found = (0..values.len()).filter(|value| search.found(*value));
        let reached: Vec<Value> = found.map(|value| values[value]).collect();
        if reached.len() > 1 || progress.ended.is_some() {
            let settled = reached.len() > 1 || progress.ended == Some(Ended::Exhausted);
            return Valence { reached, settled, states: progress.unique, depth: progress.depth };
        }
    }
}

/// The valence behind each step that can be taken from `start`.
pub fn of_steps(space: &Space, start: &State, states: u64) -> Vec<(Step, Valence)> {
    space.steps(start).into_iter().map(|(step, after, _)| (step, of(space, &after, states))).collect()
}
