//! What the states of a search have in common: everything that has a number, and the results of every step that was
//! ever asked for. A handler is a function of node and input, so that it runs once for each pair, however many states
//! the pair occurs in.

use super::bounds::{Bounds, Channels, Reductions, UNCOUNTED};
use super::chain::{self, Armed, Member, Run, Wants};
pub use super::event::{Event, Letter, Outcome};
use super::ghost::{self, Court, Ghost, Told};
use super::machine::{How, Input, Machine};
use super::primaries::PRIMARY_ORDER;
use super::state;
use super::symmetry::{self, Twin};
use super::table::{Index, Table};
use crate::check::fingerprint::{self, Fingerprinter};
use crate::protocol::*;
use std::hash::Hasher;

/// Everything that has a number.
pub struct Core {
    /// The protocol.
    pub machine: Box<dyn Machine>,
    /// What is judged.
    pub court: Court,
    /// How far.
    pub bounds: Bounds,
    /// How.
    pub reductions: Reductions,
    /// What channels do.
    pub channels: Channels,
    /// Whether all nodes take the rounds of the synchronous model together.
    pub lockstep: bool,
    /// Whether messages are sent that only hurry their receiver along. They tell of what it was told by messages that are
    /// under way for ever: but for those that were lost before the search, or that a node sent before it lost its disk.
    pub hurries: bool,
    /// Whether the search begins where a node is about to hear itself, and chance or a crash has a say in what comes of it.
    pub hears_itself: bool,
    /// The highest epoch that a node may reach.
    pub last_epoch: u64,
    /// Whether an epoch beyond it was met.
    pub bounded: bool,
    wants: Wants,
    members: Table<Member>,
    /// The renamings under which nothing changes; the first one changes no name.
    names: Vec<Twin>,
    /// By member, and by renaming: its fingerprint, which says the same whatever numbers its parts have.
    member_prints: Vec<u64>,
    letters: Table<Letter>,
    letter_prints: Vec<u64>,
    ghost_prints: Vec<u64>,
    told: Table<(NodeId, Vec<Told>)>,
    ghosts: Table<Ghost>,
    outcomes: Vec<Box<[Outcome]>>,
    /// From (member, event) to the number of its outcomes.
    known: Index,
    /// From (ghost, told) to the place in `judged`.
    heard: Index,
    /// The ghost after, and what it shows.
    judged: Vec<(u32, u64)>,
    /// From pairs of members to whether their logs match.
    matched: Index,
}

impl Core {
    /// Nothing has a number yet. `fresh`: the search is from the start of a run.
    pub fn new(machine: Box<dyn Machine>, court: Court, bounds: Bounds, reductions: Reductions, fresh: bool) -> Self {
        use crate::properties::Name;
        let info = machine.info();
        let ballots = court.wants(Name::P2c) || court.wants_any(ghost::ONE_VALUE);
        let wants = Wants {
            asked: court.shape == Shape::Broadcast,
            commits: court.wants_any(ghost::COMPLETENESS)
                || court.wants_any(PRIMARY_ORDER)
                || court.wants(Name::PrefixConsistency),
            logs: court.wants_any(ghost::COMPLETENESS),
            proposals: ballots,
            acceptances: ballots || court.chosen,
            promises: court.wants(Name::PromisesNeverDecrease),
            cuts: court.wants(Name::LeaderAppendOnly),
            broadcasts: court.wants_any(PRIMARY_ORDER),
        };
        let channels = match (info.fifo_channels, reductions.set) {
            (true, _) => Channels::Queues,
            (false, true) => Channels::Set,
            (false, false) => Channels::Bag,
        };
        // Who begins no ballot or term of its own has none to forget.
        let forgets = |node| bounds.crashes_at(node) && (court.shape == Shape::OneValue || bounds.fires_at(node));
        let hurries = !reductions.normal || bounds.lost_disks > 0 && NodeId::all(court.nodes).any(forgets);
        let mut core = Core {
            hurries,
            hears_itself: false,
            machine,
            court,
            bounds,
            reductions,
            channels,
            lockstep: false,
            last_epoch: u64::MAX,
            bounded: false,
            wants,
            names: Vec::new(),
            members: Table::default(),
            member_prints: Vec::new(),
            letters: Table::default(),
            letter_prints: Vec::new(),
            ghost_prints: Vec::new(),
            told: Table::default(),
            ghosts: Table::default(),
            outcomes: vec![Box::new([])],
            known: Index::default(),
            heard: Index::default(),
            judged: Vec::new(),
            matched: Index::default(),
        };
        core.told.put((NodeId(0), Vec::new()));
        let symmetry = if core.reductions.symmetry { core.machine.symmetry() } else { Symmetry::None };
        core.names = symmetry::twins(symmetry, &core.court, &core.bounds, fresh);
        core
    }

