//! FIFO order: "if some process broadcasts message m1 before it broadcasts message m2, then no correct process delivers
//! m2 unless it has already delivered m1" (Cachin et al., FRB5).
//!
//! Until the first violation every node's messages of one sender are a prefix of what that sender broadcast: a count
//! says which. So one comparison decides.

use super::Moment;
use super::broadcast::{Book, Message};
use super::findings::Findings;
use super::names::Name;
use super::sentence::say;
use crate::protocol::NodeId;

/// `node`, which has `counts[s]` messages of each sender `s`, delivers `message`.
pub(super) fn delivered(
    findings: &mut Findings,
    moment: &Moment,
    node: NodeId,
    message: &Message,
    counts: &[u32],
    book: &Book,
) {
    let have = counts[message.sender.index()];
    if message.number == have + 1 {
        return;
    }
    let Some(missing) = book.of(message.sender, have + 1) else { return };
    let (sender, later, earlier) = (message.sender, message.command, missing.command);
    let why = say![node, " delivered ", later, " before ", earlier, ", which ", sender, " had broadcast first"];
    findings.report(Name::FifoOrder, moment, why);
}
