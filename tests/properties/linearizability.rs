//! Linearizability: the log as witness, and the search behind it against all permutations.

use super::*;
use consensus_playground::properties::{Action, Reply};
use proptest::prelude::*;

fn raft() -> Run {
    Run::new(registry::info("raft").expect("registered"), 2)
}

fn on_register(action: Action) -> Operation {
    Operation { key: None, action }
}

fn read() -> Operation {
    on_register(Action::Read)
}

fn write(letter: char) -> Operation {
    on_register(Action::Write(value(letter)))
}

fn saw(letter: char) -> Outcome {
    Outcome::Ok(Reply::Read(Some(value(letter))))
}

const DONE: Outcome = Outcome::Ok(Reply::Done);

impl Run {
    /// Client `client`'s `serial`th command is ordered at `position` by `node`.
    fn order(&mut self, node: u8, position: u64, client: u32, serial: u32) {
        let command = Command { client: ClientId(client), serial, value: Value(100 * client + serial) };
        self.tell(Observation::Request { node: NodeId(node), command });
        self.tell(Observation::Delivered { node: NodeId(node), position, command, repeat: false });
    }
}

#[test]
fn the_order_of_the_log_is_a_witness() {
    let mut run = raft();
    run.invoke(1, 1, write('a'));
    run.invoke(2, 1, read());
    run.order(0, 1, 2, 1);
    run.order(0, 2, 1, 1);
    run.result(1, 1, DONE);
    run.result(2, 1, Outcome::Ok(Reply::Read(None)));
    run.invoke(2, 2, read());
    run.order(0, 3, 2, 2);
    run.result(2, 2, saw('a'));
    run.invoke(1, 2, on_register(Action::Cas(Some(value('a')), value('b'))));
    run.order(0, 4, 1, 2);
    run.result(1, 2, Outcome::Ok(Reply::Swapped(true)));
    run.holds(Name::Linearizability);
}

#[test]
fn a_stale_read_is_a_violation() {
    let mut run = raft();
    run.invoke(1, 1, write('a'));
    run.order(0, 1, 1, 1);
    run.result(1, 1, DONE);
    run.invoke(2, 1, read());
    run.order(0, 2, 2, 1);
    let event = run.result(2, 1, Outcome::Ok(Reply::Read(None)));
    run.violated(Name::Linearizability, event, "client 2 read nothing, which no order of the operations explains");
}

#[test]
fn a_lost_write_is_a_violation_when_somebody_looks() {
    // n0 acknowledges a write that the rest of the cluster never hears of: n1 orders a read at the same position.
    let mut run = raft();
    run.invoke(1, 1, write('a'));
    run.order(0, 1, 1, 1);
    run.result(1, 1, DONE);
    run.invoke(2, 1, write('b'));
    run.order(1, 1, 2, 1);
    assert!(run.found(Name::StateMachineSafety).is_some());
    run.result(2, 1, DONE);
    run.holds(Name::Linearizability);
    run.invoke(2, 2, read());
    run.order(1, 2, 2, 2);
    let event = run.result(2, 2, saw('a'));
    run.violated(Name::Linearizability, event, "client 2 read a, which no order of the operations explains");
}

#[test]
fn a_log_that_forked_may_still_look_whole_to_its_clients() {
    let mut run = raft();
    run.invoke(1, 1, write('a'));
    run.invoke(2, 1, write('b'));
    run.order(0, 1, 1, 1);
    run.order(1, 1, 2, 1);
    run.result(1, 1, DONE);
    run.result(2, 1, DONE);
    for client in [1, 2] {
        run.invoke(client, 2, read());
        run.order(1, u64::from(client) + 1, client, 2);
        run.result(client, 2, saw('b'));
    }
    run.holds(Name::Linearizability);
    run.invoke(1, 3, read());
    let event = run.result(1, 3, saw('a'));
    assert_eq!(run.found(Name::Linearizability), Some(event));
}