    /// The node numbered so.
    pub fn member(&self, id: u32) -> &Member {
        self.members.get(id)
    }

    /// The fingerprint of a node under the renaming numbered so.
    #[inline]
    pub fn member_print(&self, id: u32, names: usize) -> u64 {
        self.member_prints[id as usize * self.names.len() + names]
    }

    /// The letter numbered so.
    #[inline]
    pub fn letter(&self, id: u32) -> Letter {
        *self.letters.get(id)
    }

    /// The fingerprint of a letter under the renaming numbered so.
    #[inline]
    pub fn letter_print(&self, id: u32, names: usize) -> u64 {
        self.letter_prints[id as usize * self.names.len() + names]
    }

    /// Whether the letter can never again change anything at its receiver, which is `member`.
    #[inline]
    pub fn outgrew(&self, member: u32, letter: u32) -> bool {
        let Letter { from, to, message } = self.letter(letter);
        match self.member(member).state {
            // Without its disk a node forgets what it had outgrown.
            Some(_) if self.bounds.lost_disks > 0 && self.bounds.crashes_at(to) => false,
            Some(_) if self.hurries && self.machine.provokes(message) => false,
            Some(state) => self.reductions.normal && self.machine.outgrew(state, from, message),
            None => self.lockstep || !self.restarts(),
        }
    }

    /// Whether letters that can change nothing any more are thrown away.
    #[inline]
    pub fn buries(&self) -> bool {
        self.lockstep || self.reductions.normal && self.channels != Channels::Bag
    }

    /// Whether the letter is one that its sender hears at once.
    pub fn is_own(&self, letter: u32) -> bool {
        let Letter { from, to, .. } = self.letter(letter);
        self.hears_itself && from == to
    }

    /// Whether the letter `later` makes `earlier`, which is still under way, as good as lost.
    #[inline]
    pub fn supersedes(&self, later: u32, earlier: u32) -> bool {
        let (later, earlier) = (self.letter(later), self.letter(earlier));
        self.reductions.latest
            && (later.from, later.to) == (earlier.from, earlier.to)
            && self.machine.supersedes(later.message, earlier.message)
    }

    /// The ghost numbered so.
    pub fn ghost(&self, id: u32) -> &Ghost {
        self.ghosts.get(id)
    }

    /// The fingerprint of a ghost under the renaming numbered so.
    #[inline]
    pub fn ghost_print(&self, id: u32, names: usize) -> u64 {
        self.ghost_prints[id as usize * self.names.len() + names]
    }

    /// The fingerprint of what was spent, under the renaming numbered so.
    #[inline]
    pub fn spent_print(&self, spent: u32, names: usize) -> u64 {
        let spent = if names == 0 { spent } else { state::renamed(spent, |asked| self.names[names].commands(asked)) };
        fingerprint::scramble(u64::from(spent) ^ 0x5bd1_e995_0000_0000)
    }

    /// The renaming numbered so.
    pub fn renaming(&self, names: usize) -> &Renaming {
        &self.names[names].nodes
    }

