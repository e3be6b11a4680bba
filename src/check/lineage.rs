//! How each state was first reached, in about ten bits a state.
//!
//! A breadth-first search expands states in the order in which it discovered them. So it is enough to know, for each
//! expanded state, how many states it discovered, and for each of these, the how-manieth step it was: the rest is
//! counting. States themselves are not kept: a path is walked again from the beginning.

use super::pages::Pages;

/// The largest number of a step that stands in its byte; it says that the number is among the larger ones.
const LARGE: u8 = u8::MAX;

/// Who discovered whom. Parents are numbered from 0, which is nobody: it has discovered the initial states. State *i*,
/// in order of discovery, is parent *i* + 1.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    /// For each state, the number of the step that led to it among the steps of its parent.
    ordinals: Pages<u8>,
    /// What is too large for a byte, by state.
    larger: Vec<(u64, u32)>,
    /// For each parent a 0 for every state that it discovered, then a 1.
    families: Pages<u64>,
    /// The last word of the families, and how many bits of it are in use.
    word: u64,
    used: u32,
    /// How many parents have their 1.
    closed: u64,
}

impl Lineage {
    /// The parent under way discovers a state by its step number `ordinal`.
    #[inline]
    pub fn push(&mut self, ordinal: u32) {
        if ordinal >= u32::from(LARGE) {
            self.larger.push((self.ordinals.items(), ordinal));
        }
        self.ordinals.push(ordinal.min(u32::from(LARGE)) as u8);
        self.bit(0);
    }

    /// The parent under way has no more steps; the next one follows.
    #[inline]
    pub fn close(&mut self) {
        self.bit(1);
        self.closed += 1;
    }

    /// The number of the parent under way.
    pub fn parent(&self) -> u64 {
        self.closed
    }

    /// How many states have no end of their steps yet: they wait to be expanded, or are under way.
    pub fn open(&self) -> u64 {
        (self.ordinals.items() + 1).saturating_sub(self.closed)
    }

    #[inline]
    fn bit(&mut self, bit: u64) {
        self.word |= bit << self.used;
        self.used += 1;
        if self.used == 64 {
            self.families.push(self.word);
            (self.word, self.used) = (0, 0);
        }
    }

    fn ordinal(&self, state: u64) -> u32 {
        match self.ordinals.get(state) {
            Some(LARGE) => {
                let at = self.larger.binary_search_by_key(&state, |(state, _)| *state).expect("every larger number");
                self.larger[at].1
            }
            ordinal => u32::from(ordinal.expect("a state that was discovered")),
        }
    }

    /// The numbers of the steps that lead from nobody to `parent`: the first one chooses among the initial states.
    pub fn trail(&self, mut parent: u64) -> Vec<u32> {
        let mut trail = Vec::new();
        // Both counted down while the families are read from their end.
        let (mut discovered, mut under_way) = (self.ordinals.items(), self.closed);
        let mut words = self.families.items();
        let (mut word, mut used) = (self.word, self.used);
        while let Some(state) = parent.checked_sub(1) {
            // The word in which the 0 of `state` stands.
            loop {
                let ones = u64::from(word.count_ones());
                let zeros = u64::from(used) - ones;
                if discovered - zeros <= state {
                    break;
                }
                discovered -= zeros;
                under_way -= ones;
                words -= 1;
                (word, used) = (self.families.get(words).expect("a word before"), 64);
            }
            // And in it, bit by bit from the top.
            while discovered > state {
                used -= 1;
                if word >> used == 1 {
                    under_way -= 1;
                    word ^= 1 << used;
                } else {
                    discovered -= 1;
                }
            }
            trail.push(self.ordinal(state));
            parent = under_way;
        }
        trail.reverse();
        trail
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.ordinals.bytes() + self.families.bytes() + (self.larger.capacity() * size_of::<(u64, u32)>()) as u64
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_trail_is_found_again(families in prop::collection::vec(prop::collection::vec(0u32..600, 0..5), 1..300)) {
            let mut lineage = Lineage::default();
            let mut trails: Vec<Vec<u32>> = vec![Vec::new()];
            for (parent, family) in families.iter().enumerate() {
                let Some(trail) = trails.get(parent).cloned() else { break };
                for ordinal in family {
                    lineage.push(*ordinal);
                    trails.push(trail.iter().copied().chain([*ordinal]).collect());
                }
                prop_assert_eq!(lineage.trail(trails.len() as u64 - 1), trails[trails.len() - 1].clone());
                lineage.close();
                prop_assert_eq!(lineage.parent(), parent as u64 + 1);
            }
            for (parent, trail) in trails.iter().enumerate() {
                prop_assert_eq!(&lineage.trail(parent as u64), trail);
            }
        }
    }
}
