//! History variables of a checked run, kept tiny: what was decided or delivered where, who led when, what was proposed
//! and accepted. A ghost is judged as it changes, by the rules that [`crate::properties`] has for a run; a finding is
//! a mark on the step that did it.

use super::primaries::PRIMARY_ORDER;
use crate::properties::{Name, Primacy};
use crate::protocol::*;

/// An entry of a log: its epoch and its command.
pub type Entry = (u64, Command);

/// What a node did in a step, as far as some property wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// A client asked the node to broadcast.
    Asked { command: Command },
    /// The node handed this to its application, which leaves out repeats if it is `checked`; or decided it.
    Delivered { position: u64, command: Command, checked: bool },
    /// The node's application stands behind this position now.
    Installed { position: u64 },
    /// The node leads, with this log.
    Leads { epoch: u64, log: Vec<Entry> },
    /// The node knows this prefix of its log to be committed, and its epoch is this.
    Commits { term: u64, log: Vec<Entry> },
    /// The node, which leads this epoch, broadcasts this behind its log.
    Broadcasts { epoch: u64, command: Command, log: Vec<Entry> },
    /// A proposer asks for this.
    Proposes { position: u64, ballot: u64, command: Command },
    /// An acceptor accepts this.
    Accepts { position: u64, ballot: u64, command: Command },
    /// The node promises this.
    Promises { ballot: u64 },
    /// The leader cut or overwrote its log.
    LeaderCut,
    /// The node starts anew.
    Restarted,
    /// Its disk was lost.
    DiskLost,
}

/// A leader when it was elected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reign {
    epoch: u64,
    node: NodeId,
    log: Vec<Entry>,
}

/// A message of a broadcast.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Cast {
    command: Command,
    sender: NodeId,
    /// How many messages of each sender may have caused it, itself included.
    clock: Vec<u8>,
}

/// The history variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ghost {
    /// What was delivered first at each position, or decided first.
    order: Vec<Command>,
    /// By node: up to where it has delivered in its present life.
    reached: Vec<u64>,
    /// By node, in protocols that decide: what it decided first.
    decided: Vec<Option<Command>>,
    /// The leaders of all epochs, in the order of epochs.
    reigns: Vec<Reign>,
    /// What is known to be committed, each with the highest epoch in which a node that knew was, if that is asked for.
    committed: Vec<(Entry, u64)>,
    /// What was proposed under which (position, ballot), ascending.
    proposed: Vec<(u64, u64, Command)>,
    /// Who accepted what under which (position, ballot), ascending.
    accepted: Vec<(u64, u64, NodeId, Command)>,
    /// By node: the highest ballot that it promised.
    promised: Vec<u64>,
    /// Broadcasts, in the order in which they were asked for.
    casts: Vec<Cast>,
    /// By node: which broadcasts it delivered, in order.
    lists: Vec<Vec<u8>>,
    /// Of primaries.
    pub primacy: Primacy,
}

/// The safety properties that the ghost can judge.
pub const JUDGED: &[Name] = &[
    Name::Validity,
    Name::Integrity,
    Name::Agreement,
    Name::NoDuplication,
    Name::NoCreation,
    Name::FifoOrder,
    Name::CausalOrder,
    Name::TotalOrder,
    Name::StateMachineSafety,
    Name::ElectionSafety,
    Name::LeaderAppendOnly,
    Name::LogMatching,
    Name::LeaderCompleteness,
    Name::P2c,
    Name::OneValuePerBallot,
    Name::PromisesNeverDecrease,
    Name::OneProposalPerRound,
    Name::OnePrimaryPerView,
    Name::Leadership,
    Name::AcknowledgedWriteNotLost,
    Name::CommittedLogsAgree,
    Name::PrefixConsistency,
    Name::LocalPrimaryOrder,
    Name::GlobalPrimaryOrder,
    Name::PrimaryIntegrity,
];

/// The names of "an epoch has one leader".
const ONE_LEADER: &[Name] = &[Name::ElectionSafety, Name::OnePrimaryPerView, Name::Leadership];

/// The names of "what was committed in an epoch, the leaders of later ones have".
pub const COMPLETENESS: &[Name] = &[Name::LeaderCompleteness, Name::AcknowledgedWriteNotLost];

/// The names of "a ballot carries one value".
pub const ONE_VALUE: &[Name] = &[Name::OneValuePerBallot, Name::OneProposalPerRound];

