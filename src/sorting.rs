//! Sorting in little code. Those of the library weigh several kilobytes for each type, and the page pays for that with
//! every visitor; what is sorted while a run runs has a few dozen items, rarely some thousand.

/// Sorts, smallest first; equals are alike. Shell's sort.
pub fn sort<T: Ord>(list: &mut [T]) {
    let mut gap = list.len();
    while gap > 1 {
        // Gaps in the ratio that Gonnet and Baeza-Yates found best, down to 1.
        gap = (gap * 5 / 11).max(1);
        for end in gap..list.len() {
            let mut at = end;
            while at >= gap && list[at - gap] > list[at] {
                list.swap(at - gap, at);
                at -= gap;
            }
        }
    }
}

/// Sorts a short list by `key`, keeping the order of equals.
pub fn sort_by_key<T, K: PartialOrd>(list: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..list.len() {
        let mut at = end;
        while at > 0 && key(&list[at - 1]) > key(&list[at]) {
            list.swap(at - 1, at);
            at -= 1;
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_sort_as_the_library_does(list in prop::collection::vec((0u8..40, any::<u32>()), 0..300)) {
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            super::sort(&mut ours);
            theirs.sort_unstable();
            prop_assert_eq!(&ours, &theirs);
            let (mut ours, mut theirs) = (list.clone(), list);
            super::sort_by_key(&mut ours, |(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs);
        }
    }
}
