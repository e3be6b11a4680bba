//! JSON as it was written: an object keeps its fields in order, and those that are given twice.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Display, Write};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer from 0.
    Unsigned(u64),
    /// An integer below 0.
    Negative(i64),
    /// Any other number. Read into parts per million at once, never kept.
    Fraction(f64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text; nesting is bounded by serde_json (128).
    pub fn parse(text: &[u8]) -> Result<Json, String> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = std::str::from_utf8(text)
            .map_err(|error| format!("not JSON: byte {} is not UTF-8", error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
    }

    /// The integer, if it is one within `min..=max`.
    pub fn unsigned(&self, min: u64, max: u64) -> Option<u64> {
        match self {
            Json::Unsigned(integer) if (min..=max).contains(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The integer, if it is one within `min..=max`.
    pub fn signed(&self, min: i64, max: i64) -> Option<i64> {
        let integer = match self {
            Json::Unsigned(integer) => i64::try_from(*integer).ok()?,
            Json::Negative(integer) => *integer,
            _ => return None,
        };
        (min..=max).contains(&integer).then_some(integer)
    }

    /// The string, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The flag, if it is one.
    pub fn flag(&self) -> Option<bool> {
        match self {
            Json::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The value in a sentence: on one line, short.
    pub fn found(&self) -> String {
        match self {
            Json::Text(text) if text.chars().count() > 40 => format!("a string of {} bytes", text.len()),
            Json::Text(text) => format!("{text:?}"),
            Json::Array(items) => format!("an array of {}", items.len()),
            Json::Object(_) => "an object".to_string(),
            scalar => scalar.to_string(),
        }
    }

    /// The value as a file has it: a field per line, and a step per line.
    pub fn pretty(&self) -> String {
        let Json::Object(fields) = self else { return format!("{self}\n") };
        let mut text = String::from("{\n");
        for (i, (name, value)) in fields.iter().enumerate() {
            let _ = write!(text, "  {}: ", quoted(name));
            match value {
                Json::Array(items) if items.iter().any(|item| matches!(item, Json::Object(_))) => {
                    text.push_str("[\n");
                    for (j, item) in items.iter().enumerate() {
                        let _ = writeln!(text, "    {item}{}", comma(j, items.len()));
                    }
                    text.push_str("  ]");
                }
                other => {
                    let _ = write!(text, "{other}");
                }
            }
            let _ = writeln!(text, "{}", comma(i, fields.len()));
        }
        text.push_str("}\n");
        text
    }
}

fn comma(i: usize, len: usize) -> &'static str {
    if i + 1 < len { "," } else { "" }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// On one line.
impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(flag) => write!(f, "{flag}"),
            Json::Unsigned(integer) => write!(f, "{integer}"),
            Json::Negative(integer) => write!(f, "{integer}"),
            // `Display` of a float writes 1e300 with all of its zeros; this is the shortest that reads back equal.
            Json::Fraction(number) => write!(f, "{}", serde_json::Value::from(*number)),
            Json::Text(text) => f.write_str(&quoted(text)),
            Json::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Json::Object(fields) if fields.is_empty() => f.write_str("{}"),
            Json::Object(fields) => {
                f.write_str("{ ")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}: {value}", if i > 0 { ", " } else { "" }, quoted(name))?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Json, E> {
        Ok(Json::Unsigned(integer))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Json, E> {
        Ok(u64::try_from(integer).map_or(Json::Negative(integer), Json::Unsigned))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Fraction(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_string()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = access.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}
