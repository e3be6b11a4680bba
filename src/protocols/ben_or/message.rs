//! The messages: the report and the proposal of the paper, and the news of the decision.

use crate::protocol::{Kind, Message, NodeSet, Renaming, Value};

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BenOrMessage {
    /// (R, k, v): the sender's estimate as round k begins.
    Report { round: u64, value: Value },
    /// (P, k, v) or (P, k, ?): what more than half of all nodes reported, as far as the sender has seen.
    Proposal { round: u64, value: Option<Value> },
    /// This is what was decided; the nodes in `known` know it by now.
    Decided { value: Value, known: NodeSet },
}

use BenOrMessage::{Decided, Proposal, Report};

impl Message for BenOrMessage {
    const KINDS: &'static [Kind] = &[
        Kind { name: "Report", short: "R", reply: false, heartbeat: false },
        Kind { name: "Proposal", short: "P", reply: false, heartbeat: false },
        // Repeated for ever to a node that is down, so it must not keep a run alive by itself.
        Kind { name: "Decided", short: "dec", reply: false, heartbeat: true },
    ];

    fn kind(&self) -> u8 {
        match self {
            Report { .. } => 0,
            Proposal { .. } => 1,
            Decided { .. } => 2,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        match *self {
            Report { round, value: x } => vec![("k", round.to_string()), ("x", value(x))],
            Proposal { round, value: v } => vec![("k", round.to_string()), ("v", vote(v, value))],
            Decided { value: v, known } => vec![("v", value(v)), ("known", format!("{known:?}"))],
        }
    }

    fn rename(&mut self, names: &Renaming) {
        if let Decided { known, .. } = self {
            *known = names.set(*known);
        }
    }
}

/// "0", "1" or "?".
pub(super) fn vote(proposal: Option<Value>, value: &dyn Fn(Value) -> String) -> String {
    proposal.map_or_else(|| "?".to_owned(), value)
}
