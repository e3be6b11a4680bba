//! A question about a scenario, and the answer of the search: the report of `headless check`.

use super::cluster::bounds::UNCOUNTED;
use super::cluster::deed::{Deed, What};
use super::cluster::goals::Onward;
use super::cluster::{Channels, Counterexample, Goal, Origin, Question, Space, Step};
use super::{Bounds, Ended, Kind, Model, Order, Path, Progress, Search};
use crate::scenario::json::Json;
use crate::scenario::{Scenario, link};

/// What a search found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Of what.
    pub scenario: Scenario,
    /// At which event of a run the search began; `None`: at the scenario's start.
    pub from: Option<u32>,
    /// What clients may ask for, by the commands' numbers.
    pub proposals: Vec<String>,
    /// What was asked.
    pub question: Question,
    /// How far the search went, and why it ended.
    pub progress: Progress,
    /// Whether there were steps into epochs beyond the bound, which were left out.
    pub epochs_left_out: bool,
    /// How many of the last commands of the script were left out.
    pub commands_left_out: usize,
    /// The properties that were judged.
    pub judged: Vec<&'static str>,
    /// What must be seen lest the search be vacuous, and in how many states it was.
    pub seen: Vec<(&'static str, u64)>,
    /// The reductions that were used.
    pub reductions: Vec<&'static str>,
    /// Those of them that nobody has proved to leave out nothing: without a violation, what was seen is no proof.
    pub heuristics: Vec<&'static str>,
    /// The first counterexample.
    pub counterexample: Option<Counterexample>,
}

/// Searches everything that may happen from the start of `scenario`, on so many threads where there are any. An error
/// is one sentence.
pub fn ask(
    scenario: &Scenario,
    question: &Question,
    order: Order,
    bounds: Bounds,
    threads: usize,
) -> Result<Answer, String> {
    ask_from(Origin::Start(scenario), question, order, bounds, threads)
}

/// The same from any state of any run.
pub fn ask_from(
    origin: Origin<'_>,
    question: &Question,
    order: Order,
    bounds: Bounds,
    threads: usize,
) -> Result<Answer, String> {
    let space = Space::of(origin, question)?;
    if !question.bounds.goals.is_empty() {
        return onward(origin, question, &space, order, bounds, threads);
    }
    let mut search = Search::new(space, order, bounds);
    run(&mut search, threads);
    Ok(answer(origin, question, &search))
}

#[cfg(not(target_arch = "wasm32"))]
fn run<M: Model<State: Send> + Sync>(search: &mut Search<M>, threads: usize) {
    search.run_on(threads, u64::MAX);
}

#[cfg(target_arch = "wasm32")]
fn run<M: Model>(search: &mut Search<M>, _: usize) {
    search.run(u64::MAX);
}

/// As [`ask`], by way of goals.
fn onward(
    origin: Origin<'_>,
    question: &Question,
    space: &Space,
    order: Order,
    bounds: Bounds,
    threads: usize,
) -> Result<Answer, String> {
    let judged = space.core().court.judged.len();
    let stages = space.stages(&question.bounds.goals, judged, bounds);
    if stages.broken.is_none() && stages.reached.is_empty() {
        return Err(match stages.ended.map(bound) {
            Some(bound) => format!("{bound} was reached before a state was found in which {}", stages.missed),
            None => format!("within the bounds no state was found in which {}", stages.missed),
        });
    }
    let steps = stages.reached.first().map_or(0, |reached| reached.steps.len() as u32);
    let left = Bounds {
        states: bounds.states.saturating_sub(stages.unique - stages.reached.len() as u64),
        depth: bounds.depth.saturating_sub(steps),
        ..bounds
    };
    let mut search = Search::new(Onward { space, starts: &stages.reached }, order, left);
    run(&mut search, threads);
    let found = search.broken().and_then(|property| {
        let (trail, path) = (search.trail(property)?, search.path(property)?);
        let before = &stages.reached[*trail.first()? as usize].steps;
        Some((property, before.iter().copied().chain(steps_of(&path)).collect()))
    });
    let mut progress = search.progress();
    progress.unique += stages.unique - stages.reached.len() as u64;
    progress.generated += stages.generated;
    progress.depth += steps;
    if let Some((_, steps)) = &stages.broken {
        (progress.depth, progress.ended) = (steps.len() as u32 + 1, Some(Ended::Found));
    }
    Ok(tell(origin, question, space, progress, stages.broken.or(found)))
}

