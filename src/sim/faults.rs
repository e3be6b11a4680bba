//! What befalls a node: crash and restart, pause, a clock that jumps.

use super::application::Application;
use super::cluster::Action as Act;
use super::queue::Due;
use super::script::Chore;
use super::trace::{MarkKind, What};
use super::world::World;
use crate::properties::{Assumption, Observation};
use crate::protocol::*;
use crate::scenario::{Model, Network as Knobs};

impl World {
    /// What was sent and waited for the disk is lost with all that the disk does not have.
    pub(super) fn crash(&mut self, node: NodeId) {
        if !self.nodes[node.index()].up {
            return;
        }
        self.fault(What::Crash, node, node, 0);
        self.cluster.crash(node);
        let inbox = std::mem::take(&mut self.nodes[node.index()].inbox);
        for entry in inbox {
            if let Due::Arrival { slot } = entry.due
                && self.flights[slot as usize].seq == entry.seq
                && self.flights[slot as usize].live
            {
                self.chores.push_back(Chore::Lose { id: self.flights[slot as usize].id, slot });
            }
        }
        let state = &mut self.nodes[node.index()];
        (state.up, state.paused, state.writing) = (false, false, None);
        state.timers = Default::default();
        for (action, _) in state.outbox.drain(..) {
            if let Act::Send { slot, .. } = action {
                self.cluster.discard(slot);
            }
        }
        self.end_reign(node);
        self.observe(&Observation::Crashed { node });
        let members = self.members();
        let most = (members.len() - 1) / 2;
        let among = |nodes: NodeSet| NodeSet(members.0 & nodes.0).len();
        if self.scenario.info.needs.majority() && members.len() - among(self.sound()) > most {
            let down = members.len() - among(self.up());
            self.broke(Assumption::MajorityUp, if down > most { "crash" } else { "crash while another node recovers" });
        }
        if self.faults().is_some_and(|f| self.nodes.len() - self.up().len() > f) {
            self.broke(Assumption::AtMostF, "crash");
        }
        if self.needed_node() == Some(node) {
            self.broke(Assumption::SequencerUp, "crash");
        }
    }

    pub(super) fn restart(&mut self, node: NodeId, disk_lost: bool) {
        if self.nodes[node.index()].up || node.index() >= self.script.started {
            return;
        }
        self.disturb();
        if !disk_lost {
            return self.come_back(node, false, self.events);
        }
        self.chores.push_back(Chore::Boot { node, cause: self.events });
        self.fault(What::Wipe, node, node, 0);
        self.cluster.wipe(node);
        self.broke(Assumption::StableStorage, "restart with the disk lost");
    }

    /// Starts again, from the disk or, where it was lost, from nothing.
    pub(super) fn come_back(&mut self, node: NodeId, disk_lost: bool, cause: u32) {
        self.applications[node.index()] = Application::new(self.clients.machine());
        self.observe(&Observation::Restarted { node, disk_lost });
        self.boot(node, true, cause);
        self.mark(node, MarkKind::Fault);
        if !self.scenario.info.restarts {
            self.broke(Assumption::CrashStop, "restart");
        }
    }

    pub(super) fn pause(&mut self, node: NodeId) {
        if self.nodes[node.index()].up && !self.nodes[node.index()].paused {
            self.fault(What::Pause, node, node, 0);
            self.nodes[node.index()].paused = true;
            self.observe(&Observation::Paused { node });
            if self.network.knobs().model == Model::Synchronous {
                self.broke(Assumption::StepsWithinDelta, "pause");
            }
        }
    }

    pub(super) fn resume(&mut self, node: NodeId) {
        if !self.nodes[node.index()].paused {
            return;
        }
        self.fault(What::Resume, node, node, 0);
        self.nodes[node.index()].paused = false;
        self.observe(&Observation::Resumed { node });
        for mut entry in std::mem::take(&mut self.nodes[node.index()].inbox) {
            entry.at = self.now;
            if let Due::Timer { timer, .. } = entry.due {
                self.nodes[node.index()].timers[usize::from(timer)].queued_at = self.now;
            }
            self.queue.push(entry);
        }
    }

    pub(super) fn skew(&mut self, node: NodeId, by_us: i64, ppm: i32) {
        self.fault(What::Skew, node, node, ppm as u32);
        if self.network.knobs().model == Model::Synchronous {
            self.broke(Assumption::PerfectClocks, "skew");
        }
        let Knobs { model, drift_ppm, .. } = *self.network.knobs();
        if model == Model::PartiallySynchronous && (by_us != 0 || ppm.unsigned_abs() > drift_ppm) {
            self.broke(Assumption::DriftWithinRho, "skew");
        }
        if self.lease_drift().is_some_and(|bound| by_us != 0 || ppm.unsigned_abs() > bound) {
            self.broke(Assumption::LeaseClocks, "skew");
        }
        let now = self.now;
        let asynchronous = self.network.knobs().model == Model::Asynchronous;
        self.nodes[node.index()].clock.skew(now, by_us, ppm);
        for timer in 0..self.nodes[node.index()].timers.len() {
            let clock = self.nodes[node.index()].clock;
            let armed = &mut self.nodes[node.index()].timers[timer];
            if armed.on && !asynchronous {
                armed.at = clock.when(armed.local, now);
                self.arm(node, timer as u8);
            }
        }
    }
}
