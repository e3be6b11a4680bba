//! The link: what it holds, how it is refused, and that links once made keep opening.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use common::scenarios::Random;
use consensus_playground::protocol::NodeId;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::link::{self, Notice};
use consensus_playground::scenario::{
    Action, Count, ENGINE, Intervention, Names, Pattern, Recording, Scenario, Scheduler, Step, Verb, bounds,
};

const FILE: &str = r#"{
  "version": 1, "title": "Old leader behind a partition", "protocol": "raft", "nodes": 5, "seed": 7,
  "settings": { "pre_vote": true, "election_timeout_ms": [150, 300] },
  "network": { "model": "partially-synchronous", "gst_ms": 2000, "drift_ppm": 200, "loss": 0.05 },
  "clients": { "count": 2, "operations": 20, "state_machine": "register" },
  "script": [
    { "at_ms": 500, "do": "propose", "node": 0, "value": "x" },
    { "at_ms": 3000, "do": "partition", "groups": [[0, 1], [2, 3, 4]] },
    { "at_ms": 3001, "do": "drop", "match": { "from": 1, "kind": "AppendEntries" }, "count": "all" },
    { "at_ms": 6000, "do": "heal" }
  ],
  "stop": { "at_ms": 10000, "events": 200000, "quiescent": true }
}"#;

fn recording() -> Recording {
    let kinds = Names::of(registry::info("raft").unwrap()).kinds;
    let kind = kinds.iter().position(|kind| *kind == "RequestVote").map(|place| place as u8);
    let pattern = Pattern { to: Some(NodeId(4)), kind, ..Pattern::default() };
    let verb = Verb::Delay { pattern, count: Count::Number(2), by_us: 30_000 };
    let interventions = vec![
        Intervention { event: 10, action: Action::HoldMessage { id: 3 } },
        Intervention { event: 10, action: Action::Step(verb) },
        Intervention { event: 300, action: Action::DelayMessage { id: 7, by_us: 9_000 } },
    ];
    Recording { interventions, cursor: Some(123), ..Recording::new(Scenario::from_json(FILE).unwrap()) }
}

/// `recording` as a link of the very first layout. A link that was once made must open for ever: when this fails,
/// the layout has changed, and that takes another prefix.
const FIRST: &str = "#v1.AQAAAB1PbGQgbGVhZGVyIGJlaGluZCBhIHBhcnRpdGlvbgRyYWZ0B2NvcnJlY3QFBwITZWxlY3Rpb25fdGltZW91dF9tcwKW\
    AawCCHByZV92b3RlAAEVcGFydGlhbGx5LXN5bmNocm9ub3VzBTLQD8gB0IYDAAZyYW5kb21k9AMBAhQIcmVnaXN0ZXJk6AcEAfQD\
    AAABeAG4FwUCAxwBuRcJAQEAAQABAfAuBgGQTgHAmgwBAwoCAwoACwABBAEBAAIerAIEBwkBewINQXBwZW5kRW50cmllcwtSZXF1\
    ZXN0Vm90ZWXe8sk";

#[test]
fn links_once_made_still_open() {
    assert_eq!(link::decode(FIRST), Ok((recording(), None)));
}

#[test]
fn a_link_is_short() {
    let link = link::encode(&recording()).unwrap();
    assert!(link.starts_with("#v1.") && link.len() < 320, "{} characters: {link}", link.len());
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_.#".contains(c);
    assert!(link.chars().all(safe), "{link}");
}

#[test]
fn a_whole_address_and_white_space_around_a_link_are_fine() {
    let link = link::encode(&recording()).unwrap();
    for text in [format!("https://example.org/play/?x=1{link}"), format!("  {link}\n"), link] {
        assert_eq!(link::decode(&text), Ok((recording(), None)));
    }
}

#[test]
fn another_engine_is_noticed_and_the_recording_opened() {
    let other = Recording { engine: ENGINE + 1, ..recording() };
    let link = link::encode(&other).unwrap();
    let (opened, notice) = link::decode(&link).unwrap();
    assert_eq!((&opened, notice), (&other, Some(Notice::OtherEngine { made_by: ENGINE + 1 })));
    assert_eq!(notice.unwrap().to_string(), "this link was made by engine 2; this is engine 1, and the run may differ");
}

