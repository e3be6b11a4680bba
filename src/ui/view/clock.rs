//! Time: where the run is, and what lies along it.

use super::Pace;
use crate::session::Session;
use crate::sim::{Ended, MarkKind};

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
}

/// A course of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchLine {
    /// Where it left its parent, µs; `None` for the original run.
    pub left_at: Option<u64>,
    /// How many things were done by hand along it.
    pub deeds: usize,
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
        let line = |branch: &crate::sim::Branch| BranchLine {
            left_at: branch.parent.and_then(|(parent, event)| {
                // The event after which it left, as the parent has it.
                let events = branches.get(parent).map(|_| event)?;
                trace.events.get((events as usize).saturating_sub(1)).map(|event| event.at)
            }),
            deeds: branch.interventions().len(),
        };
        Clock {
            now: pace.shown,
            head: end,
            event: world.events(),
            events: head.events(),
            playing: pace.playing,
            speed: pace.speed,
            over: over && session.at_head(),
            refused: match world.ended() {
                Some(Ended::Refused(sentence)) => Some(sentence.clone()),
                _ => None,
            },
            ticks,
            branches: branches.iter().map(line).collect(),
            branch: session.branch(),
            undoable: !branches[session.branch()].interventions().is_empty(),
        }
    }
}
