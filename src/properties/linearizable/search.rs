//! The search for a linearization of one register.
//!
//! Wing and Gong, *Testing and Verifying Concurrent Objects* (1993): an operation may come next if nothing that is
//! still to come returned before it was invoked. Lowe, *Testing for Linearizability* (2017): remember every
//! configuration (what is linearized, and the state) and enter none twice. Beyond both, five rules that are sound for a
//! register keep the search small:
//!
//! 1. A call that only observes (a read, a refused `cas`), may come next and fits the state comes next at once, with no
//!    alternative: in any linearization from here it can be moved to the front.
//! 2. Open calls (unknown outcomes) that do the same are interchangeable, and the earliest is taken first.
//! 3. A configuration that has spent no more open calls than another with the same rest stands for it; what can no
//!    longer matter is left out of the comparison (`relevance.rs`).
//! 4. An open call takes effect only if a call that may come next would then see it. Otherwise it never did.
//! 5. A configuration is left at once when one of the next reads returned what neither the state nor anything that may
//!    still come before it can lead to.
//!
//! And states that nobody can tell apart are one (`states.rs`).

use super::history::{Action, Datum};
use super::memo::Memo;
use super::relevance::{Relevance, Use};
use super::states::{INITIAL, Move, StateId, States};
use std::collections::BTreeMap;

/// One operation on the register. Positions are line numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub id: u32,
    pub invoked: u32,
    /// `None`: open.
    pub returned: Option<u32>,
    pub action: Action,
}

/// What a search came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A linearization, by the calls' ids.
    Order(Vec<u32>),
    /// There is none, though everything that returned before line `from` can be linearized. Likely what returned up to
    /// line `hint` cannot.
    Nothing { from: u32, hint: u32 },
    /// The steps did not suffice.
    Unsettled,
}

/// A call that returned.
#[derive(Clone, Copy)]
struct Returned {
    id: u32,
    invoked: u32,
    returned: u32,
    action: Move,
}

/// Open calls that do the same, as (invoked, id) in the order of their invocations.
struct Class {
    action: Move,
    calls: Vec<(u32, u32)>,
    spent: u32,
}

#[derive(Clone, Copy)]
enum Choice {
    Returned(u32),
    Open(u32),
}

/// Where the alternatives of a configuration continue.
#[derive(Clone, Copy)]
enum Cursor {
    /// This call and nothing else (rule 1).
    Only(u32),
    Returned(u32),
    Open(u32),
    Done,
}

struct Frame {
    state: StateId,
    /// The first return among what is still to come: what was invoked later cannot come next.
    horizon: u32,
    cursor: Cursor,
    /// An open call that is only good for leading away has been tried: any other would do the same.
    escaped: bool,
    taken: Option<Choice>,
}

pub(super) struct Search<'a> {
    calls: Vec<Returned>,
    /// A list of the returned calls that are still to come, in the order of their invocations; its ends meet at
    /// `calls.len()`.
    next: Vec<u32>,
    previous: Vec<u32>,
    classes: Vec<Class>,
    /// Classes that can follow another open call and see it.
    watchful: Vec<u32>,
    spent: BTreeMap<u32, u32>,
    states: States<'a>,
    /// `None` where strings are appended: there everything is taken to matter for ever.
    relevance: Option<Relevance>,
    memo: Memo,
    key: Vec<u32>,
    spent_words: Vec<u32>,
    deepest: u32,
    steps: u64,
}

/// How many of the next reads rule 5 looks at, and how many calls it passes on the way to each.
const READS_AHEAD: usize = 4;
const CALLS_AHEAD: usize = 256;

