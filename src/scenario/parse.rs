//! From JSON to a scenario. Whatever is wrong is one sentence that begins with the field's path; nothing half-loads.

use super::fields::{Object, Path, list};
use super::format::{Clients, Disk, Model, Network, Scenario, Scheduler, StateMachine, Stop, bounds};
use super::grammar;
use super::json::Json;
use super::names::{self, Names};
use super::script;
use crate::protocol::{Info, MAX_NODES, SettingKind, SettingValue};
use crate::protocols::registry;

const FIELDS: &[&str] = &[
    "version", "title", "protocol", "variant", "nodes", "seed", "settings", "network", "disk", "clients", "script",
    "stop",
];

pub(super) const MODELS: &[(&str, Model)] = &[
    ("synchronous", Model::Synchronous),
    ("partially-synchronous", Model::PartiallySynchronous),
    ("asynchronous", Model::Asynchronous),
];

pub(super) const SCHEDULERS: &[(&str, Scheduler)] =
    &[("random", Scheduler::Random), ("manual", Scheduler::Manual), ("adversary", Scheduler::Adversary)];

pub(super) const STATE_MACHINES: &[(&str, StateMachine)] =
    &[("log", StateMachine::Log), ("register", StateMachine::Register), ("kv", StateMachine::Kv)];

impl Scenario {
    /// Reads a scenario file. The error is one sentence that begins with the field's path.
    pub fn from_json(text: impl AsRef<[u8]>) -> Result<Scenario, String> {
        let text = text.as_ref();
        if text.len() > bounds::FILE_BYTES {
            return Err(format!("the file has {} bytes; at most {} are read", text.len(), bounds::FILE_BYTES));
        }
        scenario(&Json::parse(text)?)
    }
}

/// Reads a scenario.
pub(super) fn scenario(json: &Json) -> Result<Scenario, String> {
    let root = Path::Root("the scenario");
    let object = Object::raw(json, &root)?;
    // First of all, so that a file of a later version is not blamed for a field that this version does not know.
    object.required("version", "1, the version of the format", |json| json.unsigned(1, 1))?;
    object.check(FIELDS, || format!("unknown field; a scenario has {}", list(FIELDS)))?;

    let title =
        object.given("title", format_args!("a string of at most {} characters", bounds::TITLE_CHARS), |json| {
            json.text().filter(|text| text.chars().count() <= bounds::TITLE_CHARS).map(str::to_string)
        })?;
    let ids: Vec<_> = registry::ALL.iter().map(|info| (info.id, *info)).collect();
    let info = object.required_word("protocol", &ids)?;
    let mut variants = vec![("correct", "correct")];
    variants.extend(info.variants.iter().map(|variant| (variant.id, variant.id)));
    let variant = object.word("variant", &variants)?.unwrap_or("correct");
    let max = MAX_NODES as u64;
    let nodes = object.required("nodes", format_args!("a number from 1 to {max}"), |json| json.unsigned(1, max))? as u8;
    let seed = object.integer("seed", "an integer", 0, u64::MAX)?.unwrap_or(1);
    let settings = settings(&object, info)?;
    let network = network(&object)?;
    let disk = disk(&object)?;
    let clients = clients(&object)?;
    let names = Names::of(info);
    let manual = network.scheduler != Scheduler::Random;
    let rules = script::Rules { nodes, names: &names, values: info.values, manual };
    let script = match object.get("script") {
        Some(json) => script::steps(json, &Path::Field(&root, "script"), &rules)?,
        None => Vec::new(),
    };
    let stop = stop(&object)?;
    let title = title.unwrap_or_default();
    let scenario = Scenario { title, info, variant, nodes, seed, settings, network, disk, clients, script, stop };
    names::configure(&scenario).map_err(|sentence| object.says("settings", sentence))?;
    Ok(scenario)
}