/// What was reached where a search ended although there is more.
fn bound(ended: Ended) -> &'static str {
    match ended {
        Ended::Depth => "the bound on depth",
        Ended::States => "the bound on states",
        Ended::Bytes => "the bound on memory",
        Ended::Exhausted | Ended::Found => "nothing",
    }
}

fn steps_of<M: Model<Action = Step>>(path: &Path<M>) -> Vec<Step> {
    path.steps.iter().map(|(step, _)| *step).collect()
}

/// What `search` has found so far.
pub fn answer(origin: Origin<'_>, question: &Question, search: &Search<Space>) -> Answer {
    let found = search.broken().and_then(|property| Some((property, steps_of(&search.path(property)?))));
    tell(origin, question, search.model(), search.progress(), found)
}

fn tell(
    origin: Origin<'_>,
    question: &Question,
    space: &Space,
    progress: Progress,
    found: Option<(usize, Vec<Step>)>,
) -> Answer {
    let found = found.map(|(property, steps)| space.counterexample(origin, question, property, &steps));
    let properties = space.properties();
    let of = |kind| properties.iter().filter(move |property| property.kind == kind).map(|property| property.name);
    Answer {
        scenario: origin.scenario().clone(),
        from: if let Origin::Midst(world) = origin { Some(world.events()) } else { None },
        proposals: origin.proposals().map(str::to_owned).collect(),
        question: Question { bounds: space.core().bounds.clone(), ..question.clone() },
        progress,
        // How far threads have run ahead of what is counted says nothing.
        epochs_left_out: space.core().bounded && progress.ended == Some(Ended::Exhausted),
        commands_left_out: origin.proposals().count() - space.core().court.commands.len(),
        judged: of(Kind::Always).collect(),
        seen: of(Kind::Sometimes).zip(space.seen()).collect(),
        reductions: reductions(space),
        heuristics: heuristics(space),
        counterexample: found,
    }
}

/// The names of the reductions that a space uses.
fn reductions(space: &Space) -> Vec<&'static str> {
    let core = space.core();
    let used = core.reductions;
    let channels = match core.channels {
        Channels::Set => "the network is a set: loss and duplication cost nothing",
        Channels::Queues => "links keep order and lose nothing as long as they stand",
        Channels::Bag if core.lockstep => {
            "all nodes take a round together, and in it their messages one after the other"
        }
        Channels::Bag => "every message arrives once at most",
    };
    let all = [
        (true, channels),
        (used.own_messages, "a message to oneself is handled in the step that sends it"),
        (core.fused(), "a crash and the restart after it are one step"),
        (!core.can_crash(), "a crash for good is a node that takes no more steps"),
        (used.idle_timeouts, "a time-out that changes nothing is no step"),
        (core.court.chosen, "chosen is chosen: learners learn nothing"),
        (used.latest && core.channels == Channels::Queues, "of what replaces one another a link holds the latest"),
        (used.normal, "nodes forget what nothing reads any more"),
        (core.renamings() > 1, "nodes that only their names tell apart count as one"),
        (used.timer_order, "timers of a node fire in the order of their ranges"),
    ];
    all.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect()
}

/// The names of the reductions of a space that are no more than tried, as `--no-NAME` spells them.
fn heuristics(space: &Space) -> Vec<&'static str> {
    let core = space.core();
    let latest = core.reductions.latest && core.channels == Channels::Queues;
    if latest { vec!["latest"] } else { Vec::new() }
}

