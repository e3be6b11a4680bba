//! Keys: what they do, and the dialog that lists them and can switch them off.

use super::dialog::Dialog;
use super::state::{Do, Hand, Open};
use crate::scenario::Verb;
use crate::ui::goal::Goal;
use crate::ui::tree::html;
use crate::ui::{dom, strings};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

/// Listens to the keys while `on`.
#[hook]
pub fn use_keys(hand: &Hand, on: bool) {
    let hand = hand.clone();
    use_effect_with(on, move |on| {
        let listener = on.then(|| {
            dom::Listener::new(&dom::document(), "keydown", move |event| {
                if let Ok(event) = event.dyn_into::<KeyboardEvent>() {
                    pressed(&hand, &event);
                }
            })
        });
        move || drop(listener)
    });
}

fn pressed(hand: &Hand, event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let inside =
        |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    let scrub = inside("#scrub");
    if !scrub && inside("input:not([type=checkbox]), select, textarea, dialog, .popover") {
        return;
    }
    let runner = &hand.runner;
    match (event.key().as_str(), event.shift_key()) {
        (" ", _) if inside("button, a, [type=checkbox], [role=button], [role=tab]") => return,
        (" ", _) => runner.toggle(),
        ("ArrowLeft" | "ArrowRight", _) if inside("[role=tablist]") => return,
        ("ArrowRight", false) => {
            runner.step();
        }
        ("ArrowLeft", false) => {
            runner.back();
        }
        ("ArrowRight", true) => mark(hand, runner.next_mark()),
        ("ArrowLeft", true) => mark(hand, runner.previous_mark()),
        ("Home", _) => runner.home(),
        ("End", _) => runner.end(),
        ("c", _) => {
            if let Some(node) = runner.view().stage.leader() {
                hand.perform(&[Verb::Crash { node }]);
            }
        }
        ("l", _) => runner.until(Goal::Leader),
        ("z", _) => {
            runner.undo();
        }
        ("?", _) => hand.open(Open::Keys),
        _ => return,
    }
    event.prevent_default();
}

/// Says so when there was no such event.
pub fn mark(hand: &Hand, found: bool) {
    if !found {
        hand.say(strings::NO_MARK.to_owned());
    }
}

/// The dialog.
pub fn keys(hand: &Hand, on: bool) -> Html {
    use strings::dialog as words;
    let hand = hand.clone();
    let onchange = move |event: Event| {
        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            hand.tell(Do::Keys(input.checked()));
        }
    };
    let body = html! {
        <>
            <dl class="keys">
                { for words::KEY_LIST.iter().map(|(keys, what)| html! { <div><dt>{ *keys }</dt><dd>{ *what }</dd></div> }) }
            </dl>
            <label class="check"><input type="checkbox" checked={on} {onchange} />{ words::KEYS_ON }</label>
        </>
    };
    yew::html! { <Dialog title={words::KEYS}>{ body }</Dialog> }
}
