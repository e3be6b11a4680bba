//! The protocols, one folder each. None knows another, the simulator or a property.

pub mod backoff;
pub mod ballot;
pub mod ben_or;
pub mod best_effort;
pub mod causal;
pub mod dissemination;
pub mod fifo;
pub mod floodset;
pub mod links;
pub mod multi_paxos;
pub mod paxos;
pub mod raft;
pub mod registry;
pub mod reliable;
pub mod sequencer;
pub mod vr;
pub mod zab;