/// What is judged, and of whom.
#[derive(Clone, Debug)]
pub struct Court {
    /// Nodes in the cluster.
    pub nodes: usize,
    /// What the protocol brings about.
    pub shape: Shape,
    /// The commands that clients may ask for.
    pub commands: Vec<Command>,
    /// By command: the node at which it is asked for, where it matters.
    pub at: Vec<Option<NodeId>>,
    /// The commands that clients have asked for before the search.
    pub done: Vec<Command>,
    /// The properties that are judged: bit *i* of a mark is the *i*-th.
    pub judged: Vec<Name>,
    /// Whether a value counts as decided once a majority has accepted it under one ballot, learnt or not.
    pub chosen: bool,
}

impl Court {
    /// Whether `name` is judged.
    pub fn wants(&self, name: Name) -> bool {
        self.judged.contains(&name)
    }

    /// The mark of `name`, none if it is not judged.
    pub fn mark(&self, name: Name) -> u64 {
        self.judged.iter().position(|judged| *judged == name).map_or(0, |bit| 1 << bit)
    }

    /// Whether any of `names` is judged.
    pub fn wants_any(&self, names: &[Name]) -> bool {
        names.iter().any(|name| self.wants(*name))
    }

    /// The marks of `names`.
    pub fn marks(&self, names: &[Name]) -> u64 {
        names.iter().fold(0, |marks, name| marks | self.mark(*name))
    }

    /// The mark of having seen a value delivered or decided.
    pub fn delivered(&self) -> u64 {
        1 << self.judged.len()
    }

    /// The mark of having seen a second leader.
    pub fn second_leader(&self) -> u64 {
        2 << self.judged.len()
    }

    fn asked_for(&self, command: Command) -> bool {
        self.commands.contains(&command) || self.done.contains(&command)
    }
}

impl Ghost {
    /// Before anything has happened.
    pub fn new(court: &Court) -> Self {
        let n = court.nodes;
        let mut ghost = Ghost { primacy: Primacy::new(court), ..Ghost::default() };
        match court.shape {
            Shape::OneValue => ghost.decided = vec![None; n],
            Shape::Broadcast => ghost.lists = vec![Vec::new(); n],
            Shape::Replicated => ghost.reached = vec![0; n],
        }
        if court.wants(Name::PromisesNeverDecrease) {
            ghost.promised = vec![0; n];
        }
        ghost
    }

    /// Whether something was delivered or decided.
    pub fn has_order(&self) -> bool {
        !self.order.is_empty() || self.lists.iter().any(|list| !list.is_empty())
    }

    /// Whether it was delivered somewhere.
    pub fn has_delivered(&self, command: Command) -> bool {
        self.order.contains(&command)
    }

    /// What was decided, or delivered at a place; the first is 0, and a protocol that decides has no other.
    pub fn decision(&self, place: usize) -> Option<Command> {
        self.order.get(place).copied()
    }

    /// How many places have something.
    pub fn places(&self) -> usize {
        self.order.len()
    }

    /// The same under other names of the nodes.
    pub fn renamed(&self, names: &Renaming) -> Ghost {
        let mut ghost = self.clone();
        names.list(&mut ghost.reached);
        names.list(&mut ghost.decided);
        names.list(&mut ghost.promised);
        names.list(&mut ghost.lists);
        names.list(&mut ghost.primacy.places);
        ghost.reigns.iter_mut().for_each(|reign| reign.node = names.node(reign.node));
        ghost.accepted.iter_mut().for_each(|(_, _, node, _)| *node = names.node(*node));
        ghost.accepted.sort_unstable();
        ghost.casts.iter_mut().for_each(|cast| {
            cast.sender = names.node(cast.sender);
            names.list(&mut cast.clock);
        });
        ghost
    }

    /// This was committed before, with the epochs in which those were that knew, if that is asked for.
    pub fn knows(&mut self, committed: Vec<(Entry, u64)>, epochs: bool) {
        self.committed = committed;
        if !epochs {
            self.committed.iter_mut().for_each(|(_, epoch)| *epoch = 0);
        }
    }

    /// Whether two epochs had leaders.
    pub fn second_leader(&self) -> bool {
        self.reigns.len() > 1
    }

