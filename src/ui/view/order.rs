//! The order: what every node has, place by place, as far as there is room.

use super::eyes::Eyes;
use crate::protocol::{Command, NodeId, Shape, View};
use crate::sim::{MarkKind, What, World};
use crate::sorting::sort_by_key;
use std::rc::Rc;

/// How far a place has come at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing stands there.
    Empty,
    /// It is part of a snapshot.
    Compacted,
    /// It stands in the log, or was accepted.
    Written,
    /// The node knows that it is committed.
    Committed,
    /// It was handed to the state machine, or is decided.
    Delivered,
}

/// A place at a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// How far it has come.
    pub state: State,
    /// The colour and mark of its epoch; of its origin in broadcasts.
    pub colour: u8,
    /// What stands there.
    pub text: Rc<str>,
    /// Whether another node has delivered something else at this place.
    pub differs: bool,
}

/// A node's row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Whose.
    pub node: NodeId,
    /// Whether it is up.
    pub up: bool,
    /// Whether it believes that it leads.
    pub leads: bool,
    /// Its places, from the first shown.
    pub cells: Vec<Cell>,
    /// How many places it has delivered.
    pub delivered: u64,
    /// When it crashed, µs, if it is down.
    pub crashed_at: Option<u64>,
    /// How many places it is behind the one that is ahead.
    pub behind: u64,
}

/// The sequences of all nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What the protocol brings about.
    pub shape: Shape,
    /// The first place shown, from 1.
    pub first: u64,
    /// How many are shown.
    pub columns: u64,
    /// The nodes.
    pub rows: Vec<Rc<Row>>,
    /// So many places, from the first, were delivered alike on every node that is up.
    pub agreed: u64,
    /// The epochs that are seen, each with its colour.
    pub epochs: Vec<(u64, u8)>,
    /// The paper's word for epoch; "" where there is none.
    pub epoch_word: &'static str,
    /// The paper's word for a place.
    pub position_word: &'static str,
}

impl Cell {
    fn empty() -> Cell {
        Cell { state: State::Empty, colour: 0, text: "".into(), differs: false }
    }
}

/// By how many columns the window moves on, so that it stands still in between.
const STRIDE: u64 = 4;

impl Order {
    /// The last places that `columns` columns can show, as `eyes` see them.
    pub fn of(eyes: &Eyes<'_>, columns: u64) -> Order {
        let world = eyes.world();
        let info = world.scenario().info;
        let n = usize::from(world.scenario().nodes);
        let columns = if info.shape == Shape::OneValue { 1 } else { columns.max(STRIDE + 1) };
        let views: Vec<Option<View>> =
            NodeId::all(n).map(|node| eyes.at(node).and_then(|world| world.cluster().view(node))).collect();
        let sights = || NodeId::all(n).filter_map(|node| Some((node, eyes.at(node)?)));
        let last = sights().map(|(node, world)| last(world, info.shape, node, &views)).max().unwrap_or(0);
        let first = match last.checked_sub(columns) {
            Some(over) if over > 0 => over.next_multiple_of(STRIDE) + 1,
            _ => 1,
        };
        let ahead = sights().map(|(node, world)| world.application(node).position).max().unwrap_or(0);
        let mut order = Order {
            shape: info.shape,
            first,
            columns,
            rows: Vec::new(),
            agreed: if eyes.me().is_none() { agreed(world) } else { 0 },
            epochs: Vec::new(),
            epoch_word: info.epoch_word,
            position_word: info.position_word,
        };
        let mut chosen: Vec<Option<Command>> = vec![None; columns as usize];
        let mut differs = vec![false; columns as usize];
        for (node, world) in sights() {
            for (column, place) in (first..first + columns).enumerate() {
                let Some(command) = delivered(world, node, place) else { continue };
                differs[column] |= *chosen[column].get_or_insert(command) != command;
            }
        }
        for node in NodeId::all(n) {
            let view = &views[node.index()];
            let sight = eyes.at(node);
            let cells = (first..first + columns).enumerate().map(|(column, place)| {
                let mut cell = sight.map_or_else(Cell::empty, |world| order.cell(world, node, view.as_ref(), place));
                cell.differs = differs[column] && cell.state == State::Delivered;
                cell
            });
            let cells = cells.collect::<Vec<_>>();
            let position = sight.map_or(0, |world| world.application(node).position);
            let row = Row {
                node,
                up: view.is_some() || eyes.me().is_some_and(|me| me != node),
                leads: view.as_ref().is_some_and(|view| view.leads),
                cells,
                delivered: position,
                crashed_at: if view.is_none() && eyes.me().is_none() { crashed_at(world, node) } else { None },
                behind: ahead - position,
            };
            order.rows.push(Rc::new(row));
        }
        sort_by_key(&mut order.epochs, |epoch| *epoch);
        order
    }

