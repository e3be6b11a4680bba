//! The bug zoo by search: for each safety variant the smallest configuration and bound found in which the search finds
//! it, with the counts of the search; and the correct protocol exhausted under the same bound.
//!
//! The table is `tests/testdata/check.txt`; `UPDATE=1 cargo test --test check_zoo` rewrites it. Counts do not depend on
//! the machine nor on the number of threads; `tests/web.rs` holds some of them in a browser.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::check::answer::{self, Answer};
use consensus_playground::check::asked;
use consensus_playground::check::cluster::{Goal, Question};
use consensus_playground::check::{Bounds, Ended, Order};
use consensus_playground::properties::{Name, Status};
use consensus_playground::protocol::NodeId;
use consensus_playground::scenario::Scenario;
use consensus_playground::session::Session;
use std::fmt::Write;

#[path = "check_zoo/complete.rs"]
mod complete;
#[path = "check_zoo/reductions.rs"]
mod reductions;

/// One bug in its smallest configuration.
struct Case {
    protocol: &'static str,
    variant: &'static str,
    /// What is violated.
    property: &'static str,
    nodes: u8,
    /// What clients may ask for, and of whom where that matters.
    proposals: &'static [(u8, &'static str)],
    /// Settings as JSON.
    settings: &'static str,
    crashes: u8,
    /// Who crashes; anybody, when there is none.
    crashes_at: &'static [u8],
    /// So many of them with the disk lost.
    lost_disks: u8,
    /// Who crashes comes back, though the protocol need not survive that.
    restarts: bool,
    /// Bounds on time-outs by name, or by name and node ("Election@0"); 15 for none. Others do not fire.
    timeouts: &'static [(&'static str, u8)],
    epochs: Option<u64>,
    /// Clients ask only the node that the proposal names.
    stay: bool,
    /// How often they ask once more.
    retries: u8,
    /// What the search reaches first, one after the other.
    goals: &'static [&'static str],
}

const CASE: Case = Case {
    protocol: "",
    variant: "",
    property: "",
    nodes: 3,
    proposals: &[],
    settings: "{}",
    crashes: 0,
    crashes_at: &[],
    lost_disks: 0,
    restarts: false,
    timeouts: &[],
    epochs: None,
    stay: false,
    retries: 0,
    goals: &[],
};
const ONE: &[(u8, &str)] = &[(0, "x")];
const SAME: &[(u8, &str)] = &[(0, "x"), (0, "y")];
const TWO: &[(u8, &str)] = &[(0, "x"), (1, "y")];
const THREE: &[(u8, &str)] = &[(0, "x"), (1, "y"), (2, "z")];
const PLAIN_RAFT: &str = r#"{"pre_vote": false, "check_quorum": false, "no_op": false}"#;
const PAXOS: Case = Case { protocol: "paxos", property: "Agreement", proposals: TWO, ..CASE };
const RAFT: Case =
    Case { protocol: "raft", settings: PLAIN_RAFT, timeouts: &[("Election", 15)], epochs: Some(2), ..CASE };

const LOST: &str = "Leader Completeness";
const TWO_CHANGES: Case = Case {
    variant: "change-before-commit",
    property: LOST,
    nodes: 4,
    proposals: &[(0, "remove n3"), (1, "remove n0")],
    timeouts: &[("Election@0", 3), ("Election@1", 1)],
    epochs: Some(3),
    stay: true,
    ..RAFT
};
const VR: Case = Case {
    protocol: "vr",
    property: "Acknowledged write not lost",
    proposals: ONE,
    epochs: Some(1),
    stay: true,
    ..CASE
};
const BEN_OR: Case =
    Case { protocol: "ben-or", property: "Agreement", proposals: &[(0, "0"), (1, "1"), (2, "1")], ..CASE };