impl<'a> Search<'a> {
    /// A search over `calls`, which are in the order of their invocations; their values are numbers in `values`.
    pub fn new(calls: &[Call], values: &'a [Datum]) -> Self {
        let known = calls.iter().filter(|call| call.returned.is_some() || !matches!(call.action, Action::Read(_)));
        let mut search = Search {
            calls: Vec::with_capacity(calls.len()),
            next: Vec::new(),
            previous: Vec::new(),
            classes: Vec::new(),
            watchful: Vec::new(),
            spent: BTreeMap::new(),
            states: States::new(values, known.clone().map(|call| call.action)),
            relevance: None,
            memo: Memo::new(),
            key: Vec::new(),
            spent_words: Vec::new(),
            deepest: 0,
            steps: 0,
        };
        let mut class_of: BTreeMap<Move, u32> = BTreeMap::new();
        for &Call { id, invoked, returned, action } in known {
            let action = search.states.translate(action);
            if let Some(returned) = returned {
                search.calls.push(Returned { id, invoked, returned, action });
                continue;
            }
            let class = *class_of.entry(action).or_insert(search.classes.len() as u32);
            if class as usize == search.classes.len() {
                search.classes.push(Class { action, calls: Vec::new(), spent: 0 });
                if !matches!(action, Move::Write(_)) {
                    search.watchful.push(class);
                }
            }
            search.classes[class as usize].calls.push((invoked, id));
        }
        search.relevance = Relevance::new(
            search.states.len(),
            search.calls.iter().map(|call| (call.returned, call.action)),
            search.classes.iter().map(|class| class.action),
        );
        let end = search.calls.len() as u32;
        search.next = (0..=end).map(|node| if node == end { 0 } else { node + 1 }).collect();
        search.previous = (0..=end).map(|node| if node == 0 { end } else { node - 1 }).collect();
        search
    }

    /// Searches for at most `budget` steps, which are taken from it. A step is about ten nanoseconds.
    pub fn run(&mut self, budget: &mut u64) -> Found {
        let mut stack: Vec<Frame> = Vec::with_capacity(self.calls.len() + 1);
        let mut state = INITIAL;
        self.steps = self.calls.len() as u64;
        if let Some(hint) = self.first_impossible() {
            return Found::Nothing { from: 0, hint };
        }
        let found = loop {
            if self.next[self.end() as usize] == self.end() {
                break Found::Order(self.order(&stack));
            }
            stack.extend(self.enter(state));
            if self.steps > *budget {
                break Found::Unsettled;
            }
            match self.advance(&mut stack) {
                Some(reached) => state = reached,
                None if self.steps > *budget => break Found::Unsettled,
                None => break Found::Nothing { from: self.deepest, hint: self.deepest },
            }
        };
        *budget = budget.saturating_sub(self.steps);
        found
    }

    /// The line in which something returned a value that nothing could have written by then. Without this, one nonsense
    /// at the end of a long history would have the search try all that comes before.
    fn first_impossible(&self) -> Option<u32> {
        let mut written: BTreeMap<StateId, u32> = BTreeMap::from([(INITIAL, 0)]);
        let open = self.classes.iter().map(|class| (class.calls[0].0, class.action));
        for (invoked, action) in open.chain(self.calls.iter().map(|call| (call.invoked, call.action))) {
            match action {
                Move::Write(new) | Move::Cas { new, took: true, .. } => {
                    let first = written.entry(new).or_insert(invoked);
                    *first = invoked.min(*first);
                }
                Move::Read(_) | Move::Append(_) | Move::Cas { took: false, .. } => {}
            }
        }
        let impossible = self.calls.iter().filter(|call| match call.action {
            Move::Read(goal) | Move::Cas { old: goal, took: true, .. } => {
                !self.states.takes_appends(goal) && written.get(&goal).is_none_or(|&line| line > call.returned)
            }
            Move::Write(_) | Move::Append(_) | Move::Cas { took: false, .. } => false,
        });
        impossible.map(|call| call.returned).min()
    }

    /// Takes the next alternative of the last configuration that has one. What was tried before is undone.
    fn advance(&mut self, stack: &mut Vec<Frame>) -> Option<StateId> {
        while let Some(mut frame) = stack.pop() {
            if let Some(choice) = frame.taken.take() {
                self.undo(choice);
            }
            if let Some((choice, state)) = self.alternative(&mut frame) {
                self.take(choice);
                frame.taken = Some(choice);
                stack.push(frame);
                return Some(state);
            }
        }
        None
    }

    fn end(&self) -> u32 {
        self.calls.len() as u32
    }

