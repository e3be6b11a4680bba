//! Raft on the hand-driven cluster: settings, logs as short lists, and the five properties of Figure 3.

use crate::support::{Cluster, Envelope, command, n};
use consensus_playground::protocol::{Command, Fact, NodeId, Protocol, Row, SettingValue};
use consensus_playground::protocols::raft::{Entries, Entry, Raft, RaftMessage, RaftStable, RaftTimer, Term};
use std::collections::BTreeMap;

pub type Rafts = Cluster<Raft>;
pub type Under = Envelope<RaftMessage>;

/// The paper's §5 to the letter: no PreVote, no quorum check, no no-op.
pub const PAPER: &[(&str, SettingValue)] = &[
    ("pre_vote", SettingValue::Flag(false)),
    ("check_quorum", SettingValue::Flag(false)),
    ("no_op", SettingValue::Flag(false)),
];

/// A cluster by the paper's §5.
pub fn paper(nodes: u8) -> Rafts {
    Cluster::new(nodes, "correct", PAPER)
}

/// The same with a rule left out.
pub fn broken(nodes: u8, variant: &str) -> Rafts {
    Cluster::new(nodes, variant, PAPER)
}

/// A cluster with the defaults.
pub fn defaults(nodes: u8) -> Rafts {
    with(nodes, &[])
}