#[test]
fn what_ended_unknown_may_take_effect_late_and_what_failed_never() {
    let mut run = raft();
    run.invoke(1, 1, write('a'));
    run.result(1, 1, Outcome::Unknown);
    run.invoke(2, 1, read());
    run.order(0, 1, 2, 1);
    run.result(2, 1, Outcome::Ok(Reply::Read(None)));
    run.order(0, 2, 1, 1);
    run.invoke(2, 2, read());
    run.order(0, 3, 2, 2);
    run.result(2, 2, saw('a'));
    run.holds(Name::Linearizability);

    let mut run = raft();
    run.invoke(1, 1, write('a'));
    run.result(1, 1, Outcome::Fail);
    run.order(0, 1, 1, 1);
    run.invoke(2, 1, read());
    run.order(0, 2, 2, 1);
    let event = run.result(2, 1, saw('a'));
    assert_eq!(run.found(Name::Linearizability), Some(event));
}

#[test]
fn keys_are_registers_of_their_own() {
    let key = |letter, action| Operation { key: Some(value(letter)), action };
    let mut run = raft();
    run.invoke(1, 1, key('k', Action::Write(value('a'))));
    run.order(0, 1, 1, 1);
    run.result(1, 1, DONE);
    run.invoke(1, 2, key('l', Action::Read));
    run.order(0, 2, 1, 2);
    run.result(1, 2, Outcome::Ok(Reply::Read(None)));
    run.holds(Name::Linearizability);
    run.invoke(1, 3, key('k', Action::Read));
    run.order(0, 3, 1, 3);
    let event = run.result(1, 3, saw('b'));
    run.violated(Name::Linearizability, event, "client 1 read b (key k), which no order of the operations explains");
}

#[test]
fn two_appends_are_not_both_the_first() {
    let mut run = raft();
    for client in [1, 2] {
        run.invoke(client, 1, on_register(Action::Append(value('a'))));
    }
    run.order(0, 1, 1, 1);
    run.order(1, 1, 2, 1);
    run.result(1, 1, Outcome::Ok(Reply::Length(1)));
    run.holds(Name::Linearizability);
    let event = run.result(2, 1, Outcome::Ok(Reply::Length(1)));
    let why = "client 2 appended a as number 1, which no order of the operations explains";
    run.violated(Name::Linearizability, event, why);
}

#[test]
fn many_unknown_writes_do_not_drown_the_search() {
    let mut run = raft();
    for client in 10..30 {
        run.invoke(client, 1, write(char::from(b'a' + (client - 10) as u8)));
        run.result(client, 1, Outcome::Unknown);
    }
    // No operation is ever ordered: the search has to explain each read.
    for (serial, letter) in (1..).zip("ccgdd".chars()) {
        run.invoke(1, serial, read());
        run.result(1, serial, saw(letter));
        run.holds(Name::Linearizability);
    }
    run.invoke(1, 9, read());
    let event = run.result(1, 9, saw('c'));
    assert_eq!(run.found(Name::Linearizability), Some(event), "c was written once, and overwritten");
}

#[derive(Clone, Copy, Debug)]
struct Op {
    action: Action,
    invoked: u32,
    returned: Option<(u32, Outcome)>,
}

