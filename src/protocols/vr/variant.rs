//! VR with one rule left out, on purpose, and VR as it was published.

use crate::protocol;

/// Which VR runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Variant {
    /// The paper's, with its two gaps closed.
    #[default]
    Correct,
    /// V1: DOVIEWCHANGE goes out at once; as in the paper, nothing is on the disk.
    OneExchange,
    /// V2: who asks for the state of a later view is in it already, with what it knows to be committed.
    TruncateOnGetState,
    /// V3: the paper's own protocol: the view-number is not on the disk, and state transfer begins as in V2.
    AsPublished,
    /// V4: the nonce of an answer is not looked at.
    AnyNonce,
    /// V5: a view starts with the longest log.
    LongestLog,
    /// V6: a replica that has told the new primary its log still answers the old one.
    AnswersOldPrimary,
    /// V7: the primary counts PREPAREOK messages.
    CountMessages,
}

/// The cards, in the order of their codes.
pub const VARIANTS: &[protocol::Variant] = &[
    protocol::Variant {
        id: "one-exchange",
        code: "V1",
        title: text!("A view change in one exchange"),
        rule: text!(
            "Before a replica sends DOVIEWCHANGE, either f others have told it that they left the old view too, or \
               its view-number is on its disk."
        ),
        source: text!("Liskov, Cowling 2012, §8.2: “having two message exchanges is necessary”"),
        breaks: "Acknowledged write not lost",
    },
    protocol::Variant {
        id: "truncate-on-get-state",
        code: "V2",
        title: text!("Forgetting before the new state is there"),
        rule: text!(
            "A replica that hears of a later view keeps its log and its view until NEWSTATE brings those of the \
               later view."
        ),
        source: text!(
            "Liskov, Cowling 2012, §5.2 says the opposite; the gap: J. Vanlightly's analysis, VSR.tla (2022)"
        ),
        breaks: "Acknowledged write not lost",
    },
    protocol::Variant {
        id: "as-published",
        code: "V3",
        title: text!("The paper's own protocol"),
        rule: text!(
            "A replica that restarts never takes part in a view that it had left: its view-number is on the disk \
               before it sends DOVIEWCHANGE."
        ),
        source: text!("Liskov, Cowling 2012, §4.3 and §8.2; the gap: Michael, Ports, Sharma, Szekeres, DISC 2017, §6"),
        breaks: "Acknowledged write not lost",
    },
    protocol::Variant {
        id: "any-nonce",
        code: "V4",
        title: text!("Answers to an earlier recovery"),
        rule: text!("A recovering replica takes only answers that carry the nonce of this recovery."),
        source: text!(
            "Liskov, Cowling 2012, §8.2: “the nonce is needed because otherwise a recovering replica might combine \
                 responses to an earlier RECOVERY message with those to a later one”"
        ),
        breaks: "Acknowledged write not lost",
    },
    protocol::Variant {
        id: "longest-log",
        code: "V5",
        title: text!("The longest log starts the view"),
        rule: text!(
            "The log of the new view is the one of the latest normal view; only among those of one view the longest."
        ),
        source: text!("Liskov, Cowling 2012, §4.2, step 3: “the one contained in the message with the largest v′”"),
        breaks: "Acknowledged write not lost",
    },
    protocol::Variant {
        id: "answers-old-primary",
        code: "V6",
        title: text!("A PREPAREOK for the view that was left"),
        rule: text!("Replicas stop accepting PREPARE messages from earlier views once they start the view change."),
        source: text!(
            "Liskov, Cowling 2012, §8.1: “it is crucial that replicas stop accepting PREPARE messages from earlier \
                 views”"
        ),
        breaks: "Acknowledged write not lost",
    },
    protocol::Variant {
        id: "count-messages",
        code: "V7",
        title: text!("One PREPAREOK counted twice"),
        rule: text!("The primary waits for PREPAREOK messages of f different backups."),
        source: text!("Liskov, Cowling 2012, §4.1, step 5: “f PREPAREOK messages from different backups”"),
        breaks: "Acknowledged write not lost",
    },
];

impl Variant {
    /// The variant called `id`.
    pub fn named(id: &str) -> Option<Variant> {
        Some(match id {
            "correct" => Variant::Correct,
            "one-exchange" => Variant::OneExchange,
            "truncate-on-get-state" => Variant::TruncateOnGetState,
            "as-published" => Variant::AsPublished,
            "any-nonce" => Variant::AnyNonce,
            "longest-log" => Variant::LongestLog,
            "answers-old-primary" => Variant::AnswersOldPrimary,
            "count-messages" => Variant::CountMessages,
            _ => return None,
        })
    }

    /// Whether the view-number is on the disk before DOVIEWCHANGE. Then one exchange would be enough (§8.2), so that V1
    /// can do harm only without it: it is one condition away from V3, not from the correct protocol.
    pub fn keeps_view_number(self) -> bool {
        !matches!(self, Variant::AsPublished | Variant::OneExchange)
    }

    /// Whether a replica that hears of a later view goes there before it has that view's log (§5.2).
    pub fn goes_ahead(self) -> bool {
        matches!(self, Variant::AsPublished | Variant::TruncateOnGetState)
    }
}
