//! The page's program made ready to be compressed.
//!
//! A compressor finds what is alike sooner where it stands close together. So functions that share much are put side
//! by side, as linkers do for telephones: the order says nothing to the program. What the program imports gets short
//! names, here and in the script beside it; they were long with a number of their own.

use crate::project::{Result, command, run};
use crate::wasm::{CODE, CUSTOM, FEATURES, IMPORT, Reader, functions, program, put, sections};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Arranges the program in `wasm` and the script beside it that loads it.
pub fn arrange(wasm: &Path) -> Result<()> {
    let stem = wasm.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix("_bg.wasm"));
    let script = &wasm.with_file_name(format!("{}.js", stem.ok_or("a program is called otherwise than it should be")?));
    let read = |path: &Path| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let program = read(wasm)?;
    let text = String::from_utf8(read(script)?).map_err(|_| "the page's script is not UTF-8")?;
    let (program, text) = arranged(&program, text).ok_or("the page's program is not WebAssembly as it should be")?;
    let named = wasm.with_extension("named");
    fs::write(&named, program).map_err(|error| error.to_string())?;
    let mut optimise = command("wasm-opt");
    optimise.args(FEATURES).args(["--reorder-functions-by-name", "--strip-debug", "--output"]).arg(wasm).arg(&named);
    run(&mut optimise)?;
    fs::remove_file(&named).map_err(|error| error.to_string())?;
    fs::write(script, text).map_err(|error| error.to_string())
}

/// The program with the names by which its functions are to be ordered, and the script.
fn arranged(wasm: &[u8], mut script: String) -> Option<(Vec<u8>, String)> {
    let (mut arranged, mut imported, mut names) = (Vec::new(), 0, Vec::new());
    for (id, body) in sections(wasm)? {
        let body = match id {
            CUSTOM => continue,
            IMPORT => imports(body, &mut script, &mut imported)?,
            CODE => {
                names = order(&functions(body)?);
                body.to_vec()
            }
            _ => body.to_vec(),
        };
        arranged.push((id, body));
    }
    arranged.push((CUSTOM, name_section(imported, &names)));
    Some((program(&arranged), script))
}

/// The section of imports with short names; counts the functions among them.
fn imports(section: &[u8], script: &mut String, functions: &mut usize) -> Option<Vec<u8>> {
    let mut reader = Reader(section);
    let count = reader.number()?;
    let mut short = Vec::new();
    put(&mut short, count);
    for number in 0..count {
        let module = reader.string()?;
        let name = std::str::from_utf8(reader.string()?).ok()?;
        let key = format!("        {name}: ");
        let name = match script.matches(&key).count() {
            1 => {
                let shorter = format!("${number}");
                *script = script.replacen(&key, &format!("        {shorter}: "), 1);
                shorter
            }
            // What the script gives by other means keeps its name.
            _ => name.to_owned(),
        };
        for text in [module, name.as_bytes()] {
            put(&mut short, text.len());
            short.extend(text);
        }
        // A function's type is one number; tables, memories and globals are not imported.
        if reader.take(1)? != [0] {
            return None;
        }
        short.push(0);
        put(&mut short, reader.number()?);
        *functions += 1;
    }
    Some(short)
}

/// The place of each function: each after the one that it has most in common with, weighed by how rare that is.
fn order(functions: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<Vec<&[u8]>> = functions
        .iter()
        .map(|code| {
            let mut pieces: Vec<&[u8]> = code.windows(4).collect();
            pieces.sort_unstable();
            pieces.dedup();
            pieces
        })
        .collect();
    let mut owners: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, pieces) in pieces.iter().enumerate() {
        pieces.iter().for_each(|piece| owners.entry(piece).or_default().push(function));
    }
    // What all have tells nothing.
    owners.retain(|_, owners| (2..300).contains(&owners.len()));
    let mut places = vec![usize::MAX; functions.len()];
    let mut common = vec![0.0; functions.len()];
    let (mut last, mut before) = ((0..functions.len()).max_by_key(|function| functions[*function].len()), None);
    for place in 0..functions.len() {
        let Some(function) = last.or_else(|| places.iter().position(|place| *place == usize::MAX)) else { break };
        places[function] = place;
        common.fill(0.0);
        for (neighbour, weight) in [(Some(function), 1.0), (before, 0.5)] {
            for piece in neighbour.map_or(&[][..], |neighbour| &pieces[neighbour]) {
                let owners = owners.get(piece).map_or(&[][..], Vec::as_slice);
                let rare = weight / (1.0 + owners.len() as f64).log2();
                owners.iter().for_each(|owner| common[*owner] += rare);
            }
        }
        before = last;
        let score = |function: usize| common[function] / (functions[function].len() as f64 + 20.0).sqrt();
        let free = (0..functions.len()).filter(|function| places[*function] == usize::MAX && common[*function] > 0.0);
        last = free.max_by(|a, b| score(*a).total_cmp(&score(*b)));
    }
    places
}

/// Names that sort as the functions shall stand, imported ones first.
fn name_section(imported: usize, places: &[usize]) -> Vec<u8> {
    let mut names = Vec::new();
    put(&mut names, imported + places.len());
    let all = (0..imported).map(|number| format!("a{number:05}"));
    for (number, name) in all.chain(places.iter().map(|place| format!("b{place:05}"))).enumerate() {
        put(&mut names, number);
        put(&mut names, name.len());
        names.extend(name.bytes());
    }
    let mut section = b"\x04name\x01".to_vec();
    put(&mut section, names.len());
    section.extend(names);
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_stand_side_by_side() {
        let codes = ["abcdefghij", "0123456789", "abcdefghiX", "012345678Y", "abcdefghZZ"];
        let places = order(&codes.map(str::as_bytes));
        assert_eq!(places[1].abs_diff(places[3]), 1);
        assert!(places[0].max(places[2]).max(places[4]) - places[0].min(places[2]).min(places[4]) == 2);
    }

    #[test]
    fn imports_get_short_names_where_the_script_gives_them() {
        let section = b"\x02\x01m\x05first\x00\x07\x01m\x05other\x00\x80\x01";
        let (mut script, mut count) = ("{\n        first: f(1),\n    other: 2 }".to_owned(), 0);
        let short = imports(section, &mut script, &mut count).unwrap();
        assert_eq!(short, b"\x02\x01m\x02$0\x00\x07\x01m\x05other\x00\x80\x01");
        assert_eq!((script.as_str(), count), ("{\n        $0: f(1),\n    other: 2 }", 2));
    }
}
