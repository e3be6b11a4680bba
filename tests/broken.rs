//! Safety is proved by attack. Every broken variant of the registry has a scenario that shows it at fault, the property
//! and the event pinned in `tests/testdata/broken.txt`; the same steps do the correct protocol no harm; and every
//! property that a protocol promises has been seen to fail.
//!
//! `UPDATE=1 cargo test --test broken` writes `tests/testdata/broken.txt` and `docs/bugs.md` anew.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::properties::{Name, Property, Status};
use consensus_playground::protocol::{Info, Variant};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Scenario, library};
use consensus_playground::session::Session;
use consensus_playground::sim::Ended;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Promised, and broken by no variant. Each has its own tests, and a reason.
const UNBROKEN: &[(&str, &str)] = &[
    (
        "Integrity",
        "a node that has decided looks at no further vote, which is no rule of the paper that one can leave out",
    ),
    ("No creation", "a message that nobody sent needs a node that lies; nodes here crash at worst"),
    (
        "Leader Append-Only",
        "a Raft leader has no code that removes an entry; leaving a rule out adds none (tests/properties/logs.rs breaks it)",
    ),
    (
        "One primary per view",
        "who is the primary follows from the view's number alone; leaving a rule out changes no number \
         (tests/properties/logs.rs breaks it)",
    ),
];

/// Every variant with its protocol.
fn variants() -> impl Iterator<Item = (&'static Info, &'static Variant)> {
    registry::ALL.iter().flat_map(|info| info.variants.iter().map(move |variant| (*info, variant)))
}

/// The committed scenario of a variant.
fn scenario(info: &Info, variant: &Variant) -> Scenario {
    let file = library::bug(info.id, variant.id)
        .unwrap_or_else(|| panic!("www/scenarios/bugs/{}-{}.json is missing in the library", info.id, variant.id));
    let scenario = file.scenario().unwrap_or_else(|error| panic!("{}: {error}", file.stem));
    assert_eq!((scenario.info.id, scenario.variant), (info.id, variant.id), "{}", file.stem);
    scenario
}

/// Runs to the end; a step that finds nothing to do is a mistake in the scenario.
fn run(scenario: Scenario) -> Session {
    let name = format!("{} {}", scenario.info.id, scenario.variant);
    let mut session = Session::new(scenario).unwrap_or_else(|error| panic!("{name}: {error}"));
    session.run();
    if let Some(Ended::Refused(sentence)) = session.world().ended() {
        panic!("{name}: {sentence}");
    }
    session
}

/// A property at fault, as broken.txt has it: "Agreement @ 46: …", or "Validity stalled: …".
fn fault(property: &Property) -> Option<String> {
    match &property.status {
        Status::Violated { event, why } => Some(format!("{} @ {event}: {why}", property.name)),
        Status::Stalled { why } => Some(format!("{} stalled: {why}", property.name)),
        _ => None,
    }
}

/// A promise of progress that a schedule keeps from being kept, for as long as it goes on: chance may end it any time, so
/// the property is pending. Counts for variants whose card says so, together with the diagnosis.
fn put_off(property: &Property) -> Option<String> {
    match &property.status {
        Status::Pending { why } if property.liveness => Some(format!("{} pending: {why}", property.name)),
        _ => None,
    }
}

/// What a variant does: the property that its card names, then the others that fall with it.
struct Attack {
    info: &'static Info,
    variant: &'static Variant,
    title: String,
    named: String,
    others: Vec<String>,
    /// Why nothing moves at the end, where the engine has found out.
    diagnosis: Option<String>,
}

fn attacks() -> Vec<Attack> {
    let attack = |(info, variant): (&'static Info, &'static Variant)| {
        let scenario = scenario(info, variant);
        let title = scenario.title.clone();
        let session = run(scenario);
        let diagnosis = session.diagnosis().map(|diagnosis| format!("{}: {}", diagnosis.cause, diagnosis.why));
        let liveness = Name::of(variant.breaks).is_some_and(|name| name.liveness(info.shape));
        assert!(!liveness || diagnosis.is_some(), "{} {} stalls, and nobody knows why", info.id, variant.id);
        let properties = session.properties();
        let (named, others): (Vec<_>, Vec<_>) = properties.iter().partition(|property| property.name == variant.breaks);
        let named = named
            .iter()
            .find_map(|property| fault(property).or_else(|| put_off(property).filter(|_| liveness)))
            .unwrap_or_else(|| panic!("{} {} leaves {} intact", info.id, variant.id, variant.breaks));
        Attack {
            info,
            variant,
            title,
            named,
            others: others.iter().filter_map(|property| fault(property)).collect(),
            diagnosis,
        }
    };
    variants().map(attack).collect()
}

/// The pinned form: `protocol variant = property @ event: why`, and a line for each other property that falls.
fn pinned(attacks: &[Attack]) -> String {
    let mut text = String::new();
    for Attack { info, variant, named, others, diagnosis, .. } in attacks {
        writeln!(text, "{} {} = {named}", info.id, variant.id).unwrap();
        for other in others {
            writeln!(text, "    and {other}").unwrap();
        }
        if let Some(diagnosis) = diagnosis {
            writeln!(text, "    diagnosis: {diagnosis}").unwrap();
        }
    }
    text
}

const BUGS_HEAD: &str = "\
# Broken on purpose

Every protocol here can be run with one of its rules left out: `\"variant\"` in a scenario. Each variant differs from
the correct code by one condition, and each has a scenario that shows what the rule is for; with
`\"variant\": \"correct\"` the same steps do no harm. This file is written by `UPDATE=1 cargo test --test broken` from
the cards in `src/protocols/*/variant.rs` and from what the scenarios do.
";

