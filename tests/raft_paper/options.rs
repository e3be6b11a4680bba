//! Settings beyond §5: PreVote, the quorum check, the no-op.

use crate::rig::{answer, append, beat, defaults, elect, entry, leads, start_from, term, terms, terms_on_disk, with};
use crate::support::{command, n};
use consensus_playground::protocol::{Fact, NodeSet, Protocol, SettingValue, Setup, Wait};
use consensus_playground::protocols::raft::{Entries, Raft, RaftMessage, RaftTimer};

const OFF: SettingValue = SettingValue::Flag(false);

fn pre_vote(candidate: u8, term: u32, last: (u32, u32)) -> RaftMessage {
    RaftMessage::PreVote { term, candidate_id: n(candidate), last_log_index: last.0, last_log_term: last.1 }
}

// ---- PreVote (thesis §9.6)

/// An election begins only when a majority would vote for it; until then nothing changes anywhere.
/// Reference: thesis §9.6
#[test]
fn pre_votes_come_before_an_election() {
    let mut rafts = defaults(5);
    rafts.fire(n(0), RaftTimer::Election);
    assert_eq!(rafts.under_way(|m| m.is("PreVote")).len(), 4);
    rafts.deliver_where(|m| m.goes(0, 1));
    rafts.deliver_where(|m| m.goes(1, 0));
    assert_eq!((term(&rafts, 0), rafts.node(n(0)).view().role), (0, "pre-candidate"));
    rafts.deliver_where(|m| m.goes(0, 2));
    rafts.deliver_where(|m| m.goes(2, 0));
    assert_eq!((term(&rafts, 0), rafts.node(n(0)).view().role), (1, "candidate"));
    rafts.settle();
    assert!(leads(&rafts, 0));
}

/// A pre-vote is no vote: the receiver keeps its term, its vote and its timer, and may grant many.
/// Reference: thesis §9.6
#[test]
fn a_pre_vote_changes_nothing() {
    let mut rafts = defaults(3);
    let before = (rafts.node(n(0)).clone(), rafts.slots[0].disk.clone(), rafts.slots[0].set.clone());
    for candidate in [1, 2, 1] {
        rafts.receive(n(0), n(candidate), pre_vote(candidate, 1, (0, 0)));
        assert_eq!(answer(&mut rafts, 0), (1, true));
    }
    assert!(before == (rafts.node(n(0)).clone(), rafts.slots[0].disk.clone(), rafts.slots[0].set.clone()));
}

/// A pre-vote is refused to a log that is behind, to a term that is over, and while a leader is heard.
/// Reference: thesis §9.6
#[test]
fn pre_votes_are_refused_where_votes_would_be() {
    let mut rafts = defaults(3);
    start_from(&mut rafts, &[&[1, 2], &[], &[]]);
    rafts.receive(n(0), n(1), pre_vote(1, 3, (1, 1)));
    assert_eq!(answer(&mut rafts, 0), (2, false), "an older log");
    rafts.receive(n(0), n(1), pre_vote(1, 1, (2, 2)));
    assert_eq!(answer(&mut rafts, 0), (2, false), "an older term");
    rafts.receive(n(0), n(1), pre_vote(1, 3, (2, 2)));
    assert_eq!(answer(&mut rafts, 0), (3, true));
    rafts.receive(n(0), n(2), append(2, 2, (2, 2), Entries::None, 0));
    rafts.receive(n(0), n(1), pre_vote(1, 3, (2, 2)));
    assert_eq!(answer(&mut rafts, 0), (2, false), "a leader is heard");
    rafts.fire(n(0), RaftTimer::Election);
    rafts.lose_all();
    rafts.receive(n(0), n(1), pre_vote(1, 3, (2, 2)));
    assert_eq!(answer(&mut rafts, 0), (3, true), "until the node's own timer fires");
}

/// A node that was cut off keeps its term and does not disturb the leader when it is back.
/// Reference: thesis §9.6
#[test]
fn a_node_that_was_cut_off_returns_quietly() {
    let mut rafts = defaults(3);
    elect(&mut rafts, 0);
    for _ in 0..10 {
        rafts.fire(n(2), RaftTimer::Election);
        rafts.lose_all();
    }
    rafts.fire(n(2), RaftTimer::Election);
    rafts.settle();
    beat(&mut rafts, 0);
    assert_eq!((term(&rafts, 0), leads(&rafts, 0)), (1, true));
    assert_eq!((term(&rafts, 2), rafts.node(n(2)).view().role), (1, "follower"));
}

