//! Online search for a linearization, operation by operation as they return.
//!
//! A story explains everything that has returned: it is the state, and which operations that have not returned yet took
//! effect already, with what reply. When an operation returns, every story is extended by pending operations, in every
//! order, until that operation has taken effect with the reply that it got; a story that cannot be extended so drops
//! out. No story left: no linearization. This is just-in-time linearization (Lowe, *Testing
//! for linearizability*, 2017) on top of Wing and Gong's search (1993). Objects are searched apart, which
//! linearizability allows (Herlihy and Wing 1990, locality).
//!
//! An operation whose client gave up stays pending for ever, and its reply concerns nobody. Of two stories that differ
//! in nothing but such operations the one that has used fewer can do all that the other can: the other is dropped at
//! once, so that many of them do not make the search wide.

use super::machine::{State, fits};
use super::observation::{Action, Operation, Outcome, Reply};
use crate::protocol::Value;
use crate::sorted::Sorted;
use std::collections::VecDeque;

/// Past so many stories in one step the search gives up, and says nothing any more.
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

/// What tells two stories apart for good: the state, and which pending operations took effect with what reply.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Core {
    state: State,
    taken: Sorted<u32, Reply>,
}

/// Given-up operations that took effect.
type Used = Sorted<u32>;

/// Stories, none of which another one makes superfluous.
#[derive(Clone, Debug, Default)]
struct Stories {
    cores: Sorted<Core, Vec<Used>>,
    len: usize,
}

impl Stories {
    /// Takes the story in, unless another one can do all that it can.
    fn insert(&mut self, core: Core, used: Used) -> bool {
        let (sets, _) = self.cores.entry(core, Vec::new());
        if sets.iter().any(|fewer| fewer.within(&used)) {
            return false;
        }
        let before = sets.len();
        sets.retain(|more| !used.within(more));
        self.len = self.len + sets.len() + 1 - before;
        sets.push(used);
        true
    }

    /// The stories, those that used least first.
    fn into_vec(self) -> Vec<(Core, Used)> {
        let stories = self.cores.iter().flat_map(|(core, sets)| sets.iter().map(move |used| (core, used)));
        let longest = stories.clone().map(|(_, used)| used.len()).max().unwrap_or(0);
        let of = |len: usize| stories.clone().filter(move |(_, used)| used.len() == len);
        (0..=longest).flat_map(of).map(|(core, used)| (core.clone(), used.clone())).collect()
    }

    /// Each story changed by `change`, which may drop it.
    fn map(&mut self, mut change: impl FnMut(Core, Used) -> Option<(Core, Used)>) {
        for (core, used) in std::mem::take(self).into_vec() {
            if let Some((core, used)) = change(core, used) {
                self.insert(core, used);
            }
        }
    }
}

/// One register, or the log.
#[derive(Clone, Debug)]
struct Object {
    /// Operations that have not returned.
    pending: Sorted<u32, Action>,
    /// Operations whose client gave up.
    given_up: Sorted<u32, Action>,
    stories: Stories,
    verdict: Verdict,
}

/// The search over all objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Exact {
    objects: Sorted<Option<Value>, Object>,
    place: Sorted<u32, Option<Value>>,
}

impl Exact {
    /// The operation `id` begins.
    pub(super) fn invoked(&mut self, id: u32, operation: Operation) {
        self.place.insert(id, operation.key);
        if !self.objects.contains(&operation.key) {
            self.objects.insert(operation.key, Object::new());
        }
        if let Some(object) = self.objects.get_mut(&operation.key) {
            object.pending.insert(id, operation.action);
        }
    }

    /// The operation `id` ends.
    pub(super) fn returned(&mut self, id: u32, outcome: Outcome) -> Verdict {
        let object = self.place.remove(&id).and_then(|key| self.objects.get_mut(&key));
        object.map_or(Verdict::Some, |object| object.returned(id, outcome))
    }

    /// What is known of the whole history.
    pub(super) fn verdict(&self) -> Verdict {
        let none = self.objects.iter().any(|(_, object)| object.verdict == Verdict::None);
        if none { Verdict::None } else { Verdict::Some }
    }
}

impl Object {
    fn new() -> Self {
        let mut stories = Stories::default();
        stories.insert(Core::default(), Used::default());
        Object { pending: Sorted::default(), given_up: Sorted::default(), stories, verdict: Verdict::Some }
    }

    fn returned(&mut self, id: u32, outcome: Outcome) -> Verdict {
        let Some(action) = self.pending.get(&id).copied().filter(|_| self.verdict == Verdict::Some) else {
            return self.verdict;
        };
        match outcome {
            Outcome::Ok(reply) => self.acknowledged(id, reply),
            Outcome::Fail => self.stories.map(|core, used| (!core.taken.contains(&id)).then_some((core, used))),
            Outcome::Unknown => {
                // A read that nobody waits for constrains nothing.
                let matters = action != Action::Read;
                self.stories.map(|mut core, mut used| {
                    if core.taken.remove(&id).is_some() && matters {
                        used.add(id);
                    }
                    Some((core, used))
                });
                if matters {
                    self.given_up.insert(id, action);
                }
            }
        }
        self.pending.remove(&id);
        if self.stories.len == 0 && self.verdict == Verdict::Some {
            self.verdict = Verdict::None;
        }
        self.verdict
    }

    fn acknowledged(&mut self, id: u32, reply: Reply) {
        let mut seen = std::mem::take(&mut self.stories);
        let mut work: VecDeque<(Core, Used)> = seen.clone().into_vec().into();
        while let Some((mut core, used)) = work.pop_front() {
            if let Some(taken) = core.taken.remove(&id) {
                if fits(reply, taken) {
                    self.stories.insert(core, used);
                }
                continue;
            }
            for (&next, &action) in self.pending.iter().filter(|(next, _)| !core.taken.contains(next)) {
                let (state, answer) = core.state.after(action);
                let mut further = Core { state, taken: core.taken.clone() };
                further.taken.insert(next, answer);
                if seen.insert(further.clone(), used.clone()) {
                    work.push_back((further, used.clone()));
                }
            }
            for (&next, &action) in self.given_up.iter().filter(|(next, _)| !used.contains(next)) {
                let further = Core { state: core.state.after(action).0, taken: core.taken.clone() };
                let mut used = used.clone();
                used.add(next);
                if seen.insert(further.clone(), used.clone()) {
                    work.push_back((further, used));
                }
            }
            if seen.len > LIMIT {
                self.verdict = Verdict::Unknown;
                return;
            }
        }
    }
}
