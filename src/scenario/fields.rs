//! Reading an object field by field, so that everything wrong with it is one sentence that begins with the path.

use super::json::Json;
use std::fmt::{self, Display};

/// Where a value stands: `script[3].node`.
#[derive(Clone, Copy)]
pub enum Path<'a> {
    /// The whole; what it is called in a sentence.
    Root(&'static str),
    /// A field.
    Field(&'a Path<'a>, &'a str),
    /// An element.
    Index(&'a Path<'a>, usize),
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root(name) => f.write_str(name),
            Path::Field(parent, name) => {
                if !matches!(parent, Path::Root(_)) {
                    write!(f, "{parent}.")?;
                }
                // The name may be anybody's: one line, short.
                write!(f, "{}", name.chars().take(40).collect::<String>().escape_debug())
            }
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// The sentence on a value that is not as it should be.
pub fn unexpected(path: &Path<'_>, expected: impl Display, found: &Json) -> String {
    format!("{path}: expected {expected}, found {}", found.found())
}

/// The elements of an array.
pub fn array<'a>(json: &'a Json, path: &Path<'_>, expected: impl Display) -> Result<&'a [Json], String> {
    match json {
        Json::Array(items) => Ok(items),
        other => Err(unexpected(path, expected, other)),
    }
}

/// An object whose fields are all known and given once.
pub struct Object<'a> {
    path: &'a Path<'a>,
    fields: &'a [(String, Json)],
}

impl<'a> Object<'a> {
    /// The object at `path`, whose fields have not been looked at.
    pub fn raw(json: &'a Json, path: &'a Path<'a>) -> Result<Self, String> {
        match json {
            Json::Object(fields) => Ok(Object { path, fields }),
            other => Err(unexpected(path, "an object", other)),
        }
    }

    /// The object at `path` with the fields `known`; `whose` has them ("propose").
    pub fn open(json: &'a Json, path: &'a Path<'a>, whose: &str, known: &[&str]) -> Result<Self, String> {
        let object = Object::raw(json, path)?;
        object.check(known, || format!("unknown field; {whose} has {}", list(known)))?;
        Ok(object)
    }

    /// Refuses fields that are not in `known` or are given twice.
    pub fn check(&self, known: &[&str], unknown: impl Fn() -> String) -> Result<(), String> {
        let mut seen = vec![false; known.len()];
        for (name, _) in self.fields {
            let Some(i) = known.iter().position(|k| k == name) else {
                return Err(self.says(name, unknown()));
            };
            if std::mem::replace(&mut seen[i], true) {
                return Err(self.says(name, "given twice"));
            }
        }
        Ok(())
    }

    /// The field as it was written.
    pub fn get(&self, name: &str) -> Option<&'a Json> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The field, which may be absent; `read` refuses what is not `expected`.
    pub fn given<T>(
        &self,
        name: &str,
        expected: impl Display,
        read: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(json) = self.get(name) else { return Ok(None) };
        read(json).map(Some).ok_or_else(|| unexpected(&Path::Field(self.path, name), expected, json))
    }

    /// The field, which must be there.
    pub fn required<T>(
        &self,
        name: &str,
        expected: impl Display,
        read: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Result<T, String> {
        self.given(name, &expected, read)?.ok_or_else(|| self.says(name, format_args!("missing; expected {expected}")))
    }

    /// An integer within `min..=max`, if it is given.
    pub fn integer(&self, name: &str, what: &str, min: u64, max: u64) -> Result<Option<u64>, String> {
        self.given(name, format_args!("{what} from {min} to {max}"), |json| json.unsigned(min, max))
    }

    /// One of `words`, if it is given.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, String> {
        self.given(name, one_of(words), |json| pick(json, words))
    }

    /// One of `words`, which must be there.
    pub fn required_word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<T, String> {
        self.required(name, one_of(words), |json| pick(json, words))
    }

    /// The sentence on the field `name`.
    pub fn says(&self, name: &str, sentence: impl Display) -> String {
        format!("{}: {sentence}", Path::Field(self.path, name))
    }
}

fn pick<T: Copy>(json: &Json, words: &[(&str, T)]) -> Option<T> {
    let text = json.text()?;
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

fn one_of<T>(words: &[(&str, T)]) -> String {
    format!("one of {}", list(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>()))
}

/// The names one after the other, or that there are none.
pub fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}
