//! Raft's properties of logs and leaders, by hand and against their definitions.

use super::*;
use proptest::prelude::*;

fn raft(nodes: usize) -> Run {
    Run::new(registry::info("raft").expect("registered"), nodes)
}

impl Run {
    fn append(&mut self, node: u8, position: u64, epoch: u64, letter: char) -> u32 {
        self.fact(node, Fact::Appends { position, epoch, command: command(letter) })
    }

    fn leads(&mut self, node: u8, epoch: u64) -> u32 {
        self.fact(node, Fact::Epoch { epoch });
        self.fact(node, Fact::Leads { epoch })
    }

    fn commits(&mut self, node: u8, position: u64) -> u32 {
        self.fact(node, Fact::Commits { position })
    }
}

const LOGS: [Name; 4] = [Name::ElectionSafety, Name::LeaderAppendOnly, Name::LogMatching, Name::LeaderCompleteness];

#[test]
fn an_ordinary_change_of_leader_holds() {
    let mut run = raft(3);
    run.leads(0, 1);
    for node in 0..3 {
        run.append(node, 1, 1, 'a');
    }
    run.append(0, 2, 1, 'b');
    run.commits(0, 1);
    run.commits(1, 1);
    run.leads(1, 2);
    run.append(1, 2, 2, 'c');
    run.fact(0, Fact::StepsDown);
    run.fact(0, Fact::Truncates { from: 2 });
    run.append(0, 2, 2, 'c');
    run.commits(1, 2);
    run.fact(1, Fact::Compacts { position: 2 });
    run.append(1, 3, 2, 'd');
    run.restart(1, false);
    run.fact(1, Fact::Compacts { position: 2 });
    run.append(1, 3, 2, 'd');
    run.leads(1, 3);
    LOGS.iter().for_each(|name| run.holds(*name));
}

#[test]
fn two_leaders_of_a_term() {
    let mut run = raft(3);
    run.leads(0, 2);
    run.leads(0, 2);
    run.leads(1, 3);
    run.holds(Name::ElectionSafety);
    let event = run.leads(2, 2);
    run.violated(Name::ElectionSafety, event, "n2 leads term 2, which n0 had led before");
}

/// What goes by other names in Viewstamped Replication, watched by the same code.
#[test]
fn viewstamped_replication_has_its_own_names() {
    let vr = || Run::new(registry::info("vr").expect("registered"), 3);
    let mut run = vr();
    run.leads(0, 0);
    run.append(0, 1, 0, 'a');
    run.append(2, 1, 0, 'a');
    run.leads(2, 2);
    run.commits(2, 1);
    let names = [Name::OnePrimaryPerView, Name::AcknowledgedWriteNotLost, Name::CommittedLogsAgree];
    names.iter().for_each(|name| run.holds(*name));
    let mut other = run.clone();
    let event = run.leads(1, 2);
    run.violated(Name::OnePrimaryPerView, event, "n1 leads view 2, which n2 had led before");
    let event = other.leads(1, 4);
    other.violated(
        Name::AcknowledgedWriteNotLost,
        event,
        "n1 leads view 4 without a at op-number 1, committed in view 2",
    );
    let mut run = vr();
    run.request(0, 'a');
    run.request(0, 'b');
    run.deliver(0, 1, 'a');
    let event = run.deliver(1, 1, 'b');
    run.violated(Name::CommittedLogsAgree, event, "n1 delivered b at position 1 where n0 had delivered a");
    assert!(run.properties().iter().all(|property| property.name != "Election Safety"), "Raft's names stay Raft's");
}

#[test]
fn a_leader_that_overwrites_or_deletes() {
    let mut run = raft(3);
    run.append(0, 1, 1, 'a');
    run.append(0, 2, 1, 'b');
    run.leads(0, 2);
    run.append(0, 2, 1, 'b'); // as it was
    run.fact(0, Fact::Truncates { from: 3 }); // nothing is there
    run.fact(0, Fact::Compacts { position: 1 });
    run.holds(Name::LeaderAppendOnly);
    let mut other = run.clone();
    let event = run.append(0, 2, 2, 'c');
    run.violated(Name::LeaderAppendOnly, event, "n0, leader of term 2, replaced b at index 2 by c");
    let event = other.fact(0, Fact::Truncates { from: 2 });
    other.violated(Name::LeaderAppendOnly, event, "n0, leader of term 2, deleted its log from index 2 on");
}

#[test]
fn a_node_that_leads_no_more_may_delete() {
    for ends in [Fact::StepsDown, Fact::Epoch { epoch: 3 }] {
        let mut run = raft(3);
        run.append(0, 1, 1, 'a');
        run.leads(0, 2);
        run.fact(0, ends);
        run.fact(0, Fact::Truncates { from: 1 });
        run.holds(Name::LeaderAppendOnly);
    }
    let mut run = raft(3);
    run.append(0, 1, 1, 'a');
    run.leads(0, 2);
    run.crash(0);
    run.restart(0, false);
    run.append(0, 1, 1, 'a');
    run.fact(0, Fact::Truncates { from: 1 });
    run.holds(Name::LeaderAppendOnly);
}

