//! The monitors of one run together: which properties are watched, and who wants to know of what.

use super::{Conditions, Moment, Observation, Property, Violation, Words};
use crate::protocol::Info;

/// Watches every property of the run's protocol.
#[derive(Clone, Debug)]
pub struct Monitor {
    info: &'static Info,
    nodes: usize,
}

impl Monitor {
    /// The monitor of a cluster of `nodes` that runs the protocol of this card.
    pub fn new(info: &'static Info, nodes: usize) -> Self {
        Monitor { info, nodes }
    }

    /// Something happened.
    pub fn observe(&mut self, moment: &Moment, observation: &Observation) {
        let _ = (moment, observation, self.nodes);
    }

    /// Judges what is pending by the model's bound. To be called now and then: after faults and at the run's end.
    pub fn judge(&mut self, moment: &Moment, conditions: &Conditions<'_>) {
        let _ = (moment, conditions);
    }

    /// Every watched property and how it stands.
    pub fn properties(&self, words: &Words<'_>) -> impl Iterator<Item = Property> {
        let _ = (words, self.info);
        std::iter::empty()
    }

    /// The first violation of a property that the protocol promises. Costs nothing.
    pub fn violated(&self) -> Option<&Violation> {
        None
    }
}
