//! §7: log compaction.

use crate::rig::{Rafts, answer, beat, disk, elect, entries, entry, rows, term, terms, terms_on_disk, violations};
use crate::support::{Cluster, command, n};
use consensus_playground::protocol::{Fact, Protocol, SettingValue, SnapshotRef};
use consensus_playground::protocols::raft::{RaftMessage, RaftTimer};

fn every(nodes: u8, entries: u64) -> Rafts {
    let settings = [
        ("snapshot_every", SettingValue::Integer(entries)),
        ("pre_vote", SettingValue::Flag(false)),
        ("check_quorum", SettingValue::Flag(false)),
        ("no_op", SettingValue::Flag(false)),
    ];
    Cluster::new(nodes, "correct", &settings)
}

/// Each node replaces what it has committed by a snapshot of its own, which holds the last included index and term.
/// Reference: §7
#[test]
fn each_node_compacts_its_own_log() {
    let mut rafts = every(3, 4);
    elect(&mut rafts, 0);
    for serial in 1..=6 {
        rafts.request(n(0), command(1, serial));
        rafts.settle();
    }
    beat(&mut rafts, 0);
    for node in 0..3 {
        assert_eq!(rafts.node(n(node)).view().first, 5, "{}", n(node));
        assert_eq!(terms(&rafts, node), [1, 1]);
        assert_eq!(terms_on_disk(&rafts, node), [1, 1]);
        let log = &rafts.slots[usize::from(node)].disk.log;
        assert_eq!(log.snapshot(), Some(SnapshotRef { taken_by: n(node), position: 4 }));
        assert_eq!((log.base(), log.base_term()), (4, 1));
        assert!(rafts.slots[usize::from(node)].facts.contains(&Fact::Compacts { position: 4 }));
    }
}

/// Without the setting no log is ever compacted.
#[test]
fn compaction_is_off_by_default() {
    let mut rafts = crate::rig::led(3);
    for serial in 1..=200 {
        rafts.request(n(0), command(1, serial));
        rafts.settle();
    }
    assert_eq!(rafts.node(n(0)).view().first, 1);
}

/// The snapshot is on the disk before anything that follows from it is said, and a crash before leaves the log.
/// Reference: §7
#[test]
fn a_crash_before_the_snapshot_is_written_keeps_the_log() {
    let mut rafts = every(1, 2);
    elect(&mut rafts, 0);
    rafts.hold_disk(n(0));
    for serial in 1..=2 {
        rafts.request(n(0), command(1, serial));
        rafts.write_one(n(0));
    }
    assert_eq!(rafts.node(n(0)).view().first, 3, "in memory it is compacted");
    rafts.crash(n(0));
    rafts.release_disk(n(0));
    rafts.restart(n(0));
    assert_eq!(terms(&rafts, 0), [1, 1]);
}

/// A restarted node starts from its snapshot and the entries behind it.
/// Reference: §7
#[test]
fn a_restart_begins_with_the_snapshot() {
    let mut rafts = every(3, 4);
    elect(&mut rafts, 0);
    for serial in 1..=5 {
        rafts.request(n(0), command(1, serial));
        rafts.settle();
    }
    rafts.crash(n(0));
    rafts.restart(n(0));
    assert_eq!(rafts.slots[0].delivered_from, 5);
    assert_eq!(rafts.node(n(0)).view().committed, 4);
    elect(&mut rafts, 0);
    rafts.request(n(0), command(1, 6));
    rafts.settle();
    assert_eq!(rafts.delivered(n(0)), [command(1, 5), command(1, 6)]);
}

/// A follower that needs what the leader has discarded gets the snapshot, and the rest as entries.
/// Reference: §7
#[test]
fn a_follower_far_behind_gets_the_snapshot() {
    let mut rafts = every(3, 4);
    elect(&mut rafts, 0);
    rafts.crash(n(2));
    for serial in 1..=9 {
        rafts.request(n(0), command(1, serial));
        rafts.settle();
    }
    rafts.restart(n(2));
    for _ in 0..3 {
        rafts.fire(n(0), RaftTimer::Heartbeat);
        rafts.settle();
    }
    assert_eq!(rafts.slots[2].delivered_from, 9);
    assert_eq!(rafts.delivered(n(2)), [command(1, 9)]);
    assert_eq!(rows(&rafts, 2), rows(&rafts, 0));
    assert_eq!(rafts.slots[2].disk.log.snapshot(), Some(SnapshotRef { taken_by: n(0), position: 8 }));
    assert_eq!(violations(&rafts), []);
}

