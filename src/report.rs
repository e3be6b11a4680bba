//! The report of a run: what `headless run` prints and the page shows, the same to the letter.

mod cost;
mod history;

pub use cost::Cost;
pub use history::history;

use crate::diagnosis::diagnose;
use crate::properties::Status;
use crate::protocol::NodeId;
use crate::scenario::ENGINE;
use crate::scenario::json::Json;
use crate::sim::{Tally, World};

/// The report, in the order in which it is printed.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario's title.
    pub scenario: String,
    /// The version of the engine's traces.
    pub engine: u32,
    /// When and why the run ended; `because` is "running" when it has not.
    pub ended: End,
    /// How many events happened.
    pub events: u32,
    /// Every node.
    pub nodes: Vec<Node>,
    /// Who believed when that it leads.
    pub leaders: Vec<Leader>,
    /// Messages by kind, and what became of them.
    pub messages: Vec<(&'static str, Tally)>,
    /// Every property and how it stands.
    pub properties: Vec<Property>,
    /// What was assumed and did not hold.
    pub assumptions: Vec<Assumption>,
    /// Why no progress is possible, if none is.
    pub stalled: Option<Stalled>,
    /// The hash of the whole trace, 16 hex digits.
    pub trace_hash: String,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct End {
    /// Virtual milliseconds.
    pub at_ms: u64,
    /// "time", "events", "quiescent", "idle", "error" or "running".
    pub because: &'static str,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its number.
    pub id: u8,
    /// Whether it is up.
    pub up: bool,
    /// The paper's word for its role; "down" when it is.
    pub role: &'static str,
    /// Ballot, term, epoch or view.
    pub epoch: u64,
    /// What reached its state machine, no-ops and repeats left out.
    pub delivered: Vec<String>,
    /// Its log.
    pub log: Vec<Row>,
    /// The state machine's state.
    pub state: String,
}

/// A place of a log.
#[derive(Clone, Debug)]
pub struct Row {
    /// From 1.
    pub position: u64,
    /// Where it was proposed.
    pub epoch: u64,
    /// What stands there.
    pub value: String,
    /// Whether the node knows it to be committed.
    pub committed: bool,
}

/// A reign.
#[derive(Clone, Debug)]
pub struct Leader {
    /// Who.
    pub node: u8,
    /// Of what.
    pub epoch: u64,
    /// From when.
    pub from_ms: u64,
    /// Until when; null while it lasts.
    pub to_ms: Option<u64>,
}

/// A property.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// "holds", "violated", "pending", "stalled" or "not promised".
    pub status: &'static str,
    /// The event that did it.
    pub event: Option<u32>,
    /// A sentence.
    pub why: Option<String>,
}

/// A broken assumption.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// What was assumed.
    pub broken: &'static str,
    /// When it first failed.
    pub at_ms: u64,
    /// By what.
    pub by: String,
}

/// Why nothing moves.
#[derive(Clone, Debug)]
pub struct Stalled {
    /// In two or three words.
    pub cause: &'static str,
    /// One sentence.
    pub why: String,
    /// Whom it rests on.
    pub nodes: Vec<u8>,
}

impl Report {
    /// The report of `world` as it stands.
    pub fn of(world: &World) -> Report {
        let stalled = diagnose(world);
        let properties = world.properties(stalled.as_ref().and_then(|diagnosis| diagnosis.stuck_why()));
        Report {
            scenario: world.scenario().title.clone(),
            engine: ENGINE,
            ended: End { at_ms: world.now() / 1000, because: world.ended().map_or("running", |ended| ended.word()) },
            events: world.events(),
            nodes: NodeId::all(usize::from(world.scenario().nodes)).map(|node| Node::of(world, node)).collect(),
            leaders: world
                .reigns()
                .iter()
                .map(|reign| Leader {
                    node: reign.node.0,
                    epoch: reign.epoch,
                    from_ms: reign.from / 1000,
                    to_ms: reign.to.map(|to| to / 1000),
                })
                .collect(),
            messages: world
                .cluster()
                .kinds()
                .iter()
                .map(|kind| kind.name)
                .zip(world.tallies().iter().copied())
                .collect(),
            properties: properties
                .into_iter()
                .map(|property| {
                    let (status, event, why) = words(property.status);
                    Property { name: property.name, status, event, why }
                })
                .collect(),
            assumptions: world
                .ledger()
                .broken()
                .iter()
                .map(|broken| Assumption {
                    broken: broken.assumption.sentence(),
                    at_ms: broken.at_us / 1000,
                    by: broken.by.clone(),
                })
                .collect(),
            stalled: stalled.map(|diagnosis| Stalled {
                cause: diagnosis.cause,
                why: diagnosis.why,
                nodes: diagnosis.nodes.iter().map(|node| node.0).collect(),
            }),
            trace_hash: format!("{:016x}", world.trace().hash()),
        }
    }

    /// Whether a property that the protocol promises is violated.
    pub fn violated(&self) -> bool {
        self.properties.iter().any(|property| property.status == "violated")
    }