#[track_caller]
fn refused(text: &str, sentence: &str) {
    assert_eq!(link::decode(text).map(|_| "the link is accepted"), Err(sentence.to_string()));
}

#[test]
fn what_is_not_a_link_is_refused() {
    let sentence = "this is not a link to a run, which begins with #v1.";
    for text in ["", "#", "#about", "https://example.org/", "v1.AAAA", "#V1.AAAA", "#v.", "#very"] {
        refused(text, sentence);
    }
}

#[test]
fn a_later_layout_is_refused_as_such() {
    let sentence = "the link is of a later version; this playground reads those that begin with #v1.";
    refused("#v2.AAAA", sentence);
    refused("#v10.AAAA", sentence);
}

#[test]
fn every_single_change_of_a_character_is_found() {
    let link = link::encode(&recording()).unwrap();
    for place in link::PREFIX.len()..link.len() {
        for other in ["A", "b", "-", "9", "%", "é"] {
            let mut changed = link.clone();
            changed.replace_range(place..=place, other);
            if changed != link {
                let sentence = link::decode(&changed).map(|_| changed).unwrap_err();
                assert!(sentence.starts_with("the link is damaged: "), "{sentence}");
            }
        }
    }
}

#[test]
fn a_link_that_was_cut_short_is_found() {
    let link = link::encode(&recording()).unwrap();
    for len in link::PREFIX.len()..link.len() {
        let sentence = link::decode(&link[..len]).map(|_| len).unwrap_err();
        assert!(sentence.starts_with("the link is damaged: "), "{sentence}");
    }
}

/// A link around this payload, with a checksum that agrees.
fn made_up(engine: u32, payload: &[u8]) -> String {
    let mut bytes = engine.to_le_bytes().to_vec();
    bytes.extend(payload);
    let crc = !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    });
    bytes.extend(crc.to_le_bytes());
    format!("{}{}", link::PREFIX, BASE64URL.encode(&bytes))
}

fn payload(recording: &Recording) -> Vec<u8> {
    let link = link::encode(recording).unwrap();
    let bytes = BASE64URL.decode(&link[link::PREFIX.len()..]).unwrap();
    bytes[4..bytes.len() - 4].to_vec()
}

#[test]
fn a_made_up_link_is_refused_by_the_rules_of_a_file() {
    let payload = payload(&recording());
    assert_eq!(link::decode(&made_up(ENGINE, &payload)), Ok((recording(), None)));
    let replaced = |from: &[u8], to: &[u8]| {
        let place = payload.windows(from.len()).position(|bytes| bytes == from).expect("the payload holds it");
        let mut changed = payload.clone();
        changed.splice(place..place + from.len(), to.iter().copied());
        changed
    };
    // Strings stand behind their length, and `correct` is followed by the number of nodes.
    let nodes = link::decode(&made_up(ENGINE, &replaced(b"correct\x05", b"correct\x1a"))).unwrap_err();
    assert_eq!(nodes, "nodes: expected a number from 1 to 25, found 26");
    let protocol = link::decode(&made_up(ENGINE, &replaced(b"\x04raft", b"\x04roft"))).unwrap_err();
    assert!(protocol.starts_with("protocol: expected one of "), "{protocol}");
    let kind = link::decode(&made_up(ENGINE, &replaced(b"AppendEntries", b"AppendEntriez"))).unwrap_err();
    assert!(kind.starts_with("script[2].match.kind: expected one of "), "{kind}");
    let other = link::decode(&made_up(9, &replaced(b"correct\x05", b"correct\x00"))).unwrap_err();
    assert_eq!(
        other,
        "nodes: expected a number from 1 to 25, found 0 (the link was made by engine 9, this is engine 1)"
    );
}

