//! Zab's properties of primaries and of what they broadcast, by hand.

use super::*;
use proptest::prelude::*;

pub fn zab(nodes: usize) -> Run {
    Run::new(registry::info("zab").expect("registered"), nodes)
}

const OWN: [Name; 5] = [
    Name::Leadership,
    Name::PrefixConsistency,
    Name::LocalPrimaryOrder,
    Name::GlobalPrimaryOrder,
    Name::PrimaryIntegrity,
];

impl Run {
    fn puts(&mut self, node: u8, position: u64, epoch: u64, letter: char) -> u32 {
        self.fact(node, Fact::Appends { position, epoch, command: command(letter) })
    }

    fn primary(&mut self, node: u8, epoch: u64) -> u32 {
        self.fact(node, Fact::Epoch { epoch });
        self.fact(node, Fact::Leads { epoch })
    }

    fn up_to(&mut self, node: u8, position: u64) -> u32 {
        self.fact(node, Fact::Commits { position })
    }
}

#[test]
fn an_ordinary_change_of_primary_holds() {
    let mut run = zab(3);
    run.primary(0, 1);
    for (position, letter) in [(1, 'a'), (2, 'b')] {
        run.puts(0, position, 1, letter);
        run.puts(1, position, 1, letter);
    }
    run.up_to(0, 2);
    run.up_to(1, 1);
    run.puts(0, 3, 1, 'x'); // never delivered
    run.fact(0, Fact::StepsDown);
    run.up_to(1, 2);
    run.primary(1, 2);
    run.puts(1, 3, 2, 'c');
    run.fact(0, Fact::Truncates { from: 3 });
    run.puts(0, 3, 2, 'c');
    run.up_to(1, 3);
    run.up_to(0, 3);
    run.crash(0);
    run.restart(0, false);
    for (position, epoch, letter) in [(1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')] {
        run.puts(0, position, epoch, letter);
    }
    run.up_to(0, 3);
    OWN.iter().for_each(|name| run.holds(*name));
}

#[test]
fn two_leaders_of_an_epoch() {
    let mut run = zab(3);
    run.primary(0, 2);
    run.primary(1, 3);
    run.holds(Name::Leadership);
    let event = run.primary(2, 2);
    run.violated(Name::Leadership, event, "n2 leads epoch 2, which n0 had led before");
}

#[test]
fn committed_prefixes_that_differ() {
    let mut run = zab(2);
    run.puts(0, 1, 1, 'a');
    run.puts(0, 2, 1, 'b');
    run.puts(1, 1, 1, 'a');
    run.puts(1, 2, 1, 'c');
    run.up_to(0, 2);
    run.up_to(1, 1);
    run.holds(Name::PrefixConsistency);
    let event = run.up_to(1, 2);
    run.violated(Name::PrefixConsistency, event, "n1 committed c at place 2, where b had been committed");
}

/// The same command of two epochs is two transactions.
#[test]
fn committed_prefixes_differ_by_their_zxids() {
    let mut run = zab(2);
    run.puts(0, 1, 1, 'a');
    run.puts(1, 1, 2, 'a');
    run.up_to(0, 1);
    let event = run.up_to(1, 1);
    run.violated(Name::PrefixConsistency, event, "n1 committed a at place 1, where a had been committed");
}

#[test]
fn a_delivery_without_what_its_primary_broadcast_before() {
    let mut run = zab(2);
    run.primary(0, 1);
    run.puts(0, 1, 1, 'a');
    run.puts(0, 2, 1, 'b');
    run.puts(1, 1, 1, 'b');
    run.up_to(0, 2);
    let event = run.up_to(1, 1);
    let why = "n1 delivered b as number 1 of epoch 1, where its primary had broadcast a";
    run.violated(Name::LocalPrimaryOrder, event, why);
}

/// The order is judged within an epoch: what other primaries broadcast in between does not shift it.
#[test]
fn each_epoch_is_counted_for_itself() {
    let mut run = zab(2);
    run.primary(0, 1);
    run.puts(0, 1, 1, 'a');
    run.primary(0, 2);
    run.puts(0, 2, 2, 'b');
    run.puts(0, 3, 2, 'c');
    for (position, epoch, letter) in [(1, 1, 'a'), (2, 2, 'c')] {
        run.puts(1, position, epoch, letter);
    }
    run.up_to(1, 1);
    run.holds(Name::LocalPrimaryOrder);
    let event = run.up_to(1, 2);
    let why = "n1 delivered c as number 1 of epoch 2, where its primary had broadcast b";
    run.violated(Name::LocalPrimaryOrder, event, why);
}

#[test]
fn an_earlier_epoch_after_a_later_one() {
    let mut run = zab(2);
    run.puts(0, 1, 2, 'a');
    run.puts(0, 2, 1, 'b');
    run.up_to(0, 1);
    run.holds(Name::GlobalPrimaryOrder);
    let event = run.up_to(0, 2);
    run.violated(Name::GlobalPrimaryOrder, event, "n0 delivered b of epoch 1 after a of epoch 2");
}

#[test]
fn a_primary_that_begins_without_what_was_delivered() {
    let mut run = zab(2);
    run.puts(0, 1, 1, 'a');
    run.up_to(0, 1);
    run.primary(1, 2);
    run.holds(Name::PrimaryIntegrity);
    let event = run.puts(1, 1, 2, 'b');
    let why = "n1 broadcast b in epoch 2 without having delivered a of epoch 1";
    run.violated(Name::PrimaryIntegrity, event, why);
}

/// To have it in the history is not enough: it must be delivered.
#[test]
fn a_primary_that_has_it_and_has_not_delivered_it() {
    let mut run = zab(2);
    run.puts(0, 1, 1, 'a');
    run.puts(1, 1, 1, 'a');
    run.up_to(0, 1);
    run.primary(1, 2);
    let event = run.puts(1, 2, 2, 'b');
    let why = "n1 broadcast b in epoch 2 without having delivered a of epoch 1";
    run.violated(Name::PrimaryIntegrity, event, why);
}

#[test]
fn a_delivery_that_a_later_primary_had_not_got() {
    let mut run = zab(2);
    run.puts(0, 1, 1, 'a');
    run.primary(1, 2);
    run.puts(1, 1, 2, 'b');
    run.holds(Name::PrimaryIntegrity);
    let event = run.up_to(0, 1);
    let why = "n0 delivered a of epoch 1, which n1 had not delivered when it broadcast in epoch 2";
    run.violated(Name::PrimaryIntegrity, event, why);
}

/// A primary that broadcasts nothing owes nothing.
#[test]
fn a_silent_primary_may_lack_it() {
    let mut run = zab(2);
    run.puts(0, 1, 1, 'a');
    run.primary(1, 2);
    run.up_to(0, 1);
    run.holds(Name::PrimaryIntegrity);
}

/// What a random history is made of. Logs come from broadcasts and from one another, whole or with a hole.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Lead {
        node: u8,
    },
    Resign {
        node: u8,
    },
    Broadcast {
        node: u8,
    },
    /// `node` takes over the first `keep` of `from`, but for the one at `hole`.
    Copy {
        node: u8,
        from: u8,
        keep: usize,
        hole: usize,
    },
    Commit {
        node: u8,
        back: usize,
    },
    Restart {
        node: u8,
    },
}

