//! Zab: a primary broadcasts state changes in the order in which it made them, epoch after epoch.
//!
//! Written from F. Junqueira, B. Reed and M. Serafini, *Zab: High-performance broadcast for primary-backup systems*,
//! DSN 2011, cited by section and by the steps of its phases (f.1.1, ℓ.1.1, …). What ZooKeeper does where the paper
//! leaves something open is said to be ZooKeeper's.
//!
//! **Model.** Partially synchronous; crash and recovery with the disk kept; channels that keep order as long as they
//! stand (see [`channel`]: here they may break, too). Safe always, live after GST while a majority is up and connected
//! and message delays stay well below the time-outs. Tolerates f crashed nodes of 2f+1.
//!
//! **States and phases.** LOOKING (the paper's ELECTION, §V): leader election, which the paper takes from an oracle.
//! FOLLOWING or LEADING: Discovery, then Synchronization, then Broadcast; a leader in Broadcast is the primary of its
//! epoch. Whoever loses its leader or its quorum goes back to LOOKING.
//!
//! | message | fields | sent when | effect |
//! |---|---|---|---|
//! | Notification | state, round, vote (leader, its currentEpoch and last zxid) | LOOKING, now and then; LEADING, to whoever is LOOKING | the best vote of a quorum leads; who hears a leader follows it |
//! | CEPOCH | f.p | a follower has found its leader (f.1.1); again until there is an answer | opens the channel; a quorum lets the leader choose epoch e' |
//! | NEWEPOCH | e' | a quorum has sent CEPOCH (ℓ.1.1); to one that comes later, at once (ℓ.3.3) | f.p becomes e' |
//! | ACK-E | f.a, history, promise | on NEWEPOCH (f.1.2) | a quorum of promises lets the leader choose the initial history |
//! | NEWLEADER | e', the history as DIFF, TRUNC or SNAP | the initial history is chosen (ℓ.2.1); on a later ACK-E (ℓ.3.3) | f.a becomes e', the history the leader's |
//! | ACK-LD | last zxid | on NEWLEADER (f.2.1) | a quorum lets the leader commit and broadcast |
//! | COMMIT-LD | zxid | a quorum has sent ACK-LD (ℓ.2.2); on a later ACK-LD (ℓ.3.4) | everything up to the zxid is delivered (f.2.2) |
//! | PROPOSE | ⟨v, z⟩ | a client asks the primary (ℓ.3.1) | appended to the history (f.3.2) |
//! | ACK | z | on PROPOSE | a quorum commits it |
//! | COMMIT | z | a quorum has sent ACK (ℓ.3.2) | delivered (f.3.3) |
//! | PING, PONG | – | every tick by the leader; on PING | either end knows that the other is there |
//!
//! **Stable**: f.p (acceptedEpoch) and to whom it was promised, f.a (currentEpoch), the history, how often the node has
//! started. An answer waits for its write, as effects of one node happen in order.
//!
//! **Open points of the paper, settled**
//! - Z1. To whom is a transaction proposed while a follower joins? To the followers in Q (ℓ.3.1), and Q grows on the
//!   follower's ACK-LD (ℓ.3.4). But what is proposed between NEWLEADER and ACK-LD would then be in neither: a follower
//!   is sent every PROPOSE from its NEWLEADER on.
//! - Z2. What does COMMIT-LD commit for a follower that joins (ℓ.3.4)? All that the leader has committed by then: the
//!   COMMITs that were sent between NEWLEADER and ACK-LD did not go to it.
//!
//! **Deviations from the paper**
//! - Leader election is an oracle there (§IV), better one that prefers the latest epoch and the highest zxid (§V); here
//!   it is ZooKeeper's fast leader election, simplified: votes (currentEpoch, zxid, node) are exchanged in rounds until
//!   a quorum agrees; who hears from a leader itself follows it at once.
//! - Channels are no TCP connections: a channel numbers its messages, and a missing one breaks it. The follower's end
//!   goes back to LOOKING, the leader's forgets the follower; both learn of a silent break by their time-outs.
//! - CEPOCH is sent again until the leader answers. Nothing else is sent twice.
//! - f.p = e' is acknowledged, too (f.1.2 wants f.p < e'), as a promise if it was this leader's e' before; else without
//!   one, and the follower is synchronised all the same. Without that, a follower of an epoch that lost its channel
//!   could not come back to it.
//! - A leader that hears of a later promise than its own epoch (CEPOCH(e), e > e') starts a new iteration with an epoch
//!   above it: that follower could not follow it.
//! - NEWLEADER carries the history as a difference from what ACK-E showed (DIFF, or TRUNC where the follower's tail has
//!   to go), an optimisation that §V suggests, and whole (SNAP) only when much is missing (setting `max_diff`).
//! - A leader appends and writes a transaction before it proposes it, and counts itself.
//! - A place in the history is what others call index; the counter of the zxid starts anew in every epoch.
//! - No observers, no requests forwarded: a node that does not lead tells the client who does.

