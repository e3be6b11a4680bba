//! Swarm runs: one seed derives every option of a scenario: the model, the cluster, the workload and a storm of
//! faults, which then ends so that progress can be demanded. What fails is minimised to a scenario.

mod generate;
mod minimize;

pub use generate::generate;
pub use minimize::minimize;

use crate::properties::Status;
use crate::protocol::{Habitat, Shape};
use crate::scenario::{Model, Scenario};
use crate::sim::{Ended, Options, World};
use std::sync::Arc;

/// What a run did wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The property.
    pub property: String,
    /// The event, when one did it.
    pub event: Option<u32>,
    /// A sentence.
    pub why: String,
}

/// The outcome of one run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How many events it had.
    pub events: u32,
    /// What it did wrong, if anything.
    pub failure: Option<Failure>,
}

/// Runs `scenario` to its end and judges it. Safety is judged always; progress where the model promises it: a run
/// that came to rest owes nothing.
pub fn judge(scenario: &Scenario) -> Result<Outcome, String> {
    let scenario = Arc::new(scenario.clone());
    let options = Options { trace: false, properties: true };
    let mut world = World::new(scenario.clone(), Arc::default(), options)?;
    while world.monitor().violated().is_none() && world.step() {}
    if let Some(Ended::Refused(sentence)) = world.ended() {
        return Err(sentence.clone());
    }
    let promised = |name: &str| scenario.info.promises.contains(&name);
    // What is live without a bound has had its time when the run is over; the others owe nothing where there is none, or
    // while too many have yet to recover.
    let at_rest = match (scenario.network.model, scenario.info.habitat) {
        (Model::Asynchronous, Habitat::Asynchronous) => true,
        (Model::Asynchronous, _) => false,
        _ => world.ended() == Some(&Ended::Quiescent) && world.enough(),
    };
    // Where one value is decided, nobody owes anything while nobody who is up has anything to propose.
    let idle = scenario.info.shape == Shape::OneValue && world.clients().asked().0 & world.up().0 == 0;
    let failure = world.properties(None).into_iter().find_map(|property| {
        let (event, why) = match property.status {
            Status::Violated { event, why } => (Some(event), why),
            Status::Pending { why } if at_rest && !idle && promised(property.name) => {
                (None, format!("the run came to rest, and still {why}"))
            }
            _ => return None,
        };
        Some(Failure { property: property.name.to_owned(), event, why })
    });
    Ok(Outcome { events: world.events(), failure })
}
