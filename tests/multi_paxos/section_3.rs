//! Paxos Made Simple §3, "Implementing a State Machine", one test a sentence.

use crate::rig::*;
use crate::support::n;
use consensus_playground::protocol::{Command, Fact, Protocol, SettingValue, Wait};
use consensus_playground::protocols::multi_paxos::{Ballot, MultiPaxosMessage, MultiPaxosTimer};

/// "Clients send commands to the leader, who decides where in the sequence each command should appear." Who is none sends
/// them there. Reference: §3
#[test]
fn clients_are_sent_to_the_leader_who_decides_the_slot() {
    let mut c = led(3);
    c.request(n(1), A);
    assert_eq!(c.slots[1].redirects, [(A, Some(n(0)))]);
    c.request(n(0), B);
    c.request(n(0), A);
    c.settle();
    assert_eq!((at(&c, 1, 1), at(&c, 1, 2)), (Some((3, B)), Some((3, A))));
}

/// Before a leader is known nobody knows better. Reference: §3, "If no server is acting as leader, then no new commands
/// will be proposed"
#[test]
fn without_a_leader_nothing_is_proposed() {
    let mut c = paxos(3);
    c.request(n(1), A);
    assert_eq!(c.slots[1].redirects, [(A, None)]);
    assert!(c.network.is_empty() && c.history.is_empty());
}

/// "System startup is a special case in which no commands have yet been proposed." Reference: §3
#[test]
fn the_first_leader_proposes_nothing_of_its_own() {
    let c = led(3);
    assert_eq!(c.node(n(0)).view().last, 0);
    assert!(c.history.iter().all(|(_, fact)| !matches!(fact, Fact::Proposes { .. })));
}

/// "The value to be proposed is not chosen until phase 2": a leader goes through phase 1 without a command, and none of
/// its later commands needs it again. "The effective cost of executing a state machine command … is the cost of executing
/// only phase 2." Reference: §3
#[test]
fn phase_1_is_done_once_for_all_commands() {
    let mut c = led(3);
    for number in 1..=50 {
        c.request(n(0), numbered(number));
        assert_eq!((count(&c, "Prepare", 0, 1), count(&c, "Accept", 0, 1)), (0, 1));
        assert_eq!(between(&c, 0, 1), [accept(3, number.into(), numbered(number), u64::from(number) - 1)]);
        c.settle();
        assert_eq!(c.delivered(n(0)).last(), Some(&numbered(number)));
    }
}

/// "A newly chosen leader executes phase 1 for infinitely many instances … it can do this by sending a single reasonably
/// short message to the other servers." From the first one on that it does not know to be chosen. Reference: §3
#[test]
fn phase_1_of_all_instances_is_one_message() {
    let mut c = paxos(3);
    start_from(&mut c, 1, with_log(3, 2, &[entry(1, 3, A), entry(2, 3, B), entry(5, 3, C)]));
    c.fire(n(1), MultiPaxosTimer::Election);
    assert_eq!(between(&c, 1, 0), [prepare(4, 3)]);
    assert_eq!(between(&c, 1, 2), [prepare(4, 3)]);
}

/// "In phase 1, an acceptor responds with more than a simple OK only if it has already received a phase 2 message from
/// some proposer. … Thus, a server (acting as acceptor) can respond for all instances with a single reasonably short
/// message." Reference: §3
#[test]
fn a_promise_for_all_instances_is_one_message() {
    let mut c = paxos(3);
    c.receive(n(2), n(1), prepare(4, 1));
    assert_eq!(between(&c, 2, 1), [promise(4, 0, &[])], "a simple OK");
    c.receive(n(2), n(1), accept(4, 135, A, 0));
    c.receive(n(2), n(1), accept(4, 140, B, 0));
    c.lose_all();
    c.receive(n(2), n(0), prepare(6, 1));
    assert_eq!(between(&c, 2, 0), [promise(6, 0, &[entry(135, 4, A), entry(140, 4, B)])]);
}

/// n1 knows commands 1–134 and has accepted 138 and 139; n2 has accepted 135 and 140. n0 led, and is gone. n1 leads.
fn papers_example(variant: &str) -> Nodes {
    let mut c = Nodes::new(3, variant, &[]);
    c.crash(n(0));
    let known: Vec<_> = (1..=134).map(|slot| entry(slot, 3, numbered(slot as u32))).collect();
    let both = |more: &[u64]| {
        let more = more.iter().map(|slot| entry(*slot, 3, numbered(*slot as u32)));
        known.iter().copied().chain(more).collect::<Vec<_>>()
    };
    start_from(&mut c, 1, with_log(3, 134, &both(&[138, 139])));
    start_from(&mut c, 2, with_log(3, 134, &both(&[135, 140])));
    c.history.clear();
    elect_by(&mut c, 1, &[2]);
    c
}

