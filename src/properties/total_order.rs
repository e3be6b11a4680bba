//! Total order, pairwise: two nodes that both deliver m1 and m2 deliver them in the same order (Cachin et al., TOB5).
//!
//! Nodes may deliver different sets, so positions say nothing; only what two nodes have in common counts. Let C be
//! what p and q have in common so far, without a conflict. When q delivers m and p has it already, m joins C, and at
//! q it stands behind all of C. So m conflicts with some message of C exactly when m does not stand behind all of C
//! at p, that is, when its rank at p is below the highest rank at p of a message of C. One number for each pair of
//! nodes is all that has to be kept, and a delivery costs one comparison per node. The conflict is seen at the
//! delivery that completes the pair, never later.

use super::Moment;
use super::broadcast::Book;
use super::findings::Findings;
use super::names::Name;
use super::rows::Rows;
use super::sentence::say;
use crate::protocol::NodeId;

/// A message and its rank in somebody's list.
#[derive(Clone, Copy, Debug, Default)]
struct Ranked {
    rank: u32,
    message: u32,
}

/// Ranks of all deliveries.
#[derive(Clone, Debug)]
pub(super) struct TotalOrder {
    nodes: usize,
    /// How many deliveries each node has made, earlier lives included.
    made: Vec<u32>,
    /// `made` when the node's present life began: lower ranks are forgotten.
    base: Vec<u32>,
    /// In row `m`, for each node `p`: the rank of message `m` at `p`, from 1; 0 where it was never delivered.
    ranks: Rows,
    /// `last[p · n + q]`: of what `p` and `q` have in common, the message of the highest rank at `p`.
    last: Vec<Ranked>,
}

impl TotalOrder {
    pub(super) fn new(nodes: usize) -> Self {
        TotalOrder {
            nodes,
            made: vec![0; nodes],
            base: vec![0; nodes],
            ranks: Rows::new(nodes),
            last: vec![Ranked::default(); nodes * nodes],
        }
    }

    /// One more message is in the book.
    pub(super) fn broadcast(&mut self) {
        self.ranks.push();
    }

    /// `node` delivers the message `id`, for the first time in its life.
    pub(super) fn delivered(&mut self, findings: &mut Findings, moment: &Moment, node: NodeId, id: u32, book: &Book) {
        let (n, q) = (self.nodes, node.index());
        self.made[q] += 1;
        let own = Ranked { rank: self.made[q], message: id };
        let ranks = self.ranks.get_mut(id as usize);
        ranks[q] = own.rank;
        for (p, &rank) in ranks.iter().enumerate() {
            if p == q || rank <= self.base[p] {
                continue;
            }
            let last = self.last[p * n + q];
            if rank < last.rank {
                let (first, second) = (book.message(last.message).command, book.message(id).command);
                let other = NodeId(p as u8);
                let why = say![
                    node,
                    " delivered ",
                    first,
                    " before ",
                    second,
                    ", ",
                    other,
                    " delivered ",
                    second,
                    " before ",
                    first
                ];
                return findings.report(Name::TotalOrder, moment, why);
            }
            self.last[p * n + q] = Ranked { rank, message: id };
            self.last[q * n + p] = own;
        }
    }

    /// `node` begins a new list.
    pub(super) fn restarted(&mut self, node: NodeId) {
        let (n, q) = (self.nodes, node.index());
        self.base[q] = self.made[q];
        for p in 0..n {
            self.last[p * n + q] = Ranked::default();
            self.last[q * n + p] = Ranked::default();
        }
    }
}
