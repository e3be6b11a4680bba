//! Viewstamped Replication: the paper's protocol sections sentence by sentence, what our deviations from it do, and
//! long random runs. Each test says the rule in our words and ends with its place in the paper.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod checked;
mod deviations;
mod failures;
mod normal;
mod random;
mod recovery;
mod rig;
mod transfer;
mod view_change;
