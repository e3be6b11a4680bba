//! The simulated world: nodes, disks, clocks, a network, clients, faults, and the trace of all that happened.
//!
//! Virtual time is an integer count of microseconds. One seed, one trace: nothing here reads a clock, asks for
//! entropy, computes with floats or iterates a hash map.

mod application;
mod clients;
mod clock;
mod cluster;
mod faults;
mod network;
mod queue;
mod random;
mod script;
mod timeline;
mod trace;
mod values;
mod world;

pub use application::{Application, Outcome};
pub use clients::{Operation, OperationEnd};
pub use cluster::Cluster;
pub use network::{Fate, Flight};
pub use timeline::{Branch, Timeline};
pub use trace::{Event, Mark, MarkKind, MessageRecord, Trace, What};
pub use values::{Op, Values};
pub use world::{Ended, Options, Reign, World};
