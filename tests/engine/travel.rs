//! Time travel: whatever way one goes through a run, what one sees at an event is what a straight replay shows there.

use super::*;
use crate::common::scenarios::Random;
use consensus_playground::protocol::NodeId;
use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Action, Count, Intervention, Pattern, Recording, Verb, link};
use consensus_playground::sim::Options;
use consensus_playground::swarm;

/// A run of the swarm, short enough to be walked over and over.
fn wild(random: &mut Random) -> Scenario {
    let info = random.pick(registry::ALL);
    let mut scenario = swarm::generate(info, "correct", random.bits() % 100_000);
    scenario.stop.events = Some(random.within(300, 2_500));
    scenario
}

/// The report after `event` events of a run that does these interventions and is never walked back.
fn straight(scenario: &Scenario, interventions: &[Intervention], event: u32) -> String {
    let mut session = Session::with(scenario.clone(), interventions.to_vec(), Options::default()).unwrap();
    while session.world().events() < event && session.step() {}
    assert_eq!(session.world().events(), event);
    session.report().json()
}

fn now(session: &Session) -> u32 {
    session.world().events()
}

#[test]
fn every_step_is_one_event() {
    let mut random = Random(11);
    for _ in 0..40 {
        let mut session = Session::new(wild(&mut random)).unwrap();
        let mut before = 0;
        while session.step() {
            assert_eq!(now(&session), before + 1, "{}", session.scenario().title);
            before += 1;
        }
    }
}

#[test]
fn seeking_anywhere_shows_what_a_straight_replay_shows() {
    let mut random = Random(1);
    for _ in 0..25 {
        let scenario = wild(&mut random);
        let mut session = Session::new(scenario.clone()).unwrap();
        session.run();
        let last = now(&session);
        for _ in 0..8 {
            let event = random.within(0, u64::from(last) - 1) as u32;
            session.seek(event);
            assert_eq!(session.report().json(), straight(&scenario, &[], event), "{} at {event}", scenario.title);
            if random.once_in(3) && event > 0 {
                assert!(session.back());
                assert_eq!(session.report().json(), straight(&scenario, &[], event - 1));
            }
        }
        session.seek(u32::MAX);
        assert_eq!((now(&session), session.at_head()), (last, true));
    }
}

fn action(random: &mut Random, session: &Session) -> Action {
    let nodes = session.scenario().nodes;
    let node = NodeId(random.place(nodes.into()) as u8);
    let to = NodeId((node.0 + 1) % nodes);
    let flights: Vec<u32> = session.world().flights().map(|(_, flight)| flight.id).collect();
    let id = if flights.is_empty() || random.once_in(6) { random.bits() as u32 % 5000 } else { random.pick(&flights) };
    let pattern = Pattern { from: Some(node), to: None, kind: None, skip: 0 };
    match random.bits() % 19 {
        0 => Action::DeliverMessage { id },
        1 => Action::HoldMessage { id },
        2 => Action::ReleaseMessage { id },
        3 => Action::DelayMessage { id, by_us: 700_000 },
        4 => Action::DuplicateMessage { id },
        5 => Action::DropMessage { id },
        6 | 7 => Action::Step(Verb::Crash { node }),
        8 | 9 => Action::Step(Verb::Restart { node, disk_lost: random.once_in(3) }),
        10 => Action::Step(Verb::Pause { node }),
        11 => Action::Step(Verb::Resume { node }),
        12 => Action::Step(Verb::Partition { groups: vec![[node].into_iter().collect()] }),
        13 => Action::Step(Verb::Heal),
        14 if nodes > 1 => Action::Step(Verb::Cut { from: node, to }),
        15 => Action::Step(Verb::Drop { pattern, count: Count::Number(3) }),
        18 => Action::TakeOver { seed: id },
        16 => Action::Step(Verb::Duplicate { pattern, count: Count::All }),
        _ => Action::Step(Verb::Propose { node, value: format!("mine {}", random.bits() % 100) }),
    }
}

/// One thing that a person may do; the interventions and the events of every branch stay checkable.
fn wander(random: &mut Random, session: &mut Session) {
    let far = u64::from(session.head().events()) + 200;
    match random.bits() % 12 {
        0..=2 => session.seek(random.within(0, far) as u32),
        3 => {
            session.back();
        }
        4 => {
            for _ in 0..random.within(1, 600) {
                session.step();
            }
        }
        5 => {
            session.undo();
        }
        6 => session.switch(random.place(session.branches().len() + 1)),
        7 => {
            session.next_mark(500);
        }
        8 if random.once_in(4) => session.run(),
        _ => {
            let action = action(random, session);
            session.act(action);
        }
    }
}

