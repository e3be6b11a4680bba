//! Looking at the world without touching it.

use consensus_playground::properties::Status;
use consensus_playground::protocol::NodeId;
use consensus_playground::session::Session;
use consensus_playground::sim::{MarkKind, World};
use std::fmt::Write as _;

/// The answer to a command that only looks; `None` when it is another.
pub fn at(session: &Session, command: &str, words: &[&str]) -> Option<String> {
    let world = session.world();
    let mut nodes: Vec<NodeId> = NodeId::all(usize::from(world.scenario().nodes)).collect();
    if let Some(node) = words.first().and_then(|word| word.parse().ok()) {
        nodes.retain(|other| *other == NodeId(node));
    }
    let per_node = |look: fn(&World, NodeId) -> String| {
        nodes.iter().map(|node| format!("{node} {}", look(world, *node)).trim_end().to_owned() + "\n").collect()
    };
    Some(match command {
        "show" => per_node(fields),
        "log" => per_node(log),
        "delivered" => per_node(delivered),
        "leaders" => leaders(world),
        "flights" => flights(world),
        "properties" => properties(session),
        "stalled" => session.diagnosis().map_or("no\n".to_owned(), |stalled| stalled.why + "\n"),
        _ => return None,
    })
}

fn fields(world: &World, node: NodeId) -> String {
    let Some(view) = world.cluster().view(node) else { return "is down".to_owned() };
    let show = |value| world.values().show(value);
    let fields = world.cluster().fields(node, &show);
    let fields: Vec<String> = fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect();
    format!("{}: {}", view.role, fields.join(" "))
}

/// "1:one 1:two | 2:three": epoch and value of every place, what is known to be committed before the bar.
fn log(world: &World, node: NodeId) -> String {
    let Some(view) = world.cluster().view(node) else { return "is down".to_owned() };
    let mut text = if view.first > 1 { format!("(snapshot up to {})", view.first - 1) } else { String::new() };
    for position in view.first..=view.last {
        let bar = if position == view.committed + 1 { " |" } else { "" };
        if let Some(row) = world.cluster().row(node, position) {
            write!(text, "{bar} {}:{}", row.epoch, world.values().show(row.command.value)).unwrap();
        }
    }
    text.trim_start().to_owned()
}

fn delivered(world: &World, node: NodeId) -> String {
    let values: Vec<String> = world.application(node).values().map(|value| world.values().show(value)).collect();
    values.join(" ")
}

fn leaders(world: &World) -> String {
    let word = world.scenario().info.epoch_word;
    let line = |reign: &consensus_playground::sim::Reign| {
        let until = reign.to.map_or("", |_| ", no longer");
        format!("{} {word} {}{until}\n", reign.node, reign.epoch)
    };
    let lines: String = world.reigns().iter().map(line).collect();
    if lines.is_empty() { "nobody\n".to_owned() } else { lines }
}

fn flights(world: &World) -> String {
    let mut flights: Vec<_> = world.flights().collect();
    flights.sort_by_key(|(_, flight)| flight.id);
    let line = |(slot, flight): &(u32, &consensus_playground::sim::Flight)| {
        format!("{} → {}: {}\n", flight.from, flight.to, message(world, *slot, flight.kind))
    };
    let lines: String = flights.iter().map(line).collect();
    if lines.is_empty() { "none\n".to_owned() } else { lines }
}

/// All that do not hold, and how many do.
fn properties(session: &Session) -> String {
    let (mut text, mut holding) = (String::new(), 0);
    for property in session.properties() {
        let name = property.name;
        match property.status {
            Status::Holds => holding += 1,
            Status::Violated { event, why } => writeln!(text, "{name} is violated by event {event}: {why}").unwrap(),
            Status::Pending { why } => writeln!(text, "{name} is pending: {why}").unwrap(),
            Status::Stalled { why } => writeln!(text, "{name} is stalled: {why}").unwrap(),
            Status::NotPromised { counterexample: Some((event, why)) } => {
                writeln!(text, "{name} is not promised; event {event}: {why}").unwrap();
            }
            Status::NotPromised { counterexample: None } => {}
        }
    }
    text + &format!("{holding} hold\n")
}

/// What was sent since there were `from` messages: one line for equal messages of one event.
pub fn sends(world: &World, from: usize) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (id, record) in (from as u32..).zip(world.trace().messages.iter().skip(from)) {
        let flight = world.flights().find(|(_, flight)| flight.id == id);
        let text = match flight {
            Some((slot, flight)) => message(world, slot, flight.kind),
            None => format!("{}, lost", world.cluster().kinds()[usize::from(record.kind)].name),
        };
        match lines.last_mut() {
            Some((to, last)) if *last == text => *to += &format!(" {}", record.to),
            _ => lines.push((record.to.to_string(), text)),
        }
    }
    lines.iter().map(|(to, text)| format!("    → {to}: {text}\n")).collect()
}

/// "Promise bal=3 maxVBal=none", with what it carries.
fn message(world: &World, slot: u32, kind: u8) -> String {
    let show = |value| world.values().show(value);
    let fields = world.cluster().message_fields(slot, &show);
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    world.cluster().kinds()[usize::from(kind)].name.to_owned() + &fields.concat()
}

/// Whether somebody was elected, or something was done to the world, in this event.
pub fn stands_out(world: &World, event: u32) -> bool {
    let elected = |kind| matches!(kind, MarkKind::Elected { .. } | MarkKind::Fault);
    world.trace().marks.iter().rev().take(50).any(|mark| mark.event == event && elected(mark.kind))
}

/// "  3.410 ms  ".
pub fn time(world: &World, event: u32) -> String {
    let at = world.trace().events[event as usize].at;
    format!("{:>6}.{:03} ms  ", at / 1000, at % 1000)
}
