//! Leader Append-Only: "a leader never overwrites or deletes entries in its log; it only appends new entries" (Raft,
//! Figure 3 and §5.3). To write an entry once more as it is changes nothing.

use super::Moment;
use super::findings::Findings;
use super::logs::{Log, Terms};
use super::names::Name;
use super::sentence::{Part, say};
use super::tree::Entry;
use crate::protocol::{Command, NodeId};

/// `node` replaces `old` by `command`.
pub(super) fn overwrites(
    findings: &mut Findings,
    moment: &Moment,
    node: NodeId,
    log: &Log,
    old: &Entry,
    command: Command,
    words: Terms,
) {
    if let Some(epoch) = log.leads.map(Part::Epoch).filter(|_| findings.open(Name::LeaderAppendOnly)) {
        let (position, old) = (u64::from(old.position), old.command);
        let why = say![
            node,
            ", leader of ",
            words.epoch,
            " ",
            epoch,
            ", replaced ",
            old,
            " at ",
            words.position,
            " ",
            position,
            " by ",
            command
        ];
        findings.report(Name::LeaderAppendOnly, moment, why);
    }
}

/// `node` deletes its entries from `from` on; there are some.
pub(super) fn truncates(findings: &mut Findings, moment: &Moment, node: NodeId, log: &Log, from: u64, words: Terms) {
    if let Some(epoch) = log.leads.map(Part::Epoch).filter(|_| findings.open(Name::LeaderAppendOnly)) {
        let why = say![
            node,
            ", leader of ",
            words.epoch,
            " ",
            epoch,
            ", deleted its log from ",
            words.position,
            " ",
            from,
            " on"
        ];
        findings.report(Name::LeaderAppendOnly, moment, why);
    }
}
