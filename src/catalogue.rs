//! What there is, as JSON: protocols with their variants, properties, kinds of messages and timers, and settings.

use crate::protocol::{Habitat, Info, Message, Protocol, SettingKind, Shape, Timer};
use crate::protocols::registry::{self, Visitor};
use serde_json::{Value, json};

struct Entry;

impl Visitor for Entry {
    type Output = Value;
    fn visit<P: Protocol>(self) -> Value {
        entry(
            P::INFO,
            P::Message::KINDS.iter().map(|kind| kind.name).collect(),
            P::Timer::ALL.iter().map(|timer| timer.name()).collect(),
        )
    }
}

fn entry(info: &Info, kinds: Vec<&str>, timers: Vec<&str>) -> Value {
    let shape = match info.shape {
        Shape::OneValue => "one value",
        Shape::Broadcast => "broadcast",
        Shape::Replicated => "replicated",
    };
    let habitat = match info.habitat {
        Habitat::Synchronous => "synchronous",
        Habitat::PartiallySynchronous => "partially-synchronous",
        Habitat::Asynchronous => "asynchronous",
    };
    let correct = json!({ "id": "correct", "title": "As it should be" });
    let variants = info.variants.iter().map(|variant| {
        json!({
            "id": variant.id, "code": variant.code, "title": variant.title.words(), "rule": variant.rule.words(),
            "source": variant.source.words(), "breaks": variant.breaks
        })
    });
    let settings = info.settings.iter().map(|setting| {
        let mut entry = json!({ "name": setting.name });
        let bounds = match setting.kind {
            SettingKind::Flag { default } => json!({ "type": "flag", "default": default }),
            SettingKind::Integer { default, min, max } => {
                json!({ "type": "integer", "default": default, "min": min, "max": max })
            }
            SettingKind::Range { default: (low, high), min, max } => {
                json!({ "type": "range", "default": [low, high], "min": min, "max": max })
            }
        };
        let fields = entry.as_object_mut().expect("an object");
        fields.extend(bounds.as_object().expect("an object").clone());
        fields.insert("about".to_owned(), json!(setting.about.words()));
        entry
    });
    json!({
        "id": info.id,
        "title": info.title,
        "about": info.about.words(),
        "shape": shape,
        "habitat": habitat,
        "values": info.values,
        "words": { "epoch": info.epoch_word, "position": info.position_word, "leader": info.leader_word },
        "variants": std::iter::once(correct).chain(variants).collect::<Vec<_>>(),
        "properties": info.promises,
        "messages": kinds,
        "timers": timers,
        "settings": settings.collect::<Vec<_>>(),
    })
}

/// The catalogue, pretty.
pub fn json() -> String {
    let protocols: Vec<Value> = registry::ALL.iter().filter_map(|info| registry::visit(info.id, Entry)).collect();
    serde_json::to_string_pretty(&json!({ "protocols": protocols })).expect("plain data")
}