    /// `node` did this; the marks of what that shows.
    pub fn hear(&mut self, court: &Court, node: NodeId, told: &Told) -> u64 {
        match *told {
            Told::Asked { command } => {
                self.cast(court, node, command);
                0
            }
            Told::Delivered { position, command, checked } => {
                court.delivered()
                    | match court.shape {
                        Shape::OneValue => self.decides(court, node, command),
                        Shape::Broadcast => self.receives(court, node, command),
                        Shape::Replicated => self.applies(court, node, position, command, checked),
                    }
            }
            Told::Installed { position } => {
                self.reached[node.index()] = position;
                0
            }
            Told::Leads { epoch, ref log } => self.leads(court, node, epoch, log),
            Told::Commits { term, ref log } => self.commits(court, node, term, log),
            Told::Broadcasts { epoch, command, ref log } => {
                self.primacy.broadcasts(court, node, epoch, command, log, &self.committed)
            }
            Told::Proposes { position, ballot, command } => self.proposes(court, position, ballot, command),
            Told::Accepts { position, ballot, command } => self.accepts(court, node, position, ballot, command),
            Told::Promises { ballot } => {
                let promised = &mut self.promised[node.index()];
                let back = ballot < *promised;
                *promised = ballot.max(*promised);
                if back { court.mark(Name::PromisesNeverDecrease) } else { 0 }
            }
            Told::DiskLost => {
                self.promised.get_mut(node.index()).into_iter().for_each(|promised| *promised = 0);
                0
            }
            Told::LeaderCut => court.mark(Name::LeaderAppendOnly),
            Told::Restarted => {
                self.primacy.restarted(node);
                if let Some(reached) = self.reached.get_mut(node.index()) {
                    *reached = 0;
                }
                if let Some(list) = self.lists.get_mut(node.index()) {
                    list.clear();
                }
                0
            }
        }
    }

    fn decides(&mut self, court: &Court, node: NodeId, command: Command) -> u64 {
        let mut marks = if court.commands.iter().chain(&court.done).any(|asked| asked.value == command.value) {
            0
        } else {
            court.mark(Name::Validity)
        };
        let decided = &mut self.decided[node.index()];
        if decided.is_some_and(|earlier| earlier.value != command.value) {
            marks |= court.mark(Name::Integrity);
        }
        decided.get_or_insert(command);
        marks | self.choose(court, command)
    }

    /// `command` is decided somewhere, or cannot but be.
    fn choose(&mut self, court: &Court, command: Command) -> u64 {
        match self.order.first() {
            None => self.order.push(command),
            Some(first) if first.value != command.value => return court.mark(Name::Agreement),
            Some(_) => {}
        }
        0
    }

    fn applies(&mut self, court: &Court, node: NodeId, position: u64, command: Command, checked: bool) -> u64 {
        let mut marks = 0;
        let last = std::mem::replace(&mut self.reached[node.index()], position);
        if position != last + 1 {
            marks |= court.mark(Name::StateMachineSafety);
        }
        if !command.is_noop() && !court.asked_for(command) {
            marks |= court.mark(Name::NoCreation);
        }
        let place = position as usize - 1;
        if !checked && self.order.iter().take(place).any(|earlier| *earlier == command) {
            marks |= court.mark(Name::NoDuplication);
        }
        match self.order.get(place) {
            None if place == self.order.len() => self.order.push(command),
            Some(first) if *first != command => {
                marks |= court.marks(&[Name::StateMachineSafety, Name::TotalOrder, Name::CommittedLogsAgree]);
            }
            _ => {}
        }
        marks
    }

    fn leads(&mut self, court: &Court, node: NodeId, epoch: u64, log: &[Entry]) -> u64 {
        let second = if self.reigns.iter().any(|reign| reign.epoch != epoch) { court.second_leader() } else { 0 };
        let at = self.reigns.partition_point(|reign| reign.epoch < epoch);
        let mut marks = second;
        match self.reigns.get(at) {
            Some(reign) if reign.epoch == epoch => {
                if reign.node != node {
                    marks |= court.marks(ONE_LEADER);
                }
            }
            _ => self.reigns.insert(at, Reign { epoch, node, log: log.to_vec() }),
        }
        let lacking = |(place, (entry, term)): (usize, &(Entry, u64))| *term < epoch && log.get(place) != Some(entry);
        if court.wants_any(COMPLETENESS) && self.committed.iter().enumerate().any(lacking) {
            marks |= court.marks(COMPLETENESS);
        }
        marks
    }

    fn commits(&mut self, court: &Court, node: NodeId, term: u64, log: &[Entry]) -> u64 {
        let known = self.committed.len();
        let differs = log.iter().zip(&self.committed).any(|(entry, (committed, _))| entry != committed);
        let mut marks = if differs { court.mark(Name::PrefixConsistency) } else { 0 };
        if court.wants_any(PRIMARY_ORDER) {
            marks |= self.primacy.delivers(court, node, log, &self.committed);
        }
        // In which epoch, only completeness asks.
        let term = if court.wants_any(COMPLETENESS) { term } else { 0 };
        if log.len() <= known {
            return marks;
        }
        let highest = self.committed.last().map_or(term, |(_, highest)| term.max(*highest));
        self.committed.extend(log[known..].iter().map(|entry| (*entry, highest)));
        let without = |reign: &Reign| reign.epoch > term && !reign.log.starts_with(log);
        if court.wants_any(COMPLETENESS) && self.reigns.iter().any(without) {
            marks |= court.marks(COMPLETENESS);
        }
        marks
    }

