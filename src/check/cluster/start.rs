//! Where a search begins: at a scenario's start, or at any state of a run.

use super::bounds::{Bounds, Channels, Reductions};
use super::chain::{Armed, Member};
use super::core::{Core, Event, Letter};
use super::ghost::{COMPLETENESS, Court, Entry, Ghost, JUDGED, Told};
use super::machine::{self, Machine};
use super::pending::{Sent, pending};
use super::primaries::PRIMARY_ORDER;
use super::space::Space;
use super::state::{self, State};
use crate::properties::{Name, Past, Primacy};
use crate::protocol::*;
use crate::protocols::registry::{self, Visitor};
use crate::scenario::{Model, Scenario, StateMachine, Verb};
use crate::sim::{Action, Delivery, FIRST_ONE_SHOT, Values, What, World};
use smallvec::SmallVec;

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

/// Where a search begins.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// At the start of a scenario.
    Start(&'a Scenario),
    /// In the midst of a run.
    Midst(&'a World),
}

impl<'a> Origin<'a> {
    /// The scenario.
    pub fn scenario(self) -> &'a Scenario {
        match self {
            Origin::Start(scenario) => scenario,
            Origin::Midst(world) => world.scenario(),
        }
    }

    /// What clients may ask for, in the order of the commands' numbers.
    pub fn proposals(self) -> impl Iterator<Item = &'a str> {
        let done = if let Origin::Midst(world) = self { world.next_step() } else { 0 };
        self.scenario().script.iter().skip(done).filter_map(|step| match &step.verb {
            Verb::Propose { value, .. } => Some(value.as_str()),
            _ => None,
        })
    }

    /// The values of what was asked for and of what may be: the numbers that a space gives them.
    pub fn values(self) -> Values {
        let mut values = if let Origin::Midst(world) = self { world.values().clone() } else { Values::default() };
        let Scenario { clients, nodes, .. } = self.scenario();
        let kind = clients.map_or(StateMachine::Log, |clients| clients.state_machine);
        for text in self.proposals() {
            values.parse(text, kind, usize::from(*nodes));
        }
        values
    }
}

impl Space {
    /// The space of everything that may happen from there on. An error is one sentence.
    pub fn of(origin: Origin<'_>, question: &Question) -> Result<Space, String> {
        match origin {
            Origin::Start(scenario) => Space::of_scenario(scenario, question),
            Origin::Midst(world) => Space::of_world(world, question),
        }
    }

    /// The space of everything that may happen from the start of `scenario`; its `propose` steps say what clients may
    /// ask for. An error is one sentence.
    pub fn of_scenario(scenario: &Scenario, question: &Question) -> Result<Space, String> {
        let mut core = prepare(scenario, question, None)?;
        let n = usize::from(scenario.nodes);
        let disk = core.machine.empty_disk();
        let down = |node| Member { node, state: None, disk, timers: Vec::new(), fired: 0 };
        let ghost = Ghost::new(&core.court);
        let ghost = core.put_ghost(ghost);
        let members = NodeId::all(n).map(|node| core.put_member(down(node))).collect();
        let mut start = State { prints: Default::default(), members, ghost, spent: 0, net: [].into() };
        for node in 0..n {
            step(&mut core, &mut start, node, Event::Restart);
        }
        limit(&mut core, &start, question.bounds.epochs);
        start.prints = start.fresh_prints(&core);
        Ok(Space::new(core, vec![start]))
    }