pub fn step() -> impl Strategy<Value = Step> {
    let node = 0u8..3;
    prop_oneof![
        2 => node.clone().prop_map(|node| Step::Lead { node }),
        1 => node.clone().prop_map(|node| Step::Resign { node }),
        6 => node.clone().prop_map(|node| Step::Broadcast { node }),
        6 => (node.clone(), 0u8..3, 0usize..6, 0usize..24)
            .prop_map(|(node, from, keep, hole)| Step::Copy { node, from, keep, hole }),
        6 => (node.clone(), 0usize..2).prop_map(|(node, back)| Step::Commit { node, back }),
        1 => node.prop_map(|node| Step::Restart { node }),
    ]
}

/// Epoch, and the how-manieth broadcast of the run.
type Txn = (u64, u32);

#[derive(Clone, Default)]
struct Node {
    log: Vec<Txn>,
    delivered: Vec<Txn>,
    leads: Option<u64>,
}

/// The definitions over the whole history, looked at after every step.
#[derive(Default)]
pub struct Definition {
    nodes: [Node; 3],
    epoch: u64,
    serial: u32,
    broadcasts: Vec<Txn>,
    /// Of each epoch that has broadcast: what its primary had delivered.
    bases: Vec<(u64, Vec<Txn>)>,
    /// All delivered sequences, those of earlier lives too.
    sequences: Vec<Vec<Txn>>,
}

impl Definition {
    fn command(serial: u32) -> Command {
        Command { client: ClientId(1), serial, value: Value(serial) }
    }

