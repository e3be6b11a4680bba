//! The world before the first event of its run.

use super::application::Application;
use super::clients::Clients;
use super::clock::Clock;
use super::cluster::{self, Cluster};
use super::network::Network;
use super::parts::{Armed, Node, Options, TIMERS, Tally};
use super::queue::Queue;
use super::random::Random;
use super::script::Script;
use super::trace::Trace;
use super::values::Values;
use super::world::World;
use crate::growing::Growing;
use crate::properties::{Assumption, Ledger, Monitor};
use crate::protocol::*;
use crate::protocols::registry::{self, Visitor};
use crate::scenario::{Intervention, Model, Scenario};
use crate::sorted::Sorted;
use std::collections::VecDeque;
use std::sync::Arc;

struct Build<'a>(&'a Setup<'a>);

impl Visitor for Build<'_> {
    type Output = Result<Box<dyn Cluster>, String>;
    fn visit<P: Protocol>(self) -> Self::Output {
        cluster::build::<P>(self.0)
    }
}

impl World {
    /// The world of `scenario` before its first event. `interventions` are done when their event has come. An error
    /// is one sentence: the protocol does not take these settings.
    pub fn new(
        scenario: Arc<Scenario>,
        interventions: Arc<Vec<Intervention>>,
        options: Options,
    ) -> Result<Self, String> {
        let info = scenario.info;
        let n = usize::from(scenario.nodes);
        let cluster = registry::visit(info.id, Build(&scenario.setup())).expect("a registered protocol")?;
        let seed = scenario.seed;
        let mut clocks = Random::stream(seed, 2);
        let drifting = scenario.network.model == Model::PartiallySynchronous;
        let nodes = NodeId::all(n)
            .map(|_| Node {
                up: false,
                paused: false,
                clock: if drifting {
                    let drift = u64::from(scenario.network.drift_ppm);
                    let ppm = clocks.within(0, 2 * drift) as i64 - drift as i64;
                    Clock::new(clocks.below(1_000_000), ppm as i32)
                } else {
                    Clock::new(0, 0)
                },
                timers: [Armed::default(); TIMERS],
                outbox: VecDeque::new(),
                writing: None,
                inbox: Vec::new(),
                leads: None,
            })
            .collect();
        let mut world = World {
            network: Network::new(scenario.network, seed, info.fifo_channels),
            flights: Vec::new(),
            held: Sorted::default(),
            messages: 0,
            queue: Queue::default(),
            now: 0,
            events: 0,
            timer_random: Random::stream(seed, 3),
            disk_random: Random::stream(seed, 4),
            choose_random: World::choices(seed),
            script: Script::new(n),
            chores: VecDeque::new(),
            clients: Clients::new(scenario.clients, seed, info.shape, n),
            values: Values::default(),
            trace: Trace::default(),
            monitor: Monitor::new(info, n),
            ledger: Ledger::default(),
            reigns: Growing::default(),
            snapshots: Growing::default(),
            tallies: vec![Tally::default(); cluster.kinds().len()],
            interventions,
            intervened: 0,
            calm_since: 0,
            disturbed_at: 0,
            quiet: (0, 0),
            progress_at: 0,
            frontier: 0,
            epochs: (0, 0),
            members: (0, NodeId::all(n).collect()),
            oracle: None,
            plan: VecDeque::new(),
            picked: Growing::default(),
            ended: None,
            violated: false,
            applications: Vec::new(),
            scratch: Vec::new(),
            nodes,
            cluster,
            options,
            scenario,
        };
        let machine = world.clients.machine();
        if let Some(members) = world.integer("initial_members") {
            // All nodes are members at first, unless the protocol has this setting.
            world.members.1 = NodeId::all(n.min(members as usize)).collect();
        }
        world.applications = vec![Application::new(machine); n];
        world.assume_losses();
        world.start_clients();
        Ok(world)
    }

    /// The answers that the choices of a run with this seed get, in their order.
    pub fn choices(seed: u64) -> Random {
        Random::stream(seed, 5)
    }

    fn assume_losses(&mut self) {
        let knobs = *self.network.knobs();
        if self.scenario.info.habitat == Habitat::Synchronous && knobs.model != Model::Synchronous {
            let by = if knobs.model == Model::Asynchronous { "the asynchronous model" } else { "partial synchrony" };
            self.broke(Assumption::DeltaIsTold, by);
        }
        if knobs.model == Model::Asynchronous && knobs.loss_ppm > 0 {
            self.broke(Assumption::ReliableLinks, "loss asked for in network");
        }
        if knobs.model == Model::Asynchronous && knobs.duplication_ppm > 0 {
            self.broke(Assumption::NoDuplicates, "duplication asked for in network");
        }
        if let Some(bound) = self.lease_drift() {
            if knobs.model == Model::Asynchronous {
                self.broke(Assumption::LeaseClocks, "the asynchronous model, which has no clocks");
            } else if knobs.drift_ppm > bound {
                self.broke(Assumption::LeaseClocks, "drift_ppm in network");
            }
        }
    }
}
