//! What a node keeps on its disk: that it was up.

use crate::protocol::Stable;

/// All that survives a crash. FloodSet is for processes that stop: nothing of it is ever used again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// How many rounds the node has begun, the one before the first included; 0: it was never up.
    pub begun: u32,
}

/// One write: so many rounds are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun(pub u32);

impl Stable for Disk {
    type Write = Begun;

    fn apply(&mut self, write: &Begun) {
        self.begun = write.0;
    }
}
