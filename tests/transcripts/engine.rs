//! The engine behind a transcript. Every command is one more step of one scenario, which is run again from its start: a
//! run is a function of its scenario, so what was answered before happens again, and the rest is the answer.

use crate::look;
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::Scenario;
use consensus_playground::session::{Session, mark_words};
use consensus_playground::sim::{Ended, World};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

/// A verb's fields in the order in which a line may give them without their names.
const FORMS: &[(&str, &[&str])] = &[
    ("propose", &["node", "value"]),
    ("crash", &["node"]),
    ("restart", &["node", "disk"]),
    ("pause", &["node"]),
    ("resume", &["node"]),
    ("heal", &[]),
    ("cut", &["from", "to"]),
    ("join", &["from", "to"]),
    ("drop", &[]),
    ("duplicate", &[]),
    ("delay", &[]),
    ("slow", &["node", "by_ms"]),
    ("skew", &["node", "by_ms", "ppm"]),
    ("deliver", &[]),
    ("fire", &["node", "timer"]),
    ("settle", &[]),
];

/// A scenario that grows by a step a command.
pub struct Engine {
    scenario: Map<String, Json>,
    steps: Vec<Json>,
    /// Whether a hand delivers the messages; else steps happen at `clock_ms`.
    manual: bool,
    clock_ms: u64,
    session: Session,
    /// How many events have been told.
    told: u32,
}

impl Engine {
    /// The scenario, nothing done yet.
    pub fn new(header: &str) -> Engine {
        let scenario: Map<String, Json> = serde_json::from_str(header).expect("a scenario in JSON");
        let manual = scenario["network"]["scheduler"] == "manual";
        let session = open(&scenario, &[], manual, 0).unwrap_or_else(|error| panic!("{error}"));
        let mut engine = Engine { scenario, steps: Vec::new(), manual, clock_ms: 0, session, told: 0 };
        engine.run(&mut String::new());
        engine
    }

    /// Does the command, if it is one, and answers.
    pub fn answer(&mut self, command: &str) -> String {
        let mut words = command.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        if let Some(answer) = look::at(&self.session, verb, &words) {
            return answer;
        }
        match verb {
            "run" if !self.manual => {
                let ms: u64 = words.first().and_then(|ms| ms.parse().ok()).expect("run N, in ms");
                self.clock_ms += ms;
                self.again(None)
            }
            _ => match step(verb, &words) {
                Some(step) => self.again(Some(step)),
                None => "refused: no such command\n".to_owned(),
            },
        }
        .replace("the scenario: ", "")
    }

    /// Runs it all again, with one more step if there is one, and tells what is new.
    fn again(&mut self, step: Option<Map<String, Json>>) -> String {
        let mut steps = self.steps.clone();
        if let Some(mut step) = step {
            if !self.manual {
                step.insert("at_ms".to_owned(), json!(self.clock_ms));
            }
            steps.push(Json::Object(step));
        }
        let last = steps.len().saturating_sub(1);
        let session = match open(&self.scenario, &steps, self.manual, self.clock_ms) {
            Ok(session) => session,
            Err(sentence) => return refusal(&sentence, last),
        };
        let before = std::mem::replace(&mut self.session, session);
        let told = self.told;
        let mut answer = String::new();
        self.run(&mut answer);
        if let Some(Ended::Refused(sentence)) = self.session.world().ended()
            && sentence.starts_with(&format!("script[{last}]"))
            && !steps.is_empty()
        {
            let answer = refusal(sentence, last);
            (self.session, self.told) = (before, told);
            return answer;
        }
        self.steps = steps;
        answer
    }

    fn run(&mut self, answer: &mut String) {
        let mut before = Seen::of(self.session.world());
        while self.session.step() {
            let world = self.session.world();
            let now = Seen::of(world);
            if now.events > self.told {
                self.tell(&before, &now, answer);
            }
            before = now;
        }
        self.told = before.events;
    }

