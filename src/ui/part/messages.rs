//! The messages in flight as a list with everything that one may do to them.

use super::menu::deeds;
use super::state::Hand;
use crate::ui::strings::side as words;
use crate::ui::tree::html;
use crate::ui::view::messages::{Line, Messages};
use yew::prelude::*;

/// The panel's body.
pub fn message_list(hand: &Hand, list: &Messages) -> Html {
    let mut inbox = None;
    let line = |line: &Line| {
        let heading = (list.inboxes && inbox.replace(line.to) != Some(line.to)).then(|| words::inbox(line.to));
        html! {
            <>
            if let Some(heading) = heading { <li><h3>{ heading }</h3></li> }
            <li key={line.id}>
                <p><b>{ words::message(line.kind, line.from, line.to) }</b><em>{ words::arrives(line.held, line.in_ms) }</em></p>
                <p class="fields">{ &line.fields }</p>
                <p class="ahead" data-message={line.id.to_string()}></p>
                <p class="deeds">{ for deeds(hand, line) }</p>
            </li>
            </>
        }
    };
    html! {
        <>
            // `www/ahead.js` says there and beside each message what it would make of the moment.
            <ul class="ahead" id="ahead-steps"></ul>
            if list.lines.is_empty() { <p class="soft">{ words::NO_MESSAGES }</p> }
            <ul class="messages">{ for list.lines.iter().map(line) }</ul>
            if list.more > 0 { <p class="soft">{ words::more(list.more) }</p> }
        </>
    }
}
