//! Files and links from anywhere: never a panic, always one sentence on one line, and what is accepted is written
//! and read back exactly.
//!
//! `FUZZ_INPUTS` is the number of inputs that each test tries (20,000 without it), `FUZZ_SEED` the first seed:
//! `FUZZ_INPUTS=1000000 cargo test --release --test scenario_fuzz`.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use common::scenarios::Random;
use consensus_playground::scenario::{Recording, Scenario, bounds, link};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// Runs `check` once per input; the seed of the one that fails is printed.
fn for_each_input(check: impl Fn(&mut Random)) {
    let first = setting("FUZZ_SEED", 1);
    for seed in first..first + setting("FUZZ_INPUTS", 20_000) {
        let run = || check(&mut Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D)));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            eprintln!("input {seed} failed: FUZZ_SEED={seed} FUZZ_INPUTS=1 repeats it");
            std::panic::resume_unwind(panic);
        }
    }
}

/// One line, and not the input itself.
fn assert_sentence(sentence: &str) {
    assert!(!sentence.is_empty() && sentence.len() < 2_000, "{} bytes: {sentence:?}", sentence.len());
    assert!(!sentence.contains(char::is_control), "more than a line: {sentence:?}");
}

fn read_file(text: &[u8]) -> bool {
    match Scenario::from_json(text) {
        Ok(scenario) => {
            let written = scenario.to_json();
            // Written out, a file at the bound may be longer than the bound.
            if written.len() <= bounds::FILE_BYTES {
                assert_eq!(Scenario::from_json(&written).as_ref(), Ok(&scenario), "{written}");
            }
            true
        }
        Err(sentence) => {
            assert_sentence(&sentence);
            false
        }
    }
}

fn read_link(text: &str) -> bool {
    match link::decode(text) {
        Ok((recording, _)) => {
            match link::encode(&recording) {
                Ok(again) => assert_eq!(link::decode(&again).map(|(recording, _)| recording), Ok(recording)),
                Err(sentence) => assert!(sentence.starts_with("the link has "), "{sentence}"),
            }
            true
        }
        Err(sentence) => {
            assert_sentence(&sentence);
            false
        }
    }
}

/// Words that a file may hold, and what lies just beside them.
const WORDS: &[&str] = &[
    "-1",
    "0",
    "1",
    "2",
    "25",
    "26",
    "1e300",
    "-0.0",
    "0.5",
    "1e-7",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775808",
    "-9223372036854775809",
    "86400001",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[[0],[1,2]]",
    "\"all\"",
    "\"lost\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"manual\"",
    "\"random\"",
    "\"asynchronous\"",
    "\"synchronous\"",
    "\"raft\"",
    "\"fifo\"",
    "\"settle\"",
    "\"deliver\"",
    "\"fire\"",
    "\"skew\"",
    "\"kind\"",
    "\"at_ms\"",
    "\"do\"",
    "\"node\"",
    "\"match\"",
    "\"count\"",
    "\"by_ms\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    " ",
    "\u{feff}",
    "\n",
    "é",
];

