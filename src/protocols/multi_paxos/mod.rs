//! Multi-Paxos: total order broadcast by an instance of Paxos for each place of one log, under a leader that does the
//! first phase of all of them at once.
//!
//! Written from L. Lamport, *Paxos Made Simple*, 2001, cited by section (§3 is the state machine, §2 the consensus
//! algorithm), with the practice of R. van Renesse and D. Altinbuken, *Paxos Made Moderately Complex*, ACM Computing
//! Surveys 47(3), 2015, cited as PMMC. Every node is proposer, acceptor, learner and replica at once. A *slot* (PMMC) is
//! an instance (§3).
//!
//! # Model
//! Asynchronous for safety: whatever is lost, doubled, reordered or late, whoever crashes and restarts with its disk,
//! whenever timers fire. Partially synchronous for liveness, with a majority of the *n* nodes up and connected: f
//! crashes of 2f+1.
//!
//! **A node that lost its disk votes no more.** §2.2: "an acceptor must remember this information even if it fails and
//! then restarts". It can be told that its disk is a new one ([`Stable::lost`](crate::protocol::Stable::lost); *Paxos
//! Made Live* §5.1 leaves a marker elsewhere for that), follows leaders, is brought up to date and serves its
//! application, but neither promises nor accepts nor leads. So the order stays one order; progress is not promised, for
//! a majority must be found among the others.
//!
//! # Messages
//! | name | fields | sent when | effect |
//! |---|---|---|---|
//! | `Prepare` (1a) | `bal, first` | no leader is heard; again to those that did not answer | promise for all slots, or refusal |
//! | `Promise` (1b) | `bal, chosen, accepted` (`snapshot`) | a Prepare is not below `maxBal`, and the promise is on the disk | up to `chosen` the values are chosen; behind it the highest ballots count; a majority makes a leader |
//! | `Accept` (2a) | `bal, slot, val, chosen` | the leader takes up a command, or finishes what promises reported, or fills a gap; again to those that did not answer | acceptance or refusal |
//! | `Accepted` (2b) | `bal, slot` | the acceptance is on the disk; to the leader | a majority in one ballot: chosen |
//! | `Nack` | `bal, maxBal` | a Prepare, Accept or Heartbeat is below `maxBal` | the proposer or leader is preempted and backs off |
//! | `Heartbeat` | `bal, chosen` | a leader's timer | the follower waits on; what it accepted in this ballot up to `chosen` is chosen |
//! | `Alive` | `bal, chosen, lacks` | on Heartbeat | the leader knows that it is heard; to one that `lacks` something it sends a Decision |
//! | `Decision` | `bal, chosen, decided` (`snapshot`) | on Alive | the replica learns and executes |
//!
//! # On the disk
//! `promised` (maxBal, one for all slots), the log of accepted proposals, the snapshot that stands for its beginning.
//! An answer waits for its write: a handler asks for the write first, effects of one node happen in order, and so
//! nothing that a node says rests on what it could still forget. The watermark `chosen` goes along with every write and
//! causes none.
//!
//! # Deviations from the papers
//! 1. `Nack` is a message of its own (§2.2 only says that the acceptor "should probably inform the proposer"; in PMMC the
//!    answer carries the higher ballot).
//! 2. How leaders are found is left open (§3 says "elected", §2.4 asks for "either randomness or real time"): heartbeats
//!    and randomised time-outs. A node that was preempted waits for the other to lead, twice as long each time, up to a
//!    bound (PMMC §3 lets it wait in the same way); a leader that hears from no majority for the longest time-out steps
//!    down.
//! 3. The highest ballot tried (§2.5) is no variable of its own: a node's own acceptor promises the ballot in the same
//!    write, before Prepare leaves, and a new ballot is above every promise, and above all that the node has seen.
//! 4. Unanswered Prepare and Accept are sent again under the same ballot. An acceptor answers a Prepare *equal* to its
//!    promise again, and an Accept that it has accepted already without a write.
//! 5. What is chosen is one watermark: everything up to it. §3's leader also "knows" commands 138 and 139 behind its gap;
//!    here they are accepted proposals, which promises report and the leader proposes again, the same values.
//! 6. A Promise carries its acceptor's watermark and, where a snapshot stands for the asker's first slots, that.
//! 7. Learners learn from the leader alone: acceptors answer to it (§2.3, distinguished learner), and its watermark
//!    travels with Accept and Heartbeat instead of a decision for each slot (PMMC). A follower takes for chosen what it
//!    accepted *in the leader's ballot* up to the watermark: what it accepted in another may not be what was chosen.
//!    What it has not it is sent as `Decision`; to take that is to promise the leader's ballot, so that no late Accept of
//!    an earlier one overwrites what was learned.
//! 8. A leader queues what clients ask for beyond its window of α slots (§3), within a bound.
//! 9. A command that a client repeats may be ordered twice; the application leaves it out the second time, as PMMC's
//!    replica does. Clients talk to the leader and are redirected there; PMMC's talk to all replicas.
//! 10. A node that lost its disk votes no more, see above.
//! 11. Snapshots (setting `snapshot_every`): a node's own, a leader's for a replica, an acceptor's for a candidate.
//! 12. No membership changes (§3, PMMC's reconfiguration), no leases.
//!
//! The files: [`super::ballot`] numbers · `message` · `log` and `stable` the disk · `election` phase 1, giving way ·
//! `leader` phase 2, heartbeats · `acceptor` · `replica` learning and executing · `config` settings and card ·
//! `variant` the rules one can leave out · `inspect` for eyes · `reduce` for the checker.

