//! Single-server membership changes: the thesis, §4.1–§4.2, and Ongaro's correction (raft-dev, 10 July 2015).

use crate::rig::{Rafts, beat, committed, elect, leads, rows, term, violations, with};
use crate::support::{Random, command, n};
use consensus_playground::protocol::{ClientId, Command, Fact, Membership, NodeSet, SettingValue};
use consensus_playground::protocols::raft::RaftTimer;

fn change(serial: u32, change: Membership) -> Command {
    Command { client: ClientId(9), serial, value: change.into() }
}

fn add(serial: u32, node: u8) -> Command {
    change(serial, Membership::Add(n(node)))
}

fn remove(serial: u32, node: u8) -> Command {
    change(serial, Membership::Remove(n(node)))
}

/// A cluster of `nodes`, of which the first `members` are members; without PreVote and CheckQuorum, so that elections
/// are by hand.
fn cluster(nodes: u8, members: u64) -> Rafts {
    let settings = [
        ("pre_vote", SettingValue::Flag(false)),
        ("check_quorum", SettingValue::Flag(false)),
        ("initial_members", SettingValue::Integer(members)),
    ];
    with(nodes, &settings)
}

/// What a node takes for the members, as its inspector has it.
fn members(rafts: &Rafts, node: u8) -> String {
    use consensus_playground::protocol::Protocol;
    let fields = rafts.node(n(node)).fields(&|value| format!("{value:?}"));
    fields.into_iter().find(|field| field.name == "members").expect("a field").value
}

/// The members that were committed last, by the facts.
fn committed_members(rafts: &Rafts) -> Option<NodeSet> {
    rafts.history.iter().rev().find_map(|(_, fact)| match fact {
        Fact::Members { members, .. } => Some(*members),
        _ => None,
    })
}

/// "The new configuration takes effect on each server as soon as it is added to that server's log."
/// Reference: thesis §4.1
#[test]
fn a_configuration_is_in_force_as_soon_as_it_is_in_the_log() {
    let mut rafts = cluster(4, 3);
    elect(&mut rafts, 0);
    assert_eq!(members(&rafts, 0), "{n0, n1, n2}");
    rafts.request(n(0), add(1, 3));
    rafts.settle_among(&[0, 3]);
    assert_eq!(members(&rafts, 0), "{n0, n1, n2, n3}", "not committed, and in force");
    assert_eq!(members(&rafts, 1), "{n0, n1, n2}", "not in the log, and not in force");
    assert_eq!(committed_members(&rafts), None);
    rafts.settle();
    beat(&mut rafts, 0);
    assert_eq!(members(&rafts, 1), "{n0, n1, n2, n3}");
    assert_eq!(committed_members(&rafts).map(|members| members.len()), Some(4));
}

/// "If a configuration entry is removed from the log, the server must fall back to the previous configuration."
/// Reference: thesis §4.1
#[test]
fn a_configuration_that_is_removed_from_the_log_is_no_longer_in_force() {
    let mut rafts = cluster(3, 3);
    elect(&mut rafts, 0);
    rafts.request(n(0), remove(1, 2));
    rafts.lose_all();
    assert_eq!(members(&rafts, 0), "{n0, n1}");
    rafts.crash(n(0));
    elect(&mut rafts, 1);
    rafts.restart(n(0));
    assert_eq!(members(&rafts, 0), "{n0, n1}", "it is on the disk");
    beat(&mut rafts, 1);
    beat(&mut rafts, 1);
    assert_eq!(members(&rafts, 0), "{n0, n1, n2}");
    assert_eq!(violations(&rafts), []);
}

/// "Servers … only add or remove a single server at a time … once one change has been completed, another may begin."
/// Reference: thesis §4.1
#[test]
fn a_change_waits_until_the_one_before_is_committed() {
    let mut rafts = cluster(5, 3);
    elect(&mut rafts, 0);
    rafts.request(n(0), add(1, 3));
    rafts.settle_among(&[0, 3]);
    assert_eq!(members(&rafts, 0), "{n0, n1, n2, n3}");
    rafts.request(n(0), add(2, 4));
    assert_eq!(members(&rafts, 0), "{n0, n1, n2, n3}", "the second waits");
    rafts.request(n(0), remove(3, 1));
    assert_eq!(rafts.slots[0].redirects, [(remove(3, 1), None)], "a third is sent away");
    rafts.settle();
    assert_eq!(members(&rafts, 0), "{n0, n1, n2, n3, n4}");
}

