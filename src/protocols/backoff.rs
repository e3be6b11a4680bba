//! Waits that grow while nothing comes of them: those of proposers whose ballots preempt one another.

use crate::protocol::Setup;

/// A range that a wait is drawn from, doubled again and again, up to a bound.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The range at first, in microseconds.
    pub first: (u64, u64),
    /// No wait is longer, in microseconds.
    longest: u64,
}

impl Backoff {
    /// Reads the declared range `first`, and the bound in `backoff_max_ms`.
    pub fn read(setup: &Setup<'_>, first: &str) -> Result<Backoff, String> {
        let backoff = Backoff { first: setup.range_us(first), longest: setup.us("backoff_max_ms") };
        if backoff.longest < backoff.first.1 {
            let ms = backoff.first.1 / 1000;
            return Err(format!("backoff_max_ms must be at least the upper end of {first}, which is {ms}"));
        }
        Ok(backoff)
    }

    /// The range after so many doublings, in microseconds.
    pub fn wait(self, doublings: u64) -> (u64, u64) {
        let factor = 1u64 << doublings.min(20);
        let high = self.first.1.saturating_mul(factor).min(self.longest);
        // Once doubled, the lower end is at most half the upper one, so that there is always chance in the wait.
        (self.first.0.saturating_mul(factor).min((high / 2).max(self.first.0)), high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_its_bound_and_leaves_room_for_chance() {
        let backoff = Backoff { first: (250, 500), longest: 4000 };
        let waits: Vec<_> = (0..5).map(|doublings| backoff.wait(doublings)).collect();
        assert_eq!(waits, [(250, 500), (500, 1000), (1000, 2000), (2000, 4000), (2000, 4000)]);
        assert_eq!(backoff.wait(u64::MAX), (2000, 4000));
        // A first range that is narrow stays so until it is doubled.
        let narrow = Backoff { first: (400, 500), longest: 700 };
        assert_eq!((narrow.wait(0), narrow.wait(1)), ((400, 500), (400, 700)));
    }
}
