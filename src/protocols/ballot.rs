//! Ballot numbers: natural numbers, dealt out so that no two nodes ever use the same one.

use crate::protocol::NodeId;

/// The number of a ballot. Paxos Made Simple calls it the proposal's number *n*; "ballot" is The Part-Time
/// Parliament's word, and `bal` that of Paxos.tla.
///
/// Ballot *b* of a cluster of *n* belongs to node *b* mod *n* and to round *b* div *n*; rounds start at 1. "Different
/// proposers choose their numbers from disjoint sets of numbers" (§2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot(pub u64);

impl Ballot {
    /// Lower than every ballot: nothing tried, nothing promised.
    pub const NONE: Ballot = Ballot(0);

    /// The only node of a cluster of `n` that may use this number.
    pub fn owner(self, n: u8) -> NodeId {
        NodeId((self.0 % u64::from(n)) as u8)
    }

    /// How often numbers have gone round the cluster: 1 in the first ballots. It grows with every duel, which is why
    /// the back-off is measured by it.
    pub fn round(self, n: u8) -> u64 {
        self.0 / u64::from(n)
    }

    /// The lowest ballot of `owner` in a cluster of `n` that is higher than this one; `None` past the end of `u64`.
    pub fn next_of(self, owner: NodeId, n: u8) -> Option<Ballot> {
        let in_round = |round: u64| round.checked_mul(u64::from(n))?.checked_add(u64::from(owner.0)).map(Ballot);
        let round = self.round(n).max(1);
        match in_round(round) {
            Some(ballot) if ballot > self => Some(ballot),
            _ => in_round(round.checked_add(1)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_start_in_round_one_and_rise() {
        let next = |from, owner| Ballot(from).next_of(NodeId(owner), 3);
        assert_eq!(next(0, 0), Some(Ballot(3)));
        assert_eq!(next(0, 2), Some(Ballot(5)));
        assert_eq!(next(3, 0), Some(Ballot(6)));
        assert_eq!(next(3, 1), Some(Ballot(4)));
        assert_eq!(next(5, 1), Some(Ballot(7)));
        assert_eq!(Ballot(0).next_of(NodeId(0), 1), Some(Ballot(1)));
        assert_eq!(next(u64::MAX, 0), None);
    }

    #[test]
    fn every_number_has_one_owner() {
        for n in 1..=25u8 {
            for from in 0..200 {
                for owner in NodeId::all(usize::from(n)) {
                    let ballot = Ballot(from).next_of(owner, n).unwrap();
                    assert!(ballot > Ballot(from) && ballot.owner(n) == owner && ballot.round(n) >= 1);
                }
            }
        }
    }
}