    pub fn step(&mut self, run: &mut Run, step: Step) {
        let at = |node: u8| usize::from(node);
        match step {
            Step::Lead { node } => {
                self.epoch += 1;
                self.nodes[at(node)].leads = Some(self.epoch);
                run.primary(node, self.epoch);
            }
            Step::Resign { node } => {
                self.nodes[at(node)].leads = None;
                run.fact(node, Fact::StepsDown);
            }
            Step::Broadcast { node } => {
                let Some(epoch) = self.nodes[at(node)].leads else { return };
                self.serial += 1;
                let first = !self.broadcasts.iter().any(|txn| txn.0 == epoch);
                if first {
                    self.bases.push((epoch, self.nodes[at(node)].delivered.clone()));
                }
                self.broadcasts.push((epoch, self.serial));
                self.put(run, node, (epoch, self.serial));
            }
            Step::Copy { node, from, keep, hole } => {
                let mut log = self.nodes[at(from)].log.clone();
                log.truncate(keep);
                if hole < log.len() {
                    log.remove(hole);
                }
                let same = self.nodes[at(node)].log.iter().zip(&log).take_while(|(a, b)| a == b).count();
                if same < self.nodes[at(node)].delivered.len() {
                    return; // What is delivered stays in the log.
                }
                let leads = self.nodes[at(node)].leads;
                if log[same..].iter().any(|txn| Some(txn.0) == leads) {
                    return; // It would broadcast them again.
                }
                run.fact(node, Fact::Truncates { from: same as u64 + 1 });
                self.nodes[at(node)].log.truncate(same);
                for txn in &log[same..] {
                    self.put(run, node, *txn);
                }
            }
            Step::Commit { node, back } => {
                let state = &mut self.nodes[at(node)];
                let position = state.log.len().saturating_sub(back);
                if position > state.delivered.len() {
                    let news = state.log[state.delivered.len()..position].to_vec();
                    state.delivered.extend(news);
                    run.up_to(node, position as u64);
                }
            }
            Step::Restart { node } => {
                let state = &mut self.nodes[at(node)];
                state.leads = None;
                self.sequences.push(std::mem::take(&mut state.delivered));
                run.restart(node, false);
                for (place, (epoch, serial)) in (1..).zip(state.log.clone()) {
                    let command = Self::command(serial);
                    run.fact(node, Fact::Appends { position: place, epoch, command });
                }
            }
        }
    }

    fn put(&mut self, run: &mut Run, node: u8, txn: Txn) {
        let log = &mut self.nodes[usize::from(node)].log;
        log.push(txn);
        let (position, command) = (log.len() as u64, Self::command(txn.1));
        run.fact(node, Fact::Appends { position, epoch: txn.0, command });
    }

    /// The properties that do not hold.
    fn broken(&self) -> Vec<Name> {
        let now = self.nodes.iter().map(|node| &node.delivered);
        let all: Vec<&Vec<Txn>> = self.sequences.iter().chain(now).filter(|sequence| !sequence.is_empty()).collect();
        let prefix = all.iter().all(|a| all.iter().all(|b| a.iter().zip(b.iter()).all(|(a, b)| a == b)));
        let local = all.iter().all(|sequence| {
            sequence.iter().enumerate().all(|(place, txn)| {
                let before = self.broadcasts.iter().filter(|other| other.0 == txn.0 && other.1 < txn.1);
                before.into_iter().all(|other| sequence[..place].contains(other))
            })
        });
        let global = all.iter().all(|sequence| sequence.is_sorted_by_key(|txn| txn.0));
        let integrity = self.bases.iter().all(|(epoch, base)| {
            all.iter().all(|sequence| sequence.iter().all(|txn| txn.0 >= *epoch || base.contains(txn)))
        });
        let found = [
            (Name::PrefixConsistency, prefix),
            (Name::LocalPrimaryOrder, local),
            (Name::GlobalPrimaryOrder, global),
            (Name::PrimaryIntegrity, integrity),
        ];
        found.into_iter().filter(|(_, holds)| !holds).map(|(name, _)| name).collect()
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    /// The monitors find the first step that breaks a definition, and name the definitions that it breaks. (Behind
    /// the first one, histories are no longer what the others are said of.)
    #[test]
    fn primaries_by_their_definitions(steps in prop::collection::vec(step(), 1..60)) {
        let mut run = zab(3);
        let mut definition = Definition::default();
        for step in steps {
            definition.step(&mut run, step);
            let found: Vec<Name> = OWN.into_iter().filter(|name| run.found(*name).is_some()).collect();
            let broken = definition.broken();
            prop_assert_eq!(&found, &broken, "{:?}", step);
            if !broken.is_empty() {
                break;
            }
        }
    }
}
