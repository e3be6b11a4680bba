//! The table of properties: names, what they say, where that is written.
//!
//! | shape | watched |
//! |---|---|
//! | one value | Validity, Integrity, Agreement, Termination |
//! | broadcast | Validity, No duplication, No creation, Agreement, FIFO order, Causal order, Total order |
//! | replicated | Validity, No duplication, No creation, Agreement, Total order, State Machine Safety, Linearizability |
//! | where promised | Raft: Election Safety, Leader Append-Only, Log Matching, Leader Completeness · Zab: Leadership, Prefix consistency, Local primary order, Global primary order, Primary integrity · Viewstamped Replication: Acknowledged write not lost, Committed logs agree, One primary per view · Paxos: P2c, One value per ballot, Promises never decrease · Ben-Or: At most one proposed value per round |
//!
//! "Cachin et al." is *Introduction to Reliable and Secure Distributed Programming*, 2nd edition, by the codes of its
//! properties (BEB1, UC4, …).

use crate::protocol::{Info, Shape, Text};

/// The enum, the list of all and their texts, from one table.
macro_rules! names {
    ($($name:ident = $text:literal,)+) => {
        /// The properties that can be watched. The order is that of the page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Name {
            $($name,)+
        }

        impl Name {
            /// All of them.
            pub const ALL: &[Name] = &[$(Name::$name,)+];

            /// The name as `Info::promises`, the report and the page have it.
            pub fn text(self) -> &'static str {
                match self {
                    $(Name::$name => $text,)+
                }
            }
        }
    };
}

names! {
    Validity = "Validity",
    Integrity = "Integrity",
    NoDuplication = "No duplication",
    NoCreation = "No creation",
    Agreement = "Agreement",
    Termination = "Termination",
    FifoOrder = "FIFO order",
    CausalOrder = "Causal order",
    TotalOrder = "Total order",
    StateMachineSafety = "State Machine Safety",
    Linearizability = "Linearizability",
    ElectionSafety = "Election Safety",
    LeaderAppendOnly = "Leader Append-Only",
    LogMatching = "Log Matching",
    LeaderCompleteness = "Leader Completeness",
    Leadership = "Leadership",
    PrefixConsistency = "Prefix consistency",
    LocalPrimaryOrder = "Local primary order",
    GlobalPrimaryOrder = "Global primary order",
    PrimaryIntegrity = "Primary integrity",
    P2c = "P2c",
    OneValuePerBallot = "One value per ballot",
    PromisesNeverDecrease = "Promises never decrease",
    OneProposalPerRound = "At most one proposed value per round",
    AcknowledgedWriteNotLost = "Acknowledged write not lost",
    CommittedLogsAgree = "Committed logs agree",
    OnePrimaryPerView = "One primary per view",
}

use Name::*;

impl Name {
    /// The property called `text`.
    pub fn of(text: &str) -> Option<Name> {
        Name::ALL.iter().copied().find(|name| name.text() == text)
    }

    /// Whether it says that something happens in the end. Validity and Agreement say what is decided where one value
    /// is decided, and what must come where messages are broadcast.
    pub fn liveness(self, shape: Shape) -> bool {
        match self {
            Termination => true,
            Validity | Agreement => shape != Shape::OneValue,
            _ => false,
        }
    }