#[test]
fn whatever_was_done_by_hand_replays_from_its_link() {
    let mut random = Random(2);
    let mut done = 0;
    for _ in 0..120 {
        let scenario = wild(&mut random);
        let mut session = Session::new(scenario.clone()).unwrap();
        for _ in 0..random.within(3, 25) {
            wander(&mut random, &mut session);
        }
        let recording = session.recording();
        let (opened, notice) = link::decode(&link::encode(&recording).unwrap()).unwrap();
        assert_eq!((&opened, notice), (&recording, None));
        done += recording.interventions.len();
        let again = Session::open(opened).unwrap();
        assert_eq!(again.report().json(), session.report().json(), "{}: {:?}", scenario.title, recording.interventions);
        if recording.cursor.is_some() {
            assert_eq!(session.report().json(), straight(&scenario, &recording.interventions, now(&session)));
        }
        // And every other branch, at a place of its own.
        for branch in 0..session.branches().len() {
            session.switch(branch);
            let event = random.within(0, u64::from(session.head().events())) as u32;
            session.seek(event);
            let interventions = session.branches()[branch].interventions().to_vec();
            let open = session.world().ended().is_none();
            if open {
                let expected = straight(&scenario, &interventions, now(&session));
                assert_eq!(session.report().json(), expected, "{} branch {branch} at {event}", scenario.title);
            }
        }
    }
    assert!(done > 100, "{done}");
}

fn raft() -> Session {
    Session::new(scenario("raft", partially(), json!([]), json!({ "stop": { "at_ms": 20_000 } }))).unwrap()
}

fn crash(node: u8) -> Action {
    Action::Step(Verb::Crash { node: NodeId(node) })
}

#[test]
fn acting_in_the_past_leaves_the_old_branch_as_it_was() {
    let mut session = raft();
    session.run();
    let (end, report) = (now(&session), session.report().json());
    session.seek(100);
    session.act(crash(1));
    assert_eq!((session.branch(), session.branches().len(), now(&session)), (1, 2, 101));
    assert_eq!(session.branches()[1].parent, Some((0, 100)));
    assert!(!session.report().nodes[1].up);
    session.switch(0);
    assert_eq!(now(&session), 101, "the same event of the other branch");
    assert!(session.report().nodes[1].up);
    session.seek(end);
    assert_eq!(session.report().json(), report);
    assert!(session.branches()[0].interventions().is_empty());
}

#[test]
fn acting_at_the_head_goes_on_with_the_branch_and_stays_when_one_looks_back() {
    let mut session = raft();
    session.seek(600);
    session.act(crash(1));
    session.seek(1500);
    assert_eq!(session.branches().len(), 1);
    session.seek(599);
    assert!(session.report().nodes[1].up);
    session.seek(601);
    assert!(!session.report().nodes[1].up, "what was done at the head is done again");
    session.seek(800);
    assert!(!session.report().nodes[1].up);
}

#[test]
fn acting_where_something_was_done_replaces_it_in_a_new_branch() {
    let mut session = raft();
    session.seek(600);
    session.act(crash(1));
    session.seek(700);
    session.seek(600);
    session.act(crash(2));
    let up = |session: &Session| session.report().nodes.iter().map(|node| node.up).collect::<Vec<_>>();
    assert_eq!((session.branches().len(), up(&session)), (2, vec![true, true, false]));
    session.switch(0);
    assert_eq!(up(&session), [true, false, true]);
    session.act(crash(2));
    assert_eq!(up(&session), [true, false, false], "behind it, both are done");
}

#[test]
fn acting_before_what_a_recording_will_do_keeps_the_recording() {
    let mut session = raft();
    session.seek(600);
    session.act(crash(1));
    let mut recording = session.recording();
    recording.cursor = Some(300);
    let mut opened = Session::open(recording).unwrap();
    opened.act(crash(2));
    assert_eq!(opened.branches().len(), 2);
    assert_eq!(opened.branches()[0].interventions().len(), 1, "the recording is still there");
    opened.switch(0);
    opened.seek(601);
    assert_eq!(opened.report().json(), session.report().json());
}

#[test]
fn undo_takes_back_one_thing_after_the_other() {
    let mut session = raft();
    session.seek(300);
    session.act(crash(1));
    session.seek(400);
    session.act(crash(2));
    session.seek(500);
    assert!(session.undo());
    assert_eq!(now(&session), 400, "to where it was done");
    assert_eq!(session.report().nodes.iter().filter(|node| node.up).count(), 2);
    assert!(session.undo());
    session.run();
    let mut plain = raft();
    plain.run();
    assert_eq!(session.report().json(), plain.report().json());
    assert!(!session.undo(), "nothing is left");
    session.switch(0);
    session.seek(450);
    assert_eq!(session.report().nodes.iter().filter(|node| node.up).count(), 1, "the old branch is as it was");
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let mut session = raft();
    session.seek(600);
    let before = session.report().json();
    let node = NodeId(1);
    for action in [
        Action::Step(Verb::Restart { node, disk_lost: true }),
        Action::Step(Verb::Resume { node }),
        Action::Step(Verb::Settle),
        Action::Step(Verb::Fire { node, timer: 0 }),
        Action::Step(Verb::Drop {
            pattern: Pattern { from: Some(node), to: Some(node), kind: None, skip: 0 },
            count: Count::All,
        }),
        Action::DeliverMessage { id: 0 },
        Action::ReleaseMessage { id: u32::MAX },
    ] {
        for event in [600, 300] {
            session.seek(event);
            assert!(!session.act(action.clone()), "{action:?}");
            assert_eq!((now(&session), session.branches().len()), (event, 1), "{action:?}");
        }
    }
    session.seek(600);
    assert!(session.report().json() == before && session.recording().interventions.is_empty());
    assert!(session.perform(Verb::Pause { node }) && !session.perform(Verb::Pause { node }));
    assert_eq!(session.recording().interventions.len(), 1);
}

