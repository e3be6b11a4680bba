//! Single-decree Paxos: several proposers, one value.
//!
//! # What it solves
//! Consensus. "Only a value that has been proposed may be chosen, only a single value is chosen, and a process never
//! learns that a value has been chosen unless it actually has been" (L. Lamport, *Paxos Made Simple*, 2001, §2.1).
//! Every node is proposer, acceptor and learner at once (§2.5); a node is given its proposal by a client's request,
//! and `deliver(1, command)` is its decision.
//!
//! # Model
//! Asynchronous for safety: whatever is lost, doubled, reordered or late, whoever crashes and restarts with its disk,
//! whenever timers fire. Partially synchronous for liveness, with a majority of the *n* nodes up and connected.
//!
//! **Losing a disk breaks the model's assumption.** §2.2: "an acceptor must remember this information even if it
//! fails and then restarts". A node that comes back with an empty disk takes part as if it were new, so that it may
//! break a promise and undo an acceptance: two values can be chosen. (Even one such node is enough where its vote made
//! the majority.)
//!
//! # Messages
//! | name | fields | sent when | effect |
//! |---|---|---|---|
//! | `Prepare` (1a) | `bal` | a proposer begins a ballot; again on `Retry` to those that did not answer | promise or refusal |
//! | `Promise` (1b) | `bal, maxVBal, maxVal` | a Prepare is not below `maxBal`, and the promise is on the disk | a majority lets the proposer choose its value |
//! | `Accept` (2a) | `bal, val` | a majority promised; again on `Retry` to those that did not answer | acceptance or refusal |
//! | `Accepted` (2b) | `bal, val` | the acceptance is on the disk; to all learners | a majority in one ballot: chosen |
//! | `Nack` | `bal, maxBal` | a Prepare or Accept is below `maxBal` | the proposer abandons the ballot and backs off |
//! | `Decided` | `bal, val, known` | a Prepare or Accept reaches a node that knows the decision; on `Retry` to those that may not know it | the receiver decides, and answers unless it is in `known` |
//!
//! # On the disk
//! Proposer: the highest ballot tried and the client's proposal, before Prepare leaves. Acceptor: `promised` (maxBal)
//! and `accepted` (maxVBal, maxVal), before Promise or Accepted leave. Learner: the decision, before it is delivered;
//! a restarted node delivers it again, its application being empty.
//!
//! # What Termination promises
//! Take a time from which no node crashes any more, a majority is up, and the network keeps its bounds. If a node that
//! is up then has a proposal on its disk, or has accepted one, or knows the decision, then every node that is up
//! decides. This covers the proposer that crashed for good after some live acceptor had accepted: that acceptor
//! finishes for it. It also covers a value that was chosen without anybody's knowing it, since every majority has
//! accepted it. Nothing is promised when the only proposers crash for good before any live node has accepted.
//!
//! # Deviations from the paper
//! 1. `Nack` is a message of its own. §2.2 only says that the acceptor "should probably inform the proposer".
//! 2. Retransmission, on which the paper is silent: an unanswered Prepare or Accept is sent again under the same
//!    ballot. So an acceptor answers a Prepare *equal* to its promise again (Paxos.tla: greater only), unless it has
//!    accepted in that ballot, when no answer is needed ("we also have it ignore a prepare request for a proposal it
//!    has already accepted", §2.2). An Accept that it has accepted already is answered again without a write.
//! 3. Instead of electing a distinguished proposer (§2.4) everybody may propose, and randomised back-off, doubled in
//!    every round of ballots, keeps all but one silent long enough: "must use either randomness or real time". A node
//!    that promises to or accepts from another proposer abandons a lower ballot of its own and puts off the next.
//! 4. A new ballot is above every ballot that the node has *seen*, not only above those it has tried.
//! 5. The client's proposal is on the disk too (as in logged consensus, Cachin et al. §5.6), so that a restarted
//!    proposer goes on.
//! 6. A node without a proposal of its own that accepted one and sees no decision tries a ballot itself. If the
//!    promises report nothing, it asks for what it accepted itself: a proposed value like any other.
//! 7. Accept goes to all acceptors, not only to those that promised ("this need not be the same set", §2.2).
//! 8. A node that knows the decision answers Prepare and Accept with `Decided`, and no longer as an acceptor.
//! 9. `Decided` is repeated until it is acknowledged. Its field `known` is the set of nodes that know; the sets are
//!    merged, and who sees all nodes in it falls silent, so that a run ends in silence. (The message is The Part-Time
//!    Parliament's *Success*; the set is ours.)
//! 10. A learner counts in the [`MAX_TALLIES`] highest ballots only. Forgetting an Accepted is like losing it.
//!
//! The files: [`message`] · [`stable`] the disk · `proposer`, `acceptor`, `learner` one part each ·
//! [`config`] settings and card · [`variant`] the rules one can leave out · `reduce` for the checker.

