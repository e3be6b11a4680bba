//! From JSON to the steps of a script and the actions of a person's hand.

use super::fields::{Object, Path, array, list, unexpected};
use super::format::{Count, Pattern, Step, Verb, bounds};
use super::json::Json;
use super::names::Names;
use super::recording::{Action, Intervention};
use crate::protocol::{NodeId, NodeSet};

/// What a step must agree with.
pub struct Rules<'a> {
    /// Nodes in the cluster.
    pub nodes: u8,
    /// Kinds and timers of the protocol.
    pub names: &'a Names,
    /// The values that the protocol takes; empty: any.
    pub values: &'static [&'static str],
    /// Whether the scheduler is the manual one.
    pub manual: bool,
}

/// A verb, the fields that it has, and whether it belongs to the manual scheduler.
struct Form {
    name: &'static str,
    fields: &'static [&'static str],
    manual: bool,
}

const fn form(name: &'static str, fields: &'static [&'static str]) -> Form {
    Form { name, fields, manual: false }
}

const fn manual(name: &'static str, fields: &'static [&'static str]) -> Form {
    Form { name, fields, manual: true }
}

const VERBS: &[Form] = &[
    form("propose", &["node", "value"]),
    form("crash", &["node"]),
    form("restart", &["node", "disk"]),
    form("pause", &["node"]),
    form("resume", &["node"]),
    form("partition", &["groups"]),
    form("heal", &[]),
    form("cut", &["from", "to"]),
    form("join", &["from", "to"]),
    form("drop", &["match", "count"]),
    form("duplicate", &["match", "count"]),
    form("delay", &["match", "count", "by_ms"]),
    form("slow", &["node", "to", "by_ms"]),
    form("skew", &["node", "by_ms", "ppm"]),
    manual("deliver", &["match", "count"]),
    manual("fire", &["node", "timer"]),
    manual("settle", &[]),
];

const HAND: &[Form] = &[
    form("deliver-message", &["id"]),
    form("hold-message", &["id"]),
    form("release-message", &["id"]),
    form("delay-message", &["id", "by_ms"]),
    form("duplicate-message", &["id"]),
    form("drop-message", &["id"]),
    form("take-over", &["seed"]),
];

/// Reads a script.
pub fn steps(json: &Json, path: &Path<'_>, rules: &Rules<'_>) -> Result<Vec<Step>, String> {
    let items = array(json, path, "an array of steps")?;
    if items.len() > bounds::STEPS {
        return Err(format!("{path}: expected at most {} steps, found {}", bounds::STEPS, items.len()));
    }
    let mut steps = Vec::with_capacity(items.len());
    let mut earliest = 0;
    for (i, item) in items.iter().enumerate() {
        let path = Path::Index(path, i);
        let (object, form) = open(item, &path, "at_ms", &[VERBS])?;
        let at_ms = object.given("at_ms", Time { earliest }, |json| json.unsigned(earliest, bounds::AT_MS))?;
        earliest = at_ms.unwrap_or(earliest);
        steps.push(Step { at_us: at_ms.map(|ms| ms * 1000), verb: Reader { object, path: &path, rules }.verb(form)? });
    }
    Ok(steps)
}

/// Reads the interventions of a recording.
pub fn interventions(json: &Json, path: &Path<'_>, rules: &Rules<'_>) -> Result<Vec<Intervention>, String> {
    let items = array(json, path, "an array of interventions")?;
    if items.len() > bounds::STEPS {
        return Err(format!("{path}: expected at most {} interventions, found {}", bounds::STEPS, items.len()));
    }
    let mut interventions = Vec::with_capacity(items.len());
    let mut earliest = 0;
    // What is taken over goes on by hand.
    let mut rules = Rules { ..*rules };
    for (i, item) in items.iter().enumerate() {
        let path = Path::Index(path, i);
        let (object, form) = open(item, &path, "event", &[VERBS, HAND])?;
        let expected = format_args!("an event from {earliest} to {} (they do not decrease)", bounds::EVENTS);
        earliest = object.required("event", expected, |json| json.unsigned(earliest, bounds::EVENTS))?;
        let action = Reader { object, path: &path, rules: &rules }.action(form)?;
        rules.manual |= matches!(action, Action::TakeOver { .. });
        interventions.push(Intervention { event: earliest, action });
    }
    Ok(interventions)
}

struct Time {
    earliest: u64,
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a number of milliseconds from {} to {}", self.earliest, bounds::AT_MS)?;
        if self.earliest > 0 { f.write_str(" (times do not decrease along a script)") } else { Ok(()) }
    }
}

/// Opens a step and finds its verb in `tables`; `when` is the field that every step may have.
fn open<'a>(
    json: &'a Json,
    path: &'a Path<'a>,
    when: &'static str,
    tables: &[&'static [Form]],
) -> Result<(Object<'a>, &'static Form), String> {
    let object = Object::raw(json, path)?;
    let find = |name: &str| tables.iter().flat_map(|table| table.iter()).find(|form| form.name == name);
    let form = match object.get("do").map(|verb| verb.text().and_then(find)) {
        Some(Some(form)) => form,
        // The list of the verbs is made only when it is needed.
        _ => {
            let names: Vec<_> = tables.iter().flat_map(|table| table.iter()).map(|form| form.name).collect();
            return object.required("do", format_args!("one of {}", list(&names)), |_| None);
        }
    };
    let mut known = vec![when, "do"];
    known.extend(form.fields);
    object.check(&known, || format!("unknown field; {} has {}", form.name, list(&known)))?;
    Ok((object, form))
}

struct Reader<'a> {
    object: Object<'a>,
    path: &'a Path<'a>,
    rules: &'a Rules<'a>,
}

