//! Viewstamped Replication: total order broadcast under a primary whose turn comes with the number of the view.
//!
//! Written from B. Liskov and J. Cowling, *Viewstamped Replication Revisited*, MIT-CSAIL-TR-2012-021, 2012, cited by
//! section.
//!
//! **Model.** Partially synchronous; a replica that crashes loses its log and gets it back from the others. Safe
//! always; live after GST while f + 1 of 2f + 1 replicas are up, have recovered and are connected. "A replica is
//! considered failed until it has recovered its state" (§8.2): when more than f have failed at once in this sense, the
//! others' memories are not enough to recover from. Then nothing is delivered any more, and nothing wrong: the group
//! stands still for ever, since what only the failed replicas knew is lost. Links may lose, duplicate and reorder.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | PREPARE | v, m, n, k | the primary has put a client's request m into its log as number n; again while it is not prepared | backups take it, in order |
//! | PREPAREOK | v, n, i | a backup has everything up to n | f of them commit n |
//! | COMMIT | v, k | the primary is idle; a replica in view v hears from one that is behind | backups execute up to k |
//! | STARTVIEWCHANGE | v, i | a backup hears no primary for too long, or hears of view change v | the receiver leaves its view for v; f of them let it send its log |
//! | DOVIEWCHANGE | v, l, v′, n, k, i | f others sent STARTVIEWCHANGE for v, and v is on the disk | f + 1 of them start view v at its primary |
//! | STARTVIEW | v, l, n, k | view v starts | the receiver takes the log and enters v |
//! | RECOVERY | i, x, v | a replica restarts | a replica in a view before v starts the view change to v; any other answers |
//! | RECOVERYRESPONSE | v, x, l, n, k, j (l, n, k from the primary only) | on RECOVERY, status normal | f + 1 of them, one from the primary of the latest view, end the recovery |
//! | GETSTATE | v, n′, i | a message shows that something is missing | the answer |
//! | NEWSTATE | v, l, n, k | on GETSTATE, when in view v | what was missing |
//!
//! REQUEST and REPLY pass between the world's clients and the node without a message.
//!
//! **Stable**: a counter of starts, which is the nonce of a recovery, and the view-number, before DOVIEWCHANGE leaves.
//! No log. A replica whose disk is lost recovers as well, by the paper's own protocol: its nonce is read off the clock,
//! and it may forget that it left a view (V3), so that safety is not claimed then.
//!
//! **Deviations from the paper**
//! - **The view-number is on the disk before DOVIEWCHANGE is sent**, and a replica recovers in no view before it: its
//!   RECOVERY tells the view, and whoever is behind starts that view change. The paper holds that a replica which has
//!   sent DOVIEWCHANGE recovers in the new view because f + 1 replicas know of it (§8.2). But a replica that has sent
//!   STARTVIEWCHANGE may crash as well, and forget; its message outlives it (V3; the schedule is in
//!   `vr-published-flaw.json`). §8.2 names the remedy itself, "the approach used in the original version of VR". Why it
//!   is enough:
//!   1. Whoever sent DOVIEWCHANGE for v never again prepares anything in a view before v: it recovers in v or later.
//!   2. A recovery that asks f + 1 others meets one of the f + 1 whose DOVIEWCHANGE started the latest view that the
//!      replica was in, so it ends in that view or a later one; and the log of that view's primary, which has not
//!      crashed since it began the view (it could not have recovered in it), has what the replica had.
//!   3. So the f + 1 replicas that prepared an operation in v, and the f + 1 that start a later view, have one in
//!      common that prepared first and reported then, and has not lost it. STARTVIEWCHANGE promises nothing in this
//!      argument; it may be forgotten.
//! - **State transfer to a later view changes nothing before NEWSTATE is there.** The paper's replica removes what it
//!   does not know to be committed and is in the later view before it has that view's log (§5.2); a view change then
//!   takes this log for the latest one (V2). GETSTATE names the view that is asked for.
//! - Retransmission, which the paper leaves out (§4.1, §4.2): the primary sends PREPARE of its last request, in the
//!   place of COMMIT, to whoever has not prepared what waited since the last time; what a view change, a recovery or a
//!   state transfer waits for is asked for again, GETSTATE from the next replica.
//! - A replica moves on from a view change only when f others have joined it; until then it repeats STARTVIEWCHANGE.
//!   One that is cut off thus counts no views. After failures it waits up to four times as long.
//! - A replica in status normal answers a STARTVIEWCHANGE of a view that is past with COMMIT of its own view.
//! - A replica that sees the view it waits for at work asks for its state instead of waiting for STARTVIEW; NEWSTATE is
//!   acknowledged with PREPAREOK, as STARTVIEW is.
//! - A client that asks a backup is sent to the primary; the paper's client asks all.
//! - A log entry remembers the view in which it got its number, for the page and the properties.
//! - In a group of even size a quorum is a majority: f + 1 of 2f + 2 would not do.
//! - Logs are sent whole (§4.2, §4.3), as references; no checkpoints, no suffixes (§5.1, §5.3), no reconfiguration.

