//! Vector time.

use crate::protocol::NodeId;
use crate::protocols::dissemination::Stamp;
use std::fmt::{self, Display};
use std::sync::Arc;

/// Per node, how many of its messages are counted. Shared, not copied, between the copies of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vector(Arc<[u64]>);

impl Vector {
    /// The vector of a cluster of `nodes` in which nothing has been sent.
    pub fn zero(nodes: usize) -> Self {
        Vector(vec![0; nodes].into())
    }

    /// The entry of `node`.
    pub fn of(&self, node: NodeId) -> u64 {
        self.0[node.index()]
    }

    /// The entry of `node` goes up by one.
    pub fn tick(&mut self, node: NodeId) {
        Arc::make_mut(&mut self.0)[node.index()] += 1;
    }

    /// The first node whose messages `self`, the time of a message from `sender`, counts more of than `here` does
    /// (of the sender's: more than one more).
    ///
    /// Birman, Schiper and Stephenson 1991, CBCAST, rule 2: p_j delays the message of p_i until
    /// VT(m)\[k\] = VT(p_j)\[k\] + 1 for k = i, and VT(m)\[k\] ≤ VT(p_j)\[k\] for every other k.
    pub fn waits_for<'a>(&'a self, sender: NodeId, here: &'a Vector) -> impl Iterator<Item = NodeId> + 'a {
        NodeId::all(self.0.len()).filter(move |&k| {
            let allowed = here.of(k) + u64::from(k == sender);
            self.of(k) > allowed
        })
    }
}

impl Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<String> = self.0.iter().map(u64::to_string).collect();
        write!(f, "[{}]", entries.join(", "))
    }
}

impl Stamp for Vector {
    fn field(&self) -> Option<(&'static str, String)> {
        Some(("VT", self.to_string()))
    }
}
