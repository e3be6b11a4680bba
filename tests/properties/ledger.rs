//! The assumption ledger.

use consensus_playground::properties::{Assumption, Ledger};

#[test]
fn each_assumption_once_in_the_order_of_time() {
    let mut ledger = Ledger::default();
    assert!(ledger.is_clean());
    ledger.broke(Assumption::ReliableLinks, 7, 3_000, || "partition".to_owned());
    ledger.broke(Assumption::MajorityUp, 9, 4_000, || "crash of n2".to_owned());
    ledger.broke(Assumption::ReliableLinks, 11, 5_000, || unreachable!("known already"));
    let lines: Vec<_> = ledger.broken().iter().map(|b| (b.assumption, b.event, b.at_us, b.by.as_str())).collect();
    assert_eq!(
        lines,
        [(Assumption::ReliableLinks, 7, 3_000, "partition"), (Assumption::MajorityUp, 9, 4_000, "crash of n2")]
    );
    assert!(ledger.is_broken(Assumption::MajorityUp) && !ledger.is_broken(Assumption::CrashStop));
}

#[test]
fn every_assumption_has_its_own_sentence_and_bit() {
    let mut ledger = Ledger::default();
    let mut sentences = std::collections::BTreeSet::new();
    for (i, assumption) in Assumption::ALL.iter().enumerate() {
        assert!(sentences.insert(assumption.sentence()));
        ledger.broke(*assumption, i as u32, 0, String::new);
    }
    assert_eq!(ledger.broken().len(), Assumption::ALL.len());
}

#[test]
fn progress_alone_rests_on_a_majority() {
    assert!(!Assumption::MajorityUp.safety());
    assert!(!Assumption::SequencerUp.safety());
    assert!(!Assumption::DelayWithinDeltaAfterGst.safety());
    assert!(Assumption::StableStorage.safety());
}