#[test]
fn a_run_that_is_over_can_be_taken_further() {
    for stop in [json!({ "at_ms": 4000 }), json!({ "quiescent": true })] {
        let mut session = Session::new(scenario("raft", partially(), json!([]), json!({ "stop": stop }))).unwrap();
        session.run();
        let (end, word) = (now(&session), ended(&session));
        session.act(Action::Step(Verb::Propose { node: NodeId(0), value: "x".to_owned() }));
        assert_eq!((now(&session), ended(&session)), (end + 1, "running"), "{word}");
        session.run();
        assert_eq!(ended(&session), word);
        let again = Session::open(session.recording()).unwrap();
        assert_eq!(again.report().json(), session.report().json());
        if word == "quiescent" {
            assert!(everywhere(&session.report(), &["x"]));
        }
    }
    let mut session =
        Session::new(scenario("raft", partially(), json!([]), json!({ "stop": { "events": 50 } }))).unwrap();
    session.run();
    session.act(crash(0));
    assert_eq!((now(&session), session.recording().interventions.len()), (50, 0), "but not beyond its events");
}

#[test]
fn a_refused_step_can_be_helped_by_hand() {
    let script = json!([{ "do": "propose", "node": 0, "value": "a" }, { "do": "deliver", "match": { "from": 1 } }]);
    let mut session = Session::new(scenario("paxos", by_hand(), script, json!({}))).unwrap();
    session.run();
    assert_eq!(ended(&session), "error");
    let prepare = session.world().flights().find(|(_, flight)| flight.to == NodeId(1)).unwrap().1.id;
    session.act(Action::DeliverMessage { id: prepare });
    session.run();
    assert_eq!(ended(&session), "time");
    assert_eq!(count(&session, |event| event.what == What::Arrive && event.peer == NodeId(1)), 1);
}

#[test]
fn the_recording_of_a_run_that_is_over_opens_at_its_end() {
    let mut session = raft();
    session.run();
    assert_eq!(session.recording().cursor, None);
    assert_eq!(Session::open(session.recording()).unwrap().report().json(), session.report().json());
    session.seek(17);
    assert_eq!(session.recording().cursor, Some(17));
}

#[test]
fn a_cursor_beyond_the_end_is_the_end_and_events_beyond_it_never_come() {
    let mut recording = Recording::new(scenario("raft", partially(), json!([]), json!({ "stop": { "at_ms": 2000 } })));
    recording.interventions = vec![Intervention { event: 2_000_000, action: crash(0) }];
    recording.cursor = Some(2_000_000);
    let session = Session::open(recording).unwrap();
    assert!(session.world().now() <= 2_000_000 && session.report().nodes[0].up);
}

#[test]
fn marks_are_found_in_both_directions() {
    let script = json!([{ "at_ms": 1000, "do": "propose", "node": 0, "value": "x" }, { "at_ms": 2000, "do": "crash", "node": 0 }]);
    let mut session = Session::new(scenario("raft", partially(), script, json!({}))).unwrap();
    let mut forward = Vec::new();
    while session.next_mark(100_000) {
        forward.push(now(&session));
    }
    assert!(forward.len() >= 4, "an election, two deliveries, a crash: {forward:?}");
    let mut back = vec![now(&session)];
    while session.previous_mark() {
        back.push(now(&session));
    }
    back.reverse();
    forward.push(session.head().events());
    assert_eq!(back, forward);
}

#[test]
fn time_is_found() {
    let mut session = raft();
    session.run();
    for at in [0, 1, 999_999, 2_000_000, 19_999_999, 90_000_000] {
        session.seek_time(at);
        let events = &session.head().trace().events;
        let expected = events.iter().filter(|event| event.at <= at).count();
        assert_eq!(now(&session) as usize, expected, "at {at}");
    }
}

#[test]
fn a_run_whose_time_is_over_goes_on_when_it_is_given_more() {
    let mut session = raft();
    while session.next_at().is_some() && session.step() {}
    let end = now(&session);
    assert!(session.act(crash(1)));
    assert_eq!(session.next_at(), None, "20 s are over");
    session.prolong(25_000_000);
    assert!(session.step_until(1000, |world| world.now() > 20_200_000));
    let (there, report) = (now(&session), session.report().json());
    session.seek(end + 10);
    assert_eq!(now(&session), end + 10, "looking back takes nothing away");
    session.seek(there);
    assert_eq!(session.report().json(), report);
    let again = Session::open(session.recording()).unwrap();
    assert_eq!(again.report().json(), report, "its link has the time, too");
    session.prolong(1_000_000);
    assert_eq!(session.scenario().stop.at_us, Some(25_000_000), "it is never less");
}
