//! When the program stops in the midst of something, the page says so and keeps the link that replays the run. It never
//! goes blank.

use super::strings;
use crate::scenario::{Recording, link};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

thread_local! {
    static LAST: RefCell<Option<Recording>> = const { RefCell::new(None) };
    static CURSOR: Cell<u32> = const { Cell::new(0) };
}

/// Remembers the run, so that a crash can still give its link.
pub fn remember(recording: Recording) {
    LAST.with(|last| *last.borrow_mut() = Some(recording));
}

/// Remembers how far the run is.
pub fn reached(event: u32) {
    CURSOR.with(|cursor| cursor.set(event));
}

/// Shows the panel, with what JavaScript knows of the error. For `www/boot.js`, which hears of every way in which a
/// program can stop: a panic, memory or stack that is used up. Whatever fails here must fail silently.
#[wasm_bindgen(js_name = crashed)]
pub fn show(what: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Some(root) = document.get_element_by_id("app").or_else(|| document.query_selector("main").ok().flatten())
    else {
        return;
    };
    let element = |tag: &str, class: &str, text: &str| {
        let element = document.create_element(tag).ok()?;
        element.set_class_name(class);
        element.set_text_content(Some(text));
        Some(element)
    };
    root.set_text_content(None);
    let (Some(main), Some(panel)) = (element("main", "crash", ""), element("section", "", "")) else { return };
    let _ = panel.set_attribute("role", "alert");
    let _ = main.append_child(&panel);
    for part in [
        element("h1", "", strings::crash::TITLE),
        element("p", "", strings::crash::NOTE),
        last().and_then(|recording| link::encode(&recording).ok()).and_then(|link| {
            let anchor = element("a", "button", strings::crash::LINK)?;
            anchor.set_attribute("href", &link).ok()?;
            anchor.set_attribute("target", "_blank").ok()?;
            Some(anchor)
        }),
        element("a", "button", strings::crash::RELOAD).and_then(|anchor| {
            anchor.set_attribute("href", "?").ok()?;
            Some(anchor)
        }),
        element("pre", "", what),
    ]
    .into_iter()
    .flatten()
    {
        let _ = panel.append_child(&part);
    }
    let _ = root.append_child(&main);
}

/// The run up to its last known event, as the second program reads it. `www/ahead.js` asks for it.
#[wasm_bindgen(js_name = runCarried)]
pub fn carried() -> Option<String> {
    link::carry(&last()?).ok()
}

fn last() -> Option<Recording> {
    let recording = LAST.with(|last| last.try_borrow().ok()?.clone())?;
    Some(Recording { cursor: Some(u64::from(CURSOR.with(Cell::get))), ..recording })
}