/// docs/bugs.md.
fn document(attacks: &[Attack]) -> String {
    let mut text = BUGS_HEAD.to_owned();
    for (place, Attack { info, variant, title, named, others, diagnosis }) in attacks.iter().enumerate() {
        if place == 0 || attacks[place - 1].info.id != info.id {
            writeln!(text, "\n## {}", info.title).unwrap();
        }
        writeln!(text, "\n### {}. {} (`{}`)\n", variant.code, variant.title.words(), variant.id).unwrap();
        writeln!(text, "- Rule: {}", variant.rule.words()).unwrap();
        writeln!(text, "- Source: {}", variant.source.words()).unwrap();
        let file = format!("www/scenarios/bugs/{}-{}.json", info.id, variant.id);
        writeln!(text, "- Scenario: [{title}](../{file})").unwrap();
        writeln!(text, "- Breaks **{}**: {}", variant.breaks, outcome(named)).unwrap();
        for other in others {
            let name = other.split([':', '@']).next().unwrap_or_default().trim().trim_end_matches(" stalled");
            writeln!(text, "- With it falls {name}: {}", outcome(other)).unwrap();
        }
        if let Some((cause, why)) = diagnosis.as_ref().and_then(|diagnosis| diagnosis.split_once(": ")) {
            writeln!(text, "- Diagnosis, *{cause}*: {why}").unwrap();
        }
    }
    text
}

/// "n1 decided red where n2 had decided blue (event 46)".
fn outcome(fault: &str) -> String {
    let (what, why) = fault.split_once(": ").expect("a fault has a reason");
    match what.split_once(" @ ") {
        Some((_, event)) => format!("{why} (event {event})"),
        None if what.ends_with(" pending") => format!("pending. {why}"),
        None => format!("stalled. {why}"),
    }
}

/// Compares with a committed file, or writes it.
fn keep(path: &str, text: &str) {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "{path} is out of date; UPDATE=1 cargo test --test broken writes it anew");
}

#[test]
fn every_variant_breaks_the_property_that_its_card_names() {
    let attacks = attacks();
    keep("tests/testdata/broken.txt", &pinned(&attacks));
    keep("docs/bugs.md", &document(&attacks));
}

#[test]
fn the_same_steps_do_the_correct_protocol_no_harm() {
    for (info, variant) in variants() {
        let session = run(Scenario { variant: "correct", ..scenario(info, variant) });
        let faults: Vec<String> = session.properties().iter().filter_map(fault).collect();
        assert!(faults.is_empty(), "correct {} on the scenario of {}: {faults:?}", info.id, variant.id);
    }
}

#[test]
fn every_scenario_of_a_bug_belongs_to_a_variant_and_has_a_title_of_its_own() {
    let stems: Vec<String> = variants().map(|(info, variant)| format!("{}-{}", info.id, variant.id)).collect();
    let shipped: Vec<&str> = library::BUGS.iter().map(|bug| bug.stem).collect();
    assert_eq!(shipped, stems, "one scenario per variant, in the order of the registry");
    let titles: BTreeSet<String> = library::BUGS.iter().map(|bug| bug.scenario().unwrap().title).collect();
    assert_eq!(titles.len(), stems.len(), "two scenarios have one title");
    let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/www/scenarios/bugs"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut sorted = stems.clone();
    sorted.sort();
    assert_eq!(files, sorted);
}

/// The names of the properties at fault at the end; `None` when a step finds nothing to do.
fn faults(scenario: Scenario) -> Option<Vec<&'static str>> {
    let mut session = Session::new(scenario).ok()?;
    session.run();
    let at_fault = |property: &Property| fault(property).map(|_| property.name);
    match session.world().ended() {
        Some(Ended::Refused(_)) => None,
        _ => Some(session.properties().iter().filter_map(at_fault).collect()),
    }
}

/// Minimised: without any one step, less goes wrong, or the steps no longer make sense to both.
#[test]
fn no_step_of_a_bug_is_idle() {
    for (info, variant) in variants() {
        let whole = scenario(info, variant);
        let everything = faults(whole.clone());
        if everything.as_ref().is_some_and(Vec::is_empty) {
            continue; // A schedule that puts a decision off goes on for as long as one likes.
        }
        for left_out in 0..whole.script.len() {
            let mut shorter = whole.clone();
            shorter.script.remove(left_out);
            let same = faults(shorter.clone()) == everything
                && faults(Scenario { variant: "correct", ..shorter }) == Some(Vec::new());
            assert!(!same, "{} {}: script[{left_out}] may be left out", info.id, variant.id);
        }
    }
}

#[test]
fn every_promised_property_is_broken_by_a_variant() {
    let promised: BTreeSet<&str> = registry::ALL.iter().flat_map(|info| info.promises.iter().copied()).collect();
    let mut broken = BTreeSet::new();
    for (info, variant) in variants() {
        let properties = run(scenario(info, variant)).properties();
        let at_fault = properties.iter().filter(|property| fault(property).is_some());
        broken.extend(at_fault.map(|property| property.name));
    }
    let excused: BTreeSet<&str> = UNBROKEN.iter().map(|(name, _)| *name).collect();
    assert!(promised.iter().all(|name| Name::of(name).is_some()));
    let unbroken: BTreeSet<&str> = promised.difference(&broken).copied().collect();
    assert_eq!(unbroken, excused, "promised and broken by no variant, against those with a reason");
}