fn settings(scenario: &Object<'_>, info: &'static Info) -> Result<Vec<(&'static str, SettingValue)>, String> {
    let Some(json) = scenario.get("settings") else { return Ok(Vec::new()) };
    let path = Path::Field(&Path::Root("the scenario"), "settings");
    let object = Object::raw(json, &path)?;
    let names: Vec<_> = info.settings.iter().map(|setting| setting.name).collect();
    object.check(&names, || format!("{} has no such setting; it has {}", info.id, list(&names)))?;
    let mut settings = Vec::new();
    for setting in info.settings {
        let value = match setting.kind {
            SettingKind::Flag { .. } => {
                object.given(setting.name, "true or false", Json::flag)?.map(SettingValue::Flag)
            }
            SettingKind::Integer { min, max, .. } => {
                object.integer(setting.name, "an integer", min, max)?.map(SettingValue::Integer)
            }
            SettingKind::Range { min, max, .. } => {
                let expected = format_args!("[low, high] with {min} <= low <= high <= {max}");
                object.given(setting.name, expected, |json| range(json, min, max))?
            }
        };
        settings.extend(value.map(|value| (setting.name, value)));
    }
    Ok(settings)
}

fn range(json: &Json, min: u64, max: u64) -> Option<SettingValue> {
    let Json::Array(items) = json else { return None };
    let [low, high] = items.as_slice() else { return None };
    let low = low.unsigned(min, max)?;
    Some(SettingValue::Range(low, high.unsigned(low, max)?))
}

/// The fields of `network` that not every model has a use for.
const MODEL_FIELDS: &[(&str, &[Model])] = &[
    ("delta_ms", &[Model::Synchronous, Model::PartiallySynchronous]),
    ("gst_ms", &[Model::PartiallySynchronous]),
    ("drift_ppm", &[Model::PartiallySynchronous]),
    ("loss", &[Model::PartiallySynchronous, Model::Asynchronous]),
    ("duplication", &[Model::PartiallySynchronous, Model::Asynchronous]),
];

const NETWORK: &[&str] = &["model", "min_ms", "delta_ms", "gst_ms", "drift_ppm", "loss", "duplication", "scheduler"];

fn network(scenario: &Object<'_>) -> Result<Network, String> {
    let path = Path::Field(&Path::Root("the scenario"), "network");
    let json = scenario.required("network", "an object with a model", Some)?;
    let object = Object::open(json, &path, "network", NETWORK)?;
    let model = object.required_word("model", MODELS)?;
    for (name, models) in MODEL_FIELDS {
        if object.get(name).is_some() && !models.contains(&model) {
            let users: Vec<_> = models.iter().map(|&model| word(MODELS, model)).collect();
            let (model, users) = (word(MODELS, model), users.join(" and "));
            return Err(object.says(name, format_args!("the {model} model has no use for it; it is for {users}")));
        }
    }
    let delta_ms = match model {
        Model::Asynchronous => 0,
        _ => object.integer("delta_ms", "a number of milliseconds", 1, bounds::DELAY_MS)?.unwrap_or(50),
    };
    let (most, default) = match model {
        Model::Synchronous => (delta_ms, 1),
        Model::PartiallySynchronous => (delta_ms, 5.min(delta_ms)),
        Model::Asynchronous => (bounds::DELAY_MS, 5),
    };
    let what = match model {
        Model::Asynchronous => "a number of milliseconds",
        _ => "a number of milliseconds (no more than delta_ms)",
    };
    let min_ms = object.integer("min_ms", what, 0, most)?.unwrap_or(default);
    let gst_ms = object.integer("gst_ms", "a number of milliseconds", 0, bounds::AT_MS)?.unwrap_or(0);
    let drift = object.integer("drift_ppm", "parts per million", 0, u64::from(bounds::DRIFT_PPM))?.unwrap_or(0);
    Ok(Network {
        model,
        min_us: min_ms * 1000,
        delta_us: delta_ms * 1000,
        gst_us: gst_ms * 1000,
        drift_ppm: drift as u32,
        loss_ppm: probability(&object, "loss")?,
        duplication_ppm: probability(&object, "duplication")?,
        scheduler: scheduler(&object, model)?,
    })
}

