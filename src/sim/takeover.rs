//! A run that is taken over: what went on by itself goes on by hand.

use super::trace::What;
use super::world::World;
use crate::protocol::NodeId;
use crate::scenario::Intervention;

impl World {
    /// From now on nothing happens by itself but that disks write and nodes hear themselves; chance answers as in a run
    /// with this seed.
    pub(super) fn take_over(&mut self, seed: u32) {
        self.fault(What::Hand, NodeId(0), NodeId(0), 0);
        self.network.take_over();
        self.oracle = None;
        self.choose_random = World::choices(seed.into());
        self.script.give_up(self.scenario.script.len());
        self.script.taken = self.queue.number();
        let now = self.now;
        for (slot, flight) in (0..).zip(&mut self.flights).filter(|(_, flight)| flight.live && flight.from != flight.to)
        {
            (flight.held, flight.seq, flight.arrives_at) = (true, 0, now);
            self.held.add((flight.id, slot));
        }
    }

    /// What was done by hand so far, or picked by an adversary, in the order of events: with it the run takes the same
    /// course again.
    pub fn done_by_hand(&self) -> Vec<Intervention> {
        let mut done = self.interventions[..self.intervened()].to_vec();
        done.extend(self.picked.iter().cloned());
        done.sort_by_key(|intervention| intervention.event);
        done
    }
}