mod broadcast;
pub mod channel;
mod config;
mod discovery;
mod election;
mod history;
mod inspect;
mod message;
mod reduce;
mod stable;
mod state;
mod synchronization;
mod variant;

pub use config::Config;
pub use history::{Epoch, History, Txn, Txns, Zxid};
pub use message::{Body, Sync, Vote, ZabMessage};
pub use stable::{Write, ZabStable};
pub use state::{Election, Following, Leadership, Mode, Phase, State};
pub use variant::{VARIANTS, Variant};

use crate::protocol::{
    Command, Context, Fact, Field, Info, NodeId, NodeSet, Protocol, Row, Setup, Timer, Value, View, Wait,
};
use channel::{Fit, Link};

/// A place in a history, from 1; 0 stands before it.
pub type Index = u32;

/// Zab's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZabTimer {
    /// A LOOKING node repeats its vote, or takes the election for decided.
    Election,
    /// A leader sends PING, a follower without an answer CEPOCH.
    Tick,
    /// A follower has not heard its leader, or a leader its quorum.
    Timeout,
}

impl Timer for ZabTimer {
    const ALL: &'static [Self] = &[ZabTimer::Election, ZabTimer::Tick, ZabTimer::Timeout];

    fn name(self) -> &'static str {
        match self {
            ZabTimer::Election => "Election",
            ZabTimer::Tick => "Tick",
            ZabTimer::Timeout => "Timeout",
        }
    }

    fn index(self) -> u8 {
        self as u8
    }
}

/// A Zab node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zab {
    me: NodeId,
    /// f.p.
    accepted_epoch: Epoch,
    /// Whose NEWEPOCH it was.
    promised_to: Option<NodeId>,
    /// f.a.
    current_epoch: Epoch,
    /// h_f.
    history: History,
    /// Delivered up to this place.
    committed: Index,
    /// The name of the last channel, or leadership, that the node began.
    sessions: u64,
    /// The round of the election, ZooKeeper's logical clock.
    round: u32,
    /// The highest f.p that was heard of while leading.
    seen_epoch: Epoch,
    /// Z8 alone: the first and the last place that its differences leave out.
    unlisted: (Index, Index),
    state: State,
}

impl Zab {
    fn observe_epoch(&self, ctx: &mut Context<Self>) {
        ctx.observe(Fact::Epoch { epoch: self.accepted_epoch.into() });
    }

    fn observe_place(&self, place: Index, ctx: &mut Context<Self>) {
        if let Some(Txn { zxid, command }) = self.history.get(place).copied() {
            ctx.observe(Fact::Appends { position: place.into(), epoch: zxid.epoch.into(), command });
        }
    }

    /// Says something to the leader.
    fn answer(&mut self, body: Body, ctx: &mut Context<Self>) {
        let State::Following(following) = &mut self.state else { return };
        let (follower, leader) = (following.session, following.leader_session.unwrap_or(0));
        let link = Link { follower, leader, number: following.channel.give() };
        ctx.send(following.leader, ZabMessage::Channel { link, body });
    }