/// A lost snapshot is sent again.
/// Reference: §7, §5.1
#[test]
fn a_lost_snapshot_is_sent_again() {
    let mut rafts = every(3, 4);
    elect(&mut rafts, 0);
    rafts.crash(n(2));
    for serial in 1..=5 {
        rafts.request(n(0), command(1, serial));
        rafts.settle();
    }
    rafts.restart(n(2));
    for _ in 0..6 {
        rafts.fire(n(0), RaftTimer::Heartbeat);
        rafts.lose_where(|m| m.is("InstallSnapshot"));
        rafts.settle_where(|m| !m.is("InstallSnapshot"));
        rafts.lose_all();
    }
    assert!(rafts.delivered(n(2)).is_empty());
    beat(&mut rafts, 0);
    assert_eq!(rafts.delivered(n(2)), [command(1, 5)]);
}

fn snapshot_of(taken_by: u8, position: u64) -> SnapshotRef {
    SnapshotRef { taken_by: n(taken_by), position }
}

/// InstallSnapshot of `leader` with a snapshot that its node took.
fn install(rafts: &mut Rafts, leader: u8, term: u32, position: u64, last_included_term: u32) -> RaftMessage {
    let snapshot = snapshot_of(leader, position);
    rafts.slots[usize::from(leader)].snapshots.push(snapshot);
    RaftMessage::InstallSnapshot { term, leader_id: n(leader), last_included_term, last_config: None, snapshot }
}

/// Where the follower's log holds the snapshot's last entry, what stands behind it stays; else the whole log goes.
/// Reference: Figure 13, rules 6 and 7
#[test]
fn a_snapshot_keeps_what_follows_it_or_replaces_the_log() {
    let cases: [(&[u32], u64, u32, &[u64]); 4] =
        [(&[1, 1, 2, 2], 3, 2, &[2]), (&[1, 1, 2, 2], 3, 3, &[]), (&[1, 1, 2, 2], 4, 2, &[]), (&[1], 3, 2, &[])];
    for (log, position, last_term, expected) in cases {
        let mut rafts = every(3, 0);
        rafts.crash(n(0));
        rafts.restart_with(n(0), disk(3, log));
        let message = install(&mut rafts, 1, 3, position, last_term);
        rafts.receive(n(0), n(1), message);
        assert_eq!(terms(&rafts, 0), expected, "{log:?}, snapshot to {position} of term {last_term}");
        assert_eq!(terms_on_disk(&rafts, 0).len(), expected.len());
        assert_eq!(rafts.slots[0].delivered_from, position + 1);
        assert_eq!(rafts.node(n(0)).view().committed, position);
        let next = crate::rig::append(
            1,
            3,
            (position as u32 + expected.len() as u32, expected.last().map_or(last_term, |t| *t as u32)),
            entries(position as u32 + expected.len() as u32 + 1, &[3]),
            0,
        );
        rafts.lose_all();
        rafts.receive(n(0), n(1), next);
        assert_eq!(answer(&mut rafts, 0), (3, true), "the log goes on behind it");
    }
}

/// A snapshot of what is already committed here changes nothing; one of an old term is refused.
/// Reference: Figure 13, rule 1; §7
#[test]
fn an_old_snapshot_changes_nothing() {
    let mut rafts = every(3, 0);
    rafts.receive(n(0), n(1), crate::rig::append(1, 3, (0, 0), entries(1, &[1, 2, 3]), 3));
    let before = rows(&rafts, 0);
    let known = install(&mut rafts, 1, 3, 2, 2);
    rafts.receive(n(0), n(1), known);
    let stale = install(&mut rafts, 2, 2, 9, 2);
    rafts.lose_all();
    rafts.receive(n(0), n(2), stale);
    assert_eq!(rafts.network[0].message, RaftMessage::InstallSnapshotResponse { term: 3, last_included_index: 0 });
    assert_eq!((rows(&rafts, 0), term(&rafts, 0)), (before, 3));
    assert_eq!(rafts.delivered(n(0)).len(), 3);
}

/// Entries that a message repeats from inside the snapshot are skipped; those behind it are taken.
/// Reference: §7, §5.5
#[test]
fn entries_inside_the_snapshot_are_skipped() {
    let mut rafts = every(3, 0);
    let message = install(&mut rafts, 1, 2, 3, 2);
    rafts.receive(n(0), n(1), message);
    rafts.lose_all();
    rafts.receive(n(0), n(1), crate::rig::append(1, 2, (1, 1), entries(2, &[1, 2, 2, 2]), 5));
    assert_eq!(answer(&mut rafts, 0), (2, true));
    assert_eq!(terms(&rafts, 0), [2, 2]);
    assert_eq!(rafts.delivered(n(0)), [entry(4, 2).command, entry(5, 2).command]);
    rafts.receive(n(0), n(1), crate::rig::append(1, 2, (1, 1), entries(2, &[1]), 5));
    assert_eq!(answer(&mut rafts, 0), (2, true), "all of it is inside");
    assert_eq!(terms(&rafts, 0), [2, 2]);
}