mod acceptor;
mod config;
mod election;
mod inspect;
mod leader;
mod log;
mod message;
mod reduce;
mod replica;
mod stable;
mod variant;

pub use super::ballot::Ballot;
pub use config::Config;
pub use leader::QUEUE;
pub use log::Log;
pub use message::{Entry, MultiPaxosMessage};
pub use stable::{Change, Disk, Write};
pub use variant::{ALL as VARIANTS, Broken};

use crate::protocol::{
    Command, Context, Fact, Field, Info, NodeId, NodeSet, Protocol, Row, Setup, Timer, Value, View, Wait,
};
use leader::Leadership;

/// A place of the log, from 1; 0 stands before it.
pub type Slot = u64;

/// A proposal: a number and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proposal {
    /// Its number.
    pub ballot: Ballot,
    /// Its value.
    pub command: Command,
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MultiPaxosTimer {
    /// A node waits for a leader, or for promises; a leader checks whether a majority still hears it.
    Election,
    /// A leader's next heartbeat.
    Heartbeat,
}

impl Timer for MultiPaxosTimer {
    const ALL: &'static [Self] = &[MultiPaxosTimer::Election, MultiPaxosTimer::Heartbeat];

    fn name(self) -> &'static str {
        match self {
            MultiPaxosTimer::Election => "Election",
            MultiPaxosTimer::Heartbeat => "Heartbeat",
        }
    }

    fn index(self) -> u8 {
        self as u8
    }
}

/// What the proposer is at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// No ballot of its own under way.
    Following,
    /// Phase 1 of `ballot`, for all slots that are not known to be chosen: `promises` have come, `reports` are the
    /// highest-numbered proposals that they told of, one a slot.
    Preparing { ballot: Ballot, promises: NodeSet, reports: Vec<Entry> },
    /// Phase 1 is done, for good: phase 2, slot after slot.
    Leading(Leadership),
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MultiPaxos {
    me: NodeId,
    /// Nodes in the cluster.
    n: u8,
    /// Acceptor: no ballot below this one is answered, in no slot. On the disk, or in front of it.
    promised: Ballot,
    /// Acceptor and replica: what was accepted or learned. On the disk, or in front of it.
    log: Log,
    /// Replica: everything up to here is chosen and executed.
    chosen: Slot,
    /// The disk was lost: it votes no more.
    lost: bool,
    /// Proposer: the highest ballot seen anywhere.
    seen: Ballot,
    phase: Phase,
    /// Whom it hears lead.
    leader: Option<NodeId>,
    /// How often another ballot has preempted its own since it heard a leader.
    preempted: u8,
}

impl MultiPaxos {
    /// Other nodes than this one.
    fn peers(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        NodeId::all(usize::from(self.n)).filter(move |node| *node != me)
    }

    fn broadcast(&self, message: MultiPaxosMessage, ctx: &mut Context<Self>) {
        for peer in self.peers() {
            ctx.send(peer, message.clone());
        }
    }

    /// Writes what has become of the log; promise and watermark go along.
    fn write(&self, config: &Config, change: Change, ctx: &mut Context<Self>) {
        let promised = if config.breaks(Broken::VolatilePromise) { Ballot::NONE } else { self.promised };
        ctx.persist(Write { promised, chosen: self.chosen, change });
    }