    /// Says something to each of `followers`.
    fn tell(&mut self, followers: NodeSet, body: Body, ctx: &mut Context<Self>) {
        let me = self.me;
        let State::Leading(leadership) = &mut self.state else { return };
        for to in followers.iter().filter(|to| *to != me) {
            let peer = &mut leadership.peers[to.index()];
            let (follower, leader) = (peer.session, leadership.session);
            let link = Link { follower, leader, number: peer.channel.give() };
            ctx.send(to, ZabMessage::Channel { link, body: body.clone() });
        }
    }

    /// A message of the leader's.
    fn hear_leader(&mut self, config: &Config, from: NodeId, link: Link, body: Body, ctx: &mut Context<Self>) {
        let State::Following(following) = &mut self.state else { return };
        if from != following.leader || link.follower != following.session {
            return;
        }
        if following.leader_session.is_none() && link.number == 0 {
            following.leader_session = Some(link.leader);
            ctx.cancel_timer(ZabTimer::Tick);
        }
        if following.leader_session.is_some_and(|session| session != link.leader) {
            return;
        }
        match following.channel.take(link.number) {
            Fit::Next => {}
            Fit::Old => return,
            // Something is missing: the channel has broken, and what follows on it is not to be heard.
            Fit::Gap => return self.look(config, ctx),
        }
        ctx.set_timer(ZabTimer::Timeout, config.sync_timeout.0, config.sync_timeout.1);
        match body {
            Body::NewEpoch { epoch } => self.on_new_epoch(config, epoch, ctx),
            Body::NewLeader { epoch, sync, after, txns } => {
                self.on_new_leader(config, epoch, (sync, after, txns), ctx);
            }
            Body::CommitLeader { zxid } => self.on_commit_leader(config, zxid, ctx),
            Body::Propose { txn } => self.on_propose(txn, ctx),
            Body::Commit { zxid } => self.on_commit(zxid, ctx),
            Body::Ping => self.answer(Body::Pong, ctx),
            _ => {}
        }
    }

    /// A message of a follower's, or of one that wants to be.
    fn hear_follower(&mut self, config: &Config, from: NodeId, link: Link, body: Body, ctx: &mut Context<Self>) {
        let State::Leading(leadership) = &mut self.state else { return };
        let peer = &mut leadership.peers[from.index()];
        if let Body::Cepoch { epoch } = body {
            // A later attempt of the follower replaces an earlier one; a copy opens nothing.
            if link.follower > peer.session {
                leadership.open(from, link);
                self.on_cepoch(config, from, epoch, ctx);
            }
            return;
        }
        let same = link.follower == peer.session && link.leader == leadership.session;
        if !same || !leadership.connected.contains(from) {
            return;
        }
        match peer.channel.take(link.number) {
            Fit::Next => {}
            Fit::Old => return,
            Fit::Gap => return leadership.close(from),
        }
        leadership.heard.insert(from);
        match body {
            Body::AckEpoch { current_epoch, history, promise } => {
                self.on_ack_epoch(config, from, (current_epoch, history), promise, ctx);
            }
            Body::AckLeader { zxid } => self.on_ack_leader(config, from, zxid, ctx),
            Body::Ack { zxid } => self.on_ack(config, from, zxid, ctx),
            _ => {}
        }
    }

    /// The tick's timer fired.
    fn on_tick(&mut self, config: &Config, ctx: &mut Context<Self>) {
        match &self.state {
            State::Looking(_) => return,
            State::Following(following) => {
                // The leader may not lead yet, or the message is lost; the same attempt once more.
                let link = Link { follower: following.session, leader: 0, number: 0 };
                let body = Body::Cepoch { epoch: self.accepted_epoch };
                ctx.send(following.leader, ZabMessage::Channel { link, body });
            }
            State::Leading(leadership) => {
                let connected = leadership.connected;
                self.tell(connected, Body::Ping, ctx);
            }
        }
        ctx.set_timer(ZabTimer::Tick, config.tick, config.tick);
    }