/// "A leader may not append a new configuration entry until it has committed an entry from its current term."
/// Reference: raft-dev, 10 July 2015
#[test]
fn a_change_waits_for_an_entry_of_the_leaders_own_term() {
    let mut rafts = cluster(3, 3);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.deliver_where(|m| m.is("RequestVote"));
    rafts.deliver_where(|m| m.is("RequestVoteResponse"));
    assert!(leads(&rafts, 0));
    rafts.request(n(0), remove(1, 2));
    assert_eq!(rows(&rafts, 0).len(), 1, "only the no-op of the new leader");
    rafts.settle();
    assert_eq!(rows(&rafts, 0).len(), 2);
    assert_eq!(members(&rafts, 0), "{n0, n1}");
}

/// A leader without the no-op of §8 makes one when a change waits for it.
/// Reference: raft-dev, 10 July 2015
#[test]
fn a_leader_without_no_op_makes_one_for_a_change() {
    let settings = [("no_op", SettingValue::Flag(false)), ("pre_vote", SettingValue::Flag(false))];
    let mut rafts = with(3, &settings);
    elect(&mut rafts, 0);
    assert_eq!(rows(&rafts, 0).len(), 0);
    rafts.request(n(0), remove(1, 2));
    rafts.settle();
    assert_eq!(rows(&rafts, 0).len(), 2);
    assert!(rows(&rafts, 0)[0].command.is_noop());
}

/// "Before the cluster starts the configuration change, … a new server joins as a non-voting member."
/// Reference: thesis §4.2.1
#[test]
fn a_newcomer_is_brought_up_to_date_before_it_counts() {
    let mut rafts = cluster(4, 3);
    elect(&mut rafts, 0);
    for serial in 1..=5 {
        rafts.request(n(0), command(1, serial));
    }
    rafts.settle();
    let before = committed(&rafts, 0);
    rafts.request(n(0), add(1, 3));
    assert_eq!(members(&rafts, 0), "{n0, n1, n2}", "it has nothing yet");
    rafts.request(n(0), command(1, 6));
    rafts.settle_among(&[0, 1, 2]);
    assert!(committed(&rafts, 0) > before, "and holds nobody up");
    rafts.settle();
    assert_eq!(members(&rafts, 0), "{n0, n1, n2, n3}");
    assert!(rows(&rafts, 3).len() as u64 >= before);
}

/// A newcomer that never answers does not hold up other changes for ever.
/// Reference: thesis §4.2.1
#[test]
fn a_newcomer_that_does_not_answer_is_given_up() {
    let mut rafts = cluster(5, 3);
    elect(&mut rafts, 0);
    rafts.crash(n(3));
    rafts.request(n(0), add(1, 3));
    for _ in 0..30 {
        beat(&mut rafts, 0);
    }
    rafts.request(n(0), add(2, 4));
    rafts.settle();
    assert_eq!(members(&rafts, 0), "{n0, n1, n2, n4}");
}

/// "A leader that is removed from the configuration steps down once the Cnew entry is committed"; until then it "should
/// replicate log entries but not count itself in majorities".
/// Reference: thesis §4.2.2
#[test]
fn a_leader_that_removes_itself_steps_down_when_that_is_committed() {
    let mut rafts = cluster(3, 3);
    elect(&mut rafts, 0);
    rafts.request(n(0), remove(1, 0));
    rafts.settle_among(&[0, 1]);
    assert!(leads(&rafts, 0), "n1 alone is no majority of n1 and n2, and n0 does not count");
    assert_eq!(committed_members(&rafts), None);
    rafts.settle();
    assert!(!leads(&rafts, 0));
    assert_eq!(committed_members(&rafts).map(|members| members.contains(n(0))), Some(false));
    rafts.fire(n(0), RaftTimer::Election);
    assert!(rafts.network.is_empty(), "it is gone, and stands no more");
}

/// "A server that is not part of its own latest configuration should still start new elections, as it might still be
/// needed until the Cnew entry is committed"; "it does not count its own vote".
/// Reference: thesis §4.2.2, Figure 4.6
#[test]
fn a_removed_server_may_be_needed_until_its_removal_is_committed() {
    let mut rafts = cluster(2, 2);
    elect(&mut rafts, 0);
    rafts.request(n(0), remove(1, 0));
    rafts.lose_all();
    assert_eq!(members(&rafts, 0), "{n1}");
    rafts.crash(n(0));
    rafts.restart(n(0));
    rafts.fire(n(1), RaftTimer::Election);
    rafts.settle();
    assert!(!leads(&rafts, 1), "its log is behind n0's");
    rafts.fire(n(0), RaftTimer::Election);
    assert!(!leads(&rafts, 0), "its own vote does not count");
    rafts.settle();
    assert_eq!(committed_members(&rafts).map(|members| members.len()), Some(1));
    assert!(!leads(&rafts, 0));
    elect(&mut rafts, 1);
}