#[test]
fn interventions_are_held_to_the_rules_of_the_script() {
    let refused = |interventions: Vec<Intervention>, sentence: &str| {
        let recording = Recording { interventions, ..recording() };
        assert_eq!(link::encode(&recording), Err(sentence.to_string()));
    };
    let at = |event, action| Intervention { event, action };
    refused(
        vec![at(0, Action::Step(Verb::Crash { node: NodeId(5) }))],
        "interventions[0].node: expected a node from 0 to 4, found 5",
    );
    refused(
        vec![at(2_000_001, Action::DropMessage { id: 0 })],
        "interventions[0].event: expected an event from 0 to 2000000 (they do not decrease), found 2000001",
    );
    refused(
        vec![at(8, Action::DropMessage { id: 0 }), at(7, Action::DropMessage { id: 0 })],
        "interventions[1].event: expected an event from 8 to 2000000 (they do not decrease), found 7",
    );
    refused(
        vec![at(0, Action::DelayMessage { id: 0, by_us: 0 })],
        "interventions[0].by_ms: expected a number of milliseconds from 1 to 600000, found 0",
    );
    refused(
        vec![at(0, Action::Step(Verb::Settle))],
        "interventions[0].do: settle is for the manual scheduler, which network.scheduler asks for",
    );
    let cursor = Recording { cursor: Some(2_000_001), ..recording() };
    assert_eq!(link::encode(&cursor), Err("cursor: expected an event from 0 to 2000000, found 2000001".to_string()));
}

#[test]
fn what_no_link_may_hold_is_not_made_into_one() {
    let mut fine = recording();
    fine.scenario.network.min_us = 5_500;
    assert_eq!(
        link::encode(&fine),
        Err("the recording holds a time that is not a whole number of milliseconds".to_string())
    );
    let mut adversary = recording();
    adversary.scenario.network.scheduler = Scheduler::Adversary;
    assert_ne!(adversary.scenario.network.model, consensus_playground::scenario::Model::Asynchronous);
    let sentence = link::encode(&adversary).unwrap_err();
    assert!(sentence.starts_with("network.scheduler: "), "{sentence}");
}

#[test]
fn a_link_past_64_kib_is_neither_made_nor_read() {
    let mut long = recording();
    let value = "v".repeat(bounds::VALUE_BYTES);
    let step = Step { at_us: None, verb: Verb::Propose { node: NodeId(0), value } };
    long.scenario.script = vec![step.clone(); 185];
    let link = link::encode(&long).unwrap();
    assert_eq!(link::decode(&link), Ok((long.clone(), None)));
    assert!(link.len() > 63_000, "{}", link.len());
    long.scenario.script = vec![step; 190];
    let sentence = link::encode(&long).unwrap_err();
    assert!(sentence.starts_with("the link has ") && sentence.ends_with("; at most 65536 are allowed"), "{sentence}");
    let text = format!("#v1.{}", "A".repeat(65_533));
    refused(&text, "the link has 65537 characters; at most 65536 are allowed");
}

/// What the page and its second program hand to each other may be as long as a file, and anything that a link may be.
#[test]
fn what_is_carried_may_be_longer_than_a_link() {
    let mut long = recording();
    let value = "v".repeat(bounds::VALUE_BYTES);
    long.scenario.script = vec![Step { at_us: None, verb: Verb::Propose { node: NodeId(0), value } }; 190];
    let carried = link::carry(&long).unwrap();
    assert!(carried.len() > bounds::LINK_BYTES);
    assert_eq!(link::carried(&carried), Ok((long, None)));
    let address = format!(" https://example.org/playground/?view=embed{}", link::encode(&recording()).unwrap());
    assert_eq!(link::carried(&address), Ok((recording(), None)));
    let endless = format!("#v1.{}", "A".repeat(bounds::CARRIED_BYTES));
    let sentence = link::carried(&endless).unwrap_err();
    assert!(sentence.ends_with("; at most 4194304 are allowed"), "{sentence}");
}

#[test]
fn a_length_that_a_link_only_claims_reserves_no_memory() {
    // A title of 2^60 bytes, and settings of that number.
    let claim = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    let mut settings = b"\x00\x04raft\x07correct\x05\x07".to_vec();
    settings.extend(claim);
    for payload in [claim.to_vec(), settings] {
        refused(&made_up(ENGINE, &payload), "the link does not hold a recording");
    }
}

#[test]
fn what_follows_a_recording_is_refused() {
    let mut payload = payload(&recording());
    payload.push(0);
    refused(&made_up(ENGINE, &payload), "the link does not hold a recording: there is more behind it");
}

#[test]
fn any_recording_reads_back_equal() {
    let mut random = Random(7);
    for _ in 0..500 {
        let recording = random.recording();
        match link::encode(&recording) {
            Ok(link) => assert_eq!(link::decode(&link), Ok((recording, None))),
            Err(sentence) => assert!(sentence.starts_with("settings: "), "{sentence}"),
        }
    }
}
