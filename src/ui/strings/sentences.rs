//! Sentences: what is happening, what was done, what would help.

use super::{HEAL, clock, side, stage};
use crate::diagnosis::{Diagnosis, names};
use crate::protocol::{NodeId, NodeSet, SettingValue};
use crate::scenario::{Action, Pattern, Verb};
use crate::ui::goal::Goal;
use crate::ui::view::eyes::Seen;

/// "2.4 s", "850 ms".
pub fn short_seconds(us: u64) -> String {
    if us < 1_000_000 { format!("{} ms", us / 1000) } else { format!("{}.{:02} s", us / 1_000_000, us / 10_000 % 100) }
}

/// "n2 leads term 3."
pub fn leads(node: NodeId, epoch_word: &str, epoch: u64) -> String {
    format!("{node} leads {epoch_word} {epoch}.")
}

/// More than one node believes that it leads.
pub fn several_lead(leaders: &[(NodeId, u64)], epoch_word: &str) -> String {
    let list: Vec<String> = leaders.iter().map(|(node, epoch)| format!("{node} ({epoch_word} {epoch})")).collect();
    let (last, most) = list.split_last().map_or(("", &list[..]), |(last, most)| (last.as_str(), most));
    format!("{} and {last} each believe that they lead.", most.join(", "))
}

/// Nobody leads.
pub fn no_leader(leader_word: &str, candidates: NodeSet) -> String {
    let verb = if candidates.len() == 1 { "stands" } else { "stand" };
    if candidates.is_empty() {
        format!("No {leader_word}.")
    } else {
        format!("No {leader_word}: {} {verb} for election.", names(candidates))
    }
}

/// How much is the same everywhere.
pub fn agreed(count: u64) -> String {
    match count {
        0 => "No entry is the same on every node that is up.".to_owned(),
        1 => "1 entry stands at the same place on every node that is up.".to_owned(),
        count => format!("{count} entries are in the same order on every node that is up."),
    }
}

/// Broadcast: how many were delivered.
pub fn broadcast(least: usize, most: usize) -> String {
    match (least, most) {
        (_, 0) => "Nothing is delivered yet.".to_owned(),
        (1, 1) => "Every node has delivered one message.".to_owned(),
        _ if least == most => format!("Every node has delivered {most} messages."),
        _ => format!("Each node has delivered {least} to {most} messages."),
    }
}

/// Broadcast: how far the orders agree.
pub fn same_order(count: u64) -> String {
    match count {
        0 => "None stands at the same place on every node.".to_owned(),
        1 => "The first one is the same on every node that is up.".to_owned(),
        _ => format!("The first {count} came in the same order on every node that is up."),
    }
}

/// Who has decided what.
pub fn decided(nodes: NodeSet, n: usize, value: &str) -> String {
    match nodes.len() {
        1 => format!("{} has decided {value}.", names(nodes)),
        all if all == n => format!("Every node has decided {value}."),
        some => format!("{some} of {n} nodes have decided {value}."),
    }
}

/// Not all have decided the same.
pub fn decided_apart(nodes: NodeSet, value: &str, others: NodeSet) -> String {
    format!("{} decided {value}, {} something else.", names(nodes), names(others))
}

/// Who proposes with the highest ballot.
pub fn highest(epoch_word: &str, leader: Option<(NodeId, u64)>) -> String {
    leader.map_or_else(String::new, |(node, epoch)| format!("{node} asks for acceptance in {epoch_word} {epoch}."))
}

/// Who is down, and what the cluster still takes. `spare`: how many more may go; an outer `None` where that is not
/// counted, an inner one when it is already too many.
pub fn down(nodes: NodeSet, spare: Option<Option<usize>>) -> String {
    let verb = if nodes.len() == 1 { "is" } else { "are" };
    let spare = match spare {
        None => String::new(),
        Some(None) => "; a majority is gone".to_owned(),
        Some(Some(0)) => "; the cluster can lose no more".to_owned(),
        Some(Some(1)) => "; the cluster can lose one more".to_owned(),
        Some(Some(more)) => format!("; the cluster can lose {more} more"),
    };
    format!("{} {verb} down{spare}.", names(nodes))
}

/// The invitation.
pub fn crash_the(word: &str) -> String {
    format!("Crash the {word}")
}

/// The invitation once somebody is down.
pub fn restart(node: NodeId) -> String {
    format!("Restart {node}")
}

/// The cost line.
pub fn cost(cost: crate::report::Cost) -> String {
    let tenths = |n: u64| format!("{}.{}", n / 10, n % 10);
    match cost.delays {
        None => format!("{} messages per command", tenths(cost.messages)),
        Some(delays) => format!("{} messages · {} delays per command", tenths(cost.messages), tenths(delays)),
    }
}

/// What a diagnosis proposes.
pub fn change(diagnosis: &Diagnosis) -> String {
    let mut words: Vec<String> = diagnosis.change.iter().map(verb).collect();
    words.extend(diagnosis.release.first().map(|_| RELEASE.to_owned()));
    match &words[..] {
        [] => diagnosis.restart_with.map_or_else(String::new, |(name, value)| start_with(name, value)),
        [one] => one.clone(),
        [first, most @ .., last] => {
            let rest: String = most.iter().map(|words| [", ", &lower(words)].concat()).collect();
            format!("{first}{rest} and {}", lower(last))
        }
    }
}

