//! Delivered over time, and where that is flat, why.

use super::Pace;
use crate::diagnosis::Diagnosis;
use crate::protocol::SettingValue;
use crate::scenario::Action;
use crate::session::Session;
use crate::sim::{MarkKind, World};
use crate::ui::strings;

/// How many points the line has.
pub const POINTS: u64 = 96;
/// The longest time shown, µs.
const WINDOW: u64 = 20_000_000;
/// The shortest, so that the line does not race at the beginning.
const LEAST: u64 = 4_000_000;

/// The strip over the order.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The time at the left, µs.
    pub from: u64,
    /// The time at the right, µs.
    pub to: u64,
    /// The highest place delivered anywhere at equal steps of time, up to the moment shown.
    pub points: Vec<u64>,
    /// Stretches in which nobody led, long enough to be seen, µs.
    pub leaderless: Vec<(u64, u64)>,
    /// Since when nothing was delivered, µs, when that is long.
    pub flat_since: Option<u64>,
    /// Why nothing moves.
    pub why: Option<Why>,
}

/// A reason and what would end it.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// The cause in a few words, which stay the same while it lasts.
    pub cause: &'static str,
    /// One sentence.
    pub sentence: String,
    /// The change in words.
    pub label: String,
    /// The change.
    pub change: Vec<Action>,
    /// A setting with which a new run is started instead.
    pub restart_with: Option<(&'static str, SettingValue)>,
}

impl Progress {
    /// The strip at the moment shown. `open`: to eyes that see everything.
    pub fn of(session: &Session, pace: Pace, open: bool, diagnosis: Option<&Diagnosis>) -> Progress {
        let world = session.world();
        let to = pace.shown.max(LEAST).next_multiple_of(500_000);
        let from = to.saturating_sub(WINDOW);
        let step = (to - from) / POINTS;
        // The last one is what is shown.
        let points = (0..=POINTS).map(|i| from + i * step).take_while(|at| *at < pace.shown + step);
        let why = diagnosis.map(|diagnosis| Why {
            cause: diagnosis.cause,
            sentence: diagnosis.why.clone(),
            label: strings::change(diagnosis),
            change: change(diagnosis),
            restart_with: diagnosis.restart_with,
        });
        let mut leaderless = Vec::new();
        super::leaderless(world, pace.shown, |start, end| {
            if open && end > from && end - start >= (to - from) / 24 {
                leaderless.push((start.max(from), end));
            }
        });
        let flat = why.is_some().then(|| world.progress_at());
        Progress { from, to, points: points.map(|at| frontier(world, at)).collect(), leaderless, flat_since: flat, why }
    }
}

/// What ends it, as a person would do it.
fn change(diagnosis: &Diagnosis) -> Vec<Action> {
    let verbs = diagnosis.change.iter().map(|verb| Action::Step(verb.clone()));
    verbs.chain(diagnosis.release.iter().map(|id| Action::ReleaseMessage { id: *id })).collect()
}

/// The highest place delivered anywhere by `at`.
fn frontier(world: &World, at: u64) -> u64 {
    let trace = world.trace();
    let (mut low, mut high) = (0, trace.marks.len());
    while low < high {
        let middle = (low + high) / 2;
        let event = trace.marks[middle].event as usize;
        if trace.events.get(event).is_some_and(|event| event.at <= at) { low = middle + 1 } else { high = middle }
    }
    // Deliveries are by far the most frequent marks: the one before is near.
    (0..low)
        .rev()
        .take(500)
        .find_map(|i| match trace.marks[i].kind {
            MarkKind::Delivered { position } => Some(position),
            _ => None,
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::library;

    #[test]
    fn the_line_ends_with_what_is_shown() {
        for shipped in library::LIBRARY.iter().filter(|shipped| shipped.stem != "paxos-adversary") {
            let mut session = Session::new(shipped.scenario().unwrap()).unwrap();
            for until in [300_000, 2_000_000, u64::MAX] {
                session.play(until, 20_000);
                let pace = Pace { shown: session.world().now(), playing: false, speed: 1.0, quest: None };
                let strip = Progress::of(&session, pace, true, None);
                assert_eq!(strip.points.last(), Some(&session.world().frontier()), "{}", shipped.stem);
                assert!(strip.points.len() as u64 <= POINTS + 1);
            }
        }
    }
}
