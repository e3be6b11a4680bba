//! A playground for consensus: a whole cluster in one deterministic simulation.
//!
//! The rooms, from the ground up; each knows only those before it:
//!
//! - [`protocol`]: what a protocol is. Every protocol needs this file only.
//! - [`protocols`]: one folder each, and one registry.

pub mod protocol;
pub mod protocols;
