//! Ben-Or: binary consensus without any clock, by tossing coins.
//!
//! # What it solves
//! Consensus on one of two values, `0` and `1`, where nothing bounds delays (M. Ben-Or, *Another advantage of free
//! choice*, PODC 1983; in the form for crashes and f < n/2 that M. Aguilera and S. Toueg proved in *The correctness
//! proof of Ben-Or's randomized consensus algorithm*, Distributed Computing 25, 2012). No deterministic algorithm does
//! it with a single crash (Fischer, Lynch and Paterson 1985); this one decides with probability 1.
//! `deliver(1, command)` is the decision.
//!
//! # Model
//! Asynchronous, f < n/2, whatever the scheduler, as long as every message between nodes that are up arrives in the
//! end. Lost messages are repeated. Nodes may crash and come back with their disk; while more than f are down nothing
//! is decided, and nothing is decided wrongly. **Losing a disk breaks it**: a node could report twice in one round.
//!
//! # A round
//! Every node has an estimate x, at first its input. In round k:
//! 1. It sends the report (R, k, x) to all and waits for reports of n − f nodes. If more than n/2 of them, *of all
//!    nodes* that is, say the same v, it proposes (P, k, v), else (P, k, ?).
//! 2. It waits for proposals of n − f nodes. At least f + 1 for v: it decides v. At least one for v: x becomes v. None:
//!    x becomes 0 or 1 by a coin of its own. Then round k + 1.
//!
//! # Messages
//! | name | fields | sent when | effect |
//! |---|---|---|---|
//! | `Report` (R) | `k, x` | a round begins; again on `Retry` | n − f of a round end its first phase; a later round is joined |
//! | `Proposal` (P) | `k, v` or ? | n − f reports have come; again on `Retry` | n − f of a round end it |
//! | `Decided` | `v, known` | a node decides; a decided node is sent a Report; on `Retry` to those that may not know | the receiver decides, and answers unless it is in `known` |
//!
//! # On the disk
//! Round, estimate and proposal before Report and Proposal leave, so that a node says one thing in each phase of a
//! round whatever happens to it; and the decision.
//!
//! # Deviations from the paper
//! 1. Not every node has an input. One that has none takes the x of the first Report that it receives: a proposed value
//!    like any other.
//! 2. Links may lose messages: a node repeats what it said in its round until it goes on.
//! 3. A node that receives a Report of a later round begins that round at once, with the x of that Report. The paper
//!    keeps all messages of all rounds, so that nobody is ever behind. If anybody decided v in an earlier round, every
//!    Report of that round says v; so whoever copies one says v too.
//! 4. A node that decides tells the others, and takes no further part. The paper lets it go on for ever. `Decided` is
//!    repeated until it is acknowledged; its `known` is the set of nodes that know, the sets are merged, and who sees
//!    all nodes in it falls silent, so that a run ends in silence. (Cachin et al., ch. 5, tell
//!    the decision in their randomized consensus, too.)
//! 5. A disk (the paper's processes stop for good).
//!
//! The files: [`message`] · [`stable`] the disk · `rounds` the two phases · `decision` who knows · [`config`] settings
//! and card · [`variant`] the rules one can leave out.

pub mod config;
mod decision;
pub mod message;
mod reduce;
mod rounds;
pub mod stable;
pub mod variant;

use crate::protocol::{
    ClientId, Command, Context, Field, Info, NodeId, NodeSet, Protocol, Renaming, Row, Setup, Stable, Symmetry, Timer,
    Value, View, Wait,
};
use config::Config;
use message::BenOrMessage;
use stable::{Disk, Write};

/// The one kind of timer: say it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Retry;

impl Timer for Retry {
    const ALL: &'static [Self] = &[Retry];

    fn name(self) -> &'static str {
        "Retry"
    }

    fn index(self) -> u8 {
        0
    }
}

/// The two values, by their numbers: the world gives `0` and `1` the first two.
const BINARY: [Value; 2] = [Value(0), Value(1)];