    /// One value per ballot: `command` was proposed or accepted under `ballot`.
    fn carries(&self, court: &Court, position: u64, ballot: u64, command: Command) -> u64 {
        let proposed = self.proposed.iter().filter(|(p, b, _)| (*p, *b) == (position, ballot)).map(|(.., c)| c);
        let accepted = self.accepted.iter().filter(|(p, b, ..)| (*p, *b) == (position, ballot)).map(|(.., c)| c);
        let other = proposed.chain(accepted).any(|other| other.value != command.value);
        if other { court.marks(ONE_VALUE) } else { 0 }
    }

    fn proposes(&mut self, court: &Court, position: u64, ballot: u64, command: Command) -> u64 {
        let mut marks = self.carries(court, position, ballot, command);
        let entry = (position, ballot, command);
        if let Err(at) = self.proposed.binary_search(&entry) {
            self.proposed.insert(at, entry);
        }
        if court.wants(Name::P2c) && self.refuted(court, position, ballot, command) {
            marks |= court.mark(Name::P2c);
        }
        marks
    }

    fn accepts(&mut self, court: &Court, node: NodeId, position: u64, ballot: u64, command: Command) -> u64 {
        let mut marks = self.carries(court, position, ballot, command);
        let entry = (position, ballot, node, command);
        if let Err(at) = self.accepted.binary_search(&entry) {
            self.accepted.insert(at, entry);
        }
        if court.wants(Name::P2c) {
            let above = self.proposed.iter().filter(|(p, b, _)| *p == position && *b > ballot);
            if above.copied().any(|(_, number, command)| self.refuted(court, position, number, command)) {
                marks |= court.mark(Name::P2c);
            }
        }
        let same = |(p, b, _, c): &&(u64, u64, NodeId, Command)| (*p, *b, *c) == (position, ballot, command);
        if court.chosen && self.accepted.iter().filter(same).count() >= majority(court.nodes) {
            marks |= court.delivered() | self.choose(court, command);
        }
        marks
    }

    /// Whether no majority allows `command` under `ballot` (P2c; the reasoning stands in `properties/p2c.rs`).
    fn refuted(&self, court: &Court, position: u64, ballot: u64, command: Command) -> bool {
        let highest = |node: NodeId| {
            let below = self.accepted.iter().rev().find(|(p, b, n, _)| *p == position && *b < ballot && *n == node);
            below.map(|(_, number, _, command)| (*number, *command))
        };
        let same = NodeId::all(court.nodes).filter_map(highest).filter(|(_, other)| other.value == command.value);
        let best = same.map(|(number, _)| number).max();
        let allowed = NodeId::all(court.nodes).filter(|node| highest(*node).map(|(number, _)| number) <= best);
        allowed.count() < majority(court.nodes)
    }

    fn cast(&mut self, court: &Court, sender: NodeId, command: Command) {
        if self.casts.iter().any(|cast| cast.command == command) {
            return;
        }
        // What the sender broadcast or delivered before, and the past of that.
        let mut clock = vec![0; court.nodes];
        let before =
            |(at, cast): &(usize, &Cast)| cast.sender == sender || self.lists[sender.index()].contains(&(*at as u8));
        for (_, cast) in self.casts.iter().enumerate().filter(before) {
            clock.iter_mut().zip(&cast.clock).for_each(|(own, other)| *own = (*own).max(*other));
        }
        clock[sender.index()] += 1;
        self.casts.push(Cast { command, sender, clock });
    }

    fn receives(&mut self, court: &Court, node: NodeId, command: Command) -> u64 {
        let Some(id) = self.casts.iter().position(|cast| cast.command == command) else {
            return court.mark(Name::NoCreation);
        };
        let list = &self.lists[node.index()];
        if list.contains(&(id as u8)) {
            return court.mark(Name::NoDuplication);
        }
        let cast = &self.casts[id];
        let have = |sender: usize| list.iter().filter(|id| self.casts[**id as usize].sender.index() == sender).count();
        let mut marks = 0;
        let own = cast.sender.index();
        if have(own) + 1 != usize::from(cast.clock[own]) {
            marks |= court.mark(Name::FifoOrder);
        }
        let early = |(sender, count): (usize, &u8)| usize::from(*count) - usize::from(sender == own) > have(sender);
        if cast.clock.iter().enumerate().any(early) {
            marks |= court.mark(Name::CausalOrder);
        }
        let id = id as u8;
        for (_, other) in self.lists.iter().enumerate().filter(|(other, _)| *other != node.index()) {
            let Some(rank) = other.iter().position(|other| *other == id) else { continue };
            if other[rank..].iter().any(|later| list.contains(later)) {
                marks |= court.mark(Name::TotalOrder);
            }
        }
        self.lists[node.index()].push(id);
        marks
    }
}
