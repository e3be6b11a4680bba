//! The one list of protocols: a new protocol is a folder and a line here.

use crate::protocol::{Info, Protocol};

/// Something to be done with a protocol, whichever it is: build a world of it, search it, describe it.
pub trait Visitor {
    /// What comes of it.
    type Output;
    /// Does it with `P`.
    fn visit<P: Protocol>(self) -> Self::Output;
}

macro_rules! registry {
    ($($protocol:ty),* $(,)?) => {
        /// The cards of all protocols, in the order of the menu.
        pub const ALL: &[&Info] = &[$(<$protocol as Protocol>::INFO),*];

        /// Does `visitor`'s work with the protocol called `id`; `None` when there is none of that name.
        pub fn visit<V: Visitor>(id: &str, visitor: V) -> Option<V::Output> {
            $(if <$protocol as Protocol>::INFO.id == id {
                return Some(visitor.visit::<$protocol>());
            })*
            let _ = (id, visitor);
            None
        }
    };
}

registry![
    super::best_effort::BestEffort,
    super::reliable::Reliable,
    super::fifo::Fifo,
    super::causal::Causal,
    super::sequencer::Sequencer,
    super::floodset::FloodSet,
    super::ben_or::BenOr,
    super::paxos::Paxos,
    super::multi_paxos::MultiPaxos,
    super::raft::Raft,
    super::zab::Zab,
    super::vr::Vr,
];

/// The card of the protocol called `id`.
pub fn info(id: &str) -> Option<&'static Info> {
    ALL.iter().copied().find(|info| info.id == id)
}
