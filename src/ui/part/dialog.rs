//! A modal dialog: the browser keeps the focus inside and closes it with Escape.

use super::state::use_hand;
use crate::ui::strings;
use crate::ui::tree::html;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    pub title: AttrValue,
    pub children: Html,
}

/// The dialog; open for as long as it is there.
#[component]
pub fn Dialog(properties: &DialogProps) -> Html {
    let hand = use_hand();
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
        }
    });
    let onclose = {
        let hand = hand.clone();
        move |_: Event| hand.close()
    };
    html! {
        <dialog ref={node} aria-labelledby="dialog-title" {onclose}>
            <div class="head">
                <h2 id="dialog-title">{ &*properties.title }</h2>
                <button type="button" class="icon" aria-label={strings::dialog::CLOSE}
                    onclick={move |_| hand.close()}>{ "×" }</button>
            </div>
            { properties.children.clone() }
        </dialog>
    }
}
