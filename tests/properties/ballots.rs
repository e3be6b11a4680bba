//! Paxos: P2c, One value per ballot, Promises never decrease.

use super::*;
use proptest::prelude::*;

fn paxos(nodes: usize) -> Run {
    Run::new(registry::info("paxos").expect("registered"), nodes)
}

fn proposes(ballot: u64, letter: char) -> Fact {
    Fact::Proposes { position: 1, ballot, command: command(letter) }
}

fn accepts(ballot: u64, letter: char) -> Fact {
    Fact::Accepts { position: 1, ballot, command: command(letter) }
}

#[test]
fn a_duel_that_follows_the_rules_holds() {
    let mut run = paxos(3);
    run.fact(0, Fact::Epoch { epoch: 3 });
    run.fact(0, proposes(3, 'a'));
    run.fact(0, accepts(3, 'a'));
    run.fact(1, proposes(4, 'b')); // promised by 1 and 2 only
    run.fact(1, accepts(4, 'b'));
    run.fact(2, accepts(4, 'b'));
    run.fact(0, proposes(6, 'b'));
    run.fact(0, Fact::Epoch { epoch: 6 });
    for name in [Name::P2c, Name::OneValuePerBallot, Name::PromisesNeverDecrease] {
        run.holds(name);
    }
}

#[test]
fn a_proposal_against_a_chosen_value_breaks_p2c() {
    let mut run = paxos(3);
    run.fact(0, proposes(3, 'a'));
    run.fact(0, accepts(3, 'a'));
    run.fact(1, accepts(3, 'a'));
    let event = run.fact(2, proposes(5, 'b'));
    run.violated(
        Name::P2c,
        event,
        "n2 proposed b under ballot 5, but n0 had accepted a under 3, and no majority without it allows b",
    );
}

#[test]
fn a_value_that_is_not_the_highest_accepted_breaks_p2c() {
    let mut run = paxos(3);
    run.fact(0, accepts(3, 'a'));
    run.fact(1, accepts(4, 'b'));
    run.fact(2, accepts(4, 'b'));
    let event = run.fact(0, proposes(6, 'a'));
    assert_eq!(run.found(Name::P2c), Some(event));
}

#[test]
fn an_acceptance_below_a_proposal_that_was_issued_breaks_p2c() {
    let mut run = paxos(3);
    run.fact(0, accepts(3, 'a'));
    run.fact(2, proposes(5, 'b'));
    run.holds(Name::P2c);
    let event = run.fact(1, accepts(3, 'a'));
    let why = "n1 accepted a under ballot 3 after n2 had proposed b under 5, for which no majority stands any more";
    run.violated(Name::P2c, event, why);
}

#[test]
fn what_was_accepted_counts_although_it_was_overwritten_or_lost() {
    let mut run = paxos(3);
    run.fact(0, accepts(5, 'b'));
    run.fact(1, accepts(5, 'b'));
    run.fact(1, accepts(4, 'a')); // its acceptance of 5 is overwritten
    run.restart(0, true);
    let event = run.fact(2, proposes(8, 'a'));
    assert_eq!(run.found(Name::P2c), Some(event));
}

#[test]
fn positions_are_apart() {
    let mut run = paxos(3);
    for node in 0..3 {
        run.fact(node, accepts(3, 'a'));
    }
    run.fact(2, Fact::Proposes { position: 2, ballot: 5, command: command('b') });
    run.fact(2, Fact::Proposes { position: 2, ballot: 3, command: command('c') });
    run.holds(Name::P2c);
    run.holds(Name::OneValuePerBallot);
}

#[test]
fn a_ballot_carries_one_value() {
    let mut run = paxos(3);
    run.fact(0, proposes(3, 'a'));
    run.fact(1, accepts(3, 'a'));
    run.fact(0, proposes(3, 'a'));
    run.holds(Name::OneValuePerBallot);
    let event = run.fact(0, proposes(3, 'b'));
    run.violated(Name::OneValuePerBallot, event, "n0 proposed b under ballot 3, which carried a at n0");
    let mut run = paxos(3);
    run.fact(1, accepts(4, 'a'));
    let event = run.fact(2, accepts(4, 'b'));
    run.violated(Name::OneValuePerBallot, event, "n2 accepted b under ballot 4, which carried a at n1");
}

