//! A look ahead from one moment of a run: its valence, and what each next step would make of it (M. Fischer, N. Lynch,
//! M. Paterson 1985); in a run that an adversary schedules, also what its choice avoids. Told in sentences, so that a
//! page only has to show them.

use super::adversary::{Decision, Next, Reach};
use super::answer::words;
use super::cluster::bounds::UNCOUNTED;
use super::cluster::deed::{Deed, What};
use super::cluster::{Origin, Question, Space, State};
use super::valence::{self, Sought, Valence, Verdict};
use crate::protocol::*;
use crate::scenario::json::Json;
use crate::scenario::{Action, Model, Scenario, Scheduler, Verb};
use crate::sim::{self, Flight, Values, World};
use std::rc::Rc;
use std::sync::Arc;

/// States for the valence of the moment itself, and for that behind each step: moments, in a worker.
const HERE: u64 = 60_000;
const BEHIND: u64 = 12_000;

/// A next step, or one way that it may turn out.
struct Line {
    deed: Deed,
    /// The messages of the run that it may deliver.
    ids: Vec<u32>,
    after: State,
    valence: Option<Valence>,
}

/// The look ahead, slice by slice.
pub struct Ahead {
    scenario: Arc<Scenario>,
    proposals: Vec<String>,
    fused: bool,
    values: Values,
    space: Rc<Space>,
    place: usize,
    reach: Option<Reach>,
    sought: Option<Sought<Rc<Space>>>,
    here: Option<Valence>,
    start: State,
    lines: Vec<Line>,
    adversary: Option<Adversary>,
    /// No-ops that leaders may have decided, where no-ops count; their values are counted down from the last.
    noops: Vec<u64>,
}

/// How an adversary has done so far, and what it picks next.
struct Adversary {
    survived: u32,
    undecided: bool,
    /// With the message that it delivers.
    picks: Option<(Deed, Option<u32>)>,
}

impl Ahead {
    /// From the moment of `world`; `next` is what a recording does there. An error is one sentence.
    pub fn new(world: &World, question: &Question, next: Option<&Action>) -> Result<Ahead, String> {
        let scenario = world.scenario().clone();
        if scenario.info.shape == Shape::Broadcast {
            return Err("a broadcast decides nothing".to_owned());
        }
        let origin = Origin::Midst(world);
        let mut question = question.clone();
        if scenario.network.model == Model::Synchronous {
            // Rounds are counted and come to an end, and it is crashes that make them differ.
            (question.bounds.timeouts, question.bounds.crashes) = (UNCOUNTED - 1, question.bounds.crashes.max(1));
        }
        let space = Rc::new(Space::of(origin, &question)?);
        let start = space.starts()[0].clone();
        let values = origin.values();
        let show = |value| values.show(value);
        let messages: Vec<(u32, NodeId, NodeId, u64)> = world
            .flights()
            .map(|(slot, flight)| (flight.id, flight.from, flight.to, world.cluster().digest(slot)))
            .collect();
        let line = |(step, after, _)| {
            let deed = space.deed(&start, step, &show);
            let ids = match deed.what {
                What::Deliver { from, digest, .. } => {
                    let same = messages
                        .iter()
                        .filter(|message| (message.1, message.2, message.3) == (from, deed.node, digest));
                    same.map(|message| message.0).collect()
                }
                _ => Vec::new(),
            };
            Line { deed, ids, after, valence: None }
        };
        let lines = space.steps(&start).into_iter().map(line).collect();
        let fused = space.core().fused();
        Ok(Ahead {
            proposals: origin.proposals().map(str::to_owned).collect(),
            fused,
            place: valence::place(&space, &start),
            // In the synchronous model a majority is not free to run by itself.
            reach: if scenario.network.model == Model::Synchronous { None } else { Reach::of(&scenario, world) },
            adversary: (scenario.network.scheduler == Scheduler::Adversary).then(|| Adversary::of(world, next)),
            sought: None,
            here: None,
            noops: Vec::new(),
            scenario,
            values,
            space,
            start,
            lines,
        })
    }

    /// Looks at up to `budget` states more; whether there is more to find out.
    pub fn run(&mut self, budget: u64) -> bool {
        // First the moment itself, then one step after the other.
        let line = match &self.here {
            None => None,
            Some(here) => {
                let Some(at) = self.lines.iter().position(|line| line.valence.is_none()) else { return false };
                if here.settled && here.reached.is_empty() {
                    // Behind a step there is no more than before it.
                    self.lines[at].valence = Some(here.clone());
                    return true;
                }
                Some(at)
            }
        };
        let valence = if self.by_sight() {
            let reached = self.within_sight(line);
            Valence { settled: reached.len() > 1, reached, states: 0, depth: 0 }
        } else {
            if self.sought.is_none() {
                let mut known = self.within_sight(line);
                let (start, states) = line.map_or((&self.start, HERE), |at| (&self.lines[at].after, BEHIND));
                // Behind a step there is no other decision than before it; but it may have spent what that one needs.
                let only = self.here.as_ref().filter(|here| here.settled && here.reached.len() == 1);
                known.retain(|value| only.is_none_or(|here| here.reached.contains(value)));
                let sought = Sought::new(self.space.clone(), start, self.place, known, states);
                self.sought = Some(if only.is_some() { sought.one() } else { sought });
            }
            let Some(valence) = self.sought.as_mut().and_then(|sought| sought.run(budget)) else { return true };
            self.sought = None;
            valence
        };
        match line {
            Some(at) => self.lines[at].valence = Some(valence),
            None => self.here = Some(valence),
        }
        true
    }

