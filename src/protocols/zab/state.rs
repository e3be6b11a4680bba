//! What a node does: electing, following or leading, and what it knows of the others meanwhile.

use super::channel::{Channel, Link};
use super::{Epoch, Index, Txns, Vote};
use crate::protocol::{NodeId, NodeSet};

/// A node's state without what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Electing a leader.
    Looking,
    /// Following one.
    Following,
    /// Leading, or about to.
    Leading,
}

impl Mode {
    /// As ZooKeeper writes it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Looking => "LOOKING",
            Mode::Following => "FOLLOWING",
            Mode::Leading => "LEADING",
        }
    }
}

/// The three phases (§IV).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Phase 1: the epoch.
    Discovery,
    /// Phase 2: the initial history.
    Synchronization,
    /// Phase 3: new transactions.
    Broadcast,
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// LOOKING.
    Looking(Election),
    /// FOLLOWING.
    Following(Following),
    /// LEADING.
    Leading(Leadership),
}

/// An election as one node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Election {
    /// The node's own vote: the best one that it has heard of in this round.
    pub(super) vote: Vote,
    /// By node: its last vote of this round.
    pub(super) heard: Vec<Option<Vote>>,
    /// A quorum agrees, and the time for a better vote runs.
    pub(super) settling: bool,
}

/// A follower's side.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Following {
    pub(super) leader: NodeId,
    /// This node's half of the channel's name.
    pub(super) session: u64,
    /// The leader's half, once it has answered.
    pub(super) leader_session: Option<u64>,
    pub(super) channel: Channel,
    pub(super) phase: Phase,
    /// The last place of the history that NEWLEADER brought, once it has.
    pub(super) synced_to: Option<Index>,
}

/// A leader's side. The sets are the Q of the paper's steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leadership {
    /// This node's half of the names of its channels.
    pub(super) session: u64,
    pub(super) phase: Phase,
    /// e', once it is chosen; 0 before.
    pub(super) epoch: Epoch,
    /// The last place of the initial history, once it is chosen.
    pub(super) start: Index,
    /// Who was heard since the last check of the quorum.
    pub(super) heard: NodeSet,
    /// Whose channel stands.
    pub(super) connected: NodeSet,
    /// Who has sent CEPOCH.
    pub(super) cepoch: NodeSet,
    /// Who has promised e' with ACK-E.
    pub(super) promised: NodeSet,
    /// To whom NEWLEADER was sent.
    pub(super) proposed: NodeSet,
    /// Who has sent ACK-LD.
    pub(super) synced: NodeSet,
    /// By node; the leader's own place is not used.
    pub(super) peers: Vec<Peer>,
}

/// What a leader knows of a follower.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    /// The follower's half of the name of its last channel.
    pub(super) session: u64,
    pub(super) channel: Channel,
    /// Its ACK-E, until it is answered: f.a and history.
    pub(super) answer: Option<(Epoch, Txns)>,
    /// It has accepted the history up to this place.
    pub(super) acked: Index,
}

impl Leadership {
    pub(super) fn new(nodes: u8, session: u64) -> Self {
        let none = NodeSet::default();
        Leadership {
            session,
            phase: Phase::Discovery,
            epoch: 0,
            start: 0,
            heard: none,
            connected: none,
            cepoch: none,
            promised: none,
            proposed: none,
            synced: none,
            peers: vec![Peer::default(); usize::from(nodes)],
        }
    }

    /// A follower opens a channel.
    pub(super) fn open(&mut self, from: NodeId, link: Link) {
        self.close(from);
        let peer = &mut self.peers[from.index()];
        peer.session = link.follower;
        let _ = peer.channel.take(0);
        self.connected.insert(from);
        self.heard.insert(from);
    }

    /// The channel is broken: the follower has to come anew. Its last session stays known, so that no copy of an old
    /// CEPOCH opens it again.
    pub(super) fn close(&mut self, from: NodeId) {
        let peer = &mut self.peers[from.index()];
        *peer = Peer { session: peer.session, ..Peer::default() };
        let sets = [&mut self.connected, &mut self.cepoch, &mut self.promised, &mut self.proposed, &mut self.synced];
        sets.into_iter().for_each(|set| set.remove(from));
    }
}
