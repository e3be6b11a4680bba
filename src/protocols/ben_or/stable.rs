//! What a node keeps on its disk: what it says in its round, and the decision.

use crate::protocol::{Stable, Value};

/// All that survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Disk {
    /// k, from 1; 0: the node has no estimate yet.
    pub round: u64,
    /// x as the round began: what it reports.
    pub estimate: Value,
    /// What it proposes in the round, once n − f reports have come; `Some(None)` is (P, k, ?).
    pub proposal: Option<Option<Value>>,
    /// What it decided.
    pub decided: Option<Value>,
}

impl Default for Disk {
    fn default() -> Self {
        Disk { round: 0, estimate: Value(0), proposal: None, decided: None }
    }
}

/// One write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// What the node says in its round.
    Round { round: u64, estimate: Value, proposal: Option<Option<Value>> },
    /// The decision.
    Decided { value: Value },
}

impl Stable for Disk {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        match *write {
            Write::Round { round, estimate, proposal } => {
                (self.round, self.estimate, self.proposal) = (round, estimate, proposal);
            }
            Write::Decided { value } => self.decided = Some(value),
        }
    }
}
