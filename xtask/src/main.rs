//! The project's tasks: `cargo xtask <task>`. The only place that knows tools.
//!
//! * [`project`]: where things are, and how a command is run;
//! * [`tools`]: what the tasks need, whether it is there, how it is installed;
//! * [`page`]: building the page, and its size;
//! * [`panics`], [`arrange`]: the page's program made small, and ready to be compressed;
//! * [`wasm`]: what these two know of its format;
//! * [`serve`]: a small web server for the built page;
//! * [`stages`]: everything that must pass before a change is good.
#![allow(clippy::disallowed_types, reason = "tasks run on the real clock; the ban is for the engine")]

mod arrange;
mod page;
mod panics;
mod project;
mod serve;
mod stages;
mod tools;
mod wasm;

use page::Optimise;
use project::{Result, node_script, run};
use std::process::ExitCode;
use tools::Tool;

const HELP: &str = "\
Usage: cargo xtask <task>

  serve [--port 8080] [--no-opt] [--watch]
                  build the release page and serve it at http://127.0.0.1:8080/
  build [--no-opt]
                  build the release page into dist/, ready for any static host
  test [stage…]   run all stages, or the named ones: format, clippy, clippy-wasm, native,
                  browser, page, end-to-end
  bench           measure the engine beside its peers, and the page
  lighthouse [--no-build]
                  Lighthouse's scores of the release page, or of the one in dist/
  screenshots     take the screenshots of the page
  deny            check licences and advisories of all dependencies
  tools           install everything that these tasks need

Missing tools are installed into .tools/ (or $PLAYGROUND_TOOLS); what is already there in the
right version is used.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((task, rest)) = arguments.split_first() else {
        println!("{HELP}");
        return Err("which task?".into());
    };
    match task.as_str() {
        "serve" => serve(rest),
        "build" => build(rest),
        "test" => stages::test(rest),
        "bench" => none(rest).and_then(|()| bench()),
        "lighthouse" => lighthouse(rest),
        "screenshots" => none(rest).and_then(|()| screenshots()),
        "deny" => none(rest).and_then(|()| deny()),
        "tools" => none(rest).and_then(|()| tools::ensure(Tool::ALL)),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        unknown => {
            println!("{HELP}");
            Err(format!("there is no task `{unknown}`"))
        }
    }
}

fn serve(arguments: &[String]) -> Result<()> {
    let (mut port, mut optimise, mut watch) = (8080, Optimise::Yes, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (flag, attached) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (argument.as_str(), None),
        };
        match (flag, attached) {
            ("--port", value) => {
                let value = value.or_else(|| rest.next().map(String::as_str));
                port = value.and_then(|digits| digits.parse().ok()).ok_or("--port expects a number from 0 to 65535")?;
            }
            ("--no-opt", None) => optimise = Optimise::No,
            ("--watch", None) => watch = true,
            _ => {
                return Err(format!("serve knows --port, --no-opt and --watch, not `{argument}`"));
            }
        }
    }
    // The port first: nobody should wait for a build to learn that it is taken.
    let listener = serve::bind(port)?;
    tools::ensure(Tool::FOR_PAGE)?;
    page::build(optimise)?;
    serve::announce(&listener)?;
    if watch {
        std::thread::spawn(move || page::rebuild_on_change(optimise));
    }
    serve::serve(&listener, &project::dist())
}

fn build(arguments: &[String]) -> Result<()> {
    let optimise = match arguments {
        [] => Optimise::Yes,
        [flag] if flag == "--no-opt" => Optimise::No,
        _ => return Err("build knows --no-opt and nothing else".into()),
    };
    tools::ensure(Tool::FOR_PAGE)?;
    page::build(optimise)?;
    page::print_size().map(|_| ())
}

fn bench() -> Result<()> {
    run(project::cargo(&["run", "--release"]).current_dir(project::root().join("benches/peers")))?;
    run(&mut project::cargo(&["bench", "--bench", "engine"]))?;
    tools::ensure(Tool::FOR_END_TO_END)?;
    page::build(Optimise::Yes)?;
    run(&mut node_script(&project::end_to_end().join("bench.mjs")))?;
    run(&mut node_script(&project::end_to_end().join("throughput.mjs")))
}

fn lighthouse(arguments: &[String]) -> Result<()> {
    let fresh = match arguments {
        [] => true,
        [flag] if flag == "--no-build" => false,
        _ => return Err("lighthouse knows --no-build and nothing else".into()),
    };
    tools::ensure(&[Tool::Node, Tool::Browser, Tool::EndToEnd, Tool::Lighthouse])?;
    if fresh {
        tools::ensure(Tool::FOR_PAGE)?;
        page::build(Optimise::Yes)?;
    }
    run(&mut node_script(&project::end_to_end().join("lighthouse.mjs")))
}

fn screenshots() -> Result<()> {
    tools::ensure(Tool::FOR_END_TO_END)?;
    page::build(Optimise::Yes)?;
    run(&mut node_script(&project::end_to_end().join("screenshots.mjs")))
}

fn deny() -> Result<()> {
    tools::ensure(&[Tool::CargoDeny])?;
    run(&mut project::cargo(&["deny", "check"]))
}

fn none(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => Ok(()),
        [first, ..] => Err(format!("this task takes no arguments, not `{first}`")),
    }
}
