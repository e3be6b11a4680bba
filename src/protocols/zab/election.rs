//! Leader election: the oracle of the paper (§IV, §V), as ZooKeeper's fast leader election, simplified.
//!
//! A LOOKING node votes for the best node that it has heard of in the present round: by currentEpoch, last zxid, id.
//! Safety does not rest on it: that the best history of a quorum leads saves only its way to the leader.

use super::channel::Channel;
use super::{Body, Config, Election, Following, Leadership, Mode, Phase, State, Vote, Zab, ZabMessage, ZabTimer};
use crate::protocol::{Context, Fact, NodeId};

impl Following {
    /// Begins to follow `leader`.
    pub(super) fn new(leader: NodeId, session: u64) -> Self {
        let (channel, phase) = (Channel::default(), Phase::Discovery);
        Following { leader, session, leader_session: None, channel, phase, synced_to: None }
    }
}

impl Zab {
    /// Back to LOOKING: a new iteration, and a new round of votes.
    pub(super) fn look(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if self.primary() {
            ctx.observe(Fact::StepsDown);
        }
        ctx.cancel_timer(ZabTimer::Tick);
        ctx.cancel_timer(ZabTimer::Timeout);
        self.round += 1;
        self.vote_anew(config);
        self.cast(config, ctx);
    }

    /// Whether the node leads in Broadcast.
    pub(super) fn primary(&self) -> bool {
        matches!(&self.state, State::Leading(leadership) if leadership.phase == Phase::Broadcast)
    }

    /// Votes for itself, and has heard nobody.
    fn vote_anew(&mut self, config: &Config) {
        let vote = self.own_vote();
        let heard = vec![None; usize::from(config.nodes)];
        self.state = State::Looking(Election { vote, heard, settling: false });
    }

    fn own_vote(&self) -> Vote {
        Vote { epoch: self.current_epoch, zxid: self.history.last_zxid(), leader: self.me }
    }

    fn notification(&self, mode: Mode, vote: Vote) -> ZabMessage {
        ZabMessage::Notification { mode, round: self.round, vote }
    }

    /// Tells everybody its vote, and sees whether that decides.
    fn cast(&mut self, config: &Config, ctx: &mut Context<Self>) {
        let State::Looking(election) = &mut self.state else { return };
        election.settling = false;
        let vote = election.vote;
        ctx.set_timer(ZabTimer::Election, config.election.0, config.election.1);
        for peer in NodeId::all(usize::from(config.nodes)).filter(|peer| *peer != self.me) {
            ctx.send(peer, self.notification(Mode::Looking, vote));
        }
        self.count(config, false, ctx);
    }

    /// Whether a quorum agrees, its leader included. When everybody does, nothing better can come; else the election
    /// waits a while for it.
    fn count(&mut self, config: &Config, waited: bool, ctx: &mut Context<Self>) {
        let State::Looking(election) = &mut self.state else { return };
        let vote = election.vote;
        let agree = 1 + election.heard.iter().filter(|heard| **heard == Some(vote)).count();
        let willing = vote.leader == self.me || election.heard[vote.leader.index()] == Some(vote);
        if agree < config.quorum() || !willing {
            return;
        }
        if waited || agree == usize::from(config.nodes) {
            ctx.cancel_timer(ZabTimer::Election);
            if vote.leader == self.me {
                self.lead(config, ctx);
            } else {
                self.follow(config, vote.leader, ctx);
            }
        } else if !election.settling {
            election.settling = true;
            ctx.set_timer(ZabTimer::Election, config.finalize, config.finalize);
        }
    }

    pub(super) fn on_election_timer(&mut self, config: &Config, ctx: &mut Context<Self>) {
        if matches!(&self.state, State::Looking(election) if election.settling) {
            self.count(config, true, ctx);
        }
        self.cast(config, ctx);
    }

    pub(super) fn on_notification(
        &mut self,
        config: &Config,
        from: NodeId,
        (mode, round, vote): (Mode, u32, Vote),
        ctx: &mut Context<Self>,
    ) {
        match &self.state {
            State::Leading(_) if mode == Mode::Looking => {
                return ctx.send(from, self.notification(Mode::Leading, self.own_vote()));
            }
            // The leader has given up: with connections, its end would be closed.
            State::Following(following) if mode == Mode::Looking && from == following.leader => {
                if following.leader_session.is_none() {
                    return;
                }
                self.look(config, ctx);
            }
            State::Looking(_) if mode == Mode::Leading => return self.follow(config, from, ctx),
            State::Looking(_) => {}
            _ => return,
        }
        self.on_vote(config, from, round, vote, ctx);
    }

    /// Another LOOKING node's vote.
    fn on_vote(&mut self, config: &Config, from: NodeId, round: u32, vote: Vote, ctx: &mut Context<Self>) {
        let newer = round > self.round;
        if newer {
            self.round = round;
            self.vote_anew(config);
        }
        let State::Looking(election) = &mut self.state else { return };
        let mine = election.vote;
        if round < self.round || vote < mine {
            // It has not heard of what this node knows.
            ctx.send(from, self.notification(Mode::Looking, mine));
        }
        if round < self.round {
            return;
        }
        let State::Looking(election) = &mut self.state else { return };
        election.heard[from.index()] = Some(vote);
        election.vote = vote.max(mine);
        if newer || vote > mine {
            self.cast(config, ctx);
        } else {
            self.count(config, false, ctx);
        }
    }

    /// FOLLOWING: the follower sends the prospective leader its last promise, CEPOCH(f.p) (step f.1.1).
    fn follow(&mut self, config: &Config, leader: NodeId, ctx: &mut Context<Self>) {
        self.sessions += 1;
        self.state = State::Following(Following::new(leader, self.sessions));
        ctx.cancel_timer(ZabTimer::Election);
        ctx.set_timer(ZabTimer::Tick, config.tick, config.tick);
        ctx.set_timer(ZabTimer::Timeout, config.sync_timeout.0, config.sync_timeout.1);
        self.answer(Body::Cepoch { epoch: self.accepted_epoch }, ctx);
    }

    /// LEADING: a prospective leader, and the first of its own followers.
    fn lead(&mut self, config: &Config, ctx: &mut Context<Self>) {
        self.sessions += 1;
        let mut leadership = Leadership::new(config.nodes, self.sessions);
        leadership.cepoch.insert(self.me);
        self.state = State::Leading(leadership);
        ctx.set_timer(ZabTimer::Tick, config.tick, config.tick);
        ctx.set_timer(ZabTimer::Timeout, config.init_timeout, config.init_timeout);
        self.propose_epoch(config, ctx);
    }
}
