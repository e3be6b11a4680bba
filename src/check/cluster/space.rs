//! The steps of a cluster, as a model that can be searched.

use super::bounds::Channels;
use super::core::{Core, Event, Outcome};
use super::state::{self, State};
use crate::check::model::{Model, Property, Steps};
use crate::protocol::*;
use smallvec::SmallVec;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A step: what happened to which node, and which of its outcomes it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where.
    pub node: NodeId,
    /// What.
    pub event: Event,
    /// Which outcome of it.
    pub outcome: u16,
    /// In queues: before how many equal letters of its link the letter stands; else 0.
    pub nth: u8,
}

/// A cluster within bounds.
///
/// Whatever was computed once is shared by all threads that search, by all searches of one space, and by whoever
/// applies steps to states one by one ([`Space::apply`]).
pub struct Space {
    core: RwLock<Core>,
    starts: Vec<State>,
    /// How many distinct states show each of what must be seen.
    seen: [AtomicU64; 2],
}

/// A step that can be taken, before its state is made.
struct Move<'a> {
    step: Step,
    outcome: &'a Outcome,
    ghost: u32,
    marks: u64,
    spent: u32,
    /// The channels, when the letter was taken out of them.
    net: Option<Arc<[u32]>>,
}

impl Space {
    /// The space of `core` from `starts` on.
    pub fn new(core: Core, starts: Vec<State>) -> Self {
        Space { core: RwLock::new(core), starts, seen: Default::default() }
    }

    /// What has a number.
    pub fn core(&self) -> RwLockReadGuard<'_, Core> {
        self.core.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn core_mut(&self) -> RwLockWriteGuard<'_, Core> {
        self.core.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every event that may happen in `state`, in an order that the content of the state determines, with the place of
    /// its letter.
    fn events(&self, core: &Core, state: &State, out: &mut Vec<(u32, Event, usize)>) {
        let members = &state.members;
        if let Some(place) = state.net.iter().position(|letter| core.is_own(*letter)) {
            // Before anything else happens.
            let letter = state.net[place];
            return out.push((members[core.letter(letter).to.index()], Event::Deliver(letter), place));
        }
        let round = Round::of(core, state);
        for (place, letter) in state.net.iter().enumerate() {
            let before = place.checked_sub(1).map(|before| state.net[before]);
            let link = |letter: u32| (core.letter(letter).from, core.letter(letter).to);
            let repeated = match core.channels {
                Channels::Set => false,
                Channels::Bag => before == Some(*letter),
                Channels::Queues => before.is_some_and(|before| link(before) == link(*letter)),
            };
            if !repeated && round.delivers(core.letter(*letter).to) {
                out.push((members[core.letter(*letter).to.index()], Event::Deliver(*letter), place));
            }
        }
        let timers = core.timers();
        let commands = core.court.commands.len() as u8;
        for (node, &member) in members.iter().enumerate() {
            for timer in (0..timers).filter(|_| round.fires(core.member(member).fired)) {
                out.push((member, Event::Fire(timer), 0));
            }
            for command in (0..commands).filter(|command| round.asks() && self.may_ask(core, state, *command)) {
                if state.asked(command) || core.court.at[usize::from(command)].is_none_or(|at| at.index() == node) {
                    out.push((member, Event::Ask(command), 0));
                }
            }
            let crashes = core.can_crash() && core.bounds.crashes_at(NodeId(node as u8));
            if crashes && state.crashes() < core.bounds.crashes {
                out.push((member, Event::Crash, 0));
            }
            if crashes && core.restarts() && state.lost_disks() < core.bounds.lost_disks {
                out.push((member, Event::Wipe, 0));
            }
            // Also where crash and restart are one: who was down when the search began.
            if core.restarts() && core.member(member).state.is_none() {
                out.push((member, Event::Restart, 0));
            }
        }
    }

    /// Whether a client may ask for a command: for the first time, or once more while it has no answer.
    fn may_ask(&self, core: &Core, state: &State, command: u8) -> bool {
        let unanswered = || !core.ghost(state.ghost).has_delivered(core.court.commands[usize::from(command)]);
        !state.asked(command) || state.retries() < core.bounds.retries && unanswered()
    }

    /// Sees to it that the outcomes of `events` and what they do to the ghost are known.
    fn prepare(&self, state: &State, events: &[(u32, Event, usize)]) {
        let missing = {
            let core = self.core();
            events.iter().any(|&(member, event, _)| {
                core.outcomes_of(member, event).is_none_or(|id| {
                    core.outcomes(id).iter().any(|outcome| core.heard(state.ghost, outcome.told).is_none())
                })
            })
        };
        if !missing {
            return;
        }
        let mut core = self.core_mut();
        for &(member, event, _) in events {
            let id = core.find(member, event);
            for at in 0..core.outcomes(id).len() {
                let told = core.outcomes(id)[at].told;
                core.hear(state.ghost, told);
            }
        }
    }

