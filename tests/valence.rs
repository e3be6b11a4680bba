//! Valence of configurations (M. Fischer, N. Lynch, M. Paterson 1985), settled by exhausting what is within the bounds.

use consensus_playground::check::cluster::{Bounds, Event, Question, Space, State};
use consensus_playground::check::valence::{self, Valence, Verdict};
use consensus_playground::protocol::Value;
use consensus_playground::scenario::Scenario;

fn space(protocol: &str, nodes: u8, proposals: &[&str], timeouts: u8) -> Space {
    let propose = |(node, value): (usize, &&str)| format!(r#"{{"do": "propose", "node": {node}, "value": "{value}"}}"#);
    let script: Vec<String> = proposals.iter().enumerate().map(propose).collect();
    let json = format!(
        r#"{{"version": 1, "title": "", "protocol": "{protocol}", "nodes": {nodes}, "seed": 1,
            "network": {{"model": "asynchronous", "min_ms": 1, "scheduler": "manual"}},
            "script": [{}], "stop": {{"events": 100}}}}"#,
        script.join(", ")
    );
    let scenario = Scenario::from_json(&json).expect("a scenario");
    let bounds = Bounds { timeouts, ..Bounds::default() };
    Space::of_scenario(&scenario, &Question { bounds, ..Question::default() }).expect("a space")
}

fn valence(space: &Space, state: &State) -> Valence {
    valence::of(space, state, 2_000_000)
}

/// The first step from `state` whose event is like this.
fn take(space: &Space, state: &State, wanted: impl Fn(&Space, u8, Event) -> bool) -> State {
    let steps = space.steps(state);
    let found = steps.into_iter().find(|(step, ..)| wanted(space, step.node.0, step.event));
    found.expect("a step like that").1
}

/// "P has a bivalent initial configuration": Lemma 2.
#[test]
fn two_proposals_that_are_not_asked_for_yet_are_bivalent() {
    let space = space("paxos", 3, &["red", "blue"], 0);
    let found = valence(&space, &space.starts()[0]);
    assert_eq!(found.verdict(), Verdict::Bivalent);
}

#[test]
fn one_proposal_is_univalent() {
    let space = space("paxos", 3, &["red"], 0);
    let found = valence(&space, &space.starts()[0]);
    assert_eq!(found.verdict(), Verdict::Univalent(space.core().court.commands[0].value));
    assert!(found.settled && found.states > 5, "{found:?}");
}

/// A proposer whose value a majority has accepted leaves nothing to decide; before that step both were possible.
#[test]
fn the_step_that_decides_makes_it_univalent() {
    let space = space("paxos", 3, &["red", "blue"], 0);
    let kind = |space: &Space, event: Event| match event {
        Event::Deliver(letter) => {
            let core = space.core();
            Some((core.machine.kind(core.letter(letter).message), core.letter(letter).to.0))
        }
        _ => None,
    };
    let asked =
        |command: u8, node: u8| move |_: &Space, at: u8, event: Event| event == Event::Ask(command) && at == node;
    let mut state = take(&space, &space.starts()[0], asked(0, 0));
    state = take(&space, &state, asked(1, 1));
    // n0's ballot is promised by n2, and n0 asks for red.
    state = take(&space, &state, |space, _, event| kind(space, event) == Some((0, 2)));
    state = take(&space, &state, |space, _, event| kind(space, event) == Some((1, 0)));
    assert_eq!(valence(&space, &state).verdict(), Verdict::Bivalent);
    let red = space.core().court.commands[0].value;
    let behind = valence::of_steps(&space, &state, 2_000_000);
    let settles: Vec<Verdict> = behind.iter().map(|(_, valence)| valence.verdict()).collect();
    assert!(settles.contains(&Verdict::Univalent(red)), "{settles:?}");
    assert!(settles.contains(&Verdict::Bivalent), "{settles:?}");
}

/// Never a guess: with few states allowed, one decision that was found says nothing of the other.
#[test]
fn what_is_not_settled_is_called_so() {
    let space = space("paxos", 3, &["red", "blue"], 1);
    let found = valence::of(&space, &space.starts()[0], 5);
    assert_eq!(found.verdict(), Verdict::NotSettled);
}

/// Ben-Or: equal inputs decide their value, unequal ones either.
#[test]
fn ben_or_is_bivalent_where_the_inputs_differ() {
    let same = space("ben-or", 3, &["1", "1", "1"], 0);
    let found = valence(&same, &same.starts()[0]);
    assert!(matches!(found.verdict(), Verdict::Univalent(Value(1))), "{found:?}");
    let differ = space("ben-or", 3, &["0", "1", "1"], 0);
    let found = valence(&differ, &differ.starts()[0]);
    assert_eq!(found.verdict(), Verdict::Bivalent, "{found:?}");
}
