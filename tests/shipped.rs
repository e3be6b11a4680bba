//! The shipped scenarios show what their titles say.
#![cfg(not(target_arch = "wasm32"))]

use consensus_playground::protocol::NodeId;
use consensus_playground::report::Report;
use consensus_playground::scenario::{Recording, library, link};
use consensus_playground::session::Session;

fn session(stem: &str) -> Session {
    let mut session = Session::new(library::shipped(stem).expect(stem).scenario().expect(stem)).expect(stem);
    session.run();
    session
}

fn report(stem: &str) -> Report {
    let report = session(stem).report();
    assert!(!report.violated(), "{stem}: {}", report.json());
    report
}

fn status(report: &Report, name: &str) -> &'static str {
    report.properties.iter().find(|property| property.name == name).expect(name).status
}

fn delivered(report: &Report) -> Vec<Vec<&str>> {
    report.nodes.iter().map(|node| node.delivered.iter().map(String::as_str).collect()).collect()
}

#[test]
fn split_brain_two_lead_and_one_quorum_commits() {
    let report = report("raft-split-brain");
    let [old, new] = &report.leaders[..] else { panic!("two reigns: {:?}", report.leaders) };
    assert_eq!((old.node, old.epoch, new.node, new.epoch), (4, 1, 1, 2));
    let together = (new.from_ms, old.to_ms.expect("the old leader steps down"));
    assert!(together.0 > 3000 && together.1 > 6000, "both believe that they lead, from and to {together:?}");
    let logs: Vec<_> = report.nodes.iter().map(|node| &node.log).map(|log| format!("{log:?}")).collect();
    assert!(logs.iter().all(|log| *log == logs[0]), "after healing all logs agree");

    let mut session = Session::new(library::shipped("raft-split-brain").unwrap().scenario().unwrap()).unwrap();
    session.step_until(100_000, |world| world.now() >= 5_990_000);
    let committed = |node: u8| session.world().cluster().view(NodeId(node)).expect("up").committed;
    assert!(committed(4) < committed(1), "the old leader commits nothing: {} and {}", committed(4), committed(1));
    assert!(session.world().cluster().view(NodeId(4)).expect("up").leads);
}

#[test]
fn zab_orders_everything_in_its_first_epoch() {
    let report = report("zab-first-run");
    let [primary] = &report.leaders[..] else { panic!("one reign: {:?}", report.leaders) };
    assert_eq!((primary.epoch, primary.to_ms), (1, None));
    let orders = delivered(&report);
    assert!(orders.iter().all(|order| order.len() == 600 && *order == orders[0]));
}

#[test]
fn who_comes_back_is_brought_in_line_by_trunc_and_by_diff() {
    let report = report("zab-epochs");
    let [old, new] = &report.leaders[..] else { panic!("two reigns: {:?}", report.leaders) };
    assert_eq!((old.node, old.epoch, new.epoch), (4, 1, 2));
    let orders = delivered(&report);
    assert!(orders.iter().all(|order| order == &orders[0]), "{:?}", orders.iter().map(Vec::len).collect::<Vec<_>>());
    assert_eq!(orders[0].iter().filter(|value| **value == "stray").count(), 1, "the client asked again elsewhere");

    // How NEWLEADER brought them in line, as it was on its way.
    let scenario = library::shipped("zab-epochs").unwrap().scenario().unwrap();
    let mut session = Session::new(scenario).unwrap();
    let kind = session.world().cluster().kinds().iter().position(|kind| kind.name == "NEWLEADER").unwrap();
    let mut seen = Vec::new();
    while session.step() {
        let world = session.world();
        for (slot, flight) in world.flights().filter(|(_, flight)| usize::from(flight.kind) == kind) {
            let fields = world.cluster().message_fields(slot, &|_| String::new());
            let (_, sync) = fields.iter().find(|(name, _)| *name == "sync").unwrap();
            if !seen.iter().any(|(id, _, _)| *id == flight.id) {
                seen.push((flight.id, flight.to.0, sync.clone()));
            }
        }
    }
    let ways: Vec<(u8, &str)> = seen.iter().rev().take(2).rev().map(|(_, to, sync)| (*to, sync.as_str())).collect();
    assert_eq!(ways, [(4, "TRUNC"), (1, "DIFF")]);
}

#[test]
fn three_of_five_down_stall_and_one_restart_ends_it() {
    let stalled = report("raft-no-quorum");
    let why = stalled.stalled.as_ref().expect("stalled");
    assert_eq!((why.cause, &why.nodes[..]), ("no quorum reachable", &[1, 2, 4][..]));
    assert!(why.why.contains("3 of 5 nodes must be up"), "{}", why.why);
    assert_eq!(status(&stalled, "Validity"), "stalled");

    let again = report("raft-quorum-back");
    assert!(again.stalled.is_none());
    assert_eq!(status(&again, "Validity"), "holds");
    let most = |report: &Report| report.nodes.iter().map(|node| node.delivered.len()).max();
    assert!(most(&again) > most(&stalled));
}

