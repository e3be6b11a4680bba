//! FIFO broadcast with its rule left out.

use crate::protocol::Variant;

/// The algorithm, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As in the book.
    Correct,
    /// A message is delivered when it comes, whatever its number.
    NoGapCheck,
}

impl Rule {
    /// The rule called `id` in a scenario.
    pub fn named(id: &str) -> Option<Rule> {
        match id {
            "correct" => Some(Rule::Correct),
            "no-gap-check" => Some(Rule::NoGapCheck),
            _ => None,
        }
    }
}

/// The cards of the variants.
pub const VARIANTS: &[Variant] = &[Variant {
    id: "no-gap-check",
    code: "F1",
    title: text!("Nobody looks for a gap"),
    rule: text!("A message is delivered only if its number is the next one of its sender."),
    source: text!("Cachin et al., Algorithm 3.12; Hadzilacos and Toueg 1994, FIFO Broadcast from Reliable Broadcast"),
    breaks: "FIFO order",
}];
