//! Single-decree Paxos: its paper sentence by sentence, its broken variants, and long random runs.
#![cfg(not(target_arch = "wasm32"))]

mod broken;
mod fair;
mod hand;
mod learning;
mod random;
mod sentences;
#[path = "../support/mod.rs"]
mod support;
