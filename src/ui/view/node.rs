//! One node's whole state.

use crate::protocol::{NodeId, Wait};
use crate::session::{self, Session};
use crate::sim::{What, World};
use crate::ui::strings::{self, rules};
use std::rc::Rc;

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The paper's name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Whether the node's last event changed it.
    pub changed: bool,
}

/// What happened at a node last.
#[derive(Clone, Debug, PartialEq)]
pub struct Last {
    /// Its number.
    pub event: u32,
    /// In words.
    pub text: String,
    /// The rule that the node followed, in one sentence.
    pub rule: Option<crate::protocol::Text>,
}

/// What was worked out for an earlier view: the world before a node's last event.
#[derive(Default)]
pub struct Before(Option<(usize, u32, Rc<World>)>);

/// A node in the inspector.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// Which.
    pub id: NodeId,
    /// Why it is not up, in a sentence.
    pub not_up: Option<&'static str>,
    /// Its role.
    pub role: &'static str,
    /// What happened at it last.
    pub last: Option<Last>,
    /// What is on the disk.
    pub durable: Vec<Variable>,
    /// What a crash takes.
    pub volatile: Vec<Variable>,
    /// Armed timers, and in how many µs they fire.
    pub timers: Vec<(&'static str, u64)>,
    /// Whether a write is under way.
    pub writing: bool,
    /// What it waits for, in words.
    pub waits: Vec<String>,
    /// The state machine's state.
    pub state: String,
    /// How many commands it has delivered.
    pub delivered: u64,
}

impl Inspected {
    /// The node `id`.
    pub fn of(session: &Session, id: NodeId, before: &mut Before) -> Inspected {
        let world = session.world();
        let show = |value| world.values().show(value);
        let last = last(world, id);
        let earlier = last.as_ref().map(|last| before.read(session, last.event));
        let was = earlier.map(|world| world.cluster().fields(id, &|value| world.values().show(value)));
        let (mut durable, mut volatile) = (Vec::new(), Vec::new());
        for field in world.cluster().fields(id, &show) {
            let list = if field.durable { &mut durable } else { &mut volatile };
            // A node that was down before has everything anew: that says nothing.
            let known = was.iter().flatten().find(|was| was.name == field.name && was.durable == field.durable);
            let changed = known.is_some_and(|was| was.value != field.value);
            list.push(Variable { name: field.name, value: field.value, changed });
        }
        let names = world.cluster().timers();
        let application = world.application(id);
        let view = world.cluster().view(id);
        Inspected {
            id,
            not_up: view.is_none().then(|| strings::side::not_up(world.started(id))),
            role: view.map_or("", |view| view.role),
            last,
            durable,
            volatile,
            timers: world
                .timers(id)
                .map(|(timer, _, at)| (*names.get(usize::from(timer)).unwrap_or(&"?"), at.saturating_sub(world.now())))
                .collect(),
            writing: world.writing(id),
            waits: world.cluster().waits(id).iter().map(words).collect(),
            state: application.state(world.values()),
            delivered: application.position,
        }
    }
}

fn words(wait: &Wait) -> String {
    use crate::diagnosis::names;
    match wait {
        Wait::Quorum { what, epoch, have, need } => {
            let missing = need.saturating_sub(have.len());
            format!("{what} of {epoch}: has {}, needs {missing} more", names(*have))
        }
        Wait::Node { what, node } => format!("{what} from {node}"),
        Wait::Gap { from, number } => format!("message {number} of {from}"),
        Wait::Slot { position } => format!("position {position}, which is empty"),
    }
}

/// How many events back the last one of a node is looked for.
const FAR: usize = 100_000;

/// What happened at `id` last.
fn last(world: &World, id: NodeId) -> Option<Last> {
    let events = &world.trace().events;
    let at = (0..events.len()).rev().take(FAR).find(|at| events[*at].node == id && events[*at].what.local())?;
    let event = &events[at];
    let name = match event.what {
        What::Arrive => world.cluster().kinds().get(usize::from(event.aux)).map(|kind| kind.name),
        What::Fire => world.cluster().timers().get(usize::from(event.aux)).copied(),
        _ => None,
    };
    let rule = name.and_then(|name| rules::rule(world.scenario().info.id, name));
    Some(Last { event: at as u32, text: session::describe(world, event), rule })
}

impl Before {
    /// The world before event `event`.
    fn read(&mut self, session: &Session, event: u32) -> Rc<World> {
        match &self.0 {
            Some((branch, known, world)) if (*branch, *known) == (session.branch(), event) => world.clone(),
            _ => {
                let world = Rc::new(session.at(event));
                self.0 = Some((session.branch(), event, world.clone()));
                world
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::setup;

    #[test]
    fn what_the_last_event_changed_is_marked() {
        let mut session = Session::new(setup::opening()).unwrap();
        session.play(setup::OPENING_US, 100_000);
        let leader = session.world().reigns().last().unwrap().node;
        let mut before = Before::default();
        let mut seen = (false, false);
        for _ in 0..300 {
            session.step();
            let node = Inspected::of(&session, leader, &mut before);
            let last = node.last.expect("something happened");
            let changed = node.durable.iter().chain(&node.volatile).any(|variable| variable.changed);
            if changed {
                seen.0 = true;
            }
            if last.event + 1 == session.world().events() && last.text.contains("AppendEntries") {
                seen.1 |= last.rule.is_some();
            }
        }
        assert_eq!(seen, (true, true), "changes are seen, and the rule of an answer");
    }
}
