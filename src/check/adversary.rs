//! The scheduler that Fischer, Lynch and Paterson proved to exist: it delivers every message and crashes nobody, and
//! keeps the run undecided for as long as it can.
//!
//! It works as their Lemma 3 does. A stage ends with the delivery of the message that has waited longest; before, it
//! lets other things happen (deliveries, and time-outs, which in the asynchronous model may come at any moment) such
//! that the configuration behind the stage is bivalent still: "let D be the set of configurations reachable from C by
//! delivering e last; then D contains a bivalent configuration" (M. Fischer, N. Lynch, M. Paterson, *Impossibility of
//! Distributed Consensus with One Faulty Process*, JACM 1985). So every message is delivered in the end: one that has
//! waited for too long (`PATIENCE`) goes before all else.
//!
//! That a configuration is bivalent is shown by two runs from it that decide differently: a majority is left to itself,
//! led by one of its nodes. Where no two are found the stage is chosen such that nothing is decided in it, at least.
//! A coin is not the adversary's to throw: behind it, it plans anew. That is how Ben-Or's protocol escapes.

mod reach;

use super::cluster::chain::{Armed, Member};
use super::cluster::core::{Core, Event, Letter};
use super::cluster::ghost::Told;
use super::cluster::pending::{Sent, pending};
use super::cluster::start;
use super::cluster::{Bounds, Question, Reductions};
use super::fingerprint;
use crate::protocol::*;
use crate::scenario::Scenario;
use crate::sim::{Adversary, Pick, World};
pub use reach::{Next, Reach};
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};

/// Configurations that one stage looks at when it tries everything.
const LOOKED_AT: usize = 120;
/// Steps before the stage's last one.
const DEPTH: usize = 6;
/// Steps of a rival before the stage's last one.
const RIVAL: usize = 24;
/// Steps of a run that is to show what may be decided.
const PROBED: usize = 160;
/// Events for which a message may wait before its stage is planned to the end; for twice as many, and nothing else is
/// delivered before it. So no message waits for longer than that and those that were sent before it.
const PATIENCE: u64 = 200;
/// Steps of the look-ahead for one stage.
const STEPS: usize = 30_000;
/// Numbers kept before everything is forgotten.
const KEPT: usize = 100_000;

/// What may be decided: a command; a no-op with its epoch, for those of two leaders are two.
pub type Decision = (u64, Command);

/// The scheduler.
pub struct Flp {
    scenario: Scenario,
    mind: RefCell<Mind>,
}

/// What stays true from stage to stage, and only saves time.
#[derive(Default)]
struct Mind {
    /// Results of handlers.
    core: Option<Core>,
    /// Two majorities that decided differently.
    lucky: Vec<Probe>,
}

/// A letter under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flying {
    letter: u32,
    /// The message's id in the world; none for what the look-ahead sent.
    id: Option<u32>,
}

/// A configuration of the look-ahead.
#[derive(Clone, Debug)]
struct Config {
    members: Vec<u32>,
    /// The oldest first.
    net: Vec<Flying>,
}

/// What a step of the look-ahead did.
struct Stepped {
    after: Config,
    decided: Option<Decision>,
    /// Whether chance had a say.
    chance: bool,
}

/// A configuration on the way to the end of a stage.
struct Reached {
    config: Config,
    /// How it was reached; `None` for the delivery of a letter that the world has yet to send.
    picks: Vec<Option<Pick>>,
}

impl Flp {
    /// The adversary of a run of `scenario`.
    pub fn new(scenario: &Scenario) -> Self {
        Flp { scenario: scenario.clone(), mind: RefCell::default() }
    }

    fn fresh_core(&self) -> Option<Core> {
        let reductions =
            Reductions { set: false, learners: false, timer_order: false, normal: false, ..Reductions::default() };
        let bounds = Bounds { timeouts: super::cluster::bounds::UNCOUNTED, ..Bounds::default() };
        let question = Question { bounds, reductions, only: Vec::new() };
        start::prepare(&self.scenario, &question, None).ok()
    }
}