/// Without PreVote and the quorum check the same node brings the leader down (R11).
/// Reference: thesis §9.6
#[test]
fn without_pre_vote_it_disturbs() {
    let mut rafts = with(3, &[("pre_vote", OFF), ("check_quorum", OFF)]);
    elect(&mut rafts, 0);
    for _ in 0..10 {
        rafts.fire(n(2), RaftTimer::Election);
        rafts.lose_all();
    }
    beat(&mut rafts, 0);
    assert_eq!((term(&rafts, 0), leads(&rafts, 0)), (11, false));
}

/// A pre-vote counts for the term that was asked about, and once per node.
/// Reference: thesis §9.6
#[test]
fn pre_votes_of_another_term_do_not_count() {
    let mut rafts = defaults(5);
    start_from(&mut rafts, &[&[1, 2], &[], &[], &[], &[]]);
    rafts.fire(n(0), RaftTimer::Election);
    let grant = |term| RaftMessage::PreVoteResponse { term, vote_granted: true };
    for (voter, term) in [(1, 2), (2, 2), (3, 4), (4, 1), (1, 3), (1, 3)] {
        rafts.receive(n(0), n(voter), grant(term));
        assert_eq!(rafts.node(n(0)).view().role, "pre-candidate");
    }
    rafts.receive(n(0), n(2), grant(3));
    assert_eq!(rafts.node(n(0)).view().role, "candidate");
}