/// The definition: some order of the operations explains the replies and respects real time.
fn linearizable(ops: &[Op], done: u32, now: u32, state: Option<Value>) -> bool {
    let ended = |op: &Op| op.returned.filter(|(at, _)| *at <= now);
    let left = |i: &usize| done >> i & 1 == 0;
    let all: Vec<usize> = (0..ops.len()).filter(|i| ops[*i].invoked <= now).collect();
    let acknowledged = |i: &usize| matches!(ended(&ops[*i]), Some((_, Outcome::Ok(_))));
    if all.iter().filter(|i| left(i)).all(|i| !acknowledged(i)) {
        return true;
    }
    all.iter().copied().filter(left).any(|i| {
        let outcome = ended(&ops[i]).map(|(_, outcome)| outcome);
        if outcome == Some(Outcome::Fail) {
            return false;
        }
        // Nothing that is still to come was over before this one began.
        let over =
            |j: &usize| ended(&ops[*j]).is_some_and(|(at, o)| at < ops[i].invoked && matches!(o, Outcome::Ok(_)));
        if all.iter().filter(|j| left(j) && **j != i).any(over) {
            return false;
        }
        let (next, reply) = match ops[i].action {
            Action::Read => (state, Reply::Read(state)),
            Action::Write(value) => (Some(value), Reply::Done),
            Action::Cas(old, new) if old == state => (Some(new), Reply::Swapped(true)),
            Action::Cas(..) => (state, Reply::Swapped(false)),
            Action::Append(_) => unreachable!("registers only"),
        };
        let fits = match outcome {
            Some(Outcome::Ok(given)) => given == Reply::Done || given == reply,
            _ => true,
        };
        fits && linearizable(ops, done | 1 << i, now, next)
    })
}

fn letter() -> impl Strategy<Value = char> {
    prop::sample::select(vec!['a', 'b'])
}

fn operation() -> impl Strategy<Value = (Action, Outcome)> {
    let maybe = || prop::option::of(letter().prop_map(value));
    prop_oneof![
        3 => maybe().prop_map(|seen| (Action::Read, Outcome::Ok(Reply::Read(seen)))),
        2 => letter().prop_map(|v| (Action::Write(value(v)), DONE)),
        1 => letter().prop_map(|v| (Action::Write(value(v)), Outcome::Unknown)),
        1 => letter().prop_map(|v| (Action::Write(value(v)), Outcome::Fail)),
        2 => (maybe(), letter(), any::<bool>())
            .prop_map(|(old, new, did)| (Action::Cas(old, value(new)), Outcome::Ok(Reply::Swapped(did)))),
    ]
}

proptest! {
    #![proptest_config(cases(4000))]

    /// Random histories; `ordered` puts each operation into the log when it begins, so that the witness is tried first.
    #[test]
    fn a_violation_is_seen_exactly_when_no_order_explains_the_history(
        operations in prop::collection::vec((operation(), 1usize..5, any::<bool>()), 1..7),
        ordered in any::<bool>(),
    ) {
        let mut run = raft();
        let mut ops: Vec<Op> = Vec::new();
        let mut due: Vec<(usize, usize)> = Vec::new();
        let mut expected = None;
        let mut position = 0;
        let mut step = |run: &mut Run, ops: &mut Vec<Op>, due: &mut Vec<(usize, usize)>, outcomes: &[Outcome]| {
            due.iter_mut().for_each(|(_, left)| *left -= 1);
            let ready: Vec<usize> = due.iter().filter(|(_, left)| *left == 0).map(|(i, _)| *i).collect();
            due.retain(|(_, left)| *left > 0);
            for i in ready {
                let event = run.result(i as u32, 1, outcomes[i]);
                ops[i].returned = Some((event, outcomes[i]));
                if expected.is_none() && !linearizable(ops, 0, event, None) {
                    expected = Some(event);
                }
            }
        };
        let outcomes: Vec<Outcome> = operations.iter().map(|((_, outcome), ..)| *outcome).collect();
        for (i, ((action, _), lasts, late)) in operations.into_iter().enumerate() {
            let invoked = run.invoke(i as u32, 1, on_register(action));
            ops.push(Op { action, invoked, returned: None });
            due.push((i, lasts));
            if ordered && !late {
                position += 1;
                run.order(0, position, i as u32, 1);
            }
            step(&mut run, &mut ops, &mut due, &outcomes);
        }
        for _ in 0..5 {
            step(&mut run, &mut ops, &mut due, &outcomes);
        }
        prop_assert_eq!(run.found(Name::Linearizability), expected);
    }
}