    /// How many renamings there are.
    #[inline]
    pub fn renamings(&self) -> usize {
        self.names.len()
    }

    /// Keeps a ghost.
    pub fn put_ghost(&mut self, ghost: Ghost) -> u32 {
        let id = self.ghosts.put(ghost);
        if self.ghost_prints.len() == id as usize * self.names.len() {
            for twin in &self.names {
                let print = fingerprint::of(&self.ghosts.get(id).renamed(&twin.nodes));
                self.ghost_prints.push(fingerprint::scramble(print));
            }
        }
        id
    }

    /// Keeps a node.
    pub fn put_member(&mut self, member: Member) -> u32 {
        let id = self.members.put(member);
        if self.member_prints.len() == id as usize * self.names.len() {
            for at in 0..self.names.len() {
                let print = self.print_member(self.members.get(id), at);
                self.member_prints.push(print);
            }
        }
        id
    }

    fn print_member(&self, member: &Member, at: usize) -> u64 {
        let nodes = &self.names[at].nodes;
        let node = nodes.node(member.node);
        let names = (at > 0).then_some(nodes);
        let mut print = Fingerprinter::default();
        print.write_u64(u64::from(node.0) << 32 | u64::from(member.fired));
        print.write_u64(member.state.map_or(0, |state| self.machine.state_print(state, names)));
        print.write_u64(self.machine.disk_print(member.disk, names));
        for Armed { timer, range: (min, max) } in &member.timers {
            print.write_u64(u64::from(*timer) + 1);
            print.write_u64(*min);
            print.write_u64(*max);
        }
        print.finish()
    }

    /// Keeps a letter.
    pub fn put_letter(&mut self, letter: Letter) -> u32 {
        let id = self.letters.put(letter);
        if self.letter_prints.len() == id as usize * self.names.len() {
            for (at, Twin { nodes: names, .. }) in self.names.iter().enumerate() {
                let envelope = u64::from(names.node(letter.from).0) << 8 | u64::from(names.node(letter.to).0);
                let print = self.machine.message_print(letter.message, (at > 0).then_some(names));
                self.letter_prints.push(fingerprint::scramble(print ^ envelope << 40));
            }
        }
        id
    }

    /// The number of the outcomes of `event` at `member`, if they are known; 0 stands for none.
    #[inline]
    pub fn outcomes_of(&self, member: u32, event: Event) -> Option<u32> {
        self.known.get(u64::from(member) << 32 | u64::from(event.code()))
    }

    /// The outcomes numbered so.
    #[inline]
    pub fn outcomes(&self, id: u32) -> &[Outcome] {
        &self.outcomes[id as usize]
    }

    /// Finds the outcomes of `event` at `member`.
    pub fn find(&mut self, id: u32, event: Event) -> u32 {
        if let Some(known) = self.outcomes_of(id, event) {
            return known;
        }
        let outcomes = self.run(id, event);
        let number = if outcomes.is_empty() {
            0
        } else {
            self.outcomes.push(outcomes.into_boxed_slice());
            self.outcomes.len() as u32 - 1
        };
        self.known.add(u64::from(id) << 32 | u64::from(event.code()), number);
        number
    }

