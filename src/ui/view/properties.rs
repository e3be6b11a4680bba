//! The properties as they stand, and the assumption ledger.

use crate::diagnosis::Diagnosis;
use crate::properties::{Property, Status};
use crate::report;
use crate::session::Session;
use crate::sorting::sort_by_key;

/// A property.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// What it says, and where it is written.
    pub source: crate::protocol::Text,
    /// "holds", "violated", "pending", "stalled" or "not promised".
    pub status: &'static str,
    /// The event that did it.
    pub event: Option<u32>,
    /// Why.
    pub why: Option<String>,
}

/// A broken assumption.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// What was assumed.
    pub sentence: &'static str,
    /// When it first failed, µs.
    pub at: u64,
    /// The event.
    pub event: u32,
    /// By what.
    pub by: String,
    /// Whether safety may rest on it.
    pub safety: bool,
}

/// Properties and ledger.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Properties {
    /// The properties: promised ones first.
    pub lines: Vec<Line>,
    /// The ledger.
    pub broken: Vec<Broken>,
}

impl Properties {
    /// As they stand at the cursor.
    pub fn of(session: &Session, diagnosis: Option<&Diagnosis>) -> Properties {
        let world = session.world();
        let properties = world.properties(diagnosis.and_then(Diagnosis::stuck_why));
        let mut lines: Vec<Line> = properties.into_iter().map(Line::of).collect();
        // What is broken first, what was never promised last.
        sort_by_key(&mut lines, |line| match line.status {
            "violated" => 0,
            "stalled" => 1,
            "not promised" => 3,
            _ => 2,
        });
        let broken = world.ledger().broken().iter().map(|broken| Broken {
            sentence: broken.assumption.sentence(),
            at: broken.at_us,
            event: broken.event,
            by: broken.by.clone(),
            safety: broken.assumption.safety(),
        });
        Properties { lines, broken: broken.collect() }
    }
}

impl Line {
    fn of(property: Property) -> Line {
        let Property { name, source, status, .. } = property;
        let counterexample = matches!(status, Status::NotPromised { counterexample: Some(_) });
        let (status, event, why) = report::words(status);
        debug_assert!(!counterexample || event.is_some());
        Line { name, source, status, event, why }
    }
}