const FLOODSET: Case = Case {
    protocol: "floodset",
    property: "Agreement",
    proposals: &[(0, "red"), (1, "blue")],
    settings: r#"{"f": 1}"#,
    crashes: 1,
    timeouts: &[("Round", 3)],
    ..CASE
};
const ZAB: Case = Case { protocol: "zab", proposals: ONE, epochs: Some(1), stay: true, ..CASE };
const LOCAL: &str = "Local primary order";
const JOINING: &[(u8, &str)] = &[(2, "x"), (2, "y")];
const CHANGING: &[(u8, &str)] = &[(2, "x"), (1, "y")];
const Z3: Case = Case {
    variant: "ack-ld-before-fsync",
    property: "Prefix consistency",
    proposals: CHANGING,
    crashes: 1,
    crashes_at: &[0],
    timeouts: &[("Election@0", 1), ("Election@1", 1), ("Timeout@1", 1)],
    epochs: Some(2),
    ..ZAB
};
const TWICE: [(&str, u8); 5] =
    [("Election@0", 2), ("Election@1", 2), ("Election@2", 2), ("Timeout@0", 1), ("Timeout@1", 1)];
const MULTI_PAXOS: Case =
    Case { protocol: "multi-paxos", property: "State Machine Safety", epochs: Some(5), stay: true, ..CASE };
