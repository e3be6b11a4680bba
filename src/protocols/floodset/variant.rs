//! FloodSet with one rule left out, on purpose: each differs from the correct code by one condition.

use crate::protocol::{Variant, cards};

/// The rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// FS1. Decides after f rounds.
    ///
    /// f = 1. 1. In round 1 n0 reaches n1 with *a* and crashes before it reaches n2. 2. n1 decides *a*, n2, which has
    ///    never heard of it, decides *b*. Round 2, in which nobody can fail any more, would have told it.
    OneRoundLess,
    /// FS2. Sends its own value in every round, not W.
    ///
    /// 1. In round 1 n0 reaches n1 with *a* and crashes before it reaches n2. 2. In round 2 n1 sends *b* once more. 3.
    ///    n1 decides *a*, n2 decides *b*.
    OwnOnly,
    /// FS3. Decides as soon as a round brings nothing new.
    ///
    /// 1. n0 proposes *a*, n2 proposes *b*. In round 1 n0 reaches n1 and crashes before it reaches n2. 2. n2 has heard
    ///    nothing new, and decides *b*. 3. n1 decides *a*, having sent it to n2 in vain.
    FirstQuietRound,
}

/// Every variant with its card.
pub const ALL: &[(Broken, Variant)] = &[
    (
        Broken::OneRoundLess,
        Variant {
            id: "one-round-less",
            code: "FS1",
            title: text!("One round too few"),
            rule: text!("A node decides after f rounds, so that there may have been a crash in each of them."),
            source: text!(
                "Lynch, Distributed Algorithms §6.2.1: f + 1 rounds, one of them without a failure; §6.7: \
                     no algorithm does with f"
            ),
            breaks: "Agreement",
        },
    ),
    (
        Broken::OwnOnly,
        Variant {
            id: "own-only",
            code: "FS2",
            title: text!("Nobody passes anything on"),
            rule: text!("A node sends its own value in every round instead of all that it knows of."),
            source: text!("Lynch, Distributed Algorithms §6.2.1: each process broadcasts W"),
            breaks: "Agreement",
        },
    ),
    (
        Broken::FirstQuietRound,
        Variant {
            id: "first-quiet-round",
            code: "FS3",
            title: text!("No news is taken for the end"),
            rule: text!(
                "A node decides at the end of the first round that brought it nothing new, though others had news."
            ),
            source: text!("Lynch, Distributed Algorithms §6.2.1: the decision comes after f + 1 rounds"),
            breaks: "Agreement",
        },
    ),
];

/// The cards alone, for [`crate::protocol::Info`].
pub const CARDS: &[Variant] = &cards::<_, { ALL.len() }>(ALL);