mod config;
mod inspect;
mod log;
mod message;
mod normal;
mod recovery;
mod reduce;
mod stable;
mod transfer;
mod variant;
mod view_change;

pub use config::Config;
pub use log::{Entries, Entry, Log};
pub use message::{Report, VrMessage};
pub use recovery::Answer;
pub use stable::Disk;
pub use transfer::Transfer;
pub use variant::{VARIANTS, Variant};
pub use view_change::Change;

use crate::protocol::{Command, Context, Fact, Field, Info, NodeId, Protocol, Row, Setup, Timer, Value, View, Wait};

/// A view-number. A run has at most two million events, so 32 bits never wrap.
pub type ViewNumber = u32;

/// A place in the log, from 1. Bounded like [`ViewNumber`].
pub type OpNumber = u32;

/// VR's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VrTimer {
    /// A backup waits for the primary, or a view change for its end.
    ViewChange,
    /// The primary's next COMMIT.
    Commit,
    /// What was asked is asked again.
    Resend,
}

impl Timer for VrTimer {
    const ALL: &'static [Self] = &[VrTimer::ViewChange, VrTimer::Commit, VrTimer::Resend];

    fn name(self) -> &'static str {
        match self {
            VrTimer::ViewChange => "ViewChange",
            VrTimer::Commit => "Commit",
            VrTimer::Resend => "Resend",
        }
    }

    fn index(self) -> u8 {
        self as u8
    }
}

/// "The current status, either normal, view-change, or recovering" (Figure 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Takes part in its view.
    Normal,
    /// Has left its view for the next one.
    ViewChange(Change),
    /// Has crashed and asks for its state: the answers so far, by their senders.
    Recovering(Vec<(NodeId, Answer)>),
}

/// A replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vr {
    me: NodeId,
    nodes: u8,
    /// What is on the disk, or in front of it: effects behind a write wait for it, the state does not.
    disk: Disk,
    /// view-number.
    view: ViewNumber,
    /// v′: the latest view in which the status was normal.
    normal: ViewNumber,
    status: Status,
    log: Log,
    /// commit-number; executed up to here.
    commit: OpNumber,
    /// At the primary, by node: up to where it has prepared. Elsewhere empty.
    prepared: Vec<OpNumber>,
    /// At the primary: its op-number at the last COMMIT.
    waited: OpNumber,
    /// What is missing here, and who was asked last.
    transfer: Option<Transfer>,
}

impl Vr {
    /// Other nodes than this one.
    fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        NodeId::all(usize::from(self.nodes)).filter(move |node| *node != me)
    }

    fn tell_others(&self, message: &VrMessage, ctx: &mut Context<Self>) {
        for other in self.others() {
            ctx.send(other, message.clone());
        }
    }

    /// "The primary is chosen round-robin … as the system moves to new views" (§4).
    fn primary(&self, view: ViewNumber) -> NodeId {
        NodeId((view % ViewNumber::from(self.nodes)) as u8)
    }

    /// Whether this is the primary of its view, and the view has started.
    fn leads(&self) -> bool {
        !self.prepared.is_empty()
    }

    fn is_normal(&self) -> bool {
        matches!(self.status, Status::Normal)
    }

    fn observe_view(&self, ctx: &mut Context<Self>) {
        ctx.observe(Fact::Epoch { epoch: self.view.into() });
    }

    /// Becomes the primary of the present view, whose log stands.
    fn lead(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.status = Status::Normal;
        self.normal = self.view;
        self.prepared = vec![0; usize::from(self.nodes)];
        self.waited = 0;
        ctx.observe(Fact::Leads { epoch: self.view.into() });
        ctx.cancel_timer(VrTimer::ViewChange);
        ctx.cancel_timer(VrTimer::Resend);
        ctx.set_timer(VrTimer::Commit, config.commit, config.commit);
    }

    fn stop_leading(&mut self, ctx: &mut Context<Self>) {
        if self.leads() {
            self.prepared.clear();
            ctx.observe(Fact::StepsDown);
            ctx.cancel_timer(VrTimer::Commit);
        }
    }

    /// Takes part in view `v` as a backup from now on, with `l` in the log behind op-number `n`, and everything up to
    /// `k` committed.
    fn enter(
        &mut self,
        config: &Config,
        v: ViewNumber,
        (n, l): (OpNumber, &[Entry]),
        k: OpNumber,
        ctx: &mut Context<Self>,
    ) {
        self.stop_leading(ctx);
        let moved = v != self.view;
        (self.view, self.normal, self.status) = (v, v, Status::Normal);
        if moved {
            self.observe_view(ctx);
        }
        self.replace(n, l, ctx);
        self.arm_view_change(config, ctx);
        self.acknowledge(k, ctx);
        self.execute(k, ctx);
    }

    /// Makes `l` stand behind op-number `n`, and nothing behind it.
    fn replace(&mut self, n: OpNumber, l: &[Entry], ctx: &mut Context<Self>) {
        let same = self.log.common(n, l);
        if same < self.log.op_number() {
            self.log.truncate(same);
            ctx.observe(Fact::Truncates { from: u64::from(same) + 1 });
        }
        for entry in &l[(same - n) as usize..] {
            self.append(*entry, ctx);
        }
    }

    fn append(&mut self, entry: Entry, ctx: &mut Context<Self>) {
        self.log.push(entry);
        let Entry { view, command } = entry;
        ctx.observe(Fact::Appends { position: self.log.op_number().into(), epoch: view.into(), command });
    }

    /// "If there are non-committed operations in the log, they send a PREPAREOK message to the primary" (§4.2).
    fn acknowledge(&self, k: OpNumber, ctx: &mut Context<Self>) {
        let n = self.log.op_number();
        if n > k {
            ctx.send(self.primary(self.view), VrMessage::PrepareOk { v: self.view, n, i: self.me });
        }
    }

    /// Executes everything up to `k` that is here and was not executed before.
    fn execute(&mut self, k: OpNumber, ctx: &mut Context<Self>) {
        let k = k.min(self.log.op_number());
        if k <= self.commit {
            return;
        }
        ctx.observe(Fact::Commits { position: k.into() });
        for n in self.commit + 1..=k {
            if let Some(entry) = self.log.get(n) {
                ctx.deliver(n.into(), entry.command);
            }
        }
        self.commit = k;
    }
}

