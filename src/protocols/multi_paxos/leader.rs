//! The leader: phase 2 slot after slot, without waiting for one before the next; heartbeats, sending again, and the care
//! of nodes that lag behind.

use super::{Ballot, Broken, Change, Config, Entry, MultiPaxos, MultiPaxosMessage, MultiPaxosTimer, Phase};
use super::{Proposal, Slot};
use crate::protocol::{Command, Context, Fact, NodeId, NodeSet};

/// So many commands wait for their slot at a leader; who comes then is sent elsewhere.
pub const QUEUE: usize = 1024;

/// What a leader knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leadership {
    /// Its ballot, the same for all slots.
    pub ballot: Ballot,
    /// Who has accepted, by slot, from the first that is not known to be chosen; where it ends the next command goes.
    pub acceptors: Vec<NodeSet>,
    /// What was proposed up to here has waited for its answers since the heartbeat before.
    pub ripe: Slot,
    /// Who answered since the majority was checked last.
    pub heard: NodeSet,
    /// Commands beyond the window.
    pub queue: Vec<Command>,
}

impl Leadership {
    /// A new leader's.
    pub fn new(ballot: Ballot) -> Self {
        Leadership { ballot, acceptors: Vec::new(), ripe: 0, heard: NodeSet::default(), queue: Vec::new() }
    }
}

impl MultiPaxos {
    /// A client's command. "It assigns command number 141 to the next command requested by a client, proposing it as the
    /// value in phase 2 of instance 141 of the consensus algorithm" (§3). It "can get α commands ahead".
    pub(super) fn take_up(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        let Phase::Leading(leadership) = &mut self.phase else { return };
        if leadership.acceptors.len() < config.window {
            self.propose(config, Some(command), ctx);
        } else if leadership.queue.contains(&command) {
            // Its client asks again; it waits already.
        } else if leadership.queue.len() < QUEUE {
            leadership.queue.push(command);
        } else {
            ctx.redirect(command, None);
        }
    }

    /// Phase 2(a) in the next slot. The leader's own acceptor accepts first. Without a command the slot stays empty.
    pub(super) fn propose(&mut self, config: &Config, command: Option<Command>, ctx: &mut Context<Self>) {
        let Phase::Leading(leadership) = &mut self.phase else { return };
        leadership.acceptors.push(NodeSet::default());
        let (ballot, slot) = (leadership.ballot, self.chosen + leadership.acceptors.len() as Slot);
        let Some(command) = command else { return };
        let entry = Entry { slot, proposal: Proposal { ballot, command } };
        self.log.set(entry);
        self.write(config, Change::Accept(entry), ctx);
        ctx.observe(Fact::Proposes { position: slot, ballot: ballot.0, command });
        ctx.observe(Fact::Accepts { position: slot, ballot: ballot.0, command });
        self.broadcast(MultiPaxosMessage::Accept { ballot, slot, command, chosen: self.chosen }, ctx);
        self.count(config, self.me, slot, ctx);
    }

    /// An acceptor has accepted in `slot`.
    pub(super) fn on_accepted(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        slot: Slot,
        ctx: &mut Context<Self>,
    ) {
        let Phase::Leading(leadership) = &mut self.phase else { return };
        if leadership.ballot == ballot {
            leadership.heard.insert(from);
            self.count(config, from, slot, ctx);
        }
    }

    /// Counts an acceptance. A majority of them chooses; what is chosen is executed when all before it is: the leader
    /// "can't execute commands 138–140, which it also knows, because commands 136 and 137 have yet to be chosen" (§3).
    fn count(&mut self, config: &Config, from: NodeId, slot: Slot, ctx: &mut Context<Self>) {
        let Phase::Leading(leadership) = &mut self.phase else { return };
        let Some(place) = slot.checked_sub(self.chosen + 1) else { return };
        let Some(acceptors) = leadership.acceptors.get_mut(place as usize) else { return };
        if !acceptors.insert(from) || acceptors.len() != config.quorum {
            return;
        }
        if let Some(Proposal { ballot, command }) = self.log.get(slot) {
            ctx.observe(Fact::Learns { position: slot, ballot: ballot.0, command });
        }
        if config.breaks(Broken::GapSkipped) {
            leadership.acceptors.drain(..place as usize);
            self.chosen = slot - 1;
        }
        let run = leadership.acceptors.iter().take_while(|acceptors| acceptors.len() >= config.quorum).count();
        leadership.acceptors.drain(..run);
        self.execute(config, self.chosen + run as Slot, ctx);
        self.take_from_queue(config, ctx);
    }

    fn take_from_queue(&mut self, config: &Config, ctx: &mut Context<Self>) {
        while let Phase::Leading(leadership) = &mut self.phase
            && leadership.acceptors.len() < config.window
            && !leadership.queue.is_empty()
        {
            let command = leadership.queue.remove(0);
            self.propose(config, Some(command), ctx);
        }
    }

    /// Says that it is there and what is chosen. "When the leader fails to receive the expected response to its phase 2
    /// messages in instance 141, it will retransmit those messages" (§3).
    pub(super) fn on_heartbeat_due(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let peers = self.peers();
        let Phase::Leading(leadership) = &mut self.phase else { return };
        ctx.set_timer(MultiPaxosTimer::Heartbeat, config.heartbeat, config.heartbeat);
        let (ballot, chosen) = (leadership.ballot, self.chosen);
        let last = chosen + leadership.acceptors.len() as Slot;
        let ripe = std::mem::replace(&mut leadership.ripe, last);
        for peer in peers {
            for (slot, acceptors) in (chosen + 1..=ripe).zip(&leadership.acceptors) {
                let proposal = self.log.get(slot).filter(|proposal| proposal.ballot == ballot);
                if let Some(Proposal { command, .. }) = proposal
                    && acceptors.len() < config.quorum
                    && !acceptors.contains(peer)
                {
                    ctx.send(peer, MultiPaxosMessage::Accept { ballot, slot, command, chosen });
                }
            }
            ctx.send(peer, MultiPaxosMessage::Heartbeat { ballot, chosen });
        }
    }

    /// A follower answers. What it lacks behind `behind` it is sent, a batch with each heartbeat.
    pub(super) fn on_alive(
        &mut self,
        config: &Config,
        from: NodeId,
        ballot: Ballot,
        behind: Option<Slot>,
        ctx: &mut Context<Self>,
    ) {
        let Phase::Leading(leadership) = &mut self.phase else { return };
        if leadership.ballot != ballot {
            return;
        }
        leadership.heard.insert(from);
        let Some(behind) = behind.filter(|behind| *behind < self.chosen) else { return };
        let snapshot = self.log.snapshot().filter(|snapshot| snapshot.position > behind);
        let first = behind.max(self.log.base()) + 1;
        let decided = self.log.entries(first, self.chosen.min(first + config.max_batch - 1));
        ctx.send(from, MultiPaxosMessage::Decision { ballot, chosen: self.chosen, snapshot, decided });
    }
}