    fn run(&mut self, id: u32, event: Event) -> Vec<Outcome> {
        let mut member = self.members.get(id).clone();
        let up = member.state.is_some();
        let input = match event {
            Event::Restart if up => return Vec::new(),
            Event::Restart => Input::Boot,
            _ if !up => return Vec::new(),
            Event::Deliver(letter) => {
                let Letter { from, message, .. } = self.letter(letter);
                Input::Message { from, message }
            }
            Event::Fire(timer) => {
                if !self.fires(&member, timer) {
                    return Vec::new();
                }
                member.timers.retain(|armed| armed.timer != timer);
                if self.bounds.of_timer(timer, Some(member.node)) < UNCOUNTED {
                    member.fired += 1 << (4 * u32::from(timer));
                }
                Input::Timer(timer)
            }
            Event::Ask(command) => Input::Request(self.court.commands[usize::from(command)]),
            Event::Crash => {
                (member.state, member.timers) = (None, Vec::new());
                if !self.fused() {
                    let down = self.put_member(member);
                    return vec![Outcome { crashes: true, ..Outcome::plain(down) }];
                }
                Input::Boot
            }
            Event::Wipe => {
                member.timers.clear();
                member.disk = self.machine.lost_disk();
                Input::Boot
            }
        };
        let run = Run {
            input,
            lost: event == Event::Wipe,
            cut: None,
            restart: self.fused(),
            own_messages: self.reductions.own_messages,
            how: How { deaf: self.court.chosen, normal: self.reductions.normal, hurries: self.hurries },
            timer_order: self.reductions.timer_order,
            wants: self.wants,
        };
        // Where a crash is for good and messages may be lost, a handler that was cut shows nothing that it does not
        // show whole.
        let cuts =
            self.bounds.crashes_at(member.node) && self.can_crash() && !matches!(event, Event::Crash | Event::Wipe);
        let results = chain::all(&mut *self.machine, &member, run, cuts);
        results.into_iter().filter_map(|result| self.keep(id, event, result)).collect()
    }

    /// Whether a node that is down may come back.
    pub fn restarts(&self) -> bool {
        self.machine.info().restarts || self.bounds.restarts
    }

    /// Whether a crash and the restart after it are one step.
    pub fn fused(&self) -> bool {
        self.reductions.fused_restarts && self.restarts()
    }

    /// How many kinds of timers may fire at all.
    pub fn timers(&self) -> u8 {
        let fires = |node: NodeId, timer| self.bounds.of_timer(timer, Some(node)) > 0;
        let any = |timer: &u8| NodeId::all(self.court.nodes).any(|node| fires(node, *timer));
        (0..8).rev().find(any).map_or(0, |last| last + 1)
    }

    /// Whether crashes are steps of their own.
    pub fn can_crash(&self) -> bool {
        self.restarts() || !self.reductions.silent_crashes || self.lockstep
    }

    fn fires(&self, member: &Member, timer: u8) -> bool {
        let Some(at) = member.timers.iter().position(|armed| armed.timer == timer) else { return false };
        let (min, _) = member.timers[at].range;
        let first = !self.reductions.timer_order || member.timers[..at].iter().all(|earlier| earlier.range.1 > min);
        first && self.has_left(member, timer)
    }

    /// Whether the bound lets the timer fire once more.
    fn has_left(&self, member: &Member, timer: u8) -> bool {
        (member.fired >> (4 * u32::from(timer)) & 15) < u32::from(self.bounds.of_timer(timer, Some(member.node)))
    }

    /// Whether the bound keeps some timer from firing once more.
    pub fn is_spent(&self, member: &Member) -> bool {
        (0..self.timers()).any(|timer| !self.has_left(member, timer))
    }

    /// What can never fire need not be armed.
    pub fn disarm(&self, member: &mut Member) {
        if self.reductions.normal {
            let fired = member.clone();
            member.timers.retain(|armed| self.has_left(&fired, armed.timer));
        }
    }

