//! Prefix consistency: what any two nodes have committed of their histories is the same as far as both have (Zab.tla,
//! PrefixConsistency). Total order says it of the commands that were delivered, this of the logs themselves.
//!
//! In the tree of logs an entry is one with everything before it, so that one comparison does.

use super::Moment;
use super::findings::Findings;
use super::leader_completeness::Committed;
use super::logs::{Log, Terms};
use super::names::Name;
use super::sentence::say;
use super::tree::Tree;
use crate::protocol::NodeId;

/// `node` commits its log up to `position`.
pub(super) fn check(
    findings: &mut Findings,
    moment: &Moment,
    node: NodeId,
    log: &Log,
    position: u64,
    tree: &Tree,
    committed: &Committed,
) {
    let position = position.min(log.last).min(committed.len());
    let (Some(last), Some(theirs), true) = (log.id, committed.at(position), findings.open(Name::PrefixConsistency))
    else {
        return;
    };
    let ours = tree.at(last, position);
    if ours == theirs {
        return;
    }
    let place = tree.fork(ours, theirs);
    let (ours, theirs) = (tree.entry(tree.at(ours, place)).command, tree.entry(tree.at(theirs, place)).command);
    let Terms { position: word, .. } = committed.words();
    let why = say![node, " committed ", ours, " at ", word, " ", place, ", where ", theirs, " had been committed"];
    findings.report(Name::PrefixConsistency, moment, why);
}
