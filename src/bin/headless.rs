//! The engine without a browser: teachers grade with it, CI runs on it. See `headless --help`.

use consensus_playground::check::cluster::bounds::UNCOUNTED;
use consensus_playground::check::cluster::{self, Goal, Origin, Question, Reductions, start};
use consensus_playground::check::{Bounds, Order};
use consensus_playground::check::{answer, asked};
use consensus_playground::properties::{Name, linearizable};
use consensus_playground::protocol::{MAX_NODES, NodeId, NodeSet};
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Recording, Scenario, bounds, link};
use consensus_playground::session::Session;
use consensus_playground::sim::Ended;
use consensus_playground::{catalogue, report, storm, swarm};
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
headless run FILE|LINK             run a scenario, or a link up to its cursor; print the report
headless link FILE                 print the link of a scenario
headless explain FILE|LINK --event N   print the causal past of event N
headless check FILE|LINK [--at EVENT] [--crashes K] [--crashes-at NODES] [--lost-disks N] [--restarts]
               [--timeouts N | TIMER=N | TIMER@NODE=N] [--epochs N] [--commands N] [--clients-stay] [--retries N]
               [--goal GOAL]... [--max-states N] [--max-depth N] [--max-mb N] [--property NAME] [--threads N] [--dfs] [--json] [--out FILE]
               [--no-REDUCTION]
                                   every run from the scenario's start, or from where EVENT events of the run have
                                   happened, within the bounds; reductions are set,
                                   own-messages, fused-restarts, idle-timeouts, learners, silent-crashes, timer-order,
                                   symmetry, latest, normal
headless swarm --protocol P [--variant V] [--runs N] [--seed S]
                                   random scenarios over all models and faults; print those that fail
headless storm FILE [--protocols A,B,C]
                                   run it on each replicated protocol; print one table in Markdown
headless history FILE|LINK         print what its clients asked for and got, as JSON lines
headless linearize FILE            judge a history (JSON lines)
headless list                      protocols, variants, properties, kinds, settings as JSON

Exit: 0 fine, 2 bad input (one line on standard error), 3 a promised property is violated.";

const COMMANDS: &str = "run, check, link, explain, swarm, storm, history, linearize and list";

/// Bytes of a history that are read at most: a million operations of the usual length fit.
const HISTORY_BYTES: usize = 128 << 20;

/// Bad input: one sentence.
struct Bad(String);

impl From<lexopt::Error> for Bad {
    fn from(error: lexopt::Error) -> Self {
        Bad(error.to_string())
    }
}

impl From<String> for Bad {
    fn from(sentence: String) -> Self {
        Bad(sentence)
    }
}

fn main() -> ExitCode {
    match command() {
        Ok(code) => code,
        Err(Bad(sentence)) => {
            eprintln!("{}", sentence.replace('\n', " "));
            ExitCode::from(2)
        }
    }
}

