//! A counterexample without what it does not need.
//!
//! The first counterexample of a breadth-first search has no longer rival, but one that was found in depth, in stages or
//! in a run may hold steps that nothing rests on. They are left out one by one, from the last to the first, as long as
//! the rest still breaks the property (DSLabs calls this a trace minimiser).

/// The fewest of `steps` that `breaks` still, leaving out one at a time until none can be spared. `breaks` is asked of
/// candidates and gives how many of their first steps it takes.
pub fn minimize<A: Clone>(steps: &[A], mut breaks: impl FnMut(&[A]) -> Option<usize>) -> Vec<A> {
    let mut kept = steps.to_vec();
    loop {
        let before = kept.len();
        let mut at = kept.len();
        while at > 0 {
            at -= 1;
            let mut candidate = kept.clone();
            candidate.remove(at);
            if let Some(length) = breaks(&candidate) {
                candidate.truncate(length);
                kept = candidate;
                at = at.min(kept.len());
            }
        }
        if kept.len() == before {
            return kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::minimize;

    #[test]
    fn what_nothing_rests_on_goes() {
        let breaks = |steps: &[u8]| {
            let first = steps.iter().position(|step| *step == 3)?;
            steps[first..].iter().position(|step| *step == 7).map(|last| first + last + 1)
        };
        assert_eq!(minimize(&[7, 1, 3, 3, 2, 7, 9], breaks), [3, 7]);
        assert_eq!(minimize(&[3, 7], breaks), [3, 7]);
    }
}
