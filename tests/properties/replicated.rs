//! Replicated state machines, by hand.

use super::*;

fn raft(nodes: usize) -> Run {
    Run::new(registry::info("raft").expect("registered"), nodes)
}

fn ordered(nodes: usize, letters: &str) -> Run {
    let mut run = raft(nodes);
    for letter in letters.chars() {
        run.request(0, letter);
    }
    run
}

const PROMISED: [Name; 7] = [
    Name::Validity,
    Name::NoDuplication,
    Name::NoCreation,
    Name::Agreement,
    Name::TotalOrder,
    Name::StateMachineSafety,
    Name::Linearizability,
];

#[test]
fn equal_logs_hold() {
    let mut run = ordered(3, "ab");
    for node in [1, 0, 2] {
        run.noop(node, 1);
        run.deliver(node, 2, 'b');
        run.deliver(node, 3, 'a');
        run.apply(node, 4, 'b', true);
    }
    run.judge(5000, good(&[0, 1, 2]));
    PROMISED.iter().for_each(|name| run.holds(*name));
}

#[test]
fn another_command_at_a_position_is_a_violation() {
    let mut run = ordered(3, "ab");
    run.deliver(0, 1, 'a');
    let event = run.deliver(2, 1, 'b');
    let why = "n2 delivered b at position 1 where n0 had delivered a";
    run.violated(Name::StateMachineSafety, event, why);
    run.violated(Name::TotalOrder, event, why);
}

#[test]
fn a_noop_is_a_command_like_any_other_at_its_position() {
    let mut run = ordered(2, "a");
    run.noop(0, 1);
    let event = run.deliver(1, 1, 'a');
    run.violated(Name::StateMachineSafety, event, "n1 delivered a at position 1 where n0 had delivered no-op");
    run.holds(Name::NoCreation);
}

#[test]
fn a_position_left_out_is_a_violation() {
    let mut run = ordered(2, "ab");
    run.deliver(0, 1, 'a');
    run.deliver(0, 2, 'b');
    let event = run.deliver(1, 2, 'b');
    run.violated(Name::StateMachineSafety, event, "n1 delivered position 2 right behind position 0");
    run.holds(Name::TotalOrder);
}

#[test]
fn a_restarted_node_delivers_anew_from_the_start_and_the_same() {
    let mut run = ordered(2, "ab");
    run.deliver(0, 1, 'a');
    run.crash(0);
    run.restart(0, false);
    run.deliver(0, 1, 'a');
    run.holds(Name::NoDuplication);
    run.holds(Name::StateMachineSafety);
    run.restart(0, true);
    let event = run.deliver(0, 1, 'b');
    run.violated(Name::StateMachineSafety, event, "n0 delivered b at position 1 where it had delivered a before");
}

#[test]
fn a_snapshot_carries_a_node_over_the_positions_it_lacks() {
    let mut run = ordered(2, "abc");
    for (position, letter) in [(1, 'a'), (2, 'b'), (3, 'c')] {
        run.deliver(0, position, letter);
    }
    run.tell(Observation::SnapshotTaken { node: NodeId(0), position: 2 });
    run.install(1, 0, 2);
    run.deliver(1, 3, 'c');
    PROMISED.iter().for_each(|name| run.holds(*name));
}

#[test]
fn a_snapshot_remembers_what_was_applied() {
    let mut run = ordered(2, "ab");
    run.deliver(0, 1, 'a');
    run.deliver(0, 2, 'b');
    run.apply(0, 3, 'a', true);
    run.install(1, 0, 2);
    run.holds(Name::NoDuplication);
    let event = run.apply(1, 3, 'a', false);
    run.violated(Name::NoDuplication, event, "n1 applied a at position 3 and at position 1");
}

#[test]
fn a_node_on_another_log_has_no_duplicate_in_it() {
    let mut run = ordered(2, "ab");
    run.deliver(0, 1, 'a');
    run.apply(0, 2, 'a', true);
    run.deliver(1, 1, 'b');
    run.deliver(1, 2, 'a');
    assert!(run.found(Name::StateMachineSafety).is_some());
    run.holds(Name::NoDuplication);
}

#[test]
fn only_what_was_asked_for_is_delivered() {
    let mut run = ordered(2, "a");
    run.noop(0, 1);
    let event = run.deliver(0, 2, 'b');
    run.violated(Name::NoCreation, event, "n0 delivered b, which no client had asked for");

    let mut run = ordered(2, "a");
    let changed = Command { value: value('c'), ..command('a') };
    let event = run.tell(Observation::Delivered { node: NodeId(0), position: 1, command: changed, repeat: false });
    run.violated(Name::NoCreation, event, "n0 delivered c, which no client had asked for");
}

#[test]
fn what_a_client_asks_for_is_owed_until_it_gives_up() {
    let mut run = ordered(3, "ab");
    run.judge(50, good(&[0, 1, 2]));
    run.pending(Name::Validity, "no node has delivered a, asked for since 1 ms and last at n0");
    run.deliver(1, 1, 'a');
    run.judge(50, good(&[0, 1, 2]));
    run.pending(Name::Validity, "no node has delivered b, asked for since 2 ms and last at n0");
    run.pending(Name::Agreement, "n0 has not delivered a, which n1 delivered");
    run.judge(500, Conditions { promised: false, stalled_why: Some("no quorum"), ..good(&[0]) });
    run.stalled(Name::Validity, "no quorum");
    let mut gone = run.clone();
    gone.result(1, command('b').serial, Outcome::Unknown);
    gone.judge(500, good(&[1]));
    gone.holds(Name::Validity);
    gone.holds(Name::Agreement);
    run.judge(500, good(&[0, 1, 2]));
    run.violated(
        Name::Validity,
        run.event,
        "no node has delivered b, asked for since 2 ms and last at n0, though conditions have been good since 0 ms and the \
         bound is 100 ms",
    );
}

#[test]
fn a_client_at_a_node_that_cannot_serve_is_owed_nothing_until_it_asks_elsewhere() {
    let mut run = ordered(3, "a");
    run.judge(500, good(&[1, 2]));
    run.holds(Name::Validity);
    run.request(1, 'a');
    run.judge(50, good(&[1, 2]));
    run.pending(Name::Validity, "no node has delivered a, asked for since 1 ms and last at n1");
}

#[test]
fn a_follower_must_catch_up_after_its_restart() {
    let mut run = ordered(2, "a");
    run.deliver(0, 1, 'a');
    run.deliver(1, 1, 'a');
    run.judge(500, good(&[0, 1]));
    run.holds(Name::Agreement);
    let at = u64::from(run.restart(1, false));
    run.judge(at + 100, good(&[0, 1]));
    run.pending(Name::Agreement, "n1 has not delivered a, which n0 delivered");
    run.judge(at + 101, good(&[0, 1]));
    assert!(run.found(Name::Agreement).is_some());
}
