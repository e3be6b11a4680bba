//! Transcripts: commands and the engine's answers, as text that is read and reviewed like prose. The files are
//! `tests/testdata/<protocol>/*.txt`; `UPDATE=1 cargo test --test transcripts` writes the answers anew.
//!
//! A file begins with a scenario (JSON, without script and stop) and a blank line. A line `> …` is a command, `# …` a
//! remark; everything else is the engine's. Commands are the script's verbs, their fields in order or by name:
//!
//! ```text
//! > propose 0 red          > crash 1                > partition 0,1 2,3,4
//! > deliver kind=Prepare from=0 count=all           > fire 1 Retry
//! > run 300                (ms, where messages travel by themselves)
//! > show [node]   > log   > delivered   > leaders   > flights   > properties   > stalled
//! ```
#![cfg(not(target_arch = "wasm32"))]

#[path = "transcripts/engine.rs"]
mod engine;
#[path = "transcripts/look.rs"]
mod look;

use engine::Engine;
use std::path::{Path, PathBuf};

/// The text as it should be: the same commands with the answers that the engine gives now.
fn replay(text: &str) -> String {
    let (header, commands) = text.split_once("\n\n").expect("a scenario, a blank line, commands");
    let mut engine = Engine::new(header);
    let mut output = format!("{header}\n");
    for line in commands.lines() {
        if line.starts_with('#') {
            // A remark stands by the command that follows it.
            let apart = if output.lines().last().is_some_and(|last| last.starts_with('#')) { "" } else { "\n" };
            output += &format!("{apart}{line}\n");
        } else if let Some(command) = line.strip_prefix("> ") {
            let apart = if output.lines().last().is_some_and(|last| last.starts_with('#')) { "" } else { "\n" };
            output += &format!("{apart}> {command}\n{}", engine.answer(command));
        }
    }
    output
}

fn transcripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(transcripts(&path));
        } else if path.extension().is_some_and(|extension| extension == "txt") && path.parent() != Some(&root()) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata")
}

#[test]
fn the_engine_answers_as_written() {
    let files = transcripts(&root());
    assert!(files.len() >= 15, "only {} transcripts", files.len());
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for path in files {
        let written = std::fs::read_to_string(&path).unwrap();
        let answered = replay(&written);
        if written == answered {
            continue;
        }
        if update {
            std::fs::write(&path, answered).unwrap();
            continue;
        }
        let (line, (was, is)) =
            written.lines().zip(answered.lines()).enumerate().find(|(_, (was, is))| was != is).unwrap_or_default();
        stale.push(format!("{}, line {}:\n  written:  {was}\n  answered: {is}", path.display(), line + 1));
    }
    assert!(stale.is_empty(), "UPDATE=1 cargo test --test transcripts writes these anew:\n{}", stale.join("\n"));
}

#[test]
fn a_command_that_cannot_be_done_is_answered_by_a_sentence_and_changes_nothing() {
    let header = "{\"version\": 1, \"title\": \"t\", \"protocol\": \"paxos\", \"nodes\": 3, \"seed\": 1,\n \
                  \"network\": {\"model\": \"asynchronous\", \"scheduler\": \"manual\"}}";
    let mut engine = Engine::new(header);
    assert_eq!(engine.answer("deliver kind=Accept"), "refused: deliver: no message in flight of kind Accept\n");
    assert_eq!(engine.answer("propose 3 x"), "refused: node: expected a node from 0 to 2, found 3\n");
    assert_eq!(engine.answer("fly 0"), "refused: no such command\n");
    let proposed = engine.answer("propose 0 x");
    assert!(proposed.starts_with("a client asks n0\n"), "{proposed}");
    assert!(engine.answer("deliver kind=Prepare to=1").contains("n1 receives Prepare from n0"));
}
