//! What a state is remembered by: 64 bits, the same on every machine.
//!
//! # The odds
//! The search takes two states with the same fingerprint for one and would not look behind the second. Among *n*
//! states whose fingerprints are as good as random, some two agree with probability at most *n*(*n* − 1) / 2⁶⁵ (the
//! birthday bound): below 3 in 10⁸ for a million states, below 3 in 10⁶ for ten million, below 3 in 10⁴ for a hundred
//! million. Where states count as one that differ in names, the least of *k* fingerprints is taken, and the odds are at
//! most *k* / 2 times as high. A counterexample is replayed before it is shown and is never wrong; only *nothing found* rests on these
//! odds. Where a whole state fits into one word, [`scramble`] maps it one to one, and there are no odds at all.

use std::hash::{Hash, Hasher};

/// A permutation of the words of 64 bits in which every bit of the result depends on every bit of `word`: Stafford's
/// variant 13 of the finalizer of MurmurHash3.
#[inline]
pub fn scramble(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The fingerprint of anything that can be hashed.
pub fn of(value: &impl Hash) -> u64 {
    let mut hasher = Fingerprinter::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The hasher behind [`of`]: one round of [`scramble`] a word, so that no pattern in one word cancels a pattern in the
/// next. Lengths and discriminants count as 64 bits whatever the machine has.
#[derive(Clone, Debug)]
pub struct Fingerprinter(u64);

impl Default for Fingerprinter {
    fn default() -> Self {
        Fingerprinter(0x9e37_79b9_7f4a_7c15)
    }
}

impl Hasher for Fingerprinter {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }

    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    #[inline]
    fn write_u64(&mut self, n: u64) {
        // The sum, so that a run of equal words does not come back to where it began.
        self.0 = scramble(self.0 ^ n).wrapping_add(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as i64 as u64);
    }
}
