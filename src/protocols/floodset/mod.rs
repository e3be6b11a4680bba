//! FloodSet: consensus in f + 1 rounds of the synchronous model.
//!
//! # What it solves
//! Consensus where processes stop (N. Lynch, *Distributed Algorithms*, 1996, §6.2.1). Every process keeps a set W of
//! the values it knows of, at first its own; for f + 1 rounds it sends W to all and adds what it receives. Among f + 1
//! rounds there is one in which nobody fails; after it all sets are the same, and stay so. `deliver(1, command)` is the
//! decision.
//!
//! # Model
//! Synchronous: messages take at most Δ, steps (and what they write) at most Δ, clocks are perfect, all nodes start at
//! the same moment, and at most *f* of the *n* nodes crash, for good; any f < n will do. **Safety rests on all of it.**
//! Elsewhere nobody tells Δ: the setting `round_ms` says what is assumed. A message that is later than that is of no
//! use, two nodes may be left with different sets, and Agreement breaks; the assumption ledger says why.
//!
//! # Rounds
//! A round is 2Δ and a microsecond: one Δ for the step, one for the message, and the message that takes all of it still
//! comes before the round is over. Rounds are counted by timers alone, from the start of the node. Before the first
//! there is one of its own length in which clients may propose.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | `Flood` | `instance, round, W` | a round begins: to all others, if W is not empty | W is added to the receiver's, if that is not in a later round |
//!
//! # On the disk
//! The number of rounds begun, for one reason: crash-stop. A node that finds it there was up before, and takes no part.
//! The write stands behind the first message of a broadcast and before the others, so that a process may fail, as in
//! the book, with some of its messages sent and some not.
//!
//! # Deviations from the book
//! 1. The decision is the least value of W. The book takes the only one, or a default v₀ where there are more; the
//!    default need not have been proposed, and *Validity* as the playground watches it (Cachin et al., UC2) asks for
//!    that. The least is that of the smallest number: what was first mentioned in the run.
//! 2. Not every node has an input. What a client proposes later than the start of round 1 waits for the next instance:
//!    when f + 1 rounds end with an empty W, everything begins again.
//! 3. A node whose W is empty sends nothing: in the synchronous model silence says the same.
//! 4. Where the model is another one, a message of a later round is added at once, one of an earlier round never.
//!
//! The files: [`message`] · [`stable`] the disk · [`config`] settings and card · [`variant`] the rules one can leave
//! out.

pub mod config;
pub mod message;
pub mod stable;
pub mod variant;

use crate::protocol::{
    Command, Context, Fact, Field, Info, NodeId, NodeSet, Protocol, Row, Setup, Timer, Value, View, Wait,
};
use config::Config;
use message::Flood;
use stable::{Begun, Disk};
use variant::Broken;

/// The one kind of timer: a round is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Round;

impl Timer for Round {
    const ALL: &'static [Self] = &[Round];

    fn name(self) -> &'static str {
        "Round"
    }

    fn index(self) -> u8 {
        0
    }
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FloodSet {
    me: NodeId,
    /// Nodes in the cluster.
    n: u8,
    /// How many rounds it has begun, the one before the first included.
    begun: u32,
    /// Whether it was up before: then it takes no part.
    stopped: bool,
    /// Which run of f + 1 rounds, from 0.
    instance: u32,
    /// 1 to f + 1; 0 before the first.
    round: u32,
    /// What its client proposed.
    input: Option<Command>,
    /// W, ascending, each value once.
    w: Vec<Command>,
    /// How many values W had when the round began.
    before: usize,
    /// From whom a set of this round has come.
    heard: NodeSet,
    decided: Option<Command>,
}

impl FloodSet {
    /// Adds a value to W.
    fn add(&mut self, command: Command) {
        let at = self.w.partition_point(|known| known.value < command.value);
        match self.w.get_mut(at) {
            // Two clients may have asked for one value: all nodes keep the same of them.
            Some(known) if known.value == command.value => *known = (*known).min(command),
            _ => self.w.insert(at, command),
        }
    }

