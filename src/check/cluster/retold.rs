//! A run and the steps that go on from it, told from the start by a script under the manual scheduler: what a scenario
//! file can hold.

use super::deed::{Deed, What};
use super::run;
use super::start::Origin;
use crate::protocol::*;
use crate::scenario::{Scenario, Step, Verb};
use crate::sim::{self, Options, World};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps that are told at most: each is found by running the script up to there.
const MOST: usize = 400;

/// The scenario whose script takes the steps of `world` and then `deeds`, and violates `property` at its end; none where
/// a script cannot tell it: clients with a will of their own, and coins that fall otherwise.
pub fn of(world: &World, origin: Origin<'_>, deeds: &[Deed], fused: bool, property: &str) -> Option<Scenario> {
    let scenario = world.scenario();
    if scenario.clients.is_some() || scenario.network.model == crate::scenario::Model::Synchronous {
        return None;
    }
    let (mut all, asked) = happened(world)?;
    let first = asked.len() as u8;
    for deed in deeds {
        let mut deed = deed.clone();
        if let What::Ask(command) = &mut deed.what {
            *command = command.checked_add(first)?;
        }
        let crashed = deed.cut.is_some() || deed.what == What::Crash;
        let node = deed.node;
        all.push(deed);
        if fused && crashed {
            all.push(Deed { node, what: What::Restart, answers: Vec::new(), cut: None });
        }
    }
    if all.len() > MOST {
        return None;
    }
    let values = asked.into_iter().chain(origin.proposals().map(str::to_owned));
    let propose = |value| Step { at_us: None, verb: Verb::Propose { node: NodeId(0), value } };
    let asking = Scenario { script: values.map(propose).collect(), ..scenario.as_ref().clone() };
    let run = run::seeded(&asking, scenario.seed, &all, false).ok()?;
    run.violated.iter().any(|violated| violated.name == property).then_some(run.scenario)
}

/// What has happened so far, step by step, and what clients asked for.
fn happened(world: &World) -> Option<(Vec<Deed>, Vec<String>)> {
    let again = Arc::new(world.done_by_hand());
    let mut past = World::new(world.scenario().clone(), again, Options::default()).ok()?;
    let (mut deeds, mut asked) = (Vec::<Deed>::new(), Vec::new());
    let mut digests = BTreeMap::new();
    // By node: its last step, and the writes since.
    let mut last = vec![None::<(usize, u32)>; usize::from(world.scenario().nodes)];
    while past.events() < world.events() {
        let writing: Vec<bool> = NodeId::all(last.len()).map(|node| past.writing(node)).collect();
        if !past.step() {
            break;
        }
        digests.extend(past.flights().map(|(slot, flight)| (flight.id, past.cluster().digest(slot))));
        let sim::Event { what, node, peer, aux, data, .. } = *past.trace().events.last()?;
        let what = match what {
            sim::What::Arrive if node != peer => {
                let digest = *digests.get(&data)?;
                What::Deliver { from: peer, kind: aux, digest, gist: 0, fields: Vec::new() }
            }
            sim::What::Fire => What::Fire(aux),
            sim::What::Ask if aux == 0 => {
                let history = past.clients().history();
                let operation = history.iter().find(|operation| operation.command.client.0 == data)?;
                asked.push(past.values().show(operation.command.value));
                What::Ask(u8::try_from(asked.len()).ok()?.checked_sub(1)?)
            }
            sim::What::Write => {
                if let Some((_, writes)) = &mut last[node.index()] {
                    *writes += 1;
                }
                continue;
            }
            sim::What::Crash => match last[node.index()].filter(|_| writing[node.index()]) {
                Some((deed, writes)) => {
                    deeds[deed].cut = Some(writes);
                    continue;
                }
                None => What::Crash,
            },
            sim::What::Start if aux == 1 => What::Restart,
            _ => continue,
        };
        last[node.index()] = Some((deeds.len(), 0));
        deeds.push(Deed { node, what, answers: Vec::new(), cut: None });
    }
    Some((deeds, asked))
}
