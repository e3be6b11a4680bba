//! In the page's program a panic is a trap: the program stops, and `www/boot.js` shows the panel that says so.
//!
//! A panic's message and the place in the source are words that the engine carries to every reader for the one who
//! may need them; the link on the panel replays the run where both are told: `headless run`. So the functions that
//! panic lose their bodies, their callers what they would have handed over, and the places in the source go.

use crate::project::{Result, command, run};
use crate::wasm::{CODE, CUSTOM, DATA, FEATURES, IMPORT, Reader, functions, program, put, sections};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// What the functions are called that panic, hashes aside. They return never.
const PANICS: &[&str] = &[
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_index_fail",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "core::cell::panic_already",
    "::assert_failed",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "std::thread::local::panic_access_error",
    "wasm_bindgen::__rt::borrow_fail",
];

/// A body without locals that traps: `unreachable`, `end`.
const TRAP: &[u8] = &[0, 0x00, 0x0b];

/// Makes a trap of every panic in the program in `wasm`, which must have the names of its functions.
pub fn drop_messages(wasm: &Path) -> Result<()> {
    let read = || fs::read(wasm).map_err(|error| format!("{}: {error}", wasm.display()));
    let write = |bytes| fs::write(wasm, bytes).map_err(|error| error.to_string());
    let (trapping, dropped) = trapping(&read()?).ok_or("the page's program is not WebAssembly as it should be")?;
    if dropped < PANICS.len() {
        return Err(format!("only {dropped} functions of the page's program are known to panic: are names lost?"));
    }
    write(trapping)?;
    let mut optimise = command("wasm-opt");
    optimise.args(FEATURES).args(["--low-memory-unused", "-Oz", "--output"]).arg(wasm).arg(wasm);
    run(&mut optimise)?;
    write(without_places(&read()?).ok_or("the page's data are not as they should be")?)
}

/// The program with traps, and how many functions have become one.
fn trapping(wasm: &[u8]) -> Option<(Vec<u8>, usize)> {
    let sections = sections(wasm)?;
    let find = |id: u8| sections.iter().filter(move |(section, _)| *section == id).map(|(_, body)| *body);
    // A program imports functions only.
    let imported = find(IMPORT).next().map_or(Some(0), |body| Reader(body).number())?;
    let named = find(CUSTOM).find_map(|body| body.strip_prefix(b"\x04name"))?;
    let panicking = panicking(named, imported)?;
    let traps = panicking.iter().filter(|panics| **panics).count();
    let body = |(id, body): &(u8, &[u8])| {
        let mut code = Vec::new();
        if *id != CODE {
            return Some((*id, body.to_vec()));
        }
        let bodies = functions(body)?;
        put(&mut code, bodies.len());
        for (function, body) in bodies.into_iter().enumerate() {
            let body = if panicking.get(function) == Some(&true) { TRAP } else { body };
            put(&mut code, body.len());
            code.extend(body);
        }
        Some((CODE, code))
    };
    let kept = sections.iter().filter(|(id, _)| *id != CUSTOM).map(body).collect::<Option<Vec<_>>>()?;
    Some((program(&kept), traps))
}

/// By function that is not imported, whether its name is that of one that panics.
fn panicking(names: &[u8], imported: usize) -> Option<Vec<bool>> {
    let mut reader = Reader(names);
    loop {
        let (kind, length) = (reader.take(1)?[0], reader.number()?);
        let mut names = Reader(reader.take(length)?);
        if kind != 1 {
            continue;
        }
        let mut panicking = Vec::new();
        for _ in 0..names.number()? {
            let (function, name) = (names.number()?, String::from_utf8_lossy(names.string()?));
            let name: String =
                name.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect();
            let Some(place) = function.checked_sub(imported) else { continue };
            panicking.resize(panicking.len().max(place + 1), false);
            panicking[place] = PANICS.iter().any(|panics| name.contains(panics));
        }
        return Some(panicking);
    }
}

