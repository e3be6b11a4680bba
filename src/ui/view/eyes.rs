//! Through the eyes of one node: of every other one it can know no more than what lies in the causal past of the
//! messages that it received. A slow node and a dead one then look the same.

use crate::protocol::NodeId;
use crate::session::Session;
use crate::sim::World;
use std::rc::Rc;

/// What was worked out for an earlier view and still holds.
#[derive(Default)]
pub struct Memory {
    branch: usize,
    /// By node: its last event that is known of, and the world right after it.
    worlds: Vec<Option<(u32, Rc<World>)>>,
}

/// Whose eyes; everything, or one node's knowledge.
pub struct Eyes<'a> {
    world: &'a World,
    /// The node that looks, and what it knows of the others.
    me: Option<(NodeId, &'a Memory)>,
}

/// How a node is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// As it is.
    Now,
    /// As it was so many ms ago.
    Ago(u64),
    /// Nothing ever came from it.
    Never,
}

impl<'a> Eyes<'a> {
    /// Eyes that see everything.
    pub fn open(world: &'a World) -> Eyes<'a> {
        Eyes { world, me: None }
    }

    /// The eyes of `me`, or those that see everything.
    pub fn of(session: &'a Session, me: Option<NodeId>, memory: &'a mut Memory) -> Eyes<'a> {
        let Some(me) = me else { return Eyes::open(session.world()) };
        if memory.branch != session.branch() {
            *memory = Memory { branch: session.branch(), worlds: Vec::new() };
        }
        let known = session.known(me);
        memory.worlds.resize(known.len(), None);
        for (last, slot) in known.into_iter().zip(&mut memory.worlds) {
            if slot.as_ref().map(|(event, _)| *event) != last {
                *slot = last.map(|event| (event, Rc::new(session.at(event + 1))));
            }
        }
        Eyes { world: session.world(), me: Some((me, memory)) }
    }

    /// Whose eyes they are, if not everybody's.
    pub fn me(&self) -> Option<NodeId> {
        self.me.map(|(me, _)| me)
    }

    /// The world as it is.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// The world as `node` is seen in; `None` when nothing is known of it.
    pub fn at(&self, node: NodeId) -> Option<&'a World> {
        match self.me {
            Some((me, memory)) if me != node => memory.worlds.get(node.index())?.as_ref().map(|(_, world)| &**world),
            _ => Some(self.world),
        }
    }

    /// How `node` is seen at the moment `shown`.
    pub fn seen(&self, node: NodeId, shown: u64) -> Seen {
        match self.me {
            Some((me, _)) if me != node => match self.at(node) {
                Some(world) => Seen::Ago(shown.saturating_sub(world.now()) / 1000),
                None => Seen::Never,
            },
            _ => Seen::Now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Verb;
    use crate::ui::setup;

    fn session() -> Session {
        let mut session = Session::new(setup::opening()).unwrap();
        session.play(setup::OPENING_US, 100_000);
        session
    }

    /// What n1 sees of n0: its role and how far its log goes.
    fn seen(session: &Session) -> Option<(&'static str, u64)> {
        let mut memory = Memory::default();
        let eyes = Eyes::of(session, Some(NodeId(1)), &mut memory);
        eyes.at(NodeId(0)).and_then(|world| world.cluster().view(NodeId(0))).map(|view| (view.role, view.last))
    }

    #[test]
    fn before_a_message_came_nothing_is_known() {
        let mut session = session();
        session.seek(5);
        assert_eq!(seen(&session), None);
    }

    #[test]
    fn slow_cut_off_or_dead_looks_the_same() {
        let mut sights = Vec::new();
        for verb in [
            Verb::Crash { node: NodeId(0) },
            Verb::Pause { node: NodeId(0) },
            Verb::Cut { from: NodeId(0), to: NodeId(1) },
        ] {
            let mut session = session();
            session.perform(verb);
            // Of what n0 had sent before, everything has come; nothing has been heard of anybody since.
            session.step_until(500, |world| world.now() > setup::OPENING_US + 20_000);
            assert!(session.world().now() > setup::OPENING_US);
            sights.push(seen(&session));
        }
        assert!(sights[0].is_some_and(|(role, _)| role != "down"));
        assert_eq!((sights[0], sights[0]), (sights[1], sights[2]));
    }

    #[test]
    fn what_is_seen_is_what_was() {
        let session = session();
        let known = session.known(NodeId(1));
        let event = known[0].expect("n0 was heard of");
        assert!(session.past(known[1].unwrap()).unwrap().contains(&event), "it lies in the past of n1");
        assert!(session.at(event + 1).now() < session.world().now());
        assert_eq!(
            known[1],
            (0..session.world().events()).rev().find(|at| {
                let event = session.world().trace().events[*at as usize];
                event.node == NodeId(1) && event.what.local()
            })
        );
    }
}
