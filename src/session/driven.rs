//! Runs that an adversary drives.

use super::Session;
use crate::check::adversary::Flp;
use crate::scenario::{Recording, Scheduler};
use crate::sim::Oracle;
use std::rc::Rc;

impl Session {
    /// As [`Session::open`], and where the scenario asks for an adversary it picks what happens. Its look-ahead is what
    /// the checker is made of, and nothing that the page has in its program: there a worker says what is picked
    /// ([`Session::picked`]).
    pub fn driven(recording: Recording) -> Result<Session, String> {
        let adversarial = recording.scenario.network.scheduler == Scheduler::Adversary;
        let oracle = adversarial.then(|| Rc::new(Flp::new(&recording.scenario)) as Oracle);
        Session::opened(recording, oracle)
    }

    /// The recording of the same run with what an adversary picks, up to event `until`, as interventions: it takes the
    /// same course where no adversary is at hand. Its cursor is that of `recording`.
    pub fn picked(recording: Recording, until: u32) -> Result<Recording, String> {
        let cursor = recording.cursor;
        let mut session = Session::driven(Recording { cursor: Some(0), ..recording })?;
        while session.world().events() < until && session.step() {}
        let interventions = session.world().done_by_hand();
        Ok(Recording { interventions, cursor, ..Recording::new(session.scenario().clone()) })
    }
}
