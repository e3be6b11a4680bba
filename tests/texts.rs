//! The file of texts that the page loads beside its program.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::protocols::registry;
use consensus_playground::text::key;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The texts in the sources of `folder`: the literals of `text!`, by their keys.
fn gather(folder: &Path, texts: &mut BTreeMap<u32, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, texts);
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a source");
        for rest in source.split("text!(").skip(1) {
            let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
            let words = literal(rest);
            let known = texts.entry(key(&words)).or_insert_with(|| words.clone());
            assert_eq!(*known, words, "two texts with one key: say one of them otherwise");
        }
    }
}

/// The string whose literal stands at the start of `source`, behind its quote.
fn literal(source: &str) -> String {
    let (mut words, mut chars) = (String::new(), source.chars().peekable());
    loop {
        match chars.next().expect("the literal's end") {
            '"' => return words,
            '\\' => match chars.next() {
                Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                Some(c @ ('"' | '\\')) => words.push(c),
                other => panic!("an escape that no text needs: {other:?} behind {words}"),
            },
            c => words.push(c),
        }
    }
}

/// `UPDATE=1 cargo test --test texts` writes it.
#[test]
fn the_page_has_the_words_of_every_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = BTreeMap::new();
    gather(&root.join("src"), &mut texts);
    let mut lines = String::new();
    for (key, words) in &texts {
        assert!(!words.contains(['\t', '\n']), "{words}");
        writeln!(lines, "{key}\t{words}").unwrap();
    }
    let path = root.join("www/texts.tsv");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &lines).expect("www/texts.tsv");
    }
    assert!(lines == std::fs::read_to_string(path).expect("a file"), "`UPDATE=1 cargo test --test texts` writes it");
    // What is gathered is what the program looks for.
    for info in registry::ALL {
        let settings = info.settings.iter().map(|setting| setting.about);
        let variants = info.variants.iter().flat_map(|variant| [variant.title, variant.rule, variant.source]);
        for text in variants.chain(settings).chain([info.about]) {
            assert_eq!(texts.get(&key(text.words())).map(String::as_str), Some(text.words()));
        }
    }
}
