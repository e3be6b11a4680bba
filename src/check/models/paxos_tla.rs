//! Lamport's `Paxos.tla`: single-decree Paxos with all messages ever sent as one set, action by action.
//!
//! Three acceptors, two values, quorums all pairs, ballots from 0. A step counts once for each way in which its action
//! is enabled, as TLC counts: `Phase2a` once for every quorum, and for every message of it, that allows the value.

use crate::check::fingerprint::scramble;
use crate::check::model::{Model, Property, Steps};

const ACCEPTORS: u32 = 3;
const VALUES: u32 = 2;
/// The most ballots that a state has room for.
pub const MOST_BALLOTS: u32 = 3;
/// Which acceptors each quorum leaves out.
const LEFT_OUT: std::ops::Range<u32> = 0..ACCEPTORS;

/// Which value a ballot may propose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// That of the vote with the highest ballot that the quorum reports; any, if it reports none.
    Highest,
    /// That of any vote that the quorum reports; any, if it reports none: wrong.
    AnyReported,
    /// Any: wrong.
    Any,
}

/// The specification.
#[derive(Clone, Copy, Debug)]
pub struct Paxos {
    ballots: u32,
    rule: Rule,
}

/// All variables. Ballots are counted from 1 here, 0 is the specification's −1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// A bit for each 1a message, by ballot; 2a, by ballot and value; 2b, by acceptor, ballot and value.
    messages: u64,
    /// Four bits for each acceptor and ballot: the 1b message, 0 if there is none, else 1 + the vote that it reports.
    /// Then, for each acceptor, `maxBal` in two bits, and its vote, `maxVBal` and `maxVal`, in three.
    acceptors: u64,
}

/// The actions. Acceptors, ballots and values are numbers from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A ballot's leader asks for promises.
    Phase1a { ballot: u8 },
    /// An acceptor promises.
    Phase1b { acceptor: u8, ballot: u8 },
    /// A ballot's leader proposes.
    Phase2a { ballot: u8, value: u8 },
    /// An acceptor votes.
    Phase2b { acceptor: u8, ballot: u8, value: u8 },
}

/// At most one value is chosen.
pub const CONSISTENCY: usize = 0;
/// Some run chooses a value.
pub const CHOSEN: usize = 1;

/// A vote in three bits: 0 is none, else the ballot (from 1) times two, and the value.
fn vote(ballot: u32, value: u32) -> u64 {
    u64::from(ballot * VALUES + value)
}

fn one_a(ballot: u32) -> u64 {
    1 << ballot
}

fn two_a(ballot: u32, value: u32) -> u64 {
    1 << (4 + ballot * VALUES + value)
}

fn two_b(acceptor: u32, ballot: u32, value: u32) -> u64 {
    1 << (16 + acceptor * 8 + ballot * VALUES + value)
}

impl State {
    /// Where the 1b message stands.
    fn one_b(acceptor: u32, ballot: u32) -> u32 {
        (acceptor * MOST_BALLOTS + ballot - 1) * 4
    }

    fn promised(self, acceptor: u32) -> u32 {
        (self.acceptors >> (40 + acceptor * 5)) as u32 & 3
    }

    fn vote(self, acceptor: u32) -> u64 {
        self.acceptors >> (42 + acceptor * 5) & 7
    }

    /// With another `maxBal`, and another vote, for `acceptor`.
    fn with(mut self, acceptor: u32, promised: u32, vote: u64) -> Self {
        let place = 40 + acceptor * 5;
        self.acceptors = self.acceptors & !(31 << place) | (u64::from(promised) | vote << 2) << place;
        self
    }

    fn is_chosen(self, ballot: u32, value: u32) -> bool {
        let voted = (0..ACCEPTORS).filter(|acceptor| self.messages & two_b(*acceptor, ballot, value) != 0);
        voted.count() >= 2
    }
}

impl Paxos {
    /// With ballots 0 to `ballots` − 1, at most [`MOST_BALLOTS`] of them.
    pub fn new(ballots: u32, rule: Rule) -> Self {
        Paxos { ballots: ballots.clamp(1, MOST_BALLOTS), rule }
    }

    fn phase_2a(self, state: State, ballot: u32, steps: &mut impl Steps<Self>) {
        let sent = (0..VALUES).any(|value| state.messages & two_a(ballot, value) != 0);
        let heard = |acceptor: u32| state.acceptors >> State::one_b(acceptor, ballot) & 15;
        for value in (0..VALUES).filter(|_| !sent) {
            for left_out in LEFT_OUT {
                // What the two acceptors of the quorum report: nothing yet (0), no vote (1), 1 + their vote.
                let quorum = [heard((left_out + 1) % ACCEPTORS), heard((left_out + 2) % ACCEPTORS)];
                if quorum.contains(&0) {
                    continue;
                }
                let next = State { messages: state.messages | two_a(ballot, value), ..state };
                let step = Action::Phase2a { ballot: ballot as u8 - 1, value: value as u8 };
                if self.rule == Rule::Any || quorum == [1, 1] {
                    steps.step(step, next);
                    continue;
                }
                let highest = quorum.iter().map(|report| (report - 1) / u64::from(VALUES)).max().unwrap_or(0);
                for vote in quorum.iter().filter(|report| **report > 1).map(|report| report - 1) {
                    let fits = self.rule == Rule::AnyReported || vote / u64::from(VALUES) == highest;
                    if fits && vote % u64::from(VALUES) == u64::from(value) {
                        steps.step(step, next);
                    }
                }
            }
        }
    }

    fn phases_b(self, state: State, acceptor: u32, steps: &mut impl Steps<Self>) {
        let promised = state.promised(acceptor);
        let me = acceptor as u8;
        for ballot in promised + 1..=self.ballots {
            if state.messages & one_a(ballot) != 0 {
                let vote = state.vote(acceptor);
                let mut next = state.with(acceptor, ballot, vote);
                next.acceptors |= (1 + vote) << State::one_b(acceptor, ballot);
                steps.step(Action::Phase1b { acceptor: me, ballot: ballot as u8 - 1 }, next);
            }
        }
        for ballot in promised.max(1)..=self.ballots {
            for value in (0..VALUES).filter(|value| state.messages & two_a(ballot, *value) != 0) {
                let mut next = state.with(acceptor, ballot, vote(ballot, value));
                next.messages |= two_b(acceptor, ballot, value);
                steps.step(Action::Phase2b { acceptor: me, ballot: ballot as u8 - 1, value: value as u8 }, next);
            }
        }
    }
}

impl Model for Paxos {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn successors(&self, state: &State, steps: &mut impl Steps<Self>) {
        for ballot in 1..=self.ballots {
            let next = State { messages: state.messages | one_a(ballot), ..*state };
            steps.step(Action::Phase1a { ballot: ballot as u8 - 1 }, next);
            self.phase_2a(*state, ballot, steps);
        }
        for acceptor in 0..ACCEPTORS {
            self.phases_b(*state, acceptor, steps);
        }
    }

    fn properties(&self) -> Vec<Property> {
        vec![Property::always("at most one value is chosen"), Property::sometimes("a value is chosen")]
    }

    fn judge(&self, state: &State) -> u64 {
        let chosen = |value: u32| (1..=self.ballots).any(|ballot| state.is_chosen(ballot, value));
        let (first, second) = (chosen(0), chosen(1));
        u64::from(first && second) << CONSISTENCY | u64::from(first || second) << CHOSEN
    }

    fn fingerprint(&self, state: &State) -> u64 {
        scramble(scramble(state.messages) ^ state.acceptors)
    }
}
