//! What the checker may take for lost: messages of channels that are no more.

use super::{Body, State, Zab, ZabMessage};
use crate::protocol::NodeId;

impl Zab {
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
