//! The consensus algorithm of Paxos Made Simple §2 in each slot, and what an acceptor keeps on its disk.

use crate::rig::*;
use crate::support::n;
use consensus_playground::protocol::{Fact, Protocol, SettingValue};
use consensus_playground::protocols::multi_paxos::{Ballot, MultiPaxosTimer};

/// "It responds to the request with a promise not to accept any more proposals numbered less than n and with the
/// highest-numbered proposal (if any) that it has accepted", slot by slot. Reference: §2.2, Phase 1(b)
#[test]
fn a_promise_reports_the_highest_numbered_proposal_of_each_slot() {
    let mut c = paxos(3);
    c.receive(n(2), n(0), accept(3, 1, A, 0));
    c.receive(n(2), n(0), accept(3, 2, A, 0));
    c.receive(n(2), n(1), accept(4, 2, B, 0));
    c.lose_all();
    c.receive(n(2), n(0), prepare(6, 1));
    assert_eq!(between(&c, 2, 0), [promise(6, 0, &[entry(1, 3, A), entry(2, 4, B)])]);
}

/// "There is then no reason for the acceptor to respond to the new prepare request": it refuses in words.
/// Reference: §2.2
#[test]
fn a_lower_prepare_is_refused() {
    let mut c = paxos(3);
    c.receive(n(2), n(1), prepare(4, 1));
    c.lose_all();
    c.receive(n(2), n(0), prepare(3, 1));
    assert_eq!(between(&c, 2, 0), [nack(3, 4)]);
}

/// "It accepts the proposal unless it has already responded to a prepare request having a number greater than n."
/// Reference: §2.2, Phase 2(b)
#[test]
fn an_acceptor_accepts_unless_it_promised_higher() {
    for (promised, accepts) in [(0, true), (3, true), (4, false)] {
        let mut c = paxos(3);
        if promised > 0 {
            c.receive(n(2), n(1), prepare(promised, 1));
        }
        c.lose_all();
        c.receive(n(2), n(0), accept(3, 5, A, 0));
        assert_eq!(at(&c, 2, 5), accepts.then_some((3, A)), "promised {promised}");
        assert_eq!(between(&c, 2, 0), [if accepts { accepted(3, 5) } else { nack(3, promised) }]);
    }
}

/// Accepting raises the promise, in every slot. Reference: Paxos.tla, Phase2b
#[test]
fn accepting_in_one_slot_raises_the_promise_in_all() {
    let mut c = paxos(3);
    c.receive(n(2), n(1), accept(4, 1, A, 0));
    c.lose_all();
    c.receive(n(2), n(0), accept(3, 2, B, 0));
    assert_eq!((between(&c, 2, 0), at(&c, 2, 2)), (vec![nack(3, 4)], None));
}

/// "v is the value of the highest-numbered proposal among the responses", slot by slot, in whatever order they come, its
/// own acceptor's among them. Reference: §2.2, Phase 2(a)
#[test]
fn the_highest_numbered_proposal_of_each_slot_is_carried_on() {
    for order in [[1, 2], [2, 1]] {
        let mut c = paxos(5);
        start_from(&mut c, 0, with_log(9, 0, &[entry(1, 9, C), entry(2, 6, C)]));
        c.fire(n(0), MultiPaxosTimer::Election);
        c.lose_all();
        let reports = [vec![], vec![entry(1, 6, A), entry(2, 7, A)], vec![entry(1, 7, B), entry(2, 8, B)]];
        for from in order {
            c.receive(n(0), n(from), promise(10, 0, &reports[usize::from(from)]));
        }
        assert_eq!((at(&c, 0, 1), at(&c, 0, 2)), (Some((10, C)), Some((10, B))));
    }
}

/// A majority of promises, each acceptor's once, makes a leader. Reference: §2.2, Phase 2(a)
#[test]
fn a_majority_of_promises_makes_a_leader() {
    let mut c = paxos(5);
    c.fire(n(0), MultiPaxosTimer::Election);
    c.receive(n(0), n(1), promise(5, 0, &[]));
    c.receive(n(0), n(1), promise(5, 0, &[]));
    c.receive(n(0), n(3), promise(4, 0, &[]));
    assert!(!leads(&c, 0), "its own and one more, twice, and one of another ballot");
    c.receive(n(0), n(4), promise(5, 0, &[]));
    assert!(leads(&c, 0));
    assert!(c.history.contains(&(n(0), Fact::Leads { epoch: 5 })));
}

/// A majority of acceptances in one ballot and slot, each acceptor's once, chooses. Reference: §2.3
#[test]
fn a_majority_of_acceptances_chooses() {
    let mut c = led(5);
    c.request(n(0), A);
    c.lose_all();
    for (from, ballot, slot) in [(1, 5, 1), (1, 5, 1), (2, 4, 1), (2, 5, 2), (2, 5, 0)] {
        c.receive(n(0), n(from), accepted(ballot, slot));
    }
    assert_eq!(chosen(&c, 0), 0);
    c.receive(n(0), n(4), accepted(5, 1));
    assert_eq!((chosen(&c, 0), c.delivered(n(0))), (1, &[A][..]));
}