    /// A leader that does not hear from a quorum within the time-out, and a follower that does not hear from its
    /// leader, begin a new iteration (§V).
    fn on_timeout(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let me = self.me;
        if let State::Leading(leadership) = &mut self.state
            && leadership.phase == Phase::Broadcast
        {
            leadership.heard.insert(me);
            if std::mem::take(&mut leadership.heard).len() >= config.quorum() {
                ctx.set_timer(ZabTimer::Timeout, config.sync_timeout.1, config.sync_timeout.1);
                return;
            }
        }
        self.look(config, ctx);
    }
}

impl Protocol for Zab {
    type Config = Config;
    type Message = ZabMessage;
    type Timer = ZabTimer;
    type Stable = ZabStable;

    const INFO: &'static Info = config::INFO;

    fn configure(setup: &Setup<'_>) -> Result<Config, String> {
        Config::read(setup)
    }

    fn boot(config: &Config, me: NodeId, stable: &ZabStable, ctx: &mut Context<Self>) -> Self {
        let mut node = Zab {
            me,
            accepted_epoch: stable.accepted_epoch,
            promised_to: stable.promised_to,
            current_epoch: stable.current_epoch,
            history: stable.history.clone(),
            committed: 0,
            sessions: u64::from(stable.starts + 1) << 32,
            round: 0,
            seen_epoch: 0,
            unlisted: (1, 0),
            state: State::Following(Following::new(me, 0)),
        };
        ctx.persist(Write { start: true, ..Write::default() });
        node.observe_epoch(ctx);
        for place in 1..=node.history.last() {
            node.observe_place(place, ctx);
        }
        node.look(config, ctx);
        node
    }

    fn on_message(&mut self, config: &Config, from: NodeId, message: ZabMessage, ctx: &mut Context<Self>) {
        match message {
            ZabMessage::Notification { mode, round, vote } => {
                self.on_notification(config, from, (mode, round, vote), ctx);
            }
            ZabMessage::Channel { link, body } => match self.state {
                State::Looking(_) => {}
                State::Following(_) => self.hear_leader(config, from, link, body, ctx),
                State::Leading(_) => self.hear_follower(config, from, link, body, ctx),
            },
        }
    }

    fn on_timer(&mut self, config: &Config, timer: ZabTimer, ctx: &mut Context<Self>) {
        match timer {
            ZabTimer::Election => self.on_election_timer(config, ctx),
            ZabTimer::Tick => self.on_tick(config, ctx),
            ZabTimer::Timeout => self.on_timeout(config, ctx),
        }
    }

    fn on_request(&mut self, config: &Config, command: Command, ctx: &mut Context<Self>) {
        // The primary alone broadcasts; the client is told who it is.
        match &self.state {
            State::Leading(leadership) if leadership.phase == Phase::Broadcast => self.propose(config, command, ctx),
            State::Following(following) => ctx.redirect(command, Some(following.leader)),
            _ => ctx.redirect(command, None),
        }
    }

    fn view(&self) -> View {
        self.summary()
    }

    fn row(&self, position: u64) -> Option<Row> {
        let txn = self.history.get(Index::try_from(position).ok()?)?;
        Some(Row { epoch: txn.zxid.epoch.into(), command: txn.command })
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        self.variables(value)
    }

    fn waits(&self, config: &Config) -> Vec<Wait> {
        self.awaited(config)
    }

    fn supersedes(_: &Config, later: &ZabMessage, earlier: &ZabMessage) -> bool {
        later.replaces(earlier)
    }

    fn normal(&mut self, config: &Config) {
        self.forget_unread(config);
    }

    fn outgrew(&self, _: &Config, from: NodeId, message: &ZabMessage) -> bool {
        self.has_outgrown(from, message)
    }
}
