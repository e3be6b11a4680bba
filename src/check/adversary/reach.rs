//! What the adversary sees ahead, for others: decisions that majorities left to themselves come to. Each is shown by a
//! run, so it can be reached; that no other can is not known from here.

use super::{Config, Decision, Flp, Mind, Search, Stepped, adopt, probes};
use crate::check::cluster::core::Core;
use crate::check::cluster::{Event, Letter};
use crate::protocol::*;
use crate::scenario::Scenario;
use crate::sim::World;

/// The configuration of a run, and the steps from it.
pub struct Reach {
    core: Core,
    config: Config,
    frontier: u64,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A message with this digest arrives.
    Deliver { from: NodeId, to: NodeId, digest: u64 },
    /// The timer of the node fires.
    Fire(NodeId, u8),
}

impl Reach {
    /// The present configuration of `world`; none where the protocol cannot be searched.
    pub fn of(scenario: &Scenario, world: &World) -> Option<Reach> {
        let mut core = Flp::new(scenario).fresh_core()?;
        let config = adopt(&mut core, world)?;
        Some(Reach { core, config, frontier: world.frontier() })
    }

    /// Decisions that can be reached, two at most.
    pub fn now(&mut self) -> Vec<Decision> {
        let config = self.config.clone();
        self.from(&config)
    }

    /// The same behind a step, where it can be taken and leaves nothing to chance.
    pub fn behind(&mut self, next: Next) -> Vec<Decision> {
        let (node, event) = match next {
            Next::Fire(node, timer) => (node, Event::Fire(timer)),
            Next::Deliver { from, to, digest } => {
                let is = |letter: Letter| {
                    (letter.from, letter.to) == (from, to) && self.core.machine.digests(letter.message).0 == digest
                };
                let mut letters = self.config.net.iter().map(|flying| flying.letter);
                let Some(letter) = letters.find(|letter| is(self.core.letter(*letter))) else { return Vec::new() };
                (to, Event::Deliver(letter))
            }
        };
        let config = self.config.clone();
        let Stepped { after, decided, chance } = self.search(|search| search.step(&config, node, event, false));
        match decided {
            _ if chance => Vec::new(),
            Some(decision) => vec![decision],
            None => self.from(&after),
        }
    }

    fn from(&mut self, config: &Config) -> Vec<Decision> {
        let mut found = Vec::<Decision>::new();
        for probe in probes(config.members.len()) {
            let decided = self.search(|search| search.probe(config, probe));
            // Two clients may ask for the same.
            let what = |(epoch, command): Decision| (epoch, command.value);
            if decided.is_some_and(|decision| found.iter().all(|known| what(*known) != what(decision))) {
                found.extend(decided);
            }
            if found.len() > 1 {
                break;
            }
        }
        found
    }

    fn search<T>(&mut self, act: impl FnOnce(&mut Search<'_>) -> T) -> T {
        let Mind { mut lucky, .. } = Mind::default();
        act(&mut Search { core: &mut self.core, lucky: &mut lucky, steps: 0, frontier: self.frontier, overdue: false })
    }
}
