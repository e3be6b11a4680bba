//! Paxos with one rule left out, on purpose: each differs from the correct code by one condition.

use crate::protocol::{Variant, cards};

/// The rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// P1. A restarted proposer does not know which numbers it has used.
    ///
    /// 1. n0 tries ballot 3 for *x*; its Accept leaves for n1 and n2, and n0 crashes before its own acceptance is on
    ///    its disk. 2. n0 restarts, is asked for *y* and tries ballot 3 again; n0 and n2 promise, having accepted
    ///    nothing. 3. n0 and n2 accept *y* in ballot 3: chosen. 4. The old Accept arrives: n1 and n2 accept *x* in
    ///    ballot 3: chosen.
    VolatileRound,
    /// P2. The promise leaves before it is on the disk, and never gets there.
    ///
    /// 1. n1 gets promises for ballot 4 from n0 and n1. 2. n0 restarts and knows nothing of it. 3. n2 gets promises
    ///    and acceptances for *x* in ballot 3 from n0: chosen. 4. n1 goes on with *y* in ballot 4, told of no *x*.
    PromiseWithoutPersist,
    /// P3. Accepting ballot *b* leaves the promise at the ballot that was promised last.
    ///
    /// 1. n0 has promised ballot 3. 2. *y* is chosen in ballot 4 by n0 and n1. 3. A late Accept of *x* in ballot 3
    ///    reaches n0, which still holds to its promise of 3 and overwrites *y*. 4. n0 and n2 report no *y* to ballot 8.
    AcceptLeavesPromise,
    /// P4. The proposer keeps to its own value whatever the promises report.
    OwnValue,
    /// P4. The proposer takes the value reported last instead of the one with the highest ballot.
    AnyValue,
    /// P5. The learner counts acceptors of a value, in whatever ballots they accepted it.
    CountPerValue,
    /// P5. The learner counts messages, so that a duplicate makes a quorum.
    CountMessages,
    /// P6. A preempted proposer starts its next ballot at once.
    NoBackoff,
}

/// Every variant with its card.
pub const ALL: &[(Broken, Variant)] = &[
    (
        Broken::VolatileRound,
        Variant {
            id: "volatile-round",
            code: "P1",
            title: text!("The proposer forgets its ballots"),
            rule: text!(
                "After a restart a proposer tries a ballot that it has used before, so one ballot carries two values."
            ),
            source: text!(
                "Paxos Made Simple §2.5: “remembers (in stable storage) the highest-numbered proposal it has tried \
                     to issue”"
            ),
            breaks: "Agreement",
        },
    ),
    (
        Broken::PromiseWithoutPersist,
        Variant {
            id: "promise-without-persist",
            code: "P2",
            title: text!("The promise is not on the disk"),
            rule: text!(
                "An acceptor answers Prepare without recording its promise, and a restart makes it break its word."
            ),
            source: text!(
                "Paxos Made Simple §2.5: “records its intended response in stable storage before actually sending \
                     the response”"
            ),
            breaks: "Agreement",
        },
    ),
    (
        Broken::AcceptLeavesPromise,
        Variant {
            id: "accept-leaves-promise",
            code: "P3",
            title: text!("Accepting does not raise the promise"),
            rule: text!(
                "An acceptor that accepts a ballot which it had not promised lets a late lower ballot overwrite it."
            ),
            source: text!("Paxos.tla, Phase2b: maxBal' = m.bal; M. Brooker, The Bug in Paxos Made Simple"),
            breaks: "Agreement",
        },
    ),
    (
        Broken::OwnValue,
        Variant {
            id: "own-value",
            code: "P4a",
            title: text!("The proposer insists on its own value"),
            rule: text!("A proposer asks for its own value although a promise reported an accepted one."),
            source: text!(
                "Paxos Made Simple §2.2, Phase 2(a): “the value of the highest-numbered proposal among the responses”"
            ),
            breaks: "Agreement",
        },
    ),
    (
        Broken::AnyValue,
        Variant {
            id: "any-value",
            code: "P4b",
            title: text!("The proposer takes any reported value"),
            rule: text!(
                "A proposer takes the value that was reported last, not the one that was accepted in the highest ballot."
            ),
            source: text!(
                "Paxos Made Simple §2.2, Phase 2(a): “the value of the highest-numbered proposal among the responses”"
            ),
            breaks: "Agreement",
        },
    ),
    (
        Broken::CountPerValue,
        Variant {
            id: "count-per-value",
            code: "P5a",
            title: text!("The learner adds up ballots"),
            rule: text!("A learner takes a value for chosen when a majority accepted it, though in different ballots."),
            source: text!("Paxos Made Simple §2.3: “a proposal has been accepted by a majority of acceptors”"),
            breaks: "Agreement",
        },
    ),
    (
        Broken::CountMessages,
        Variant {
            id: "count-messages",
            code: "P5b",
            title: text!("The learner counts messages"),
            rule: text!("A learner counts an Accepted that arrives twice as two acceptors."),
            source: text!("Paxos Made Simple §2.3: “a proposal has been accepted by a majority of acceptors”"),
            breaks: "Agreement",
        },
    ),
    (
        Broken::NoBackoff,
        Variant {
            id: "no-backoff",
            code: "P6",
            title: text!("Duelling proposers never back off"),
            rule: text!(
                "A proposer that is refused tries a higher ballot at once, which refuses the other proposer in turn."
            ),
            source: text!(
                "Paxos Made Simple §2.4: “two proposers each keep issuing a sequence of proposals with increasing \
                     numbers, none of which are ever chosen”"
            ),
            breaks: "Termination",
        },
    ),
];

/// The cards alone, for [`crate::protocol::Info`].
pub const CARDS: &[Variant] = &cards::<_, { ALL.len() }>(ALL);
