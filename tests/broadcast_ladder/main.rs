//! The broadcasts below total order and the fixed sequencer, driven by hand: a test per sentence, every broken variant
//! on a schedule that does the correct algorithm no harm, and walks at random with loss, repeats, disorder, slow disks
//! and crashes.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod best_effort;
mod causal;
mod fifo;
mod links;
mod random;
mod referee;
mod reliable;
mod restart;
mod sequencer;
mod world;