    /// What it says, and where that is written.
    pub fn source(self, shape: Shape) -> Text {
        match (self, shape) {
            (Validity, Shape::OneValue) => text!("A decided value was proposed by some node. Cachin et al., UC2"),
            (Validity, Shape::Broadcast) => {
                text!("What a correct node broadcasts, every correct node delivers in the end. Cachin et al., BEB1")
            }
            (Validity, Shape::Replicated) => {
                text!("What a client keeps asking for is delivered in the end. Cachin et al., TOB1")
            }
            (Integrity, _) => text!("No node decides twice. Cachin et al., UC3"),
            (NoDuplication, Shape::Replicated) => {
                text!("No command reaches a state machine twice, however often it is retried. Cachin et al., TOB2")
            }
            (NoDuplication, _) => text!("No message is delivered twice by one node. Cachin et al., BEB2"),
            (NoCreation, Shape::Replicated) => {
                text!("Only what a client asked for is delivered. Cachin et al., TOB3; Zab, §III, Integrity")
            }
            (NoCreation, _) => text!("Only what was broadcast is delivered. Cachin et al., BEB3"),
            (Agreement, Shape::OneValue) => {
                text!("No two nodes decide differently, crashed ones included. Cachin et al., UC4")
            }
            (Agreement, _) => {
                text!(
                    "What one correct node delivers, every correct node delivers in the end. Cachin et al., RB4 and TOB4"
                )
            }
            (Termination, _) => text!("Every correct node decides in the end. Cachin et al., UC1"),
            (FifoOrder, _) => {
                text!("Messages of one node are delivered in the order of their broadcast. Cachin et al., FRB5")
            }
            (CausalOrder, _) => {
                text!(
                    "No message is delivered before one that may have caused it. Cachin et al., CRB5; \
                 Birman, Schiper and Stephenson 1991"
                )
            }
            (TotalOrder, Shape::Replicated) => {
                text!(
                    "The delivered sequences of any two nodes are prefixes of one. Cachin et al., TOB5; as prefix: \
                 Hadzilacos and Toueg 1994; Zab, §III, Total order and Agreement"
                )
            }
            (TotalOrder, _) => {
                text!(
                    "Two nodes that deliver the same two messages deliver them in the same order. Cachin et al., TOB5"
                )
            }
            (StateMachineSafety, _) => {
                text!(
                    "Where one node has applied a command, no node applies another; none leaves a position out. \
                 Raft, Figure 3 and §5.4.3"
                )
            }
            (Linearizability, _) => {
                text!(
                    "Every operation seems to take effect at one instant between its start and its end. \
                 Herlihy and Wing 1990"
                )
            }
            (ElectionSafety, _) => text!("A term has at most one leader. Raft, Figure 3 and §5.2"),
            (LeaderAppendOnly, _) => {
                text!("A leader neither overwrites nor deletes in its own log. Raft, Figure 3 and §5.3")
            }
            (LogMatching, _) => {
                text!("Logs with an entry of the same index and term are the same up to there. Raft, Figure 3 and §5.3")
            }
            (LeaderCompleteness, _) => {
                text!(
                    "An entry committed in a term is in the log of every later term's leader. Raft, Figure 3 and §5.4"
                )
            }
            (P2c, _) => {
                text!(
                    "For a proposal n some majority has accepted nothing below n, or its value is that of the highest \
                 accepted below n. Paxos Made Simple, §2.2"
                )
            }
            (OneValuePerBallot, _) => {
                text!("No two values are proposed under one number. Paxos Made Simple, §2.2 and §2.5; Paxos.tla")
            }
            (OneProposalPerRound, _) => {
                text!("No two values are proposed in one round. Ben-Or 1983; Aguilera and Toueg 2012")
            }
            (PromisesNeverDecrease, _) => {
                text!(
                    "An acceptor never goes back behind the number that it promised. Paxos Made Simple, §2.2 (P1a), §2.5"
                )
            }
            (AcknowledgedWriteNotLost, _) => {
                text!(
                    "Every committed operation survives into all subsequent views in the same position. VR Revisited, §8.1"
                )
            }
            (CommittedLogsAgree, _) => {
                text!(
                    "Where one replica knows an operation to be committed, no replica knows another; what is not committed may \
                 differ. VR Revisited, §4.2"
                )
            }
            (OnePrimaryPerView, _) => text!("A view has one primary at most. VR Revisited, §4 and §4.2"),
            (Leadership, _) => text!("An epoch has at most one established leader. Zab, §IV; Zab.tla, Leadership"),
            (PrefixConsistency, _) => {
                text!(
                    "What two nodes have committed of their histories is the same as far as both have. \
                 Zab.tla, PrefixConsistency"
                )
            }
            (LocalPrimaryOrder, _) => {
                text!(
                    "Who delivers a transaction has delivered all that its primary broadcast before it, in that order. \
                 Zab, §III"
                )
            }
            (GlobalPrimaryOrder, _) => {
                text!("What earlier primaries broadcast is delivered before what later ones did. Zab, §III")
            }
            (PrimaryIntegrity, _) => {
                text!(
                    "Before a primary broadcasts, it has delivered all that is ever delivered of earlier primaries. \
                 Zab, §III"
                )
            }
        }
    }

    const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// A set of properties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names(u64);

impl Names {
    /// These properties.
    pub const fn of(names: &[Name]) -> Names {
        let (mut bits, mut place) = (0, 0);
        while place < names.len() {
            bits |= names[place].bit();
            place += 1;
        }
        Names(bits)
    }

    /// The properties that the protocol of this card promises; a name that is none is left out.
    pub fn promised(info: &Info) -> Names {
        Names(info.promises.iter().filter_map(|text| Name::of(text)).fold(0, |bits, name| bits | name.bit()))
    }

    /// The properties that are watched for the protocol of this card, promised or not.
    pub fn watched(info: &Info) -> Names {
        let by_shape = match info.shape {
            Shape::OneValue => Names::of(&[Validity, Integrity, Agreement, Termination]),
            Shape::Broadcast => {
                Names::of(&[Validity, NoDuplication, NoCreation, Agreement, FifoOrder, CausalOrder, TotalOrder])
            }
            Shape::Replicated => Names::of(&[
                Validity,
                NoDuplication,
                NoCreation,
                Agreement,
                TotalOrder,
                StateMachineSafety,
                Linearizability,
            ]),
        };
        let own = Names::of(&[
            ElectionSafety,
            LeaderAppendOnly,
            LogMatching,
            LeaderCompleteness,
            Leadership,
            PrefixConsistency,
            LocalPrimaryOrder,
            GlobalPrimaryOrder,
            PrimaryIntegrity,
            P2c,
            OneValuePerBallot,
            PromisesNeverDecrease,
            OneProposalPerRound,
            AcknowledgedWriteNotLost,
            CommittedLogsAgree,
            OnePrimaryPerView,
        ]);
        Names(by_shape.0 | own.0 & Names::promised(info).0)
    }

    /// Whether `name` is in the set.
    pub fn has(self, name: Name) -> bool {
        self.0 & name.bit() != 0
    }

    /// Whether any of `others` is in the set.
    pub fn any(self, others: Names) -> bool {
        self.0 & others.0 != 0
    }

    /// Those in the set and not in `others`.
    pub fn without(self, others: Names) -> Names {
        Names(self.0 & !others.0)
    }

    /// The properties in the order of the page.
    pub fn iter(self) -> impl Iterator<Item = Name> {
        Name::ALL.iter().copied().filter(move |name| self.has(*name))
    }
}
