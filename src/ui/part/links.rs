//! The links of one node, each direction by itself: cut or joined, slow or as fast as it was.

use super::dialog::Dialog;
use super::state::use_hand;
use crate::protocol::NodeId;
use crate::scenario::Verb;
use crate::ui::strings::stage as words;
use crate::ui::tree::html;
use crate::ui::view::stage::Stage;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct LinksProps {
    pub stage: Rc<Stage>,
    pub node: NodeId,
}

/// By how much a link is slowed down, µs.
const SLOW_US: u64 = 200_000;

/// The dialog.
#[component]
pub fn Links(properties: &LinksProps) -> Html {
    let hand = use_hand();
    let LinksProps { stage, node } = properties;
    let button = |label: &'static str, name: &str, pressed: bool, verb: Verb| {
        let hand = hand.clone();
        html! {
            <button type="button" aria-pressed={pressed.to_string()} aria-label={format!("{label}: {name}")}
                onclick={move |_| hand.perform(std::slice::from_ref(&verb))}>{ label }</button>
        }
    };
    let link = |(from, to): (NodeId, NodeId)| {
        let name = format!("{from} → {to}");
        let cut = stage.cut(from, to);
        let slow = stage.slow_links.iter().any(|link| (link.0, link.1) == (from, to));
        let (label, verb) =
            if cut { (words::JOIN, Verb::Join { from, to }) } else { (words::CUT, Verb::Cut { from, to }) };
        let by_us = if slow { 0 } else { SLOW_US };
        html! {
            <li class="row"><span>{ &name }</span><span class="deeds">
                { button(label, &name, cut, verb) }
                { button(words::SLOW_LINK, &name, slow, Verb::SlowLink { from, to, by_us }) }
            </span></li>
        }
    };
    let others = stage.nodes.iter().map(|other| other.id).filter(|other| other != node);
    let body = html! {
        <>
            <p class="soft">{ words::LINKS_NOTE }</p>
            <ul class="links">{ for others.flat_map(|other| [(*node, other), (other, *node)]).map(link) }</ul>
        </>
    };
    yew::html! { <Dialog title={words::links_of(*node)}>{ body }</Dialog> }
}