    /// The space of everything that may happen from the present state of a run on. Writes that are under way count as
    /// done, partitions as healed and paused nodes as slow; what is left of the script says what clients may ask for.
    pub fn of_world(world: &World, question: &Question) -> Result<Space, String> {
        let scenario = world.scenario();
        let mut core = prepare(scenario, question, Some(world))?;
        // Those who ask in a run have their own time.
        core.bounds.retries = 0;
        core.hurries |= !world.trace().messages.is_empty();
        let n = usize::from(scenario.nodes);
        // Links keep their order, where the protocol asks for that.
        let (letters, timers) = pending(world);
        // Nobody knows any more in what order they have to fire: in any.
        let range = (0, if core.reductions.timer_order { u64::MAX } else { 0 });
        let slots: Vec<u32> = letters.iter().map(|sent| sent.slot).collect();
        let normal = core.reductions.normal;
        let adopted = core.machine.adopt(world.cluster(), &slots, normal).ok_or("the run is of another protocol")?;
        let fired = if core.lockstep { rounds_begun(world) } else { vec![0; n] };
        let mut members = SmallVec::new();
        for (((node, mut armed), (state, disk)), fired) in NodeId::all(n).zip(timers).zip(adopted.nodes).zip(fired) {
            armed.sort_unstable();
            let timers = armed.into_iter().map(|timer| Armed { timer, range }).collect();
            let mut member = Member { node, state, disk, timers, fired };
            core.disarm(&mut member);
            members.push(core.put_member(member));
        }
        let ghost = history(&core, world, &members);
        let ghost = core.put_ghost(ghost);
        let mut start = State { prints: Default::default(), members, ghost, spent: 0, net: [].into() };
        let started = world.trace().events.iter().filter(|event| event.what == What::Start && event.aux == 0).count();
        for node in started..n {
            step(&mut core, &mut start, node, Event::Restart);
        }
        for (Sent { from, to, .. }, message) in letters.into_iter().zip(adopted.messages) {
            let letter = core.put_letter(Letter { from, to, message });
            // What a node sent itself is there already, unless there are several ways that it may turn out.
            let own = from == to && core.reductions.own_messages;
            let event = Event::Deliver(letter);
            let outcomes = if own { core.find(start.members[to.index()], event) } else { 0 };
            if own && core.outcomes(outcomes).len() < 2 {
                step(&mut core, &mut start, to.index(), event);
                continue;
            }
            core.hears_itself |= own;
            if let Some(net) = state::sent(&core, &start.net, &[letter]) {
                start.net = net;
            }
        }
        if core.buries() {
            let live = |letter: &u32| !core.outgrew(start.members[core.letter(*letter).to.index()], *letter);
            start.net = start.net.iter().copied().filter(live).collect();
        }
        limit(&mut core, &start, question.bounds.epochs);
        start.prints = start.fresh_prints(&core);
        Ok(Space::new(core, vec![start]))
    }
}

/// By how many rounds each node is ahead of the last one that is up: all begin a round before anything of it arrives.
fn rounds_begun(world: &World) -> Vec<u32> {
    let mut fired = vec![0u32; usize::from(world.scenario().nodes)];
    for event in world.trace().events.iter().filter(|event| event.what == What::Fire) {
        fired[event.node.index()] += 1;
    }
    let least = world.up().iter().map(|node| fired[node.index()]).min().unwrap_or(0);
    fired.into_iter().map(|fired| fired.saturating_sub(least)).collect()
}

