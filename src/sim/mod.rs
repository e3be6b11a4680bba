//! The simulated world: nodes, disks, clocks, a network, clients, faults, and the trace of all that happened.
//!
//! Virtual time is an integer count of microseconds. One seed, one trace: nothing here reads a clock, asks for
//! entropy, computes with floats or iterates a hash map.

mod adversary;
mod application;
mod beginning;
mod clients;
mod clock;
mod cluster;
mod effects;
mod faults;
mod network;
mod parts;
mod queue;
mod quiet;
mod random;
mod readings;
mod script;
mod takeover;
mod timeline;
mod trace;
mod values;
mod world;

pub use adversary::{Adversary, Oracle, Pick};
pub use application::{Application, Delivery, FIRST_ONE_SHOT};
pub use clients::{ClientOperation, Clients};
pub use cluster::{Action, Cluster, Digest, Nodes};
pub use network::{Flight, Network};
pub use parts::{Ended, Options, Reign, Tally};
pub use random::Random;
pub use timeline::{Branch, Timeline};
pub use trace::{Event, Mark, MarkKind, MessageRecord, Trace, What};
pub use values::{Op, Values, letters};
pub use world::World;
