//! A recording: a scenario, what a person did to its run, and where they look. It holds no computed state: whoever
//! opens it replays it.

use super::format::{Scenario, Verb};

/// The version of the traces that this engine gives. It grows whenever the same recording gives another trace.
pub const ENGINE: u32 = 1;

/// A scenario with the interventions of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// What runs.
    pub scenario: Scenario,
    /// What a person did, in the order of events.
    pub interventions: Vec<Intervention>,
    /// The event that the person looks at: the number of events that have happened. `None`: the end.
    pub cursor: Option<u64>,
    /// The engine that made it; [`ENGINE`] for a recording made here.
    pub engine: u32,
}

impl Recording {
    /// A recording without interventions.
    pub fn new(scenario: Scenario) -> Self {
        Recording { scenario, interventions: Vec::new(), cursor: None, engine: ENGINE }
    }
}

/// What a person did, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// It was done when so many events had happened. Never decreases along a recording.
    pub event: u64,
    /// What was done.
    pub action: Action,
}

/// What a person may do with a run: all that a script may, and take one message by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A verb of the script.
    Step(Verb),
    /// The message arrives now.
    DeliverMessage { id: u32 },
    /// The message waits until it is released.
    HoldMessage { id: u32 },
    /// The message travels on.
    ReleaseMessage { id: u32 },
    /// The message arrives later.
    DelayMessage { id: u32, by_us: u64 },
    /// The message arrives twice.
    DuplicateMessage { id: u32 },
    /// The message is lost.
    DropMessage { id: u32 },
    /// From now on nothing happens by itself: what is in flight waits for a hand, and so do timers, clients and what is
    /// left of the script. Chance answers as in a run with this seed.
    TakeOver { seed: u32 },
}
