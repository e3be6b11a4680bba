//! Multi-Paxos: *Paxos Made Simple* §3 sentence by sentence, the practice that is added to it, snapshots, its broken
//! variants, and long random runs. Ballots of three nodes: n0 has 3, 6, …; n1 has 4, 7, …; n2 has 5, 8, ….
#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod acceptor;
mod elections;
mod learning;
mod random;
mod rig;
mod section_3;
mod snapshots;
mod variants;