/// "An acceptor records its intended response in stable storage before actually sending the response." Reference: §2.5
#[test]
fn no_answer_leaves_before_it_is_on_the_disk() {
    let mut c = paxos(3);
    c.hold_disk(n(2));
    c.receive(n(2), n(1), prepare(4, 1));
    assert!(c.network.is_empty());
    c.write_one(n(2));
    assert_eq!((between(&c, 2, 1), disk(&c, 2).promised), (vec![promise(4, 0, &[])], Ballot(4)));
    c.receive(n(2), n(1), accept(4, 1, A, 0));
    assert_eq!(count(&c, "Accepted", 2, 1), 0);
    c.write_one(n(2));
    assert_eq!((count(&c, "Accepted", 2, 1), disk(&c, 2).log.last()), (1, 1));
}

/// "Each proposer remembers (in stable storage) the highest-numbered proposal it has tried to issue": as its own acceptor's
/// promise, before Prepare leaves. Reference: §2.5
#[test]
fn a_restarted_proposer_uses_a_new_number() {
    let mut c = paxos(3);
    c.hold_disk(n(0));
    c.fire(n(0), MultiPaxosTimer::Election);
    assert!(c.network.is_empty());
    c.release_disk(n(0));
    c.crash(n(0));
    c.restart(n(0));
    c.fire(n(0), MultiPaxosTimer::Election);
    assert_eq!(between(&c, 0, 1), [prepare(3, 1), prepare(6, 1)]);
}

/// "An acceptor must remember this information even if it fails and then restarts." Reference: §2.2
#[test]
fn a_restarted_acceptor_keeps_promise_and_acceptances() {
    let mut c = paxos(3);
    c.receive(n(2), n(0), accept(3, 1, A, 0));
    c.receive(n(2), n(1), prepare(4, 1));
    c.crash(n(2));
    c.restart(n(2));
    c.lose_all();
    c.receive(n(2), n(0), accept(3, 2, B, 0));
    c.receive(n(2), n(1), prepare(4, 1));
    assert_eq!((between(&c, 2, 0), between(&c, 2, 1)), (vec![nack(3, 4)], vec![promise(4, 0, &[entry(1, 3, A)])]));
}

/// A copy of a Prepare is answered again, and a copy of an Accept without another write. Deviation 4
#[test]
fn copies_are_answered_again_without_a_write() {
    let mut c = paxos(3);
    c.receive(n(2), n(1), prepare(4, 1));
    c.receive(n(2), n(1), accept(4, 1, A, 0));
    c.hold_disk(n(2));
    c.lose_all();
    c.receive(n(2), n(1), prepare(4, 1));
    c.receive(n(2), n(1), accept(4, 1, A, 0));
    assert_eq!(between(&c, 2, 1), [promise(4, 0, &[entry(1, 4, A)]), accepted(4, 1)]);
}

/// What is known to be chosen goes along with the next write, and causes none. See the folder's head, "On the disk"
#[test]
fn the_watermark_goes_along_with_writes() {
    let mut c = led(3);
    c.request(n(0), A);
    c.settle();
    assert_eq!((chosen(&c, 0), disk(&c, 0).chosen), (1, 0));
    c.request(n(0), B);
    assert_eq!(disk(&c, 0).chosen, 1);
    c.crash(n(0));
    c.restart(n(0));
    assert_eq!((c.delivered(n(0)), at(&c, 0, 2)), (&[A][..], Some((3, B))), "B is accepted, A executed again");
}

/// A node that lost its disk answers neither Prepare nor Accept, never leads, and is brought up to date. Reference: §2.2,
/// "an acceptor must remember this information"
#[test]
fn a_node_without_its_old_disk_neither_votes_nor_leads() {
    let mut c = led(3);
    c.request(n(0), A);
    c.settle();
    wipe(&mut c, 2);
    assert!(c.slots[2].timers.is_empty() && c.node(n(2)).view().role == "learner");
    c.receive(n(2), n(1), prepare(4, 1));
    c.receive(n(2), n(0), accept(3, 2, B, 1));
    assert!(c.network.is_empty());
    beat(&mut c, 0);
    assert_eq!(c.delivered(n(2)), [A]);
    c.receive(n(2), n(0), accept(3, 2, B, 1));
    assert!(c.network.is_empty(), "one instance observed is not enough");
    c.crash(n(2));
    c.restart(n(2));
    assert!(disk(&c, 2).lost && c.slots[2].timers.is_empty(), "nor is another restart");
    c.request(n(2), B);
    assert_eq!(c.slots[2].redirects, [(B, None)]);
}

/// Settings that do not go together are refused with a sentence.
#[test]
fn settings_that_do_not_go_together_are_refused() {
    use consensus_playground::protocol::Setup;
    use consensus_playground::protocols::multi_paxos::MultiPaxos;
    let refused = |given: &[(&'static str, SettingValue)], variant| {
        let setup = Setup { nodes: 3, variant, given, declared: MultiPaxos::INFO.settings, delta: None };
        MultiPaxos::configure(&setup).unwrap_err()
    };
    assert!(refused(&[("heartbeat_ms", SettingValue::Integer(150))], "correct").starts_with("heartbeat_ms must be"));
    assert!(
        refused(&[("backoff_max_ms", SettingValue::Integer(299))], "correct").starts_with("backoff_max_ms must be")
    );
    assert!(refused(&[], "no-such").starts_with("variant must be"));
}
