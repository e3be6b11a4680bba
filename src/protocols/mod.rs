//! The protocols, one folder each. None knows another, the simulator or a property.

pub mod paxos;
pub mod raft;
pub mod registry;
