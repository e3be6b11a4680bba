//! Causal broadcast with a rule left out or one too many.

use crate::protocol::Variant;

/// The algorithm, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As in the paper.
    Correct,
    /// The test for delivery reads the sender's entry of the timestamp and no other.
    SenderEntryOnly,
    /// A node's own entry of its clock also counts what it delivers.
    TickOnDelivery,
}

impl Rule {
    /// The rule called `id` in a scenario.
    pub fn named(id: &str) -> Option<Rule> {
        match id {
            "correct" => Some(Rule::Correct),
            "sender-entry-only" => Some(Rule::SenderEntryOnly),
            "tick-on-delivery" => Some(Rule::TickOnDelivery),
            _ => None,
        }
    }
}

/// The cards of the variants.
pub const VARIANTS: &[Variant] = &[
    Variant {
        id: "sender-entry-only",
        code: "C1",
        title: text!("Only the sender's entry is read"),
        rule: text!(
            "A message waits until everything that its sender had delivered when it sent it is delivered here too."
        ),
        source: text!("Birman, Schiper and Stephenson 1991, the CBCAST protocol, rule 2"),
        breaks: "Causal order",
    },
    Variant {
        id: "tick-on-delivery",
        code: "C2",
        title: text!("The clock ticks on delivery too"),
        rule: text!(
            "A node's entry of the vector counts what it has sent, and nothing else: a number that no message bears \
               is waited for without end."
        ),
        source: text!("Birman, Schiper and Stephenson 1991, the CBCAST protocol, rules 1 and 3"),
        breaks: "Validity",
    },
];
