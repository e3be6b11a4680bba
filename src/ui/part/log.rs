//! The events in words: what the canvases show, for those who do not look at them. Of a long list only the part that is
//! seen is there; two empty drawings as tall as the rest stand before and after it.

use super::state::Hand;
use crate::ui::dom;
use crate::ui::strings::side as words;
use crate::ui::tree::{classes, html};
use crate::ui::view::log::{Line, Log};
use crate::ui::view::seconds;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// Height of a row, pixels.
const ROW: u32 = 24;
/// No list is taller, pixels: browsers stop somewhere above. Beyond, a pixel stands for several rows.
const TALLEST: u32 = 12_000_000;

/// Rows for each row's height of scrolling.
fn scale(rows: u32) -> u32 {
    (rows / (TALLEST / ROW) + 1).max(1)
}

/// The panel's body.
pub fn event_log(hand: &Hand, log: &Log) -> Html {
    let line = |line: &Line| {
        let (number, hand) = (line.number, hand.clone());
        let now = number + 1 == log.cursor;
        let class = classes!(now.then_some("now"), (number >= log.cursor).then_some("to-come"));
        html! {
            <li key={number} {class}>
                <button type="button" aria-current={now.then_some("step")} title={line.text.clone()}
                    onclick={move |_| hand.runner.seek(number + 1)}>
                    <span class="number">{ number }</span><span class="number">{ seconds(line.at) }</span>
                    <span>{ &line.text }</span>
                </button>
            </li>
        }
    };
    let space = |rows: u32| {
        html! { <li class="space" aria-hidden="true"><svg width="1" height={(rows / scale(log.rows) * ROW).to_string()} /></li> }
    };
    let after = log.rows.saturating_sub(log.first + log.lines.len() as u32);
    html! {
        <>
            if log.rows == 0 && log.searched.is_none() { <p class="soft">{ words::NO_EVENTS }</p> }
            <ol class="log">
                { space(log.first) }
                { for log.lines.iter().map(line) }
                { space(after) }
            </ol>
        </>
    }
}

/// The search, above the list.
pub fn search(hand: &Hand, log: &Log) -> Html {
    let search = {
        let runner = hand.runner.clone();
        move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                runner.search(&input.value());
            }
        }
    };
    html! {
            <div class="find">
                <input id="find" type="search" aria-label={words::FIND} placeholder={words::FIND} oninput={search} />
                if let Some(searched) = log.searched { <span class="soft">{ words::found(log.rows, searched) }</span> }
            </div>
    }
}

/// The row at the top of what is seen.
pub fn top(body: &Element, rows: u32) -> u32 {
    (body.scroll_top().max(0) as u32 / ROW).saturating_mul(scale(rows))
}

/// Scrolls the list, and nothing but the list, so that the present event is seen.
pub fn keep_in_sight(log: &Log) {
    let (Some(present), Some(body)) = (log.present, dom::document().get_element_by_id("side-body")) else { return };
    let (first, seen) = (top(&body, log.rows), body.client_height().max(0) as u32 / ROW);
    if seen > 2 && (present < first || present + 2 >= first + seen) {
        let wanted = present.saturating_sub(seen * 3 / 5) / scale(log.rows) * ROW;
        body.set_scroll_top(wanted as i32);
    }
}
