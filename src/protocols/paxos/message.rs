//! The messages: 1a, 1b, 2a and 2b of the paper, the refusal, and the news of the decision.

use super::ballot::Ballot;
use super::stable::Proposal;
use crate::protocol::{Command, Kind, Message, NodeSet, Renaming, Value};

/// What nodes say to each other. Every answer carries the ballot that it answers: "Response messages are tagged with
/// the corresponding proposal number to prevent confusion" (§2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaxosMessage {
    /// 1a, the *prepare* request: promise to accept nothing below `ballot`, and tell what you accepted.
    Prepare { ballot: Ballot },
    /// 1b: the promise, "with the highest-numbered proposal (if any) that it has accepted" (§2.2).
    Promise { ballot: Ballot, accepted: Option<Proposal> },
    /// 2a, the *accept* request.
    Accept { ballot: Ballot, command: Command },
    /// 2b: the sender has accepted the proposal.
    Accepted { ballot: Ballot, command: Command },
    /// The sender will not answer `ballot`, having promised `promised`. The name is practice; §2.2 asks for it.
    Nack { ballot: Ballot, promised: Ballot },
    /// This is what was chosen; the nodes in `known` know it by now.
    Decided { chosen: Proposal, known: NodeSet },
}

use PaxosMessage::{Accept, Accepted, Decided, Nack, Prepare, Promise};

impl Message for PaxosMessage {
    const KINDS: &'static [Kind] = &[
        Kind { name: "Prepare", short: "1a", reply: false, heartbeat: false },
        Kind { name: "Promise", short: "1b", reply: true, heartbeat: false },
        Kind { name: "Accept", short: "2a", reply: false, heartbeat: false },
        Kind { name: "Accepted", short: "2b", reply: true, heartbeat: false },
        Kind { name: "Nack", short: "nack", reply: true, heartbeat: false },
        // Repeated for ever to a node that is down, so it must not keep a run alive by itself.
        Kind { name: "Decided", short: "dec", reply: false, heartbeat: true },
    ];

    fn kind(&self) -> u8 {
        match self {
            Prepare { .. } => 0,
            Promise { .. } => 1,
            Accept { .. } => 2,
            Accepted { .. } => 3,
            Nack { .. } => 4,
            Decided { .. } => 5,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        match *self {
            Prepare { ballot } => vec![("bal", ballot.0.to_string())],
            Promise { ballot, accepted: None } => {
                vec![("bal", ballot.0.to_string()), ("maxVBal", "none".to_string())]
            }
            Promise { ballot, accepted: Some(accepted) } => vec![
                ("bal", ballot.0.to_string()),
                ("maxVBal", accepted.ballot.0.to_string()),
                ("maxVal", value(accepted.command.value)),
            ],
            Accept { ballot, command } | Accepted { ballot, command } => {
                vec![("bal", ballot.0.to_string()), ("val", value(command.value))]
            }
            Nack { ballot, promised } => vec![("bal", ballot.0.to_string()), ("maxBal", promised.0.to_string())],
            Decided { chosen, known } => vec![
                ("bal", chosen.ballot.0.to_string()),
                ("val", value(chosen.command.value)),
                ("known", format!("{known:?}")),
            ],
        }
    }

    fn positive(&self) -> bool {
        !matches!(self, Nack { .. })
    }

    fn rename(&mut self, names: &Renaming) {
        if let Decided { known, .. } = self {
            *known = names.set(*known);
        }
    }
}
