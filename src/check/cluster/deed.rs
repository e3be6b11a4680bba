//! A step in words that outlive the numbers of a space: for another space of the same cluster, and for a run.

use super::core::Event;
use super::space::{Space, Step};
use super::state::State;
use crate::protocol::*;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// To whom.
    pub node: NodeId,
    /// What.
    pub what: What,
    /// The answers that choices got, each with the number of alternatives.
    pub answers: Vec<(u32, u32)>,
    /// When a crash cut it: how many writes were done by then.
    pub cut: Option<u32>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A message arrived: its sender, kind, digest, that of its gist without what serves learning, and fields.
    Deliver { from: NodeId, kind: u8, digest: u64, gist: u64, fields: Vec<(&'static str, String)> },
    /// A timer fired.
    Fire(u8),
    /// The command numbered so was asked for.
    Ask(u8),
    /// A crash.
    Crash,
    /// A restart.
    Restart,
    /// A crash, and a restart with the disk lost.
    Wipe,
}

impl Space {
    /// `step`, taken from `state`, in words; `value` gives a value's string.
    pub fn deed(&self, state: &State, step: Step, value: &dyn Fn(Value) -> String) -> Deed {
        let core = self.core();
        let what = match step.event {
            Event::Deliver(letter) => {
                let letter = core.letter(letter);
                let machine = &core.machine;
                let (digest, gist) = machine.digests(letter.message);
                What::Deliver {
                    from: letter.from,
                    kind: machine.kind(letter.message),
                    digest,
                    gist,
                    fields: machine.message_fields(letter.message, value),
                }
            }
            Event::Fire(timer) => What::Fire(timer),
            Event::Ask(command) => What::Ask(command),
            Event::Crash => What::Crash,
            Event::Restart => What::Restart,
            Event::Wipe => What::Wipe,
        };
        let outcomes = core.outcomes_of(state.members[step.node.index()], step.event).unwrap_or(0);
        let outcome = core.outcomes(outcomes).get(usize::from(step.outcome));
        Deed {
            node: step.node,
            what,
            answers: outcome.map_or_else(Vec::new, |outcome| outcome.answers.to_vec()),
            cut: outcome.and_then(|outcome| outcome.cut),
        }
    }

    /// Does `deed` in `state`: the step that it is here, the state after and the marks of what it shows.
    pub fn follow(&self, state: &State, deed: &Deed) -> Option<(Step, State, u64)> {
        self.steps(state).into_iter().find(|(step, ..)| self.deed(state, *step, &|_| String::new()).is(deed))
    }
}

impl Deed {
    /// Whether both deliver the same message.
    pub(super) fn delivers_as(&self, other: &Deed) -> bool {
        let message = |deed: &Deed| match deed.what {
            What::Deliver { from, digest, .. } => Some((deed.node, from, digest)),
            _ => None,
        };
        message(self).is_some() && message(self) == message(other)
    }

    /// Whether a node receives what it sent itself: in a run that happens of itself.
    pub(super) fn hears_itself(&self) -> bool {
        matches!(self.what, What::Deliver { from, .. } if from == self.node)
    }

    fn is(&self, other: &Deed) -> bool {
        let same = match (&self.what, &other.what) {
            (What::Deliver { from, gist, .. }, What::Deliver { from: sender, gist: content, .. }) => {
                (from, gist) == (sender, content)
            }
            (one, other) => one == other,
        };
        same && (self.node, &self.answers, self.cut) == (other.node, &other.answers, other.cut)
    }
}
