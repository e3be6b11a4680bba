//! One row of the table: one engine on one model, in a process of its own.

use super::adapter::Adapted;
use consensus_playground::check::{Bounds, Ended, Model, Order, Search};
use stateright::{Checker, Model as _};
use std::fmt::Debug;
use std::fs::read_to_string;
use std::process::{Command, Stdio};

/// Who searches, and in which order. One thread, unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Breadth,
    Depth,
    BreadthOnTwo,
    StaterightBreadth,
    StaterightDepth,
}

impl Engine {
    pub const ALL: &[Engine] =
        &[Engine::Breadth, Engine::Depth, Engine::BreadthOnTwo, Engine::StaterightBreadth, Engine::StaterightDepth];

    pub fn name(self) -> &'static str {
        match self {
            Engine::Breadth => "playground, breadth",
            Engine::Depth => "playground, depth",
            Engine::BreadthOnTwo => "playground, two threads",
            Engine::StaterightBreadth => "Stateright 0.31, breadth",
            Engine::StaterightDepth => "Stateright 0.31, depth",
        }
    }

    pub fn named(name: &str) -> Option<Engine> {
        Engine::ALL.iter().copied().find(|engine| engine.name() == name)
    }

    pub fn is_peer(self) -> bool {
        matches!(self, Engine::StaterightBreadth | Engine::StaterightDepth)
    }
}

/// What a row came to.
pub struct Row {
    pub generated: u64,
    pub unique: u64,
    pub depth: u32,
    /// Processor seconds of one search, all threads together.
    pub cpu: f64,
    /// The most memory that was in use, less what was before the first search.
    pub bytes: u64,
}

/// Searches all of a model; the states generated, those that are distinct, and the depth.
pub fn search<M>(model: M, engine: Engine) -> (u64, u64, u32)
where
    M: Model + Copy + Send + Sync + 'static,
    M::State: Debug + PartialEq + Send + Sync + 'static,
{
    let ours = |order, threads| {
        let mut search = Search::new(model, order, Bounds::NONE);
        let progress = search.run_on(threads, u64::MAX);
        assert_eq!(progress.ended, Some(Ended::Exhausted));
        (progress.generated, progress.unique, progress.depth)
    };
    match engine {
        Engine::Breadth => ours(Order::Breadth, 1),
        Engine::Depth => ours(Order::Depth, 1),
        Engine::BreadthOnTwo => ours(Order::Breadth, 2),
        Engine::StaterightBreadth => counts(&Adapted(model).checker().threads(1).spawn_bfs().join()),
        Engine::StaterightDepth => counts(&Adapted(model).checker().threads(1).spawn_dfs().join()),
    }
}

fn counts<M: stateright::Model>(checker: &impl Checker<M>) -> (u64, u64, u32) {
    (checker.state_count() as u64, checker.unique_state_count() as u64, checker.max_depth() as u32)
}

/// Does it so many times and tells, in one line, what [`start`] reads.
pub fn measure(times: u32, search: impl Fn() -> (u64, u64, u32)) -> Result<String, String> {
    let before = status("VmRSS:")?;
    let started = cpu()?;
    let mut counts = search();
    for _ in 1..times {
        counts = search();
    }
    let cpu = (cpu()? - started) / f64::from(times);
    let bytes = status("VmHWM:")?.saturating_sub(before);
    Ok(format!("{} {} {} {cpu} {bytes}", counts.0, counts.1, counts.2))
}

/// Starts the process that is to be this row, and waits for it.
pub fn start(model: &str, engine: Engine) -> Result<Row, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["row", model, engine.name()]).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace();
    let mut read = || {
        let row = Row {
            generated: words.next()?.parse().ok()?,
            unique: words.next()?.parse().ok()?,
            depth: words.next()?.parse().ok()?,
            cpu: words.next()?.parse().ok()?,
            bytes: words.next()?.parse().ok()?,
        };
        Some(row)
    };
    read().ok_or(format!("{model}, {}: no figures", engine.name()))
}

/// Processor seconds of all threads so far, ended ones included. Linux counts them in hundredths.
fn cpu() -> Result<f64, String> {
    let text = read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

/// A line of the process's status, in bytes.
fn status(line: &str) -> Result<u64, String> {
    let text = read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let found = text.lines().find_map(|text| text.strip_prefix(line)?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    found.map(|kilobytes| kilobytes * 1024).ok_or(format!("the system does not tell {line}"))
}