    /// Decisions that majorities left to themselves come to: from here, or behind a step.
    fn within_sight(&mut self, line: Option<usize>) -> Vec<Value> {
        let decisions = match line {
            Some(at) => self.behind(at),
            None => self.reach.as_mut().map_or_else(Vec::new, Reach::now),
        };
        decisions.into_iter().map(|decision| self.value(decision)).collect()
    }

    /// Whether only what an adversary sees counts: in a log its leaders' no-ops are decisions as well, and there are too
    /// many states.
    fn by_sight(&self) -> bool {
        self.adversary.is_some() && self.scenario.info.shape == Shape::Replicated
    }

    /// The number of a decision.
    fn value(&mut self, (epoch, command): Decision) -> Value {
        if !command.is_noop() || !self.by_sight() {
            return command.value;
        }
        let at = self.noops.iter().position(|known| *known == epoch).unwrap_or_else(|| {
            self.noops.push(epoch);
            self.noops.len() - 1
        });
        Value(u32::MAX - at as u32)
    }

    fn name(&self, value: Value) -> String {
        match self.noops.get((u32::MAX - value.0) as usize) {
            Some(epoch) => format!("the no-op of {} {epoch}", self.scenario.info.epoch_word),
            None if value == Command::NOOP.value => "no-op".to_owned(),
            None => self.values.show(value),
        }
    }

    fn behind(&mut self, at: usize) -> Vec<Decision> {
        let deed = &self.lines[at].deed;
        let next = match deed.what {
            What::Deliver { from, digest, .. } => Next::Deliver { from, to: deed.node, digest },
            What::Fire(timer) => Next::Fire(deed.node, timer),
            _ => return Vec::new(),
        };
        if !deed.answers.is_empty() || deed.cut.is_some() {
            return Vec::new();
        }
        self.reach.as_mut().map_or_else(Vec::new, |reach| reach.behind(next))
    }
}

impl Adversary {
    fn of(world: &World, next: Option<&Action>) -> Adversary {
        let deliveries = world.trace().events.iter();
        let deliveries = deliveries.filter(|event| event.what == sim::What::Arrive && event.node != event.peer);
        let of = |node, what| Deed { node, what, answers: Vec::new(), cut: None };
        let picks = match *next.unwrap_or(&Action::Step(Verb::Heal)) {
            Action::DeliverMessage { id } => {
                world.flights().find(|(_, flight)| flight.id == id).map(|(slot, &Flight { from, to, kind, .. })| {
                    let digest = world.cluster().digest(slot);
                    let fields = world.cluster().message_fields(slot, &|value| world.values().show(value));
                    (of(to, What::Deliver { from, kind, digest, gist: 0, fields }), Some(id))
                })
            }
            Action::Step(Verb::Fire { node, timer }) => Some((of(node, What::Fire(timer)), None)),
            _ => None,
        };
        Adversary { survived: deliveries.count() as u32, undecided: world.frontier() == 0, picks }
    }

    fn picks(&self, line: &Line) -> bool {
        self.picks.as_ref().is_some_and(|(deed, id)| match id {
            Some(id) => line.ids.contains(id),
            None => (line.deed.node, &line.deed.what) == (deed.node, &deed.what),
        })
    }
}

/// The sentences.
impl Ahead {
    fn list(&self, reached: &[Value]) -> String {
        let mut all: Vec<String> = reached.iter().map(|value| self.name(*value)).collect();
        let last = all.pop().unwrap_or_default();
        if all.is_empty() { last } else { format!("{} and {last}", all.join(", ")) }
    }

    /// Whether something stands at the place in question after this step.
    fn decides(&self, state: &State) -> Option<String> {
        let core = self.space.core();
        let command = core.ghost(state.ghost).decision(self.place)?;
        Some(if command.is_noop() { "a no-op".to_owned() } else { self.values.show(command.value) })
    }

    /// A valence as a word, and a sentence.
    fn badge(&self, valence: &Valence) -> (String, String) {
        let open = self.list(&valence.reached);
        let (word, sentence) = match valence.verdict() {
            Verdict::Bivalent => (
                "bivalent".to_owned(),
                format!("{open} can {} still be decided", if valence.reached.len() > 2 { "all" } else { "both" }),
            ),
            Verdict::Univalent(_) => {
                (format!("{open}-valent"), format!("within the bounds only {open} can be decided any more"))
            }
            Verdict::Undecided => ("undecided".to_owned(), "within the bounds nothing is decided at all".to_owned()),
            Verdict::NotSettled if open.is_empty() => ("not settled within the bound".to_owned(), String::new()),
            Verdict::NotSettled => {
                ("not settled within the bound".to_owned(), format!("{open} can be decided, the rest is open"))
            }
        };
        if self.scenario.info.shape == Shape::Replicated {
            let place = format!("{} {}", self.scenario.info.position_word, self.place + 1);
            return (word, if sentence.is_empty() { place } else { format!("{place}: {sentence}") });
        }
        match self.decides(&self.start) {
            Some(value) => (word, format!("{value} is decided")),
            None => (word, sentence),
        }
    }

