//! The messages: 1a, 1b, 2a and 2b of *Paxos Made Simple*, once for all slots or once a slot, and those that keep a
//! leader and its replicas together.

use super::{Ballot, Proposal, Slot};
use crate::protocol::{Command, Kind, Message, SnapshotRef, Value};
use std::fmt::Write as _;

/// What stands in a slot: a *pvalue* of PMMC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The slot: the instance of the consensus algorithm.
    pub slot: Slot,
    /// What was accepted there.
    pub proposal: Proposal,
}

/// What nodes say to each other. Every answer carries the ballot that it answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MultiPaxosMessage {
    /// 1a, for all slots from `first` on: "a single reasonably short message" (§3).
    Prepare { ballot: Ballot, first: Slot },
    /// 1b: everything up to `chosen` is known to be chosen; what was accepted from the asker's `first` slot on.
    Promise { ballot: Ballot, chosen: Slot, snapshot: Option<SnapshotRef>, accepted: Vec<Entry> },
    /// 2a in one slot. `chosen`: the leader's watermark.
    Accept { ballot: Ballot, slot: Slot, command: Command, chosen: Slot },
    /// 2b in one slot, to the leader, who learns for all.
    Accepted { ballot: Ballot, slot: Slot },
    /// The sender will not answer `ballot`, having promised `promised`.
    Nack { ballot: Ballot, promised: Ballot },
    /// The leader of `ballot` is there, and knows everything up to `chosen` to be chosen.
    Heartbeat { ballot: Ballot, chosen: Slot },
    /// The answer: the sender follows, knows what is chosen up to `chosen`, and `lacks` what was chosen behind it.
    Alive { ballot: Ballot, chosen: Slot, lacks: bool },
    /// What is chosen, for a node that lacks it: a snapshot of the beginning, if that is gone, and what stands behind.
    Decision { ballot: Ballot, chosen: Slot, snapshot: Option<SnapshotRef>, decided: Vec<Entry> },
}

use MultiPaxosMessage::{Accept, Accepted, Alive, Decision, Heartbeat, Nack, Prepare, Promise};

impl MultiPaxosMessage {
    /// The highest ballot that it speaks of.
    pub(super) fn ballot(&self) -> Ballot {
        match *self {
            Prepare { ballot, .. }
            | Promise { ballot, .. }
            | Accept { ballot, .. }
            | Accepted { ballot, .. }
            | Heartbeat { ballot, .. }
            | Alive { ballot, .. }
            | Decision { ballot, .. } => ballot,
            Nack { promised, .. } => promised,
        }
    }
}

const fn kind(name: &'static str, short: &'static str, reply: bool, heartbeat: bool) -> Kind {
    Kind { name, short, reply, heartbeat }
}

impl Message for MultiPaxosMessage {
    const KINDS: &'static [Kind] = &[
        kind("Prepare", "1a", false, false),
        kind("Promise", "1b", true, false),
        kind("Accept", "2a", false, false),
        kind("Accepted", "2b", true, false),
        kind("Nack", "nack", true, false),
        kind("Heartbeat", "hb", false, true),
        kind("Alive", "ok", true, true),
        kind("Decision", "dec", false, false),
    ];

    fn kind(&self) -> u8 {
        match self {
            Prepare { .. } => 0,
            Promise { .. } => 1,
            Accept { .. } => 2,
            Accepted { .. } => 3,
            Nack { .. } => 4,
            Heartbeat { .. } => 5,
            Alive { .. } => 6,
            Decision { .. } => 7,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        let number = |number: u64| number.to_string();
        let told = |ballot: &Ballot, chosen, snapshot: &Option<SnapshotRef>, name, entries: &[Entry]| {
            let mut fields = vec![("bal", number(ballot.0)), ("chosen", number(chosen))];
            if let Some(SnapshotRef { taken_by, position }) = snapshot {
                fields.push(("snapshot", format!("up to {position}, of {taken_by}")));
            }
            fields.push((name, show(entries, value)));
            fields
        };
        match self {
            Prepare { ballot, first } => vec![("bal", number(ballot.0)), ("first", number(*first))],
            Promise { ballot, chosen, snapshot, accepted } => told(ballot, *chosen, snapshot, "accepted", accepted),
            Accept { ballot, slot, command, chosen } => vec![
                ("bal", number(ballot.0)),
                ("slot", number(*slot)),
                ("val", show_command(*command, value)),
                ("chosen", number(*chosen)),
            ],
            Accepted { ballot, slot } => vec![("bal", number(ballot.0)), ("slot", number(*slot))],
            Nack { ballot, promised } => vec![("bal", number(ballot.0)), ("maxBal", number(promised.0))],
            Heartbeat { ballot, chosen } => vec![("bal", number(ballot.0)), ("chosen", number(*chosen))],
            Alive { ballot, chosen, lacks } => {
                vec![("bal", number(ballot.0)), ("chosen", number(*chosen)), ("lacks", lacks.to_string())]
            }
            Decision { ballot, chosen, snapshot, decided } => told(ballot, *chosen, snapshot, "decided", decided),
        }
    }

    fn positive(&self) -> bool {
        !matches!(self, Nack { .. })
    }
}

/// How many entries the inspector spells out.
const SHOWN: usize = 8;

/// "3: red (ballot 4), 4: no-op (ballot 7)".
pub(super) fn show(entries: &[Entry], value: &dyn Fn(Value) -> String) -> String {
    let mut text = String::from("[");
    for (i, Entry { slot, proposal }) in entries.iter().take(SHOWN).enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let what = show_command(proposal.command, value);
        let _ = write!(text, "{comma}{slot}: {what} (ballot {})", proposal.ballot.0);
    }
    if entries.len() > SHOWN {
        let _ = write!(text, ", and {} more", entries.len() - SHOWN);
    }
    text.push(']');
    text
}

fn show_command(command: Command, value: &dyn Fn(Value) -> String) -> String {
    if command.is_noop() { "no-op".to_string() } else { value(command.value) }
}