/// A node that never was a member waits.
#[test]
fn a_node_that_is_no_member_does_not_stand() {
    let mut rafts = cluster(4, 3);
    rafts.fire(n(3), RaftTimer::Election);
    assert!(rafts.network.is_empty());
    assert_eq!(term(&rafts, 3), 0);
}

/// "The latest configuration … must be included in the snapshot."
/// Reference: thesis §5.1 and §4.1
#[test]
fn a_snapshot_carries_the_configuration() {
    let settings = [
        ("pre_vote", SettingValue::Flag(false)),
        ("initial_members", SettingValue::Integer(3)),
        ("snapshot_every", SettingValue::Integer(4)),
    ];
    let mut rafts = with(5, &settings);
    elect(&mut rafts, 0);
    rafts.request(n(0), remove(1, 2));
    rafts.settle();
    for serial in 1..=12 {
        rafts.request(n(0), command(1, serial));
        rafts.settle();
    }
    rafts.request(n(0), add(2, 3));
    rafts.settle();
    beat(&mut rafts, 0);
    assert!(rafts.slots[3].delivered_from > 1, "it came by a snapshot");
    for node in [0, 1, 3] {
        assert_eq!(members(&rafts, node), "{n0, n1, n3}");
    }
    rafts.crash(n(3));
    rafts.restart(n(3));
    assert_eq!(members(&rafts, 3), "{n0, n1, n3}");
    assert_eq!(violations(&rafts), []);
}

/// The last member cannot be removed: a cluster of nobody could never change again.
#[test]
fn the_last_member_stays() {
    let mut rafts = cluster(1, 1);
    rafts.fire(n(0), RaftTimer::Election);
    rafts.request(n(0), remove(1, 0));
    assert_eq!(members(&rafts, 0), "{n0}");
    assert!(leads(&rafts, 0));
}

/// One walk: elections, changes, commands, losses and crashes at random.
fn walk(variant: &str, seed: u64) -> Rafts {
    let mut random = Random(seed);
    let settings = [
        ("pre_vote", SettingValue::Flag(random.below(2) == 0)),
        ("check_quorum", SettingValue::Flag(random.below(2) == 0)),
        ("initial_members", SettingValue::Integer(2 + random.below(4) as u64)),
        ("no_op", SettingValue::Flag(random.below(2) == 0)),
        ("snapshot_every", SettingValue::Integer(if random.below(3) == 0 { 5 } else { 0 })),
    ];
    let mut rafts = Rafts::new(5, variant, &settings);
    for serial in 1..900 {
        let node = n(random.below(5) as u8);
        let up = rafts.up(node);
        match random.below(40) {
            0 if up && serial % 4 == 0 => rafts.crash(node),
            1..=3 if !up => rafts.restart(node),
            4 | 5 if up && rafts.slots[node.index()].timers.contains_key(&RaftTimer::Election) => {
                rafts.fire(node, RaftTimer::Election);
            }
            6..=9 if up && rafts.slots[node.index()].timers.contains_key(&RaftTimer::Heartbeat) => {
                rafts.fire(node, RaftTimer::Heartbeat);
            }
            10 | 11 => rafts.request(node, add(serial, random.below(5) as u8)),
            12 | 13 => rafts.request(node, remove(serial, random.below(5) as u8)),
            14 => rafts.request(node, command(1, serial)),
            15..=17 => drop(rafts.network.pop()),
            _ if !rafts.network.is_empty() => {
                let at = random.below(rafts.network.len());
                rafts.deliver(rafts.network[at].id);
            }
            _ => {}
        }
    }
    rafts
}

#[test]
fn random_changes_are_safe() {
    let mut changes = 0;
    for seed in 1..1200 {
        let rafts = walk("correct", seed);
        assert_eq!(violations(&rafts), [], "seed {seed}");
        changes += rafts.history.iter().filter(|(_, fact)| matches!(fact, Fact::Members { .. })).count();
    }
    assert!(changes > 2000, "{changes} changes were committed: too few to prove anything");
}