/// The change that lets a held message go on.
const RELEASE: &str = "Release it";

/// Another run with one setting changed.
fn start_with(name: &str, value: SettingValue) -> String {
    match value {
        SettingValue::Range(low, high) => format!("Start again with {name} {low}–{high}"),
        SettingValue::Integer(number) => format!("Start again with {name} {number}"),
        SettingValue::Flag(on) => format!("Start again with {name} {}", if on { "on" } else { "off" }),
    }
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_lowercase(), letters.as_str()))
}

/// A verb in words.
pub fn verb(verb: &Verb) -> String {
    match verb {
        Verb::Propose { node, value } => format!("Ask {node} for {value}"),
        Verb::Crash { node } => format!("Crash {node}"),
        Verb::Restart { node, disk_lost: false } => format!("Restart {node}"),
        Verb::Restart { node, disk_lost: true } => format!("Restart {node} without its disk"),
        Verb::Pause { node } => format!("Pause {node}"),
        Verb::Resume { node } => format!("Resume {node}"),
        Verb::Partition { .. } => "Partition the network".to_owned(),
        Verb::Heal => HEAL.to_owned(),
        Verb::Cut { from, to } => format!("Cut {from} to {to}"),
        Verb::Join { from, to } => format!("Join {from} to {to}"),
        Verb::Drop { .. } => "Drop messages".to_owned(),
        Verb::Duplicate { .. } => "Duplicate messages".to_owned(),
        Verb::Delay { .. } => "Delay messages".to_owned(),
        Verb::Slow { node, by_us: 0 } => format!("Let {node} be as fast as it was"),
        Verb::Slow { node, .. } => format!("Slow {node} down"),
        Verb::SlowLink { from, to, by_us: 0 } => format!("Let {from} to {to} be as fast as it was"),
        Verb::SlowLink { from, to, .. } => format!("Slow {from} to {to} down"),
        Verb::Skew { node, .. } => format!("Skew {node}'s clock"),
        Verb::Deliver { pattern: Pattern { from: Some(from), to: Some(to), .. }, .. } => {
            format!("Deliver {from} → {to}")
        }
        Verb::Deliver { .. } => "Deliver messages".to_owned(),
        Verb::Fire { node, .. } => format!("Fire a timer of {node}"),
        Verb::Settle => "Deliver everything".to_owned(),
    }
}

/// What a person did, in words.
pub fn action(action: &Action) -> String {
    let (word, id) = match action {
        Action::Step(done) => return verb(done),
        Action::DeliverMessage { id } => (side::DELIVER, id),
        Action::HoldMessage { id } => (side::HOLD, id),
        Action::ReleaseMessage { id } => (side::RELEASE, id),
        Action::DelayMessage { id, .. } => (side::DELAY, id),
        Action::DuplicateMessage { id } => (side::DUPLICATE, id),
        Action::DropMessage { id } => (side::DROP, id),
        Action::TakeOver { .. } => return side::TAKE_OVER.to_owned(),
    };
    format!("{word} message {id}")
}

/// Through whose eyes.
pub fn knows(node: NodeId) -> String {
    format!("What {node} can know.")
}

/// From whom something was heard, and when.
pub fn heard(node: NodeId, seen: Seen) -> String {
    match seen {
        Seen::Now => node.to_string(),
        Seen::Ago(ms) => format!("{node} {}", stage::ago(ms)),
        Seen::Never => format!("{node} never"),
    }
}

/// What is hidden from every node.
pub const CANNOT_TELL: &str = "Whether those are slow, cut off or dead, it cannot tell.";

/// How the way to a goal ended.
pub fn quest(goal: Goal, one_value: bool, reached: bool) -> String {
    let goal = clock::goal(goal, one_value);
    if reached { format!("Played until {goal}.") } else { format!("Not until {goal}: that is not near.") }
}

/// What is said of a new run.
pub fn new_run(title: &str, protocol: &str, nodes: u8, seed: u64) -> String {
    if title.is_empty() {
        format!("A new run: {protocol}, {nodes} nodes, seed {seed}.")
    } else {
        format!("A new run: {title}.")
    }
}

/// A link was opened.
pub fn opened(event: u32) -> String {
    format!("The run of the link, at event {event}.")
}

/// A node in words, for those who hear the page.
pub fn node(node: &crate::ui::view::stage::Node, epoch_word: &str) -> String {
    let mut words = vec![node.id.to_string()];
    if !node.up {
        words.push(if node.crashed { stage::CRASHED } else { stage::NOT_STARTED }.to_owned());
        return words.join(", ");
    }
    words.push(node.role.to_owned());
    if !epoch_word.is_empty() {
        words.push(format!("{epoch_word} {}", node.epoch));
    }
    if node.paused {
        words.push(stage::PAUSED.to_owned());
    }
    if node.apart {
        words.push(stage::APART.to_owned());
    }
    words.join(", ")
}
