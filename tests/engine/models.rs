//! The three network models, by the times that a run shows.

use super::*;
use consensus_playground::protocol::{Habitat, NodeId};
use consensus_playground::protocols::registry;

/// When every message between two nodes was sent and when it ended, µs, and how (1 arrived, 2 lost at once, 3 later).
fn messages(session: &Session) -> Vec<(u64, u64, u8)> {
    let trace = session.world().trace();
    let between = trace.messages.iter().filter(|message| message.from != message.to && message.fate != 0);
    between.map(|m| (trace.events[m.sent as usize].at, trace.events[m.ended as usize].at, m.fate)).collect()
}

/// Every protocol with some proposals, over this network.
fn runs(network: &Value) -> Vec<Session> {
    let propose = |at: u64, node: u8| json!({ "at_ms": at, "do": "propose", "node": node, "value": format!("v{at}") });
    let script = json!([propose(10, 0), propose(20, 1), propose(900, 2), propose(4000, 0), propose(6000, 1)]);
    let sessions = registry::ALL.iter().flat_map(|info| {
        (1..=3).map(|seed| run(info.id, network.clone(), script.clone(), json!({ "seed": seed, "nodes": 4 })))
    });
    sessions.collect()
}

/// Whether nothing was broken that the network model allows. Who is made for another model says so in the ledger.
fn allowed(session: &Session) -> bool {
    let at_home = session.world().scenario().info.habitat != Habitat::Synchronous;
    !at_home || session.report().assumptions.is_empty()
}

#[test]
fn synchronous_delays_are_within_their_bounds_and_nothing_is_lost() {
    let network = json!({ "model": "synchronous", "min_ms": 3, "delta_ms": 9 });
    let (mut least, mut most, mut seen) = (u64::MAX, 0, 0);
    for session in runs(&network) {
        for (sent, ended, fate) in messages(&session) {
            assert_eq!(fate, 1);
            (least, most, seen) = (least.min(ended - sent), most.max(ended - sent), seen + 1);
        }
        assert!(session.report().assumptions.is_empty());
    }
    assert!(seen > 1000 && (3_000..3_100).contains(&least) && (8_900..=9_000).contains(&most), "{seen} {least} {most}");
}

#[test]
fn partial_synchrony_loses_and_repeats_before_gst_and_keeps_delta_after() {
    const GST: u64 = 3_000_000;
    let network = json!({ "model": "partially-synchronous", "min_ms": 3, "delta_ms": 9, "gst_ms": 3000,
                          "loss": 0.2, "duplication": 0.2 });
    let (mut late, mut lost, mut copies) = (0, 0, 0);
    for session in runs(&network) {
        for (sent, ended, fate) in messages(&session) {
            if sent >= GST {
                assert_eq!(fate, 1, "nothing is lost after GST");
                assert!((3_000..=9_000).contains(&(ended - sent)), "{sent} {ended}");
            } else {
                assert!(ended <= GST + 9_000, "sent at {sent}, arrived at {ended}");
                lost += u32::from(fate == 2);
                late += u32::from(ended - sent > 9_000);
            }
        }
        let sent: u64 = session.world().tallies().iter().map(|tally| tally.sent).sum();
        copies += session.world().trace().messages.len() as u64 - sent;
        assert!(allowed(&session), "the model allows all of this");
    }
    assert!(late > 100 && lost > 100 && copies > 100, "{late} {lost} {copies}");
}

#[test]
fn nothing_is_lost_or_repeated_when_gst_has_been_from_the_start() {
    let network = json!({ "model": "partially-synchronous", "min_ms": 3, "delta_ms": 9, "loss": 1, "duplication": 1 });
    for session in runs(&network) {
        let trace = session.world().trace();
        assert!(trace.messages.iter().all(|message| message.fate <= 1));
        let sent: u64 = session.world().tallies().iter().map(|tally| tally.sent).sum();
        assert_eq!(trace.messages.len() as u64, sent);
    }
}

/// How long the first Retransmit timer of each of 25 nodes is armed for, in true time, when it asks for a second.
fn seconds(network: Value) -> Vec<u64> {
    let script: Vec<Value> =
        std::iter::once(json!({ "do": "partition", "groups": (0..25).map(|n| [n]).collect::<Vec<_>>() }))
            .chain((0..25).map(|node| json!({ "at_ms": 100, "do": "propose", "node": node, "value": "x" })))
            .collect();
    let more = json!({ "nodes": 25, "settings": { "retransmit_ms": [1000, 1000] }, "stop": { "at_ms": 120 } });
    let session = run("best-effort", network, json!(script), more);
    let timers =
        NodeId::all(25).map(|node| session.world().timers(node).map(|(_, since, at)| at - since).next().unwrap());
    timers.collect()
}

#[test]
fn clocks_drift_within_rho_and_only_there() {
    assert_eq!(seconds(synchronous()), [1_000_000; 25]);
    assert_eq!(seconds(partially()), [1_000_000; 25]);
    let drifting = seconds(json!({ "model": "partially-synchronous", "drift_ppm": 50_000 }));
    let (least, most) = (*drifting.iter().min().unwrap(), *drifting.iter().max().unwrap());
    assert!((952_380..970_000).contains(&least) && (1_020_000..=1_052_632).contains(&most), "{least} {most}");
}

#[test]
fn asynchronous_delays_have_a_heavy_tail_and_timers_say_nothing() {
    let network = json!({ "model": "asynchronous", "min_ms": 2 });
    let mut delays = Vec::new();
    for session in runs(&network) {
        assert!(allowed(&session));
        for (sent, ended, fate) in messages(&session) {
            assert_eq!(fate, 1, "links are reliable");
            delays.push(ended - sent);
        }
    }
    delays.sort_unstable();
    let (median, most) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    assert!(delays[0] >= 2_000 && median < 10_000 && most > 50 * median, "{median} {most}");

    let timers = seconds(network);
    assert!(timers.iter().any(|span| *span < 500_000) && timers.iter().any(|span| *span > 1_500_000), "{timers:?}");
}

#[test]
fn asynchronous_loss_and_duplication_happen_when_asked_for() {
    let network = json!({ "model": "asynchronous", "min_ms": 2, "loss": 0.1, "duplication": 0.1 });
    for session in runs(&network) {
        let messages = messages(&session);
        let sent: u64 = session.world().tallies().iter().map(|tally| tally.sent).sum();
        if messages.len() > 300 {
            assert!(messages.iter().any(|message| message.2 == 2));
            assert!(session.world().trace().messages.len() as u64 > sent);
        }
    }
}
