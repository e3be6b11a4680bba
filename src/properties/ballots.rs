//! Paxos: what was proposed and accepted under which ballot, One value per ballot, Promises never decrease. Ben-Or: At
//! most one proposed value per round, which is the same of rounds.
//!
//! One value per ballot: "different proposals have different numbers" (Paxos Made Simple, §2.2), for which a proposer
//! "remembers (in stable storage) the highest-numbered proposal it has tried to issue" (§2.5).
//!
//! Promises: what an acceptor promised it keeps over a restart, unless its disk is lost.

use super::Moment;
use super::findings::Findings;
use super::names::Name;
use super::p2c;
use super::past::Past;
use super::sentence::{Part, Sentence, say};
use crate::protocol::{Command, Fact, Info, NodeId, Shape};
use crate::sorted::Sorted;

/// History variables of a protocol with ballots.
#[derive(Clone, Debug)]
pub(super) struct Ballots {
    pub nodes: usize,
    /// What each (position, ballot) carries, and who said so first.
    pub values: Sorted<(u64, u64), (Command, NodeId)>,
    /// What each (position, acceptor, ballot) has accepted, ever.
    pub accepted: Sorted<(u64, NodeId, u64), Command>,
    /// What was issued under each (position, ballot).
    pub issued: Sorted<(u64, u64), (Command, NodeId)>,
    /// The highest ballot that each node has promised.
    promised: Vec<u64>,
    pub word: &'static str,
    /// The protocol's word for position, where there are several; else "".
    place: &'static str,
}

impl Ballots {
    /// For a cluster of `nodes` that runs the protocol of this card.
    pub(super) fn new(nodes: usize, info: &Info) -> Self {
        Ballots {
            nodes,
            values: Sorted::default(),
            accepted: Sorted::default(),
            issued: Sorted::default(),
            promised: vec![0; nodes],
            word: info.epoch_word,
            place: if info.shape == Shape::OneValue { "" } else { info.position_word },
        }
    }

    /// The sentence with the position that it speaks of, where there are several.
    pub(super) fn at(&self, position: u64, why: Sentence) -> Sentence {
        if self.place.is_empty() {
            return why;
        }
        let place = [Part::Text(", in "), Part::Text(self.place), Part::Text(" "), Part::Number(position)];
        Sentence::new(&[why.parts(), &place].concat())
    }

    /// Proposals, acceptances and promises, by value.
    pub(super) fn tell(&self, past: &mut Past) {
        let issued = self.issued.iter();
        past.proposed = issued.map(|(&(at, ballot), &(command, node))| (at, ballot, node, command)).collect();
        let accepted = self.accepted.iter();
        past.accepted = accepted.map(|(&(at, node, ballot), &command)| (at, ballot, node, command)).collect();
        past.promised.clone_from(&self.promised);
    }

    /// A fact of `node`.
    pub(super) fn fact(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, fact: Fact) {
        match fact {
            Fact::Epoch { epoch } => self.promises(findings, moment, node, epoch),
            Fact::Proposes { position, ballot, command } => {
                self.carries(findings, moment, node, position, ballot, command, " proposed ");
                self.issued.entry((position, ballot), (command, node));
                if findings.open(Name::P2c) {
                    p2c::issued(self, findings, moment, node, position, ballot, command);
                }
            }
            Fact::Accepts { position, ballot, command } => {
                self.carries(findings, moment, node, position, ballot, command, " accepted ");
                let news = self.accepted.insert((position, node, ballot), command) != Some(command);
                if news && findings.open(Name::P2c) {
                    p2c::accepted(self, findings, moment, node, position, ballot);
                }
            }
            _ => {}
        }
    }

    /// The node comes back, with its disk or without.
    pub(super) fn restarted(&mut self, node: NodeId, disk_lost: bool) {
        if disk_lost {
            self.promised[node.index()] = 0;
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn carries(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        node: NodeId,
        position: u64,
        ballot: u64,
        command: Command,
        did: &'static str,
    ) {
        let (first, other) = *self.values.entry((position, ballot), (command, node)).0;
        if first.value == command.value {
            return;
        }
        for (name, under) in [(Name::OneValuePerBallot, " under "), (Name::OneProposalPerRound, " in ")] {
            if findings.open(name) {
                let ballot = Part::Epoch(ballot);
                let why =
                    say![node, did, command, under, self.word, " ", ballot, ", which carried ", first, " at ", other];
                findings.report(name, moment, self.at(position, why));
            }
        }
    }

    fn promises(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, ballot: u64) {
        let promised = &mut self.promised[node.index()];
        if ballot < *promised && findings.open(Name::PromisesNeverDecrease) {
            let (lower, higher) = (Part::Epoch(ballot), Part::Epoch(*promised));
            let why = say![node, " went back to ", self.word, " ", lower, " after it had promised ", higher];
            findings.report(Name::PromisesNeverDecrease, moment, why);
        }
        *promised = ballot.max(*promised);
    }
}
