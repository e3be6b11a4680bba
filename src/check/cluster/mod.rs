//! A cluster of nodes that run one of our protocols, as a model that can be searched: the same code as in a simulated
//! run, with every order of events instead of one.
//!
//! - [`machine`]: the nodes of one protocol behind numbers; compiled per protocol, and small.
//! - [`table`]: numbers for what is met again and again.
//! - [`chain`]: one step of one node, with every answer to its choices and every point where a crash may cut it.
//! - [`core`]: all that has a number, and the outcomes of all steps ever asked for; [`event`]: what these are;
//!   `symmetry`: nodes that only their names tell apart.
//! - [`state`]: one configuration.
//! - [`ghost`]: history variables, and the properties that they judge; [`primaries`]: those of primaries.
//! - [`space`]: the model.
//! - [`goals`]: a search by stages.
//! - [`start`]: where a search begins.
//! - [`bounds`]: how far it goes, and by which reductions.
//! - [`deed`]: steps in words; [`run`]: the same as an ordinary run, `midst` as one that goes on from another,
//!   `retold` the latter by a script; [`verdict`]: counterexamples.
//!
//! **What a step is.** A message arrives, a timer fires, a client asks, a node crashes or restarts. The handler runs,
//! and its effects happen in their order; a crash may cut them before any write that follows another effect, and only
//! there, for a crash elsewhere shows nothing that one of these does not show. Time does not exist: a timer that is
//! armed may fire.

pub mod bounds;
pub mod chain;
pub mod core;
pub mod deed;
pub mod event;
pub mod ghost;
pub mod goals;
pub mod machine;
mod midst;
pub mod pending;
pub mod primaries;
mod retold;
mod rounds;
pub mod run;
pub mod space;
pub mod start;
pub mod state;
mod symmetry;
pub mod table;
pub mod verdict;

pub use bounds::{Bounds, Channels, Reductions};
pub use core::{Event, Letter};
pub use goals::Goal;
pub use space::{Space, Step};
pub use start::{Origin, Question};
pub use state::State;
pub use verdict::Counterexample;
