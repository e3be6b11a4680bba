//! Ben-Or: the algorithm line by line, what is added to it, and long random runs.
#![cfg(not(target_arch = "wasm32"))]

mod added;
mod hand;
mod lines;
mod random;
#[path = "../support/mod.rs"]
mod support;