    /// In each of f + 1 rounds W goes to all others (§6.2.1).
    fn begin_round(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.round += 1;
        self.begun += 1;
        self.heard = NodeSet::default();
        if self.round == 1
            && let Some(input) = self.input
        {
            self.add(input);
        }
        self.before = self.w.len();
        // Before the write: the next round begins on time, however long the disk takes.
        ctx.set_timer(Round, config.round_us, config.round_us);
        let own = self.input.into_iter().collect();
        let w = if config.breaks(Broken::OwnOnly) { own } else { self.w.clone() };
        if w.is_empty() {
            return;
        }
        let flood = Flood { instance: self.instance, round: self.round, w };
        for i in 1..self.n {
            ctx.send(NodeId((self.me.0 + i) % self.n), flood.clone());
            if i == 1 {
                ctx.persist(Begun(self.begun));
            }
        }
    }

    /// Whether the rounds are over.
    fn is_last(&self, config: &Config) -> bool {
        let quiet = config.breaks(Broken::FirstQuietRound) && self.round > 0 && self.w.len() == self.before;
        self.round == config.rounds || quiet && !self.w.is_empty()
    }

    /// After f + 1 rounds: the least value of W.
    fn decide(&mut self, ctx: &mut Context<Self>) {
        self.decided = self.w.first().copied();
        if let Some(command) = self.decided {
            ctx.deliver(1, command);
        }
    }
}

impl Protocol for FloodSet {
    type Config = Config;
    type Message = Flood;
    type Timer = Round;
    type Stable = Disk;

    const INFO: &'static Info = &config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::new(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &Disk, ctx: &mut Context<Self>) -> Self {
        let stopped = stable.begun > 0;
        if !stopped {
            ctx.set_timer(Round, config.round_us, config.round_us);
            ctx.persist(Begun(1));
        }
        FloodSet {
            me,
            n: config.n,
            begun: stable.begun.max(1),
            stopped,
            instance: 0,
            round: 0,
            input: None,
            w: Vec::new(),
            before: 0,
            heard: NodeSet::default(),
            decided: None,
        }
    }

    fn on_message(&mut self, _: &Config, from: NodeId, message: Flood, ctx: &mut Context<Self>) {
        if self.stopped {
            return;
        }
        let (of, now) = ((message.instance, message.round), (self.instance, self.round));
        if of < now || of == now && self.decided.is_some() {
            ctx.observe(Fact::Late);
        } else if self.decided.is_none() && message.instance == self.instance {
            self.heard.insert(from);
            for command in message.w {
                self.add(command);
            }
        }
    }

    fn on_timer(&mut self, config: &Config, _: Round, ctx: &mut Context<Self>) {
        if self.is_last(config) {
            self.decide(ctx);
            if self.decided.is_some() {
                return;
            }
            (self.instance, self.round) = (self.instance + 1, 0);
        }
        self.begin_round(config, ctx);
    }

    fn on_request(&mut self, _: &Config, command: Command, ctx: &mut Context<Self>) {
        if self.stopped {
            ctx.redirect(command, None);
        } else if self.decided.is_none() {
            // One proposal a node: the first one stands.
            self.input.get_or_insert(command);
        }
    }

    fn view(&self) -> View {
        let role = match () {
            _ if self.stopped => "stopped",
            _ if self.decided.is_some() => "decided",
            _ if self.w.is_empty() => "waiting",
            _ => "flooding",
        };
        View {
            role,
            leads: false,
            epoch: u64::from(self.round),
            first: 1,
            last: u64::from(!self.w.is_empty()),
            committed: u64::from(self.decided.is_some()),
            leader: None,
        }
    }

    fn row(&self, position: u64) -> Option<Row> {
        let command = *self.w.first()?;
        (position == 1).then_some(Row { epoch: u64::from(self.round), command })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let command = |command: Option<Command>| command.map_or_else(|| "none".to_owned(), |c| value(c.value));
        let field = |name, durable, value| Field { name, value, durable };
        vec![
            field("begun", true, self.begun.to_string()),
            field("proposal", false, command(self.input)),
            field("instance", false, self.instance.to_string()),
            field("round", false, self.round.to_string()),
            field("W", false, message::set(&self.w, value)),
            field("heard", false, format!("{:?}", self.heard)),
            field("decided", false, command(self.decided)),
        ]
    }

    /// Whose sets the round lacks. In round 1 those without a proposal are silent by right.
    fn waits(&self, _: &Config) -> Vec<Wait> {
        if self.round < 2 || self.w.is_empty() || self.stopped || self.decided.is_some() {
            return Vec::new();
        }
        let mut have = self.heard;
        have.insert(self.me);
        vec![Wait::Quorum { what: "sets", epoch: u64::from(self.round), have, need: usize::from(self.n) }]
    }
}
