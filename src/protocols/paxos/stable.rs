//! What a node keeps on its disk: one record for each of the three parts it plays.

use super::ballot::Ballot;
use crate::protocol::{Command, Stable};

/// A proposal: a number and a value. What was accepted, what is reported, what was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proposal {
    /// Its number.
    pub ballot: Ballot,
    /// Its value.
    pub command: Command,
}

/// All that survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// Proposer: "the highest-numbered proposal it has tried to issue" (§2.5).
    pub tried: Ballot,
    /// Proposer: what its client asked for, so that it goes on asking after a restart.
    pub proposal: Option<Command>,
    /// Acceptor: "the number of the highest-numbered prepare request to which it has responded" (§2.2), raised by
    /// acceptances as well; `maxBal` in Paxos.tla.
    pub promised: Ballot,
    /// Acceptor: "the highest-numbered proposal that it has ever accepted" (§2.2); `maxVBal` and `maxVal` in Paxos.tla.
    pub accepted: Option<Proposal>,
    /// Learner: the proposal that it has seen chosen.
    pub decided: Option<Proposal>,
}

/// One write: the record of one part, wholly or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// The proposer's record.
    Proposer { tried: Ballot, proposal: Option<Command> },
    /// The acceptor's record.
    Acceptor { promised: Ballot, accepted: Option<Proposal> },
    /// The learner's record.
    Learner { decided: Proposal },
}

impl Stable for Disk {
    type Write = Write;

    fn apply(&mut self, write: &Write) {
        match *write {
            Write::Proposer { tried, proposal } => {
                self.tried = tried;
                self.proposal = proposal;
            }
            Write::Acceptor { promised, accepted } => {
                self.promised = promised;
                self.accepted = accepted;
            }
            Write::Learner { decided } => self.decided = Some(decided),
        }
    }
}
