//! From a scenario to JSON, in the order of the documentation. What is written reads back equal.

use super::format::{Disk, Scenario, bounds};
use super::json::Json;
use super::parse;
use super::plain::{Plain, PlainAction, PlainClients, PlainCount, PlainNetwork, PlainPattern};
use super::plain::{PlainScenario, PlainSetting, PlainStop, PlainVerb};

type Fields = Vec<(String, Json)>;

impl Scenario {
    /// The scenario as a file; [`Scenario::from_json`] gives it back. Its times are whole milliseconds, as those of
    /// every scenario that was read.
    pub fn to_json(&self) -> String {
        let plain = Plain::of_scenario(self);
        scenario(&plain.scenario, &plain.words).pretty()
    }

    /// The scenario as a file that says the same would be read. The error is one sentence that begins with the field's
    /// path.
    pub fn checked(&self) -> Result<Scenario, String> {
        let plain = Plain::of_scenario(self);
        parse::scenario(&scenario(&plain.scenario, &plain.words))
    }
}

/// Writes the scenario.
pub fn scenario(plain: &PlainScenario, words: &[String]) -> Json {
    let mut fields = Fields::new();
    put(&mut fields, "version", Json::Unsigned(1));
    put(&mut fields, "title", text(&plain.title));
    put(&mut fields, "protocol", text(&plain.protocol));
    put(&mut fields, "variant", text(&plain.variant));
    put(&mut fields, "nodes", number(plain.nodes));
    put(&mut fields, "seed", number(plain.seed));
    if !plain.settings.is_empty() {
        put(&mut fields, "settings", Json::Object(plain.settings.iter().map(setting).collect()));
    }
    put(&mut fields, "network", network(&plain.network));
    let default = Disk::default();
    if plain.disk_us != (default.min_us, default.max_us) {
        let (min_us, max_us) = plain.disk_us;
        put(&mut fields, "disk", Json::object(vec![("min_us", number(min_us)), ("max_us", number(max_us))]));
    }
    if let Some(plain) = &plain.clients {
        put(&mut fields, "clients", clients(plain));
    }
    if !plain.script.is_empty() {
        let steps = plain.script.iter().map(|(at_ms, verb)| {
            let mut fields = Fields::new();
            if let Some(at_ms) = at_ms {
                put(&mut fields, "at_ms", number(*at_ms));
            }
            put_verb(&mut fields, verb, words);
            Json::Object(fields)
        });
        put(&mut fields, "script", Json::Array(steps.collect()));
    }
    put(&mut fields, "stop", stop(&plain.stop));
    Json::Object(fields)
}

/// Writes the interventions of a recording.
pub fn interventions(plain: &Plain) -> Json {
    let items = plain.interventions.iter().map(|(event, action)| {
        let mut fields = Fields::new();
        put(&mut fields, "event", number(*event));
        put_action(&mut fields, action, &plain.words);
        Json::Object(fields)
    });
    Json::Array(items.collect())
}

fn put(fields: &mut Fields, name: &str, value: Json) {
    fields.push((name.to_string(), value));
}

fn text(text: &str) -> Json {
    Json::Text(text.to_string())
}

fn number(number: impl Into<u64>) -> Json {
    Json::Unsigned(number.into())
}

fn signed(number: i64) -> Json {
    u64::try_from(number).map_or(Json::Negative(number), Json::Unsigned)
}

fn probability(ppm: u32) -> Json {
    let text = format!("{}.{:06}", ppm / bounds::MILLION, ppm % bounds::MILLION);
    let shortest = text.trim_end_matches('0');
    Json::Fraction(if shortest.ends_with('.') { format!("{shortest}0") } else { shortest.to_string() })
}

fn setting((name, value): &(String, PlainSetting)) -> (String, Json) {
    let value = match value {
        PlainSetting::Flag(flag) => Json::Bool(*flag),
        PlainSetting::Integer(integer) => number(*integer),
        PlainSetting::Range(low, high) => Json::Array(vec![number(*low), number(*high)]),
    };
    (name.clone(), value)
}

/// A field that the model has no use for is left out where it says nothing; where it says something it is written,
/// and refused by whoever reads it.
fn network(plain: &PlainNetwork) -> Json {
    let partially = plain.model == "partially-synchronous";
    let mut fields = Fields::new();
    put(&mut fields, "model", text(&plain.model));
    put(&mut fields, "min_ms", number(plain.min_ms));
    if plain.model != "asynchronous" || plain.delta_ms != 0 {
        put(&mut fields, "delta_ms", number(plain.delta_ms));
    }
    if partially || plain.gst_ms != 0 {
        put(&mut fields, "gst_ms", number(plain.gst_ms));
    }
    if partially || plain.drift_ppm != 0 {
        put(&mut fields, "drift_ppm", number(plain.drift_ppm));
    }
    for (name, ppm) in [("loss", plain.loss_ppm), ("duplication", plain.duplication_ppm)] {
        if plain.model != "synchronous" || ppm != 0 {
            put(&mut fields, name, probability(ppm));
        }
    }
    put(&mut fields, "scheduler", text(&plain.scheduler));
    Json::Object(fields)
}

fn clients(plain: &PlainClients) -> Json {
    Json::object(vec![
        ("count", number(plain.count)),
        ("operations", number(plain.operations)),
        ("state_machine", text(&plain.state_machine)),
        ("think_ms", number(plain.think_ms)),
        ("timeout_ms", number(plain.timeout_ms)),
    ])
}

