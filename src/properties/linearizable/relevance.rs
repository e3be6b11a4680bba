//! What of a configuration can still matter, given how far the search has come.
//!
//! Once the last operation that could tell a value from others has been placed, it no longer matters whether the
//! register holds that value, nor whether an open write of it is spent. Without this, every open call that was spent for
//! lack of an alternative doubles the configurations for the rest of the history.

use super::states::{Move, StateId, UNSEEN};

/// What an open call can still be good for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It leads to a value that may still be seen, or it is the only way away from one.
    Itself,
    /// It only leads away from whatever is there: as good as any other of the kind.
    Escape,
    /// Nothing.
    Nothing,
}

/// Per state, the line in which the last call returned that tells it from others. Calls that returned before the search's
/// horizon are placed.
pub(super) struct Relevance {
    last_seen: Vec<u32>,
    /// The last `cas` that was refused for want of this old value.
    last_refused: Vec<u32>,
    last_refused_any: u32,
}

impl Relevance {
    /// Of `states` states, from the calls that returned (with their lines) and the open ones. `None` where strings are
    /// appended.
    pub fn new(
        states: usize,
        returned: impl Iterator<Item = (u32, Move)>,
        open: impl Iterator<Item = Move> + Clone,
    ) -> Option<Self> {
        let mut relevance =
            Relevance { last_seen: vec![0; states], last_refused: vec![0; states], last_refused_any: 0 };
        for (line, action) in returned {
            match action {
                Move::Read(seen) | Move::Cas { old: seen, took: true, .. } => {
                    raise(&mut relevance.last_seen, seen, line)
                }
                Move::Cas { old, took: false, .. } => {
                    raise(&mut relevance.last_seen, old, line);
                    raise(&mut relevance.last_refused, old, line);
                    relevance.last_refused_any = relevance.last_refused_any.max(line);
                }
                Move::Write(_) => {}
                Move::Append(_) => return None,
            }
        }
        if open.clone().any(|action| matches!(action, Move::Append(_))) {
            return None;
        }
        relevance.follow(open);
        Some(relevance)
    }

    /// An open `cas` makes its old value matter as long as its new one does: the latest lines go along these steps first.
    fn follow(&mut self, open: impl Iterator<Item = Move>) {
        let mut steps: Vec<(StateId, StateId)> = open
            .filter_map(|action| match action {
                Move::Cas { old, new, .. } => Some((new, old)),
                Move::Read(_) | Move::Write(_) | Move::Append(_) => None,
            })
            .collect();
        steps.sort_unstable();
        let mut latest_first: Vec<StateId> = (0..self.last_seen.len() as StateId).collect();
        latest_first.sort_by_key(|&state| std::cmp::Reverse(self.last_seen[state as usize]));
        let mut reached = vec![false; self.last_seen.len()];
        let mut ahead = Vec::new();
        for from in latest_first {
            ahead.push(from);
            while let Some(state) = ahead.pop() {
                if std::mem::replace(&mut reached[state as usize], true) {
                    continue;
                }
                self.last_seen[state as usize] = self.last_seen[from as usize];
                let first = steps.partition_point(|step| step.0 < state);
                ahead.extend(steps[first..].iter().take_while(|step| step.0 == state).map(|step| step.1));
            }
        }
    }

    /// `state`, or [`UNSEEN`] when no call from `horizon` on tells it from that.
    pub fn state(&self, state: StateId, horizon: u32) -> StateId {
        if self.last_seen[state as usize] < horizon { UNSEEN } else { state }
    }

    /// What an open call can still be good for.
    pub fn of(&self, action: Move, horizon: u32) -> Use {
        match action {
            Move::Write(new) if self.last_seen[new as usize] >= horizon => Use::Itself,
            Move::Write(_) if self.last_refused_any >= horizon => Use::Escape,
            Move::Cas { old, new, .. } => {
                let last = self.last_seen[new as usize].max(self.last_refused[old as usize]);
                if last >= horizon { Use::Itself } else { Use::Nothing }
            }
            Move::Write(_) | Move::Read(_) => Use::Nothing,
            Move::Append(_) => Use::Itself,
        }
    }
}

fn raise(lines: &mut [u32], state: StateId, line: u32) {
    let last = &mut lines[state as usize];
    *last = line.max(*last);
}
