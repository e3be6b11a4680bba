//! How liveness is judged: what is owed since when, against what the model promises (model.md §4).
//!
//! "Eventually" can be violated by a finite run in two ways only. After GST, with what the protocol needs up and
//! connected, the protocol states a bound: past it, the debt is a violation (Dwork, Lynch and Stockmeyer 1988). And
//! when nothing is in flight and no timer is armed, the run is over: what is owed then is owed for ever.

use super::findings::{Findings, Live};
use super::names::Name;
use super::sentence::{Part, Sentence};
use super::{Conditions, Moment};

/// Something that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Debt<const N: usize> {
    /// Since when, in µs.
    pub since: u64,
    /// The sentence: what has not happened yet.
    pub what: [Part; N],
}

/// Judges one property: `debt` is what it owes longest, if it owes anything.
pub(super) fn judge<const N: usize>(
    findings: &mut Findings,
    name: Name,
    debt: Option<Debt<N>>,
    moment: &Moment,
    conditions: &Conditions<'_>,
) {
    if !findings.open(name) {
        return;
    }
    let Some(debt) = debt else {
        return findings.stands(name, None);
    };
    let ending = |parts: &[Part]| Sentence::new(&[&debt.what[..], parts].concat());
    if conditions.promised && conditions.quiescent {
        let never = Part::Text(", and never will: nothing is in flight and no timer is armed");
        return findings.report(name, moment, ending(&[never]));
    }
    if let (true, Some(bound), Some(good)) = (conditions.promised, conditions.bound_us, conditions.good_since) {
        let since = debt.since.max(good);
        if moment.at.saturating_sub(since) > bound {
            let late = [
                Part::Text(", though conditions have been good since "),
                Part::Time(good),
                Part::Text(" and the bound is "),
                Part::Time(bound),
            ];
            return findings.report(name, moment, ending(&late));
        }
    }
    let live = match conditions.stalled_why {
        Some(why) => Live::Stalled(why.to_owned()),
        None if conditions.quiescent => Live::Stalled("nothing is in flight and no timer is armed".to_owned()),
        None => Live::Pending(ending(&[])),
    };
    findings.stands(name, Some(live));
}
