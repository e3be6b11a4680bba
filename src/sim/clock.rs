//! A node's own clock: an offset and a rate, both the network model's and both open to a fault.

/// Local time as a line through (`true_base`, `local_base`) with a rate of 1 + `ppm` / 10⁶.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    true_base: u64,
    local_base: u64,
    ppm: i32,
}

const MILLION: u64 = 1_000_000;

impl Clock {
    /// A clock that shows `offset` at the start and gains `ppm` microseconds a second.
    pub fn new(offset: u64, ppm: i32) -> Self {
        debug_assert!(ppm.unsigned_abs() < 1_000_000);
        Clock { true_base: 0, local_base: offset, ppm }
    }

    fn rate(self) -> u64 {
        (MILLION as i64 + i64::from(self.ppm)) as u64
    }

    /// What the clock shows at `now`, in microseconds.
    pub fn local(self, now: u64) -> u64 {
        let elapsed = now - self.true_base;
        if self.ppm == 0 {
            return self.local_base + elapsed;
        }
        // elapsed · rate / 10⁶, rounded down, in numbers that fit.
        self.local_base + elapsed / MILLION * self.rate() + elapsed % MILLION * self.rate() / MILLION
    }

    /// When the clock will show `local`: the first microsecond at which it does, `now` if it already has.
    pub fn when(self, local: u64, now: u64) -> u64 {
        if local <= self.local_base {
            return now;
        }
        let ahead = local - self.local_base;
        let elapsed = if self.ppm == 0 {
            ahead
        } else {
            // ahead · 10⁶ / rate, rounded up, in numbers that fit.
            ahead / self.rate() * MILLION + (ahead % self.rate() * MILLION).div_ceil(self.rate())
        };
        (self.true_base + elapsed).max(now)
    }

    /// The clock jumps by `by` microseconds (not below zero) and gains `ppm` from now on.
    pub fn skew(&mut self, now: u64, by: i64, ppm: i32) {
        let shown = self.local(now);
        self.local_base = shown.saturating_add_signed(by);
        self.true_base = now;
        self.ppm = ppm;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_a_deadline_when_it_says_it_does() {
        for ppm in [-200_000, -200, 0, 1, 200, 100_000] {
            let mut clock = Clock::new(17, ppm);
            clock.skew(1_000, 5_000, ppm);
            for ahead in [1, 2, 999, 150_000, 86_400_000_000] {
                let deadline = clock.local(2_000) + ahead;
                let at = clock.when(deadline, 2_000);
                assert!(clock.local(at) >= deadline, "ppm {ppm}, ahead {ahead}");
                assert!(clock.local(at - 1) < deadline, "ppm {ppm}, ahead {ahead}: a microsecond earlier is too early");
            }
        }
    }

    #[test]
    fn a_clock_is_exact() {
        for ppm in [-999_999, -200_000, -200, 1, 100_000, 999_999] {
            let clock = Clock::new(0, ppm);
            for time in [0, 1, 999_999, 1_000_000, 1_000_001, 123_456_789_012, 3_600_000_000_000] {
                let (wide, rate) = (u128::from(time), u128::from(clock.rate()));
                assert_eq!(u128::from(clock.local(time)), wide * rate / 1_000_000, "ppm {ppm}, {time}");
                assert_eq!(u128::from(clock.when(time, 0)), (wide * 1_000_000).div_ceil(rate), "ppm {ppm}, {time}");
            }
        }
    }
}
