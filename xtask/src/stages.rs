//! Everything that must pass before a change is good, cheapest first.
//!
//! All Rust code is built in two profiles only: `dev` (optimised, with all assertions: the tests)
//! and `page`. Nothing is built twice.

use crate::page::{self, Optimise};
use crate::project::{self, Result, cargo, command, run};
use crate::tools::{self, Tool};
use std::time::{Duration, Instant};

const WASM: &str = "--target=wasm32-unknown-unknown";
const PAGE_PACKAGE: &str = "--package=consensus-playground";

struct Stage {
    name: &'static str,
    needs: &'static [Tool],
    run: fn() -> Result<()>,
}

const STAGES: &[Stage] = &[
    Stage { name: "format", needs: &[Tool::RustComponents], run: formatted },
    Stage {
        name: "clippy",
        needs: &[Tool::RustComponents],
        run: || {
            let what = ["clippy", "--workspace", "--all-targets", "--locked"];
            run(cargo(&what).args(["--", "-D", "warnings"]))
        },
    },
    Stage {
        name: "clippy-wasm",
        needs: &[Tool::RustComponents, Tool::WasmTarget],
        run: || {
            let what = ["clippy", PAGE_PACKAGE, WASM, "--lib", "--bins", "--tests"];
            run(cargo(&what).args(["--locked", "--", "-D", "warnings"]))?;
            let page = ["clippy", PAGE_PACKAGE, WASM, "--bin=app", "--features=page"];
            run(cargo(&page).args(["--locked", "--", "-D", "warnings"]))
        },
    },
    Stage { name: "native", needs: &[], run: || run(&mut cargo(&["test", "--workspace", "--locked"])) },
    Stage {
        name: "browser",
        needs: &[Tool::WasmTarget, Tool::WasmBindgen, Tool::WasmPack, Tool::Browser],
        run: in_browser,
    },
    Stage {
        name: "page",
        needs: Tool::FOR_PAGE,
        run: || page::build(Optimise::Yes).and_then(|()| page::hold_budget()),
    },
    Stage { name: "end-to-end", needs: &[Tool::Node, Tool::Browser, Tool::EndToEnd], run: end_to_end },
];

/// Runs the named stages in their order, or all of them; stops at the first that fails.
pub fn test(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| stage(name).is_none()) {
        let known: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        return Err(format!("there is no stage `{unknown}`, only {}", known.join(", ")));
    }
    let chosen: Vec<&Stage> =
        STAGES.iter().filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name)).collect();
    let needs: Vec<Tool> = chosen.iter().flat_map(|stage| stage.needs).copied().collect();
    tools::ensure(&needs)?;

    let mut summary = String::new();
    let beginning = Instant::now();
    for stage in chosen {
        println!("\n── {} ──", stage.name);
        let started = Instant::now();
        let outcome = (stage.run)();
        let time = seconds(started.elapsed());
        let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
        summary += &format!("{verdict}  {:<12} {time:>9}\n", stage.name);
        if let Err(sentence) = outcome {
            println!("\n{summary}");
            return Err(format!("stage `{}` failed: {sentence}", stage.name));
        }
    }
    println!("\n{summary}passed  all          {:>9}", seconds(beginning.elapsed()));
    Ok(())
}

fn stage(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.name == name)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The workspace, and the package that stays outside it to keep its dependencies out of ours.
fn formatted() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(cargo(&["fmt", "--check"]).current_dir(project::root().join("benches/peers")))
}

/// Components and engine in a real browser.
fn in_browser() -> Result<()> {
    run(command("wasm-pack")
        .args(["test", "--headless", "--chrome"])
        // All of them together: it ends what hangs, and nothing that is only slow.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "1200")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "120")
        // The page is not cross-origin isolated on a static host: neither are its tests.
        .env("WASM_BINDGEN_TEST_NO_ORIGIN_ISOLATION", "1"))
}

/// The built page, driven as a person would.
fn end_to_end() -> Result<()> {
    let folder = project::end_to_end();
    let files = std::fs::read_dir(&folder).map_err(|error| format!("tests/e2e: {error}"))?;
    let mut tests: Vec<_> =
        files.flatten().map(|file| file.path()).filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    tests.sort();
    // With the features that the native tests have: where those ran, there is nothing left to build.
    run(&mut cargo(&["build", "--workspace", "--locked", "--bin=headless", "--test=house"]))?;
    let xtask = std::env::current_exe().map_err(|error| format!("where is xtask? {error}"))?;
    let mut node = command("node");
    node.env("HEADLESS", xtask.with_file_name(format!("headless{}", std::env::consts::EXE_SUFFIX)));
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    // Node takes it for a whole file. It ends what hangs, and nothing that is only slow.
    run(node.arg("--test-timeout=1800000").args(tests))
}
