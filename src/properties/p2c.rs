//! P2c: "for any v and n, if a proposal with value v and number n is issued, then there is a set S consisting of a majority
//! of acceptors such that either (a) no acceptor in S has accepted any proposal numbered less than n, or (b) v is the
//! value of the highest-numbered proposal among all proposals numbered less than n accepted by the acceptors in S" (Paxos
//! Made Simple, §2.2).
//!
//! To look for S among all majorities is not necessary. Let a(q) be the highest number below n that acceptor q has ever
//! accepted, 0 for none, and let B be the highest a(q) whose value is v, 0 for none. The acceptors that may stand in S
//! are those with a(q) ≤ B, and together they make the best S: it serves if they are a majority. (With B = 0 that is
//! case a.) The rule is an invariant, so it is judged when a proposal is issued and again when an acceptor accepts a
//! lower number afterwards. "Has accepted" is history: an acceptor that overwrites a higher number by a lower one, or
//! loses its disk, has accepted both.

use super::Moment;
use super::ballots::Ballots;
use super::findings::Findings;
use super::names::Name;
use super::sentence::{Part, say};
use crate::protocol::{Command, NodeId, majority};

/// At most so many proposals above a late acceptance are judged again: the lowest ones, which it may touch.
const AGAIN: usize = 16;

/// `node` issued `command` under `ballot`.
pub(super) fn issued(
    ballots: &Ballots,
    findings: &mut Findings,
    moment: &Moment,
    node: NodeId,
    position: u64,
    ballot: u64,
    command: Command,
) {
    if let Some((acceptor, number, other)) = refutes(ballots, position, ballot, command) {
        let (ballot, number) = (Part::Epoch(ballot), Part::Epoch(number));
        let why = say![
            node,
            " proposed ",
            command,
            " under ",
            ballots.word,
            " ",
            ballot,
            ", but ",
            acceptor,
            " had accepted ",
            other,
            " under ",
            number,
            ", and no majority without it allows ",
            command
        ];
        findings.report(Name::P2c, moment, ballots.at(position, why));
    }
}

/// `node` accepted under `ballot`, maybe after higher ones were issued.
pub(super) fn accepted(
    ballots: &Ballots,
    findings: &mut Findings,
    moment: &Moment,
    node: NodeId,
    position: u64,
    ballot: u64,
) {
    let above = ballots.issued.from((position, ballot)).filter(|((_, number), _)| *number != ballot).take(AGAIN);
    for (&(_, number), &(command, proposer)) in above.take_while(|((place, _), _)| *place == position) {
        if refutes(ballots, position, number, command).is_some() {
            let other = ballots.accepted.get(&(position, node, ballot)).copied().unwrap_or(command);
            let (ballot, number) = (Part::Epoch(ballot), Part::Epoch(number));
            let why = say![
                node,
                " accepted ",
                other,
                " under ",
                ballots.word,
                " ",
                ballot,
                " after ",
                proposer,
                " had proposed ",
                command,
                " under ",
                number,
                ", for which no majority stands any more"
            ];
            return findings.report(Name::P2c, moment, ballots.at(position, why));
        }
    }
}

/// Whether no majority allows `command` under `ballot`; then the acceptor of the highest number that stands against it,
/// with that number and value.
fn refutes(ballots: &Ballots, position: u64, ballot: u64, command: Command) -> Option<(NodeId, u64, Command)> {
    let highest = |node: NodeId| {
        let below = ballots.accepted.before(&(position, node, ballot));
        let below = below.filter(|((place, acceptor, _), _)| (*place, *acceptor) == (position, node));
        below.map(|(&(_, _, number), &command)| (number, command))
    };
    let mut best = None;
    let mut against: Option<(NodeId, u64, Command)> = None;
    for node in NodeId::all(ballots.nodes) {
        match highest(node) {
            Some((number, other)) if other.value == command.value => best = best.max(Some(number)),
            Some((number, other)) if against.is_none_or(|(_, n, _)| n < number) => {
                against = Some((node, number, other))
            }
            _ => {}
        }
    }
    let allowed = NodeId::all(ballots.nodes).filter(|node| highest(*node).map(|(number, _)| number) <= best).count();
    if allowed >= majority(ballots.nodes) { None } else { against }
}
