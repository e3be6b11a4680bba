//! Online search for a linearization, operation by operation as they return.
//!
//! A configuration is one story that explains everything that has returned: the state, and which operations that have
//! not returned yet took effect already, with what reply. When an operation returns, every configuration is extended by
//! pending operations, in every order, until that operation has taken effect with the reply that it got; what cannot
//! be extended drops out. No configuration left: no linearization. This is just-in-time linearization (Lowe, *Testing
//! for linearizability*, 2017) on top of Wing and Gong's search (1993). Objects are searched apart, which
//! linearizability allows (Herlihy and Wing 1990, locality).
//!
//! An operation whose client gave up stays pending for ever. Of two stories that differ in nothing but such operations
//! the one that has used fewer can do all that the other can: the other is dropped.

use super::machine::{State, fits};
use super::observation::{Action, Operation, Outcome, Reply};
use crate::protocol::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Past so many configurations in one step the search gives up, and says nothing any more.
const LIMIT: usize = 20_000;

/// What the search knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is a linearization.
    Some,
    /// There is none.
    None,
    /// Too many stories to follow.
    Unknown,
}

/// One story: which pending operations took effect, each with its reply, and the state behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Config {
    state: State,
    taken: BTreeMap<u32, Reply>,
}

/// One register, or the log.
#[derive(Clone, Debug)]
struct Object {
    pending: BTreeMap<u32, Action>,
    given_up: BTreeSet<u32>,
    configs: BTreeSet<Config>,
    verdict: Verdict,
}

/// The search over all objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Exact {
    objects: BTreeMap<Option<Value>, Object>,
    place: BTreeMap<u32, Option<Value>>,
}

impl Exact {
    /// The operation `id` begins.
    pub(super) fn invoked(&mut self, id: u32, operation: Operation) {
        self.place.insert(id, operation.key);
        self.objects.entry(operation.key).or_insert_with(Object::new).pending.insert(id, operation.action);
    }

    /// The operation `id` ends.
    pub(super) fn returned(&mut self, id: u32, outcome: Outcome) -> Verdict {
        let object = self.place.remove(&id).and_then(|key| self.objects.get_mut(&key));
        object.map_or(Verdict::Some, |object| object.returned(id, outcome))
    }

    /// What is known of the whole history.
    pub(super) fn verdict(&self) -> Verdict {
        let none = self.objects.values().any(|object| object.verdict == Verdict::None);
        if none { Verdict::None } else { Verdict::Some }
    }
}

impl Object {
    fn new() -> Self {
        Object {
            pending: BTreeMap::new(),
            given_up: BTreeSet::new(),
            configs: BTreeSet::from([Config::default()]),
            verdict: Verdict::Some,
        }
    }

    fn returned(&mut self, id: u32, outcome: Outcome) -> Verdict {
        if self.verdict != Verdict::Some {
            return self.verdict;
        }
        match outcome {
            Outcome::Ok(reply) => self.acknowledged(id, reply),
            Outcome::Fail => {
                self.configs.retain(|config| !config.taken.contains_key(&id));
                self.pending.remove(&id);
            }
            Outcome::Unknown if self.pending.get(&id) == Some(&Action::Read) => self.forget(id),
            Outcome::Unknown => drop(self.given_up.insert(id)),
        }
        if self.configs.is_empty() && self.verdict == Verdict::Some {
            self.verdict = Verdict::None;
        }
        self.verdict
    }

    /// A read that nobody waits for constrains nothing.
    fn forget(&mut self, id: u32) {
        self.pending.remove(&id);
        let without = |mut config: Config| {
            config.taken.remove(&id);
            config
        };
        self.configs = std::mem::take(&mut self.configs).into_iter().map(without).collect();
    }

    fn acknowledged(&mut self, id: u32, reply: Reply) {
        let mut work: Vec<Config> = std::mem::take(&mut self.configs).into_iter().collect();
        let mut seen: BTreeSet<Config> = work.iter().cloned().collect();
        let mut explained = BTreeSet::new();
        while let Some(mut config) = work.pop() {
            if let Some(taken) = config.taken.remove(&id) {
                if fits(reply, taken) {
                    explained.insert(config);
                }
                continue;
            }
            for (&next, &action) in &self.pending {
                if config.taken.contains_key(&next) {
                    continue;
                }
                let (state, answer) = config.state.after(action);
                let mut further = Config { state, taken: config.taken.clone() };
                further.taken.insert(next, answer);
                if seen.insert(further.clone()) {
                    work.push(further);
                }
            }
            if seen.len() > LIMIT {
                self.verdict = Verdict::Unknown;
                return;
            }
        }
        self.pending.remove(&id);
        self.configs = explained;
        self.thin();
    }

    /// Drops each story that another one matches with fewer given-up operations.
    fn thin(&mut self) {
        if self.given_up.is_empty() {
            return;
        }
        type Set = BTreeSet<u32>;
        let mut groups: BTreeMap<Config, Vec<Set>> = BTreeMap::new();
        for config in std::mem::take(&mut self.configs) {
            let (used, taken): (BTreeMap<_, _>, _) =
                config.taken.into_iter().partition(|(id, _)| self.given_up.contains(id));
            let used: Set = used.into_keys().collect();
            let sets = groups.entry(Config { state: config.state, taken }).or_default();
            if !sets.iter().any(|other| other.is_subset(&used)) {
                sets.retain(|other| !used.is_subset(other));
                sets.push(used);
            }
        }
        for (config, sets) in groups {
            for used in sets {
                let mut taken = config.taken.clone();
                taken.extend(used.into_iter().map(|id| (id, Reply::Done)));
                self.configs.insert(Config { state: config.state, taken });
            }
        }
    }
}
