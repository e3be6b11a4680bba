//! Ben-Or with one rule left out, on purpose: each differs from the correct code by one condition.

use crate::protocol::{Variant, cards};

/// The rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// B1. More than half of the reports received, instead of more than half of all nodes.
    ///
    /// Four nodes, f = 1, inputs 0 0 1 1. 1. n0 and n1 see the reports 0 0 1 and propose 0; n2 and n3 see 1 1 0 and
    /// propose 1. 2. n0 sees the proposals 0 0 1 and decides 0; n2 sees 1 1 0 and decides 1.
    MajorityOfReceived,
    /// B2. Decides on a single proposal.
    ///
    /// Three nodes, inputs 0 0 1. 1. n0 sees the reports 0 0 and proposes 0; n1 and n2 see 0 1 and propose ?. 2. n0
    /// sees 0 ? and decides 0. 3. n1 and n2 see ? ?, toss 1 both, and decide 1.
    DecideOnOne,
    /// B3. Adopts at f + 1 proposals only, and tosses a coin else.
    ///
    /// Three nodes, inputs 0 0 1. 1. n0 and n1 propose 0, n2 proposes ?. 2. n0 sees 0 0 and decides 0. 3. n1 and n2 see
    /// 0 ?, toss 1 both, and decide 1.
    AdoptLate,
    /// B4. A node that has decided says nothing any more.
    FallSilent,
    /// B5. One coin for all.
    ///
    /// Five nodes, f = 2. 1. n0, n1 and n2 propose ?, and n0 ends the round first: it tosses the coin, and the
    /// scheduler sees it: c. 2. One node is still in the round before, where it can adopt a value or take the coin of
    /// that round, which fell the other way: the scheduler makes it hold 1 − c, and it proposes 1 − c, which two have
    /// reported. 3. Two nodes adopt that, two take c, and the fifth may still do either in the next round: all as it
    /// was.
    GlobalCoin,
    /// B6. Takes f for half of the nodes: n − f is no majority.
    HalfMayFail,
}

/// Every variant with its card.
pub const ALL: &[(Broken, Variant)] = &[
    (
        Broken::MajorityOfReceived,
        Variant {
            id: "majority-of-received",
            code: "B1",
            title: text!("A majority of those that were heard"),
            rule: text!(
                "A node proposes what more than half of the reports say that it received, though they are not more \
                   than half of all nodes."
            ),
            source: text!("Aguilera and Toueg 2012: more than n/2 reports (R, k, v) of one v make a proposal"),
            breaks: "At most one proposed value per round",
        },
    ),
    (
        Broken::DecideOnOne,
        Variant {
            id: "decide-on-one",
            code: "B2",
            title: text!("One proposal is enough to decide"),
            rule: text!("A node decides on a single proposal, which others need not have seen."),
            source: text!("Aguilera and Toueg 2012: at least f + 1 proposals (P, k, v) of one v decide"),
            breaks: "Agreement",
        },
    ),
    (
        Broken::AdoptLate,
        Variant {
            id: "adopt-late",
            code: "B3",
            title: text!("One proposal is not enough to adopt"),
            rule: text!(
                "A node that sees a proposal, but fewer than f + 1, tosses a coin, though another may have decided."
            ),
            source: text!("Aguilera and Toueg 2012: a single proposal (P, k, v) is adopted, x ← v"),
            breaks: "Agreement",
        },
    ),
    (
        Broken::FallSilent,
        Variant {
            id: "fall-silent",
            code: "B4",
            title: text!("Silent after deciding"),
            rule: text!(
                "A node that has decided says nothing any more, and those that have not wait for n − f in vain."
            ),
            source: text!("Aguilera and Toueg 2012: a process goes on with the next round after it decides"),
            breaks: "Termination",
        },
    ),
    (
        Broken::GlobalCoin,
        Variant {
            id: "global-coin",
            code: "B5",
            title: text!("One coin for all"),
            rule: text!(
                "Every node sees the same coin, so a scheduler that has seen it fall can keep others apart from it."
            ),
            source: text!(
                "Aguilera and Toueg 2012: “the use of a global coin in this algorithm may actually prevent \
                     termination”"
            ),
            breaks: "Termination",
        },
    ),
    (
        Broken::HalfMayFail,
        Variant {
            id: "half-may-fail",
            code: "B6",
            title: text!("Half of the nodes may fail"),
            rule: text!(
                "A node waits for n − f with f ≥ n/2, which is never more than half: nobody ever proposes a value."
            ),
            source: text!("Ben-Or 1983; Aguilera and Toueg 2012: f < n/2"),
            breaks: "Termination",
        },
    ),
];

/// The cards alone, for [`crate::protocol::Info`].
pub const CARDS: &[Variant] = &cards::<_, { ALL.len() }>(ALL);
