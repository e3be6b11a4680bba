//! A recording as a link: `#v1.` and, in base64url without padding, the engine's version, the recording
//! ([`super::plain`], as [`super::layout`] writes it) and a checksum over both.
//!
//! A link comes from anywhere. One that was damaged is refused by its checksum, one that somebody made up by the
//! same rules as a file; nothing half-loads.

use super::fields::{Object, Path};
use super::format::{Scheduler, bounds};
use super::json::Json;
use super::names::Names;
use super::plain::Plain;
use super::recording::{ENGINE, Recording};
use super::{base64url, layout, parse, script, write};
use std::fmt::{self, Display};

/// How every link of this layout begins.
pub const PREFIX: &str = "#v1.";

/// What the reader of a link should know before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Another engine made it; its traces may differ from ours.
    OtherEngine {
        /// The engine that made it.
        made_by: u32,
    },
}

impl Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Notice::OtherEngine { made_by } = self;
        write!(f, "this link was made by engine {made_by}; this is engine {ENGINE}, and the run may differ")
    }
}

/// Writes the link of a recording. The error is a sentence: the link is too long, or the recording is one that no
/// link may hold.
pub fn encode(recording: &Recording) -> Result<String, String> {
    let link = carry(recording)?;
    if link.len() > bounds::LINK_BYTES { Err(too_long(link.len(), bounds::LINK_BYTES)) } else { Ok(link) }
}

/// Writes a recording as a link of any length, for [`carried`]: what the page and the program that works for it hand to
/// each other.
pub fn carry(recording: &Recording) -> Result<String, String> {
    let plain = Plain::of(recording);
    if check(&plain, recording.engine)? != *recording {
        return Err("the recording holds a time that is not a whole number of milliseconds".to_string());
    }
    let mut bytes = recording.engine.to_le_bytes().to_vec();
    bytes.extend(layout::write(plain));
    bytes.extend(crc32(&bytes).to_le_bytes());
    let mut link = PREFIX.to_string();
    base64url::encode(&bytes, &mut link);
    Ok(link)
}

/// Reads a link: from its `#`, or a whole address that ends in it. The error is a sentence.
pub fn decode(link: &str) -> Result<(Recording, Option<Notice>), String> {
    within(link, bounds::LINK_BYTES)
}

/// Reads what [`carry`] has written, or any link. The error is a sentence.
pub fn carried(link: &str) -> Result<(Recording, Option<Notice>), String> {
    within(link, bounds::CARRIED_BYTES)
}

/// Reads a link of at most so many characters from its `#` on.
fn within(link: &str, most: usize) -> Result<(Recording, Option<Notice>), String> {
    let link = link.trim();
    let link = link.find('#').map_or(link, |start| &link[start..]);
    if link.len() > most {
        return Err(too_long(link.len(), most));
    }
    let Some(text) = link.strip_prefix(PREFIX) else {
        let later = link.strip_prefix("#v").is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        return Err(if later {
            format!("the link is of a later version; this playground reads those that begin with {PREFIX}")
        } else {
            format!("this is not a link to a run, which begins with {PREFIX}")
        });
    };
    let bytes = base64url::decode(text).ok_or("the link is damaged: some of it is missing or changed")?;
    let (engine, payload) = open(&bytes).ok_or("the link is damaged: its checksum does not agree")?;
    let recording = read(payload, engine).map_err(|sentence| match engine {
        ENGINE => sentence,
        other => format!("{sentence} (the link was made by engine {other}, this is engine {ENGINE})"),
    })?;
    let notice = (engine != ENGINE).then_some(Notice::OtherEngine { made_by: engine });
    Ok((recording, notice))
}

fn too_long(len: usize, most: usize) -> String {
    format!("the link has {len} characters; at most {most} are allowed")
}

/// The engine's version and the payload, if the checksum agrees.
fn open(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (body, checksum) = bytes.split_last_chunk::<4>()?;
    let (engine, payload) = body.split_first_chunk::<4>()?;
    (crc32(body) == u32::from_le_bytes(*checksum)).then(|| (u32::from_le_bytes(*engine), payload))
}

fn read(payload: &[u8], engine: u32) -> Result<Recording, String> {
    check(&layout::read(payload)?, engine)
}

/// Reads the recording by the rules of a file.
fn check(plain: &Plain, engine: u32) -> Result<Recording, String> {
    let scenario = parse::scenario(&write::scenario(&plain.scenario, &plain.words))?;
    let names = Names::of(scenario.info);
    let manual = scenario.network.scheduler != Scheduler::Random;
    let rules = script::Rules { nodes: scenario.nodes, names: &names, values: scenario.info.values, manual };
    let root = Path::Root("the recording");
    let path = Path::Field(&root, "interventions");
    let interventions = script::interventions(&write::interventions(plain), &path, &rules)?;
    let cursor = match plain.cursor {
        Some(cursor) => {
            let json = Json::Object(vec![("cursor".to_string(), Json::Unsigned(cursor))]);
            Object::raw(&json, &root)?.integer("cursor", "an event", 0, bounds::EVENTS)?
        }
        None => None,
    };
    Ok(Recording { scenario, interventions, cursor, engine })
}

/// CRC-32 as in IEEE 802.3: finds every change of up to 32 neighbouring bits.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32;

    /// The check value of the catalogue of parametrised CRC algorithms.
    #[test]
    fn crc_of_the_nine_digits() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