fn scheduler(network: &Object<'_>, model: Model) -> Result<Scheduler, String> {
    let scheduler = network.word("scheduler", SCHEDULERS)?.unwrap_or(Scheduler::Random);
    let sentence = match (scheduler, model) {
        (Scheduler::Random, _) => return Ok(scheduler),
        (Scheduler::Manual, Model::PartiallySynchronous | Model::Asynchronous) => return Ok(scheduler),
        (Scheduler::Manual, Model::Synchronous) => {
            "the synchronous model keeps its delays by itself; manual is for partially-synchronous and asynchronous"
        }
        (Scheduler::Adversary, Model::Asynchronous) => return Ok(scheduler),
        (Scheduler::Adversary, _) => "only the asynchronous model has a use for an adversary; use random",
    };
    Err(network.says("scheduler", sentence))
}

/// A probability in parts per million. Finer ones are refused rather than rounded.
fn probability(object: &Object<'_>, name: &str) -> Result<u32, String> {
    let number = |json: &Json| match json {
        Json::Unsigned(integer @ 0..=1) => Some(Ok(*integer as u32 * bounds::MILLION)),
        Json::Fraction(number) => grammar::millionths(number).map(|ppm| ppm.map_err(|()| json.found())),
        _ => None,
    };
    let ppm = object.given(name, "a number from 0 to 1", number)?.unwrap_or(Ok(0));
    ppm.map_err(|found| object.says(name, format_args!("expected at most six decimal places, found {found}")))
}

fn disk(scenario: &Object<'_>) -> Result<Disk, String> {
    let path = Path::Field(&Path::Root("the scenario"), "disk");
    let default = Disk::default();
    let Some(json) = scenario.get("disk") else { return Ok(default) };
    let object = Object::open(json, &path, "disk", &["min_us", "max_us"])?;
    let min = object.integer("min_us", "a number of microseconds", 0, bounds::DISK_US)?;
    let least = min.unwrap_or(0);
    let max_us = object.integer("max_us", "a number of microseconds", least, bounds::DISK_US)?;
    let max_us = max_us.unwrap_or(default.max_us.max(least));
    Ok(Disk { min_us: min.unwrap_or(default.min_us.min(max_us)), max_us })
}

fn clients(scenario: &Object<'_>) -> Result<Option<Clients>, String> {
    let path = Path::Field(&Path::Root("the scenario"), "clients");
    let Some(json) = scenario.get("clients") else { return Ok(None) };
    let fields = &["count", "operations", "state_machine", "think_ms", "timeout_ms"];
    let object = Object::open(json, &path, "clients", fields)?;
    let number =
        |name, max: u64| object.required(name, format_args!("a number from 1 to {max}"), |json| json.unsigned(1, max));
    let milliseconds = |name, min| object.integer(name, "a number of milliseconds", min, bounds::CLIENT_MS);
    Ok(Some(Clients {
        count: number("count", u64::from(bounds::CLIENTS))? as u16,
        operations: number("operations", u64::from(bounds::OPERATIONS))? as u32,
        state_machine: object.word("state_machine", STATE_MACHINES)?.unwrap_or(StateMachine::Log),
        think_us: milliseconds("think_ms", 0)?.unwrap_or(100) * 1000,
        timeout_us: milliseconds("timeout_ms", 1)?.unwrap_or(1000) * 1000,
    }))
}

fn stop(scenario: &Object<'_>) -> Result<Stop, String> {
    let path = Path::Field(&Path::Root("the scenario"), "stop");
    let expected = "at least one of at_ms, events and quiescent";
    let json = scenario.required("stop", format_args!("an object with {expected}"), Some)?;
    let object = Object::open(json, &path, "stop", &["at_ms", "events", "quiescent"])?;
    let at_ms = object.integer("at_ms", "a number of milliseconds", 1, bounds::AT_MS)?;
    let events = object.integer("events", "a number", 1, bounds::EVENTS)?;
    let quiescent = object.given("quiescent", "true or false", Json::flag)?.unwrap_or(false);
    if at_ms.is_none() && events.is_none() && !quiescent {
        return Err(scenario.says("stop", format_args!("expected {expected}, found none of them")));
    }
    Ok(Stop { at_us: at_ms.map(|ms| ms * 1000), events, quiescent })
}

/// The word for `value`.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, v)| *v == value).map_or("", |(word, _)| word)
}
