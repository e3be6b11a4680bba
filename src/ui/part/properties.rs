//! Every property with its status; a violation leads to its event. Beneath, what was assumed and did not hold.

use super::state::Hand;
use crate::ui::strings::side as words;
use crate::ui::tree::html;
use crate::ui::view::properties::{Broken, Line, Properties};
use yew::prelude::*;

/// The panel's body.
pub fn property_list(hand: &Hand, list: &Properties) -> Html {
    let jump = |name: &str, event: u32| {
        let hand = hand.clone();
        // The event's number counts from 0: to see what it did, one event more has happened.
        html! {
            <button type="button" class="quiet" aria-label={words::jump_to(name, event)}
                onclick={move |_| hand.runner.seek(event + 1)}>{ words::jump(event) }</button>
        }
    };
    let line = |line: &Line| {
        let (class, mark) = match line.status {
            "holds" => ("holds", "✓"),
            "violated" => ("violated", "✕"),
            "pending" => ("pending", "…"),
            "stalled" => ("stalled", "!"),
            _ => ("open", "–"),
        };
        let jump = line.event.map(|event| jump(line.name, event));
        let why = line.why.clone().filter(|_| !matches!(line.status, "pending" | "holds"));
        html! {
            <li class={class} title={line.source.words()}>
                <span class="mark" aria-hidden="true">{ mark }</span>
                <span>{ line.name }</span>
                <em>{ line.status }</em>
                { for jump }
                if let Some(why) = why { <p>{ why }</p> }
            </li>
        }
    };
    let broken = |broken: &Broken| {
        html! {
            <li>
                <span>{ broken.sentence }</span>
                <p>{ words::broken_by(&broken.by, broken.at) }{ " " }{ jump(broken.sentence, broken.event) }</p>
            </li>
        }
    };
    html! {
        <>
            <ul class="properties">{ for list.lines.iter().map(line) }</ul>
            <h3>{ words::ASSUMPTIONS }</h3>
            if list.broken.is_empty() { <p class="soft">{ words::NONE_BROKEN }</p> }
            <ul class="ledger">{ for list.broken.iter().map(broken) }</ul>
        </>
    }
}
