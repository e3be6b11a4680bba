//! One configuration of a cluster: numbers of a [`Core`], small enough to wait in a frontier of millions.

use super::bounds::Channels;
use super::core::Core;
use crate::check::fingerprint::{self, Fingerprinter};
use smallvec::SmallVec;
use std::hash::Hasher;
use std::sync::Arc;

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The fingerprint; that of a set of channels is the sum of its letters', so that a step changes it in place.
    pub print: u64,
    /// By node.
    pub members: SmallVec<[u32; 5]>,
    /// The history variables.
    pub ghost: u32,
    /// Crashes so far, and in the bits from the eighth on, which commands were asked for.
    pub spent: u32,
    /// Letters in flight. In a set or a bag: in the order of their fingerprints; in queues: by link, the oldest first.
    pub net: Arc<[u32]>,
}

impl State {
    /// How many crashes there were.
    pub fn crashes(&self) -> u8 {
        self.spent as u8
    }

    /// Whether the command numbered so was asked for.
    pub fn asked(&self, command: u8) -> bool {
        self.spent >> (8 + u32::from(command)) & 1 == 1
    }

    /// The fingerprint, from its parts.
    pub fn fresh_print(&self, core: &Core) -> u64 {
        let members = self.members.iter().fold(0u64, |sum, member| sum.wrapping_add(core.member_print(*member)));
        members
            .wrapping_add(core.ghost_print(self.ghost))
            .wrapping_add(spent_print(self.spent))
            .wrapping_add(net_print(core, &self.net))
    }
}

/// The fingerprint of what was spent.
#[inline]
pub fn spent_print(spent: u32) -> u64 {
    fingerprint::scramble(u64::from(spent) ^ 0x5bd1_e995_0000_0000)
}

/// The fingerprint of the channels.
pub fn net_print(core: &Core, net: &[u32]) -> u64 {
    if core.channels != Channels::Queues {
        return net.iter().fold(0, |sum: u64, letter| sum.wrapping_add(core.letter_print(*letter)));
    }
    let mut sum = 0u64;
    let mut link = Fingerprinter::default();
    for (at, letter) in net.iter().enumerate() {
        link.write_u64(core.letter_print(*letter));
        let of = |id: u32| (core.letter(id).from, core.letter(id).to);
        if net.get(at + 1).is_none_or(|next| of(*next) != of(*letter)) {
            sum = sum.wrapping_add(link.finish());
            link = Fingerprinter::default();
        }
    }
    sum
}

/// The channels after `letters` were sent; `None` when all of them are there already, in a set.
pub fn sent(core: &Core, net: &Arc<[u32]>, letters: &[u32]) -> Option<Arc<[u32]>> {
    match core.channels {
        Channels::Set => {
            let at = |letter: u32| {
                let print = core.letter_print(letter);
                net.binary_search_by_key(&print, |there| core.letter_print(*there))
            };
            let new: SmallVec<[u32; 8]> = letters.iter().copied().filter(|letter| at(*letter).is_err()).collect();
            if new.is_empty() {
                return None;
            }
            let mut all = Vec::with_capacity(net.len() + new.len());
            let mut new = new.into_iter().peekable();
            for letter in net.iter().copied() {
                let print = core.letter_print(letter);
                while let Some(next) = new.next_if(|next| core.letter_print(*next) < print) {
                    all.push(next);
                }
                all.push(letter);
            }
            all.extend(new);
            Some(all.into())
        }
        Channels::Bag => {
            let mut all: Vec<u32> = net.iter().chain(letters).copied().collect();
            all.sort_by_key(|letter| core.letter_print(*letter));
            (!letters.is_empty()).then(|| all.into())
        }
        Channels::Queues => {
            let mut all: Vec<u32> = net.iter().chain(letters).copied().collect();
            all.sort_by_key(|letter| (core.letter(*letter).from, core.letter(*letter).to));
            (!letters.is_empty()).then(|| all.into())
        }
    }
}

/// The channels after the letter at `place` arrived. In queues that loses what stood before it on its link.
pub fn taken(core: &Core, net: &Arc<[u32]>, place: usize) -> Arc<[u32]> {
    match core.channels {
        Channels::Set => net.clone(),
        Channels::Bag => net.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, letter)| *letter).collect(),
        Channels::Queues => {
            let link = |id: u32| (core.letter(id).from, core.letter(id).to);
            let own = link(net[place]);
            let kept = net.iter().enumerate().filter(|(at, letter)| *at > place || link(**letter) != own);
            kept.map(|(_, letter)| *letter).collect()
        }
    }
}