/// The program with zeros for every place in the source: the address and the length of a file's name, line and column;
/// and for the names.
fn without_places(wasm: &[u8]) -> Option<Vec<u8>> {
    let blank = |(id, body): (u8, &[u8])| {
        let mut body = body.to_vec();
        if id == DATA {
            let pieces = pieces(&body)?;
            let known = body.clone();
            for (address, start, length) in &pieces {
                let first = start + address.wrapping_neg() % 4;
                for at in (first..(start + length).saturating_sub(15)).step_by(4) {
                    let word =
                        |i: usize| known[at + 4 * i..].first_chunk().map(|word| u32::from_le_bytes(*word) as usize);
                    let (name, length, line, column) = (word(0)?, word(1)?, word(2)?, word(3)?);
                    let sized = (4..200).contains(&length) && (1..50_000).contains(&line) && (1..500).contains(&column);
                    let file = if sized { text(&known, &pieces, name, length) } else { None };
                    if let Some(file) = file.filter(|file| known[file.clone()].ends_with(b".rs")) {
                        body[at..at + 16].fill(0);
                        body[file].fill(0);
                    }
                }
            }
        }
        Some((id, body))
    };
    Some(program(&sections(wasm)?.into_iter().map(blank).collect::<Option<Vec<_>>>()?))
}

/// The pieces of the data: their address, and where they are in the section.
fn pieces(section: &[u8]) -> Option<Vec<(usize, usize, usize)>> {
    let mut reader = Reader(section);
    (0..reader.number()?)
        .map(|_| {
            // An active piece at a constant, `i32.const … end`.
            let (0, [0x41]) = (reader.number()?, reader.take(1)?) else { return None };
            let address = reader.number()?;
            let ([0x0b], length) = (reader.take(1)?, reader.number()?) else { return None };
            let start = section.len() - reader.0.len();
            reader.take(length).map(|_| (address, start, length))
        })
        .collect()
}

/// Where the bytes at an address are in the section.
fn text(data: &[u8], pieces: &[(usize, usize, usize)], address: usize, length: usize) -> Option<Range<usize>> {
    let piece = pieces.iter().find(|(start, _, size)| (*start..start + size).contains(&address))?;
    let (start, end) = (piece.1 + address - piece.0, piece.1 + address - piece.0 + length);
    (end <= piece.1 + piece.2 && end <= data.len()).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two functions, of which the second panics, and a place in the source behind its file's name.
    fn sample() -> Vec<u8> {
        let mut data = b"src/lib.rs\0\0".to_vec();
        [1024u32, 10, 7, 9].iter().for_each(|word| data.extend(word.to_le_bytes()));
        let mut section = b"\x01\0\x41\x80\x08\x0b".to_vec();
        put(&mut section, data.len());
        section.extend(data);
        let names = b"\x04name\x01\x30\x02\0\x07one::it\x01\x24core[0123456789abcdef]::panicking::p".to_vec();
        program(&[(CODE, b"\x02\x04\0\x01\x01\x0b\x04\0\x01\x01\x0b".to_vec()), (DATA, section), (CUSTOM, names)])
    }

    #[test]
    fn who_panics_traps_and_nobody_else() {
        let (trapping, traps) = trapping(&sample()).unwrap();
        assert_eq!(traps, 1);
        let sections = sections(&trapping).unwrap();
        assert_eq!(sections[0].1, b"\x02\x04\0\x01\x01\x0b\x03\0\0\x0b");
        assert_eq!(sections.len(), 2, "names are dropped");
    }

    #[test]
    fn places_are_blank_and_nothing_else() {
        let (before, after) = (sample(), without_places(&sample()).unwrap());
        let changed: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
        assert_eq!(before.len(), after.len());
        assert_eq!(changed.len(), 10 + 4, "a name; a byte each of an address, a length, a line and a column");
    }
}
