//! JSON as it was written: an object keeps its fields in order, and those that are given twice.

use super::grammar;
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
    /// Any other number, as it was written.
    Fraction(String),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object with these fields.
    pub fn object(fields: Vec<(&str, Json)>) -> Json {
        Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Reads a text. The error is a sentence that says where.
    pub fn parse(text: &[u8]) -> Result<Json, String> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = std::str::from_utf8(text)
            .map_err(|error| format!("not JSON: byte {} is not UTF-8", error.valid_up_to()))?;
        grammar::parse(text).map_err(|error| format!("not JSON: {error}"))
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
            Json::Fraction(number) if number.len() > 40 => format!("a number of {} characters", number.len()),
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

impl Json {
    /// The value with a line for every element and field.
    pub fn indented(&self) -> String {
        let mut text = String::new();
        self.indent(&mut text, 1);
        text
    }

    fn indent(&self, text: &mut String, depth: usize) {
        let (open, close, len) = match self {
            Json::Array(items) if !items.is_empty() => ('[', ']', items.len()),
            Json::Object(fields) if !fields.is_empty() => ('{', '}', fields.len()),
            Json::Object(_) => return text.push_str("{}"),
            other => {
                let _ = write!(text, "{other}");
                return;
            }
        };
        text.push(open);
        for i in 0..len {
            let _ = write!(text, "\n{:1$}", "", 2 * depth);
            match self {
                Json::Array(items) => items[i].indent(text, depth + 1),
                Json::Object(fields) => {
                    let _ = write!(text, "{}: ", quoted(&fields[i].0));
                    fields[i].1.indent(text, depth + 1);
                }
                _ => {}
            }
            text.push_str(comma(i, len));
        }
        let _ = write!(text, "\n{:1$}{close}", "", 2 * (depth - 1));
    }
}

fn comma(i: usize, len: usize) -> &'static str {
    if i + 1 < len { "," } else { "" }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            c if c < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// On one line.
impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(flag) => write!(f, "{flag}"),
            Json::Unsigned(integer) => write!(f, "{integer}"),
            Json::Negative(integer) => write!(f, "{integer}"),
            Json::Fraction(number) => f.write_str(number),
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
