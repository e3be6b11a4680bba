//! One configuration of a cluster: numbers of a [`Core`], small enough to wait in a frontier of millions.

use super::bounds::Channels;
use super::core::Core;
use crate::check::fingerprint::Fingerprinter;
use smallvec::SmallVec;
use std::hash::Hasher;
use std::sync::Arc;

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The fingerprints, one for each renaming of the nodes. They are sums over the parts, so that a step changes them in
    /// place.
    pub prints: SmallVec<[u64; 1]>,
    /// By node.
    pub members: SmallVec<[u32; 5]>,
    /// The history variables.
    pub ghost: u32,
    /// Crashes so far; in the bits from the eighth on, which commands were asked for; in the last ones, retries and lost
    /// disks.
    pub spent: u32,
    /// Letters in flight. In a set or a bag: in the order of their fingerprints; in queues: by link, the oldest first.
    pub net: Arc<[u32]>,
}

impl State {
    /// How many crashes there were.
    pub fn crashes(&self) -> u8 {
        self.spent as u8
    }

    /// How often clients asked once more.
    pub fn retries(&self) -> u8 {
        (self.spent >> RETRIES & 15) as u8
    }

    /// How many disks were lost.
    pub fn lost_disks(&self) -> u8 {
        (self.spent >> LOST_DISKS) as u8
    }

    /// Whether the command numbered so was asked for.
    pub fn asked(&self, command: u8) -> bool {
        self.spent >> (8 + u32::from(command)) & 1 == 1
    }

    /// What the state is known by: the least of its fingerprints.
    #[inline]
    pub fn print(&self) -> u64 {
        self.prints.iter().copied().min().unwrap_or(0)
    }

    /// The fingerprints, from its parts.
    pub fn fresh_prints(&self, core: &Core) -> SmallVec<[u64; 1]> {
        let of = |names: usize| {
            let members = self.members.iter().map(|member| core.member_print(*member, names));
            let rest = [
                core.ghost_print(self.ghost, names),
                core.spent_print(self.spent, names),
                net_print(core, &self.net, names),
            ];
            members.chain(rest).fold(0, u64::wrapping_add)
        };
        (0..core.renamings()).map(of).collect()
    }
}

/// Where [`State::spent`] counts retries: behind the bits of commands.
pub const RETRIES: u32 = 24;
/// Where it counts lost disks.
pub const LOST_DISKS: u32 = 28;

/// [`State::spent`] with other commands in the place of those that were asked for.
pub fn renamed(spent: u32, commands: impl Fn(u32) -> u32) -> u32 {
    const ASKED: u32 = (1 << RETRIES) - (1 << 8);
    spent & !ASKED | commands((spent & ASKED) >> 8) << 8
}

/// The fingerprint of the channels.
pub fn net_print(core: &Core, net: &[u32], names: usize) -> u64 {
    if core.channels != Channels::Queues {
        return net.iter().fold(0, |sum: u64, letter| sum.wrapping_add(core.letter_print(*letter, names)));
    }
    let mut sum = 0u64;
    let mut link = Fingerprinter::default();
    for (at, letter) in net.iter().enumerate() {
        link.write_u64(core.letter_print(*letter, names));
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
                let print = core.letter_print(letter, 0);
                net.binary_search_by_key(&print, |there| core.letter_print(*there, 0))
            };
            let new: SmallVec<[u32; 8]> = letters.iter().copied().filter(|letter| at(*letter).is_err()).collect();
            if new.is_empty() {
                return None;
            }
            let mut all = Vec::with_capacity(net.len() + new.len());
            let mut new = new.into_iter().peekable();
            for letter in net.iter().copied() {
                let print = core.letter_print(letter, 0);
                while let Some(next) = new.next_if(|next| core.letter_print(*next, 0) < print) {
                    all.push(next);
                }
                all.push(letter);
            }
            all.extend(new);
            Some(all.into())
        }
        Channels::Bag => {
            let mut all: Vec<u32> = net.iter().chain(letters).copied().collect();
            all.sort_by_key(|letter| core.letter_print(*letter, 0));
            (!letters.is_empty()).then(|| all.into())
        }
        Channels::Queues => {
            let mut all = net.to_vec();
            for letter in letters {
                all.retain(|earlier| !core.supersedes(*letter, *earlier));
                all.push(*letter);
            }
            all.sort_by_key(|letter| (core.letter(*letter).from, core.letter(*letter).to));
            (!letters.is_empty()).then(|| all.into())
        }
    }
}

/// The channels after the letter at `place` arrived, where it arrives once.
pub fn taken(net: &[u32], place: usize) -> Arc<[u32]> {
    net.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, letter)| *letter).collect()
}
