//! Log compaction (§7): each node takes its own snapshots; a leader sends its own to a follower that is too far behind.

use super::{Change, Config, Index, Raft, RaftMessage, Role, Term, Write};
use crate::protocol::{Context, Fact, NodeId, NodeSet, SnapshotRef};

impl Raft {
    /// "Once a server completes writing a snapshot, it may delete all log entries up through the last included
    /// index" (§7). To be called when everything up to commitIndex has been delivered.
    pub(super) fn compact_if_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if config.snapshot_every == 0 || self.commit_index.saturating_sub(self.log.base()) < config.snapshot_every {
            return;
        }
        let Some(term) = self.log.term_at(self.commit_index) else { return };
        let members = self.log.members_to_keep(config.initial, self.commit_index);
        let snapshot = ctx.take_snapshot(self.me, self.commit_index.into());
        self.log.compact(snapshot, term, members);
        ctx.persist(Write { vote: None, change: Change::Compact { snapshot, term, members } });
        ctx.observe(Fact::Compacts { position: snapshot.position });
    }

    pub(super) fn on_install_snapshot(
        &mut self,
        config: &Config,
        from: NodeId,
        term: Term,
        (snapshot, last_included_term, members): (SnapshotRef, Term, Option<NodeSet>),
        ctx: &mut Context<Self>,
    ) {
        let last_included_index = snapshot.position as Index;
        if term < self.current_term {
            // "Reply immediately if term < currentTerm" (Fig. 13, rule 1); the term tells the stale leader.
            let response = RaftMessage::InstallSnapshotResponse { term: self.current_term, last_included_index: 0 };
            ctx.send(from, response);
            return;
        }
        let adopted = self.adopt(config, term, ctx);
        if matches!(self.role, Role::Leader(_)) {
            return; // As in AppendEntries: only a variant comes here.
        }
        self.role = Role::Follower;
        self.hear(config, from, ctx);
        if last_included_index > self.commit_index {
            self.install(config, snapshot, (last_included_term, members), adopted, ctx);
        } else if adopted {
            self.persist_term(config, ctx);
        }
        // What was committed here already matches the leader's as well.
        ctx.send(from, RaftMessage::InstallSnapshotResponse { term: self.current_term, last_included_index });
    }

    fn install(
        &mut self,
        config: &Config,
        snapshot: SnapshotRef,
        (term, members): (Term, Option<NodeSet>),
        adopted: bool,
        ctx: &mut Context<Self>,
    ) {
        let (first, last) = (self.log.base() + 1, self.log.last_index());
        let position = snapshot.position as Index;
        let retains = self.log.term_at(position) == Some(term);
        self.log.install(snapshot, term, members);
        self.take_configuration(config);
        self.commit_index = position;
        let vote = if adopted { self.vote_to_write(config) } else { None };
        ctx.persist(Write { vote, change: Change::Install { snapshot, term, members } });
        if adopted {
            self.observe_term(ctx);
        }
        if !retains && first <= last {
            // "Otherwise discard the entire log" (Fig. 13, rule 7).
            ctx.observe(Fact::Truncates { from: first.into() });
        }
        ctx.observe(Fact::Compacts { position: snapshot.position });
        ctx.install_snapshot(snapshot);
        ctx.observe(Fact::Commits { position: snapshot.position });
        if let Some(members) = members {
            ctx.observe(Fact::Members { position: snapshot.position, members });
        }
    }
}
