//! The events in words: what the canvases show, for those who do not look at them.

use super::state::Hand;
use crate::ui::strings::side as words;
use crate::ui::tree::html;
use crate::ui::view::log::{Line, Log};
use crate::ui::view::seconds;
use web_sys::Element;
use yew::prelude::*;

/// The panel's body; `present` will be the line of the present event.
pub fn event_log(hand: &Hand, log: &Log, present: &NodeRef) -> Html {
    let line = |line: &Line| {
        let (number, hand) = (line.number, hand.clone());
        let now = number + 1 == log.cursor;
        let class = classes!(now.then_some("now"), (number >= log.cursor).then_some("to-come"));
        let node = if now { present.clone() } else { NodeRef::default() };
        html! {
            <li key={number} {class} ref={node}>
                <button type="button" aria-current={now.then_some("step")} onclick={move |_| hand.runner.seek(number + 1)}>
                    <span class="number">{ number }</span><span class="number">{ seconds(line.at) }</span>
                    <span>{ &line.text }</span>
                </button>
            </li>
        }
    };
    html! {
        <>
            if log.lines.is_empty() { <p class="soft">{ words::NO_EVENTS }</p> }
            <ol class="log">{ for log.lines.iter().map(line) }</ol>
        </>
    }
}

/// Scrolls the list, and nothing but the list, so that the present event is seen.
pub fn keep_in_sight(present: &NodeRef) {
    let Some(element) = present.cast::<Element>() else { return };
    let Some(body) = element.closest(".body").ok().flatten() else { return };
    let (line, view) = (element.get_bounding_client_rect(), body.get_bounding_client_rect());
    if line.top() < view.top() || line.bottom() > view.bottom() {
        let by = line.top() - view.top() - view.height() * 0.6;
        body.set_scroll_top(body.scroll_top() + by as i32);
    }
}
