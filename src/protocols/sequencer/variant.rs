//! The fixed sequencer with a rule left out.

use crate::protocol::Variant;

/// The algorithm, or what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As in the survey.
    Correct,
    /// The numbers that the sequencer gives are not written to its disk.
    RestartNumbers,
    /// The sequencer does not look whether a request has its number already.
    SequencedTwice,
}

impl Rule {
    /// The rule called `id` in a scenario.
    pub fn named(id: &str) -> Option<Rule> {
        match id {
            "correct" => Some(Rule::Correct),
            "restart-numbers" => Some(Rule::RestartNumbers),
            "sequenced-twice" => Some(Rule::SequencedTwice),
            _ => None,
        }
    }
}

/// The cards of the variants.
pub const VARIANTS: &[Variant] = &[
    Variant {
        id: "restart-numbers",
        code: "S1",
        title: text!("The numbers start again"),
        rule: text!(
            "A number that the sequencer has given is on its disk before anyone sees it; else it is given twice, and \
               two commands have one position."
        ),
        source: text!("Défago, Schiper and Urbán 2004, fixed sequencer (seqnum only ever grows)"),
        breaks: "Total order",
    },
    Variant {
        id: "sequenced-twice",
        code: "S2",
        title: text!("A repeated request gets a second number"),
        rule: text!("The sequencer gives each message one number, however often its request arrives."),
        source: text!("Hadzilacos and Toueg 1994, Integrity: every message is delivered at most once"),
        breaks: "No duplication",
    },
];
