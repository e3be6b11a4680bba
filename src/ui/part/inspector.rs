//! One node's whole state: what is on its disk, what a crash takes, what it waits for.

use super::state::{Do, Hand};
use crate::protocol::NodeId;
use crate::ui::strings::side as words;
use crate::ui::tree::html;
use crate::ui::view::node::{Inspected, Variable};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The panel's body: which of `nodes` is looked at, and what it is like.
pub fn inspector(hand: &Hand, chosen: NodeId, nodes: u8, inspected: Option<&Inspected>) -> Html {
    let hand = hand.clone();
    let onchange = move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(node) = select.and_then(|select| select.value().parse().ok()) {
            hand.tell(Do::Inspect(NodeId(node)));
        }
    };
    let option = |node: NodeId| {
        html! { <option value={node.0.to_string()} selected={node == chosen}>{ node.to_string() }</option> }
    };
    html! {
        <>
            <label class="row"><span>{ words::CHOOSE }</span>
                <select id="inspected" {onchange}>
                    { for NodeId::all(usize::from(nodes)).map(option) }
                </select>
            </label>
            { inspected.map(state).unwrap_or_default() }
        </>
    }
}

fn state(node: &Inspected) -> Html {
    let variable = |variable: &Variable| {
        let class = variable.changed.then_some("changed");
        html! {
            <div {class}><dt>{ variable.name }</dt>
                <dd>{ &variable.value }if variable.changed { <span class="hidden">{ words::CHANGED }</span> }</dd></div>
        }
    };
    let last = node.last.as_ref().map(|last| {
        html! {
            <>
                <h3>{ words::LAST }</h3>
                <p>{ &last.text }<span class="soft">{ ", " }{ words::jump(last.event) }</span></p>
                if let Some(rule) = last.rule { <p class="rule">{ rule.words() }</p> }
            </>
        }
    });
    let list = |title: &'static str, variables: &[Variable]| {
        html! {
            if !variables.is_empty() {
                <h3>{ title }</h3>
                <dl class="variables">{ for variables.iter().map(variable) }</dl>
            }
        }
    };
    html! {
        <>
            if let Some(why) = node.not_up { <p class="soft">{ why }</p> }
            { for last }
            { list(words::DURABLE, &node.durable) }
            if node.writing { <p class="soft">{ words::WRITING }</p> }
            { list(words::VOLATILE, &node.volatile) }
            if !node.timers.is_empty() {
                <h3>{ words::TIMERS }</h3>
                <dl class="variables">
                    { for node.timers.iter().map(|(name, us)| html! {
                        <div><dt>{ *name }</dt><dd>{ words::fires_in(*us) }</dd></div> }) }
                </dl>
            }
            if !node.waits.is_empty() {
                <h3>{ words::WAITS }</h3>
                <ul class="plain">{ for node.waits.iter().map(|wait| html! { <li>{ wait }</li> }) }</ul>
            }
            <h3>{ words::STATE }</h3>
            <p class="soft">{ if node.state.is_empty() { "–" } else { &node.state } }</p>
        </>
    }
}