fn stop(plain: &PlainStop) -> Json {
    let mut fields = Fields::new();
    if let Some(at_ms) = plain.at_ms {
        put(&mut fields, "at_ms", number(at_ms));
    }
    if let Some(events) = plain.events {
        put(&mut fields, "events", number(events));
    }
    if plain.quiescent {
        put(&mut fields, "quiescent", Json::Bool(true));
    }
    Json::Object(fields)
}

/// A word that is not there becomes `null`, which no reader takes for a name.
fn named(words: &[String], place: u16) -> Json {
    words.get(usize::from(place)).map_or(Json::Null, |word| text(word))
}

fn put_match(fields: &mut Fields, pattern: &PlainPattern, count: PlainCount, words: &[String]) {
    let mut matched = Fields::new();
    if let Some(from) = pattern.from {
        put(&mut matched, "from", number(from));
    }
    if let Some(to) = pattern.to {
        put(&mut matched, "to", number(to));
    }
    if let Some(kind) = pattern.kind {
        put(&mut matched, "kind", named(words, kind));
    }
    if let PlainCount::After { skip, .. } = count {
        put(&mut matched, "skip", number(skip));
    }
    put(fields, "match", Json::Object(matched));
    let count = match count {
        PlainCount::All | PlainCount::After { number: 0, .. } => text("all"),
        PlainCount::Number(count) | PlainCount::After { number: count, .. } => number(count),
    };
    put(fields, "count", count);
}

fn put_verb(fields: &mut Fields, verb: &PlainVerb, words: &[String]) {
    let mut start = |name: &str, rest: &[(&str, Json)]| {
        put(fields, "do", text(name));
        for (name, value) in rest {
            put(fields, name, value.clone());
        }
    };
    let node = |node: &u8| ("node", number(*node));
    match verb {
        PlainVerb::Propose { node: n, value } => start("propose", &[node(n), ("value", text(value))]),
        PlainVerb::Crash { node: n } => start("crash", &[node(n)]),
        PlainVerb::Restart { node: n, disk_lost } => {
            start("restart", &[node(n), ("disk", text(if *disk_lost { "lost" } else { "kept" }))]);
        }
        PlainVerb::Pause { node: n } => start("pause", &[node(n)]),
        PlainVerb::Resume { node: n } => start("resume", &[node(n)]),
        PlainVerb::Partition { groups } => start("partition", &[("groups", written_groups(groups))]),
        PlainVerb::Heal => start("heal", &[]),
        PlainVerb::Cut { from, to } => start("cut", &[("from", number(*from)), ("to", number(*to))]),
        PlainVerb::Join { from, to } => start("join", &[("from", number(*from)), ("to", number(*to))]),
        PlainVerb::Slow { node: n, by_ms } => start("slow", &[node(n), ("by_ms", number(*by_ms))]),
        PlainVerb::SlowLink { from, to, by_ms } => {
            start("slow", &[node(from), ("to", number(*to)), ("by_ms", number(*by_ms))]);
        }
        PlainVerb::Skew { node: n, by_ms, ppm } => {
            start("skew", &[node(n), ("by_ms", signed(*by_ms)), ("ppm", signed((*ppm).into()))]);
        }
        PlainVerb::Fire { node: n, timer } => start("fire", &[node(n), ("timer", named(words, *timer))]),
        PlainVerb::Settle => start("settle", &[]),
        PlainVerb::Drop { pattern, count } => {
            start("drop", &[]);
            put_match(fields, pattern, *count, words);
        }
        PlainVerb::Duplicate { pattern, count } => {
            start("duplicate", &[]);
            put_match(fields, pattern, *count, words);
        }
        PlainVerb::Deliver { pattern, count } => {
            start("deliver", &[]);
            put_match(fields, pattern, *count, words);
        }
        PlainVerb::Delay { pattern, count, by_ms } => {
            start("delay", &[]);
            put_match(fields, pattern, *count, words);
            put(fields, "by_ms", number(*by_ms));
        }
    }
}

/// All 32 bits: a link may name nodes that no cluster has, and is refused for it.
fn written_groups(groups: &[u32]) -> Json {
    let group = |group: &u32| (0..32u8).filter(|node| group & (1 << node) != 0).map(number).collect();
    Json::Array(groups.iter().map(|nodes| Json::Array(group(nodes))).collect())
}

fn put_action(fields: &mut Fields, action: &PlainAction, words: &[String]) {
    let (name, id) = match action {
        PlainAction::Step(verb) => return put_verb(fields, verb, words),
        PlainAction::DeliverMessage { id } => ("deliver-message", id),
        PlainAction::HoldMessage { id } => ("hold-message", id),
        PlainAction::ReleaseMessage { id } => ("release-message", id),
        PlainAction::DelayMessage { id, .. } => ("delay-message", id),
        PlainAction::DuplicateMessage { id } => ("duplicate-message", id),
        PlainAction::DropMessage { id } => ("drop-message", id),
        PlainAction::TakeOver { seed } => ("take-over", seed),
    };
    put(fields, "do", text(name));
    put(fields, if name == "take-over" { "seed" } else { "id" }, number(*id));
    if let PlainAction::DelayMessage { by_ms, .. } = action {
        put(fields, "by_ms", number(*by_ms));
    }
}