/// A cluster with these settings.
pub fn with(nodes: u8, settings: &[(&'static str, SettingValue)]) -> Rafts {
    Cluster::new(nodes, "correct", settings)
}

/// A cluster by §5 whose node 0 leads term 1 and everybody knows.
pub fn led(nodes: u8) -> Rafts {
    let mut rafts = paper(nodes);
    elect(&mut rafts, 0);
    rafts
}

/// Fires the node's election timer and delivers everything that follows. The node must have won.
pub fn elect(rafts: &mut Rafts, node: u8) {
    rafts.fire(n(node), RaftTimer::Election);
    rafts.settle();
    assert!(leads(rafts, node), "{} has won", n(node));
}

/// A heartbeat of `node`, and all that follows.
pub fn beat(rafts: &mut Rafts, node: u8) {
    rafts.fire(n(node), RaftTimer::Heartbeat);
    rafts.settle();
}

pub fn role(rafts: &Rafts, node: u8) -> &'static str {
    rafts.node(n(node)).view().role
}

pub fn leads(rafts: &Rafts, node: u8) -> bool {
    rafts.node(n(node)).view().leads
}

pub fn term(rafts: &Rafts, node: u8) -> u64 {
    rafts.node(n(node)).view().epoch
}

pub fn committed(rafts: &Rafts, node: u8) -> u64 {
    rafts.node(n(node)).view().committed
}

/// The node's log, position by position.
pub fn rows(rafts: &Rafts, node: u8) -> Vec<Row> {
    let state = rafts.node(n(node));
    let view = state.view();
    (view.first..=view.last).map(|position| state.row(position).expect("a row inside the log")).collect()
}

/// The terms of the node's log, as the paper's figures draw them.
pub fn terms(rafts: &Rafts, node: u8) -> Vec<u64> {
    rows(rafts, node).iter().map(|row| row.epoch).collect()
}

/// The commands of the node's log.
pub fn commands(rafts: &Rafts, node: u8) -> Vec<Command> {
    rows(rafts, node).iter().map(|row| row.command).collect()
}

/// The terms on the node's disk.
pub fn terms_on_disk(rafts: &Rafts, node: u8) -> Vec<Term> {
    let log = &rafts.slots[usize::from(node)].disk.log;
    (log.base() + 1..=log.last_index()).map(|i| log.get(i).expect("an entry inside the log").term).collect()
}

/// The entry that stands at `index` in every log that holds `term` there (Log Matching).
pub fn entry(index: u32, term: Term) -> Entry {
    Entry { term, command: command(term, index) }
}

/// Entries of these terms from `first` on.
pub fn entries(first: u32, terms: &[Term]) -> Entries {
    Entries::collect(terms.iter().zip(first..).map(|(term, index)| entry(index, *term)).collect::<Vec<_>>().into_iter())
}

/// A disk whose log has these terms.
pub fn disk(current_term: Term, terms: &[Term]) -> RaftStable {
    let mut stable = RaftStable { current_term, ..RaftStable::default() };
    for (index, term) in (1..).zip(terms) {
        stable.log.push(entry(index, *term));
    }
    stable
}

/// A cluster by §5 that starts from disks with these logs; each node's term is its log's last.
pub fn with_logs(logs: &[&[Term]]) -> Rafts {
    let mut rafts = paper(logs.len() as u8);
    start_from(&mut rafts, logs);
    rafts
}

/// Starts every node of a cluster from a disk with its log.
pub fn start_from(rafts: &mut Rafts, logs: &[&[Term]]) {
    for node in 0..logs.len() as u8 {
        rafts.crash(n(node));
    }
    rafts.history.clear();
    for (node, log) in (0..).zip(logs) {
        rafts.restart_with(n(node), disk(log.last().copied().unwrap_or(0), log));
    }
}

/// AppendEntries of `leader`.
pub fn append(leader: u8, term: Term, prev: (u32, Term), entries: Entries, leader_commit: u32) -> RaftMessage {
    RaftMessage::AppendEntries {
        term,
        leader_id: n(leader),
        prev_log_index: prev.0,
        prev_log_term: prev.1,
        entries,
        leader_commit,
    }
}

/// RequestVote of `candidate` with a log that ends at `last`: index and term.
pub fn request_vote(candidate: u8, term: Term, last: (u32, Term)) -> RaftMessage {
    RaftMessage::RequestVote { term, candidate_id: n(candidate), last_log_index: last.0, last_log_term: last.1 }
}

/// Takes the answer that `from` last sent to a RequestVote or AppendEntries: its term and whether it agrees.
pub fn answer(rafts: &mut Rafts, from: u8) -> (Term, bool) {
    let at = rafts.network.iter().rposition(|envelope| envelope.from == n(from)).expect("an answer");
    match rafts.network.remove(at).message {
        RaftMessage::RequestVoteResponse { term, vote_granted } => (term, vote_granted),
        RaftMessage::PreVoteResponse { term, vote_granted } => (term, vote_granted),
        RaftMessage::AppendEntriesResponse { term, success, .. } => (term, success),
        other => panic!("{other:?} is no answer"),
    }
}

/// Figure 3's properties over what has happened: those that do not hold, and how.
pub fn violations(rafts: &Rafts) -> Vec<(&'static str, String)> {
    let all = [
        ("Election Safety", election_safety(rafts)),
        ("Log Matching", log_matching(rafts)),
        ("Leader Completeness", leader_completeness(&rafts.history)),
        ("State Machine Safety", rafts.disorder.clone()),
    ];
    all.into_iter().filter_map(|(name, why)| Some((name, why?))).collect()
}

/// "At most one leader can be elected in a given term."
fn election_safety(rafts: &Rafts) -> Option<String> {
    let mut leaders = BTreeMap::new();
    for (node, fact) in &rafts.history {
        if let Fact::Leads { epoch } = fact {
            let first = *leaders.entry(*epoch).or_insert(*node);
            if first != *node {
                return Some(format!("{first} and {node} lead term {epoch}"));
            }
        }
    }
    None
}

/// "If two logs contain an entry with the same index and term, then the logs are identical in all entries up through
/// the given index."
fn log_matching(rafts: &Rafts) -> Option<String> {
    let up: Vec<u8> = rafts.nodes().filter(|node| rafts.up(*node)).map(|node| node.0).collect();
    for (i, a) in up.iter().enumerate() {
        for b in &up[i + 1..] {
            let (a_state, b_state) = (rafts.node(n(*a)), rafts.node(n(*b)));
            let mut same_above = false;
            let last = a_state.view().last.min(b_state.view().last);
            let first = a_state.view().first.max(b_state.view().first);
            for position in (first..=last).rev() {
                let (x, y) = (a_state.row(position)?, b_state.row(position)?);
                if x.epoch == y.epoch && x.command != y.command || same_above && x != y {
                    return Some(format!("logs of n{a} and n{b} differ at {position}: {x:?}, {y:?}"));
                }
                same_above |= x.epoch == y.epoch;
            }
        }
    }
    None
}

/// "If a log entry is committed in a given term, then that entry will be present in the logs of the leaders for all
/// higher-numbered terms." Reads the logs of the time from the history.
fn leader_completeness(history: &[(NodeId, Fact)]) -> Option<String> {
    let mut logs: BTreeMap<NodeId, BTreeMap<u64, (u64, Command)>> = BTreeMap::new();
    let mut compacted: BTreeMap<NodeId, u64> = BTreeMap::new();
    let mut known: BTreeMap<NodeId, u64> = BTreeMap::new();
    // Position → entry, and the term in which it was committed.
    let mut committed: BTreeMap<u64, ((u64, Command), u64)> = BTreeMap::new();
    let mut current: BTreeMap<NodeId, u64> = BTreeMap::new();
    for (node, fact) in history {
        let log = logs.entry(*node).or_default();
        match fact {
            Fact::Epoch { epoch } => {
                current.insert(*node, *epoch);
            }
            Fact::Appends { position, epoch, command } => {
                log.insert(*position, (*epoch, *command));
            }
            Fact::Truncates { from } => {
                log.split_off(from);
            }
            Fact::Compacts { position } => {
                compacted.insert(*node, *position);
            }
            Fact::Commits { position } => {
                let from = known.get(node).copied().unwrap_or(0) + 1;
                for at in from..=*position {
                    if let Some(entry) = log.get(&at) {
                        committed.entry(at).or_insert((*entry, current.get(node).copied().unwrap_or(0)));
                    }
                }
                known.insert(*node, *position);
            }
            Fact::Leads { epoch } => {
                let behind = compacted.get(node).copied().unwrap_or(0);
                for (position, (entry, in_term)) in committed.range(behind + 1..) {
                    if in_term < epoch && log.get(position) != Some(entry) {
                        return Some(format!("{node} leads term {epoch} without {entry:?} at {position}"));
                    }
                }
            }
            _ => {}
        }
    }
    None
}