impl Adversary for Flp {
    fn plan(&self, world: &World) -> Vec<Pick> {
        let mut mind = self.mind.borrow_mut();
        let Mind { core, lucky } = &mut *mind;
        if core.as_ref().is_none_or(|core| core.sizes().iter().any(|size| *size > KEPT)) {
            *core = self.fresh_core();
        }
        let undirected =
            || oldest(world).map(|(_, id)| Pick::Deliver(id)).or_else(|| first_timer(world)).into_iter().collect();
        let Some(core) = core else { return undirected() };
        let Some(config) = adopt(core, world) else { return undirected() };
        let waited = world.events().saturating_sub(oldest(world).map_or(world.events(), |(sent, _)| sent));
        let overdue = u64::from(waited) > PATIENCE;
        let mut search = Search { core, lucky, steps: 0, frontier: world.frontier(), overdue };
        // What can reach nobody is out of the way first.
        if let Some(id) = lost(world) {
            return vec![Pick::Deliver(id)];
        }
        if u64::from(waited) > 2 * PATIENCE {
            return undirected();
        }
        search.stage(&config).unwrap_or_else(undirected)
    }
}

/// The message that has waited longest for a node that can take it: the event that sent it, and its id.
fn oldest(world: &World) -> Option<(u32, u32)> {
    let waits = world.flights().filter(|(_, flight)| flight.from != flight.to && !world.paused(flight.to));
    waits.map(|(_, flight)| (flight.sent, flight.id)).min_by_key(|(_, id)| *id)
}

/// The oldest message that will be lost when it is delivered.
fn lost(world: &World) -> Option<u32> {
    let vain = |to, from| !world.up().contains(to) || world.network().blocked(from, to);
    let waits = world.flights().filter(|(_, flight)| vain(flight.to, flight.from));
    waits.map(|(_, flight)| flight.id).min()
}

fn first_timer(world: &World) -> Option<Pick> {
    let able = world.up().iter().filter(|node| !world.paused(*node));
    able.filter_map(|node| world.timers(node).next().map(|(timer, ..)| Pick::Fire(node, timer))).next()
}

/// The present configuration of `world` in numbers of `core`. What waits for a disk to write counts as done.
fn adopt(core: &mut Core, world: &World) -> Option<Config> {
    let (mut letters, timers) = pending(world);
    letters.retain(|sent| sent.id.is_none() || !world.paused(sent.to));
    let slots: Vec<u32> = letters.iter().map(|sent| sent.slot).collect();
    let adopted = core.machine.adopt(world.cluster(), &slots, core.reductions.normal)?;
    let mut members = Vec::new();
    for ((node, (state, disk)), armed) in NodeId::all(timers.len()).zip(adopted.nodes).zip(timers) {
        let armed = armed.into_iter().filter(|_| !world.paused(node));
        let timers = armed.map(|timer| Armed { timer, range: (0, 0) }).collect();
        members.push(core.put_member(Member { node, state, disk, timers, fired: 0 }));
    }
    let flying = letters.into_iter().zip(adopted.messages).map(|(Sent { from, to, id, .. }, message)| {
        let letter = core.put_letter(Letter { from, to, message });
        Flying { letter, id: id.filter(|_| from != to) }
    });
    Some(Config { members, net: flying.collect() })
}

/// A majority left to itself.
#[derive(Clone, Copy)]
struct Probe {
    leader: NodeId,
    group: NodeSet,
    /// The newest letter first.
    newest: bool,
    /// Chance gives the last answer, not the first.
    last: bool,
}

/// One stage's look-ahead.
struct Search<'a> {
    core: &'a mut Core,
    lucky: &'a mut Vec<Probe>,
    /// Steps so far.
    steps: usize,
    /// What is delivered up to here was decided long ago.
    frontier: u64,
    /// The oldest letter has waited for long enough: no plan will do that may be made anew before it is delivered.
    overdue: bool,
}

