//! The events in words: as many as are seen, of the many that there are, and those that a search finds.

use crate::session::{Session, describe};

/// How many lines are made, and how many of them before the first that is seen.
const LINES: u32 = 64;
const BEFORE: u32 = 16;
/// How many events a search looks at for one view.
const STRIDE: u32 = 4000;

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

/// The part of the list that is seen.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Log {
    /// In the order of time.
    pub lines: Vec<Line>,
    /// The row of the first of them.
    pub first: u32,
    /// How many rows there are.
    pub rows: u32,
    /// The row of the present event, or of the last one before it.
    pub present: Option<u32>,
    /// How many events have happened: events from this number on are still to come.
    pub cursor: u32,
    /// How many events were searched, while a search is on.
    pub searched: Option<u32>,
}

/// A search through the events, which goes on from view to view.
#[derive(Default)]
pub struct Search {
    query: String,
    branch: usize,
    searched: u32,
    hits: Vec<u32>,
}

impl Search {
    /// Looks for something else; for nothing when it is empty.
    pub fn seek(&mut self, query: &str) {
        *self = Search { query: query.trim().to_ascii_lowercase(), ..Search::default() };
    }

    /// Looks further; false when there was nothing left to look at.
    pub fn further(&mut self, session: &Session) -> bool {
        let (branch, head) = (session.branch(), session.head());
        if self.branch != branch {
            (self.branch, self.searched) = (branch, 0);
            self.hits.clear();
        }
        if self.query.is_empty() {
            return false;
        }
        let end = head.events().min(self.searched + STRIDE);
        for number in self.searched..end {
            let Some(event) = head.trace().events.get(number as usize) else { break };
            // The library's search of a string in another weighs a kilobyte.
            let line = describe(head, event).to_ascii_lowercase();
            if line.as_bytes().windows(self.query.len()).any(|part| part == self.query.as_bytes()) {
                self.hits.push(number);
            }
        }
        let looked = end > self.searched;
        self.searched = end;
        looked
    }
}

impl Log {
    /// The events from about row `top` on.
    pub fn of(session: &Session, top: u32, search: &Search) -> Log {
        let (head, cursor) = (session.head(), session.world().events());
        let searching = !search.query.is_empty();
        let hits = &search.hits;
        let rows = if searching { hits.len() as u32 } else { head.events() };
        let before = if searching { hits.partition_point(|hit| *hit < cursor) as u32 } else { cursor };
        let first = top.saturating_sub(BEFORE).min(rows.saturating_sub(LINES));
        let line = |row: u32| {
            let number = if searching { *hits.get(row as usize)? } else { row };
            let event = head.trace().events.get(number as usize)?;
            Some(Line { number, at: event.at, text: describe(head, event) })
        };
        Log {
            lines: (first..rows.min(first + LINES)).filter_map(line).collect(),
            first,
            rows,
            present: before.checked_sub(1),
            cursor,
            searched: searching.then_some(search.searched),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::setup;

    #[test]
    fn the_list_shows_what_is_seen_and_a_search_finds_all() {
        let mut session = Session::new(setup::opening()).unwrap();
        session.play(20_000_000, 30_000);
        session.seek(9_000);
        let mut search = Search::default();
        let log = Log::of(&session, 5000, &search);
        assert_eq!((log.rows, log.present, log.lines.len()), (session.head().events(), Some(8999), LINES as usize));
        assert!(log.lines.iter().any(|line| line.number == 5000));

        search.seek(" Election timer ");
        while search.further(&session) {}
        let log = Log::of(&session, 0, &search);
        let all = (0..session.head().events()).filter(|n| session.line(*n).unwrap().contains("Election timer"));
        assert_eq!(log.rows as usize, all.count());
        assert!(log.rows > 0 && log.lines.iter().all(|line| line.text.contains("Election timer")));
        search.seek("nothing like this");
        while search.further(&session) {}
        assert_eq!(Log::of(&session, 0, &search).rows, 0);
    }
}