#[test]
fn a_duel_of_twenty_ballots_decides_nothing_until_one_is_left_alone() {
    let duel = report("paxos-duel");
    assert!(duel.leaders.len() >= 19, "each ballot had its quorum of promises: {}", duel.leaders.len());
    assert!(duel.nodes.iter().all(|node| node.delivered.is_empty()));
    assert_eq!((status(&duel, "Agreement"), status(&duel, "Termination")), ("holds", "pending"));

    let resolved = report("paxos-duel-resolved");
    assert_eq!(delivered(&resolved), [["red"], ["red"], ["red"]]);
    assert_eq!((status(&resolved, "Agreement"), status(&resolved, "Termination")), ("holds", "holds"));
}

#[test]
fn fifo_keeps_no_total_order_and_a_sequencer_does() {
    let fifo = report("fifo-two-orders");
    let orders = delivered(&fifo);
    assert!(orders.contains(&vec!["a", "b"]) && orders.contains(&vec!["b", "a"]), "{orders:?}");
    assert_eq!((status(&fifo, "FIFO order"), status(&fifo, "Total order")), ("holds", "not promised"));
    let counterexample = fifo.properties.iter().find(|property| property.name == "Total order").unwrap();
    assert_eq!(counterexample.why.as_deref(), Some("n1 delivered b before a, n2 delivered a before b"));

    let sequencer = report("sequencer-one-order");
    assert_eq!(delivered(&sequencer), vec![vec!["a", "b"]; 3]);
    assert_eq!(status(&sequencer, "Total order"), "holds");
}

#[test]
fn a_reply_overtakes_its_question_under_fifo_and_never_under_causal() {
    let fifo = report("fifo-reply");
    assert_eq!(delivered(&fifo)[2], ["reply", "question"]);
    let causal_order = fifo.properties.iter().find(|property| property.name == "Causal order").unwrap();
    assert_eq!(causal_order.status, "not promised");
    assert!(causal_order.event.is_some(), "with the event of the counterexample");

    let causal = report("causal-reply");
    assert_eq!(delivered(&causal), vec![vec!["question", "reply"]; 3]);
    assert_eq!(status(&causal, "Causal order"), "holds");
}

#[test]
fn without_its_sequencer_the_order_stands_still_and_says_so() {
    let report = report("sequencer-dies");
    let stalled = report.stalled.as_ref().expect("stalled");
    assert_eq!((stalled.cause, &stalled.nodes[..]), ("sequencer down", &[0][..]));
    assert_eq!(status(&report, "Validity"), "stalled");
    let orders = delivered(&report);
    assert!(!orders[1].is_empty() && orders[1..].iter().all(|order| *order == orders[1]), "one order until then");
}

#[test]
fn multi_paxos_goes_on_under_a_new_leader_and_fills_its_gap() {
    let first_run = report("multi-paxos-first-run");
    let [crashed, next] = &first_run.leaders[..] else { panic!("two reigns: {:?}", first_run.leaders) };
    assert_eq!((crashed.node, crashed.to_ms, next.to_ms), (1, Some(2000), None));
    let orders = delivered(&first_run);
    assert!(orders.iter().all(|order| order.len() == 180 && *order == orders[0]), "what all clients asked for");

    let filled = report("multi-paxos-gap-filled");
    assert_eq!(delivered(&filled), vec![vec!["one", "three", "four", "lost"]; 3]);
    let slots: Vec<_> = filled.nodes[2].log.iter().map(|row| (row.position, row.epoch, row.value.as_str())).collect();
    assert_eq!(slots, [(1, 3, "one"), (2, 4, "–"), (3, 4, "three"), (4, 4, "four"), (5, 4, "lost")]);
}

#[test]
fn a_view_change_loses_nothing_and_the_old_primary_gets_its_log_back() {
    let report = report("vr-view-change");
    let leaders: Vec<_> = report.leaders.iter().map(|leader| (leader.node, leader.epoch)).collect();
    assert_eq!(leaders, [(0, 0), (1, 1), (2, 2)], "the turn comes with the number of the view");
    assert_eq!((report.nodes[0].role, report.nodes[1].role, report.nodes[2].role), ("backup", "down", "primary"));
    assert_eq!(report.nodes[0].delivered, report.nodes[2].delivered);
    assert!(report.assumptions.is_empty(), "two crashes, but never two replicas without their state at once");
    assert_eq!(status(&report, "Validity"), "holds");
}

