//! The checker: every run up to a bound, instead of one.
//!
//! - [`model`]: what can be searched: states, steps, properties;
//! - [`search`]: a search, a slice at a time; `breadth` and `depth` are its two orders, `ledger` its notes; `threads`
//!   take a breadth-first search forward together;
//! - `batch`: the steps out of some states, looked up together in what was `visited`;
//! - [`fingerprint`]: what a state is remembered by;
//! - `lineage`, `queue`, `pages`: how states were reached, and which wait, in little memory;
//! - [`replay()`]: walking a path again; [`minimize`]: without what it does not need;
//! - [`cluster`]: a cluster that runs one of our protocols;
//! - [`adversary`]: the scheduler that keeps a run undecided;
//! - [`coins`]: in how many rounds Ben-Or's protocol decides, over many seeds;
//! - [`answer`]: a question about a scenario, and what the search says; [`asked`]: the question as JSON;
//! - [`valence`]: which decisions can still be reached; [`ahead`]: that, and behind each next step, in sentences;
//! - [`models`]: specifications known from elsewhere, with known counts.

pub mod adversary;
pub mod ahead;
pub mod answer;
pub mod asked;
mod batch;
mod breadth;
pub mod cluster;
pub mod coins;
mod depth;
pub mod fingerprint;
mod ledger;
mod lineage;
pub mod minimize;
pub mod model;
pub mod models;
mod pages;
mod queue;
mod replay;
pub mod search;
#[cfg(not(target_arch = "wasm32"))]
mod threads;
pub mod valence;
mod visited;

pub use ledger::{Bounds, Ended, Until};
pub use model::{Kind, Model, Path, Property, Steps};
pub use replay::replay;
pub use search::{Order, Progress, Search};
