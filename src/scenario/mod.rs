//! What a run is given: the scenario file, the recording of a person's hand on it, and the link that carries both.
//!
//! - [`format`]: the types that the simulator consumes: plain, integers only, within [`bounds`].
//! - [`recording`]: a scenario with a person's interventions.
//! - [`link`]: a recording as a link.
//! - [`library`]: the scenarios that come with the playground.
//!
//! [`Scenario::from_json`] reads a file and [`Scenario::to_json`] writes one. There is one set of rules, that of the
//! file: a link is spelled out as a file and read by it.

mod base64url;
mod fields;
pub mod format;
mod grammar;
pub mod json;
mod layout;
pub mod library;
pub mod link;
mod names;
mod parse;
mod plain;
pub mod recording;
mod script;
mod wire;
mod write;

pub use format::{
    Clients, Count, Disk, Model, Network, Pattern, Scenario, Scheduler, StateMachine, Step, Stop, Verb, bounds,
};
pub use names::Names;
pub use recording::{Action, ENGINE, Intervention, Recording};