impl Search<'_> {
    /// The picks of a stage: a way to deliver the oldest letter and to be undecided behind it, or the beginning of one.
    fn stage(&mut self, start: &Config) -> Option<Vec<Pick>> {
        let last = start.net.first().copied();
        let mut harmless = None;
        let begin = Reached { config: start.clone(), picks: Vec::new() };
        let found = self.ends_well(&begin, last, &mut harmless);
        let found = found.or_else(|| self.along_a_rival(start, last, &mut harmless));
        let found = found.or_else(|| self.anyhow(begin, last, &mut harmless));
        let picks = found.or(harmless)?;
        // What a letter will be called that is not sent yet is known when it is: then the rest is planned again.
        Some(picks.into_iter().map_while(|pick| pick).collect())
    }

    /// Lets a majority run by itself, as if led by one of its nodes: a rival who is far enough makes a late letter
    /// harmless.
    fn along_a_rival(&mut self, start: &Config, last: Option<Flying>, harmless: &mut Found) -> Found {
        for probe in probes(start.members.len()) {
            let mut reached = Reached { config: start.clone(), picks: Vec::new() };
            let (mut idle, mut events) = (0, VecDeque::new());
            while reached.picks.len() < RIVAL && idle < 4 && self.steps < STEPS {
                if events.is_empty() {
                    events.extend(self.next_of(&reached.config, probe, last, &mut idle));
                }
                let Some((node, event)) = events.pop_front() else { continue };
                let pick = pick_of(&reached.config, node, event);
                let Stepped { after, decided, chance } = self.step(&reached.config, node, event, false);
                if decided.is_some() || chance {
                    break;
                }
                reached.config = after;
                reached.picks.push(pick);
                let found = self.ends_well(&reached, last, harmless);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Tries everything, the fewest steps first.
    fn anyhow(&mut self, begin: Reached, last: Option<Flying>, harmless: &mut Found) -> Found {
        let mut seen = BTreeSet::from([self.print(&begin.config)]);
        let mut waiting = VecDeque::from([begin]);
        let mut looked_at = 0;
        while let Some(Reached { config, picks }) = waiting.pop_front() {
            if looked_at >= LOOKED_AT || picks.len() >= DEPTH || self.steps >= STEPS {
                break;
            }
            for (event, node) in self.others(&config, last) {
                looked_at += 1;
                let pick = pick_of(&config, node, event);
                let Stepped { after, decided, chance } = self.step(&config, node, event, false);
                if decided.is_some() {
                    continue;
                }
                let reached = Reached { config: after, picks: [&picks[..], &[pick]].concat() };
                if chance {
                    // What comes of it is known when it has happened.
                    if !self.overdue {
                        harmless.get_or_insert(reached.picks);
                    }
                    continue;
                }
                let found = self.ends_well(&reached, last, harmless);
                if found.is_some() {
                    return found;
                }
                if seen.insert(self.print(&reached.config)) {
                    waiting.push_back(reached);
                }
            }
        }
        None
    }

    /// The picks of a stage that ends at `reached` with the letter `last`, if it is bivalent then. One behind which
    /// nothing is decided, at least, is kept in `harmless`.
    fn ends_well(&mut self, reached: &Reached, last: Option<Flying>, harmless: &mut Found) -> Found {
        let Reached { config, picks } = reached;
        let Some(flying) = last else {
            // Nothing is under way: a timer has to fire, and any will do that leaves it bivalent.
            let well = !picks.is_empty() && self.bivalent(config);
            if !well && !picks.is_empty() {
                harmless.get_or_insert_with(|| picks.clone());
            }
            return well.then(|| picks.clone());
        };
        if self.overdue && picks.iter().any(Option::is_none) {
            return None;
        }
        let to = self.core.letter(flying.letter).to;
        let Stepped { after, decided, chance } = self.step(config, to, Event::Deliver(flying.letter), false);
        if decided.is_some() {
            return None;
        }
        let picks = [picks, &[flying.id.map(Pick::Deliver)][..]].concat();
        if !chance && self.bivalent(&after) {
            return Some(picks);
        }
        harmless.get_or_insert(picks);
        None
    }

    /// Everything that may happen but the delivery of `last`, the newest letters first, for they are what may overtake.
    fn others(&self, config: &Config, last: Option<Flying>) -> Vec<(Event, NodeId)> {
        let mut others = Vec::new();
        for member in &config.members {
            let member = self.core.member(*member);
            others.extend(member.timers.iter().map(|armed| (Event::Fire(armed.timer), member.node)));
        }
        let letters = config.net.iter().rev().filter(|flying| Some(**flying) != last);
        others.extend(letters.map(|flying| (Event::Deliver(flying.letter), self.core.letter(flying.letter).to)));
        others
    }

    /// One step from `config`.
    fn step(&mut self, config: &Config, node: NodeId, event: Event, last_answer: bool) -> Stepped {
        self.steps += 1;
        let mut after = config.clone();
        if let Event::Deliver(letter) = event
            && let Some(at) = after.net.iter().position(|flying| flying.letter == letter)
        {
            after.net.remove(at);
        }
        let known = self.core.find(config.members[node.index()], event);
        let outcomes = self.core.outcomes(known);
        let chosen = if last_answer { outcomes.last() } else { outcomes.first() };
        let Some(outcome) = chosen else { return Stepped { after, decided: None, chance: false } };
        after.members[node.index()] = outcome.member;
        after.net.extend(outcome.letters.iter().map(|letter| Flying { letter: *letter, id: None }));
        let chance = outcomes.len() > 1;
        let told = self.core.told(outcome.told);
        let delivered = told.iter().find_map(|told| match told {
            Told::Delivered { position, command, .. } if *position > self.frontier => Some((*position, *command)),
            _ => None,
        });
        let state = self.core.member(outcome.member).state;
        let decided = delivered.map(|(position, command)| {
            let row = state.filter(|_| command.is_noop()).and_then(|state| self.core.machine.row(state, position));
            (row.map_or(0, |row| row.epoch), command)
        });
        Stepped { after, decided, chance }
    }

    /// Whether two runs from `config` decide differently. Those that did last time are tried first.
    fn bivalent(&mut self, config: &Config) -> bool {
        let mut first: Option<(Probe, Decision)> = None;
        let n = config.members.len();
        let lucky = self.lucky.clone();
        for probe in lucky.into_iter().chain(probes(n)) {
            let Some(decision) = self.probe(config, probe) else { continue };
            let (other, earlier) = *first.get_or_insert((probe, decision));
            if earlier != decision {
                *self.lucky = vec![other, probe];
                return true;
            }
        }
        false
    }

    /// What `probe`'s majority decides when nobody else takes a step.
    fn probe(&mut self, config: &Config, probe: Probe) -> Option<Decision> {
        let mut config = config.clone();
        let (mut idle, mut steps) = (0, 0);
        while steps < PROBED && idle < 6 {
            for (node, event) in self.next_of(&config, probe, None, &mut idle) {
                steps += 1;
                let Stepped { after, decided, .. } = self.step(&config, node, event, probe.last);
                if decided.is_some() {
                    return decided;
                }
                config = after;
            }
        }
        None
    }

    /// What happens next in a majority left to itself: a letter within it, but `not` that one; and when there is none,
    /// the leader's time-outs, and when they do not help those of all. `idle` counts the times without a letter.
    fn next_of(&self, config: &Config, probe: Probe, not: Option<Flying>, idle: &mut u32) -> Vec<(NodeId, Event)> {
        let within = |flying: &&Flying| {
            let Letter { from, to, .. } = self.core.letter(flying.letter);
            probe.group.contains(from) && probe.group.contains(to) && Some(**flying) != not
        };
        let mut letters = config.net.iter().filter(within);
        let next = if probe.newest { letters.next_back() } else { letters.next() };
        if let Some(flying) = next {
            return vec![(self.core.letter(flying.letter).to, Event::Deliver(flying.letter))];
        }
        *idle += 1;
        let fire = |node: NodeId| {
            let timers = self.core.member(config.members[node.index()]).timers.iter();
            timers.map(move |armed| (node, Event::Fire(armed.timer))).collect::<Vec<_>>()
        };
        if *idle % 2 == 1 { fire(probe.leader) } else { probe.group.iter().flat_map(fire).collect() }
    }

    /// The same for equal configurations, whatever numbers they have.
    fn print(&self, config: &Config) -> u64 {
        let members = config.members.iter().map(|member| self.core.member_print(*member, 0));
        let letters = config.net.iter().map(|flying| fingerprint::scramble(self.core.letter_print(flying.letter, 0)));
        members.chain(letters).fold(0, u64::wrapping_add)
    }
}

/// The picks of a stage, if there is one.
type Found = Option<Vec<Option<Pick>>>;

/// `event` as the world knows it; `None` for a letter that it does not know yet.
fn pick_of(config: &Config, node: NodeId, event: Event) -> Option<Pick> {
    match event {
        Event::Fire(timer) => Some(Pick::Fire(node, timer)),
        Event::Deliver(letter) => {
            config.net.iter().find(|flying| flying.letter == letter).and_then(|flying| flying.id).map(Pick::Deliver)
        }
        _ => None,
    }
}

/// All probes of a cluster of `n`.
fn probes(n: usize) -> impl Iterator<Item = Probe> {
    let all = NodeId::all(n).flat_map(move |leader| groups(leader, n).into_iter().map(move |group| (leader, group)));
    let orders = [(false, false), (true, true)].into_iter();
    orders.flat_map(move |(newest, last)| all.clone().map(move |(leader, group)| Probe { leader, group, newest, last }))
}

/// The least majorities of `n` nodes with `leader` among them.
fn groups(leader: NodeId, n: usize) -> Vec<NodeSet> {
    let most = if n > 7 { 1 } else { usize::MAX };
    let sets = (0..1u32 << n).map(NodeSet).filter(move |set| set.len() == majority(n) && set.contains(leader));
    sets.take(most).collect()
}