    /// What a step makes of the configuration.
    fn makes(&self, line: &Line) -> Option<(&'static str, String)> {
        let (valence, here) = (line.valence.as_ref()?, self.here.as_ref()?);
        if let Some(value) = self.decides(&line.after).filter(|_| self.decides(&self.start).is_none()) {
            let verb = if self.scenario.info.shape == Shape::Replicated { "commits" } else { "decides" };
            return Some(("decides", format!("{verb} {value}")));
        }
        let verdict = valence.verdict();
        let (word, _) = self.badge(valence);
        if self.by_sight() && valence.reached.len() == 1 {
            return Some(("univalent", format!("leaves only {} within sight", self.list(&valence.reached))));
        }
        Some((
            verdict.word(),
            match verdict {
                _ if verdict == here.verdict() && verdict != Verdict::NotSettled => format!("keeps it {word}"),
                Verdict::NotSettled if valence.reached.is_empty() => "not settled within the bound".to_owned(),
                Verdict::NotSettled => {
                    format!("{} can be decided, the rest is not settled", self.list(&valence.reached))
                }
                Verdict::Undecided => "nothing is decided behind it, within the bounds".to_owned(),
                _ => format!("makes it {word}"),
            },
        ))
    }

    /// The steps about which something is known, each once.
    fn steps(&self) -> Vec<Told<'_>> {
        let mut steps = Vec::<Told<'_>>::new();
        for line in &self.lines {
            let Some(makes) = self.makes(line) else { continue };
            let of = |line: &Line| (line.deed.node, line.deed.what.clone(), line.deed.cut);
            match steps.iter_mut().find(|told| of(told.line) == of(line)) {
                // As chance has it.
                Some(told) if !told.makes.contains(&makes) => told.makes.push(makes),
                Some(_) => {}
                None => {
                    let deed = Deed { answers: Vec::new(), ..line.deed.clone() };
                    let step = words(&self.scenario, self.fused, &self.proposals, &deed);
                    steps.push(Told { line, step, makes: vec![makes] });
                }
            }
        }
        steps
    }

    /// What is known so far: `word` and `says` of the moment, `kind` of it; by step the messages that it delivers, the
    /// step, what it makes and its `kind`; of an adversary, what it survived, picks and avoids.
    pub fn json(&self) -> String {
        let text = |text: &str| Json::Text(text.to_owned());
        let mut fields = Vec::new();
        if let Some(here) = &self.here {
            let (word, says) = self.badge(here);
            fields = vec![("kind", text(here.verdict().word())), ("word", text(&word)), ("says", text(&says))];
        }
        let steps = self.steps();
        let rows = steps.iter().map(|told| {
            let ids = told.line.ids.iter().map(|id| Json::Unsigned((*id).into()));
            Json::object(vec![
                ("messages", Json::Array(ids.collect())),
                ("step", text(&told.step)),
                ("kind", text(if told.makes.len() == 1 { told.makes[0].0 } else { "chance" })),
                ("makes", text(&told.says())),
            ])
        });
        fields.push(("steps", Json::Array(rows.collect())));
        if let Some(adversary) = &self.adversary {
            let mut of = vec![("survived", text(&adversary.says()))];
            if let Some((deed, _)) = &adversary.picks {
                of.push(("picks", text(&words(&self.scenario, self.fused, &self.proposals, deed))));
            }
            let avoided = steps.iter().filter(|told| told.settles() && !adversary.picks(told.line));
            let avoided = avoided.map(|told| text(&format!("{}: {}", told.step, told.says())));
            of.push(("avoids", Json::Array(avoided.collect())));
            fields.push(("adversary", Json::object(of)));
        }
        Json::object(fields).indented()
    }
}

/// A step, in words, and what it makes of the configuration: several things where chance has a say.
struct Told<'a> {
    line: &'a Line,
    step: String,
    makes: Vec<(&'static str, String)>,
}

impl Told<'_> {
    fn says(&self) -> String {
        self.makes.iter().map(|(_, says)| says.as_str()).collect::<Vec<_>>().join(", or as chance has it ")
    }

    /// Whether it may leave one decision only.
    fn settles(&self) -> bool {
        self.makes.iter().any(|(kind, _)| matches!(*kind, "univalent" | "decides"))
    }
}

impl Adversary {
    fn says(&self) -> String {
        let Adversary { survived, undecided, .. } = self;
        if *undecided {
            format!("{survived} deliveries survived: nothing is decided")
        } else {
            format!("{survived} deliveries, and something is decided")
        }
    }
}