    /// What became of the messages of a kind; nothing, where there is no such kind.
    pub fn messages(&self, kind: &str) -> Tally {
        self.messages.iter().find(|(name, _)| *name == kind).map_or(Tally::default(), |(_, tally)| *tally)
    }

    /// The report as JSON, a line for every field.
    pub fn json(&self) -> String {
        self.to_json().indented()
    }
}

impl Node {
    fn of(world: &World, node: NodeId) -> Node {
        let view = world.cluster().view(node);
        let values = world.values();
        let application = world.application(node);
        let log = view.iter().flat_map(|view| {
            (view.first..=view.last).filter_map(|position| {
                let row = world.cluster().row(node, position)?;
                Some(Row {
                    position,
                    epoch: row.epoch,
                    value: values.show(row.command.value),
                    committed: position <= view.committed,
                })
            })
        });
        Node {
            id: node.0,
            up: view.is_some(),
            log: log.collect(),
            role: view.as_ref().map_or("down", |view| view.role),
            epoch: view.as_ref().map_or(0, |view| view.epoch),
            delivered: application.values().map(|value| values.show(value)).collect(),
            state: application.state(values),
        }
    }
}

type Field = (String, Json);

fn field(name: &str, value: Json) -> Field {
    (name.to_owned(), value)
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn number(number: impl Into<u64>) -> Json {
    Json::Unsigned(number.into())
}

fn or_null<T>(value: Option<T>, json: impl Fn(T) -> Json) -> Json {
    value.map_or(Json::Null, json)
}

fn list<T>(items: &[T], json: impl Fn(&T) -> Json) -> Json {
    Json::Array(items.iter().map(json).collect())
}

impl Report {
    fn to_json(&self) -> Json {
        let ended = [field("at_ms", number(self.ended.at_ms)), field("because", text(self.ended.because))];
        let messages = self.messages.iter().map(|(kind, tally)| field(kind, counts(*tally)));
        let stalled = |stalled: &Stalled| {
            Json::Object(vec![
                field("cause", text(stalled.cause)),
                field("why", text(&stalled.why)),
                field("nodes", list(&stalled.nodes, |node| number(*node))),
            ])
        };
        Json::Object(vec![
            field("scenario", text(&self.scenario)),
            field("engine", number(self.engine)),
            field("ended", Json::Object(ended.into())),
            field("events", number(self.events)),
            field("nodes", list(&self.nodes, node)),
            field("leaders", list(&self.leaders, leader)),
            field("messages", Json::Object(messages.collect())),
            field("properties", list(&self.properties, property)),
            field("assumptions", list(&self.assumptions, assumption)),
            field("stalled", or_null(self.stalled.as_ref(), stalled)),
            field("trace_hash", text(&self.trace_hash)),
        ])
    }
}

fn node(node: &Node) -> Json {
    Json::Object(vec![
        field("id", number(node.id)),
        field("up", Json::Bool(node.up)),
        field("role", text(node.role)),
        field("epoch", number(node.epoch)),
        field("delivered", list(&node.delivered, |value| text(value))),
        field("log", list(&node.log, row)),
        field("state", text(&node.state)),
    ])
}

fn row(row: &Row) -> Json {
    Json::Object(vec![
        field("position", number(row.position)),
        field("epoch", number(row.epoch)),
        field("value", text(&row.value)),
        field("committed", Json::Bool(row.committed)),
    ])
}

fn leader(leader: &Leader) -> Json {
    Json::Object(vec![
        field("node", number(leader.node)),
        field("epoch", number(leader.epoch)),
        field("from_ms", number(leader.from_ms)),
        field("to_ms", or_null(leader.to_ms, number)),
    ])
}

fn counts(tally: Tally) -> Json {
    Json::Object(vec![
        field("sent", number(tally.sent)),
        field("delivered", number(tally.delivered)),
        field("dropped", number(tally.dropped)),
    ])
}

fn property(property: &Property) -> Json {
    Json::Object(vec![
        field("name", text(property.name)),
        field("status", text(property.status)),
        field("event", or_null(property.event, number)),
        field("why", or_null(property.why.as_deref(), text)),
    ])
}

fn assumption(assumption: &Assumption) -> Json {
    Json::Object(vec![
        field("broken", text(assumption.broken)),
        field("at_ms", number(assumption.at_ms)),
        field("by", text(&assumption.by)),
    ])
}

/// The status in the report's words, with its event and its sentence.
pub fn words(status: Status) -> (&'static str, Option<u32>, Option<String>) {
    match status {
        Status::Holds => ("holds", None, None),
        Status::Violated { event, why } => ("violated", Some(event), Some(why)),
        Status::Pending { why } => ("pending", None, Some(why)),
        Status::Stalled { why } => ("stalled", None, Some(why)),
        Status::NotPromised { counterexample: None } => ("not promised", None, None),
        Status::NotPromised { counterexample: Some((event, why)) } => ("not promised", Some(event), Some(why)),
    }
}
