//! FloodSet: its section of the book sentence by sentence, and random runs in lock step and in the simulated world.
#![cfg(not(target_arch = "wasm32"))]

mod random;
mod sentences;
#[path = "../support/mod.rs"]
mod support;
mod world;