    /// Gives the parts of a result their numbers; `None` when nothing came of it, or when it lies beyond the bounds.
    fn keep(&mut self, id: u32, event: Event, result: chain::Result) -> Option<Outcome> {
        let chain::Result { mut member, sent, told, answers, cut } = result;
        if member.state.is_some_and(|state| self.machine.view(state).epoch > self.last_epoch) {
            self.bounded = true;
            return None;
        }
        self.disarm(&mut member);
        let node = member.node;
        let before = self.members.get(id);
        let idle = (before.state, before.disk, &before.timers) == (member.state, member.disk, &member.timers);
        let mut letters: Vec<u32> = Vec::with_capacity(sent.len());
        for (to, message) in sent {
            letters.push(self.put_letter(Letter { from: node, to, message }));
        }
        if self.channels == Channels::Set {
            letters.sort_unstable_by_key(|letter| self.letter_print(*letter, 0));
            letters.dedup();
        }
        let told = if told.is_empty() { 0 } else { self.told.put((node, told)) };
        let member = self.put_member(member);
        let crashes = matches!(event, Event::Crash | Event::Wipe) || cut.is_some();
        let quiet = letters.is_empty() && told == 0;
        let count = matches!(event, Event::Fire(_)) && self.reductions.idle_timeouts;
        // What is taken out of a queue is gone, though it changed nothing else.
        let taken = matches!(event, Event::Deliver(_)) && self.channels != Channels::Set;
        if quiet && !taken && (member == id || idle && (count || crashes)) {
            return None;
        }
        Some(Outcome {
            member,
            letters: letters.into(),
            told,
            crashes,
            idle: idle && (count || crashes || member == id),
            answers: answers.into(),
            cut,
        })
    }

    /// What was told under this number.
    pub fn told(&self, id: u32) -> &[Told] {
        &self.told.get(id).1
    }

    /// The ghost after `told`, if it is known, and the marks of what it shows.
    #[inline]
    pub fn heard(&self, ghost: u32, told: u32) -> Option<(u32, u64)> {
        if told == 0 {
            return Some((ghost, 0));
        }
        self.heard.get(u64::from(ghost) << 32 | u64::from(told)).map(|at| self.judged[at as usize])
    }

    /// Whether some property wants this, of what a run has told of ballots.
    pub fn wants(&self, told: &Told) -> bool {
        match told {
            Told::Proposes { .. } => self.wants.proposals,
            Told::Accepts { .. } => self.wants.acceptances,
            Told::Promises { .. } => self.wants.promises,
            _ => true,
        }
    }

    /// Finds the ghost after `told`.
    pub fn hear(&mut self, ghost: u32, told: u32) {
        if self.heard(ghost, told).is_some() {
            return;
        }
        let mut after = self.ghosts.get(ghost).clone();
        let (node, list) = self.told.get(told);
        let marks = list.iter().fold(0, |marks, told| marks | after.hear(&self.court, *node, told));
        let after = self.put_ghost(after);
        self.judged.push((after, marks));
        self.heard.add(u64::from(ghost) << 32 | u64::from(told), self.judged.len() as u32 - 1);
    }

    /// Whether the logs of two nodes match, if that was found out.
    pub fn matched(&self, one: u32, other: u32) -> Option<bool> {
        self.matched.get(u64::from(one) << 32 | u64::from(other)).map(|known| known == 1)
    }

    /// Finds out whether the logs of two nodes match: "if two logs contain an entry with the same index and term, then
    /// the logs are identical in all entries up through the given index" (Raft, Figure 3).
    pub fn find_match(&mut self, one: u32, other: u32) -> bool {
        if let Some(known) = self.matched(one, other) {
            return known;
        }
        let (a, b) = (self.members.get(one).state, self.members.get(other).state);
        let matches = a.zip(b).is_none_or(|(a, b)| {
            let row = |state, position| self.machine.row(state, position);
            let last = self.machine.view(a).last.min(self.machine.view(b).last);
            let pairs = (1..=last).filter_map(|position| row(a, position).zip(row(b, position)));
            let alike: Vec<(bool, bool)> = pairs.map(|(a, b)| (a.epoch == b.epoch, a == b)).collect();
            let same_term = alike.iter().rposition(|(term, _)| *term);
            same_term.is_none_or(|last| alike[..=last].iter().all(|(_, same)| *same))
        });
        self.matched.add(u64::from(one) << 32 | u64::from(other), u32::from(matches));
        matches
    }

    /// How many nodes, letters, ghosts and pairs of node and event have numbers.
    pub fn sizes(&self) -> [usize; 4] {
        [self.members.count(), self.letters.count(), self.ghosts.count(), self.outcomes.len()]
    }
}
