//! How a leader is found, and how one gives way: what §3 leaves open and PMMC and practice add.

use crate::rig::*;
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Fact, NodeId, Protocol, SettingValue, Wait};
use consensus_playground::protocols::multi_paxos::MultiPaxosTimer::{Election, Heartbeat};
use consensus_playground::protocols::multi_paxos::QUEUE;

/// A node that hears no leader tries to lead; one that hears one waits on. Deviation 2
#[test]
fn a_leader_that_is_heard_is_not_disturbed() {
    let mut c = paxos(3);
    let armed = |c: &Nodes, node: u8| c.slots[usize::from(node)].timers.get(&Election).copied();
    assert!((0..3).all(|node| armed(&c, node) == Some((150_000, 300_000))));
    elect(&mut c, 0);
    let set = |c: &Nodes| c.slots[1].set[&Election];
    let before = set(&c);
    c.receive(n(1), n(0), heartbeat(3, 0));
    c.receive(n(1), n(0), accept(3, 1, A, 0));
    assert_eq!(set(&c), before + 2, "each starts the wait anew");
    c.receive(n(1), n(2), prepare(2, 1));
    assert_eq!(set(&c), before + 2, "a refused one does not");
}

/// A copy of a Prepare does not put off the acceptor's own try: else one that hears nobody could keep all from it.
#[test]
fn a_copy_of_a_prepare_does_not_put_off_others() {
    let mut c = paxos(3);
    c.receive(n(1), n(2), prepare(5, 1));
    let before = c.slots[1].set[&Election];
    c.receive(n(1), n(2), prepare(5, 1));
    assert_eq!(c.slots[1].set[&Election], before);
}

/// An unanswered Prepare is sent again under the same ballot, to those that did not answer. Deviation 4
#[test]
fn an_unanswered_prepare_is_sent_again_under_the_same_ballot() {
    let mut c = paxos(5);
    c.fire(n(0), Election);
    pass(&mut c, "Prepare", 0, 1);
    pass(&mut c, "Promise", 1, 0);
    c.lose_all();
    c.fire(n(0), Election);
    assert_eq!(
        [1, 2, 3, 4].map(|node| between(&c, 0, node)),
        [vec![], vec![prepare(5, 1)], vec![prepare(5, 1)], vec![prepare(5, 1)]]
    );
    let have = [n(0), n(1)].into_iter().collect();
    assert_eq!(c.node(n(0)).waits(&c.config), [Wait::Quorum { what: "promises", epoch: 5, have, need: 3 }]);
}

/// A new ballot is above all that the node has seen, in whatever message. Deviation 3
#[test]
fn a_new_ballot_is_above_all_that_was_seen() {
    let mut c = paxos(3);
    c.receive(n(0), n(1), heartbeat(40, 0));
    c.fire(n(0), Election);
    assert_eq!(between(&c, 0, 2), [prepare(42, 1)]);
}

/// "It is probably a good idea to abandon a proposal if some proposer has begun trying to issue a higher-numbered one":
/// on its refusal, on its Prepare, on its Accept or Heartbeat. Reference: §2.2
#[test]
fn a_leader_gives_way_to_a_higher_ballot() {
    let nudges: [fn(&mut Nodes); 5] = [
        |c| c.receive(n(0), n(1), nack(3, 4)),
        |c| c.receive(n(0), n(1), prepare(4, 1)),
        |c| c.receive(n(0), n(1), accept(4, 1, B, 0)),
        |c| c.receive(n(0), n(1), heartbeat(4, 0)),
        |c| c.receive(n(0), n(1), decision(4, 1, &[entry(1, 4, B)])),
    ];
    for (case, nudge) in nudges.into_iter().enumerate() {
        let mut c = led(3);
        nudge(&mut c);
        assert!(!leads(&c, 0), "case {case}");
        assert!(c.history.contains(&(n(0), Fact::StepsDown)));
        assert!(!c.slots[0].timers.contains_key(&Heartbeat) && c.slots[0].timers.contains_key(&Election));
    }
}