    /// A configuration is reached: nothing when it was seen before or leads nowhere.
    fn enter(&mut self, state: StateId) -> Option<Frame> {
        let mut horizon = u32::MAX;
        let mut node = self.next[self.end() as usize];
        while node != self.end() && self.calls[node as usize].invoked < horizon {
            horizon = horizon.min(self.calls[node as usize].returned);
            node = self.next[node as usize];
        }
        self.deepest = self.deepest.max(horizon);
        self.key.clear();
        self.key.push(state);
        let mut node = self.next[self.end() as usize];
        while node != self.end() && self.calls[node as usize].invoked < horizon {
            self.steps += 1;
            if keeps(self.calls[node as usize].action, state) {
                return Some(Frame { state, horizon, cursor: Cursor::Only(node), escaped: false, taken: None });
            }
            self.key.push(node);
            node = self.next[node as usize];
        }
        if self.is_doomed(state) {
            return None;
        }
        self.note_what_matters(state, horizon);
        self.steps += 1 + self.spent_words.len() as u64 / 8;
        if self.memo.seen(&self.key, &self.spent_words) {
            return None;
        }
        let cursor = Cursor::Returned(self.next[self.end() as usize]);
        Some(Frame { state, horizon, cursor, escaped: false, taken: None })
    }

    /// The configuration as it is remembered, in `key` (which has the calls that may come next already) and
    /// `spent_words`.
    fn note_what_matters(&mut self, state: StateId, horizon: u32) {
        self.key[0] = self.relevance.as_ref().map_or(state, |relevance| relevance.state(state, horizon));
        self.spent_words.clear();
        let mut escapes = 0;
        for (&class, &count) in &self.spent {
            let action = self.classes[class as usize].action;
            match self.relevance.as_ref().map_or(Use::Itself, |relevance| relevance.of(action, horizon)) {
                Use::Itself => self.spent_words.extend([class, count]),
                Use::Escape => escapes += count,
                Use::Nothing => {}
            }
        }
        if escapes > 0 {
            self.spent_words.extend([u32::MAX, escapes]);
        }
    }

    /// The next thing to try, and the state that it leads to.
    fn alternative(&mut self, frame: &mut Frame) -> Option<(Choice, StateId)> {
        loop {
            self.steps += 1;
            match frame.cursor {
                Cursor::Done => return None,
                Cursor::Only(node) => {
                    frame.cursor = Cursor::Done;
                    return Some((Choice::Returned(node), frame.state));
                }
                Cursor::Returned(node) => {
                    if node == self.end() || self.calls[node as usize].invoked >= frame.horizon {
                        frame.cursor = Cursor::Open(0);
                        continue;
                    }
                    frame.cursor = Cursor::Returned(self.next[node as usize]);
                    if let Some(state) = self.states.apply(self.calls[node as usize].action, frame.state) {
                        return Some((Choice::Returned(node), state));
                    }
                }
                Cursor::Open(class) => {
                    if class as usize == self.classes.len() {
                        frame.cursor = Cursor::Done;
                        continue;
                    }
                    frame.cursor = Cursor::Open(class + 1);
                    if let Some(state) = self.apply_open(class, frame) {
                        return Some((Choice::Open(class), state));
                    }
                }
            }
        }
    }

    /// The state after an open call of `class`, if one may come next, changes the state and is seen (rule 4).
    fn apply_open(&mut self, class: u32, frame: &mut Frame) -> Option<StateId> {
        let action = self.classes[class as usize].action;
        if !self.is_available(class, 0, frame.horizon) {
            return None;
        }
        match self.relevance.as_ref().map_or(Use::Itself, |relevance| relevance.of(action, frame.horizon)) {
            Use::Itself => {}
            Use::Escape if !frame.escaped => frame.escaped = true,
            Use::Escape | Use::Nothing => return None,
        }
        let state = self
            .states
            .apply(self.classes[class as usize].action, frame.state)
            .filter(|&state| state != frame.state)?;
        let mut node = self.next[self.end() as usize];
        while node != self.end() && self.calls[node as usize].invoked < frame.horizon {
            self.steps += 1;
            if sees(self.calls[node as usize].action, state, &self.states) {
                return Some(state);
            }
            node = self.next[node as usize];
        }
        self.steps += self.watchful.len() as u64;
        let next = self.watchful.iter().any(|&other| {
            self.is_available(other, u32::from(other == class), frame.horizon)
                && sees(self.classes[other as usize].action, state, &self.states)
        });
        next.then_some(state)
    }

