//! The same storm over several protocols: one scenario, run on each of them, and one table of what came of it.
//!
//! What is the same for all: the nodes, the script with its faults and their moments, the clients, the network model
//! with its delays, losses and duplications as a distribution, the disks, and the seed. With a `log` to append to, each
//! client asks for the same operations in the same order; with a `register` or a `kv` it draws them, in the order in
//! which clients are answered, which is the protocol's affair.
//!
//! What can not be the same: a delay is drawn for each message as it is sent, so that protocols which send other
//! messages meet other delays out of one distribution; and who leads when a node crashes. A storm that shall hit the
//! leader in each protocol has to be one that does: `www/scenarios` has one, and its test says so.

use crate::protocol::{Info, NodeId, Setting, SettingKind, SettingValue, Shape};
use crate::protocols::registry;
use crate::report::Cost;
use crate::scenario::{Pattern, Recording, Scenario, Verb};
use crate::session::Session;
use crate::sim::{MarkKind, What, World};

/// What came of the storm under one protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub info: &'static Info,
    /// Commands that reached the state machine, messages, and message delays of all operations answered.
    pub cost: Option<Cost>,
    /// How often somebody began to lead, the first leader left out.
    pub leader_changes: u64,
    /// From the first crash of a leader to the first commit under one that came later, µs.
    pub recovery_us: Option<u64>,
    /// The promised property that was violated first, if one was.
    pub violated: Option<&'static str>,
}

/// The replicated protocols.
pub fn protocols() -> impl Iterator<Item = &'static Info> {
    registry::ALL.iter().copied().filter(|info| info.shape == Shape::Replicated)
}

/// `scenario` on another protocol: the correct one, with those settings that it has, too. An error is one sentence:
/// the script names a message or a timer, which no two protocols share.
pub fn onto(scenario: &Scenario, info: &'static Info) -> Result<Scenario, String> {
    for (number, step) in scenario.script.iter().enumerate() {
        let own = match &step.verb {
            Verb::Drop { pattern, .. }
            | Verb::Duplicate { pattern, .. }
            | Verb::Delay { pattern, .. }
            | Verb::Deliver { pattern, .. } => matches!(pattern, Pattern { kind: Some(_), .. }),
            verb => matches!(verb, Verb::Fire { .. }),
        };
        if own && info != scenario.info {
            return Err(format!("script[{number}]: names a message or a timer of {} alone", scenario.info.id));
        }
    }
    let mut other = Scenario { info, variant: "correct", ..scenario.clone() };
    other
        .settings
        .retain(|(name, value)| info.settings.iter().any(|setting| setting.name == *name && fits(setting, *value)));
    Ok(other)
}

/// Whether a value that another protocol took is one for `setting`.
fn fits(setting: &Setting, value: SettingValue) -> bool {
    match (setting.kind, value) {
        (SettingKind::Flag { .. }, SettingValue::Flag(_)) => true,
        (SettingKind::Integer { min, max, .. }, SettingValue::Integer(integer)) => (min..=max).contains(&integer),
        (SettingKind::Range { min, max, .. }, SettingValue::Range(low, high)) => min <= low && high <= max,
        _ => false,
    }
}

/// Runs `scenario` on a protocol to its end.
// Made in the programs that call it, as is [`Session::driven`].
#[inline]
pub fn run(scenario: &Scenario, info: &'static Info) -> Result<Session, String> {
    Session::driven(Recording::new(onto(scenario, info)?))
}

impl Row {
    /// What came of a run.
    pub fn of(world: &World) -> Row {
        let recovery_us = leader_crashes(world).first().and_then(|(_, at)| {
            let next = world.reigns().iter().find(|reign| reign.from > *at)?;
            Some(first_commit(world, next.from)? - at)
        });
        Row {
            info: world.scenario().info,
            cost: Cost::of(world, usize::MAX),
            leader_changes: (world.reigns().len() as u64).saturating_sub(1),
            recovery_us,
            violated: world.monitor().violated().map(|violation| violation.name),
        }
    }

    fn line(&self) -> String {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let cost = |of: &dyn Fn(Cost) -> Option<String>| or_dash(self.cost.and_then(of));
        let cells = [
            self.info.title.to_owned(),
            cost(&|cost| Some(cost.commands.to_string())),
            self.leader_changes.to_string(),
            cost(&|cost| Some(cost.sent.to_string())),
            cost(&|cost| Some(tenths(cost.messages))),
            cost(&|cost| cost.delays.map(tenths)),
            or_dash(self.recovery_us.map(|us| format!("{} ms", us / 1000))),
            self.violated.unwrap_or("none").to_owned(),
        ];
        format!("| {} |\n", cells.join(" | "))
    }
}

/// When, µs, a node crashed that believed that it leads, and which.
pub fn leader_crashes(world: &World) -> Vec<(NodeId, u64)> {
    let crashes = world.trace().events.iter().filter(|event| event.what == What::Crash);
    let led =
        |node, at| world.reigns().iter().any(|reign| reign.node == node && reign.from < at && reign.to == Some(at));
    crashes.map(|event| (event.node, event.at)).filter(|(node, at)| led(*node, *at)).collect()
}

/// When something was first committed at or after `from`, µs.
fn first_commit(world: &World, from: u64) -> Option<u64> {
    let trace = world.trace();
    let commits = trace.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Delivered { .. }));
    commits.filter_map(|mark| Some(trace.events.get(mark.event as usize)?.at)).find(|at| *at >= from)
}

fn tenths(n: u64) -> String {
    format!("{}.{}", n / 10, n % 10)
}

/// The table, in Markdown.
pub fn table(rows: &[Row]) -> String {
    const HEAD: &str = "\
| Protocol | Commands committed | Leader changes | Messages | Messages per command | Message delays per command | \
Leader's crash to next commit | Promises broken |
|---|---|---|---|---|---|---|---|
";
    rows.iter().fold(HEAD.to_owned(), |table, row| table + &row.line())
}
