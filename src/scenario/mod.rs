//! What a run is given: the scenario file, the recording of a person's hand on it, and the link that carries both.
//!
//! [`format`] holds the types that the simulator consumes: plain, integers only, within bounds.

pub mod format;
pub mod recording;

pub use format::{
    Clients, Count, Disk, Model, Network, Pattern, Scenario, Scheduler, StateMachine, Step, Stop, Verb, bounds,
};
pub use recording::{Action, ENGINE, Intervention, Recording};
