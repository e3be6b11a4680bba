//! The one generator. Its sampling must never change: old links replay through it.

use crate::protocol::Chooser;

/// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, passes BigCrush, the same on every platform.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// An independent stream of `seed` for one purpose, so that what a fault adds to one does not shift another.
    pub fn stream(seed: u64, purpose: u64) -> Self {
        let mut random = Random(seed ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03));
        random.word();
        random
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound` (`bound` ≥ 1) by a widening multiplication; the bias is below 2⁻³² for our bounds.
    pub fn below(&mut self, bound: u64) -> u64 {
        debug_assert!(bound > 0);
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `low..=high`.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        debug_assert!(low <= high);
        low + self.below(high - low + 1)
    }

    /// True `ppm` times in a million.
    pub fn chance(&mut self, ppm: u32) -> bool {
        ppm > 0 && self.below(1_000_000) < u64::from(ppm)
    }

    /// A heavy tail without floats: `2^k` with probability `2^-(k+1)`, `k` at most `most`.
    pub fn doubling(&mut self, most: u32) -> u64 {
        1 << self.word().trailing_zeros().min(most)
    }
}

impl Chooser for Random {
    fn choose(&mut self, bound: u32) -> u32 {
        self.below(u64::from(bound)) as u32
    }
}
