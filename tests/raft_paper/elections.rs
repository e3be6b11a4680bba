//! §5.2: leader election.

use crate::rig::{answer, append, beat, elect, leads, led, paper, request_vote, role, term};
use crate::support::{command, n};
use consensus_playground::protocol::{Fact, Protocol};
use consensus_playground::protocols::raft::{Entries, RaftMessage, RaftTimer};

/// A node starts as a follower, the first time and every time.
/// Reference: §5.2
#[test]
fn nodes_start_as_followers() {
    let mut rafts = paper(3);
    assert!((0..3).all(|node| role(&rafts, node) == "follower"));
    elect(&mut rafts, 0);
    rafts.crash(n(0));
    rafts.restart(n(0));
    assert_eq!(role(&rafts, 0), "follower");
}

/// A node stays a follower while it hears a leader or grants votes: either restarts its election timer, and a
/// candidate that is refused does not.
/// Reference: §5.2
#[test]
fn hearing_a_leader_or_granting_a_vote_restarts_the_timer() {
    let mut rafts = paper(3);
    let restarts = |rafts: &crate::rig::Rafts| rafts.slots[0].set[&RaftTimer::Election];
    let before = restarts(&rafts);
    rafts.receive(n(0), n(1), append(1, 1, (0, 0), Entries::None, 0));
    assert_eq!(restarts(&rafts), before + 1, "a heartbeat");
    rafts.receive(n(0), n(2), request_vote(2, 2, (0, 0)));
    assert_eq!(restarts(&rafts), before + 2, "a vote");
    rafts.receive(n(0), n(1), request_vote(1, 2, (0, 0)));
    assert_eq!(restarts(&rafts), before + 2, "a vote refused");
    rafts.receive(n(0), n(1), append(1, 1, (0, 0), Entries::None, 0));
    assert_eq!(restarts(&rafts), before + 2, "a leader of an old term");
}

/// A leader sends heartbeats, AppendEntries without entries, to everybody, again and again.
/// Reference: §5.2
#[test]
fn leaders_send_heartbeats() {
    let mut rafts = led(4);
    for _ in 0..3 {
        rafts.fire(n(0), RaftTimer::Heartbeat);
        for peer in 1..4 {
            let empty = |m: &crate::rig::Under| match &m.message {
                RaftMessage::AppendEntries { entries, .. } => entries.is_empty(),
                _ => false,
            };
            assert_eq!(rafts.under_way(|m| m.goes(0, peer) && empty(m)).len(), 1);
        }
        rafts.settle();
        assert!(rafts.slots[0].timers.contains_key(&RaftTimer::Heartbeat), "the next one is armed");
    }
}

/// A follower whose election timeout elapses without a leader begins an election: the next term, its own vote, on
/// the disk before anybody hears of it, and RequestVote to all others.
/// Reference: §5.2
#[test]
fn a_follower_that_hears_nothing_stands_for_election() {
    let mut rafts = paper(3);
    rafts.hold_disk(n(0));
    rafts.fire(n(0), RaftTimer::Election);
    assert_eq!((role(&rafts, 0), term(&rafts, 0)), ("candidate", 1));
    assert!(rafts.network.is_empty(), "nothing is said before term and vote are on the disk");
    assert!(rafts.write_one(n(0)));
    let disk = &rafts.slots[0].disk;
    assert_eq!((disk.current_term, disk.voted_for), (1, Some(n(0))));
    assert!(rafts.slots[0].facts.contains(&Fact::Votes { epoch: 1, candidate: n(0) }));
    assert_eq!(rafts.under_way(|m| m.is("RequestVote")).len(), 2);
}

/// A candidate wins with the votes of a majority of the whole cluster for its term, not with fewer, and nobody's
/// vote counts twice.
/// Reference: §5.2
#[test]
fn a_majority_of_the_full_cluster_wins() {
    for nodes in 1..=9u8 {
        let mut rafts = paper(nodes);
        rafts.fire(n(0), RaftTimer::Election);
        let vote = RaftMessage::RequestVoteResponse { term: 1, vote_granted: true };
        for voter in 1..nodes {
            let have = usize::from(voter);
            assert_eq!(leads(&rafts, 0), have > usize::from(nodes) / 2, "{have} of {nodes}");
            rafts.receive(n(0), n(voter), vote.clone());
            rafts.receive(n(0), n(voter), vote.clone());
        }
        assert!(leads(&rafts, 0), "all of {nodes}");
    }
}

/// A refusal is no vote.
/// Reference: §5.2
#[test]
fn refusals_do_not_elect() {
    let mut rafts = paper(3);
    rafts.fire(n(0), RaftTimer::Election);
    for voter in [1, 2] {
        rafts.receive(n(0), n(voter), RaftMessage::RequestVoteResponse { term: 1, vote_granted: false });
    }
    assert_eq!(role(&rafts, 0), "candidate");
}

