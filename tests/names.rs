//! `docs/names.md` names every protocol, message and timer that there is; `docs/deviations.md` names tests that exist.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::protocol::{Info, Message, Protocol, Timer};
use consensus_playground::protocols::registry::{self, Visitor};

/// The words of one protocol, as they stand in its row.
struct Words;

impl Visitor for Words {
    type Output = (Vec<&'static str>, Vec<&'static str>);

    fn visit<P: Protocol>(self) -> Self::Output {
        let messages = P::Message::KINDS.iter().map(|kind| kind.name).collect();
        (messages, P::Timer::ALL.iter().map(|timer| timer.name()).collect())
    }
}

fn row(info: &Info) -> String {
    let (messages, timers) = registry::visit(info.id, Words).expect("registered");
    let word = |word: &'static str| if word.is_empty() { "–" } else { word };
    let code = |words: Vec<&str>| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let (epoch, position, leader) = (word(info.epoch_word), word(info.position_word), word(info.leader_word));
    let id = info.id;
    format!("| `{id}` | {epoch} | {position} | {leader} | {} | {} |", code(messages), code(timers))
}

#[test]
fn the_table_of_names_is_the_registry() {
    let file = include_str!("../docs/names.md");
    let rows: Vec<&str> = file.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = registry::ALL.iter().map(|info| row(info)).collect();
    assert_eq!(rows, expected, "docs/names.md must have exactly these rows:\n{}", expected.join("\n"));
}

/// The source of every test under `folder`.
fn sources(folder: &std::path::Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&std::fs::read_to_string(&path).expect("text"));
        }
    }
}

/// The last column of each table of deviations: names of tests.
#[test]
fn every_deviation_is_pinned_by_a_test() {
    let mut tests = String::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut tests);
    let file = include_str!("../docs/deviations.md");
    let mut rows = 0;
    for line in file.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| #")) {
        let pinned = line.trim_end_matches(" |").rsplit(" | ").next().expect("a last column");
        for name in pinned.split(", ").map(|name| name.trim_matches('`')) {
            assert!(tests.contains(&format!("fn {name}()")), "no test is called {name}: {line}");
        }
        rows += 1;
    }
    assert!(rows >= 10, "{rows}");
}
