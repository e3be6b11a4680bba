//! The table of properties, and what every monitor shares.

use super::*;

#[test]
fn every_promise_in_the_registry_is_watched() {
    for info in registry::ALL {
        let watched: Vec<_> = Run::new(info, 3).properties().into_iter().map(|property| property.name).collect();
        for promise in info.promises {
            assert!(watched.contains(promise), "{} promises {promise:?}, which nobody watches", info.id);
        }
        for variant in info.variants {
            assert!(watched.contains(&variant.breaks), "{}: {:?} is not watched", variant.id, variant.breaks);
        }
    }
}

#[test]
fn what_is_not_promised_is_shown_as_such() {
    for info in registry::ALL {
        for property in Run::new(info, 3).properties() {
            let expected = match info.promises.contains(&property.name) {
                true => Status::Holds,
                false => Status::NotPromised { counterexample: None },
            };
            assert_eq!(property.status, expected, "{}: {}", info.id, property.name);
        }
    }
}

#[test]
fn names_are_distinct_and_found_again() {
    for &name in Name::ALL {
        assert_eq!(Name::of(name.text()), Some(name));
        for shape in [Shape::OneValue, Shape::Broadcast, Shape::Replicated] {
            assert!(!name.source(shape).words().is_empty());
        }
    }
    assert_eq!(Name::of("Agreement "), None);
}

#[test]
fn liveness_depends_on_the_shape() {
    let liveness = |id: &str| -> Vec<&str> {
        let info = registry::info(id).expect("registered");
        Run::new(info, 3).properties().into_iter().filter(|p| p.liveness).map(|p| p.name).collect()
    };
    assert_eq!(liveness("paxos"), ["Termination"]);
    assert_eq!(liveness("fifo"), ["Validity", "Agreement"]);
    assert_eq!(liveness("raft"), ["Validity", "Agreement"]);
}

#[test]
fn the_first_violation_stays_and_only_promises_count() {
    let mut run = Run::new(card(Shape::Broadcast, &[Name::NoCreation]), 2);
    run.request(0, 'a');
    run.deliver(0, 1, 'a');
    run.deliver(0, 2, 'a');
    assert_eq!(run.monitor.violated(), None, "No duplication is not promised here");
    let first = run.deliver(1, 1, 'b');
    run.deliver(1, 2, 'c');
    let violation = run.monitor.violated().expect("created");
    assert_eq!(
        (violation.name, violation.moment.event, violation.moment.at),
        ("No creation", first, 1000 * u64::from(first))
    );
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut run = Run::new(card(Shape::Replicated, &[Name::StateMachineSafety]), 2);
    for (position, letter) in (1..).zip('a'..='y') {
        run.request(0, letter);
        run.deliver(0, position, letter);
        run.deliver(1, position, letter);
    }
    let mut fork = run.clone();
    fork.request(0, 'z');
    fork.deliver(0, 26, 'z');
    run.deliver(0, 26, 'b');
    let wrong = fork.deliver(1, 26, 'b');
    fork.violated(Name::StateMachineSafety, wrong, "n1 delivered b at position 26 where n0 had delivered z");
    run.holds(Name::StateMachineSafety);
}

#[test]
fn absurd_numbers_are_no_panic() {
    for info in registry::ALL {
        for far in [0, 1, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut run = Run::new(info, 2);
            run.request(0, 'a');
            run.deliver(0, 1, 'a');
            for node in [0, 1] {
                let command = command('a');
                run.deliver(node, far, 'b');
                run.install(node, 1 - node, far);
                run.deliver(node, far.wrapping_add(1), 'b');
                for fact in [
                    Fact::Epoch { epoch: far },
                    Fact::Leads { epoch: far },
                    Fact::Appends { position: far, epoch: far, command },
                    Fact::Appends { position: far.wrapping_add(1), epoch: far, command },
                    Fact::Commits { position: far },
                    Fact::Truncates { from: far },
                    Fact::Compacts { position: far },
                    Fact::Truncates { from: 0 },
                    Fact::Appends { position: far, epoch: far, command },
                    Fact::Proposes { position: far, ballot: far, command },
                    Fact::Accepts { position: far, ballot: far, command },
                    Fact::Learns { position: far, ballot: far, command },
                ] {
                    run.fact(node, fact);
                }
            }
            run.judge(u64::from(u32::MAX), Conditions { good_since: Some(far), ..good(&[0, 1]) });
            run.properties();
        }
    }
}

#[test]
fn a_node_outside_the_cluster_is_no_panic() {
    for info in registry::ALL {
        let mut run = Run::new(info, 2);
        run.request(7, 'a');
        run.deliver(7, 1, 'a');
        run.fact(7, Fact::Leads { epoch: 1 });
        run.crash(7);
        run.restart(7, true);
        run.install(7, 7, 3);
        run.tell(Observation::Resumed { node: NodeId(7) });
        run.tell(Observation::Paused { node: NodeId(7) });
        run.tell(Observation::Disturbed);
        run.judge(1000, good(&[0, 1, 7]));
        assert!(run.monitor.violated().is_none());
    }
}