/// A node votes for one candidate a term, the first that asks; the same candidate gets the same answer again, and
/// the next term a new vote.
/// Reference: §5.2
#[test]
fn one_vote_a_term_first_come_first_served() {
    let mut rafts = paper(3);
    rafts.receive(n(0), n(1), request_vote(1, 1, (0, 0)));
    assert_eq!(answer(&mut rafts, 0), (1, true));
    rafts.receive(n(0), n(2), request_vote(2, 1, (0, 0)));
    assert_eq!(answer(&mut rafts, 0), (1, false));
    rafts.receive(n(0), n(1), request_vote(1, 1, (0, 0)));
    assert_eq!(answer(&mut rafts, 0), (1, true));
    rafts.receive(n(0), n(2), request_vote(2, 2, (0, 0)));
    assert_eq!(answer(&mut rafts, 0), (2, true));
}

/// The vote is on the disk before it is sent, and holds after a restart.
/// Reference: §5.2, Figure 2
#[test]
fn a_vote_survives_a_restart() {
    let mut rafts = paper(3);
    rafts.hold_disk(n(0));
    rafts.receive(n(0), n(1), request_vote(1, 1, (0, 0)));
    assert!(rafts.network.is_empty(), "not sent before it is written");
    rafts.release_disk(n(0));
    assert_eq!(answer(&mut rafts, 0), (1, true));
    rafts.crash(n(0));
    rafts.restart(n(0));
    rafts.receive(n(0), n(2), request_vote(2, 1, (0, 0)));
    assert_eq!(answer(&mut rafts, 0), (1, false));
}

/// A vote that is not yet on the disk is not sent by a later handler either: effects of a node keep their order.
/// Reference: Figure 2, "updated on stable storage before responding"
#[test]
fn a_repeated_request_does_not_overtake_the_write_of_the_vote() {
    let mut rafts = paper(3);
    rafts.hold_disk(n(0));
    rafts.receive(n(0), n(1), request_vote(1, 1, (0, 0)));
    rafts.receive(n(0), n(1), request_vote(1, 1, (0, 0)));
    assert!(rafts.network.is_empty());
    rafts.crash(n(0));
    rafts.restart(n(0));
    rafts.release_disk(n(0));
    rafts.receive(n(0), n(2), request_vote(2, 1, (0, 0)));
    assert_eq!(answer(&mut rafts, 0), (1, true), "the first vote never got out");
}

/// A new leader tells everybody at once, which prevents new elections.
/// Reference: §5.2
#[test]
fn a_new_leader_sends_heartbeats_at_once() {
    let mut rafts = paper(5);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.deliver_where(|m| m.is("RequestVote"));
    rafts.deliver_where(|m| m.is("RequestVoteResponse"));
    assert_eq!(rafts.under_way(|m| m.is("AppendEntries") && m.from == n(0)).len(), 4);
    rafts.settle();
    assert!((1..5).all(|node| rafts.node(n(node)).view().leader == Some(n(0))));
}

/// A candidate that hears a leader of its own term or a later one recognises it and follows.
/// Reference: §5.2
#[test]
fn a_candidate_follows_a_legitimate_leader() {
    for leader_term in [1, 2] {
        let mut rafts = paper(3);
        rafts.fire(n(0), RaftTimer::Election);
        rafts.receive(n(0), n(1), append(1, leader_term, (0, 0), Entries::None, 0));
        assert_eq!((role(&rafts, 0), term(&rafts, 0)), ("follower", leader_term.into()));
        assert!(answer(&mut rafts, 0).1);
    }
}

/// A candidate refuses a leader of an earlier term and stays a candidate.
/// Reference: §5.2
#[test]
fn a_candidate_refuses_an_outdated_leader() {
    let mut rafts = paper(3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.lose_all();
    rafts.receive(n(0), n(1), append(1, 1, (0, 0), Entries::None, 0));
    assert_eq!(answer(&mut rafts, 0), (2, false));
    assert_eq!(role(&rafts, 0), "candidate");
}

/// A candidate that neither wins nor loses starts over in the next term when its timer fires.
/// Reference: §5.2
#[test]
fn a_candidate_without_a_result_starts_over() {
    let mut rafts = paper(3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.lose_all();
    rafts.fire(n(0), RaftTimer::Election);
    assert_eq!((role(&rafts, 0), term(&rafts, 0)), ("candidate", 2));
    assert_eq!(rafts.under_way(|m| m.is("RequestVote")).len(), 2);
}

/// Election timeouts are drawn anew from a fixed interval, 150 to 300 ms unless set otherwise, at the start of each
/// election too.
/// Reference: §5.2
#[test]
fn election_timeouts_are_randomised() {
    let mut rafts = paper(3);
    assert_eq!(rafts.slots[0].timers[&RaftTimer::Election], (150_000, 300_000));
    rafts.fire(n(0), RaftTimer::Election);
    assert_eq!(rafts.slots[0].timers[&RaftTimer::Election], (150_000, 300_000));
}

/// An election timer that fires while a leader is heard is no error: followers stand whenever it fires, and the old
/// leader gives way.
/// Reference: §5.2
#[test]
fn leadership_passes_on() {
    let mut rafts = led(3);
    rafts.request(n(0), command(1, 1));
    rafts.settle();
    elect(&mut rafts, 2);
    assert_eq!((role(&rafts, 0), term(&rafts, 0)), ("follower", 2));
    rafts.request(n(2), command(1, 2));
    rafts.settle();
    beat(&mut rafts, 2);
    assert_eq!(rafts.delivered(n(0)), [command(1, 1), command(1, 2)]);
}
