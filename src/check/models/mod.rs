//! Specifications known from elsewhere, with counts that others have reached: what the search is held against.

pub mod paxos_tla;
pub mod two_phase;