mod acceptor;
pub mod config;
mod learner;
pub mod message;
mod proposer;
mod reduce;
pub mod stable;
pub mod variant;

use crate::protocol::{
    Command, Context, Fact, Field, Info, NodeId, NodeSet, Protocol, Renaming, Row, Setup, Stable, Symmetry, Timer,
    Value, View, Wait,
};
use ballot::Ballot;
use config::Config;
use learner::Tally;
use message::PaxosMessage;
use stable::{Disk, Proposal, Write};
use variant::Broken;

pub use super::ballot;
pub use learner::MAX_TALLIES;

/// The one kind of timer: send again, try a higher ballot, or tell the decision again, whichever is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaxosTimer {
    /// Something has waited long enough.
    Retry,
}

impl Timer for PaxosTimer {
    const ALL: &'static [Self] = &[PaxosTimer::Retry];

    fn name(self) -> &'static str {
        "Retry"
    }

    fn index(self) -> u8 {
        0
    }
}

/// How far the proposer has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// No ballot under way.
    Idle,
    /// Phase 1 of `ballot`: `promises` have come, `best` is the highest-numbered proposal among them.
    Preparing { ballot: Ballot, promises: NodeSet, best: Option<Proposal> },
    /// Phase 2: this was proposed.
    Accepting { proposal: Proposal },
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Paxos {
    me: NodeId,
    /// Nodes in the cluster.
    n: u8,
    /// What is on the disk, or in front of it: effects behind a write wait for it, the state does not.
    disk: Disk,
    /// Proposer: the highest ballot seen anywhere. Volatile.
    seen: Ballot,
    /// Proposer: the ballot under way. Volatile.
    phase: Phase,
    /// Learner: who accepted what. Volatile; empty once the decision is known.
    tallies: Vec<Tally>,
    /// Learner: who knows the decision. Volatile; empty until the node knows it itself.
    known: NodeSet,
}

impl Paxos {
    fn write(&mut self, write: Write, ctx: &mut Context<Self>) {
        self.disk.apply(&write);
        ctx.persist(write);
    }

    fn retry_after(&self, (min, max): (u64, u64), ctx: &mut Context<Self>) {
        ctx.set_timer(PaxosTimer::Retry, min, max);
    }

    fn broadcast(&self, message: PaxosMessage, ctx: &mut Context<Self>) {
        for node in NodeId::all(usize::from(self.n)) {
            ctx.send(node, message);
        }
    }

    /// The value that this node asks for unless a promise reports another.
    fn own_value(&self) -> Option<Command> {
        self.disk.proposal.or(self.disk.accepted.map(|accepted| accepted.command))
    }

    /// The ballot that this node has under way.
    fn ballot(&self) -> Option<Ballot> {
        match self.phase {
            Phase::Idle => None,
            Phase::Preparing { ballot, .. } => Some(ballot),
            Phase::Accepting { proposal } => Some(proposal.ballot),
        }
    }
}

impl Protocol for Paxos {
    type Config = Config;
    type Message = PaxosMessage;
    type Timer = PaxosTimer;
    type Stable = Disk;

