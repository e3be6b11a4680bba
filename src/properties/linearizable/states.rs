//! The states of one register, as far as anybody can tell them apart.
//!
//! A value that no read returned and no `cas` expected is *unseen*; two unseen values need not be told apart, since
//! every operation goes the same with either. Where strings are appended, a string that is not the beginning of any
//! that was seen can never become one: all of those are one state too. So the strings that matter are prefixes of those
//! that were seen, and a state is a prefix's place among them in their alphabetical order.

use super::history::{Action, Datum, NULL, ValueId};
use std::collections::BTreeMap;

/// A state by its number; equal numbers, equal states.
pub(super) type StateId = u32;
/// What a register holds at first.
pub(super) const INITIAL: StateId = 0;
const UNSEEN_TEXT: StateId = 1;
/// Any value, other than a string, that nobody has seen.
pub(super) const UNSEEN: StateId = 2;

#[derive(Clone, Copy)]
enum State {
    Null,
    /// A string that nobody has seen and that does not grow into one.
    UnseenText,
    /// Anything else that nobody has seen.
    Unseen,
    /// A value that somebody has seen, where nothing is appended or nothing can be appended to it.
    Seen,
    /// The first `length` bytes of each of the seen strings from `low` until before `high`.
    Prefix {
        low: u32,
        high: u32,
        length: u32,
    },
}

/// An [`Action`] with its values as states; what is appended stays a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    Read(StateId),
    Write(StateId),
    Cas { old: StateId, new: StateId, took: bool },
    Append(ValueId),
}

/// The states of one search.
pub(super) struct States<'a> {
    values: &'a [Datum],
    states: Vec<State>,
    of_value: BTreeMap<ValueId, StateId>,
    /// The strings that were seen, in alphabetical order, where strings are appended.
    texts: Vec<&'a str>,
    prefixes: BTreeMap<(u32, u32), StateId>,
}

impl<'a> States<'a> {
    /// The states that matter to `actions`, whose values are numbers in `values`.
    pub fn new(values: &'a [Datum], actions: impl Iterator<Item = Action> + Clone) -> Self {
        let mut states = States {
            values,
            states: vec![State::Null, State::UnseenText, State::Unseen],
            of_value: BTreeMap::from([(NULL, INITIAL)]),
            texts: Vec::new(),
            prefixes: BTreeMap::new(),
        };
        let appends = actions.clone().any(|action| matches!(action, Action::Append(_)));
        for action in actions {
            let (Action::Read(seen) | Action::Cas { old: seen, .. }) = action else { continue };
            match values.get(seen as usize) {
                Some(Datum::Text(text)) if appends => states.texts.push(text),
                _ => states.see(seen),
            }
        }
        states.texts.sort_unstable();
        states.texts.dedup();
        states
    }

    fn see(&mut self, value: ValueId) {
        let next = self.states.len() as StateId;
        if *self.of_value.entry(value).or_insert(next) == next {
            self.states.push(State::Seen);
        }
    }

    /// The state in which the register holds `value`.
    fn holding(&mut self, value: ValueId) -> StateId {
        if let Some(&state) = self.of_value.get(&value) {
            return state;
        }
        let state = match self.values.get(value as usize) {
            Some(Datum::Text(text)) => self.extend(0, self.texts.len() as u32, 0, text),
            _ => UNSEEN,
        };
        self.of_value.insert(value, state);
        state
    }

    /// The action as a move between states.
    pub fn translate(&mut self, action: Action) -> Move {
        match action {
            Action::Read(value) => Move::Read(self.holding(value)),
            Action::Write(value) => Move::Write(self.holding(value)),
            Action::Cas { old, new, took } => Move::Cas { old: self.holding(old), new: self.holding(new), took },
            Action::Append(piece) => Move::Append(piece),
        }
    }

    /// The state that a move leads to, if it fits.
    pub fn apply(&mut self, action: Move, state: StateId) -> Option<StateId> {
        match action {
            Move::Read(value) => (value == state).then_some(state),
            Move::Write(value) => Some(value),
            Move::Cas { old, new, took: true } => (old == state).then_some(new),
            Move::Cas { old, took: false, .. } => (old != state).then_some(state),
            Move::Append(piece) => match self.states[state as usize] {
                State::Null => Some(self.holding(piece)),
                State::UnseenText => Some(UNSEEN_TEXT),
                State::Unseen | State::Seen => None,
                State::Prefix { low, high, length } => {
                    let Some(Datum::Text(piece)) = self.values.get(piece as usize) else { return None };
                    Some(self.extend(low, high, length, piece))
                }
            },
        }
    }

    /// The state of `length` bytes that the texts `low..high` share, followed by `piece`.
    fn extend(&mut self, low: u32, high: u32, length: u32, piece: &str) -> StateId {
        let candidates = &self.texts[low as usize..high as usize];
        let rest = |text: &&'a str| {
            let rest = &text.as_bytes()[length as usize..];
            &rest[..rest.len().min(piece.len())]
        };
        let first = low + candidates.partition_point(|text| rest(text) < piece.as_bytes()) as u32;
        let end = low + candidates.partition_point(|text| rest(text) <= piece.as_bytes()) as u32;
        if first == end {
            return UNSEEN_TEXT;
        }
        let length = length + piece.len() as u32;
        let next = self.states.len() as StateId;
        let state = *self.prefixes.entry((first, length)).or_insert(next);
        if state == next {
            self.states.push(State::Prefix { low: first, high: end, length });
        }
        state
    }

    /// How many states there are so far.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether something can be appended in `state`.
    pub fn takes_appends(&self, state: StateId) -> bool {
        matches!(self.states[state as usize], State::Null | State::UnseenText | State::Prefix { .. })
    }

    /// Whether appends, if any, can lead from `state` to `goal`, which was seen.
    pub fn may_grow_into(&self, state: StateId, goal: StateId) -> bool {
        match (self.states[state as usize], self.states[goal as usize]) {
            _ if state == goal => true,
            (State::Null, State::Prefix { .. }) => true,
            (State::Prefix { low, high, length }, State::Prefix { low: place, length: whole, .. }) => {
                length <= whole && (low..high).contains(&place)
            }
            _ => false,
        }
    }
}