#[test]
fn logs_that_do_not_match() {
    let mut run = raft(3);
    run.append(0, 1, 1, 'a');
    let event = run.append(1, 1, 1, 'b');
    run.violated(Name::LogMatching, event, "n1 has b at index 1 of term 1 where n0 has a");

    let mut run = raft(3);
    run.append(0, 1, 1, 'a');
    run.append(1, 1, 2, 'b');
    for position in 2..5 {
        run.append(0, position, 3, 'c');
    }
    run.holds(Name::LogMatching);
    let event = run.append(1, 2, 3, 'c');
    let why = "n1 and n0 have the same entry at index 2 of term 3, but differ at index 1: b and a";
    run.violated(Name::LogMatching, event, why);
}

#[test]
fn an_entry_that_is_gone_matches_everything() {
    let mut run = raft(3);
    run.append(0, 1, 1, 'a');
    run.fact(0, Fact::Truncates { from: 1 });
    run.append(1, 1, 1, 'b');
    run.holds(Name::LogMatching);
    let event = run.append(0, 1, 1, 'a');
    run.violated(Name::LogMatching, event, "n0 has a at index 1 of term 1 where n1 has b");
}

#[test]
fn a_leader_without_a_committed_entry() {
    let mut run = raft(3);
    run.leads(0, 1);
    run.append(0, 1, 1, 'a');
    run.append(0, 2, 1, 'b');
    run.append(1, 1, 1, 'a');
    run.commits(0, 2);
    run.holds(Name::LeaderCompleteness);
    let event = run.leads(1, 3);
    run.violated(Name::LeaderCompleteness, event, "n1 leads term 3 without b at index 2, committed in term 1");
}

#[test]
fn a_commitment_that_a_later_leader_has_not_got() {
    let mut run = raft(3);
    run.leads(0, 1);
    run.append(0, 1, 1, 'a');
    run.leads(1, 2);
    let event = run.commits(0, 1);
    let why = "n0 committed a at index 1 in term 1, but n1 was elected in term 2 without it";
    run.violated(Name::LeaderCompleteness, event, why);
}

#[test]
fn a_leader_of_an_earlier_term_need_not_have_it() {
    let mut run = raft(3);
    run.leads(1, 2);
    run.append(1, 1, 2, 'a');
    run.commits(1, 1);
    run.leads(0, 1);
    run.leads(2, 2);
    run.holds(Name::LeaderCompleteness);
}

#[test]
fn a_snapshot_stands_for_what_it_replaced() {
    let mut run = raft(3);
    run.leads(0, 1);
    for (position, letter) in [(1, 'a'), (2, 'b'), (3, 'c')] {
        run.append(0, position, 1, letter);
    }
    run.commits(0, 3);
    // n1 has a stale entry where the snapshot ends, n2 nothing at all.
    run.append(1, 1, 1, 'a');
    run.append(1, 2, 0, 'x');
    for node in [1, 2] {
        run.install(node, 0, 2);
        run.fact(node, Fact::Compacts { position: 2 });
        run.append(node, 3, 1, 'c');
    }
    run.leads(1, 2);
    run.append(1, 4, 2, 'd');
    run.append(2, 4, 2, 'd');
    LOGS.iter().for_each(|name| run.holds(*name));
    let event = run.append(0, 4, 2, 'e');
    assert_eq!(run.found(Name::LogMatching), Some(event));
}

