//! The protocols, one folder each. None knows another, the simulator or a property.

pub mod paxos;
pub mod registry;
