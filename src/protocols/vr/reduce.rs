//! What the checker may take for the same: states that differ in what nothing reads, and messages that come too late.

use super::{Change, Config, Status, Variant, Vr, VrMessage};
use crate::protocol::NodeSet;

impl Vr {
    /// In which order answers came is not read, nor what was missing once it is there. Of the logs in DOVIEWCHANGE
    /// messages those of one v′ and n are the same, so that their order decides nothing, unless v′ is not looked at. Who
    /// has left for the view is counted until DOVIEWCHANGE is sent.
    pub(super) fn forget_unread(&mut self, config: &Config) {
        self.transfer = self.wanted();
        match &mut self.status {
            Status::Normal => {}
            Status::Recovering(answers) => answers.sort_by_key(|(sender, _)| *sender),
            Status::ViewChange(Change { started, sent, reports }) => {
                if *sent {
                    *started = NodeSet::default();
                }
                if config.variant != Variant::LongestLog {
                    reports.sort_by_key(|(sender, _)| *sender);
                }
            }
        }
    }

    /// With the view-number on the disk views do not go back but while a replica recovers, and then it listens to nobody
    /// but those that answer; nonces only rise.
    pub(super) fn has_outgrown(&self, message: &VrMessage) -> bool {
        let recovering = matches!(self.status, Status::Recovering(_));
        if let VrMessage::RecoveryResponse { x, .. } = message {
            return *x < self.disk.nonce || !recovering;
        }
        let seen = if recovering { self.disk.view_number } else { self.view };
        let normal = |v| v == self.view && self.is_normal();
        match *message {
            VrMessage::Prepare { v, .. } | VrMessage::Commit { v, .. } => v < seen || normal(v) && self.leads(),
            VrMessage::PrepareOk { v, .. } => v < seen || normal(v) && !self.leads(),
            VrMessage::DoViewChange { v, .. } | VrMessage::StartView { v, .. } => v < seen || normal(v),
            VrMessage::NewState { v, .. } | VrMessage::GetState { v, .. } => v < seen,
            VrMessage::StartViewChange { .. } | VrMessage::Recovery { .. } | VrMessage::RecoveryResponse { .. } => {
                false
            }
        }
    }
}
