//! "The coin against the adversary": in how many rounds a run decides, over many seeds. Each run is finished with
//! probability 1 (M. Ben-Or 1983); how soon is a matter of luck, and of who schedules it.

use super::adversary::Flp;
use crate::scenario::{Network, Scenario, Scheduler, Stop, Verb};
use crate::sim::{Options, World};
use std::rc::Rc;
use std::sync::Arc;

/// Events of one run at most.
const EVENTS: u64 = 20_000;

/// Runs of a scenario in the asynchronous model, seed by seed.
pub struct Coins {
    scenario: Scenario,
    /// One for all runs: what it knows of the handlers holds for every seed.
    adversary: Option<Rc<Flp>>,
    seeds: u32,
    done: u32,
    /// How many runs decided in each round, the first before all others.
    rounds: Vec<u32>,
    undecided: u32,
}

impl Coins {
    /// Runs with the seeds from 1 to `seeds`, scheduled at random or by an adversary.
    pub fn new(scenario: &Scenario, scheduler: Scheduler, seeds: u32) -> Coins {
        let network = Network::asynchronous(scenario.network.min_us.max(1000), scheduler);
        let stop = Stop { at_us: None, events: Some(EVENTS), quiescent: true };
        // What is proposed and who crashes; what else the script does is about one schedule.
        let mut script = scenario.script.clone();
        script.retain(|step| matches!(step.verb, Verb::Propose { .. } | Verb::Crash { .. }));
        let scenario = Scenario { network, stop, script, ..scenario.clone() };
        let adversary = (scheduler == Scheduler::Adversary).then(|| Rc::new(Flp::new(&scenario)));
        Coins { scenario, adversary, seeds, done: 0, rounds: Vec::new(), undecided: 0 }
    }

    /// The next run; false when all are done. An error is one sentence.
    pub fn toss(&mut self) -> Result<bool, String> {
        if self.done >= self.seeds {
            return Ok(false);
        }
        self.done += 1;
        let scenario = Scenario { seed: self.done.into(), ..self.scenario.clone() };
        let mut world =
            World::new(Arc::new(scenario), Arc::default(), Options { properties: false, ..Options::default() })?;
        if let Some(adversary) = &self.adversary {
            world.consult(adversary.clone());
        }
        while world.frontier() == 0 && world.step() {}
        let views = world.up().iter().filter_map(|node| world.cluster().view(node));
        let round = views.map(|view| view.epoch).max().unwrap_or(0) as usize;
        if world.frontier() == 0 {
            self.undecided += 1;
        } else {
            self.rounds.resize(self.rounds.len().max(round), 0);
            if let Some(count) = self.rounds.get_mut(round.saturating_sub(1)) {
                *count += 1;
            }
        }
        Ok(true)
    }

    /// How many runs are done.
    pub fn done(&self) -> u32 {
        self.done
    }

    /// By round, from the first on, how many runs decided in it; and how many did not decide.
    pub fn counts(&self) -> (&[u32], u32) {
        (&self.rounds, self.undecided)
    }
}