fn command() -> Result<ExitCode, Bad> {
    let mut parser = lexopt::Parser::from_env();
    let name = match parser.next()? {
        Some(Value(name)) => name.string()?,
        Some(Long("help") | Short('h')) | None => {
            print(HELP);
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    match name.as_str() {
        "run" => run(&mut parser),
        "check" => check(&mut parser),
        "link" => make_link(&mut parser),
        "explain" => explain(&mut parser),
        "swarm" => run_swarm(&mut parser),
        "storm" => run_storm(&mut parser),
        "history" => {
            print(report::history(open(&one(&mut parser)?)?.world()).trim_end());
            Ok(ExitCode::SUCCESS)
        }
        "linearize" => linearize(&mut parser),
        "list" => {
            none(&mut parser)?;
            print(&catalogue::json());
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(Bad(format!("{name}: no such command; there are {COMMANDS}"))),
    }
}

/// Prints a line; a reader that went away is no error.
fn print(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn none(parser: &mut lexopt::Parser) -> Result<(), Bad> {
    match parser.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn one(parser: &mut lexopt::Parser) -> Result<String, Bad> {
    let value = match parser.next()? {
        Some(Value(value)) => value.string()?,
        Some(other) => return Err(other.unexpected().into()),
        None => return Err(Bad("expected a file".to_owned())),
    };
    none(parser)?;
    Ok(value)
}

fn read(path: &str, most: usize) -> Result<Vec<u8>, Bad> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| Bad(format!("{path}: {error}")))?;
    let mut bytes = Vec::new();
    // One byte more than allowed is enough to know, and keeps an endless file from filling the memory.
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| Bad(format!("{path}: {error}")))?;
    if bytes.len() > most {
        return Err(Bad(format!("{path}: larger than {most} bytes")));
    }
    Ok(bytes)
}

/// A recording from a link, or from a scenario file.
fn recording(source: &str) -> Result<Recording, Bad> {
    if source.contains("#v") && !std::path::Path::new(source).exists() {
        let (recording, notice) = link::decode(source)?;
        if let Some(notice) = notice {
            eprintln!("{notice}");
        }
        return Ok(recording);
    }
    Ok(Recording::new(Scenario::from_json(read(source, bounds::FILE_BYTES)?)?))
}

fn open(source: &str) -> Result<Session, Bad> {
    let session = Session::driven(recording(source)?)?;
    match session.world().ended() {
        Some(Ended::Refused(sentence)) => Err(Bad(sentence.clone())),
        _ => Ok(session),
    }
}

fn run(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let session = open(&one(parser)?)?;
    let report = session.report();
    print(&report.json());
    Ok(if report.violated() { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn check(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let (mut source, mut out, mut json, mut at) = (None, None, false, None);
    let (mut question, mut order) = (Question::default(), Order::Breadth);
    let mut bounds = Bounds { bytes: 3 << 30, ..Bounds::NONE };
    let mut threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut timeouts, mut goals): (Vec<String>, Vec<String>) = Default::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("crashes") => question.bounds.crashes = number(parser, "crashes", 0, 255)? as u8,
            Long("crashes-at") => {
                let nodes = parser.value()?.string()?;
                let node = |text: &str| text.parse().ok().filter(|node| usize::from(*node) < MAX_NODES).map(NodeId);
                let nodes: Option<NodeSet> = nodes.split(',').map(node).collect();
                question.bounds.crashes_at =
                    Some(nodes.ok_or_else(|| "--crashes-at: expected nodes, as 0,2".to_owned())?);
            }
            Long("lost-disks") => question.bounds.lost_disks = number(parser, "lost-disks", 0, 15)? as u8,
            Long("restarts") => question.bounds.restarts = true,
            Long("retries") => question.bounds.retries = number(parser, "retries", 0, 15)? as u8,
            Long("clients-stay") => question.bounds.clients_stay = true,
            Long("timeouts") => timeouts.push(parser.value()?.string()?),
            Long("epochs") => question.bounds.epochs = Some(number(parser, "epochs", 0, u64::MAX)?),
            Long("commands") => question.bounds.commands = number(parser, "commands", 0, 255)? as u8,
            Long("max-states") => bounds.states = number(parser, "max-states", 0, u64::MAX)?,
            Long("max-depth") => bounds.depth = number(parser, "max-depth", 0, u32::MAX.into())? as u32,
            Long("max-mb") => bounds.bytes = number(parser, "max-mb", 0, u64::MAX)?.saturating_mul(1 << 20),
            Long("property") => {
                let name = parser.value()?.string()?;
                question.only.push(Name::of(&name).ok_or_else(|| format!("--property: there is no {name:?}"))?);
            }
            Long("goal") => goals.push(parser.value()?.string()?),
            Long("threads") => threads = number(parser, "threads", 1, u64::MAX)? as usize,
            Long("dfs") => order = Order::Depth,
            Long("json") => json = true,
            Long("at") => at = Some(number(parser, "at", 0, u32::MAX.into())? as u32),
            Long("out") => out = Some(parser.value()?.string()?),
            Long(option) if option.starts_with("no-") => without(&mut question.reductions, &option[3..])?,
            Value(value) if source.is_none() => source = Some(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let source = source.ok_or_else(|| Bad("expected a file".to_owned()))?;
    let recording = recording(&source)?;
    let scenario = recording.scenario.clone();
    for text in timeouts {
        let number = |text: &str| match text {
            "free" => Ok(u8::MAX),
            text => text.parse::<u8>().ok().filter(|most| *most < UNCOUNTED).ok_or_else(|| {
                format!("--timeouts: expected a number up to {}, or free, found {text:?}", UNCOUNTED - 1)
            }),
        };
        let Some((name, most)) = text.split_once('=') else {
            question.bounds.timeouts = number(&text)?;
            continue;
        };
        asked::bound_timer(&mut question.bounds, name, number(most)?, &scenario)
            .map_err(|sentence| format!("--timeouts: {sentence}"))?;
    }
    for goal in goals {
        let goal = Goal::parse(&goal, scenario.nodes).map_err(|sentence| format!("--goal: {sentence}"))?;
        question.bounds.goals.push(goal);
    }
    sensible(&question, &scenario)?;
    let session = match at {
        Some(event) => Some(Session::driven(Recording { cursor: Some(event.into()), ..recording })?),
        None => None,
    };
    let origin = match (&session, at) {
        (Some(session), Some(event)) if session.world().events() < event => {
            return Err(Bad(format!("--at: the run has {} events", session.world().events())));
        }
        (Some(session), _) => Origin::Midst(session.world()),
        (None, _) => Origin::Start(&scenario),
    };
    let answer = answer::ask_from(origin, &question, order, bounds, threads)?;
    print(&if json { answer.json() } else { answer.text() });
    let run = answer.counterexample.as_ref().and_then(|found| found.run.as_ref().ok());
    if let (Some(path), Some(file)) = (out, run.and_then(|run| run.file.as_ref())) {
        std::fs::write(&path, file.to_json()).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(if answer.violated() { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// The number behind `--option`.
fn number(parser: &mut lexopt::Parser, option: &str, least: u64, most: u64) -> Result<u64, Bad> {
    let text = parser.value()?.string()?;
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Bad(format!("--{option}: expected a number from {least} to {most}, found {text:?}")))
}

/// What cannot be meant: a verdict under such bounds would say less than it seems to.
fn sensible(question: &Question, scenario: &Scenario) -> Result<(), Bad> {
    let cluster::Bounds { crashes, crashes_at, lost_disks, .. } = &question.bounds;
    let last = NodeId(scenario.nodes - 1);
    if crashes_at.is_some_and(|nodes| nodes.iter().any(|node| node > last)) {
        return Err(Bad(format!("--crashes-at: the nodes are 0 to {}", last.0)));
    }
    if crashes_at.is_some() && *crashes == 0 {
        return Err(Bad("--crashes-at: without --crashes nobody crashes".to_owned()));
    }
    if lost_disks > crashes {
        return Err(Bad(format!("--lost-disks: only a crash loses a disk, and --crashes is {crashes}")));
    }
    let unjudged = question.only.iter().find(|name| !start::judges(scenario.info, **name));
    match unjudged {
        Some(name) => Err(Bad(format!(
            "--property: {} promises no {} that the search can judge",
            scenario.info.title,
            name.text()
        ))),
        None => Ok(()),
    }
}

/// Switches a reduction off.
fn without(reductions: &mut Reductions, name: &str) -> Result<(), Bad> {
    let reduction = asked::named(reductions, name);
    *reduction.ok_or_else(|| format!("--no-{name}: there is no such reduction"))? = false;
    Ok(())
}

fn make_link(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let recording = recording(&one(parser)?)?;
    print(&link::encode(&recording)?);
    Ok(ExitCode::SUCCESS)
}

fn explain(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let (mut source, mut event) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("event") => event = Some(parser.value()?.parse::<u32>()?),
            Value(value) if source.is_none() => source = Some(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let source = source.ok_or_else(|| Bad("expected a file".to_owned()))?;
    let event = event.ok_or_else(|| Bad("--event: expected the number of an event".to_owned()))?;
    let session = open(&source)?;
    let Some(past) = session.past(event) else {
        return Err(Bad(format!("--event: the run has events 0 to {}", session.world().events().saturating_sub(1))));
    };
    for number in past {
        let at = session.head().trace().events[number as usize].at;
        let line = session.line(number).unwrap_or_default();
        print(&format!("{number:>7} {:>12} ms  {line}", format!("{}.{:03}", at / 1000, at % 1000)));
    }
    Ok(ExitCode::SUCCESS)
}

fn run_swarm(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let (mut protocol, mut variant, mut runs, mut seed) = (None, "correct".to_owned(), 1000u64, 1u64);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("protocol") => protocol = Some(parser.value()?.string()?),
            Long("variant") => variant = parser.value()?.string()?,
            Long("runs") => runs = parser.value()?.parse()?,
            Long("seed") => seed = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let known = || registry::ALL.iter().map(|info| info.id).collect::<Vec<_>>().join(", ");
    let id = protocol.ok_or_else(|| Bad(format!("--protocol: expected one of {}", known())))?;
    let info = registry::info(&id).ok_or_else(|| Bad(format!("--protocol: there is {}", known())))?;
    let ids = || std::iter::once("correct").chain(info.variants.iter().map(|variant| variant.id));
    let variant = ids()
        .find(|id| *id == variant)
        .ok_or_else(|| Bad(format!("--variant: {} has {}", info.id, ids().collect::<Vec<_>>().join(", "))))?;
    let (mut events, mut failures) = (0u64, 0u32);
    for seed in (0..runs).map(|run| seed.wrapping_add(run)) {
        let scenario = swarm::generate(info, variant, seed);
        let outcome = swarm::judge(&scenario).map_err(|sentence| format!("seed {seed}: {sentence}"))?;
        events += u64::from(outcome.events);
        let Some(failure) = outcome.failure else { continue };
        failures += 1;
        let smallest = swarm::minimize(&scenario, &failure.property);
        let why = swarm::judge(&smallest)?.failure.map_or(failure.why, |failure| failure.why);
        print(&format!("seed {seed}: {} is violated: {why}", failure.property));
        print(&smallest.to_json());
        if failures == 10 {
            print("10 seeds failed; the rest was not run");
            break;
        }
    }
    print(&format!("{}, {variant}: {runs} runs, {events} events, {failures} failed", info.id));
    Ok(if failures > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn run_storm(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let (mut source, mut chosen) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("protocols") => chosen = Some(parser.value()?.string()?),
            Value(value) if source.is_none() => source = Some(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let source = source.ok_or_else(|| Bad("expected a file".to_owned()))?;
    let scenario = recording(&source)?.scenario;
    let known = || storm::protocols().map(|info| info.id).collect::<Vec<_>>().join(", ");
    let named = |id: &str| {
        let info = storm::protocols().find(|info| info.id == id);
        info.ok_or_else(|| Bad(format!("--protocols: there are {}, found {id:?}", known())))
    };
    let protocols = match &chosen {
        Some(ids) => ids.split(',').map(named).collect::<Result<Vec<_>, Bad>>()?,
        None => storm::protocols().collect(),
    };
    let mut rows = Vec::new();
    for info in protocols {
        let session = storm::run(&scenario, info).map_err(|sentence| format!("{source}: {}: {sentence}", info.id))?;
        if let Some(Ended::Refused(sentence)) = session.world().ended() {
            return Err(Bad(format!("{source}: {}: {sentence}", info.id)));
        }
        rows.push(storm::Row::of(session.world()));
    }
    print(storm::table(&rows).trim_end());
    let violated = rows.iter().any(|row| row.violated.is_some());
    Ok(if violated { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn linearize(parser: &mut lexopt::Parser) -> Result<ExitCode, Bad> {
    let path = one(parser)?;
    let bytes = read(&path, HISTORY_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{path}: not UTF-8 text"))?;
    let history = linearizable::parse(&text).map_err(|sentence| format!("{path}: {sentence}"))?;
    let verdict = linearizable::check(&history);
    print(&serde_json::to_string(&verdict).map_err(|error| error.to_string())?);
    match verdict.linearizable {
        Some(true) => Ok(ExitCode::SUCCESS),
        Some(false) => Ok(ExitCode::from(3)),
        None => Err(Bad(format!("{path}: the search was not settled within its steps"))),
    }
}