/// A step in words; with `fused`, whoever crashes is up again at once. `proposals` are what clients may ask for.
pub fn words(scenario: &Scenario, fused: bool, proposals: &[String], deed: &Deed) -> String {
    let names = crate::scenario::Names::of(scenario.info);
    let node = deed.node;
    let crash = if fused { "crashes and restarts" } else { "crashes" };
    let mut words = match &deed.what {
        What::Deliver { from, kind, fields, .. } => {
            let kind = names.kinds.get(usize::from(*kind)).unwrap_or(&"a message");
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} {value}")).collect();
            format!("{node} receives {kind} from {from} ({})", fields.join(", "))
        }
        What::Fire(timer) => {
            format!("{node}'s {} timer fires", names.timers.get(usize::from(*timer)).unwrap_or(&"only"))
        }
        What::Ask(command) => {
            let value = proposals.get(usize::from(*command)).map_or("", String::as_str);
            format!("a client asks {node} for {value}")
        }
        What::Crash => format!("{node} {crash}"),
        What::Restart => format!("{node} restarts"),
        What::Wipe => format!("{node} crashes, and restarts without its disk"),
    };
    if deed.cut.is_some() {
        words += &format!(", and {crash} before all of it is on its disk");
    }
    if !deed.answers.is_empty() {
        let answers: Vec<String> = deed.answers.iter().map(|(answer, _)| answer.to_string()).collect();
        words += &format!(" (chance says {})", answers.join(", "));
    }
    words
}

impl Answer {
    /// Whether the protocol's promise is broken.
    pub fn violated(&self) -> bool {
        self.counterexample.is_some()
    }

    /// The verdict in a few words.
    pub fn verdict(&self) -> String {
        if let Some(counterexample) = &self.counterexample {
            return format!("{} is violated", counterexample.property);
        }
        match self.progress.ended {
            Some(Ended::Exhausted) => "no violation; every state within the bounds was seen".to_owned(),
            Some(Ended::Found) | None => "no violation; the search is not over".to_owned(),
            Some(ended) => format!("no violation; {} was reached", bound(ended)),
        }
    }

    fn bounds(&self) -> Vec<(String, u64)> {
        let bounds = &self.question.bounds;
        let timers = crate::scenario::Names::of(self.scenario.info).timers;
        let crashes = bounds.crashes_at.map_or_else(
            || "crashes".to_owned(),
            |nodes| {
                let nodes: Vec<String> = nodes.iter().map(|node| node.to_string()).collect();
                format!("crashes of {}", nodes.join(", "))
            },
        );
        let mut all = vec![(crashes, u64::from(bounds.crashes))];
        for (name, most) in [("lost disks", bounds.lost_disks), ("retries", bounds.retries)] {
            if most > 0 {
                all.push((name.to_owned(), u64::from(most)));
            }
        }
        for (timer, name) in (0..).zip(timers) {
            if bounds.of_timer(timer, None) < UNCOUNTED {
                all.push((format!("{name} time-outs of a node"), u64::from(bounds.of_timer(timer, None))));
            }
            for (_, node, most) in bounds.timeouts_at.iter().filter(|(kind, ..)| *kind == timer) {
                all.push((format!("{name} time-outs of {node}"), u64::from(*most)));
            }
        }
        if let Some(epochs) = bounds.epochs {
            all.push((format!("{}s", self.scenario.info.epoch_word), epochs));
        }
        all
    }

    fn goals(&self) -> Vec<&str> {
        self.question.bounds.goals.iter().map(Goal::text).collect()
    }

