//! One sentence that says what is happening, the invitation beside it, and what it costs.

use super::eyes::Eyes;
use super::order::agreed;
use crate::protocol::{Needs, NodeId, NodeSet, Shape, View, majority};
use crate::report::Cost;
use crate::scenario::{Scheduler, Verb};
use crate::sim::{What, World};
use crate::sorting::sort_by_key;
use crate::ui::strings;

/// How many of the last operations the message delays are an average of.
const LAST: usize = 16;

/// The line under the title.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// What is most important, in bold: "n2 leads term 3."
    pub lead: String,
    /// The rest.
    pub rest: String,
    /// The first promised property that is broken, and the event.
    pub alarm: Option<(&'static str, u32)>,
    /// What a person may try, if anything.
    pub invitation: Option<Invitation>,
    /// Messages and message delays per delivered command.
    pub cost: Option<Cost>,
}

/// Something to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// In words.
    pub label: String,
    /// What it does.
    pub verb: Verb,
}

impl Story {
    /// The story as `eyes` see it at the moment `shown`.
    pub fn of(eyes: &Eyes<'_>, shown: u64) -> Story {
        let world = eyes.world();
        if let Some(me) = eyes.me() {
            return known(eyes, me, shown);
        }
        let (lead, mut rest) = match world.scenario().info.shape {
            Shape::Replicated => replicated(world),
            Shape::OneValue => one_value(world),
            Shape::Broadcast => broadcast(world),
        };
        if world.scenario().network.scheduler == Scheduler::Adversary && world.frontier() == 0 {
            let deliveries = world.trace().events.iter();
            let deliveries = deliveries.filter(|event| event.what == What::Arrive && event.node != event.peer);
            rest.push(' ');
            rest.push_str(&strings::survived(deliveries.count()));
        }
        let faults = faults(world);
        if !faults.is_empty() {
            rest.push(' ');
            rest.push_str(&faults);
        }
        let alarm = world.monitor().violated().map(|violation| (violation.name, violation.moment.event));
        Story { lead, rest, alarm, invitation: invitation(world), cost: Cost::of(world, LAST) }
    }
}

/// What one node can know: from whom it has heard, and when.
fn known(eyes: &Eyes<'_>, me: NodeId, shown: u64) -> Story {
    let others = NodeId::all(usize::from(eyes.world().scenario().nodes)).filter(|node| *node != me);
    let heard = others.map(|node| strings::heard(node, eyes.seen(node, shown))).collect::<Vec<_>>();
    Story {
        lead: strings::knows(me),
        rest: format!("{}. {}", heard.join(", "), strings::CANNOT_TELL),
        alarm: None,
        invitation: None,
        cost: Cost::of(eyes.world(), LAST),
    }
}

fn leaders(world: &World) -> Vec<(NodeId, View)> {
    let nodes = NodeId::all(usize::from(world.scenario().nodes));
    let views = nodes.filter_map(|node| Some((node, world.cluster().view(node)?)));
    let mut leaders: Vec<_> = views.filter(|(_, view)| view.leads).collect();
    sort_by_key(&mut leaders, |(_, view)| std::cmp::Reverse(view.epoch));
    leaders
}

fn replicated(world: &World) -> (String, String) {
    let info = world.scenario().info;
    let leaders = leaders(world);
    let lead = match &leaders[..] {
        [] => {
            let standing: NodeSet =
                world.up().iter().filter(|node| world.cluster().view(*node).is_some_and(stands)).collect();
            strings::no_leader(info.leader_word, standing)
        }
        [(node, view)] => strings::leads(*node, info.epoch_word, view.epoch),
        several => {
            let leaders: Vec<_> = several.iter().map(|(node, view)| (*node, view.epoch)).collect();
            strings::several_lead(&leaders, info.epoch_word)
        }
    };
    (lead, if world.frontier() == 0 { strings::broadcast(0, 0) } else { strings::agreed(agreed(world)) })
}

fn stands(view: View) -> bool {
    view.role.ends_with("candidate") || view.role == "proposer"
}

fn one_value(world: &World) -> (String, String) {
    let n = usize::from(world.scenario().nodes);
    let decision = |node: NodeId| world.application(node).delivered.front().map(|delivery| delivery.command.value);
    let deciders: NodeSet = NodeId::all(n).filter(|node| decision(*node).is_some()).collect();
    let value = deciders.iter().find_map(decision);
    let same: NodeSet = deciders.iter().filter(|node| decision(*node) == value).collect();
    let lead = match value.map(|value| world.values().show(value)) {
        Some(value) if same == deciders => strings::decided(same, n, &value),
        Some(value) => strings::decided_apart(same, &value, NodeSet(deciders.0 & !same.0)),
        None => strings::UNDECIDED.to_owned(),
    };
    let highest = leaders(world).first().map(|(node, view)| (*node, view.epoch));
    (lead, strings::highest(world.scenario().info.epoch_word, highest))
}

