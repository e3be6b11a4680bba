//! What the checker exhausts natively; `tests/web.rs` does the same in a browser.
#![cfg(not(target_arch = "wasm32"))]

mod known;

use known::{KNOWN, LARGE, exhausts};

#[test]
fn every_state_is_counted() {
    KNOWN.iter().for_each(|known| exhausts(known, 1));
}

#[test]
fn threads_change_no_count() {
    exhausts(&KNOWN[1], 3);
}

#[test]
#[ignore = "takes longer"]
fn every_state_of_the_large_ones_is_counted() {
    LARGE.iter().for_each(|known| exhausts(known, 2));
}