    const INFO: &'static Info = &config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::new(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &Disk, ctx: &mut Context<Self>) -> Self {
        let mut disk = stable.clone();
        let mut seen = disk.tried.max(disk.promised);
        if config.breaks(Broken::VolatileRound) {
            (disk.tried, disk.proposal, seen) = (Ballot::NONE, None, Ballot::NONE);
        }
        let node =
            Paxos { me, n: config.n, disk, seen, phase: Phase::Idle, tallies: Vec::new(), known: NodeSet::default() };
        if node.disk.promised > Ballot::NONE {
            ctx.observe(Fact::Epoch { epoch: node.disk.promised.0 });
        }
        node.resume(config, ctx)
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: PaxosMessage, ctx: &mut Context<Self>) {
        match message {
            PaxosMessage::Prepare { ballot } => self.on_prepare(config, from, ballot, ctx),
            PaxosMessage::Promise { ballot, accepted } => self.on_promise(config, from, ballot, accepted, ctx),
            PaxosMessage::Accept { ballot, command } => self.on_accept(config, from, Proposal { ballot, command }, ctx),
            PaxosMessage::Accepted { ballot, command } => {
                self.on_accepted(config, from, Proposal { ballot, command }, ctx)
            }
            PaxosMessage::Nack { ballot, promised } => self.on_nack(config, ballot, promised, ctx),
            PaxosMessage::Decided { chosen, known } => self.on_decided(config, from, chosen, known, ctx),
        }
    }

    fn on_timer(&mut self, config: &Config, timer: PaxosTimer, ctx: &mut Context<Self>) {
        match timer {
            PaxosTimer::Retry if self.disk.decided.is_some() => self.tell_again(config, ctx),
            PaxosTimer::Retry => self.try_again(config, ctx),
        }
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        // One proposal a node: the first one stands.
        if self.disk.decided.is_none() && self.disk.proposal.is_none() {
            self.propose(config, command, ctx);
        }
    }

    fn view(&self) -> View {
        let role = match (self.disk.decided, self.phase) {
            (Some(_), _) => "learner",
            (None, Phase::Idle) => "acceptor",
            (None, Phase::Preparing { .. } | Phase::Accepting { .. }) => "proposer",
        };
        let Disk { promised, accepted, decided, .. } = self.disk;
        // Who got a majority's promises and has, as far as this node knows, not been overtaken.
        let leader = accepted.filter(|a| a.ballot == promised).map(|a| a.ballot.owner(self.n));
        View {
            role,
            leads: matches!(self.phase, Phase::Accepting { .. }),
            epoch: promised.0,
            first: 1,
            last: u64::from(accepted.is_some() || decided.is_some()),
            committed: u64::from(decided.is_some()),
            leader,
        }
    }

    fn row(&self, position: u64) -> Option<Row> {
        let proposal = self.disk.decided.or(self.disk.accepted)?;
        (position == 1).then_some(Row { epoch: proposal.ballot.0, command: proposal.command })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let none = || "none".to_string();
        let ballot = |ballot: Option<Ballot>| ballot.map_or_else(none, |b| b.0.to_string());
        let command = |command: Option<Command>| command.map_or_else(none, |c| value(c.value));
        let Disk { tried, proposal, promised, accepted, decided } = self.disk;
        let (phase, promises) = match self.phase {
            Phase::Idle => ("idle", NodeSet::default()),
            Phase::Preparing { promises, .. } => ("1", promises),
            Phase::Accepting { .. } => ("2", NodeSet::default()),
        };
        let tallies: Vec<String> = self.tallies.iter().map(|tally| tally.describe(value)).collect();
        let field = |name, durable, value| Field { name, value, durable };
        vec![
            field("maxBal", true, ballot(Some(promised).filter(|&b| b > Ballot::NONE))),
            field("maxVBal", true, ballot(accepted.map(|a| a.ballot))),
            field("maxVal", true, command(accepted.map(|a| a.command))),
            field("lastTried", true, ballot(Some(tried).filter(|&b| b > Ballot::NONE))),
            field("proposal", true, command(proposal)),
            field("decided", true, command(decided.map(|d| d.command))),
            field("phase", false, phase.to_string()),
            field("ballot", false, ballot(self.ballot())),
            field("promises", false, format!("{promises:?}")),
            field("acceptances", false, if tallies.is_empty() { none() } else { tallies.join(" ") }),
            field("seen", false, ballot(Some(self.seen).filter(|&b| b > Ballot::NONE))),
            field("known", false, format!("{:?}", self.known)),
        ]
    }

    fn waits(&self, config: &Config) -> Vec<Wait> {
        let quorum = |what, ballot: Ballot, have| Wait::Quorum { what, epoch: ballot.0, have, need: config.quorum };
        if self.disk.decided.is_some() {
            return Vec::new();
        }
        if let Phase::Preparing { ballot, promises, .. } = self.phase {
            return vec![quorum("promises", ballot, promises)];
        }
        let awaited = match self.phase {
            Phase::Accepting { proposal } => Some(proposal),
            _ => self.disk.accepted,
        };
        awaited.map(|p| quorum("acceptances", p.ballot, self.acceptors_of(p))).into_iter().collect()
    }

    fn learners(config: &Config) -> bool {
        !matches!(config.broken, Some(Broken::CountPerValue | Broken::CountMessages))
    }

    fn unlearn(message: &mut PaxosMessage) -> bool {
        !matches!(message, PaxosMessage::Accepted { .. } | PaxosMessage::Decided { .. })
    }

    fn hurries(config: &Config, message: &PaxosMessage) -> bool {
        config.remembers() && message.only_hurries()
    }

    fn provokes(message: &PaxosMessage) -> bool {
        matches!(message, PaxosMessage::Prepare { .. } | PaxosMessage::Accept { .. })
    }

    fn outgrew(&self, config: &Config, _: NodeId, message: &PaxosMessage) -> bool {
        config.remembers() && self.has_outgrown(message)
    }

    fn symmetry(_: &Config) -> Symmetry {
        Symmetry::Silent
    }

    fn rename(&mut self, names: &Renaming) {
        self.rename_nodes(names);
    }
}
