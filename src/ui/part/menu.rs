//! What one may do with a node, and with a message.

use super::popover::Popover;
use super::state::{Do, Hand, Open};
use crate::protocol::{NodeId, NodeSet};
use crate::scenario::{Action, Verb};
use crate::ui::geometry::Point;
use crate::ui::strings::{side, stage as words};
use crate::ui::tree::html;
use crate::ui::view::messages;
use crate::ui::view::stage::{Node, Stage};
use yew::prelude::*;

/// By how much a node is slowed down, µs.
const SLOW_US: u64 = 200_000;

/// The menu of a node.
pub fn node_menu(hand: &Hand, node: &Node, stage: &Stage, at: Point, size: (f64, f64)) -> Html {
    let id = node.id;
    let mut deeds: Vec<(String, Verb)> = Vec::new();
    if node.up {
        deeds.push((words::CRASH.to_owned(), Verb::Crash { node: id }));
        deeds.push(if node.paused {
            (words::RESUME.to_owned(), Verb::Resume { node: id })
        } else {
            (words::PAUSE.to_owned(), Verb::Pause { node: id })
        });
    } else if node.crashed {
        deeds.push((words::RESTART.to_owned(), Verb::Restart { node: id, disk_lost: false }));
        deeds.push((words::RESTART_LOST.to_owned(), Verb::Restart { node: id, disk_lost: true }));
    }
    if !node.apart && stage.nodes.len() > 1 {
        let groups = vec![NodeSet::from_iter([id]), others(id, stage.nodes.len())];
        deeds.push((words::ISOLATE.to_owned(), Verb::Partition { groups }));
    }
    if !stage.blocked.is_empty() {
        deeds.push((words::HEAL.to_owned(), Verb::Heal));
    }
    deeds.push(match node.slow_ms {
        0 => (words::SLOW.to_owned(), Verb::Slow { node: id, by_us: SLOW_US }),
        _ => (words::FAST.to_owned(), Verb::Slow { node: id, by_us: 0 }),
    });
    if node.up {
        deeds.push((words::SKEW.to_owned(), Verb::Skew { node: id, by_us: SLOW_US as i64, ppm: 0 }));
        deeds.push((words::PROPOSE.to_owned(), Verb::Propose { node: id, value: fresh_value(hand) }));
    }
    if stage.manual {
        hand.runner.read(|session, _| {
            let (world, names) = (session.world(), session.world().cluster().timers());
            for (timer, ..) in world.timers(id) {
                let name = names.get(usize::from(timer)).unwrap_or(&"");
                deeds.push((words::fire(name), Verb::Fire { node: id, timer }));
            }
        });
    }
    let deed = |(label, verb): (String, Verb)| {
        let hand = hand.clone();
        let onclick = move |_| {
            hand.close();
            hand.perform(std::slice::from_ref(&verb));
        };
        html! { <li><button type="button" {onclick}>{ label }</button></li> }
    };
    let tell = |label: &'static str, change: fn(NodeId) -> Do| {
        let hand = hand.clone();
        html! { <li><button type="button" onclick={move |_| hand.tell(change(id))}>{ label }</button></li> }
    };
    let body = html! {
        <>
            <p class="title"><b>{ id.to_string() }</b>{ " " }{ node.role }</p>
            <ul>
                { for deeds.into_iter().map(deed) }
                if stage.nodes.len() > 1 {
                    { tell(words::LINKS, |id| Do::Open(Open::Links(id))) }
                    { tell(words::SEE_AS, |id| Do::Eyes(Some(id))) }
                }
                { tell(words::INSPECT, Do::Inspect) }
            </ul>
        </>
    };
    yew::html! { <Popover label={words::menu(id)} {at} {size}>{ body }</Popover> }
}

/// A value that nobody has asked for before.
fn fresh_value(hand: &Hand) -> String {
    let asked = hand.runner.read(|session, _| session.recording().interventions.len());
    let values = hand.runner.read(|session, _| session.scenario().info.values);
    match values.get(asked % values.len().max(1)) {
        Some(value) => (*value).to_owned(),
        None => format!("x{}", asked + 1),
    }
}

fn others(id: NodeId, n: usize) -> NodeSet {
    NodeId::all(n).filter(|other| *other != id).collect()
}

/// The menu of a message that was picked up on the stage.
pub fn message_menu(hand: &Hand, id: u32, at: Point, size: (f64, f64)) -> Html {
    let found = hand.runner.read(|session, shown| messages::Messages::one(session.world(), shown, id));
    // It has arrived meanwhile.
    let Some(line) = found else { return html! {} };
    let title = side::message(line.kind, line.from, line.to);
    let body = html! {
        <>
            <p class="title"><b>{ &title }</b></p>
            <p class="fields">{ line.fields.clone() }</p>
            <ul>{ for deeds(hand, &line).into_iter().map(|button| html! { <li>{ button }</li> }) }</ul>
        </>
    };
    yew::html! { <Popover label={title} {at} {size}>{ body }</Popover> }
}

/// By how much a message is delayed, µs.
const DELAY_US: u64 = 100_000;

/// What one may do with a message, as buttons.
pub fn deeds(hand: &Hand, line: &messages::Line) -> Vec<Html> {
    let id = line.id;
    let held = if line.held {
        (side::RELEASE, Action::ReleaseMessage { id })
    } else {
        (side::HOLD, Action::HoldMessage { id })
    };
    let name = side::message(line.kind, line.from, line.to);
    [
        (side::DELIVER, Action::DeliverMessage { id }),
        held,
        (side::DELAY, Action::DelayMessage { id, by_us: DELAY_US }),
        (side::DUPLICATE, Action::DuplicateMessage { id }),
        (side::DROP, Action::DropMessage { id }),
    ]
    .into_iter()
    .map(|(label, action)| {
        let hand = hand.clone();
        let onclick = move |_| {
            hand.close();
            hand.act(action.clone());
        };
        html! { <button type="button" aria-label={format!("{label} {name}")} {onclick}>{ label }</button> }
    })
    .collect()
}