#[test]
fn the_published_protocol_loses_a_write_though_every_assumption_holds() {
    let flaw = session("vr-published-flaw").report();
    assert!(flaw.assumptions.is_empty(), "{:?}", flaw.assumptions);
    let lost = flaw.properties.iter().find(|property| property.name == "Acknowledged write not lost").unwrap();
    let why = "n1 leads view 1 without red at op-number 1, committed in view 0";
    assert_eq!((lost.status, lost.why.as_deref()), ("violated", Some(why)));
    assert_eq!(status(&flaw, "Linearizability"), "violated", "the client had its answer");

    let mut scenario = library::shipped("vr-published-flaw").unwrap().scenario().unwrap();
    scenario.variant = "correct";
    let mut session = Session::new(scenario).unwrap();
    session.run();
    let closed = session.report();
    assert!(!closed.violated() && closed.assumptions.is_empty(), "{}", closed.json());
    assert_eq!(delivered(&closed), vec![vec!["red", "blue"]; 3]);
}

#[test]
fn one_value_of_three_proposed_is_decided() {
    let orders = report("paxos-one-value");
    let decided = delivered(&orders);
    assert!(decided.iter().all(|values| *values == decided[0] && values.len() == 1), "{decided:?}");
}

#[test]
fn floodset_decides_after_f_plus_1_rounds_whoever_crashes_in_mid_broadcast() {
    let report = report("floodset-rounds");
    assert_eq!(delivered(&report)[2..], [["red"], ["red"]]);
    assert!(!report.nodes[0].up && !report.nodes[1].up && report.assumptions.is_empty());
    assert_eq!(report.nodes.iter().map(|node| node.epoch).max(), Some(3), "f is 2");
    let flood = report.messages("Flood");
    assert_eq!(flood.sent, 1 + 3 * 3 + 1 + 2 * 3 + 2 * 3, "two broadcasts end behind their first message");
}

#[test]
fn floodset_outside_its_world_disagrees_and_says_what_was_assumed() {
    let report = session("floodset-outside").report();
    assert_eq!(delivered(&report), [["red"], ["red"], ["blue"]]);
    assert_eq!((status(&report, "Agreement"), status(&report, "Validity")), ("violated", "holds"));
    let broken: Vec<&str> = report.assumptions.iter().map(|one| one.broken).collect();
    let told = "The network is synchronous, and every node knows Δ.";
    assert_eq!(broken, [told, "A message arrives before its round is over."]);
}

#[test]
fn ben_or_tosses_coins_and_decides() {
    let report = report("ben-or-coin");
    let decided = delivered(&report);
    assert!(decided[0].len() == 1 && decided[..4].iter().all(|values| *values == decided[0]), "{decided:?}");
    assert!(report.nodes[0].epoch > 2, "not in the first rounds: {}", report.nodes[0].epoch);
    assert_eq!(status(&report, "At most one proposed value per round"), "holds");
}

#[test]
fn the_adversary_delivers_everything_and_nothing_is_decided() {
    let scenario = library::shipped("paxos-adversary").unwrap().scenario().unwrap();
    let report = Session::driven(Recording::new(scenario)).unwrap().report();
    assert_eq!((report.ended.because, report.events), ("events", 12_000));
    assert!(report.nodes.iter().all(|node| node.up && node.delivered.is_empty()), "nobody crashes, nobody decides");
    assert_eq!((status(&report, "Agreement"), status(&report, "Termination")), ("holds", "pending"));
    let arrived: u64 = report.messages.iter().map(|(_, tally)| tally.delivered).sum();
    assert!(arrived > 4_000 && report.messages.iter().all(|(_, tally)| tally.dropped == 0), "{arrived} arrived");
}

/// `UPDATE=1 cargo test --test shipped` writes it.
#[test]
fn the_page_has_the_link_of_every_file() {
    let mut lines = String::new();
    for shipped in library::LIBRARY.iter().chain(library::BUGS) {
        let scenario = shipped.scenario().expect(shipped.stem);
        let title = scenario.title.clone();
        let link = link::carry(&Recording { cursor: Some(0), ..Recording::new(scenario.clone()) }).expect(shipped.stem);
        assert_eq!(link::carried(&link).map(|(recording, _)| recording.scenario), Ok(scenario), "{}", shipped.stem);
        assert!(!title.contains(['\t', '\n']), "{}", shipped.stem);
        lines += &format!("{}\t{title}\t{link}\n", shipped.stem);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/scenarios.tsv");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &lines).expect(path);
    }
    assert!(lines == std::fs::read_to_string(path).expect(path), "`UPDATE=1 cargo test --test shipped` writes {path}");
}
