//! The run of a counterexample in the synchronous model, which keeps its delays by itself: crashes at their moments are
//! all that there is to do.

use super::deed::{Deed, What};
use super::run::{Run, finish, untimed, world};
use crate::protocol::NodeId;
use crate::scenario::{Disk, Network, Scenario, Scheduler, Step, Stop, Verb};
use crate::sim;

/// How long a write takes, µs: long enough for a crash at a whole millisecond before it is done.
const WRITE_US: u64 = 4_000;

/// The run of `deeds`: messages take all of Δ, and every crash comes in its round.
pub fn of(scenario: &Scenario, deeds: &[Deed]) -> Result<Run, String> {
    let proposals: Vec<&Step> =
        scenario.script.iter().filter(|step| matches!(step.verb, Verb::Propose { .. })).collect();
    let mut run = Scenario {
        network: Network { min_us: scenario.network.delta_us, scheduler: Scheduler::Random, ..scenario.network },
        disk: Disk { min_us: WRITE_US, max_us: WRITE_US },
        clients: None,
        script: Vec::new(),
        stop: Stop { at_us: None, events: None, quiescent: true },
        ..scenario.clone()
    };
    let (mut asked, mut fired) = (Vec::new(), vec![0usize; usize::from(scenario.nodes)]);
    let mut crashes = Vec::new();
    for deed in deeds {
        let node = deed.node;
        match deed.what {
            What::Ask(command) => asked.push(usize::from(command)),
            What::Fire(_) => fired[node.index()] += 1,
            What::Crash => crashes.push((node, fired[node.index()], None)),
            What::Deliver { .. } | What::Restart | What::Wipe => {}
        }
        if let Some(writes) = deed.cut {
            crashes.push((node, fired[node.index()], Some(writes)));
        }
    }
    // All before the first round, and in the order of the script: values are numbered as they come, and the least is
    // decided.
    asked.sort_unstable();
    for command in asked {
        let step = proposals.get(command).ok_or("a command that no step proposes")?;
        run.script.push(untimed(step.verb.clone()));
    }
    let begins = rounds(&run)?;
    let begin = |round: usize| begins.get(round).copied().ok_or("the run has fewer rounds");
    let mut steps = Vec::new();
    for (node, fired, cut) in crashes {
        let at_us = match cut {
            // After so many writes of the round that it has just begun, and before the next is done.
            Some(writes) => begin(fired.saturating_sub(1))? + u64::from(writes) * WRITE_US + WRITE_US / 2,
            // Before the next round begins.
            None => begin(fired)? - WRITE_US / 2,
        };
        steps.push(Step { at_us: Some(at_us / 1000 * 1000), verb: Verb::Crash { node } });
    }
    steps.sort_by_key(|step| step.at_us);
    run.script.extend(steps);
    finish(run)
}

/// When rounds begin, µs.
fn rounds(run: &Scenario) -> Result<Vec<u64>, String> {
    let world = world(run)?;
    let events = world.trace().events.iter();
    Ok(events.filter(|event| event.what == sim::What::Fire && event.node == NodeId(0)).map(|event| event.at).collect())
}
