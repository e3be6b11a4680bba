//! Log Matching: "if two logs contain an entry with the same index and term, then the logs are identical in all entries
//! up through the given index" (Raft, Figure 3 and §5.3).
//!
//! In the tree of logs an entry is one with everything before it. Two logs break the rule exactly when they hold two
//! different entries of the same index and term, and that can come about only when such an entry is written.

use super::Moment;
use super::findings::Findings;
use super::logs::{Log, Terms, holds};
use super::names::Name;
use super::sentence::say;
use super::tree::{Id, Tree};
use crate::protocol::NodeId;

/// `node` has written `id`, and there are other entries of its index and term.
pub(super) fn check(
    findings: &mut Findings,
    moment: &Moment,
    node: NodeId,
    id: Id,
    tree: &Tree,
    logs: &[Log],
    words: Terms,
) {
    for other in tree.alike(id) {
        let Some(holder) = logs.iter().position(|log| holds(tree, log, other)) else { continue };
        let holder = NodeId(holder as u8);
        let (here, there) = (*tree.entry(id), *tree.entry(other));
        let Terms { epoch: epoch_word, position: position_word } = words;
        let position = u64::from(here.position);
        if here.command != there.command {
            let (ours, theirs) = (here.command, there.command);
            let epoch = super::Part::Epoch(here.epoch);
            let why = say![
                node,
                " has ",
                ours,
                " at ",
                position_word,
                " ",
                position,
                " of ",
                epoch_word,
                " ",
                epoch,
                " where ",
                holder,
                " has ",
                theirs
            ];
            return findings.report(Name::LogMatching, moment, why);
        }
        let fork = tree.fork(id, other);
        let (ours, theirs) = (tree.entry(tree.at(id, fork)).command, tree.entry(tree.at(other, fork)).command);
        let epoch = super::Part::Epoch(here.epoch);
        let why = say![
            node,
            " and ",
            holder,
            " have the same entry at ",
            position_word,
            " ",
            position,
            " of ",
            epoch_word,
            " ",
            epoch,
            ", but differ at ",
            position_word,
            " ",
            fork,
            ": ",
            ours,
            " and ",
            theirs
        ];
        return findings.report(Name::LogMatching, moment, why);
    }
}
