//! Events around the cursor, in words.

use crate::session::{Session, describe};

/// How many events before and after the cursor.
const BEFORE: u32 = 60;
const AFTER: u32 = 20;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub number: u32,
    /// When, µs.
    pub at: u64,
    /// What.
    pub text: String,
}

/// The list.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Log {
    /// In the order of time.
    pub lines: Vec<Line>,
    /// How many events have happened: events from this number on are still to come.
    pub cursor: u32,
    /// How many were computed.
    pub events: u32,
}

impl Log {
    /// The events around the cursor.
    pub fn of(session: &Session) -> Log {
        let head = session.head();
        let cursor = session.world().events();
        let (from, to) = (cursor.saturating_sub(BEFORE), cursor.saturating_add(AFTER).min(head.events()));
        let line = |number: u32| {
            let event = head.trace().events.get(number as usize)?;
            Some(Line { number, at: event.at, text: describe(head, event) })
        };
        Log { lines: (from..to).filter_map(line).collect(), cursor, events: head.events() }
    }
}