impl Protocol for Vr {
    type Config = Config;
    type Message = VrMessage;
    type Timer = VrTimer;
    type Stable = Disk;

    const INFO: &'static Info = config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::read(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &Disk, ctx: &mut Context<Self>) -> Self {
        let nonce = match stable.nonce {
            // "It can produce the nonce by reading its clock; this will produce a unique nonce assuming clocks always
            // advance" (§4.3).
            stable::LOST => (ctx.local_now() % u64::from(stable::LOST - 1)) as u32 + 1,
            starts => starts + 1,
        };
        let disk = Disk { nonce, ..*stable };
        let mut node = Vr {
            me,
            nodes: config.nodes,
            disk,
            view: disk.view_number,
            normal: 0,
            status: Status::Normal,
            log: Log::default(),
            commit: 0,
            prepared: Vec::new(),
            waited: 0,
            transfer: None,
        };
        // Before anything is said: who has said something and restarts must know that it did.
        ctx.persist(disk);
        node.observe_view(ctx);
        if stable.nonce > 0 {
            node.recover(config, ctx);
        } else if me == node.primary(0) {
            node.lead(config, ctx);
        } else {
            node.arm_view_change(config, ctx);
        }
        node
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: VrMessage, ctx: &mut Context<Self>) {
        if let Status::Recovering(_) = self.status {
            // "While a replica's status is recovering it does not participate in either the request processing protocol
            // or the view change protocol" (§4.3).
            if let VrMessage::RecoveryResponse { v, x, state, .. } = message {
                self.on_recovery_response(config, from, x, Answer { v, state }, ctx);
            }
            return;
        }
        match message {
            VrMessage::Prepare { v, m, n, k } => self.on_prepare(config, from, v, (m, n, k), ctx),
            VrMessage::PrepareOk { v, n, .. } => self.on_prepare_ok(config, from, v, n, ctx),
            VrMessage::Commit { v, k } => self.on_commit(config, from, v, k, ctx),
            VrMessage::StartViewChange { v, .. } => self.on_start_view_change(config, from, v, ctx),
            VrMessage::DoViewChange { v, report, .. } => self.on_do_view_change(config, from, v, report, ctx),
            VrMessage::StartView { v, l, k } => self.on_start_view(config, v, &l, k, ctx),
            VrMessage::Recovery { x, v, .. } => self.on_recovery(config, from, x, v, ctx),
            VrMessage::RecoveryResponse { .. } => {} // of a recovery that is over
            VrMessage::GetState { v, n, .. } => self.on_get_state(from, v, n, ctx),
            VrMessage::NewState { v, l, n, k } => self.on_new_state(config, v, (&l, n), k, ctx),
        }
    }

    fn on_timer(&mut self, config: &Config, timer: VrTimer, ctx: &mut Context<Self>) {
        match timer {
            VrTimer::ViewChange => self.on_view_change_timeout(config, ctx),
            VrTimer::Commit => self.on_commit_due(config, ctx),
            VrTimer::Resend => self.ask_again(config, ctx),
        }
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        self.on_client_request(config, command, ctx);
    }

    fn view(&self) -> View {
        self.summary()
    }

    fn row(&self, position: u64) -> Option<Row> {
        let entry = self.log.get(OpNumber::try_from(position).ok()?)?;
        Some(Row { epoch: entry.view.into(), command: entry.command })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        self.variables(value)
    }

    fn waits(&self, config: &Config) -> Vec<Wait> {
        self.awaited(config)
    }

    fn recovering(&self) -> bool {
        matches!(self.status, Status::Recovering(_))
    }

    fn normal(&mut self, config: &Config) {
        self.forget_unread(config);
    }

    fn outgrew(&self, config: &Config, _: NodeId, message: &VrMessage) -> bool {
        // V4 listens to answers of old, V6 to an old primary.
        let listens = matches!(config.variant, Variant::AnyNonce | Variant::AnswersOldPrimary);
        config.variant.keeps_view_number() && !listens && self.has_outgrown(message)
    }
}
