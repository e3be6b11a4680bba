//! When a run is over by itself: nothing new can come, and what still moves are heartbeats, or elections and retries
//! that get nowhere.

use super::world::World;
use crate::protocol::NodeId;

/// How long nothing must have come when every client has its answer, µs.
const SETTLED_US: u64 = 5_000_000;
/// How long nothing must have come while somebody waits for an answer, µs.
const STUCK_US: u64 = 30_000_000;
/// An exchange that leads to a delivery takes so many messages, or time-outs, one after the other.
const CHAIN: u64 = 4;

impl World {
    /// Whether the run is quiescent when its next event is due at `at`: no position delivered and nobody elected for
    /// a long time, measured by the messages and time-outs under way.
    pub(super) fn quiescent(&mut self, at: u64) -> bool {
        let gst = self.network.knobs().gst_us;
        let since = self.progress_at.max(self.disturbed_at).max(gst);
        if self.now < gst || at < since + SETTLED_US || !self.script.done(&self.scenario) {
            return false;
        }
        if self.quiet.0 == since && at < self.quiet.1 || self.clients.any_thinks() {
            return false;
        }
        let window = if self.clients.all_answered() { SETTLED_US } else { STUCK_US };
        // Looking is dear: it is done again no sooner than it can lead to something.
        let from = since + window + CHAIN * self.longest_wait();
        self.quiet = (since, from);
        at >= from
    }

    /// The longest time that anything under way takes: a message to somebody, a timer, a client's patience.
    fn longest_wait(&self) -> u64 {
        let arrives = |to: NodeId| self.nodes[to.index()].up && !self.nodes[to.index()].paused;
        let flights = self
            .flights()
            .filter(|(_, flight)| arrives(flight.to) && !flight.held && !self.network.blocked(flight.from, flight.to));
        let flights = flights.map(|(_, flight)| flight.arrives_at.saturating_sub(flight.sent_at));
        let standing = self.nodes.iter().filter(|node| node.up && !node.paused && !self.network.manual());
        let timers =
            standing.flat_map(|node| &node.timers).filter(|timer| timer.on).map(|timer| timer.at - timer.since);
        flights.chain(timers).chain(self.clients.longest_patience()).max().unwrap_or(0)
    }
}