fn proposed(c: &Nodes) -> Vec<(u64, Command)> {
    let proposed = c.history.iter().filter_map(|(_, fact)| match fact {
        Fact::Proposes { position, command, .. } => Some((*position, *command)),
        _ => None,
    });
    proposed.collect()
}

/// "Suppose that the outcome of these executions determine the value to be proposed in instances 135 and 140 … The leader
/// then executes phase 2 for instances 135 and 140", and "we let it fill the gap immediately by proposing, as commands 136
/// and 137, a special "no-op" command". Commands 138 and 139, which the paper's leader knows to be chosen, ours proposes
/// once more. Reference: §3
#[test]
fn the_new_leader_finishes_135_and_140_and_fills_136_and_137_with_no_ops() {
    let c = papers_example("correct");
    let no_op = Command::NOOP;
    let expected = [
        (135, numbered(135)),
        (136, no_op),
        (137, no_op),
        (138, numbered(138)),
        (139, numbered(139)),
        (140, numbered(140)),
    ];
    assert_eq!(proposed(&c), expected);
    let asked: Vec<_> = expected.iter().map(|(slot, command)| accept(4, *slot, *command, 134)).collect();
    assert_eq!(between(&c, 1, 2)[1..], asked, "under one number, behind a heartbeat");
}

/// "The leader … can now execute commands 1–135. However, it can't execute commands 138–140, which it also knows, because
/// commands 136 and 137 have yet to be chosen." Reference: §3
#[test]
fn nothing_is_executed_behind_a_gap() {
    let mut c = papers_example("correct");
    for slot in [135, 138, 139, 140] {
        c.receive(n(1), n(2), accepted(4, slot));
    }
    assert_eq!(chosen(&c, 1), 135);
    assert_eq!(c.delivered(n(1)).len(), 135);
    let wait = Wait::Quorum { what: "acceptances", epoch: 4, have: [n(1)].into_iter().collect(), need: 2 };
    assert_eq!(c.node(n(1)).waits(&c.config), [wait], "for 136");
}

/// "Once these no-op commands have been chosen, commands 138–140 can be executed." Reference: §3
#[test]
fn when_the_gap_is_filled_the_rest_is_executed() {
    let mut c = papers_example("correct");
    for slot in [135, 138, 139, 140, 137] {
        c.receive(n(1), n(2), accepted(4, slot));
    }
    assert_eq!(chosen(&c, 1), 135);
    c.receive(n(1), n(2), accepted(4, 136));
    assert_eq!(chosen(&c, 1), 140);
    let executed = [numbered(135), Command::NOOP, Command::NOOP, numbered(138), numbered(139), numbered(140)];
    assert_eq!(c.delivered(n(1))[134..], executed);
}

/// "It assigns command number 141 to the next command requested by a client … It proposes the next client command it
/// receives as command 142, and so on." Reference: §3
#[test]
fn the_next_commands_are_141_and_142() {
    let mut c = papers_example("correct");
    c.request(n(1), A);
    c.request(n(1), B);
    assert_eq!(proposed(&c)[6..], [(141, A), (142, B)]);
    c.settle();
    assert_eq!((chosen(&c, 1), at(&c, 2, 142)), (142, Some((4, B))));
}

/// "The leader can propose command 142 before it learns that its proposed command 141 has been chosen." Reference: §3
#[test]
fn commands_are_proposed_ahead_of_one_another() {
    let mut c = led(3);
    c.request(n(0), A);
    c.request(n(0), B);
    assert_eq!(between(&c, 0, 1), [accept(3, 1, A, 0), accept(3, 2, B, 0)]);
}

/// "It's possible for all the messages it sent in proposing command 141 to be lost, and for command 142 to be chosen before
/// any other server has learned what the leader proposed as command 141." Reference: §3
#[test]
fn a_later_command_may_be_chosen_first() {
    let mut c = led(3);
    c.request(n(0), A);
    c.lose_all();
    c.request(n(0), B);
    c.settle();
    let learned =
        |position| c.history.iter().any(|(_, fact)| matches!(fact, Fact::Learns { position: p, .. } if *p == position));
    assert!(learned(2) && !learned(1) && c.delivered(n(0)).is_empty());
    assert_eq!(c.node(n(1)).waits(&c.config), [Wait::Slot { position: 1 }]);
}

/// "When the leader fails to receive the expected response to its phase 2 messages in instance 141, it will retransmit
/// those messages": to those that did not answer, when they have had the time between two heartbeats for it.
/// Reference: §3
#[test]
fn what_was_not_answered_is_sent_again() {
    let mut c = led(5);
    c.request(n(0), A);
    pass(&mut c, "Accept", 0, 1);
    c.settle_where(|m| m.goes(1, 0));
    c.lose_all();
    c.fire(n(0), MultiPaxosTimer::Heartbeat);
    assert_eq!(count(&c, "Accept", 0, 2), 0, "just proposed, as far as the leader knows");
    c.fire(n(0), MultiPaxosTimer::Heartbeat);
    let again = [1, 2, 3, 4].map(|node| count(&c, "Accept", 0, node));
    assert_eq!(again, [0, 1, 1, 1]);
    c.settle();
    assert_eq!(chosen(&c, 0), 1);
    beat(&mut c, 0);
    beat(&mut c, 0);
    assert!(c.network.is_empty(), "what is chosen is not sent again");
}