impl Reader<'_> {
    fn action(&self, form: &'static Form) -> Result<Action, String> {
        let number = |field, what: &str| {
            Ok::<_, String>(self.object.required(field, what, |json| json.unsigned(0, u32::MAX.into()))? as u32)
        };
        let id = || number("id", "the number of a message");
        Ok(match form.name {
            "deliver-message" => Action::DeliverMessage { id: id()? },
            "hold-message" => Action::HoldMessage { id: id()? },
            "release-message" => Action::ReleaseMessage { id: id()? },
            "delay-message" => Action::DelayMessage { id: id()?, by_us: self.by_us(1)? },
            "duplicate-message" => Action::DuplicateMessage { id: id()? },
            "drop-message" => Action::DropMessage { id: id()? },
            "take-over" => Action::TakeOver { seed: number("seed", "a number")? },
            _ => Action::Step(self.verb(form)?),
        })
    }

    fn verb(&self, form: &'static Form) -> Result<Verb, String> {
        if form.manual && !self.rules.manual {
            let sentence = format_args!("{} is for the manual scheduler, which network.scheduler asks for", form.name);
            return Err(self.object.says("do", sentence));
        }
        let node = || self.node("node");
        Ok(match form.name {
            "propose" => Verb::Propose { node: node()?, value: self.value()? },
            "crash" => Verb::Crash { node: node()? },
            "restart" => Verb::Restart { node: node()?, disk_lost: self.disk_lost()? },
            "pause" => Verb::Pause { node: node()? },
            "resume" => Verb::Resume { node: node()? },
            "partition" => Verb::Partition { groups: self.groups()? },
            "heal" => Verb::Heal,
            "cut" => self.link("from").map(|(from, to)| Verb::Cut { from, to })?,
            "join" => self.link("from").map(|(from, to)| Verb::Join { from, to })?,
            "drop" => Verb::Drop { pattern: self.pattern()?, count: self.count()? },
            "duplicate" => Verb::Duplicate { pattern: self.pattern()?, count: self.count()? },
            "delay" => Verb::Delay { pattern: self.pattern()?, count: self.count()?, by_us: self.by_us(1)? },
            "slow" => self.slow()?,
            "skew" => self.skew()?,
            "deliver" => Verb::Deliver { pattern: self.pattern()?, count: self.count()? },
            "fire" => Verb::Fire { node: node()?, timer: self.timer()? },
            "settle" => Verb::Settle,
            other => unreachable!("the verb {other} has a form and no reader"),
        })
    }

    fn node(&self, name: &str) -> Result<NodeId, String> {
        let nodes = self.rules.nodes;
        self.object.required(name, a_node(nodes), |json| node(json, nodes))
    }

    fn value(&self) -> Result<String, String> {
        let values = self.rules.values;
        if !values.is_empty() {
            let expected = format_args!("one of {}", list(values));
            let fits = |text: &&str| values.contains(text);
            return self.object.required("value", expected, |json| json.text().filter(fits).map(str::to_string));
        }
        let expected = format_args!("a string of at most {} bytes", bounds::VALUE_BYTES);
        let fits = |text: &&str| text.len() <= bounds::VALUE_BYTES;
        self.object.required("value", expected, |json| json.text().filter(fits).map(str::to_string))
    }

    fn disk_lost(&self) -> Result<bool, String> {
        Ok(self.object.word("disk", &[("kept", false), ("lost", true)])?.unwrap_or(false))
    }

    /// Milliseconds to be late by.
    fn by_us(&self, min: u64) -> Result<u64, String> {
        let expected = format_args!("a number of milliseconds from {min} to {}", bounds::DELAY_MS);
        self.object.required("by_ms", expected, |json| json.unsigned(min, bounds::DELAY_MS)).map(|ms| ms * 1000)
    }

    fn groups(&self) -> Result<Vec<NodeSet>, String> {
        let path = Path::Field(self.path, "groups");
        let json = self.object.required("groups", "an array of groups of nodes", Some)?;
        let items = array(json, &path, "an array of groups of nodes")?;
        if items.is_empty() {
            return Err(format!("{path}: expected at least one group"));
        }
        let mut named = NodeSet::default();
        let mut groups = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let path = Path::Index(&path, i);
            let mut group = NodeSet::default();
            for (j, json) in array(item, &path, "an array of nodes")?.iter().enumerate() {
                let path = Path::Index(&path, j);
                let node =
                    node(json, self.rules.nodes).ok_or_else(|| unexpected(&path, a_node(self.rules.nodes), json))?;
                if !named.insert(node) {
                    return Err(format!("{path}: expected each node once, found {} again", node.0));
                }
                group.insert(node);
            }
            if group.is_empty() {
                return Err(format!("{path}: expected at least one node"));
            }
            groups.push(group);
        }
        Ok(groups)
    }

    fn link(&self, from: &'static str) -> Result<(NodeId, NodeId), String> {
        let (name, from, to) = (from, self.node(from)?, self.node("to")?);
        if from == to {
            return Err(self.object.says("to", format_args!("expected another node than {name}, found {}", to.0)));
        }
        Ok((from, to))
    }

    /// A node's messages, or with `to` those of one direction of a link.
    fn slow(&self) -> Result<Verb, String> {
        let by_us = self.by_us(0)?;
        if self.object.get("to").is_some() {
            let (from, to) = self.link("node")?;
            return Ok(Verb::SlowLink { from, to, by_us });
        }
        Ok(Verb::Slow { node: self.node("node")?, by_us })
    }

    fn pattern(&self) -> Result<Pattern, String> {
        let path = Path::Field(self.path, "match");
        let Some(json) = self.object.get("match") else { return Ok(Pattern::default()) };
        let object = Object::open(json, &path, "match", &["from", "to", "kind", "skip"])?;
        let nodes = self.rules.nodes;
        let kinds = &self.rules.names.kinds;
        Ok(Pattern {
            from: object.given("from", a_node(nodes), |json| node(json, nodes))?,
            to: object.given("to", a_node(nodes), |json| node(json, nodes))?,
            kind: object.given("kind", format_args!("one of {}", list(kinds)), |json| index(json, kinds))?,
            skip: object.integer("skip", "a number", 0, bounds::COUNT.into())?.unwrap_or(0) as u32,
        })
    }

    fn count(&self) -> Result<Count, String> {
        let expected = format_args!("a number from 1 to {} or \"all\"", bounds::COUNT);
        let count = self.object.given("count", expected, |json| match json.text() {
            Some("all") => Some(Count::All),
            _ => json.unsigned(1, bounds::COUNT.into()).map(|count| Count::Number(count as u32)),
        })?;
        Ok(count.unwrap_or(Count::Number(1)))
    }

    fn skew(&self) -> Result<Verb, String> {
        let (ms, ppm) = (bounds::AT_MS as i64, i64::from(bounds::DRIFT_PPM));
        let signed = |name, what, max: i64| {
            self.object.given(name, format_args!("{what} from {} to {max}", -max), |json| json.signed(-max, max))
        };
        let by_ms = signed("by_ms", "a number of milliseconds", ms)?;
        let ppm = signed("ppm", "parts per million", ppm)?;
        if by_ms.is_none() && ppm.is_none() {
            return Err(format!("{}: expected by_ms, ppm or both", self.path));
        }
        Ok(Verb::Skew { node: self.node("node")?, by_us: by_ms.unwrap_or(0) * 1000, ppm: ppm.unwrap_or(0) as i32 })
    }

    fn timer(&self) -> Result<u8, String> {
        let timers = &self.rules.names.timers;
        self.object.required("timer", format_args!("one of {}", list(timers)), |json| index(json, timers))
    }
}

fn a_node(nodes: u8) -> impl std::fmt::Display {
    struct ANode(u8);
    impl std::fmt::Display for ANode {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self.0 {
                0 | 1 => f.write_str("node 0, the only one"),
                nodes => write!(f, "a node from 0 to {}", nodes - 1),
            }
        }
    }
    ANode(nodes)
}

fn node(json: &Json, nodes: u8) -> Option<NodeId> {
    json.unsigned(0, u64::from(nodes).checked_sub(1)?).map(|node| NodeId(node as u8))
}

fn index(json: &Json, names: &[&str]) -> Option<u8> {
    let text = json.text()?;
    names.iter().position(|name| *name == text).and_then(|index| u8::try_from(index).ok())
}
