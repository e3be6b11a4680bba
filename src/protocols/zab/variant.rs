//! Zab with one rule left out, on purpose. Each variant differs from the correct code by one condition.

use crate::protocol;

/// Which Zab runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Variant {
    /// The paper's, with its open points settled.
    #[default]
    Correct,
    /// Z1: PROPOSE goes to those alone that have acknowledged NEWLEADER.
    ProposeToSynced,
    /// Z2: COMMIT-LD says how far the follower was synchronised, not how far is committed.
    CommitLdEchoes,
    /// Z3: ACK-LD leaves before the history is on the disk.
    AckLdBeforeFsync,
    /// Z4: currentEpoch is on the disk before the history.
    EpochBeforeHistory,
    /// Z5: a follower keeps what its leader has not got.
    KeepTail,
    /// Z6: the history with the highest zxid is chosen, whatever its epoch.
    HistoryByZxid,
    /// Z7: the leader waits for no ACK-LD but its own.
    BroadcastUnsynced,
    /// Z8: what a follower accepts while it is synchronised is left out when it synchronises others.
    HoleInDiff,
    /// Z9: a follower promises an epoch to two prospective leaders.
    PromiseTwice,
}

/// The cards, in the order of their codes.
pub const VARIANTS: &[protocol::Variant] = &[
    protocol::Variant {
        id: "propose-to-synced",
        code: "Z1",
        title: text!("Nothing is proposed to those that join"),
        rule: text!(
            "From NEWLEADER on a follower is sent every proposal: what is proposed before its ACK-LD arrives is in \
               no later message."
        ),
        source: text!(
            "Junqueira, Reed, Serafini 2011, steps ℓ.3.1 and ℓ.3.4 (which leave Q open); ZooKeeper, \
                 zookeeper-specifications/protocol-spec/issues.md, 1"
        ),
        breaks: "Local primary order",
    },
    protocol::Variant {
        id: "commit-ld-echoes",
        code: "Z2",
        title: text!("COMMIT-LD forgets what was committed meanwhile"),
        rule: text!(
            "COMMIT-LD names the last transaction that the leader has committed, not the last one that the follower \
               acknowledged with ACK-LD."
        ),
        source: text!(
            "Junqueira, Reed, Serafini 2011, step ℓ.3.4 (which leaves it open); ZooKeeper, \
                 zookeeper-specifications/protocol-spec/issues.md, 3"
        ),
        breaks: "Agreement",
    },
    protocol::Variant {
        id: "ack-ld-before-fsync",
        code: "Z3",
        title: text!("Acknowledging a history that is not on the disk"),
        rule: text!("A follower acknowledges NEWLEADER only when its epoch and history are on stable storage."),
        source: text!("Junqueira, Reed, Serafini 2011, step f.2.1; ZOOKEEPER-3911, ZOOKEEPER-4646"),
        breaks: "Prefix consistency",
    },
    protocol::Variant {
        id: "epoch-before-history",
        code: "Z4",
        title: text!("The new epoch with the old history"),
        rule: text!(
            "currentEpoch and the history of NEWLEADER get to the disk together: a node that has the epoch alone \
               passes for the most recent one."
        ),
        source: text!("Junqueira, Reed, Serafini 2011, step f.2.1 (\"atomically\"); ZOOKEEPER-4643"),
        breaks: "Prefix consistency",
    },
    protocol::Variant {
        id: "keep-tail",
        code: "Z5",
        title: text!("Keeping what the leader has not got"),
        rule: text!("A follower that joins a leader drops the transactions that the leader's history lacks."),
        source: text!("Junqueira, Reed, Serafini 2011, step f.2.1; ZOOKEEPER-1154, ZOOKEEPER-2832"),
        breaks: "Global primary order",
    },
    protocol::Variant {
        id: "history-by-zxid",
        code: "Z6",
        title: text!("The longest history is not the latest"),
        rule: text!(
            "The initial history is that of the follower with the highest currentEpoch, and among those of the \
               highest zxid."
        ),
        source: text!("Junqueira, Reed, Serafini 2011, step ℓ.1.2; Zab.tla, MoreResentOrEqual"),
        breaks: "Primary integrity",
    },
    protocol::Variant {
        id: "broadcast-unsynced",
        code: "Z7",
        title: text!("Leading before a quorum is synchronised"),
        rule: text!(
            "A leader commits its initial history and broadcasts when a quorum has acknowledged NEWLEADER, not \
               before."
        ),
        source: text!("Junqueira, Reed, Serafini 2011, step ℓ.2.2"),
        breaks: "Primary integrity",
    },
    protocol::Variant {
        id: "hole-in-diff",
        code: "Z8",
        title: text!("A hole that is passed on"),
        rule: text!(
            "The difference that a leader sends is taken from its whole history, with what it accepted itself while \
               it was being synchronised."
        ),
        source: text!("Junqueira, Reed, Serafini 2011, step ℓ.2.1; ZOOKEEPER-4925"),
        breaks: "Local primary order",
    },
    protocol::Variant {
        id: "promise-twice",
        code: "Z9",
        title: text!("One epoch promised to two"),
        rule: text!(
            "A follower acknowledges NEWEPOCH(e') only if its last promise is for an earlier epoch; for the same \
               epoch, only to the leader to which it gave it."
        ),
        source: text!("Junqueira, Reed, Serafini 2011, step f.1.2 (\"if f.p < e'\")"),
        breaks: "Leadership",
    },
];

impl Variant {
    /// The variant called `id`.
    pub fn named(id: &str) -> Option<Variant> {
        use Variant::*;
        let all = [
            ProposeToSynced,
            CommitLdEchoes,
            AckLdBeforeFsync,
            EpochBeforeHistory,
            KeepTail,
            HistoryByZxid,
            BroadcastUnsynced,
            HoleInDiff,
            PromiseTwice,
        ];
        match VARIANTS.iter().position(|card| card.id == id) {
            Some(place) => all.get(place).copied(),
            None => (id == "correct").then_some(Correct),
        }
    }
}
