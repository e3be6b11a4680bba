//! Reliable broadcast with its rule left out.

use crate::protocol::Variant;

/// The algorithm, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As in the book.
    Correct,
    /// A node delivers and passes nothing on.
    NoRelay,
}

impl Rule {
    /// The rule called `id` in a scenario.
    pub fn named(id: &str) -> Option<Rule> {
        match id {
            "correct" => Some(Rule::Correct),
            "no-relay" => Some(Rule::NoRelay),
            _ => None,
        }
    }
}

/// The cards of the variants.
pub const VARIANTS: &[Variant] = &[Variant {
    id: "no-relay",
    code: "E1",
    title: text!("Delivered and not passed on"),
    rule: text!("A node relays a message to all before it delivers it, because the sender may be dead by now."),
    source: text!(
        "Hadzilacos and Toueg 1994, the diffusion algorithm for Reliable Broadcast; Cachin et al., Algorithm 3.3"
    ),
    breaks: "Agreement",
}];
