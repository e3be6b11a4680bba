//! Building the page, and its size.

use crate::project::{self, Result, command, output, run};
use crate::{arrange, panics};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// The most that the program may weigh on the wire. Each consensus protocol weighs about 13 kB, Yew 30.
const BROTLI_BUDGET: usize = 300_000;

/// The checker's program; loaded when somebody checks something.
const CHECKER: &str = "worker_bg.wasm";

/// What the page is made of, for `--watch`.
const SOURCES: &[&str] = &["src", "www", "index.html", "Trunk.toml", "Cargo.toml"];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Optimise {
    Yes,
    /// The profile `release` instead of `page` and no wasm-opt: sooner there, larger and slower.
    No,
}

/// Builds the page into `dist/`.
pub fn build(optimise: Optimise) -> Result<()> {
    let mut trunk = command("trunk");
    trunk.arg("build").arg(match optimise {
        Optimise::Yes => "--release",
        Optimise::No => "--cargo-profile=release",
    });
    // Trunk takes this widespread variable for an option of its own and refuses its value.
    run(trunk.env_remove("NO_COLOR"))?;
    match optimise {
        Optimise::Yes => programs()?.iter().try_for_each(|program| {
            if !program.ends_with(CHECKER) {
                panics::drop_messages(program)?;
            }
            arrange::arrange(program)
        }),
        Optimise::No => Ok(()),
    }
}

/// Builds the page again whenever one of its sources has changed.
pub fn rebuild_on_change(optimise: Optimise) {
    let mut built = newest_source();
    loop {
        sleep(Duration::from_millis(500));
        let changed = newest_source();
        if changed > built {
            built = changed;
            match build(optimise) {
                Ok(()) => println!("Built again; reload the page."),
                Err(sentence) => eprintln!("xtask: {sentence}"),
            }
        }
    }
}

fn newest_source() -> Option<SystemTime> {
    fn newest(path: &Path) -> Option<SystemTime> {
        if !path.is_dir() {
            return fs::metadata(path).ok()?.modified().ok();
        }
        let entries = fs::read_dir(path).ok()?.flatten();
        entries.filter_map(|entry| newest(&entry.path())).max()
    }
    SOURCES.iter().filter_map(|source| newest(&project::root().join(source))).max()
}

/// Prints what the program weighs, raw and as hosts send it; returns the brotli size.
pub fn print_size() -> Result<usize> {
    const MEASURE: &str = "
        const { gzipSync, brotliCompressSync } = require('node:zlib');
        const raw = require('node:fs').readFileSync(process.argv[1]);
        const sizes = [raw, gzipSync(raw, { level: 9 }), brotliCompressSync(raw)];
        console.log(sizes.map((bytes) => bytes.length).join(' '));";
    let program = programs()?.into_iter().find(|path| !path.ends_with(CHECKER)).ok_or("dist/ holds no wasm")?;
    let sizes = output(command("node").args(["-e", MEASURE]).arg(&program))
        .ok_or("node could not measure the size of the page's program")?;
    let sizes: Vec<usize> = sizes.split(' ').filter_map(|size| size.parse().ok()).collect();
    let [raw, gzip, brotli] = sizes[..] else {
        return Err("node did not print three sizes".into());
    };
    let kilo = |bytes: usize| bytes as f64 / 1000.0;
    println!(
        "wasm: {:.1} kB raw, {:.1} kB gzip, {:.1} kB brotli (budget {:.0} kB brotli)",
        kilo(raw),
        kilo(gzip),
        kilo(brotli),
        kilo(BROTLI_BUDGET)
    );
    Ok(brotli)
}

/// Fails when the program is heavier than its budget.
pub fn hold_budget() -> Result<()> {
    let brotli = print_size()?;
    if brotli > BROTLI_BUDGET {
        return Err(format!(
            "the page's program has {brotli} bytes in brotli, {} more than its budget",
            brotli - BROTLI_BUDGET
        ));
    }
    Ok(())
}

/// The programs in `dist/`.
fn programs() -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(project::dist()).map_err(|error| format!("dist/: {error}"))?;
    Ok(files
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "wasm"))
        .collect())
}
