//! OmniPaxos over its in-memory storage.

use crate::driver::Cluster;
use crate::setup::{Committed, ELECTION_TICKS, NODES};
use omnipaxos::macros::Entry;
use omnipaxos::messages::Message;
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, OmniPaxosConfig, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

/// A proposal.
#[derive(Clone, Copy, Debug, Entry)]
pub struct Proposal(u64);

struct Node {
    omni: OmniPaxos<Proposal, MemoryStorage<Proposal>>,
    applied: usize,
    committed: Committed,
}

/// Five OmniPaxos servers.
pub struct Omni {
    nodes: Vec<Node>,
    outgoing: Vec<Message<Proposal>>,
}

impl Cluster for Omni {
    type Message = Message<Proposal>;

    fn start() -> Self {
        let servers: Vec<u64> = (1..=NODES as u64).collect();
        let nodes = servers
            .iter()
            .map(|&pid| {
                let config = OmniPaxosConfig {
                    cluster_config: ClusterConfig {
                        configuration_id: 1,
                        nodes: servers.clone(),
                        ..ClusterConfig::default()
                    },
                    server_config: ServerConfig {
                        pid,
                        election_tick_timeout: ELECTION_TICKS as u64,
                        leader_priority: u32::from(pid == 1),
                        ..ServerConfig::default()
                    },
                };
                let omni = config.build(MemoryStorage::default()).expect("a valid configuration");
                Node { omni, applied: 0, committed: Committed::default() }
            })
            .collect();
        Omni { nodes, outgoing: Vec::with_capacity(64) }
    }

    fn leader(&self) -> Option<usize> {
        let (leader, accepts) = self.nodes[0].omni.get_current_leader()?;
        accepts.then_some(leader as usize - 1)
    }

    fn propose(&mut self, node: usize, value: u64) -> bool {
        self.nodes[node].omni.append(Proposal(value)).is_ok()
    }

    fn tick(&mut self, node: usize) {
        self.nodes[node].omni.tick();
    }

    fn deliver(&mut self, node: usize, message: Message<Proposal>) {
        self.nodes[node].omni.handle_incoming(message);
    }

    fn collect(&mut self, node: usize, out: &mut Vec<(usize, Message<Proposal>)>) {
        let Node { omni, applied, committed } = &mut self.nodes[node];
        if omni.get_decided_idx() > *applied {
            for entry in omni.read_decided_suffix(*applied).unwrap_or_default() {
                let LogEntry::Decided(Proposal(value)) = entry else { unreachable!("no log is compacted") };
                committed.push(value);
                *applied += 1;
            }
        }
        omni.take_outgoing_messages(&mut self.outgoing);
        out.extend(self.outgoing.drain(..).map(|message| (message.get_receiver() as usize - 1, message)));
    }

    fn committed(&self, node: usize) -> Committed {
        self.nodes[node].committed
    }
}