/// Leaders begin with a no-op, so that few commands are needed.
const NO_OP_RAFT: Case =
    Case { settings: r#"{"pre_vote": false, "check_quorum": false}"#, property: LOST, nodes: 5, stay: true, ..RAFT };

/// Those that take moments.
const ZOO: &[Case] = &[
    Case { protocol: "fifo", variant: "no-gap-check", property: "FIFO order", nodes: 2, proposals: SAME, ..CASE },
    Case {
        protocol: "sequencer",
        variant: "sequenced-twice",
        property: "No duplication",
        nodes: 2,
        proposals: &[(1, "x")],
        ..CASE
    },
    Case {
        protocol: "sequencer",
        variant: "restart-numbers",
        property: "Total order",
        proposals: &[(1, "x"), (2, "y")],
        crashes: 1,
        crashes_at: &[0],
        restarts: true,
        ..CASE
    },
    Case { variant: "own-value", ..PAXOS },
    Case { variant: "promise-without-persist", crashes: 1, ..PAXOS },
    Case { variant: "volatile-round", crashes: 1, proposals: SAME, ..PAXOS },
    Case { variant: "count-messages", ..PAXOS },
    Case { variant: "any-value", proposals: THREE, ..PAXOS },
    Case { variant: "accept-leaves-promise", proposals: THREE, crashes: 1, crashes_at: &[0], ..PAXOS },
    Case { variant: "gap-skipped", proposals: SAME, timeouts: &[("Election@0", 1)], ..MULTI_PAXOS },
    Case {
        variant: "promise-omits-chosen",
        proposals: &[(0, "x"), (2, "y")],
        timeouts: &[("Election@0", 1), ("Election@2", 1), ("Heartbeat@0", 1)],
        ..MULTI_PAXOS
    },
    Case {
        variant: "executes-twice",
        property: "No duplication",
        proposals: ONE,
        timeouts: &[("Election@0", 1)],
        retries: 1,
        ..MULTI_PAXOS
    },
    Case {
        variant: "volatile-promise",
        property: "Promises never decrease",
        crashes: 1,
        timeouts: &[("Election@0", 1), ("Election@1", 1)],
        ..MULTI_PAXOS
    },
    Case {
        variant: "accept-without-persist",
        proposals: TWO,
        crashes: 1,
        crashes_at: &[1],
        timeouts: &[("Election@0", 1), ("Election@1", 1)],
        ..MULTI_PAXOS
    },
    Case {
        variant: "wiped-votes",
        property: "P2c",
        nodes: 5,
        proposals: &[(0, "x"), (0, "y"), (3, "z")],
        crashes: 1,
        crashes_at: &[4],
        lost_disks: 1,
        timeouts: &[("Election@0", 1), ("Election@3", 1), ("Heartbeat@0", 1)],
        epochs: Some(8),
        goals: &["leads@0=1", "epoch@4=8", "epoch@4=0", "committed@0=1", "committed@4=1", "committed@0=2"],
        ..MULTI_PAXOS
    },
    Case { variant: "volatile-term-and-vote", property: "Election Safety", crashes: 1, epochs: Some(1), ..RAFT },
    Case { variant: "truncate-unconditionally", property: LOST, proposals: ONE, ..RAFT },
    Case { variant: "vote-ignores-log", property: LOST, proposals: ONE, ..RAFT },
    Case { variant: "acknowledge-before-fsync", property: LOST, proposals: ONE, crashes: 1, ..RAFT },
    Case {
        variant: "commit-older-term",
        property: LOST,
        proposals: TWO,
        timeouts: &[("Election@0", 2), ("Election@1", 2)],
        epochs: Some(4),
        stay: true,
        ..RAFT
    },
    Case {
        variant: "commit-to-log-length",
        property: "State Machine Safety",
        proposals: TWO,
        timeouts: &[("Election@0", 2), ("Election@1", 2), ("Heartbeat@1", 1)],
        stay: true,
        ..RAFT
    },
    Case { goals: &["leads@0=1", "leads@1=1"], ..TWO_CHANGES },
    Case {
        variant: "count-old-answers",
        proposals: ONE,
        timeouts: &[("Election@0", 2), ("Election@1", 1), ("Election@2", 1)],
        epochs: Some(4),
        goals: &["leads@0=1", "last@1=2", "leads@2=1", "last@0=1", "leads@0=1", "committed@0=2"],
        ..NO_OP_RAFT
    },
    Case {
        variant: "entries-before-term",
        crashes: 1,
        crashes_at: &[4],
        timeouts: &[("Election@0", 1), ("Election@1", 1), ("Election@4", 2)],
        epochs: Some(3),
        goals: &["leads@1=1", "leads@0=1", "committed@0=1"],
        ..NO_OP_RAFT
    },
    Case { variant: "one-exchange", timeouts: &[("ViewChange@2", 1)], crashes: 1, ..VR },
    Case { variant: "any-nonce", timeouts: &[("ViewChange@1", 1)], crashes: 2, crashes_at: &[2], ..VR },
    Case {
        variant: "longest-log",
        proposals: &[(0, "x"), (0, "y"), (1, "z")],
        timeouts: &[("ViewChange@1", 1), ("ViewChange@2", 1)],
        epochs: Some(2),
        goals: &["leads@1=1", "committed@1=1"],
        ..VR
    },
    Case { variant: "answers-old-primary", timeouts: &[("ViewChange@1", 1)], ..VR },
    Case {
        variant: "count-messages",
        nodes: 5,
        timeouts: &[("ViewChange@1", 1)],
        goals: &["committed@0=1", "leads@1=1", "committed@1=1,committed@2=1,committed@3=1,committed@4=1"],
        ..VR
    },
    Case { variant: "decide-on-one", epochs: Some(2), ..BEN_OR },
    Case { variant: "adopt-late", epochs: Some(3), ..BEN_OR },
    Case { variant: "propose-to-synced", property: LOCAL, proposals: JOINING, ..ZAB },
    Case { goals: &["leads@2=1", "last@2=1"], ..Z3 },
    Case {
        variant: "broadcast-unsynced",
        property: "Primary integrity",
        proposals: CHANGING,
        crashes: 1,
        crashes_at: &[2],
        timeouts: &[("Election@0", 1), ("Election@1", 1), ("Timeout@0", 1), ("Timeout@1", 1)],
        epochs: Some(3),
        goals: &["leads@2=1", "last@2=1", "leads@2=1,epoch@2=2"],
        ..ZAB
    },
    Case {
        variant: "promise-twice",
        property: "Leadership",
        proposals: &[],
        timeouts: &[("Election@1", 1), ("Election@2", 1), ("Timeout@0", 2)],
        ..ZAB
    },
    Case { variant: "one-round-less", ..FLOODSET },
    Case { variant: "own-only", ..FLOODSET },
];

/// Those that take seconds to minutes: `cargo test --release --test check_zoo -- --ignored`.
const LARGE: &[Case] = &[
    Case { protocol: "causal", variant: "sender-entry-only", property: "Causal order", proposals: TWO, ..CASE },
    Case {
        variant: "first-quiet-round",
        nodes: 4,
        proposals: &[(0, "red"), (1, "blue"), (2, "green"), (3, "white")],
        settings: r#"{"f": 2}"#,
        crashes: 2,
        timeouts: &[("Round", 4)],
        ..FLOODSET
    },
    Case { variant: "count-per-value", proposals: THREE, timeouts: &[("Retry@1", 1)], ..PAXOS },
    Case { variant: "as-published", timeouts: &[("ViewChange@1", 1)], crashes: 2, crashes_at: &[1, 2], ..VR },
    TWO_CHANGES,
    Case {
        variant: "truncate-on-get-state",
        timeouts: &[("ViewChange@0", 1), ("ViewChange@2", 2)],
        epochs: Some(3),
        goals: &["committed@0=1"],
        ..VR
    },
    Case {
        variant: "majority-of-received",
        property: "At most one proposed value per round",
        nodes: 4,
        proposals: &[(0, "0"), (1, "1"), (2, "1"), (3, "0")],
        epochs: Some(1),
        ..BEN_OR
    },
    Z3,
    Case {
        variant: "epoch-before-history",
        property: "Prefix consistency",
        proposals: &[(2, "x"), (0, "y")],
        crashes: 2,
        crashes_at: &[0, 2],
        timeouts: &[("Election@0", 2), ("Election@1", 2), ("Election@2", 2), ("Timeout@1", 1)],
        epochs: Some(3),
        goals: &["leads@2=1", "committed@2=1", "epoch@2=2"],
        ..ZAB
    },
    Case {
        variant: "keep-tail",
        property: "Global primary order",
        proposals: CHANGING,
        crashes: 1,
        crashes_at: &[2],
        timeouts: &[TWICE[0], TWICE[1], TWICE[2], TWICE[3], TWICE[4], ("Timeout@2", 1)],
        epochs: Some(3),
        goals: &["leads@2=1", "last@2=1", "leads@1=1", "last@0=1"],
        ..ZAB
    },
    Case {
        variant: "history-by-zxid",
        property: "Primary integrity",
        proposals: CHANGING,
        crashes: 1,
        crashes_at: &[2],
        timeouts: &TWICE,
        epochs: Some(3),
        goals: &["leads@2=1", "last@2=1", "leads@1=1", "last@1=1,leads@1=1"],
        ..ZAB
    },
    Case {
        variant: "hole-in-diff",
        property: LOCAL,
        proposals: JOINING,
        timeouts: &[("Election@0", 1), ("Election@1", 1), ("Timeout@0", 1), ("Timeout@1", 1)],
        epochs: Some(2),
        goals: &["leads@2=1,epoch@0=1,epoch@1=1"],
        ..ZAB
    },
];

/// Where the correct protocol has more states than this, the table says that it was not seen whole.
const MOST: u64 = 5_000_000;

fn scenario(case: &Case, variant: &str) -> Scenario {
    let steps: Vec<String> = case
        .proposals
        .iter()
        .map(|(node, value)| format!(r#"{{"do": "propose", "node": {node}, "value": "{value}"}}"#))
        .collect();
    let network = match case.protocol {
        "floodset" => r#"{"model": "synchronous", "delta_ms": 50}"#,
        _ => r#"{"model": "asynchronous", "scheduler": "manual"}"#,
    };
    let json = format!(
        r#"{{"version": 1, "title": "", "protocol": "{}", "variant": "{variant}", "nodes": {}, "seed": 1,
            "settings": {}, "network": {network},
            "script": [{}], "stop": {{"quiescent": true}}}}"#,
        case.protocol,
        case.nodes,
        case.settings,
        steps.join(", ")
    );
    Scenario::from_json(json).expect("a scenario")
}

fn question(case: &Case, scenario: &Scenario) -> Question {
    let mut question = Question { only: vec![Name::of(case.property).expect("a property")], ..Question::default() };
    question.bounds.crashes = case.crashes;
    question.bounds.timeouts = 0;
    question.bounds.epochs = case.epochs;
    if !case.crashes_at.is_empty() {
        question.bounds.crashes_at = Some(case.crashes_at.iter().copied().map(NodeId).collect());
    }
    for (name, most) in case.timeouts {
        asked::bound_timer(&mut question.bounds, name, *most, scenario).expect("a timer");
    }
    question.bounds.clients_stay = case.stay;
    (question.bounds.lost_disks, question.bounds.restarts) = (case.lost_disks, case.restarts);
    question.bounds.retries = case.retries;
    let goal = |text: &&str| Goal::parse(text, scenario.nodes).expect("a goal");
    question.bounds.goals = case.goals.iter().map(goal).collect();
    question
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn ask(case: &Case, variant: &str) -> Answer {
    let scenario = scenario(case, variant);
    let states = if variant == "correct" { MOST } else { u64::MAX };
    let bounds = Bounds { states, ..Bounds::NONE };
    answer::ask(&scenario, &question(case, &scenario), Order::Breadth, bounds, threads()).expect("an answer")
}

/// The counterexample as an ordinary run violates the same property with its last event.
fn runs(answer: &Answer, property: &str) {
    let found = answer.counterexample.as_ref().expect("a counterexample");
    let run = found.run.as_ref().unwrap_or_else(|sentence| panic!("{}: {sentence}", answer.text()));
    let again = Scenario::from_json(run.scenario.to_json()).expect("the scenario as a file");
    let mut session = Session::new(again).expect("a run");
    session.run();
    let last = session.world().events() - 1;
    let violated = session.properties().into_iter().any(|judged| {
        judged.name == property && matches!(judged.status, Status::Violated { event, .. } if event == last)
    });
    assert!(violated, "{}", answer.text());
}

fn line(case: &Case) -> String {
    let Case { protocol, variant, property, nodes, crashes, timeouts, epochs, proposals, .. } = case;
    let broken = ask(case, variant);
    assert_eq!(broken.progress.ended, Some(Ended::Found), "{}", broken.text());
    runs(&broken, property);
    let correct = ask(case, "correct");
    assert!(!correct.violated(), "{}", correct.text());
    let mut line = format!("{protocol} {variant}: {property}\n  {nodes} nodes, {} commands", proposals.len());
    let _ = write!(line, ", {crashes} crashes");
    for node in case.crashes_at {
        let _ = write!(line, " @{node}");
    }
    if case.lost_disks > 0 {
        let _ = write!(line, ", {} lost disks", case.lost_disks);
    }
    if case.restarts {
        line += ", with restarts";
    }
    for (name, most) in *timeouts {
        let _ = if *most == 15 { write!(line, ", {name} free") } else { write!(line, ", {most} {name}") };
    }
    if let Some(epochs) = epochs {
        let _ = write!(line, ", {epochs} epochs");
    }
    if case.stay && !proposals.is_empty() {
        let at: Vec<String> = proposals.iter().map(|(node, value)| format!("{value} @{node}")).collect();
        let _ = write!(line, ", {}", at.join(", "));
    }
    if case.retries > 0 {
        let _ = write!(line, ", {} retries", case.retries);
    }
    if !case.goals.is_empty() {
        let _ = write!(line, "\n  by way of {}", case.goals.join("; "));
    }
    let count = |answer: &Answer| {
        let progress = &answer.progress;
        format!("{} distinct of {}, depth {}", progress.unique, progress.generated, progress.depth)
    };
    let steps = broken.counterexample.as_ref().map_or(0, |found| found.deeds.len());
    let _ = writeln!(line, "\n  found after {}, {steps} steps", count(&broken));
    let _ = match correct.progress.ended {
        Some(Ended::Exhausted) => writeln!(line, "  correct, exhausted: {}", count(&correct)),
        _ => writeln!(line, "  correct, not exhausted: more than {MOST} distinct, without a violation"),
    };
    line
}

fn holds(cases: &[Case], file: &str) {
    let table: String = cases.iter().map(line).collect();
    let path = format!("{}/tests/testdata/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(path, table).expect("the table");
    }
    let pinned = std::fs::read_to_string(&path).expect("the table");
    assert_eq!(table, pinned, "UPDATE=1 rewrites {path}");
}

#[test]
fn the_zoo_is_found_by_search() {
    holds(ZOO, "check.txt");
}

#[test]
#[ignore = "takes minutes"]
fn the_large_ones_are_found_by_search() {
    holds(LARGE, "check-large.txt");
}