/// Changes the bytes somewhere.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>, words: bool) {
    let start = random.place(bytes.len() + 1);
    let end = (start + random.place(12)).min(bytes.len());
    match random.bits() % 6 {
        0 if start < bytes.len() => bytes[start] ^= 1 << random.place(8),
        1 => drop(bytes.drain(start..end)),
        2 => {
            let copy = bytes[start..end].to_vec();
            let to = random.place(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        3 => bytes.truncate(start),
        4 if words => drop(bytes.splice(start..end, random.pick(WORDS).bytes())),
        _ => drop(bytes.splice(start..start, [random.bits() as u8])),
    }
}

/// Puts another value somewhere in the tree, so that the text stays JSON and the rules behind it are reached.
fn transplant(random: &mut Random, value: &mut serde_json::Value) {
    use serde_json::Value;
    let inside = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if inside == 0 || random.once_in(8) {
        let words: Vec<Value> = WORDS.iter().filter_map(|word| serde_json::from_str(word).ok()).collect();
        *value = words[random.place(words.len())].clone();
        return;
    }
    let place = random.place(inside);
    match value {
        Value::Array(items) if random.once_in(10) => drop(items.remove(place)),
        Value::Array(items) if random.once_in(10) => items.push(items[place].clone()),
        Value::Array(items) => transplant(random, &mut items[place]),
        Value::Object(fields) => {
            let name = fields.keys().nth(place).unwrap().clone();
            match random.bits() % 10 {
                0 => drop(fields.shift_remove(&name)),
                1 => drop(fields.insert(random.pick(WORDS).to_string(), Value::Null)),
                _ => transplant(random, fields.get_mut(&name).unwrap()),
            }
        }
        _ => unreachable!("a scalar holds nothing"),
    }
}

/// A recording that the protocol accepts: one whose settings do not go together gets the defaults.
fn accepted(random: &mut Random) -> Recording {
    let mut recording = random.recording();
    if let Err(sentence) = Scenario::from_json(recording.scenario.to_json()) {
        assert!(sentence.starts_with("settings: "), "{sentence}\n{}", recording.scenario.to_json());
        recording.scenario.settings.clear();
    }
    recording
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}

#[test]
fn files_and_links_read_back_equal() {
    for_each_input(|random| {
        let recording = accepted(random);
        let file = recording.scenario.to_json();
        assert_eq!(Scenario::from_json(&file).as_ref(), Ok(&recording.scenario), "{file}");
        let link = link::encode(&recording).unwrap();
        assert_eq!(link::decode(&link), Ok((recording, None)));
    });
}

#[test]
fn changed_files_are_read_or_refused() {
    let (mut read, mut all) = (0_u64, 0_u64);
    let counts = std::cell::RefCell::new((&mut read, &mut all));
    for_each_input(|random| {
        let mut text = accepted(random).scenario.to_json().into_bytes();
        for _ in 0..random.within(1, 4) {
            mutate(random, &mut text, true);
        }
        let mut counts = counts.borrow_mut();
        *counts.0 += u64::from(read_file(&text));
        *counts.1 += 1;
    });
    assert!(all < 1000 || (read > 0 && read < all), "{read} of {all} were read");
}

#[test]
fn changed_values_are_read_or_refused() {
    let (mut read, mut all) = (0_u64, 0_u64);
    let counts = std::cell::RefCell::new((&mut read, &mut all));
    for_each_input(|random| {
        let mut value = serde_json::from_str(&accepted(random).scenario.to_json()).unwrap();
        for _ in 0..random.within(1, 3) {
            transplant(random, &mut value);
        }
        let mut counts = counts.borrow_mut();
        *counts.0 += u64::from(read_file(value.to_string().as_bytes()));
        *counts.1 += 1;
    });
    assert!(all < 1000 || (read > 0 && read < all), "{read} of {all} were read");
}

#[test]
fn any_bytes_are_read_or_refused() {
    for_each_input(|random| {
        let bytes: Vec<u8> = (0..random.within(0, 200)).map(|_| random.bits() as u8).collect();
        read_file(&bytes);
        read_link(&String::from_utf8_lossy(&bytes));
        read_link(&format!("{}{}", link::PREFIX, BASE64URL.encode(&bytes)));
        let words: String = (0..random.within(0, 60)).map(|_| random.pick(WORDS)).collect();
        read_file(words.as_bytes());
    });
}

#[test]
fn changed_links_are_refused() {
    for_each_input(|random| {
        let link = link::encode(&accepted(random)).unwrap();
        let mut changed = link.clone().into_bytes();
        for _ in 0..random.within(1, 4) {
            mutate(random, &mut changed, false);
        }
        let changed = String::from_utf8_lossy(&changed).into_owned();
        // What stands before the mark and white space around a link are no part of it.
        let part = |link: &str| link.find('#').map(|start| link[start..].trim().to_string());
        if part(&changed) != part(&link) {
            assert!(!read_link(&changed), "{changed} was read");
        }
    });
}

/// Somebody who makes links up knows how a checksum is made.
#[test]
fn made_up_links_are_read_or_refused() {
    let (mut read, mut all) = (0_u64, 0_u64);
    let counts = std::cell::RefCell::new((&mut read, &mut all));
    for_each_input(|random| {
        let link = link::encode(&accepted(random)).unwrap();
        let mut bytes = BASE64URL.decode(&link[link::PREFIX.len()..]).unwrap();
        let mut payload = bytes[4..bytes.len() - 4].to_vec();
        for _ in 0..random.within(1, 4) {
            mutate(random, &mut payload, false);
        }
        bytes.truncate(4);
        bytes.extend(payload);
        bytes.extend(crc32(&bytes).to_le_bytes());
        let mut counts = counts.borrow_mut();
        *counts.0 += u64::from(read_link(&format!("{}{}", link::PREFIX, BASE64URL.encode(&bytes))));
        *counts.1 += 1;
    });
    assert!(all < 1000 || (read > 0 && read < all), "{read} of {all} were read");
}
