//! The channel between a follower and its leader.
//!
//! Zab assumes that a channel loses nothing and reorders nothing as long as it stands, and that what comes on it is of
//! one iteration only (§II); its authors get that from a new TCP connection for each iteration. Here a channel has a
//! name, of which each end gives its half, and numbers its messages. What is not the next message is either old, and
//! thrown away, or shows that one is missing: then the connection is broken, and nothing of it is heard any more.

/// On the envelope of every message of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The follower's half of the name: new for each of its attempts to join a leader.
    pub follower: u64,
    /// The leader's half: new for each of its attempts to lead; 0 while the follower does not know it.
    pub leader: u64,
    /// The how-manieth message of its direction, from 0.
    pub number: u32,
}

/// One end of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Channel {
    /// The next message that may come.
    next_in: u32,
    /// The next message that goes out.
    next_out: u32,
}

/// What a message is to its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The next one.
    Next,
    /// It came before.
    Old,
    /// One before it is missing.
    Gap,
}

impl Channel {
    /// A message with this number comes.
    pub fn take(&mut self, number: u32) -> Fit {
        match number {
            number if number < self.next_in => Fit::Old,
            number if number > self.next_in => Fit::Gap,
            _ => {
                self.next_in += 1;
                Fit::Next
            }
        }
    }

    /// The number of a message that goes out.
    pub fn give(&mut self) -> u32 {
        self.next_out += 1;
        self.next_out - 1
    }
}
