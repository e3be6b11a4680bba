//! The rules of the Raft paper (extended version) one by one, its figures, and what breaks without a rule.
//! Each test says the rule in our words and ends with its place in the paper.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod elections;
mod figures;
mod lease;
mod log;
mod membership;
mod options;
mod pipeline;
mod random;
mod replication;
mod rig;
mod safety;
mod snapshots;
mod terms;
mod variants;
