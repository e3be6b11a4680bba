//! Where a search begins: at a scenario's start, or at any state of a run.

use super::bounds::{Bounds, Reductions};
use super::chain::Member;
use super::core::{Core, Event};
use super::ghost::{Court, Ghost, JUDGED};
use super::machine::{self, Machine};
use super::space::Space;
use super::state::{self, State};
use crate::properties::Name;
use crate::protocol::*;
use crate::protocols::registry::{self, Visitor};
use crate::scenario::{Model, Scenario, Verb};
use crate::sim::{FIRST_ONE_SHOT, Values};

struct Build<'a>(&'a Setup<'a>);

impl Visitor for Build<'_> {
    type Output = Result<Box<dyn Machine>, String>;
    fn visit<P: Protocol>(self) -> Self::Output {
        machine::build::<P>(self.0)
    }
}

/// A question to the checker.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// How far.
    pub bounds: Bounds,
    /// By which reductions.
    pub reductions: Reductions,
    /// The properties to judge; all that the protocol promises, when there is none.
    pub only: Vec<Name>,
}

impl Space {
    /// The space of everything that may happen from the start of `scenario`; its `propose` steps say what clients may
    /// ask for. An error is one sentence.
    pub fn of_scenario(scenario: &Scenario, question: &Question) -> Result<Space, String> {
        let (mut core, at) = prepare(scenario, question)?;
        let n = usize::from(scenario.nodes);
        let disk = core.machine.empty_disk();
        let down = |node| Member { node, state: None, disk, timers: Vec::new(), fired: 0 };
        let ghost = Ghost::new(&core.court);
        let ghost = core.put_ghost(ghost);
        let members = NodeId::all(n).map(|node| core.put_member(down(node))).collect();
        let mut start = State { print: 0, members, ghost, spent: 0, net: [].into() };
        for node in 0..n {
            boot(&mut core, &mut start, node)?;
        }
        limit(&mut core, &start, question.bounds);
        start.print = start.fresh_print(&core);
        Ok(Space::new(core, vec![start], at))
    }
}

/// The core for `scenario`, and where its commands are asked for.
pub(crate) fn prepare(scenario: &Scenario, question: &Question) -> Result<(Core, Vec<Option<NodeId>>), String> {
    let info = scenario.info;
    let n = usize::from(scenario.nodes);
    let setup = Setup {
        nodes: n,
        variant: scenario.variant,
        given: &scenario.settings,
        declared: info.settings,
        delta: (scenario.network.model == Model::Synchronous).then_some(scenario.network.delta_us),
    };
    let machine = registry::visit(info.id, Build(&setup)).expect("a registered protocol")?;
    let mut values = Values::default();
    let kind = scenario.clients.map_or(crate::scenario::StateMachine::Log, |clients| clients.state_machine);
    let proposed = scenario.script.iter().filter_map(|step| match &step.verb {
        Verb::Propose { node, value } => Some((*node, value)),
        _ => None,
    });
    let mut commands = Vec::new();
    let mut at = Vec::new();
    for (number, (node, text)) in (0..).zip(proposed.take(usize::from(question.bounds.commands.min(MAX_COMMANDS)))) {
        let client = ClientId(FIRST_ONE_SHOT + number);
        commands.push(Command { client, serial: 1, value: values.parse(text, kind, n) });
        at.push((info.shape != Shape::Replicated).then_some(node));
    }
    let promised = |name: &&Name| info.promises.contains(&name.text()) && !name.liveness(info.shape);
    let judged = JUDGED.iter().filter(promised).filter(|name| question.only.is_empty() || question.only.contains(name));
    let judged: Vec<Name> = judged.copied().collect();
    if judged.is_empty() {
        return Err(format!("{} promises nothing that the search can judge", info.title));
    }
    let mut reductions = question.reductions;
    reductions.timer_order &= scenario.network.model != Model::Asynchronous;
    let chosen = reductions.learners && machine.learners();
    let court = Court { nodes: n, shape: info.shape, commands, judged, chosen };
    Ok((Core::new(machine, court, question.bounds, reductions), at))
}

/// Commands that a search may ask for: one bit each.
pub const MAX_COMMANDS: u8 = 16;

/// Starts a node that is down; a boot that leaves a choice takes the first answer.
fn boot(core: &mut Core, start: &mut State, node: usize) -> Result<(), String> {
    let outcomes = core.find(start.members[node], Event::Restart);
    let Some(outcome) = core.outcomes(outcomes).first().cloned() else {
        return Err("a node does not start".to_owned());
    };
    start.members[node] = outcome.member;
    core.hear(start.ghost, outcome.told);
    start.ghost = core.heard(start.ghost, outcome.told).map_or(start.ghost, |(ghost, _)| ghost);
    if let Some(net) = state::sent(core, &start.net, &outcome.letters) {
        start.net = net;
    }
    Ok(())
}

/// Epochs are counted from the highest one at the start.
fn limit(core: &mut Core, start: &State, bounds: Bounds) {
    let states = start.members.iter().filter_map(|member| core.member(*member).state);
    let highest = states.map(|state| core.machine.view(state).epoch).max().unwrap_or(0);
    core.last_epoch = bounds.epochs.map_or(u64::MAX, |epochs| highest.saturating_add(epochs));
}
