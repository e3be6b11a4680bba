//! The event queue that both peers run on, as lean as is reasonable: a binary heap of small keys over a slab that
//! reuses its places, so that a message is moved twice (in and out) and never while the heap sifts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Orders by time, then by the order of insertion; `slot` says where the event lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at_us: u64,
    order: u32,
    slot: u32,
}

/// Events in the order of their virtual time; of two at the same time, the one that was put in first.
pub struct Queue<E> {
    heap: BinaryHeap<Reverse<Key>>,
    slots: Vec<Option<E>>,
    free: Vec<u32>,
    order: u32,
}

impl<E> Queue<E> {
    /// An empty queue with room for `capacity` events before it allocates.
    pub fn with_capacity(capacity: usize) -> Self {
        Queue {
            heap: BinaryHeap::with_capacity(capacity),
            slots: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            order: 0,
        }
    }

    /// Puts `event` in, to come out at `at_us` virtual microseconds.
    pub fn push(&mut self, at_us: u64, event: E) {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(event);
                slot
            }
            None => {
                self.slots.push(Some(event));
                self.slots.len() as u32 - 1
            }
        };
        self.heap.push(Reverse(Key { at_us, order: self.order, slot }));
        self.order = self.order.checked_add(1).expect("fewer than 2^32 events in a run");
    }

    /// The next event, unless it comes after `until_us`.
    pub fn pop_until(&mut self, until_us: u64) -> Option<(u64, E)> {
        if self.heap.peek()?.0.at_us > until_us {
            return None;
        }
        let Reverse(key) = self.heap.pop()?;
        self.free.push(key.slot);
        let event = self.slots[key.slot as usize].take().expect("a queued event lies in its slot");
        Some((key.at_us, event))
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn events_come_out_by_time_then_by_insertion_and_slots_are_reused() {
        let mut queue = Queue::with_capacity(4);
        for (at, name) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b')] {
            queue.push(at, name);
        }
        let mut seen = Vec::new();
        while let Some((at, name)) = queue.pop_until(3) {
            seen.push((at, name));
        }
        assert_eq!(seen, [(1, 'a'), (3, 'b')]);
        queue.push(5, 'e');
        while let Some((at, name)) = queue.pop_until(9) {
            seen.push((at, name));
        }
        assert_eq!(seen, [(1, 'a'), (3, 'b'), (5, 'c'), (5, 'd'), (5, 'e')]);
        assert_eq!(queue.slots.len(), 4);
    }
}
