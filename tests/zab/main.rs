//! The steps of the Zab paper (DSN 2011, §IV) one by one, what the paper leaves open, and what the channels do.
//! Each test says the rule in our words and ends with its place in the paper.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod broadcast;
mod channels;
mod discovery;
mod election;
mod random;
mod rig;
mod synchronization;
mod timeouts;
