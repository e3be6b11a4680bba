//! The checker: every run up to a bound, instead of one.
//!
//! - [`model`]: what can be searched: states, steps, properties;
//! - [`fingerprint`]: what a state is remembered by.

pub mod fingerprint;
pub mod model;

pub use model::{Kind, Model, Path, Property, Steps};
