//! Who may know whom: the rooms of the house import only from those below them (see `src/lib.rs`).
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Beside the ground floor: they know nobody, and everybody may use them.
const CONTAINERS: &[&str] = &["growing", "sorted", "sorting", "text"];

/// Each room with all that it may import from the crate.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("growing", &[]),
    ("sorted", &[]),
    ("sorting", &[]),
    ("text", &[]),
    ("protocol", &[]),
    ("protocols", &["protocol"]),
    ("properties", &["protocol"]),
    ("scenario", &["protocol", "protocols"]),
    ("sim", &["protocol", "protocols", "properties", "scenario"]),
    ("diagnosis", &["protocol", "scenario", "sim"]),
    ("catalogue", &["protocol", "protocols"]),
    ("report", &["protocol", "properties", "scenario", "sim", "diagnosis"]),
    ("check", &["protocol", "protocols", "properties", "scenario", "sim"]),
    ("swarm", &["protocol", "properties", "scenario", "sim"]),
    ("session", &["protocol", "properties", "scenario", "sim", "check", "diagnosis", "report"]),
    ("storm", &["protocol", "protocols", "scenario", "sim", "report", "session"]),
    ("js", &["properties", "scenario", "sim", "catalogue", "session"]),
    ("ui", &["protocol", "protocols", "properties", "scenario", "sim", "diagnosis", "report", "session"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The names that follow `crate::` in the code of `text`, comments aside.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    let named = code.split("crate::").skip(1);
    named.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("a source");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn rooms_know_only_what_is_below_them() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut checked = 0;
    for file in files {
        let room = room_of(&file);
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == room) else { continue };
        for import in imports(&std::fs::read_to_string(&file).expect("a source")) {
            let fine = import == room || CONTAINERS.contains(&import.as_str()) || allowed.contains(&import.as_str());
            assert!(fine, "{}: {room} must not know {import}", file.display());
        }
        checked += 1;
    }
    assert!(checked > 40, "only {checked} files were looked at");
}

#[test]
fn no_protocol_knows_another() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/protocols");
    let names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the protocols")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("mod.rs").exists())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    // What several protocols are built from is no protocol: it has no card in the registry.
    let protocols: Vec<&String> = names
        .iter()
        .filter(|name| {
            let id = name.replace('_', "-");
            consensus_playground::protocols::registry::info(&id).is_some()
        })
        .collect();
    assert_eq!(protocols.len(), consensus_playground::protocols::registry::ALL.len());
    for name in &protocols {
        let mut files = Vec::new();
        sources(&folder.join(name), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source");
            for other in protocols.iter().filter(|other| other != &name) {
                assert!(!text.contains(&format!("protocols::{other}")), "{} knows {other}", file.display());
                assert!(!text.contains(&format!("super::super::{other}")), "{} knows {other}", file.display());
            }
        }
    }
}
