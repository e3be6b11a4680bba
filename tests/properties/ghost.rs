//! The history variables of a search judge primary order as the monitors of a run do, and hold the same.

use super::primaries::{Definition, step, zab};
use super::*;
use consensus_playground::check::cluster::ghost::{Court, Entry, Ghost, Told};
use consensus_playground::check::cluster::primaries::PRIMARY_ORDER;
use proptest::prelude::*;

const JUDGED: [Name; 4] =
    [Name::PrefixConsistency, Name::LocalPrimaryOrder, Name::GlobalPrimaryOrder, Name::PrimaryIntegrity];

/// A ghost that is told of what a monitor observes, with the logs that a search would read from its nodes.
struct Hearer {
    court: Court,
    ghost: Ghost,
    logs: [Vec<Entry>; 3],
    leads: [Option<u64>; 3],
    marks: u64,
}

impl Hearer {
    fn new(judged: &[Name]) -> Self {
        let court = Court {
            nodes: 3,
            shape: Shape::Replicated,
            commands: Vec::new(),
            at: Vec::new(),
            done: Vec::new(),
            judged: judged.to_vec(),
            chosen: false,
        };
        let ghost = Ghost::new(&court);
        Hearer { court, ghost, logs: Default::default(), leads: [None; 3], marks: 0 }
    }

    fn hear(&mut self, observation: &Observation) {
        let (node, told) = match *observation {
            Observation::Restarted { node, .. } => {
                self.logs[node.index()].clear();
                self.leads[node.index()] = None;
                (node, Told::Restarted)
            }
            Observation::Fact { node, fact } => {
                let (log, leads) = (&mut self.logs[node.index()], &mut self.leads[node.index()]);
                let told = match fact {
                    Fact::Appends { position, epoch, command } => {
                        let before = log[..position as usize - 1].to_vec();
                        log.push((epoch, command));
                        (*leads == Some(epoch)).then_some(Told::Broadcasts { epoch, command, log: before })
                    }
                    Fact::Truncates { from } => {
                        log.truncate(from as usize - 1);
                        None
                    }
                    Fact::Leads { epoch } => {
                        *leads = Some(epoch);
                        None
                    }
                    Fact::StepsDown => {
                        *leads = None;
                        None
                    }
                    Fact::Commits { position } => {
                        Some(Told::Commits { term: 0, log: log[..position as usize].to_vec() })
                    }
                    _ => None,
                };
                let Some(told) = told else { return };
                (node, told)
            }
            _ => return,
        };
        self.marks |= self.ghost.hear(&self.court, node, &told);
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    /// Whatever is judged beside it: a property is violated by the same event in both, and what both remember is the
    /// same.
    #[test]
    fn ghost_and_monitor_agree(steps in prop::collection::vec(step(), 1..60)) {
        let mut run = zab(3);
        let mut definition = Definition::default();
        let mut all = Hearer::new(&JUDGED);
        let mut single: Vec<Hearer> = JUDGED.iter().map(|name| Hearer::new(&[*name])).collect();
        for step in steps {
            let before = run.told.len();
            definition.step(&mut run, step);
            for observation in &run.told[before..] {
                all.hear(observation);
                single.iter_mut().for_each(|hearer| hearer.hear(observation));
            }
            for (name, own) in JUDGED.iter().zip(&single) {
                let found = run.found(*name).is_some();
                prop_assert_eq!(found, all.marks & all.court.mark(*name) != 0, "{:?} {}", step, name.text());
                prop_assert_eq!(found, own.marks & own.court.mark(*name) != 0, "{:?} {} alone", step, name.text());
            }
            let kept = run.monitor.primacy().expect("it is promised");
            let open = PRIMARY_ORDER.iter().all(|name| run.found(*name).is_none());
            if open {
                prop_assert_eq!(&all.ghost.primacy, &kept, "{:?}", step);
            }
        }
    }
}