#[test]
fn long_logs_are_compared_to_their_first_difference() {
    let mut run = raft(2);
    for position in 1..=1000 {
        run.append(0, position, 1, 'a');
        run.append(1, position, 1, if position == 517 { 'b' } else { 'a' });
    }
    // The first difference is visible at once.
    let Status::Violated { event, why } = run.status(Name::LogMatching) else { panic!("not seen") };
    assert_eq!((event, why.as_str()), (2 * 517, "n1 has b at index 517 of term 1 where n0 has a"));

    let mut run = raft(2);
    for position in 1..=1000 {
        run.append(0, position, if position == 300 { 2 } else { 1 }, 'a');
        run.append(1, position, 1 + u64::from(position == 1000) * 8, 'a');
    }
    assert!(run.found(Name::LogMatching).is_some());
    let why = "n1 and n0 have the same entry at index 301 of term 1, but differ at index 300: a and a";
    run.violated(Name::LogMatching, 602, why);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Append { node: u8, back: u64, epoch: u64, letter: char },
    Truncate { node: u8, back: u64 },
    Restart { node: u8 },
    Lead { node: u8, epoch: u64 },
    Resign { node: u8 },
    Commit { node: u8, back: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let node = 0u8..3;
    let epoch = 1u64..4;
    let letter = prop::sample::select(vec!['a', 'b']);
    prop_oneof![
        8 => (node.clone(), 0u64..3, epoch.clone(), letter)
            .prop_map(|(node, back, epoch, letter)| Step::Append { node, back: back.saturating_sub(1), epoch, letter }),
        2 => (node.clone(), 0u64..3).prop_map(|(node, back)| Step::Truncate { node, back }),
        1 => node.clone().prop_map(|node| Step::Restart { node }),
        2 => (node.clone(), epoch).prop_map(|(node, epoch)| Step::Lead { node, epoch }),
        1 => node.clone().prop_map(|node| Step::Resign { node }),
        2 => (node, 0u64..3).prop_map(|(node, back)| Step::Commit { node, back }),
    ]
}

type Log = Vec<(u64, char)>;

/// Log Matching as Figure 3 has it.
fn match_each_other(logs: &[Log]) -> bool {
    logs.iter().all(|one| {
        logs.iter().all(|two| {
            let shared = one.len().min(two.len());
            (0..shared).filter(|&i| one[i].0 == two[i].0).all(|i| one[..=i] == two[..=i])
        })
    })
}

#[derive(Default)]
struct Definition {
    logs: [Log; 3],
    leads: [Option<u64>; 3],
    epochs: [u64; 3],
    /// Logs at elections, by epoch; the first leader counts.
    leaders: std::collections::BTreeMap<u64, (u8, Log)>,
    /// What was committed first at each position: everything up to there, and in which epoch.
    committed: Vec<(Log, u64)>,
    matching: Option<u32>,
    append_only: Option<u32>,
    election: Option<u32>,
    incomplete: Option<u32>,
}

impl Definition {
    fn step(&mut self, run: &mut Run, step: Step) {
        match step {
            Step::Append { node, back, epoch, letter } => {
                let log = &mut self.logs[usize::from(node)];
                let at = log.len().saturating_sub(back as usize);
                let event = run.append(node, at as u64 + 1, epoch, letter);
                match log.get_mut(at) {
                    None => log.push((epoch, letter)),
                    Some(entry) if *entry == (epoch, letter) => {}
                    Some(entry) => {
                        *entry = (epoch, letter);
                        if self.leads[usize::from(node)].is_some() {
                            self.append_only.get_or_insert(event);
                        }
                    }
                }
            }
            Step::Truncate { node, back } => {
                let log = &mut self.logs[usize::from(node)];
                let keep = log.len().saturating_sub(back as usize);
                let event = run.fact(node, Fact::Truncates { from: keep as u64 + 1 });
                if keep < log.len() && self.leads[usize::from(node)].is_some() {
                    self.append_only.get_or_insert(event);
                }
                log.truncate(keep);
            }
            Step::Restart { node } => {
                run.crash(node);
                run.restart(node, true);
                let node = usize::from(node);
                (self.logs[node], self.leads[node], self.epochs[node]) = (Log::new(), None, 0);
            }
            Step::Lead { node, epoch } => self.lead(run, node, epoch),
            Step::Resign { node } => {
                run.fact(node, Fact::StepsDown);
                self.leads[usize::from(node)] = None;
            }
            Step::Commit { node, back } => self.commit(run, node, back),
        }
        if !match_each_other(&self.logs) {
            self.matching.get_or_insert(run.event);
        }
    }

    fn lead(&mut self, run: &mut Run, node: u8, epoch: u64) {
        let event = run.leads(node, epoch);
        let log = self.logs[usize::from(node)].clone();
        let first = self.leaders.entry(epoch).or_insert((node, log.clone()));
        if first.0 != node {
            self.election.get_or_insert(event);
        }
        (self.leads[usize::from(node)], self.epochs[usize::from(node)]) = (Some(epoch), epoch);
        if self.committed.iter().any(|(entries, term)| *term < epoch && !log.starts_with(entries)) {
            self.incomplete.get_or_insert(event);
        }
    }

    fn commit(&mut self, run: &mut Run, node: u8, back: u64) {
        let log = &self.logs[usize::from(node)];
        let position = log.len().saturating_sub(back as usize);
        let event = run.commits(node, position as u64);
        let term = self.epochs[usize::from(node)];
        for last in self.committed.len() + 1..=position {
            let entries = log[..last].to_vec();
            if self.leaders.range(term + 1..).any(|(_, (_, log))| !log.starts_with(&entries)) {
                self.incomplete.get_or_insert(event);
            }
            self.committed.push((entries, term));
        }
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn the_properties_of_logs_are_what_figure_3_says(steps in prop::collection::vec(step(), 1..30)) {
        let mut run = raft(3);
        let mut definition = Definition::default();
        for step in steps {
            definition.step(&mut run, step);
        }
        prop_assert_eq!(run.found(Name::LogMatching), definition.matching);
        prop_assert_eq!(run.found(Name::LeaderAppendOnly), definition.append_only);
        prop_assert_eq!(run.found(Name::ElectionSafety), definition.election);
        // Random commitments contradict one another; then the monitor may see less, and later, but nothing that is not so.
        if let Some(event) = run.found(Name::LeaderCompleteness) {
            prop_assert!(definition.incomplete.is_some_and(|first| first <= event));
        }
        // Where they do not, it sees exactly what is so.
        let path = definition.committed.windows(2).all(|pair| pair[1].0.starts_with(&pair[0].0) && pair[0].1 <= pair[1].1);
        if path {
            prop_assert_eq!(run.found(Name::LeaderCompleteness), definition.incomplete);
        }
    }
}