    /// Does `act` with every move from `state`.
    fn moves(&self, state: &State, mut act: impl FnMut(&Core, Move<'_>)) {
        let mut events = Vec::with_capacity(64);
        self.events(&self.core(), state, &mut events);
        self.prepare(state, &events);
        let core = self.core();
        for (member, event, place) in events {
            let Some(id) = core.outcomes_of(member, event).filter(|id| *id != 0) else { continue };
            for (number, outcome) in core.outcomes(id).iter().enumerate() {
                let Some((ghost, marks)) = core.heard(state.ghost, outcome.told) else { continue };
                if outcome.crashes && state.crashes() >= core.bounds.crashes {
                    continue;
                }
                let mut spent = state.spent + u32::from(outcome.crashes);
                let mut net = None;
                let mut nth = 0;
                match event {
                    Event::Ask(command) if state.asked(command) => spent += 1 << state::RETRIES,
                    Event::Ask(command) => spent |= 1 << (8 + u32::from(command)),
                    Event::Wipe => spent += 1 << state::LOST_DISKS,
                    Event::Deliver(letter) if core.channels != Channels::Set || core.is_own(letter) => {
                        nth = state.net[..place].iter().filter(|other| **other == letter).count() as u8;
                        net = Some(state::taken(&state.net, place));
                    }
                    _ => {}
                }
                let step = Step { node: core.member(member).node, event, outcome: number as u16, nth };
                act(&core, Move { step, outcome, ghost, marks, spent, net });
            }
        }
    }

    /// The state that a move leads to; `None` when it shows nothing new.
    fn after(&self, core: &Core, state: &State, step: &Move<'_>) -> Option<State> {
        let Move { outcome, ghost, spent, .. } = *step;
        let before = step.net.as_ref().unwrap_or(&state.net);
        let node = step.step.node.index();
        let mut members = state.members.clone();
        members[node] = outcome.member;
        let buries = core.buries();
        let live = |letter: &u32| !buries || !core.outgrew(members[core.letter(*letter).to.index()], *letter);
        let letters: SmallVec<[u32; 8]> = outcome.letters.iter().copied().filter(live).collect();
        let mut net = state::sent(core, before, &letters);
        if outcome.idle && net.is_none() && step.net.is_none() && ghost == state.ghost {
            return None;
        }
        if buries && outcome.member != state.members[node] {
            let dead = |letter: &u32| core.letter(*letter).to.index() == node && !live(letter);
            let now = net.as_ref().unwrap_or(before);
            if now.iter().any(dead) {
                net = Some(now.iter().copied().filter(|letter| !dead(letter)).collect());
            }
        }
        let net = net.or_else(|| step.net.clone());
        let mut prints = state.prints.clone();
        for (names, print) in prints.iter_mut().enumerate() {
            let mut change = |from: u64, to: u64| *print = print.wrapping_sub(from).wrapping_add(to);
            change(core.member_print(state.members[node], names), core.member_print(outcome.member, names));
            if ghost != state.ghost {
                change(core.ghost_print(state.ghost, names), core.ghost_print(ghost, names));
            }
            if spent != state.spent {
                change(core.spent_print(state.spent, names), core.spent_print(spent, names));
            }
            if let Some(net) = &net {
                change(state::net_print(core, &state.net, names), state::net_print(core, net, names));
            }
        }
        Some(State { prints, members, ghost, spent, net: net.unwrap_or_else(|| state.net.clone()) })
    }

    /// Takes `step` from `state`: the state after and the marks of what it shows. `None` when it cannot be taken.
    pub fn apply(&self, state: &State, step: Step) -> Option<(State, u64)> {
        let mut found = None;
        self.moves(state, |core, next| {
            if next.step == step {
                found = self.after(core, state, &next).map(|after| (after, next.marks));
            }
        });
        found
    }

    /// Every step from `state`, with where it leads and the marks of what it shows.
    pub fn steps(&self, state: &State) -> Vec<(Step, State, u64)> {
        let mut steps = Vec::new();
        self.moves(state, |core, next| {
            steps.extend(self.after(core, state, &next).map(|after| (next.step, after, next.marks)));
        });
        steps
    }

    /// Whether `step` delivers a message that serves learning only.
    pub fn teaches(&self, step: Step) -> bool {
        let core = self.core();
        matches!(step.event, Event::Deliver(letter) if core.machine.teaches(core.letter(letter).message))
    }

    /// In how many distinct states that were taken in so far each of what must be seen was seen.
    pub fn seen(&self) -> [u64; 2] {
        self.seen.each_ref().map(|seen| seen.load(Ordering::Relaxed))
    }

    /// Where runs begin.
    pub fn starts(&self) -> &[State] {
        &self.starts
    }

    /// The marks of what a state shows, however it was reached.
    pub fn marks(&self, state: &State) -> u64 {
        let mark = self.core().court.mark(crate::properties::Name::LogMatching);
        if mark != 0 && !self.logs_match(state) { mark } else { 0 }
    }

    fn logs_match(&self, state: &State) -> bool {
        let pairs = || {
            let last = state.members.len();
            (0..last).flat_map(move |a| (a + 1..last).map(move |b| (a, b)))
        };
        let of = |(a, b): (usize, usize)| (state.members[a], state.members[b]);
        let known: SmallVec<[Option<bool>; 10]> = {
            let core = self.core();
            pairs().map(of).map(|(a, b)| core.matched(a, b)).collect()
        };
        if known.iter().all(|known| *known == Some(true)) {
            return true;
        }
        let mut core = self.core_mut();
        pairs().map(of).all(|(a, b)| core.find_match(a, b))
    }
}

impl Model for Space {
    type State = State;
    type Action = Step;