/// What is chosen behind a gap is not sent again either. Reference: §3
#[test]
fn only_the_gap_is_sent_again() {
    let mut c = led(3);
    c.request(n(0), A);
    c.lose_all();
    c.request(n(0), B);
    c.lose_where(|m| m.goes(0, 2));
    c.settle();
    c.fire(n(0), MultiPaxosTimer::Heartbeat);
    c.fire(n(0), MultiPaxosTimer::Heartbeat);
    let again = |node| between(&c, 0, node).into_iter().filter(|m| !matches!(m, MultiPaxosMessage::Heartbeat { .. }));
    assert!(again(1).eq([accept(3, 1, A, 0)]) && again(2).eq([accept(3, 1, A, 0)]));
}

/// "However, it could fail first, leaving a gap in the sequence of chosen commands." Reference: §3
#[test]
fn a_leader_that_fails_leaves_a_gap() {
    let mut c = led(3);
    c.request(n(0), A);
    c.lose_all();
    c.request(n(0), B);
    c.settle();
    c.crash(n(0));
    elect(&mut c, 1);
    assert_eq!((at(&c, 1, 1), at(&c, 1, 2)), (Some((4, Command::NOOP)), Some((4, B))));
    assert_eq!(c.delivered(n(1)), [Command::NOOP, B]);
}

/// "In general, suppose a leader can get α commands ahead—that is, it can propose commands i + 1 through i + α commands
/// after commands 1 through i are chosen." What clients ask for beyond waits, once. Reference: §3
#[test]
fn a_leader_gets_alpha_commands_ahead() {
    let mut c = with(3, &[("window", SettingValue::Integer(3))]);
    elect(&mut c, 0);
    let furthest = |c: &Nodes| proposed(c).iter().map(|(slot, _)| *slot).max();
    for number in 1..=6 {
        c.request(n(0), numbered(number));
    }
    c.request(n(0), numbered(6));
    assert_eq!(furthest(&c), Some(3));
    c.receive(n(0), n(1), accepted(3, 2));
    assert_eq!(furthest(&c), Some(3), "1 is not chosen");
    c.receive(n(0), n(1), accepted(3, 1));
    assert_eq!(furthest(&c), Some(5), "1 and 2 are");
    c.settle();
    let executed: Vec<_> = (1..=6).map(numbered).collect();
    assert_eq!(c.delivered(n(0)), executed);
}

/// "A gap of up to α − 1 commands could then arise." Reference: §3
#[test]
fn a_gap_is_shorter_than_alpha() {
    let mut c = with(3, &[("window", SettingValue::Integer(4))]);
    elect(&mut c, 0);
    for number in 1..=9 {
        c.request(n(0), numbered(number));
    }
    c.lose_where(|m| !matches!(m.message, MultiPaxosMessage::Accept { slot: 4, .. }));
    c.settle();
    assert_eq!(chosen(&c, 0), 0);
    c.crash(n(0));
    elect(&mut c, 1);
    let filled: Vec<_> = (1..=4).map(|slot| at(&c, 1, slot).unwrap().1).collect();
    assert_eq!(filled, [Command::NOOP, Command::NOOP, Command::NOOP, numbered(4)]);
}

/// "If multiple servers think they are leaders, then they can all propose values in the same instance of the consensus
/// algorithm … However, safety is preserved—two different servers will never disagree on the value chosen as the ith state
/// machine command." Reference: §3
#[test]
fn two_leaders_never_disagree_on_a_slot() {
    let mut c = led(3);
    elect_by(&mut c, 1, &[2]);
    assert!(leads(&c, 0) && leads(&c, 1));
    c.request(n(0), A);
    c.request(n(1), B);
    c.settle();
    for leader in [0, 1] {
        if leads(&c, leader) {
            beat(&mut c, leader);
        }
    }
    assert_eq!(c.disorder, None);
    assert_eq!((c.delivered(n(2)), leads(&c, 0)), (&[B][..], false));
}

/// "Using the same proposal number for all instances": its promise is one number, and holds in all of them.
/// Reference: §3
#[test]
fn one_promise_holds_in_all_instances() {
    let mut c = paxos(3);
    c.receive(n(2), n(1), prepare(4, 7));
    c.lose_all();
    for slot in [1, 7, 1000] {
        c.receive(n(2), n(0), accept(3, slot, A, 0));
        assert_eq!(between(&c, 2, 0).pop(), Some(nack(3, 4)), "slot {slot}");
    }
    assert_eq!(disk(&c, 2).promised, Ballot(4));
    assert_eq!(disk(&c, 2).log.last(), 0);
}