    /// One event: what happened, what it sent, what was delivered, what it means.
    fn tell(&self, before: &Seen, now: &Seen, answer: &mut String) {
        let world = self.session.world();
        for event in before.events..now.events {
            let line = self.session.line(event).unwrap_or_default();
            // Where messages travel by themselves only what stands out is told.
            if !line.ends_with("disk has written") && (self.manual || look::stands_out(world, event)) {
                let time = if self.manual { String::new() } else { look::time(world, event) };
                writeln!(answer, "{time}{line}").unwrap();
            }
        }
        if self.manual {
            answer.push_str(&look::sends(world, before.messages));
        }
        for (node, from) in NodeId::all(before.delivered.len()).zip(&before.delivered) {
            let delivered = &world.application(node).delivered;
            for delivery in delivered.iter().skip(if *from > delivered.len() { 0 } else { *from }) {
                let value = world.values().show(delivery.command.value);
                let repeat = if delivery.applied || delivery.command.is_noop() { "" } else { ", a repeat" };
                writeln!(answer, "    {node} delivers {}: {value}{repeat}", delivery.position).unwrap();
            }
        }
        for mark in world.trace().marks.iter().skip(before.marks) {
            let words = mark_words(world, mark.node, mark.kind);
            if words != "fault" && !words.contains(" delivers ") {
                writeln!(answer, "    {words}").unwrap();
            }
        }
    }
}

/// How far a run is: what comes behind is new.
struct Seen {
    events: u32,
    messages: usize,
    marks: usize,
    delivered: Vec<usize>,
}

impl Seen {
    fn of(world: &World) -> Seen {
        let nodes = NodeId::all(usize::from(world.scenario().nodes));
        Seen {
            events: world.events(),
            messages: world.trace().messages.len(),
            marks: world.trace().marks.len(),
            delivered: nodes.map(|node| world.application(node).delivered.len()).collect(),
        }
    }
}

/// The session of the scenario with these steps. By hand it ends where the last of them is done: at a step that cannot
/// be done, a message of a node to itself, which never waits for a hand.
fn open(scenario: &Map<String, Json>, steps: &[Json], manual: bool, clock_ms: u64) -> Result<Session, String> {
    let mut scenario = scenario.clone();
    let mut steps = steps.to_vec();
    if manual {
        steps.push(json!({ "do": "deliver", "match": { "from": 0, "to": 0 } }));
        scenario.insert("stop".to_owned(), json!({ "events": 100_000 }));
    } else {
        scenario.insert("stop".to_owned(), json!({ "at_ms": clock_ms.max(1) }));
    }
    scenario.insert("script".to_owned(), Json::Array(steps));
    Session::new(Scenario::from_json(Json::Object(scenario).to_string())?)
}

fn refusal(sentence: &str, last: usize) -> String {
    let sentence = sentence.trim_start_matches(&format!("script[{last}]")).trim_start_matches([':', '.', ' ']);
    format!("refused: {sentence}\n")
}

/// The step of a command; `None` when there is no such verb.
fn step(verb: &str, words: &[&str]) -> Option<Map<String, Json>> {
    let mut step = Map::from_iter([("do".to_owned(), json!(verb))]);
    if verb == "partition" {
        let group = |group: &&str| group.split(',').map(number).collect::<Vec<Json>>();
        step.insert("groups".to_owned(), json!(words.iter().map(group).collect::<Vec<_>>()));
        return Some(step);
    }
    let (_, names) = FORMS.iter().find(|(name, _)| *name == verb)?;
    let mut matching = Map::new();
    for (place, word) in words.iter().enumerate() {
        match word.split_once('=') {
            Some((name @ ("from" | "to" | "kind"), value)) => drop(matching.insert(name.to_owned(), number(value))),
            Some((name, value)) => drop(step.insert(name.to_owned(), number(value))),
            None => {
                // What is left of the line is the last field: a value may have blanks.
                let name = names.get(place.min(names.len() - 1))?;
                let text = match step.get(*name) {
                    Some(before) => json!(format!("{} {word}", before.as_str()?)),
                    None => {
                        if *name == "value" {
                            json!(word)
                        } else {
                            number(word)
                        }
                    }
                };
                step.insert((*name).to_owned(), text);
            }
        }
    }
    if !matching.is_empty() {
        step.insert("match".to_owned(), Json::Object(matching));
    }
    Some(step)
}

fn number(word: &str) -> Json {
    word.parse::<i64>().map_or_else(|_| json!(word), |number| json!(number))
}
