//! The side panel: properties, one node, the messages in flight, the events.

use super::state::{Do, use_hand};
use super::{inspector, log, messages, properties};
use crate::protocol::NodeId;
use crate::ui::strings::side as words;
use crate::ui::tree::html;
use crate::ui::view::{self, Side};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct SideProps {
    pub side: Side,
    pub properties: Rc<view::properties::Properties>,
    pub node: NodeId,
    pub nodes: u8,
    pub inspected: Option<Rc<view::node::Inspected>>,
    pub messages: Rc<view::messages::Messages>,
    pub log: Rc<view::log::Log>,
}

const TABS: [(Side, &str); 4] = [
    (Side::Properties, words::PROPERTIES),
    (Side::Node, words::NODE),
    (Side::Messages, words::MESSAGES),
    (Side::Log, words::LOG),
];

/// The panel.
#[component]
pub fn SidePanel(properties: &SideProps) -> Html {
    let hand = use_hand();
    let listed = properties.log.clone();
    use_effect_with((properties.side, listed.cursor, listed.present, listed.searched.is_some()), {
        let listed = listed.clone();
        move |_| log::keep_in_sight(&listed)
    });
    let onscroll = {
        let (runner, side) = (hand.runner.clone(), properties.side);
        move |event: Event| {
            let body = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if let (Side::Log, Some(body)) = (side, body) {
                runner.look(|look| look.top = log::top(&body, listed.rows));
            }
        }
    };
    let now = properties.side;
    let place = TABS.iter().position(|(side, _)| *side == now).unwrap_or(0);
    let tab = |(i, (side, name)): (usize, &(Side, &'static str))| {
        let (side, hand) = (*side, hand.clone());
        html! {
            <button type="button" role="tab" id={format!("tab-{i}")} aria-controls="side-body"
                aria-selected={(side == now).to_string()} tabindex={if side == now { "0" } else { "-1" }}
                onclick={move |_| hand.tell(Do::Side(side))}>{ *name }</button>
        }
    };
    let onkeydown = {
        let hand = hand.clone();
        move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (place + 1) % TABS.len(),
                "ArrowLeft" => (place + TABS.len() - 1) % TABS.len(),
                _ => return,
            };
            event.prevent_default();
            hand.tell(Do::Side(TABS[next].0));
            let element = crate::ui::dom::document().get_element_by_id(&format!("tab-{next}"));
            if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                let _ = element.focus();
            }
        }
    };
    let body = match now {
        Side::Properties => properties::property_list(&hand, &properties.properties),
        Side::Node => inspector::inspector(&hand, properties.node, properties.nodes, properties.inspected.as_deref()),
        Side::Messages => messages::message_list(&hand, &properties.messages),
        Side::Log => log::event_log(&hand, &properties.log),
    };
    html! {
        <section class="card side" aria-labelledby="side-title">
            <h2 class="hidden" id="side-title">{ words::LABEL }</h2>
            <div class="tablist" role="tablist" aria-label={words::LABEL} {onkeydown}>
                { for TABS.iter().enumerate().map(tab) }
            </div>
            if now == Side::Log { { log::search(&hand, &properties.log) } }
            <div class="body" id="side-body" role="tabpanel" aria-labelledby={format!("tab-{place}")} tabindex="0" {onscroll}>
                { body }
            </div>
        </section>
    }
}
