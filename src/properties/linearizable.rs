//! Linearizability of a client history, from anywhere: a run of the playground or another system's log.
//!
//! Herlihy and Wing, *Linearizability: A Correctness Condition for Concurrent Objects* (1990): each operation seems to
//! take effect at one instant between its invocation and its response. [`parse`] reads a history file, [`check`] gives
//! the [`Verdict`]. Registers are judged one by one and the linearizations merged, since linearizability is local
//! (their theorem 1). The search is in `search.rs`.
//!
//! An operation that ended in `info`, or not at all, is *open*: it may take effect at any time after its invocation, or
//! never. One that ended in `fail` never took effect.

mod history;
mod memo;
mod relevance;
mod search;
mod states;

pub use history::{Entry, Function, History, Kind, MAX_LINE_BYTES, MAX_LINES, MAX_OPERATIONS, parse};

use history::{Action, Datum, End, Operation};
use search::{Call, Found, Search};
use serde::Serialize;

/// The steps that [`check`] takes at most: some seconds.
pub const DEFAULT_STEPS: u64 = 200_000_000;
/// Each attempt at a smaller explanation of a conflict may take so many times the steps in which it was found, and all
/// attempts together so many times that; or this many steps in place of the first product, if that is more.
const EXPLAIN: (u64, u64) = (4, 20);
const EXPLAIN_STEPS: u64 = 1_000_000;

/// Whether a history is linearizable, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// `None` when the search was not settled within its steps: the question is NP-complete (Gibbons and Korach 1997).
    pub linearizable: Option<bool>,
    /// Operations in the history, failed and open ones included.
    pub operations: u32,
    /// What shows it.
    pub witness: Witness,
}

/// What shows a verdict. Operations are named by their number, counted from 0 in the order of their invocations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Witness {
    /// A linearization: every operation that completed as `ok`, and those open ones that took effect.
    Linearization(Vec<u32>),
    /// Why there is none.
    Conflict(Conflict),
    /// What was left open.
    Unsettled {
        /// One sentence.
        unsettled: String,
    },
}

/// The shortest prefix of the history that has no linearization, and what in it is in conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The prefix has this many lines; without its last one it is linearizable.
    pub prefix: u32,
    /// The register.
    pub key: Option<String>,
    /// If the outcome of any one of these were unknown, the prefix would be linearizable; the outcomes of all others
    /// may be unknown and it is not. (Of a hard history there may be more than that: the search for less is bounded.)
    pub operations: Vec<u32>,
    /// One sentence.
    pub why: String,
}

/// Judges a history within [`DEFAULT_STEPS`].
pub fn check(history: &History) -> Verdict {
    check_within(history, DEFAULT_STEPS)
}

/// Judges a history within this many steps of the search, of some ten nanoseconds each.
pub fn check_within(history: &History, steps: u64) -> Verdict {
    let operations = history.operations.len() as u32;
    let mut budget = steps;
    let mut orders = Vec::with_capacity(history.operations.len());
    let mut unsettled = None;
    let mut conflict: Option<Conflict> = None;
    let members = members(history);
    // Small ones first, so that a hard register leaves none but harder ones unsettled.
    let mut registers: Vec<usize> = (0..members.len()).collect();
    registers.sort_by_key(|&key| members[key].len());
    for key in registers {
        // Another register conflicts first only if it does so in a shorter prefix.
        let until = conflict.as_ref().map_or(history.lines, |conflict| conflict.prefix - 1);
        let part = Part { history, members: &members[key], until };
        let before = budget;
        match part.search(&mut budget) {
            Found::Order(order) => orders.push(order),
            Found::Nothing { from, hint } => {
                let attempt = (before - budget).saturating_mul(EXPLAIN.0).max(EXPLAIN_STEPS);
                let mut steps = Steps { attempt, left: attempt.saturating_mul(EXPLAIN.1) };
                conflict = Some(part.explain(key, from, hint, &mut steps));
            }
            Found::Unsettled => unsettled = unsettled.or(Some(key)),
        }
    }
    let (linearizable, witness) = match (conflict, unsettled) {
        (Some(conflict), _) => (Some(false), Witness::Conflict(conflict)),
        (None, Some(key)) => {
            let register = register(&history.keys[key]);
            let unsettled = format!("not settled within {steps} steps: {register} has too many concurrent operations");
            (None, Witness::Unsettled { unsettled })
        }
        (None, None) => (Some(true), Witness::Linearization(merge(history, &orders))),
    };
    Verdict { linearizable, operations, witness }
}

/// The operations on each register.
fn members(history: &History) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); history.keys.len()];
    for (id, operation) in history.operations.iter().enumerate() {
        members[operation.key as usize].push(id as u32);
    }
    members
}

/// One order of all registers' operations that keeps each register's order and real time: an operation takes effect as
/// soon as it is invoked and those before it on its register have taken effect, which is before it returns.
fn merge(history: &History, orders: &[Vec<u32>]) -> Vec<u32> {
    let mut instants: Vec<(u32, u32)> = Vec::with_capacity(history.operations.len());
    for order in orders {
        let mut now = 0;
        for &id in order {
            now = now.max(history.operations[id as usize].invoked);
            instants.push((now, id));
        }
    }
    // Stable: two operations with the same instant are on one register and stand in its order.
    instants.sort_by_key(|&(now, _)| now);
    instants.into_iter().map(|(_, id)| id).collect()
}

/// What explaining a conflict may still cost.
struct Steps {
    attempt: u64,
    left: u64,
}

/// The operations on one register in the first `until` lines.
struct Part<'a> {
    history: &'a History,
    members: &'a [u32],
    until: u32,
}

