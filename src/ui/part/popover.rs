//! A small menu at a place of the stage: takes the focus, gives it back, goes away with Escape or a click elsewhere.

use super::state::use_hand;
use crate::ui::dom;
use crate::ui::geometry::{Point, Px};
use crate::ui::strings;
use crate::ui::tree::html;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, SvgElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct PopoverProps {
    pub label: String,
    pub at: Point,
    /// The size of the stage.
    pub size: (f64, f64),
    pub children: Html,
}

/// The menu.
#[component]
pub fn Popover(properties: &PopoverProps) -> Html {
    let hand = use_hand();
    let node = use_node_ref();
    let (at, size) = (properties.at, properties.size);
    use_effect_with((at.x as i64, at.y as i64), {
        let node = node.clone();
        move |_| {
            if let Some(element) = node.cast::<Element>() {
                let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
                // Beside the place, on the side that has room, and inside the stage where that is possible.
                let right = at.x + 40.0;
                let x = if right + width <= size.0 { right } else { (at.x - 40.0 - width).max(0.0) };
                let y = (at.y - 30.0).min(size.1 - height).max(-30.0);
                dom::style(&element, "left", &format!("{}px", Px(x)));
                dom::style(&element, "top", &format!("{}px", Px(y)));
            }
        }
    });
    use_effect_with((), {
        let (node, hand) = (node.clone(), hand.clone());
        move |()| {
            let before = dom::document().active_element();
            let first = node.cast::<Element>().and_then(|element| element.query_selector("button").ok().flatten());
            if let Some(button) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                let _ = button.focus();
            }
            let inside = node.clone();
            let outside = dom::Listener::new(&dom::document(), "pointerdown", move |event| {
                let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                if !inside.get().is_some_and(|menu| menu.contains(target.as_ref())) {
                    hand.close();
                }
            });
            let menu = node;
            move || {
                drop(outside);
                let active = dom::document().active_element();
                let lost = active.as_ref().is_none_or(|element| {
                    element.tag_name() == "BODY" || menu.get().is_some_and(|menu| menu.contains(Some(element.as_ref())))
                });
                if lost {
                    give_back(before);
                }
            }
        }
    });
    let onkeydown = {
        let hand = hand.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                hand.close();
            }
        }
    };
    html! {
        <div class="popover" role="dialog" aria-label={properties.label.clone()} ref={node} {onkeydown}>
            { properties.children.clone() }
            <button type="button" class="icon close" aria-label={strings::dialog::CLOSE}
                onclick={move |_| hand.close()}>{ "×" }</button>
        </div>
    }
}

fn give_back(element: Option<Element>) {
    let Some(element) = element else { return };
    if let Some(html) = element.dyn_ref::<HtmlElement>() {
        let _ = html.focus();
    } else if let Some(svg) = element.dyn_ref::<SvgElement>() {
        let _ = svg.focus();
    }
}