/// The history variables of a run, as far as its world remembers.
fn history(core: &Core, world: &World, members: &[u32]) -> Ghost {
    let court = &core.court;
    let mut ghost = Ghost::new(court);
    let mut told = Vec::new();
    // A node asks before it delivers, in one event.
    if court.shape == Shape::Broadcast {
        let mut done: Vec<Command> = court.done.iter().rev().copied().collect();
        for (number, event) in (0..).zip(world.trace().events.iter()).filter(|(_, event)| event.what == What::Ask) {
            // A broadcast is asked for once, and a client asks for one after the other.
            if let Some(at) = done.iter().rposition(|command| command.client.0 == event.data) {
                told.push((number, event.node, Told::Asked { command: done.remove(at) }));
            }
        }
    }
    for node in NodeId::all(court.nodes) {
        let delivered = world.application(node).delivered.iter();
        told.extend(delivered.map(|delivery| {
            let &Delivery { event, position, command, .. } = delivery;
            (event, node, Told::Delivered { position, command, checked: true })
        }));
    }
    // What waits for a disk to write counts as done.
    let past = world.monitor().past();
    let mut reigns = Vec::new();
    let proposed = past
        .proposed
        .iter()
        .map(|&(position, ballot, node, command)| (node, Told::Proposes { position, ballot, command }));
    let accepted = past
        .accepted
        .iter()
        .map(|&(position, ballot, node, command)| (node, Told::Accepts { position, ballot, command }));
    let promised =
        NodeId::all(court.nodes).zip(&past.promised).map(|(node, ballot)| (node, Told::Promises { ballot: *ballot }));
    told.extend(proposed.chain(accepted).chain(promised).map(|(node, told)| (0, node, told)));
    for (node, action) in NodeId::all(court.nodes).flat_map(|node| world.outbox(node).map(move |action| (node, action)))
    {
        let delivered = |position, command, checked| Told::Delivered { position, command, checked };
        let done = match *action {
            Action::Deliver { position, command } => delivered(position, command, true),
            Action::DeliverUnchecked { position, command } => delivered(position, command, false),
            Action::InstallSnapshot(snapshot) => Told::Installed { position: snapshot.position },
            Action::Observe(Fact::Leads { epoch }) => {
                reigns.push((node, epoch));
                continue;
            }
            Action::Observe(Fact::Proposes { position, ballot, command }) => {
                Told::Proposes { position, ballot, command }
            }
            Action::Observe(Fact::Accepts { position, ballot, command }) => Told::Accepts { position, ballot, command },
            Action::Observe(Fact::Epoch { epoch }) => Told::Promises { ballot: epoch },
            _ => continue,
        };
        told.push((u32::MAX, node, done));
    }
    told.sort_by_key(|(event, ..)| *event);
    for (_, node, told) in told.iter().filter(|(.., told)| core.wants(told)) {
        ghost.hear(court, *node, told);
    }
    leaders_and_logs(core, members, past, reigns, &mut ghost);
    // The run has kept these itself.
    ghost.primacy = world.monitor().primacy().map_or_else(|| Primacy::new(court), |primacy| primacy.of(court));
    ghost
}

/// Who led with which log, and what is committed; `reigns` are those that a disk has yet to write.
fn leaders_and_logs(core: &Core, members: &[u32], past: Past, reigns: Vec<(NodeId, u64)>, ghost: &mut Ghost) {
    let court = &core.court;
    let logs = court.wants_any(COMPLETENESS);
    let log = |state: u32, last: u64| -> Vec<Entry> {
        (1..=last).map_while(|at| core.machine.row(state, at)).map(|row| (row.epoch, row.command)).collect()
    };
    let state = |node: NodeId| core.member(members[node.index()]).state;
    // Where a snapshot has cut a log, it was that of all.
    let committed: Vec<Entry> = past.committed.iter().map(|(entry, _)| *entry).collect();
    let watched = logs || court.wants_any(PRIMARY_ORDER) || court.wants(Name::PrefixConsistency);
    ghost.knows(if watched { past.committed } else { Vec::new() }, logs);
    let led = past.reigns.into_iter().map(|(epoch, node, log)| (node, epoch, log.unwrap_or_else(|| committed.clone())));
    let leads = reigns.into_iter().map(|(node, epoch)| {
        let mut log = state(node).map_or_else(Vec::new, |state| log(state, core.machine.view(state).last));
        log.retain(|(earlier, _)| *earlier <= epoch);
        (node, epoch, log)
    });
    for (node, epoch, log) in led.chain(leads) {
        ghost.hear(court, node, &Told::Leads { epoch, log: if logs { log } else { Vec::new() } });
    }
    for (node, state) in NodeId::all(court.nodes).filter_map(|node| Some((node, state(node)?))).filter(|_| watched) {
        let view = core.machine.view(state);
        ghost.hear(court, node, &Told::Commits { term: view.epoch, log: log(state, view.committed) });
    }
}

