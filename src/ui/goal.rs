//! What a run can be played until.

use crate::properties::Status;
use crate::session::Session;
use crate::sim::{MarkKind, World};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Somebody leads an epoch.
    Leader,
    /// So many places more are delivered, or the value is decided.
    Delivered(u64),
    /// A promised property breaks.
    Violated,
    /// Something stands in the way of progress.
    Stalled,
}

/// All that the page offers.
pub const GOALS: [Goal; 5] = [Goal::Leader, Goal::Delivered(1), Goal::Delivered(10), Goal::Violated, Goal::Stalled];

/// How the way to a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quest {
    /// On the way.
    Running(Goal),
    /// There.
    Reached(Goal),
    /// The run ended before, or went on for very long.
    Missed(Goal),
}

/// Events between two looks for a diagnosis, which takes longer than an event.
const SELDOM: u32 = 16;

/// And between two looks for what is owed too long.
const RARELY: u32 = 256;

impl Goal {
    /// Whether the event that has just happened reached it; `from` is the world's frontier at the start.
    pub fn reached(self, session: &Session, from: u64) -> bool {
        let world = session.world();
        match self {
            Goal::Delivered(more) => world.frontier() >= from + more,
            Goal::Leader => marked(world, |kind| matches!(kind, MarkKind::Elected { .. })),
            Goal::Violated => {
                let rarely = world.events().is_multiple_of(RARELY);
                marked(world, |kind| matches!(kind, MarkKind::Violated { .. })) || rarely && self.holds(session)
            }
            Goal::Stalled => world.events().is_multiple_of(SELDOM) && self.holds(session),
        }
    }

    /// Whether it is so, whatever the last event was: what is owed too long, or for ever, breaks by itself.
    pub fn holds(self, session: &Session) -> bool {
        match self {
            Goal::Violated => {
                session.properties().iter().any(|property| matches!(property.status, Status::Violated { .. }))
            }
            Goal::Stalled => session.diagnosis().is_some(),
            Goal::Leader | Goal::Delivered(_) => false,
        }
    }
}

/// Whether the last event has such a mark.
fn marked(world: &World, wanted: impl Fn(MarkKind) -> bool) -> bool {
    let marks = world.trace().marks.iter().rev();
    marks.take_while(|mark| mark.event + 1 == world.events()).any(|mark| wanted(mark.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::library;
    use crate::ui::setup;

    fn until(session: &mut Session, goal: Goal) -> bool {
        let from = session.world().frontier();
        while session.step() {
            if goal.reached(session, from) {
                return true;
            }
        }
        goal.holds(session)
    }

    #[test]
    fn a_run_is_played_until_what_was_asked_for() {
        let mut session = Session::new(setup::opening()).unwrap();
        assert!(until(&mut session, Goal::Leader));
        assert!(session.world().reigns().last().is_some_and(|reign| reign.from == session.world().now()));
        let before = session.world().frontier();
        assert!(until(&mut session, Goal::Delivered(10)));
        assert_eq!(session.world().frontier(), before + 10);

        let mut stalled = Session::new(library::shipped("raft-no-quorum").unwrap().scenario().unwrap()).unwrap();
        assert!(until(&mut stalled, Goal::Stalled));
        assert!(!until(&mut stalled, Goal::Violated), "the run ends before");

        let mut broken = Session::new(library::BUGS[4].scenario().unwrap()).unwrap();
        assert!(until(&mut broken, Goal::Violated));
        assert!(broken.properties().iter().any(|property| report_says_violated(&property.status)));
    }

    fn report_says_violated(status: &Status) -> bool {
        matches!(status, Status::Violated { .. })
    }

    #[test]
    fn every_bug_worth_seeing_is_reached() {
        for bug in library::BUGS {
            let scenario = bug.scenario().unwrap();
            let mut session = Session::new(scenario.clone()).unwrap();
            setup::begin(&mut session);
            let calm = |property: &crate::properties::Property| {
                !matches!(property.status, Status::Violated { .. } | Status::Stalled { .. })
            };
            assert!(session.properties().iter().all(calm), "{}: nothing has been asked for", bug.stem);
            // What nothing bounds is not violated, but stuck.
            let stuck = || until(&mut Session::new(scenario).unwrap(), Goal::Stalled);
            assert!(until(&mut session, Goal::Violated) || stuck(), "{}", bug.stem);
        }
    }
}
