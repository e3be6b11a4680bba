//! Every rule left out is seen to break something on a schedule made by hand, and the same schedule with the rule in place
//! is safe. The scenarios of `www/scenarios/bugs` show the same in the world (`tests/broken.rs`).

use crate::random::Watch;
use crate::rig::*;
use crate::support::{Cluster, n};
use consensus_playground::protocol::{Command, Wait};
use consensus_playground::protocol::{Effect, Protocol};
use consensus_playground::protocols::multi_paxos::{MultiPaxosTimer, VARIANTS};

/// A schedule that a variant does not survive.
type Schedule = fn(&str) -> Nodes;

/// By the variant's id.
const SCHEDULES: &[(&str, Schedule)] = &[
    ("gap-skipped", an_execution_behind_a_gap),
    ("promise-omits-chosen", a_leader_that_was_told_nothing),
    ("wiped-votes", an_old_promise_of_a_lost_disk),
    ("volatile-promise", a_promise_that_is_forgotten),
    ("accept-without-persist", a_crash_between_answer_and_write),
];

fn led_by(nodes: u8, variant: &str) -> Nodes {
    let mut c = Cluster::new(nodes, variant, &[]);
    elect(&mut c, 0);
    c
}

fn an_execution_behind_a_gap(variant: &str) -> Nodes {
    let mut c = led_by(3, variant);
    c.request(n(0), A);
    c.lose_all();
    c.request(n(0), B);
    c.settle();
    c
}

fn a_leader_that_was_told_nothing(variant: &str) -> Nodes {
    let mut c = led_by(3, variant);
    c.request(n(0), A);
    c.settle_among(&[0, 1]);
    c.fire(n(0), MultiPaxosTimer::Heartbeat);
    c.settle_among(&[0, 1]);
    elect_by(&mut c, 2, &[1]);
    c.request(n(2), B);
    c.settle();
    c
}

fn an_old_promise_of_a_lost_disk(variant: &str) -> Nodes {
    let mut c = led_by(5, variant);
    c.fire(n(3), MultiPaxosTimer::Election);
    pass(&mut c, "Prepare", 3, 4);
    let old = c.under_way(|m| m.is("Promise") && m.goes(4, 3))[0];
    wipe(&mut c, 4);
    c.request(n(0), A);
    c.settle_among(&[0, 1, 2]);
    c.fire(n(0), MultiPaxosTimer::Heartbeat);
    c.settle_among(&[0, 4]);
    assert_eq!(c.delivered(n(4)), [A], "an instance observed");
    c.request(n(0), B);
    c.settle_among(&[0, 1]);
    c.settle_among(&[0, 4]);
    pass(&mut c, "Prepare", 3, 2);
    pass(&mut c, "Promise", 2, 3);
    c.deliver(old);
    assert!(leads(&c, 3));
    c.request(n(3), C);
    c.settle();
    c
}

fn a_promise_that_is_forgotten(variant: &str) -> Nodes {
    let mut c = led_by(3, variant);
    c.fire(n(1), MultiPaxosTimer::Election);
    pass(&mut c, "Prepare", 1, 2);
    c.crash(n(2));
    c.restart(n(2));
    c.request(n(0), A);
    c.settle_among(&[0, 2]);
    pass(&mut c, "Promise", 2, 1);
    c.request(n(1), B);
    c.settle();
    c
}

fn a_crash_between_answer_and_write(variant: &str) -> Nodes {
    let mut c = led_by(3, variant);
    c.hold_disk(n(1));
    c.request(n(0), A);
    pass(&mut c, "Accept", 0, 1);
    c.crash(n(1));
    c.settle_where(|m| m.goes(1, 0));
    c.release_disk(n(1));
    c.restart(n(1));
    c.lose_all();
    elect_by(&mut c, 1, &[2]);
    c.request(n(1), B);
    c.settle();
    c
}

#[test]
fn every_variant_falls_on_its_schedule_and_the_correct_code_does_not() {
    for (variant, schedule) in SCHEDULES {
        let broken = Watch::default().check(&schedule(variant));
        assert!(!broken.is_empty(), "{variant} survives");
        assert_eq!(Watch::default().check(&schedule("correct")), Vec::<&str>::new(), "correct, as {variant}");
    }
    let others = ["gap-not-filled", "executes-twice"];
    for (_, card) in VARIANTS {
        assert!(SCHEDULES.iter().any(|(id, _)| *id == card.id) || others.contains(&card.id), "{}", card.id);
    }
}

/// M1a: the leader itself says which slot it waits for, and nothing behind it is executed; a no-op would be.
#[test]
fn a_gap_that_is_not_filled_stalls() {
    for (variant, executed) in [("gap-not-filled", &[][..]), ("correct", &[Command::NOOP, B, C][..])] {
        let mut c = an_execution_behind_a_gap(variant);
        c.crash(n(0));
        elect(&mut c, 1);
        c.request(n(1), C);
        c.settle();
        assert_eq!(c.delivered(n(1)), executed, "{variant}");
        let stalls = c.node(n(1)).waits(&c.config) == [Wait::Slot { position: 1 }];
        assert_eq!(stalls, executed.is_empty(), "{variant}");
    }
}

/// M4: the variant does not let the application see that it knows the command.
#[test]
fn a_variant_executes_without_asking_for_repeats() {
    use consensus_playground::protocol::{Context, NodeId, Setup};
    use consensus_playground::protocols::multi_paxos::MultiPaxos;
    for (variant, checked) in [("executes-twice", false), ("correct", true)] {
        let setup = Setup { nodes: 1, variant, given: &[], declared: MultiPaxos::INFO.settings, delta: None };
        let config = MultiPaxos::configure(&setup).unwrap();
        let (mut effects, mut random) = (Vec::new(), crate::support::Random(1));
        let mut ctx = Context::new(&mut effects, &mut random, 0);
        let mut node = MultiPaxos::boot(&config, NodeId(0), &Default::default(), &mut ctx);
        node.on_timer(&config, MultiPaxosTimer::Election, &mut ctx);
        node.on_request(&config, A, &mut ctx);
        let executed = effects.iter().any(|effect| match effect {
            Effect::Deliver(1, command) => checked && *command == A,
            Effect::DeliverUnchecked(1, command) => !checked && *command == A,
            _ => false,
        });
        assert!(executed, "{variant}");
    }
}