fn broadcast(world: &World) -> (String, String) {
    let n = usize::from(world.scenario().nodes);
    let counts = NodeId::all(n).map(|node| world.application(node).delivered.len());
    let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    let agreed = if most == 0 { String::new() } else { strings::same_order(agreed(world)) };
    (strings::broadcast(least, most), agreed)
}

fn faults(world: &World) -> String {
    let n = usize::from(world.scenario().nodes);
    let down: NodeSet = NodeId::all(n).filter(|node| !world.up().contains(*node)).collect();
    let started = world.events() as usize > n;
    if !started || down.is_empty() && world.network().whole() {
        return String::new();
    }
    let spare = match world.scenario().info.needs {
        Needs::Majority | Needs::RecoveredMajority => Some((n - majority(n)).checked_sub(n - world.sound().len())),
        Needs::AllButF => world.faults().map(|f| f.checked_sub(down.len())),
        _ => None,
    };
    let mut words = Vec::new();
    if !down.is_empty() {
        words.push(strings::down(down, spare));
    }
    if !world.network().whole() {
        words.push(strings::PARTED.to_owned());
    }
    words.join(" ")
}

fn invitation(world: &World) -> Option<Invitation> {
    let info = world.scenario().info;
    let n = usize::from(world.scenario().nodes);
    let down = NodeId::all(n).find(|node| !world.up().contains(*node));
    if (world.events() as usize) < n {
        return None;
    }
    if let (Some((node, _)), false) = (leaders(world).first(), info.leader_word.is_empty()) {
        // While another node is down, the next crash is the visitor's own idea.
        if down.is_none() || info.shape == Shape::Replicated && world.up().len() > majority(n) {
            let label = strings::crash_the(info.leader_word);
            return Some(Invitation { label, verb: Verb::Crash { node: *node } });
        }
    }
    if let Some(node) = world.needed_node()
        && world.up().contains(node)
    {
        return Some(Invitation { label: strings::crash_the("sequencer"), verb: Verb::Crash { node } });
    }
    if let Some(node) = down {
        return Some(Invitation { label: strings::restart(node), verb: Verb::Restart { node, disk_lost: false } });
    }
    if !world.network().whole() {
        return Some(Invitation { label: strings::HEAL.to_owned(), verb: Verb::Heal });
    }
    // Where nobody leads, and something is still to come, anybody will do.
    let verb = Verb::Crash { node: NodeId(0) };
    let open = info.shape == Shape::Broadcast || world.frontier() == 0;
    (info.leader_word.is_empty() && open).then(|| Invitation { label: strings::verb(&verb), verb })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::registry;
    use crate::scenario::library;
    use crate::session::Session;
    use crate::ui::setup;

    /// The sentence at the end of a run, the one at its beginning before it.
    fn told(stem: &str) -> [String; 2] {
        let all = library::LIBRARY.iter().chain(library::BUGS);
        let shipped = all.into_iter().find(|shipped| shipped.stem == stem).expect(stem);
        let mut session = Session::new(shipped.scenario().unwrap()).unwrap();
        setup::begin(&mut session);
        let tell = |session: &Session| {
            let Story { lead, rest, .. } = Story::of(&Eyes::open(session.world()), 0);
            format!("{lead} {rest}").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let first = tell(&session);
        session.run();
        [first, tell(&session)]
    }

    #[test]
    fn every_protocol_invites_to_something() {
        for info in registry::ALL {
            let mut session = Session::new(setup::fresh(info, setup::home(info), 5, 7)).unwrap();
            setup::begin(&mut session);
            if !info.leader_word.is_empty() {
                session.step_until(1000, |world| !leaders(world).is_empty());
            }
            for begins in ["Crash ", ""] {
                let invited = invitation(session.world()).unwrap_or_else(|| panic!("{}: nothing to try", info.id));
                assert!(invited.label.starts_with(begins), "{}: {}", info.id, invited.label);
                assert!(session.perform(invited.verb), "{}: {}", info.id, invited.label);
            }
        }
    }

    #[test]
    fn the_story_is_true_of_runs_that_go_wrong_too() {
        let nothing = ["Nothing is delivered yet.", "Nothing is decided yet."];
        for (stem, first, last) in [
            ("fifo-two-orders", 0, "Every node has delivered 2 messages. None stands at the same place on every node."),
            ("floodset-own-only", 1, "n1 decided red, n2 something else. n0 is down."),
            ("paxos-one-value", 1, "Every node has decided blue."),
            ("vr-published-flaw", 0, "No entry is the same on every node that is up."),
            ("reliable-no-relay", 0, "Each node has delivered 0 to 1 messages."),
            ("zab-promise-twice", 0, "n1 (epoch 1) and n2 (epoch 1) each believe that they lead."),
        ] {
            let [begins, ends] = told(stem);
            assert!(begins.contains(nothing[first]) && ends.contains(last), "{stem}: {begins} {ends}");
        }
    }
}