#[test]
fn a_promise_survives_a_restart_unless_the_disk_is_lost() {
    let mut run = paxos(3);
    run.fact(1, Fact::Epoch { epoch: 5 });
    run.fact(0, Fact::Epoch { epoch: 3 });
    run.restart(1, true);
    run.fact(1, Fact::Epoch { epoch: 0 });
    run.fact(1, Fact::Epoch { epoch: 4 });
    run.fact(1, Fact::Epoch { epoch: 4 });
    run.holds(Name::PromisesNeverDecrease);
    run.restart(1, false);
    let event = run.fact(1, Fact::Epoch { epoch: 3 });
    run.violated(Name::PromisesNeverDecrease, event, "n1 went back to ballot 3 after it had promised 4");
}

#[derive(Clone, Copy, Debug)]
struct Step {
    node: u8,
    issue: bool,
    ballot: u64,
    letter: char,
}

/// P2c as the paper has it: some majority S, over all subsets.
fn p2c(n: usize, issued: &[(u64, char)], accepted: &[(u8, u64, char)]) -> bool {
    issued.iter().all(|&(number, v)| {
        (0u32..1 << n).filter(|s| s.count_ones() as usize > n / 2).any(|s| {
            let within = accepted.iter().filter(|(q, ballot, _)| s >> q & 1 == 1 && *ballot < number);
            within.max_by_key(|(_, ballot, _)| *ballot).is_none_or(|(_, _, value)| *value == v)
        })
    })
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn p2c_is_seen_exactly_when_it_breaks(
        n in 2usize..=5,
        steps in prop::collection::vec((0u8..5, any::<bool>(), 1u64..6, prop::sample::select(vec!['a', 'b'])), 1..14),
    ) {
        let steps = steps.into_iter().map(|(node, issue, ballot, letter)| Step { node: node % n as u8, issue, ballot, letter });
        let mut run = paxos(n);
        let (mut issued, mut accepted, mut carried) = (vec![], vec![], std::collections::BTreeMap::new());
        let mut expected = (None, None);
        for step in steps {
            // Under one number one value, or "the highest-numbered proposal" says nothing; that is the other property.
            let letter = *carried.entry(step.ballot).or_insert(step.letter);
            let event = match step.issue {
                true => run.fact(step.node, proposes(step.ballot, letter)),
                false => run.fact(step.node, accepts(step.ballot, letter)),
            };
            match step.issue {
                true => issued.push((step.ballot, letter)),
                false => accepted.push((step.node, step.ballot, letter)),
            }
            if !p2c(n, &issued, &accepted) {
                expected.0.get_or_insert(event);
            }
            if letter != step.letter {
                let mut other = run.clone();
                other.fact(step.node, proposes(step.ballot, step.letter));
                prop_assert!(other.found(Name::OneValuePerBallot).is_some());
                expected.1.get_or_insert(());
            }
        }
        prop_assert_eq!(run.found(Name::P2c), expected.0);
        prop_assert_eq!(run.found(Name::OneValuePerBallot), None);
    }
}

/// Where there are several positions the sentence names the one it speaks of, and one position says nothing of another.
#[test]
fn positions_are_judged_one_by_one_and_named() {
    let mut run = Run::new(registry::info("multi-paxos").expect("registered"), 3);
    let accepts = |position, ballot, letter| Fact::Accepts { position, ballot, command: command(letter) };
    let proposes = |position, ballot, letter| Fact::Proposes { position, ballot, command: command(letter) };
    for node in [0, 1] {
        run.fact(node, accepts(7, 3, 'a'));
        run.fact(node, accepts(8, 3, 'b'));
    }
    run.fact(2, proposes(7, 5, 'a'));
    run.fact(2, proposes(9, 5, 'c'));
    run.holds(Name::P2c);
    let event = run.fact(2, proposes(8, 5, 'a'));
    let why =
        "n2 proposed a under ballot 5, but n0 had accepted b under 3, and no majority without it allows a, in slot 8";
    run.violated(Name::P2c, event, why);
    let event = run.fact(2, proposes(9, 5, 'd'));
    let why = "n2 proposed d under ballot 5, which carried c at n2, in slot 9";
    run.violated(Name::OneValuePerBallot, event, why);
}

#[test]
fn a_round_of_ben_or_carries_one_value() {
    let mut run = Run::new(registry::info("ben-or").expect("registered"), 3);
    run.fact(0, proposes(1, 'a'));
    run.fact(1, proposes(1, 'a'));
    run.fact(1, proposes(2, 'b'));
    run.holds(Name::OneProposalPerRound);
    let event = run.fact(2, proposes(2, 'a'));
    run.violated(Name::OneProposalPerRound, event, "n2 proposed a in round 2, which carried b at n1");
}