    fn cell(&mut self, world: &World, node: NodeId, view: Option<&View>, place: u64) -> Cell {
        let application = world.application(node);
        let empty = Cell::empty();
        let delivered = delivered(world, node, place);
        let text = |command: Command| Rc::from(world.values().show(command.value));
        if self.shape == Shape::Broadcast {
            let Some(command) = delivered else { return empty };
            let colour = (command.client.0 % u32::from(super::COLOURS)) as u8;
            return Cell { state: State::Delivered, colour, text: text(command), differs: false };
        }
        let row = world.cluster().row(node, place);
        let state = match view {
            _ if delivered.is_some() => State::Delivered,
            Some(view) if place < view.first && place <= application.position => State::Compacted,
            Some(view) if row.is_some() && place <= view.committed => State::Committed,
            _ if row.is_some() => State::Written,
            _ => State::Empty,
        };
        let Some(command) = delivered.or(row.map(|row| row.command)) else { return Cell { state, ..empty } };
        let epoch = row.map_or_else(|| epoch_elsewhere(world, place, command), |row| row.epoch);
        let colour = super::colour(world, epoch);
        if !self.epochs.contains(&(epoch, colour)) {
            self.epochs.push((epoch, colour));
        }
        Cell { state, colour, text: text(command), differs: false }
    }
}

/// The epoch of a command at a place as some other node has it: a node that is down has its log on disk only.
fn epoch_elsewhere(world: &World, place: u64, command: Command) -> u64 {
    NodeId::all(usize::from(world.scenario().nodes))
        .filter_map(|node| world.cluster().row(node, place))
        .find(|row| row.command == command)
        .map_or(0, |row| row.epoch)
}

fn last(world: &World, shape: Shape, node: NodeId, views: &[Option<View>]) -> u64 {
    let delivered = match shape {
        Shape::Broadcast => world.application(node).delivered.len() as u64,
        _ => world.application(node).position,
    };
    let written = views[node.index()].as_ref().map_or(0, |view| view.last);
    if shape == Shape::Broadcast { delivered } else { delivered.max(written) }
}

/// What `node` delivered at `place`; in broadcasts, as the so-manieth.
fn delivered(world: &World, node: NodeId, place: u64) -> Option<Command> {
    let application = world.application(node);
    let list = &application.delivered;
    // Positions of one node have no gap, but a list may begin behind a snapshot.
    let before = list.front()?.position;
    let index = usize::try_from(place.checked_sub(before)?).ok()?;
    let delivery = list.get(index)?;
    (delivery.position == place).then_some(delivery.command)
}

/// How many places, from the first, every node that is up has delivered alike. Where a snapshot stands in for the
/// beginning, that counts as alike.
pub fn agreed(world: &World) -> u64 {
    let up: Vec<NodeId> = world.up().iter().collect();
    let least = up.iter().map(|node| world.application(*node).position).min().unwrap_or(0);
    if up.len() < 2 {
        return least;
    }
    // Logs that agree at a place agree before it (Log Matching), which broadcasts do not promise: those are compared
    // from the start, as far back as a person can be expected to care.
    let from = match world.scenario().info.shape {
        Shape::Broadcast => 1,
        _ => least.saturating_sub(64).max(1),
    };
    for place in from..=least {
        let mut commands = up.iter().filter_map(|node| delivered(world, *node, place));
        let Some(first) = commands.next() else { continue };
        if commands.any(|command| command != first) {
            return place - 1;
        }
    }
    least
}

/// When `node` crashed last, looking back over the last faults.
fn crashed_at(world: &World, node: NodeId) -> Option<u64> {
    let trace = world.trace();
    trace
        .marks
        .iter()
        .rev()
        .filter(|mark| mark.kind == MarkKind::Fault)
        .take(200)
        .filter_map(|mark| trace.events.get(mark.event as usize))
        .find(|event| event.what == What::Crash && event.node == node)
        .map(|event| event.at)
}
