//! What the checker may take for the same: states that differ in what nothing reads, and for lost: messages of channels
//! that are no more.

use super::{Body, Config, Phase, State, Variant, Zab, ZabMessage};
use crate::protocol::{NodeId, NodeSet};

impl Zab {
    /// Of the votes of others those alone count that are the node's own, and a lower one never comes to be. Who sent
    /// CEPOCH is read until the epoch is chosen, who promised until the history is, and what a follower has accepted
    /// where it is more than is committed.
    pub(super) fn forget_unread(&mut self, config: &Config) {
        if self.seen_epoch <= self.accepted_epoch {
            self.seen_epoch = 0;
        }
        match &mut self.state {
            State::Looking(election) => {
                let vote = Some(election.vote);
                election.heard.iter_mut().filter(|heard| **heard != vote).for_each(|heard| *heard = None);
            }
            State::Following(following) => {
                following.phase = Phase::Discovery;
                if config.variant != Variant::HoleInDiff {
                    following.synced_to = None;
                }
            }
            State::Leading(leadership) => {
                if leadership.epoch > 0 {
                    leadership.cepoch = NodeSet::default();
                }
                if leadership.phase != Phase::Discovery {
                    leadership.promised = NodeSet::default();
                }
                let committed = self.committed;
                leadership.peers.iter_mut().filter(|peer| peer.acked <= committed).for_each(|peer| peer.acked = 0);
            }
        }
    }

    /// Sessions only rise, over restarts as well; a channel whose end is gone is heard no more.
    pub(super) fn has_outgrown(&self, from: NodeId, message: &ZabMessage) -> bool {
        let ZabMessage::Channel { link, body } = message else { return false };
        let from_leader = matches!(
            body,
            Body::NewEpoch { .. }
                | Body::NewLeader { .. }
                | Body::CommitLeader { .. }
                | Body::Propose { .. }
                | Body::Commit { .. }
                | Body::Ping
        );
        if from_leader {
            return match &self.state {
                State::Following(following) if following.session == link.follower => {
                    following.leader != from || following.leader_session.is_some_and(|session| session != link.leader)
                }
                _ => link.follower <= self.sessions,
            };
        }
        if let Body::Cepoch { .. } = body {
            return false;
        }
        match &self.state {
            State::Leading(leadership) if leadership.session == link.leader => {
                let session = leadership.peers[from.index()].session;
                link.follower < session || link.follower == session && !leadership.connected.contains(from)
            }
            _ => link.leader <= self.sessions,
        }
    }
}

impl ZabMessage {
    /// Of votes a link holds the last one, as the queues of ZooKeeper's elections do ("to prevent sending stale
    /// notifications to peers", QuorumCnxManager, SEND_CAPACITY); of a follower's attempts to join, the last one as well:
    /// a new connection takes the place of the old one.
    pub(super) fn replaces(&self, earlier: &ZabMessage) -> bool {
        let joins = |message: &ZabMessage| matches!(message, ZabMessage::Channel { body: Body::Cepoch { .. }, .. });
        match (self, earlier) {
            (ZabMessage::Notification { .. }, ZabMessage::Notification { .. }) => true,
            _ => joins(self) && joins(earlier),
        }
    }
}