/// The core for `scenario`. In the midst of a run, `world` says what was asked for before: those commands come first,
/// and the steps of the script that are left after them.
pub(crate) fn prepare(scenario: &Scenario, question: &Question, world: Option<&World>) -> Result<Core, String> {
    let info = scenario.info;
    let n = usize::from(scenario.nodes);
    let machine = registry::visit(info.id, Build(&scenario.setup())).expect("a registered protocol")?;
    let mut values = world.map_or_else(Values::default, |world| world.values().clone());
    let kind = scenario.clients.map_or(StateMachine::Log, |clients| clients.state_machine);
    let (done, next) = world.map_or((Vec::new(), 0), |world| {
        (world.clients().history().iter().map(|operation| operation.command).collect(), world.next_step())
    });
    let one_shot = |command: &&Command| command.client.0 >= FIRST_ONE_SHOT;
    let first = FIRST_ONE_SHOT + done.iter().filter(one_shot).count() as u32;
    let proposed = scenario.script.iter().skip(next).filter_map(|step| match &step.verb {
        Verb::Propose { node, value } => Some((*node, value)),
        _ => None,
    });
    let mut commands = Vec::new();
    let mut at = Vec::new();
    for (number, (node, text)) in (0..).zip(proposed.take(usize::from(question.bounds.commands.min(MAX_COMMANDS)))) {
        let client = ClientId(first + number);
        commands.push(Command { client, serial: 1, value: values.parse(text, kind, n) });
        at.push((info.shape != Shape::Replicated || question.bounds.clients_stay).then_some(node));
    }
    let judged = JUDGED.iter().filter(|name| judges(info, **name));
    let judged = judged.filter(|name| question.only.is_empty() || question.only.contains(name));
    let judged: Vec<Name> = judged.copied().collect();
    if judged.is_empty() {
        return Err(format!("{} promises nothing that the search can judge", info.title));
    }
    let mut reductions = question.reductions;
    reductions.timer_order &= scenario.network.model != Model::Asynchronous;
    let chosen = reductions.learners && machine.learners();
    let court = Court { nodes: n, shape: info.shape, commands, at, done, judged, chosen };
    let lockstep = scenario.network.model == Model::Synchronous;
    // Who has taken how many rounds is known by how often its timer has fired.
    let bounds = if lockstep { question.bounds.clone().counted() } else { question.bounds.clone() };
    let mut core = Core::new(machine, court, bounds, reductions, world.is_none());
    if lockstep {
        (core.lockstep, core.channels) = (true, Channels::Bag);
    }
    Ok(core)
}

/// Whether the protocol promises this property, and the search can judge it.
pub fn judges(info: &Info, name: Name) -> bool {
    JUDGED.contains(&name) && info.promises.contains(&name.text()) && !name.liveness(info.shape)
}

/// Commands that a search may ask for: one bit each.
pub const MAX_COMMANDS: u8 = 16;

/// A step of `node` that is taken before anything else; where it leaves a choice, the first answer.
fn step(core: &mut Core, start: &mut State, node: usize, event: Event) {
    let outcomes = core.find(start.members[node], event);
    let Some(outcome) = core.outcomes(outcomes).first().cloned() else { return };
    start.members[node] = outcome.member;
    core.hear(start.ghost, outcome.told);
    start.ghost = core.heard(start.ghost, outcome.told).map_or(start.ghost, |(ghost, _)| ghost);
    if let Some(net) = state::sent(core, &start.net, &outcome.letters) {
        start.net = net;
    }
}

/// Epochs are counted from the highest one at the start.
fn limit(core: &mut Core, start: &State, epochs: Option<u64>) {
    let states = start.members.iter().filter_map(|member| core.member(*member).state);
    let highest = states.map(|state| core.machine.view(state).epoch).max().unwrap_or(0);
    core.last_epoch = epochs.map_or(u64::MAX, |epochs| highest.saturating_add(epochs));
}