/// Old refusals and answers change nothing.
#[test]
fn what_answers_an_older_ballot_is_ignored() {
    let mut c = led(3);
    elect(&mut c, 1);
    elect(&mut c, 0);
    c.request(n(0), A);
    c.lose_all();
    for message in
        [nack(3, 4), nack(6, 5), accepted(3, 1), alive(3, 0, true), promise(6, 9, &[]), prepare(4, 1), heartbeat(4, 5)]
    {
        c.receive(n(0), n(1), message);
    }
    assert!(leads(&c, 0) && chosen(&c, 0) == 0);
    assert_eq!(between(&c, 0, 1), [nack(4, 6), nack(4, 6)]);
}

/// Preempted, it waits for the other to lead, twice as long each time and up to a bound, always with chance in it; when it
/// hears a leader it is patient no more. Deviation 2
#[test]
fn waits_are_random_double_and_are_bounded() {
    let mut c = paxos(3);
    let wait = |c: &Nodes| c.slots[0].timers[&Election];
    let mut waits = Vec::new();
    for _ in 0..5 {
        c.fire(n(0), Election);
        let ballot = c.node(n(0)).view().epoch;
        c.receive(n(0), n(1), nack(ballot, ballot + 1));
        waits.push(wait(&c));
    }
    let doubled = [(300_000, 600_000), (600_000, 1_200_000), (1_000_000, 2_000_000), (1_000_000, 2_000_000)];
    assert_eq!(waits[..4], doubled);
    assert_eq!(waits[4], doubled[3]);
    c.receive(n(0), n(1), heartbeat(100, 0));
    assert_eq!(wait(&c), (150_000, 300_000));
}

/// A leader that hears from no majority for the longest time-out steps down; what waits at it is sent elsewhere.
/// Deviation 2
#[test]
fn a_leader_that_hears_no_majority_steps_down() {
    let mut c = Cluster::new(5, "correct", &[("window", SettingValue::Integer(1))]);
    elect(&mut c, 0);
    assert_eq!(c.slots[0].timers[&Election], (300_000, 300_000));
    c.fire(n(0), Election);
    assert!(leads(&c, 0), "all have answered");
    c.request(n(0), A);
    c.request(n(0), B);
    c.receive(n(0), n(1), accepted(5, 1));
    c.fire(n(0), Election);
    assert!(!leads(&c, 0), "one of four is no majority");
    assert_eq!(c.slots[0].redirects, [(B, None)]);
}

/// Followers' answers to heartbeats keep a leader that has nothing to do.
#[test]
fn answers_to_heartbeats_keep_an_idle_leader() {
    let mut c = led(3);
    for _ in 0..3 {
        c.fire(n(0), Election);
        assert!(leads(&c, 0));
        beat(&mut c, 0);
    }
}

/// So many wait at a leader and no more; who comes then is sent elsewhere. Deviation 8
#[test]
fn the_queue_is_bounded() {
    let mut c = with(3, &[("window", SettingValue::Integer(1))]);
    elect(&mut c, 0);
    for number in 0..QUEUE as u32 + 3 {
        c.request(n(0), numbered(number));
    }
    assert_eq!(c.slots[0].redirects, [(numbered(QUEUE as u32 + 1), None), (numbered(QUEUE as u32 + 2), None)]);
    c.settle();
    assert_eq!(c.delivered(n(0)).len(), QUEUE + 1);
}

/// One node is a majority of itself.
#[test]
fn a_cluster_of_one_leads_and_chooses_at_once() {
    let mut c = paxos(1);
    c.fire(n(0), Election);
    c.request(n(0), A);
    assert_eq!((leads(&c, 0), c.delivered(n(0))), (true, &[A][..]));
    c.crash(n(0));
    c.restart(n(0));
    c.fire(n(0), Election);
    assert_eq!(c.delivered(n(0)), [A], "found again in its own log");
    assert!(c.network.is_empty());
}

/// A cut-off node that comes back with a higher ballot takes over or gives way; then one leads and serves.
#[test]
fn a_node_that_was_cut_off_does_no_lasting_harm() {
    let mut c = led(3);
    c.fire(n(2), Election);
    c.lose_all();
    beat(&mut c, 0);
    assert!(!leads(&c, 0), "n2 refused, having promised its own ballot");
    c.fire(n(2), Election);
    c.settle();
    assert!(leads(&c, 2));
    let leader: Vec<NodeId> = c.nodes().filter(|node| c.node(*node).view().leads).collect();
    assert_eq!(leader, [n(2)]);
    c.request(n(2), A);
    c.settle();
    assert_eq!(c.delivered(n(2)), [A]);
}
