//! One node's whole state.

use crate::protocol::{NodeId, Wait};
use crate::sim::World;

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The paper's name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A node in the inspector.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// Which.
    pub id: NodeId,
    /// Whether it is up.
    pub up: bool,
    /// Its role.
    pub role: &'static str,
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
    pub fn of(world: &World, id: NodeId) -> Inspected {
        let show = |value| world.values().show(value);
        let (mut durable, mut volatile) = (Vec::new(), Vec::new());
        for field in world.cluster().fields(id, &show) {
            let list = if field.durable { &mut durable } else { &mut volatile };
            list.push(Variable { name: field.name, value: field.value });
        }
        let names = world.cluster().timers();
        let application = world.application(id);
        let view = world.cluster().view(id);
        Inspected {
            id,
            up: view.is_some(),
            role: view.map_or("", |view| view.role),
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
