//! The assumption ledger: what a run has broken of what its model and its protocol assume (model.md §2).
//!
//! A fault that breaks an assumption is not forbidden. It is written down once per assumption, with the first
//! moment and its cause, so that a violated property can be read beside it.

/// Something that the chosen model or protocol takes for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Assumption {
    /// More than f nodes down at once where a majority is needed.
    MajorityUp,
    /// The one node that everything goes through crashed.
    SequencerUp,
    /// A node of a crash-stop protocol came back.
    CrashStop,
    /// A node lost its disk.
    StableStorage,
    /// A message was lost where links are reliable.
    ReliableLinks,
    /// A message was duplicated where links are reliable.
    NoDuplicates,
    /// Messages overtook each other on a link that keeps order.
    FifoLinks,
    /// A message took longer than Δ in the synchronous model.
    DelayWithinDelta,
    /// A message took longer than Δ, or was lost, after GST.
    DelayWithinDeltaAfterGst,
    /// A clock was set or given another rate in the synchronous model.
    PerfectClocks,
    /// A clock runs outside 1 ± ρ in the partially synchronous model.
    DriftWithinRho,
    /// Clocks drift apart by more than leases allow for.
    LeaseClocks,
    /// A node stood still for longer than Δ where steps have a bound.
    StepsWithinDelta,
    /// More nodes crashed than the protocol was set up for.
    AtMostF,
    /// A protocol of the synchronous model runs where Δ is not told.
    DeltaIsTold,
    /// A message came after the round that it belongs to.
    WithinItsRound,
}

impl Assumption {
    /// All of them, in the order of their declaration.
    pub const ALL: &'static [Assumption] = &[
        Assumption::MajorityUp,
        Assumption::SequencerUp,
        Assumption::CrashStop,
        Assumption::StableStorage,
        Assumption::ReliableLinks,
        Assumption::NoDuplicates,
        Assumption::FifoLinks,
        Assumption::DelayWithinDelta,
        Assumption::DelayWithinDeltaAfterGst,
        Assumption::PerfectClocks,
        Assumption::DriftWithinRho,
        Assumption::LeaseClocks,
        Assumption::StepsWithinDelta,
        Assumption::AtMostF,
        Assumption::DeltaIsTold,
        Assumption::WithinItsRound,
    ];

    /// What was assumed, as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Assumption::MajorityUp => "A majority of the nodes is up at any time.",
            Assumption::SequencerUp => "The sequencer never crashes.",
            Assumption::CrashStop => "A crashed node stays down: the protocol does not recover.",
            Assumption::StableStorage => "What a node has written to its disk survives a crash.",
            Assumption::LeaseClocks => {
                "Clocks never jump, and drift by no more than leases allow for (clock_drift_ppm)."
            }
            Assumption::ReliableLinks => "A message between two nodes that stay up arrives.",
            Assumption::NoDuplicates => "A message that is sent once arrives once.",
            Assumption::FifoLinks => "Messages of one link arrive in the order in which they were sent.",
            Assumption::DelayWithinDelta => "Every message arrives within Δ.",
            Assumption::DelayWithinDeltaAfterGst => "From GST on every message arrives within Δ.",
            Assumption::PerfectClocks => "All clocks show the same time.",
            Assumption::DriftWithinRho => "Clocks run at a rate within 1 ± ρ.",
            Assumption::StepsWithinDelta => "A node that is up takes its next step within Δ.",
            Assumption::AtMostF => "No more than f nodes are down.",
            Assumption::DeltaIsTold => "The network is synchronous, and every node knows Δ.",
            Assumption::WithinItsRound => "A message arrives before its round is over.",
        }
    }

    /// Whether safety may rest on it; the others touch progress only. (Synchronous algorithms rest their safety on
    /// the bounds as well.)
    pub fn safety(self) -> bool {
        !matches!(self, Assumption::MajorityUp | Assumption::SequencerUp | Assumption::DelayWithinDeltaAfterGst)
    }
}

/// One broken assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub assumption: Assumption,
    /// When first, in µs.
    pub at_us: u64,
    /// The number of the event that broke it.
    pub event: u32,
    /// By what: "crash of n2", "partition".
    pub by: String,
}

/// What has been broken so far, each assumption once, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    seen: u32,
    broken: Vec<Broken>,
}

impl Ledger {
    /// Notes that `assumption` is broken, unless it was before. `by` is asked for a name only when it is news.
    pub fn broke(&mut self, assumption: Assumption, event: u32, at_us: u64, by: impl FnOnce() -> String) {
        let bit = 1u32 << assumption as u8;
        if self.seen & bit == 0 {
            self.seen |= bit;
            self.broken.push(Broken { assumption, at_us, event, by: by() });
        }
    }

    /// Whether `assumption` is broken.
    pub fn is_broken(&self, assumption: Assumption) -> bool {
        self.seen & (1 << assumption as u8) != 0
    }

    /// Whether anything is.
    pub fn is_clean(&self) -> bool {
        self.seen == 0
    }

    /// What is broken, in the order of time.
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }
}
