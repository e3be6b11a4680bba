//! raft-rs: `RawNode` over `MemStorage`, driven by the loop that its documentation asks for.

use crate::driver::Cluster;
use crate::setup::{Committed, ELECTION_TICKS, HEARTBEAT_TICKS, NODES};
use raft::eraftpb::{Entry, Message};
use raft::storage::MemStorage;
use raft::{Config, RawNode, StateRole};

struct Node {
    raw: RawNode<MemStorage>,
    committed: Committed,
}

/// Five raft-rs nodes.
pub struct RaftRs {
    nodes: Vec<Node>,
}

impl Cluster for RaftRs {
    type Message = Message;

    fn start() -> Self {
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let voters: Vec<u64> = (1..=NODES as u64).collect();
        let mut nodes: Vec<Node> = voters
            .iter()
            .map(|&id| {
                let config = Config {
                    id,
                    election_tick: ELECTION_TICKS,
                    heartbeat_tick: HEARTBEAT_TICKS,
                    max_size_per_msg: 1 << 20,
                    max_inflight_msgs: 256,
                    ..Config::default()
                };
                let storage = MemStorage::new_with_conf_state((voters.clone(), vec![]));
                let raw = RawNode::new(&config, storage, &logger).expect("a valid configuration");
                Node { raw, committed: Committed::default() }
            })
            .collect();
        nodes[0].raw.campaign().expect("a voter may campaign");
        RaftRs { nodes }
    }

    fn leader(&self) -> Option<usize> {
        self.nodes.iter().position(|node| node.raw.raft.state == StateRole::Leader)
    }

    fn propose(&mut self, node: usize, value: u64) -> bool {
        self.nodes[node].raw.propose(Vec::new(), value.to_le_bytes().to_vec()).is_ok()
    }

    fn tick(&mut self, node: usize) {
        self.nodes[node].raw.tick();
    }

    fn deliver(&mut self, node: usize, message: Message) {
        self.nodes[node].raw.step(message).expect("a message of the cluster");
    }

    fn collect(&mut self, node: usize, out: &mut Vec<(usize, Message)>) {
        let Node { raw, committed } = &mut self.nodes[node];
        while raw.has_ready() {
            let mut ready = raw.ready();
            send(ready.take_messages(), out);
            assert!(ready.snapshot().is_empty(), "no log is compacted, so nobody needs a snapshot");
            apply(&ready.take_committed_entries(), committed);
            let storage = raw.store().clone();
            if !ready.entries().is_empty() {
                storage.wl().append(ready.entries()).expect("entries that follow the log");
            }
            if let Some(hard_state) = ready.hs() {
                storage.wl().set_hardstate(hard_state.clone());
            }
            send(ready.take_persisted_messages(), out);
            let mut light = raw.advance(ready);
            if let Some(commit) = light.commit_index() {
                storage.wl().mut_hard_state().set_commit(commit);
            }
            send(light.take_messages(), out);
            apply(&light.take_committed_entries(), committed);
            raw.advance_apply();
        }
    }

    fn committed(&self, node: usize) -> Committed {
        self.nodes[node].committed
    }
}

fn send(messages: Vec<Message>, out: &mut Vec<(usize, Message)>) {
    out.extend(messages.into_iter().map(|message| (message.to as usize - 1, message)));
}

fn apply(entries: &[Entry], committed: &mut Committed) {
    for entry in entries {
        // The empty entry of a new leader is raft's own.
        if let Ok(bytes) = <[u8; 8]>::try_from(&entry.data[..]) {
            committed.push(u64::from_le_bytes(bytes));
        }
    }
}
