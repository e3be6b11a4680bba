//! Zab's properties of primaries and of what they broadcast, by hand.

use super::*;

fn zab(nodes: usize) -> Run {
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