/// A pre-candidate learns of a newer term from a refusal, and follows a leader that it hears.
/// Reference: thesis §9.6
#[test]
fn a_pre_candidate_gives_way() {
    let mut rafts = defaults(3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.receive(n(0), n(1), RaftMessage::PreVoteResponse { term: 4, vote_granted: false });
    assert_eq!((term(&rafts, 0), rafts.slots[0].disk.current_term), (4, 4));
    rafts.fire(n(0), RaftTimer::Election);
    rafts.receive(n(0), n(1), append(1, 4, (0, 0), Entries::None, 0));
    assert_eq!(rafts.node(n(0)).view().role, "follower");
}

// ---- the quorum check (thesis §6.2, §4.2.3)

/// A leader that hears from no majority between two checks steps down.
/// Reference: thesis §6.2
#[test]
fn a_leader_without_a_quorum_steps_down() {
    let mut rafts = defaults(5);
    elect(&mut rafts, 0);
    rafts.fire(n(0), RaftTimer::Election);
    assert!(leads(&rafts, 0), "it heard from all in the election's wake");
    rafts.fire(n(0), RaftTimer::Heartbeat);
    rafts.settle_among(&[0, 1]);
    rafts.lose_all();
    rafts.fire(n(0), RaftTimer::Election);
    assert!(!leads(&rafts, 0), "two of five are no majority");
    assert!(rafts.slots[0].facts.contains(&Fact::StepsDown));
    assert_eq!(term(&rafts, 0), 1, "the term stays");
    rafts.request(n(0), command(1, 1));
    assert_eq!(rafts.slots[0].redirects, [(command(1, 1), None)]);
}

/// A leader that hears from a majority stays, check after check.
/// Reference: thesis §6.2
#[test]
fn a_leader_with_a_quorum_stays() {
    let mut rafts = defaults(5);
    elect(&mut rafts, 0);
    for _ in 0..5 {
        rafts.fire(n(0), RaftTimer::Heartbeat);
        rafts.settle_among(&[0, 1, 2]);
        rafts.lose_all();
        rafts.fire(n(0), RaftTimer::Election);
        assert!(leads(&rafts, 0));
    }
}

/// A node that hears a leader neither votes for a candidate of a later term nor takes that term over.
/// Reference: thesis §4.2.3
#[test]
fn who_hears_a_leader_ignores_candidates() {
    for node in [0, 1] {
        let mut rafts = defaults(3);
        elect(&mut rafts, 0);
        rafts.receive(n(node), n(2), crate::rig::request_vote(2, 9, (9, 8)));
        assert_eq!(answer(&mut rafts, node), (1, false));
        assert_eq!(term(&rafts, node), 1);
        let mut rafts = with(3, &[("check_quorum", OFF)]);
        elect(&mut rafts, 0);
        rafts.receive(n(node), n(2), crate::rig::request_vote(2, 9, (9, 8)));
        assert_eq!(answer(&mut rafts, node), (9, true), "without the check it does");
    }
}

/// With all defaults a dead leader is replaced once a majority's timers have fired.
/// Reference: thesis §9.6, §4.2.3
#[test]
fn a_dead_leader_is_replaced() {
    let mut rafts = defaults(5);
    elect(&mut rafts, 0);
    rafts.crash(n(0));
    for node in [1, 2] {
        rafts.fire(n(node), RaftTimer::Election);
        rafts.settle();
        assert!(!leads(&rafts, node));
    }
    elect(&mut rafts, 3);
    assert_eq!(term(&rafts, 3), 2);
}

// ---- the no-op (§8)

/// A new leader commits what earlier leaders left by an entry of its own that does nothing.
/// Reference: §8
#[test]
fn a_no_op_commits_what_is_left() {
    let mut rafts = defaults(3);
    start_from(&mut rafts, &[&[1, 2], &[1], &[]]);
    elect(&mut rafts, 0);
    beat(&mut rafts, 0);
    assert_eq!(terms(&rafts, 2), [1, 2, 3]);
    let delivered = rafts.delivered(n(2));
    assert_eq!(delivered[..2], [entry(1, 1).command, entry(2, 2).command]);
    assert!(delivered[2].is_noop());
}

// ---- odds and ends

/// A cluster of one commits what it has written, and nothing before it is written.
#[test]
fn a_single_node_commits_alone() {
    let mut rafts = defaults(1);
    elect(&mut rafts, 0);
    rafts.hold_disk(n(0));
    rafts.request(n(0), command(1, 1));
    assert_eq!(rafts.delivered(n(0)).len(), 1, "the no-op only");
    rafts.write_one(n(0));
    assert_eq!(rafts.delivered(n(0))[1], command(1, 1));
    assert_eq!(terms_on_disk(&rafts, 0), [1, 1]);
}

/// Who waits for what is told: a candidate for votes, a leader for acknowledgements, and nobody for nothing.
#[test]
fn what_is_waited_for() {
    let mut rafts = with(3, &[("pre_vote", OFF)]);
    assert_eq!(rafts.node(n(0)).waits(&rafts.config), []);
    rafts.fire(n(0), RaftTimer::Election);
    let me = NodeSet::from_iter([n(0)]);
    let votes = Wait::Quorum { what: "votes", epoch: 1, have: me, need: 2 };
    assert_eq!(rafts.node(n(0)).waits(&rafts.config), [votes]);
    rafts.settle();
    assert_eq!(rafts.node(n(0)).waits(&rafts.config), []);
    rafts.request(n(0), command(1, 1));
    let acknowledgements = Wait::Quorum { what: "acknowledgements", epoch: 1, have: me, need: 2 };
    assert_eq!(rafts.node(n(0)).waits(&rafts.config), [acknowledgements]);
}

/// Heartbeats that are not shorter than election timeouts are refused, with a reason.
#[test]
fn settings_that_do_not_go_together_are_refused() {
    let declared = Raft::INFO.settings;
    let read = |heartbeat, election| {
        let given = [
            ("heartbeat_ms", SettingValue::Integer(heartbeat)),
            ("election_timeout_ms", SettingValue::Range(election, 2 * election)),
        ];
        Raft::configure(&Setup { nodes: 3, variant: "correct", given: &given, declared, delta: None }).map(|_| ())
    };
    assert_eq!(read(149, 150), Ok(()));
    assert!(read(150, 150).expect_err("refused").contains("heartbeat_ms"));
}

/// The inspector has the paper's names, and tells what is on the disk.
#[test]
fn variables_have_their_names() {
    let mut rafts = defaults(3);
    elect(&mut rafts, 0);
    let fields = rafts.node(n(0)).fields(&|value| format!("v{}", value.0));
    let durable: Vec<_> = fields.iter().filter(|f| f.durable).map(|f| f.name).collect();
    assert_eq!(durable, ["currentTerm", "votedFor", "log[]"]);
    for name in ["commitIndex", "lastApplied", "nextIndex[]", "matchIndex[]"] {
        assert!(fields.iter().any(|f| f.name == name && !f.durable), "{name}");
    }
    let log = fields.iter().find(|f| f.name == "log[]").expect("the log");
    assert_eq!(log.value, "1: no-op (term 1)");
}
