//! VR's messages, by the paper's names (§4.1–4.3, §5.2).

use super::log::{Entries, Entry};
use super::{OpNumber, ViewNumber};
use crate::protocol::{Kind, Message, NodeId, Value};

/// What the replicas say to each other. The table in the module's head tells when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VrMessage {
    /// The primary has given the request `m` the op-number `n` (§4.1).
    Prepare { v: ViewNumber, m: Entry, n: OpNumber, k: OpNumber },
    /// The operation `n` "and all earlier ones have prepared locally" (§4.1).
    PrepareOk { v: ViewNumber, n: OpNumber, i: NodeId },
    /// Everything up to `k` is committed (§4.1).
    Commit { v: ViewNumber, k: OpNumber },
    /// The sender has left all views before `v` (§4.2).
    StartViewChange { v: ViewNumber, i: NodeId },
    /// What the primary of `v` needs to start it: the sender's log, and from which view it is (§4.2).
    DoViewChange { v: ViewNumber, report: Report, i: NodeId },
    /// View `v` begins with this log (§4.2).
    StartView { v: ViewNumber, l: Entries, k: OpNumber },
    /// The sender has crashed and asks for its state (§4.3); `v` is the view-number on its disk.
    Recovery { i: NodeId, x: u32, v: ViewNumber },
    /// The answer; log and commit-number come from the primary of `v` alone (§4.3).
    RecoveryResponse { v: ViewNumber, x: u32, state: Option<(Entries, OpNumber)>, j: NodeId },
    /// What is in the log of view `v` behind `n` (§5.2)?
    GetState { v: ViewNumber, n: OpNumber, i: NodeId },
    /// This is: up to op-number `n` (§5.2).
    NewState { v: ViewNumber, l: Entries, n: OpNumber, k: OpNumber },
}

/// What DOVIEWCHANGE tells of its sender.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Report {
    /// v′: "the view number of the latest view in which its status was normal".
    pub normal: ViewNumber,
    /// l, whose length is n.
    pub l: Entries,
    /// The commit-number.
    pub k: OpNumber,
}

impl Report {
    /// n: the op-number of the log.
    pub fn n(&self) -> OpNumber {
        self.l.len() as OpNumber
    }
}

const fn kind(name: &'static str, short: &'static str, reply: bool) -> Kind {
    Kind { name, short, reply, heartbeat: false }
}

impl Message for VrMessage {
    const KINDS: &'static [Kind] = &[
        kind("PREPARE", "P", false),
        kind("PREPAREOK", "ok", true),
        kind("COMMIT", "C", false),
        kind("STARTVIEWCHANGE", "SVC", false),
        kind("DOVIEWCHANGE", "DVC", true),
        kind("STARTVIEW", "SV", false),
        kind("RECOVERY", "R", false),
        kind("RECOVERYRESPONSE", "Rr", true),
        kind("GETSTATE", "GS", false),
        kind("NEWSTATE", "NS", true),
    ];

    fn kind(&self) -> u8 {
        match self {
            VrMessage::Prepare { .. } => 0,
            VrMessage::PrepareOk { .. } => 1,
            VrMessage::Commit { .. } => 2,
            VrMessage::StartViewChange { .. } => 3,
            VrMessage::DoViewChange { .. } => 4,
            VrMessage::StartView { .. } => 5,
            VrMessage::Recovery { .. } => 6,
            VrMessage::RecoveryResponse { .. } => 7,
            VrMessage::GetState { .. } => 8,
            VrMessage::NewState { .. } => 9,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        let number = |name, number: OpNumber| (name, number.to_string());
        let node = |name, node: NodeId| (name, node.to_string());
        match self {
            VrMessage::Prepare { v, m, n, k } => {
                vec![number("v", *v), ("m", show(m, value)), number("n", *n), number("k", *k)]
            }
            VrMessage::PrepareOk { v, n, i } => vec![number("v", *v), number("n", *n), node("i", *i)],
            VrMessage::Commit { v, k } => vec![number("v", *v), number("k", *k)],
            VrMessage::StartViewChange { v, i } => vec![number("v", *v), node("i", *i)],
            VrMessage::DoViewChange { v, report, i } => vec![
                number("v", *v),
                ("l", show_log(&report.l, value)),
                number("v′", report.normal),
                number("n", report.n()),
                number("k", report.k),
                node("i", *i),
            ],
            VrMessage::StartView { v, l, k } => {
                vec![number("v", *v), ("l", show_log(l, value)), number("n", l.len() as OpNumber), number("k", *k)]
            }
            VrMessage::Recovery { i, x, v } => vec![node("i", *i), number("x", *x), number("v", *v)],
            VrMessage::RecoveryResponse { v, x, state, j } => {
                let mut fields = vec![number("v", *v), number("x", *x)];
                if let Some((l, k)) = state {
                    fields.extend([("l", show_log(l, value)), number("n", l.len() as OpNumber), number("k", *k)]);
                }
                fields.push(node("j", *j));
                fields
            }
            VrMessage::GetState { v, n, i } => vec![number("v", *v), number("n′", *n), node("i", *i)],
            VrMessage::NewState { v, l, n, k } => {
                vec![number("v", *v), ("l", show_log(l, value)), number("n", *n), number("k", *k)]
            }
        }
    }
}

/// The request of an entry.
pub(super) fn show(entry: &Entry, value: &dyn Fn(Value) -> String) -> String {
    value(entry.command.value)
}

/// How many entries are spelled out.
const SHOWN: usize = 8;

/// "[a, b, c]", the last ones of a long log.
pub(super) fn show_log(entries: &[Entry], value: &dyn Fn(Value) -> String) -> String {
    let hidden = entries.len().saturating_sub(SHOWN);
    let mut text = String::from(if hidden > 0 { "[…" } else { "[" });
    for (i, entry) in entries[hidden..].iter().enumerate() {
        if i + hidden > 0 {
            text.push_str(", ");
        }
        text.push_str(&show(entry, value));
    }
    text.push(']');
    text
}