impl Part<'_> {
    fn search(&self, budget: &mut u64) -> Found {
        self.search_relaxed(&[], budget)
    }

    /// As if the outcomes of `relaxed` (ascending) were unknown. That only adds linearizations.
    fn search_relaxed(&self, relaxed: &[u32], budget: &mut u64) -> Found {
        let mut calls = Vec::with_capacity(self.members.len());
        for &id in self.members {
            let Operation { action, invoked, end, .. } = self.history.operations[id as usize];
            if invoked > self.until {
                break;
            }
            let known = relaxed.binary_search(&id).is_err();
            let returned = match end {
                End::Fail(line) if line <= self.until && known => continue,
                End::Ok(line) if line <= self.until && known => Some(line),
                End::Ok(_) | End::Fail(_) | End::Open => None,
            };
            calls.push(Call {
                id,
                invoked,
                returned,
                action: if returned.is_none() { reopened(action) } else { action },
            });
        }
        Search::new(&calls, &self.history.values).run(budget)
    }

    fn ends_at(&self, id: u32) -> Option<u32> {
        match self.history.operations[id as usize].end {
            End::Ok(line) | End::Fail(line) => Some(line).filter(|&line| line <= self.until),
            End::Open => None,
        }
    }

    /// The register has no linearization; up to before line `from` it has one.
    fn explain(&self, key: usize, from: u32, hint: u32, steps: &mut Steps) -> Conflict {
        let (last, prefix) = self.shortest_prefix(from, hint, steps);
        let part = Part { until: prefix, ..*self };
        let operations = part.core(last, steps);
        let why = why(self.history, key, last, prefix);
        Conflict { prefix, key: self.history.keys[key].clone(), operations, why }
    }

    /// Whether it is known that there is no linearization, the outcomes of `relaxed` being unknown.
    fn conflicts(&self, relaxed: &[u32], steps: &mut Steps) -> bool {
        let given = steps.attempt.min(steps.left);
        let mut budget = given;
        let found = self.search_relaxed(relaxed, &mut budget);
        let used = (given - budget).max(self.members.len() as u64);
        steps.left = steps.left.saturating_sub(used);
        matches!(found, Found::Nothing { .. })
    }

    /// The completion with which the register stops being linearizable, as (operation, line): prefixes of a linearizable
    /// history are linearizable, so it can be found by halving. The first guess is nearly always right.
    fn shortest_prefix(&self, from: u32, hint: u32, steps: &mut Steps) -> (u32, u32) {
        let mut ends: Vec<(u32, u32)> =
            self.members.iter().filter_map(|&id| Some((self.ends_at(id)?, id))).filter(|end| end.0 >= from).collect();
        ends.sort_unstable();
        let (mut low, mut high) = (0, ends.len() - 1);
        let hinted = ends.partition_point(|end| end.0 < hint).min(high);
        let mut hints = if hint > from { vec![hinted.saturating_sub(1), hinted] } else { vec![low] };
        while low < high {
            let hinted = hints.pop().filter(|guess| (low..high).contains(guess));
            let guess = hinted.unwrap_or(low + (high - low) / 2);
            if (Part { until: ends[guess].0, ..*self }).conflicts(&[], steps) {
                high = guess;
            } else {
                low = guess + 1;
            }
        }
        let (line, id) = ends[high];
        (id, line)
    }

    /// A smallest set of operations, `last` among them, whose outcomes alone leave no linearization: chunk by chunk, as
    /// long as there is none, outcomes are forgotten.
    fn core(&self, last: u32, steps: &mut Steps) -> Vec<u32> {
        let mut kept: Vec<u32> =
            self.members.iter().copied().filter(|&id| id != last && self.ends_at(id).is_some()).collect();
        let mut relaxed: Vec<u32> = Vec::with_capacity(kept.len());
        let mut chunk = kept.len();
        while chunk > 0 {
            let mut start = 0;
            while start < kept.len() && steps.left > 0 {
                let end = (start + chunk).min(kept.len());
                let mut attempt = relaxed.clone();
                attempt.extend_from_slice(&kept[start..end]);
                attempt.sort_unstable();
                if self.conflicts(&attempt, steps) {
                    relaxed = attempt;
                    kept.drain(start..end);
                } else {
                    start = end;
                }
            }
            chunk /= 2;
        }
        kept.push(last);
        kept.sort_unstable();
        kept
    }
}

/// The action with its result forgotten.
fn reopened(action: Action) -> Action {
    match action {
        Action::Cas { old, new, .. } => Action::Cas { old, new, took: true },
        Action::Read(_) | Action::Write(_) | Action::Append(_) => action,
    }
}

fn register(key: &Option<String>) -> String {
    key.as_ref().map_or("the register".to_owned(), |key| format!("register {key:?}"))
}

/// The sentence of a conflict: what the last completion said that no order explains.
fn why(history: &History, key: usize, last: u32, line: u32) -> String {
    let Operation { process, action, end, .. } = history.operations[last as usize];
    let value = |id: u32| match &history.values[id as usize] {
        Datum::Null => "null".to_owned(),
        Datum::Flag(flag) => flag.to_string(),
        Datum::Integer(integer) => integer.to_string(),
        Datum::Text(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
    };
    let said = match (end, action) {
        (End::Fail(_), _) => "failed, though others have seen its effect".to_owned(),
        (_, Action::Read(returned)) => format!("read {}", value(returned)),
        (_, Action::Write(written)) => format!("wrote {}", value(written)),
        (_, Action::Append(piece)) => format!("appended {}", value(piece)),
        (_, Action::Cas { old, new, took: true }) => format!("replaced {} by {}", value(old), value(new)),
        (_, Action::Cas { old, took: false, .. }) => format!("found another value than {}", value(old)),
    };
    let register = register(&history.keys[key]);
    format!(
        "line {line}: process {process} {said}, and no order of the operations on {register} up to there explains it"
    )
}