/// The command that stands for a value: a coin knows no client.
pub fn command(value: Value) -> Command {
    Command { client: ClientId(value.0), serial: 1, value }
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BenOr {
    me: NodeId,
    /// Nodes in the cluster.
    n: u8,
    /// What is on the disk, or in front of it: effects behind a write wait for it, the state does not.
    disk: Disk,
    /// Who reported 0 in this round, and who 1. Volatile.
    reports: [NodeSet; 2],
    /// Who proposed 0 in this round, who 1, and who neither. Volatile.
    proposals: [NodeSet; 3],
    /// Who knows the decision. Volatile; empty until the node knows it itself.
    known: NodeSet,
}

impl BenOr {
    fn write(&mut self, write: Write, ctx: &mut Context<Self>) {
        self.disk.apply(&write);
        ctx.persist(write);
    }

    fn send_to(&self, nodes: NodeSet, message: BenOrMessage, ctx: &mut Context<Self>) {
        for node in nodes.iter() {
            ctx.send(node, message);
        }
    }

    fn all(&self) -> NodeSet {
        NodeId::all(usize::from(self.n)).collect()
    }

    fn others(&self) -> NodeSet {
        let mut others = self.all();
        others.remove(self.me);
        others
    }

    fn arm(&self, config: &Config, ctx: &mut Context<Self>) {
        ctx.set_timer(Retry, config.retry.0, config.retry.1);
    }
}

fn union(sets: &[NodeSet]) -> NodeSet {
    NodeSet(sets.iter().fold(0, |all, set| all | set.0))
}

impl Protocol for BenOr {
    type Config = Config;
    type Message = BenOrMessage;
    type Timer = Retry;
    type Stable = Disk;

    const INFO: &'static Info = &config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::new(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &Disk, ctx: &mut Context<Self>) -> Self {
        let (reports, proposals, known) = Default::default();
        let mut node = BenOr { me, n: config.n, disk: stable.clone(), reports, proposals, known };
        if let Some(value) = node.disk.decided {
            // Its application is empty, and nobody knows who knows.
            node.known.insert(me);
            ctx.deliver(1, command(value));
            node.arm(config, ctx);
        } else if node.disk.round > 0 {
            node.say(node.all(), ctx);
            node.arm(config, ctx);
        }
        node
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: BenOrMessage, ctx: &mut Context<Self>) {
        match message {
            BenOrMessage::Decided { value, known } => self.on_decided(config, from, value, known, ctx),
            BenOrMessage::Report { .. } if self.disk.decided.is_some() => self.answer_with_decision(config, from, ctx),
            BenOrMessage::Proposal { .. } if self.disk.decided.is_some() => {}
            BenOrMessage::Report { round, value } => self.on_report(config, from, round, value, ctx),
            BenOrMessage::Proposal { round, value } => self.on_proposal(config, from, round, value, ctx),
        }
    }

    fn on_timer(&mut self, config: &Config, _: Retry, ctx: &mut Context<Self>) {
        if self.disk.decided.is_some() {
            return self.tell(config, ctx);
        }
        self.say(self.others(), ctx);
        self.arm(config, ctx);
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        if !BINARY.contains(&command.value) {
            ctx.redirect(command, None);
        } else if self.disk.round == 0 && self.disk.decided.is_none() {
            self.begin_round(config, 1, command.value, ctx);
        }
    }

    fn view(&self) -> View {
        let Disk { round, proposal, decided, .. } = self.disk;
        let role = match (decided, round, proposal) {
            (Some(_), ..) => "decided",
            (None, 0, _) => "waiting",
            (None, _, None) => "reporting",
            (None, _, Some(_)) => "proposing",
        };
        View {
            role,
            leads: false,
            epoch: round,
            first: 1,
            last: u64::from(round > 0 || decided.is_some()),
            committed: u64::from(decided.is_some()),
            leader: None,
        }
    }

    fn row(&self, position: u64) -> Option<Row> {
        let Disk { round, estimate, decided, .. } = self.disk;
        let value = decided.or((round > 0).then_some(estimate))?;
        (position == 1).then_some(Row { epoch: round, command: command(value) })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let none = || "none".to_owned();
        let Disk { round, estimate, proposal, decided } = self.disk;
        let field = |name, durable, value| Field { name, value, durable };
        let nodes = |name, nodes: NodeSet| field(name, false, format!("{nodes:?}"));
        vec![
            field("k", true, round.to_string()),
            field("x", true, if round > 0 { value(estimate) } else { none() }),
            field("proposal", true, proposal.map_or_else(none, |proposal| message::vote(proposal, value))),
            field("decided", true, decided.map_or_else(none, value)),
            nodes("reported 0", self.reports[0]),
            nodes("reported 1", self.reports[1]),
            nodes("proposed 0", self.proposals[0]),
            nodes("proposed 1", self.proposals[1]),
            nodes("proposed ?", self.proposals[2]),
            nodes("known", self.known),
        ]
    }

    fn waits(&self, config: &Config) -> Vec<Wait> {
        let Disk { round, proposal, decided, .. } = self.disk;
        if round == 0 || decided.is_some() {
            return Vec::new();
        }
        let (what, have) = match proposal {
            None => ("reports", union(&self.reports)),
            Some(_) => ("proposals", union(&self.proposals)),
        };
        vec![Wait::Quorum { what, epoch: round, have, need: config.need }]
    }

    fn normal(&mut self, _: &Config) {
        self.forget_unread();
    }

    /// Who is told of a decision decides the same and falls silent: as good as slow.
    fn hurries(_: &Config, message: &BenOrMessage) -> bool {
        matches!(message, BenOrMessage::Decided { .. })
    }

    fn outgrew(&self, _: &Config, _: NodeId, message: &BenOrMessage) -> bool {
        self.has_outgrown(message)
    }

    /// A coin knows no node, and a node counts others.
    fn symmetry(_: &Config) -> Symmetry {
        Symmetry::SameValues
    }

    fn rename(&mut self, names: &Renaming) {
        self.rename_nodes(names);
    }
}