    fn initial(&self) -> Vec<State> {
        self.starts.clone()
    }

    fn successors(&self, state: &State, steps: &mut impl Steps<Self>) {
        self.moves(state, |core, next| {
            if let Some(after) = self.after(core, state, &next) {
                steps.marked(next.step, after, next.marks);
            }
        });
    }

    fn properties(&self) -> Vec<Property> {
        let core = self.core();
        let judged = core.court.judged.iter().map(|name| Property::always(name.text()));
        let seen = [DELIVERED[core.court.shape as usize], SECOND_LEADER].map(Property::sometimes);
        judged.chain(seen).collect()
    }

    fn judge(&self, state: &State) -> u64 {
        self.marks(state)
    }

    fn admitted(&self, state: &State) {
        let shows = {
            let core = self.core();
            let ghost = core.ghost(state.ghost);
            [ghost.has_order(), ghost.second_leader()]
        };
        for (seen, shown) in self.seen.iter().zip(shows) {
            seen.fetch_add(u64::from(shown), Ordering::Relaxed);
        }
    }

    fn fingerprint(&self, state: &State) -> u64 {
        state.print()
    }

    fn bytes(&self, state: &State) -> usize {
        size_of::<State>() + 8 * state.prints.len() + 4 * state.net.len()
    }
}

/// Where the nodes stand in the rounds of the synchronous model. All timers of a round fire at one moment, then all
/// messages of the round arrive, and then the next round begins.
struct Round {
    lockstep: bool,
    /// How often timers have fired at the nodes that take rounds still: least and most. Who is done, or has come back to
    /// take no part, keeps nobody waiting.
    fired: (u32, u32),
    /// Whether some node has begun.
    begun: bool,
    /// The first node to which something is under way: nodes take their messages one after the other, which changes
    /// nothing, since they say nothing before the next round.
    receiver: Option<NodeId>,
}

impl Round {
    fn of(core: &Core, state: &State) -> Round {
        if !core.lockstep {
            return Round { lockstep: false, fired: (0, 0), begun: false, receiver: None };
        }
        let all = || state.members.iter().map(|id| core.member(*id)).filter(|member| member.state.is_some());
        let up = || all().filter(|member| !member.timers.is_empty() || core.is_spent(member));
        let (least, most) = (up().map(|member| member.fired).min(), up().map(|member| member.fired).max());
        let begun = all().any(|member| member.fired > 0);
        let receiver = state.net.iter().map(|letter| core.letter(*letter).to).min();
        Round { lockstep: true, fired: (least.unwrap_or(0), most.unwrap_or(0)), begun, receiver }
    }

    fn delivers(&self, to: NodeId) -> bool {
        !self.lockstep || self.fired.0 == self.fired.1 && self.receiver == Some(to)
    }

    fn fires(&self, fired: u32) -> bool {
        !self.lockstep || fired == self.fired.0 && (self.fired.0 < self.fired.1 || self.receiver.is_none())
    }

    fn asks(&self) -> bool {
        !self.lockstep || !self.begun
    }
}

/// What a search must have seen lest it be vacuous, by shape.
const DELIVERED: [&str; 3] = ["A value is decided", "A message is delivered", "A command is committed"];

/// What a search with several epochs should have seen.
const SECOND_LEADER: &str = "A second leader is elected";
