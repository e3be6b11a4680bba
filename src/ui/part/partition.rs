//! Which nodes reach each other: a group for each node.

use super::dialog::Dialog;
use super::state::use_hand;
use crate::protocol::NodeSet;
use crate::scenario::Verb;
use crate::ui::strings::stage as words;
use crate::ui::tree::{classes, html};
use crate::ui::view::stage::Stage;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct PartitionProps {
    pub stage: Rc<Stage>,
}

/// The dialog.
#[component]
pub fn Partition(properties: &PartitionProps) -> Html {
    let hand = use_hand();
    let n = properties.stage.nodes.len();
    let stage = properties.stage.clone();
    let groups = use_state(|| proposal(&stage));
    let choose = |node: usize, group: usize| {
        let groups = groups.clone();
        move |_: Event| {
            let mut next = (*groups).clone();
            next[node] = group;
            groups.set(next);
        }
    };
    let row = |node: &crate::ui::view::stage::Node| {
        let id = node.id;
        let option = |(group, name): (usize, &&'static str)| {
            html! {
                <label><input type="radio" name={format!("group-{}", id.0)} checked={groups[id.index()] == group}
                    onchange={choose(id.index(), group)} /><span>{ *name }</span></label>
            }
        };
        html! {
            <fieldset class="choice"><legend>{ words::group_of(id) }</legend>
                { for words::GROUPS.iter().enumerate().map(option) }
            </fieldset>
        }
    };
    let sets = sets(&groups);
    let one = sets.len() < 2;
    let apply = {
        let hand = hand.clone();
        move |_| {
            hand.close();
            hand.perform(&[Verb::Partition { groups: sets.clone() }]);
        }
    };
    let body = html! {
        <>
            <p class="soft">{ words::PARTITION_NOTE }</p>
            <div class={classes!("groups", (n > 7).then_some("many"))}>{ for properties.stage.nodes.iter().map(row) }</div>
            <div class="foot">
                if one { <p class="soft">{ words::ONE_GROUP }</p> }
                <button type="button" class="first" disabled={one} onclick={apply}>{ words::APPLY }</button>
            </div>
        </>
    };
    yew::html! { <Dialog title={words::PARTITION_TITLE}>{ body }</Dialog> }
}

/// The leader with as many others as make no majority: the split that shows most.
fn proposal(stage: &Stage) -> Vec<usize> {
    let n = stage.nodes.len();
    let first = stage.leader().map_or(0, |leader| leader.index());
    let few = n.div_ceil(2) - 1;
    (0..n).map(|node| usize::from((node + n - first) % n >= few.max(1))).collect()
}

fn sets(groups: &[usize]) -> Vec<NodeSet> {
    let group = |group| {
        (0u8..).zip(groups).filter(|(_, of)| **of == group).map(|(node, _)| crate::protocol::NodeId(node)).collect()
    };
    (0..words::GROUPS.len()).map(group).filter(|set: &NodeSet| !set.is_empty()).collect()
}
