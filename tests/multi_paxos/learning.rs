//! How replicas learn what is chosen and execute it. A learner "must find out that a proposal has been accepted by a
//! majority of acceptors" (§2.3): here from a distinguished one, the leader.

use crate::rig::*;
use crate::support::n;
use consensus_playground::protocol::{Command, SettingValue};
use consensus_playground::protocols::multi_paxos::Ballot;

/// Acceptors answer the leader alone, and its watermark travels with the next Accept or Heartbeat. Deviation 7
#[test]
fn the_watermark_travels_with_accept_and_heartbeat() {
    let mut c = led(3);
    c.request(n(0), A);
    c.deliver_where(|m| m.is("Accept"));
    assert_eq!((count(&c, "Accepted", 1, 0), count(&c, "Accepted", 1, 2)), (1, 0));
    c.settle();
    assert_eq!([0, 1, 2].map(|node| chosen(&c, node)), [1, 0, 0]);
    c.request(n(0), B);
    c.settle();
    assert_eq!([0, 1, 2].map(|node| chosen(&c, node)), [2, 1, 1]);
    beat(&mut c, 0);
    assert_eq!([0, 1, 2].map(|node| chosen(&c, node)), [2, 2, 2]);
}

/// What a follower accepted in another ballot than the leader's may be something else than what was chosen: it asks, and
/// is told. Deviation 7
#[test]
fn what_was_accepted_in_another_ballot_is_not_taken_for_chosen() {
    let mut c = paxos(5);
    start_from(&mut c, 4, with_log(5, 0, &[entry(1, 5, A)]));
    // B was chosen in slot 1 under ballot 6 by n1, n2 and n3; n1 knows, and leads on.
    for node in 1..4 {
        start_from(&mut c, node, with_log(6, u64::from(node == 1), &[entry(1, 6, B)]));
    }
    c.receive(n(4), n(1), heartbeat(6, 1));
    assert_eq!((chosen(&c, 4), between(&c, 4, 1)), (0, vec![alive(6, 0, true)]));
    c.receive(n(4), n(1), decision(6, 1, &[entry(1, 6, B)]));
    assert_eq!((c.delivered(n(4)), disk(&c, 4).log.get(1).map(|p| p.command)), (&[B][..], Some(B)));
}

/// A leader sends what a replica lacks, so many slots with each heartbeat. PMMC §4.2, state for replicas that lag
#[test]
fn a_lagging_replica_is_brought_up_to_date_in_batches() {
    let mut c = with(3, &[("max_batch", SettingValue::Integer(4))]);
    elect(&mut c, 0);
    c.crash(n(2));
    for number in 1..=10 {
        c.request(n(0), numbered(number));
        c.settle();
    }
    c.restart(n(2));
    for reached in [4, 8, 10, 10] {
        beat(&mut c, 0);
        assert_eq!(chosen(&c, 2), reached);
    }
    assert_eq!(c.delivered(n(2)), c.delivered(n(0)));
}

/// What is on the disk need not be sent: the rest of a batch is known by the watermark.
#[test]
fn what_was_accepted_behind_a_gap_is_executed_when_that_is_filled() {
    let mut c = led(3);
    c.request(n(0), A);
    c.lose_where(|m| m.goes(0, 2));
    c.request(n(0), B);
    c.settle();
    assert_eq!((at(&c, 2, 1), at(&c, 2, 2), chosen(&c, 0)), (None, Some((3, B)), 2));
    c.receive(n(2), n(0), decision(3, 2, &[entry(1, 3, A)]));
    assert_eq!(c.delivered(n(2)), [A, B]);
}

/// A candidate learns from promises what is chosen, and proposes nothing there. Deviation 6
#[test]
fn a_promise_tells_what_is_chosen() {
    let mut c = led(3);
    c.crash(n(2));
    for command in [A, B] {
        c.request(n(0), command);
    }
    c.settle();
    beat(&mut c, 0);
    c.request(n(0), C);
    pass(&mut c, "Accept", 0, 1);
    c.crash(n(0));
    c.lose_all();
    c.restart(n(2));
    elect_by(&mut c, 2, &[1]);
    assert_eq!(c.delivered(n(2)), [A, B]);
    assert_eq!(between(&c, 2, 1), [heartbeat(5, 2), accept(5, 3, C, 2)]);
    assert_eq!(disk(&c, 2).log.get(1).map(|p| p.ballot), Some(Ballot(3)), "learned, not accepted anew");
}