    /// For people.
    pub fn text(&self) -> String {
        let Scenario { info, variant, nodes, .. } = &self.scenario;
        let Progress { generated, unique, depth, .. } = self.progress;
        let bounds: Vec<String> = self.bounds().iter().map(|(name, most)| format!("{name} {most}")).collect();
        let seen: Vec<String> = self.seen.iter().map(|(name, count)| format!("{name}: in {count} states")).collect();
        let mut text = format!("{}, {variant}, {nodes} nodes: {}\n", info.id, self.verdict());
        let mut line = |name: &str, what: String| text += &format!("  {name:<11}{what}\n");
        line("states", format!("{unique} distinct of {generated} generated, depth {depth}"));
        if let Some(event) = self.from {
            line("from", format!("event {event} of the run"));
        }
        line("bounds", bounds.join(" · "));
        if self.epochs_left_out {
            line("", format!("steps into a later {} were left out", info.epoch_word));
        }
        if self.commands_left_out > 0 {
            line("", format!("the last {} commands of the script were left out", self.commands_left_out));
        }
        if self.scenario.clients.is_some() {
            line("", "what clients ask for of their own accord was left out".to_owned());
        }
        if !self.question.bounds.goals.is_empty() {
            line("by way of", self.goals().join(" · "));
        }
        line("reductions", self.reductions.join(" · "));
        if self.counterexample.is_none() {
            let no_proof = |name| format!("{name} is a heuristic, which makes this no proof; --no-{name} does without");
            self.heuristics.iter().for_each(|name| line("note", no_proof(name)));
        }
        line("judged", self.judged.join(" · "));
        line("seen", seen.join(" · "));
        let Some(counterexample) = &self.counterexample else { return text };
        for (number, deed) in (1..).zip(&counterexample.deeds) {
            text += &format!("  {number:>3}. {}\n", self.words(deed));
        }
        match &counterexample.run {
            Ok(run) => {
                if let Ok(link) = link::encode(&run.recording()) {
                    text += &format!("{link}\n");
                }
                if let Some(file) = &run.file {
                    text += &file.to_json();
                }
            }
            Err(sentence) => text += &format!("  as a run: {sentence}\n"),
        }
        text
    }

    /// A step in words.
    pub fn words(&self, deed: &Deed) -> String {
        let restarts = self.scenario.info.restarts || self.question.bounds.restarts;
        let fused = self.question.reductions.fused_restarts && restarts;
        words(&self.scenario, fused, &self.proposals, deed)
    }

    /// For programs: one object, its fields in a fixed order.
    pub fn json(&self) -> String {
        let text = |text: &str| Json::Text(text.to_owned());
        let field = |name: &str, value: Json| (name.to_owned(), value);
        let Progress { generated, unique, depth, ended, .. } = self.progress;
        let bounds = self.bounds().into_iter().map(|(name, most)| (name, Json::Unsigned(most))).collect();
        let seen = self.seen.iter().map(|(name, count)| field(name, Json::Unsigned(*count))).collect();
        let names = |names: &[&str]| Json::Array(names.iter().map(|name| text(name)).collect());
        let mut fields = vec![
            field("protocol", text(self.scenario.info.id)),
            field("variant", text(self.scenario.variant)),
            field("nodes", Json::Unsigned(self.scenario.nodes.into())),
            field("verdict", text(&self.verdict())),
            field("exhausted", Json::Bool(ended == Some(Ended::Exhausted))),
            field("violated", self.counterexample.as_ref().map_or(Json::Null, |found| text(found.property))),
            field("generated", Json::Unsigned(generated)),
            field("distinct", Json::Unsigned(unique)),
            field("depth", Json::Unsigned(depth.into())),
            field("bounds", Json::Object(bounds)),
            field("goals", names(&self.goals())),
            field("epochs_left_out", Json::Bool(self.epochs_left_out)),
            field("clients_left_out", Json::Bool(self.scenario.clients.is_some())),
            field("commands_left_out", Json::Unsigned(self.commands_left_out as u64)),
            field("reductions", names(&self.reductions)),
            field("heuristics", names(&self.heuristics)),
            field("judged", names(&self.judged)),
            field("seen", Json::Object(seen)),
        ];
        if let Some(counterexample) = &self.counterexample {
            let steps = counterexample.deeds.iter().map(|deed| Json::Text(self.words(deed)));
            fields.push(field("steps", Json::Array(steps.collect())));
            let run = counterexample.run.as_ref();
            let link = run.ok().and_then(|run| link::encode(&run.recording()).ok());
            fields.push(field("link", link.map_or(Json::Null, Json::Text)));
            let file = run.ok().and_then(|run| run.file.as_ref());
            let scenario = file.and_then(|file| Json::parse(file.to_json().as_bytes()).ok());
            fields.push(field("scenario", scenario.unwrap_or(Json::Null)));
            fields.push(field("no_run", run.err().map_or(Json::Null, |sentence| text(sentence))));
        }
        Json::Object(fields).indented()
    }
}