    /// The ballot of its own that is under way.
    fn ballot(&self) -> Option<Ballot> {
        match &self.phase {
            Phase::Following => None,
            Phase::Preparing { ballot, .. } => Some(*ballot),
            Phase::Leading(leadership) => Some(leadership.ballot),
        }
    }
}

impl Protocol for MultiPaxos {
    type Config = Config;
    type Message = MultiPaxosMessage;
    type Timer = MultiPaxosTimer;
    type Stable = Disk;

    const INFO: &'static Info = &config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::read(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &Disk, ctx: &mut Context<Self>) -> Self {
        let mut node = MultiPaxos {
            me,
            n: config.n,
            promised: stable.promised,
            log: stable.log.clone(),
            chosen: stable.log.base(),
            lost: stable.lost,
            seen: stable.promised,
            phase: Phase::Following,
            leader: None,
            preempted: 0,
        };
        if node.promised > Ballot::NONE {
            ctx.observe(Fact::Epoch { epoch: node.promised.0 });
        }
        if let Some(snapshot) = node.log.snapshot() {
            ctx.install_snapshot(snapshot);
        }
        node.execute(config, stable.chosen, ctx);
        node.wait_for_leader(config, ctx);
        node
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: MultiPaxosMessage, ctx: &mut Context<Self>) {
        self.seen = self.seen.max(message.ballot());
        match message {
            MultiPaxosMessage::Prepare { ballot, first } => self.on_prepare(config, from, ballot, first, ctx),
            MultiPaxosMessage::Promise { ballot, chosen, snapshot, accepted } => {
                self.on_promise(config, from, ballot, replica::News { chosen, snapshot, entries: accepted }, ctx);
            }
            MultiPaxosMessage::Accept { ballot, slot, command, chosen } => {
                let entry = Entry { slot, proposal: Proposal { ballot, command } };
                self.on_accept(config, from, entry, chosen, ctx);
            }
            MultiPaxosMessage::Accepted { ballot, slot } => self.on_accepted(config, from, ballot, slot, ctx),
            MultiPaxosMessage::Nack { ballot, promised } => self.on_nack(config, ballot, promised, ctx),
            MultiPaxosMessage::Heartbeat { ballot, chosen } => self.on_heartbeat(config, from, ballot, chosen, ctx),
            MultiPaxosMessage::Alive { ballot, chosen, lacks } => {
                self.on_alive(config, from, ballot, lacks.then_some(chosen), ctx);
            }
            MultiPaxosMessage::Decision { ballot, chosen, snapshot, decided } => {
                self.on_decision(config, from, ballot, replica::News { chosen, snapshot, entries: decided }, ctx);
            }
        }
    }

    fn on_timer(&mut self, config: &Config, timer: MultiPaxosTimer, ctx: &mut Context<Self>) {
        match timer {
            MultiPaxosTimer::Election => self.on_election_timeout(config, ctx),
            MultiPaxosTimer::Heartbeat => self.on_heartbeat_due(config, ctx),
        }
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        // "Clients send commands to the leader, who decides where in the sequence each command should appear" (§3).
        match self.phase {
            Phase::Leading(_) => self.take_up(config, command, ctx),
            _ => ctx.redirect(command, self.leader),
        }
    }

    fn view(&self) -> View {
        self.summary()
    }

    fn row(&self, position: u64) -> Option<Row> {
        let Proposal { ballot, command } = self.log.get(position)?;
        Some(Row { epoch: ballot.0, command })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        self.variables(value)
    }

    fn waits(&self, config: &Config) -> Vec<Wait> {
        self.awaited(config)
    }

    fn normal(&mut self, config: &Config) {
        self.forget_unread(config);
    }

    fn hurries(config: &Config, message: &MultiPaxosMessage) -> bool {
        config.keeps_promises() && message.only_hurries()
    }

    fn provokes(message: &MultiPaxosMessage) -> bool {
        use MultiPaxosMessage::{Accept, Heartbeat, Prepare};
        matches!(message, Prepare { .. } | Accept { .. } | Heartbeat { .. })
    }

    fn outgrew(&self, config: &Config, from: NodeId, message: &MultiPaxosMessage) -> bool {
        config.keeps_promises() && self.has_outgrown(from, message)
    }
}
