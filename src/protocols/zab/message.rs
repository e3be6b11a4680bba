//! Zab's messages by the paper's names (§IV), and the votes of the leader election.

use super::channel::Link;
use super::history::{Epoch, Txn, Txns, Zxid};
use super::{Index, Mode};
use crate::protocol::{Kind, Message, NodeId, Value};
use std::fmt::Write as _;

/// Whom a node wants to lead, and what makes that one the best: compared in the order of the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// Its currentEpoch.
    pub epoch: Epoch,
    /// The last zxid of its history.
    pub zxid: Zxid,
    /// The node itself.
    pub leader: NodeId,
}

/// How NEWLEADER brings a follower's history in line with the leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sync {
    /// What the follower has is the beginning of the leader's history: the rest follows.
    Diff,
    /// What the follower has behind this place goes; then the rest follows.
    Trunc,
    /// The whole history.
    Snap,
}

/// What is said on a channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// A follower's last promise, f.p (step f.1.1): it joins.
    Cepoch { epoch: Epoch },
    /// The prospective leader proposes epoch e' (step ℓ.1.1).
    NewEpoch { epoch: Epoch },
    /// The follower's f.a and history (step f.1.2); a `promise` unless it gave one for e' to another before.
    AckEpoch { current_epoch: Epoch, history: Txns, promise: bool },
    /// The leader's history (step ℓ.2.1): `txns` behind `after`.
    NewLeader { epoch: Epoch, sync: Sync, after: Index, txns: Txns },
    /// The follower has accepted the history, which ends with `zxid` (step f.2.1).
    AckLeader { zxid: Zxid },
    /// Everything up to `zxid` is committed (step ℓ.2.2).
    CommitLeader { zxid: Zxid },
    /// The leader broadcasts a transaction (step ℓ.3.1).
    Propose { txn: Txn },
    /// The follower has accepted it (step f.3.2).
    Ack { zxid: Zxid },
    /// A quorum has accepted it (step ℓ.3.2).
    Commit { zxid: Zxid },
    /// The leader is there.
    Ping,
    /// The follower is there.
    Pong,
}

/// What the nodes say to each other. The table in the module's head tells when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZabMessage {
    /// A vote of the leader election.
    Notification { mode: Mode, round: u32, vote: Vote },
    /// On a channel between a follower and its leader.
    Channel { link: Link, body: Body },
}

const fn kind(name: &'static str, short: &'static str, reply: bool) -> Kind {
    Kind { name, short, reply, heartbeat: false }
}

impl Message for ZabMessage {
    const KINDS: &'static [Kind] = &[
        kind("Notification", "vote", false),
        kind("CEPOCH", "CE", false),
        kind("NEWEPOCH", "NE", false),
        kind("ACK-E", "aE", true),
        kind("NEWLEADER", "NL", false),
        kind("ACK-LD", "aLD", true),
        kind("COMMIT-LD", "cLD", false),
        kind("PROPOSE", "P", false),
        kind("ACK", "ack", true),
        kind("COMMIT", "C", false),
        Kind { name: "PING", short: "ping", reply: false, heartbeat: true },
        Kind { name: "PONG", short: "pong", reply: true, heartbeat: true },
    ];

    fn kind(&self) -> u8 {
        let ZabMessage::Channel { body, .. } = self else { return 0 };
        match body {
            Body::Cepoch { .. } => 1,
            Body::NewEpoch { .. } => 2,
            Body::AckEpoch { .. } => 3,
            Body::NewLeader { .. } => 4,
            Body::AckLeader { .. } => 5,
            Body::CommitLeader { .. } => 6,
            Body::Propose { .. } => 7,
            Body::Ack { .. } => 8,
            Body::Commit { .. } => 9,
            Body::Ping => 10,
            Body::Pong => 11,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        let (link, body) = match self {
            ZabMessage::Notification { mode, round, vote } => {
                return vec![
                    ("state", mode.name().to_string()),
                    ("round", round.to_string()),
                    ("leader", vote.leader.to_string()),
                    ("currentEpoch", vote.epoch.to_string()),
                    ("zxid", vote.zxid.to_string()),
                ];
            }
            ZabMessage::Channel { link, body } => (link, body),
        };
        let mut fields = match body {
            Body::Cepoch { epoch } | Body::NewEpoch { epoch } => vec![("epoch", epoch.to_string())],
            Body::AckEpoch { current_epoch, history, promise } => vec![
                ("currentEpoch", current_epoch.to_string()),
                ("history", show(history, value)),
                ("promise", promise.to_string()),
            ],
            Body::NewLeader { epoch, sync, after, txns } => vec![
                ("epoch", epoch.to_string()),
                ("sync", sync.name().to_string()),
                ("after", after.to_string()),
                ("history", show(txns, value)),
            ],
            Body::Propose { txn } => vec![("zxid", txn.zxid.to_string()), ("transaction", value(txn.command.value))],
            Body::AckLeader { zxid } | Body::CommitLeader { zxid } | Body::Ack { zxid } | Body::Commit { zxid } => {
                vec![("zxid", zxid.to_string())]
            }
            Body::Ping | Body::Pong => Vec::new(),
        };
        fields.push(("number", link.number.to_string()));
        fields
    }

    fn positive(&self) -> bool {
        !matches!(self, ZabMessage::Channel { body: Body::AckEpoch { promise: false, .. }, .. })
    }
}

impl Sync {
    /// As ZooKeeper calls it.
    pub fn name(self) -> &'static str {
        match self {
            Sync::Diff => "DIFF",
            Sync::Trunc => "TRUNC",
            Sync::Snap => "SNAP",
        }
    }
}

/// How many transactions the inspector spells out.
const SHOWN: usize = 12;

/// The last transactions of a run of them, in words.
pub(super) fn show(txns: &[Txn], value: &dyn Fn(Value) -> String) -> String {
    let mut text = String::from("[");
    let skipped = txns.len().saturating_sub(SHOWN);
    if skipped > 0 {
        let _ = write!(text, "{skipped} more, ");
    }
    for (i, txn) in txns[skipped..].iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}{} {}", txn.zxid, value(txn.command.value));
    }
    text.push(']');
    text
}