/// Old news changes nothing, and an older leader's decisions reach no newer leader.
#[test]
fn late_decisions_change_nothing() {
    let mut c = led(3);
    c.request(n(0), A);
    c.settle();
    elect(&mut c, 1);
    assert_eq!(chosen(&c, 1), 1);
    c.request(n(1), B);
    c.receive(n(1), n(0), decision(3, 2, &[entry(1, 3, A), entry(2, 3, C)]));
    assert_eq!((leads(&c, 1), at(&c, 1, 2)), (true, Some((4, B))));
    c.receive(n(2), n(0), decision(3, 1, &[entry(1, 3, A)]));
    assert_eq!(chosen(&c, 2), 1);
}

/// To learn under a leader's ballot is to promise it: a late Accept of an earlier ballot overwrites nothing. Deviation 7
#[test]
fn a_late_accept_does_not_overwrite_what_was_learned() {
    let mut c = paxos(5);
    // n2 leads ballot 7 by n0 and n4, and its Accept for slot 1 is slow.
    elect_by(&mut c, 2, &[0, 4]);
    c.request(n(2), A);
    let late = c.under_way(|m| m.is("Accept") && m.goes(2, 0))[0];
    // n1 leads ballot 11 by n3 and n4, is told of nothing, and chooses B there.
    c.receive(n(1), n(2), heartbeat(7, 0));
    elect_by(&mut c, 1, &[3, 4]);
    c.request(n(1), B);
    for acceptor in [3, 4] {
        pass(&mut c, "Accept", 1, acceptor);
        pass(&mut c, "Accepted", acceptor, 1);
    }
    assert_eq!(c.delivered(n(1)), [B]);
    // n0 has promised no ballot but 7, and learns B.
    c.receive(n(0), n(1), decision(11, 1, &[entry(1, 11, B)]));
    assert_eq!((c.delivered(n(0)), disk(&c, 0).promised), (&[B][..], Ballot(11)));
    c.deliver(late);
    assert_eq!(disk(&c, 0).log.get(1).map(|p| p.command), Some(B));
    c.crash(n(0));
    c.restart(n(0));
    assert_eq!(c.disorder, None);
}

/// A restarted node executes at once what its disk knows to be chosen.
#[test]
fn a_restarted_replica_executes_again_what_its_disk_knows() {
    let mut c = paxos(3);
    start_from(&mut c, 1, with_log(3, 2, &[entry(1, 3, A), entry(2, 3, B), entry(3, 3, C)]));
    assert_eq!(c.delivered(n(1)), [A, B]);
}

/// A command that its client repeats may be chosen in two slots; the second time the application leaves it out.
/// Deviation 9; PMMC §2, perform()
#[test]
fn a_repeated_command_may_stand_in_two_slots() {
    let mut c = led(3);
    c.request(n(0), A);
    c.request(n(0), A);
    c.settle();
    assert_eq!(c.delivered(n(0)), [A, A]);
}

/// All replicas execute the same commands in the same order, no-ops among them. Reference: §3, "all servers execute the
/// same sequence of commands"
#[test]
fn all_replicas_execute_one_sequence() {
    let mut c = led(5);
    for number in 1..=20 {
        c.request(n(0), numbered(number));
        if number % 5 == 0 {
            c.lose_where(|m| m.id % 3 == 0);
        }
        c.settle();
    }
    c.crash(n(0));
    elect(&mut c, 1);
    for _ in 0..3 {
        beat(&mut c, 1);
    }
    let sequence = c.delivered(n(1)).to_vec();
    assert!(sequence.len() >= 20 && !sequence.contains(&Command::NOOP), "nothing was lost everywhere");
    assert!((2..5).all(|node| c.delivered(n(node)) == sequence));
    assert_eq!(c.disorder, None);
}