    /// Whether, `more` calls of `class` from now, another one has been invoked before `horizon`.
    fn is_available(&self, class: u32, more: u32, horizon: u32) -> bool {
        let class = &self.classes[class as usize];
        class.calls.get((class.spent + more) as usize).is_some_and(|&(invoked, _)| invoked < horizon)
    }

    /// Rule 5.
    fn is_doomed(&mut self, state: StateId) -> bool {
        let mut reads = 0;
        let mut node = self.next[self.end() as usize];
        for _ in 0..CALLS_AHEAD {
            if node == self.end() || reads == READS_AHEAD {
                break;
            }
            let Returned { returned, action, .. } = self.calls[node as usize];
            if let Move::Read(goal) | Move::Cas { old: goal, took: true, .. } = action {
                reads += 1;
                if !self.states.may_grow_into(state, goal) && !self.may_be_replaced(goal, node, returned) {
                    return true;
                }
            }
            node = self.next[node as usize];
        }
        self.steps += 1;
        false
    }

    /// Whether a call other than `reader`, still to come and invoked before line `until`, replaces the value by one that
    /// can lead to `goal`. Yes, when it is too far to look.
    fn may_be_replaced(&mut self, goal: StateId, reader: u32, until: u32) -> bool {
        let leads = |states: &States<'_>, action| match action {
            Move::Write(new) | Move::Cas { new, took: true, .. } => states.may_grow_into(new, goal),
            Move::Read(_) | Move::Append(_) | Move::Cas { took: false, .. } => false,
        };
        let mut node = self.next[self.end() as usize];
        for passed in 0.. {
            if node == self.end() || self.calls[node as usize].invoked > until {
                break;
            }
            self.steps += 1;
            if passed == CALLS_AHEAD || node != reader && leads(&self.states, self.calls[node as usize].action) {
                return true;
            }
            node = self.next[node as usize];
        }
        self.steps += self.classes.len() as u64 / 4;
        (0..self.classes.len() as u32)
            .any(|class| leads(&self.states, self.classes[class as usize].action) && self.is_available(class, 0, until))
    }

    fn take(&mut self, choice: Choice) {
        match choice {
            Choice::Returned(node) => {
                let (before, after) = (self.previous[node as usize], self.next[node as usize]);
                self.next[before as usize] = after;
                self.previous[after as usize] = before;
            }
            Choice::Open(class) => {
                self.classes[class as usize].spent += 1;
                *self.spent.entry(class).or_default() += 1;
            }
        }
    }

    fn undo(&mut self, choice: Choice) {
        match choice {
            Choice::Returned(node) => {
                let (before, after) = (self.previous[node as usize], self.next[node as usize]);
                self.next[before as usize] = node;
                self.previous[after as usize] = node;
            }
            Choice::Open(class) => {
                let spent = &mut self.classes[class as usize].spent;
                *spent -= 1;
                if *spent == 0 {
                    self.spent.remove(&class);
                } else {
                    self.spent.insert(class, *spent);
                }
            }
        }
    }

    fn order(&self, stack: &[Frame]) -> Vec<u32> {
        let mut taken: Vec<usize> = vec![0; self.classes.len()];
        let ids = stack.iter().filter_map(|frame| frame.taken).map(|choice| match choice {
            Choice::Returned(node) => self.calls[node as usize].id,
            Choice::Open(class) => {
                let number = &mut taken[class as usize];
                *number += 1;
                self.classes[class as usize].calls[*number - 1].1
            }
        });
        ids.collect()
    }
}

/// Whether `action` fits `state`, and is of those that leave every state that they fit as it is. (A write of the value
/// that is there is not: later it might be what brings the value back.)
fn keeps(action: Move, state: StateId) -> bool {
    match action {
        Move::Read(value) => value == state,
        Move::Cas { old, new, took: true } => old == state && new == state,
        Move::Cas { old, took: false, .. } => old != state,
        Move::Write(_) | Move::Append(_) => false,
    }
}

/// Whether `action` fits `state` and would tell it from another one.
fn sees(action: Move, state: StateId, states: &States<'_>) -> bool {
    match action {
        Move::Read(value) => value == state,
        Move::Write(_) => false,
        Move::Cas { old, took, .. } => (old == state) == took,
        Move::Append(_) => states.takes_appends(state),
    }
}
