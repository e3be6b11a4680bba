//! Time: where the run is, and what lies along it.

use super::Pace;
use crate::session::Session;
use crate::sim::{Branch, Ended, MarkKind};
use crate::ui::goal::Quest;
use crate::ui::strings;

/// What kind of event a tick on the scrub bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tick {
    /// Somebody was elected.
    Elected,
    /// A crash, a restart, a change of the network.
    Fault,
    /// A property broke.
    Violated,
}

/// The clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// The moment shown, µs.
    pub now: u64,
    /// The last moment that was computed, µs.
    pub head: u64,
    /// How many events have happened.
    pub event: u32,
    /// How many were computed.
    pub events: u32,
    /// Whether time runs.
    pub playing: bool,
    /// Virtual seconds in a second.
    pub speed: f64,
    /// Whether nothing happens any more by itself.
    pub over: bool,
    /// Whether a hand can go on all the same.
    pub by_hand: bool,
    /// Why the run ended with an error, if it did.
    pub refused: Option<String>,
    /// Ticks: thousandths of the way from 0 to `head`.
    pub ticks: Vec<(u16, Tick)>,
    /// Branches, and which is shown.
    pub branches: Vec<BranchLine>,
    /// The branch that is shown.
    pub branch: usize,
    /// Whether there is something to take back.
    pub undoable: bool,
    /// What the run is, or was just, played until.
    pub quest: Option<Quest>,
}

/// A course of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchLine {
    /// The branch that it left, and when, µs; `None` for the original run.
    pub left: Option<(usize, u64)>,
    /// How far it was computed, µs.
    pub until: u64,
    /// What was done last along it, in words.
    pub deed: String,
}

impl Clock {
    /// The clock of `session`.
    pub fn of(session: &Session, pace: Pace, over: bool) -> Clock {
        let (world, head) = (session.world(), session.head());
        let end = head.now().max(pace.shown).max(1);
        let trace = head.trace();
        let mut ticks: Vec<(u16, Tick)> = trace
            .marks
            .iter()
            .rev()
            .filter_map(|mark| {
                let tick = match mark.kind {
                    MarkKind::Elected { .. } => Tick::Elected,
                    MarkKind::Fault => Tick::Fault,
                    MarkKind::Violated { .. } => Tick::Violated,
                    MarkKind::Delivered { .. } => return None,
                };
                let at = trace.events.get(mark.event as usize)?.at;
                Some(((at.min(end) * 1000 / end) as u16, tick))
            })
            .take(400)
            .collect();
        // They were read from the last to the first.
        ticks.reverse();
        ticks.dedup();
        let branches = session.branches();
        let line = |branch: &Branch| {
            let parent = branch.parent.and_then(|(parent, event)| Some((parent, event, branches.get(parent)?)));
            // The event after which it left, as the parent has it.
            let left = parent.map(|(mut number, event, parent)| {
                // Who leaves a branch before it began leaves the one that it left itself.
                while let Some((older, began)) = branches[number].parent
                    && event <= began
                {
                    number = older;
                }
                let last = parent.head().trace().events.get((event as usize).saturating_sub(1));
                (number, last.map_or(0, |event| event.at))
            });
            let taken_back =
                parent.is_some_and(|(.., parent)| parent.interventions().len() > branch.interventions().len());
            let deed = match branch.interventions().last() {
                Some(last) if !taken_back => strings::action(&last.action),
                _ if taken_back => strings::clock::TAKEN_BACK.to_owned(),
                _ => String::new(),
            };
            BranchLine { left, until: branch.head().now(), deed }
        };
        Clock {
            now: pace.shown,
            head: end,
            event: world.events(),
            events: head.events(),
            playing: pace.playing,
            speed: pace.speed,
            over: over && session.at_head(),
            by_hand: world.network().manual(),
            refused: match world.ended() {
                Some(Ended::Refused(sentence)) => Some(sentence.clone()),
                _ => None,
            },
            ticks,
            branches: branches.iter().map(line).collect(),
            branch: session.branch(),
            undoable: !branches[session.branch()].interventions().is_empty(),
            quest: pace.quest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::NodeId;
    use crate::scenario::Verb;
    use crate::ui::setup;

    #[test]
    fn a_branch_leaves_the_line_that_was_there_at_the_time() {
        let mut session = Session::new(setup::opening()).unwrap();
        for (event, node) in [(100, 0), (80, 1), (120, 2), (90, 3), (50, 4)] {
            session.seek(event);
            assert!(session.perform(Verb::Pause { node: NodeId(node) }));
        }
        let pace = Pace { shown: session.world().now(), playing: false, speed: 1.0, quest: None };
        let lines = Clock::of(&session, pace, false).branches;
        let left: Vec<_> = lines.iter().map(|line| line.left.map(|(parent, _)| parent)).collect();
        // The first and the third act at the head. The last leaves the third branch at a time when it was the first.
        assert_eq!(left, [None, Some(0), Some(1), Some(0)]);
    }
}
