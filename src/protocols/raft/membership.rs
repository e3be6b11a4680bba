//! Membership changes, one server at a time (thesis §4.1–§4.2). A change is an entry of the log like any other: a command
//! whose value is "add n3" or "remove n3".

use super::progress::{Leadership, PATIENCE};
use super::{Config, Index, Raft, Role, Variant};
use crate::protocol::{Command, Context, Fact, Membership, NodeId, NodeSet, majority};

/// A newcomer that has not answered for so many heartbeats is given up; its client will ask again.
const GIVEN_UP: u8 = 10 * PATIENCE;

impl Raft {
    /// "Majority of the cluster", by the latest configuration in the node's own log (thesis §4.1).
    pub(super) fn is_majority(&self, nodes: NodeSet) -> bool {
        NodeSet(nodes.0 & self.members.0).len() >= self.majority()
    }

    pub(super) fn majority(&self) -> usize {
        majority(self.members.len())
    }

    /// Whether the node decides by itself.
    pub(super) fn alone(&self) -> bool {
        self.members.len() == 1 && self.members.contains(self.me)
    }

    /// The log has changed: so may the configuration, which is in force as soon as it is in the log, and no more when it
    /// is removed from there (thesis §4.1).
    pub(super) fn take_configuration(&mut self, config: &Config) {
        self.members = self.log.members(config.initial, self.log.last_index());
    }

    /// Whether the node stands for election: "a server that is not part of its own latest configuration should still
    /// start new elections, as it might still be needed until the Cnew entry is committed" (thesis §4.2.2).
    pub(super) fn may_stand(&self, config: &Config) -> bool {
        self.members.contains(self.me) || self.log.members(config.initial, self.commit_index).contains(self.me)
    }

    /// Changes of the membership among what has just been committed, from `first` on.
    pub(super) fn configurations_committed(&mut self, config: &Config, first: Index, ctx: &mut Context<Self>) {
        if self.log.last_change() < first {
            return;
        }
        for index in self.log.changes_within(first, self.commit_index) {
            let members = self.log.members(config.initial, index);
            ctx.observe(Fact::Members { position: index.into(), members });
        }
        // "Once Cnew is committed, the leader … steps down" (thesis §4.2.2): it is no longer one of them.
        if matches!(self.role, Role::Leader(_))
            && !self.members.contains(self.me)
            && self.log.last_change() <= self.commit_index
        {
            self.follow(config, None, ctx);
        }
    }

    /// A client asks for a change. It waits until it may be made; one waits at a time.
    pub(super) fn on_change_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        let Role::Leader(leadership) = &mut self.role else { return };
        match leadership.change {
            None => leadership.change = Some(command),
            Some(other) if other != command => return ctx.redirect(command, None),
            Some(_) => {}
        }
        self.advance_change(config, ctx);
    }

    /// Appends the change that waits, if it may be appended by now.
    pub(super) fn advance_change(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let Role::Leader(Leadership { change: Some(command), term_start, .. }) = self.role else { return };
        // "It's important that a server not append a new configuration entry until the previous one is committed"
        // (thesis §4.1, in its sense).
        if self.log.last_change() > self.commit_index {
            return;
        }
        // "A leader may not append a new configuration entry until it has committed an entry from its current term"
        // (D. Ongaro, raft-dev, 10 July 2015). Without that, two leaders' changes can have disjoint majorities.
        if self.commit_index < term_start && config.variant != Variant::ChangeBeforeCommit {
            if self.log.last_index() < term_start {
                self.append_as_leader(config, Command::NOOP, ctx);
            }
            return;
        }
        if let Some(Membership::Add(node)) = command.value.membership()
            && !self.members.contains(node)
            && !self.caught_up(config, node, ctx)
        {
            return;
        }
        if let Role::Leader(leadership) = &mut self.role {
            (leadership.change, leadership.newcomer) = (None, None);
        }
        self.append_as_leader(config, command, ctx);
    }

    /// Whether `node`, which is to be added, has what was committed when it was asked for. "A new server joins as a
    /// non-voting member: the leader replicates log entries to it, but it is not counted towards majorities" (thesis
    /// §4.2.1, in its sense).
    fn caught_up(&mut self, config: &Config, node: NodeId, ctx: &mut Context<Self>) -> bool {
        let (goal, next) = (self.commit_index, self.log.last_index() + 1);
        let Role::Leader(leadership) = &mut self.role else { return false };
        let begins = leadership.newcomer.is_none_or(|(newcomer, _)| newcomer != node);
        if begins {
            leadership.newcomer = Some((node, goal));
            leadership.peers[node.index()].silent = 0;
            leadership.peers[node.index()].probe_from(next);
        }
        let goal = leadership.newcomer.map_or(goal, |(_, goal)| goal);
        let there = leadership.peers[node.index()].match_index >= goal;
        if begins && !there {
            self.probe(config, node, ctx);
        }
        there
    }

    /// A newcomer that does not answer would hold up every other change.
    pub(super) fn give_up_on_newcomer(&mut self) {
        let Role::Leader(leadership) = &mut self.role else { return };
        if let Some((node, _)) = leadership.newcomer
            && leadership.peers[node.index()].silent >= GIVEN_UP
        {
            (leadership.change, leadership.newcomer) = (None, None);
        }
    }
}
