//! The branch tree: what was done in the past of the run began a branch of its own, and all of them stay.

use super::dialog::Dialog;
use super::state::Hand;
use crate::ui::geometry::Px;
use crate::ui::strings::clock as words;
use crate::ui::tree::html;
use crate::ui::view::clock::{BranchLine, Clock};
use yew::prelude::*;

/// Height of a line.
const TALL: usize = 30;
const WIDE: u32 = 200;

/// The dialog: a line for each branch, drawn along the run's time from where it left its parent.
pub fn branches(hand: &Hand, clock: &Clock) -> Html {
    let longest = clock.branches.iter().map(|line| line.until).max().unwrap_or(0).max(1);
    let x = |at: u64| 6.0 + f64::from(WIDE - 12) * at as f64 / longest as f64;
    let y = |place: usize| (TALL * place + TALL / 2) as f64;
    let path = |(i, line): (usize, &BranchLine)| {
        let class = if i == clock.branch { "branch now" } else { "branch" };
        let (from, stem) = line
            .left
            .map_or((0, String::new()), |(parent, at)| (at, format!("M{} {}V{}", Px(x(at)), Px(y(parent)), Px(y(i)))));
        html! { <path {class} d={format!("{stem}M{} {}H{}", Px(x(from)), Px(y(i)), Px(x(line.until).max(x(from) + 2.0)))} /> }
    };
    let label = |(i, line): (usize, &BranchLine)| {
        let hand = hand.clone();
        let onclick = move |_| {
            hand.runner.switch(i);
            hand.close();
        };
        html! {
            <li><button type="button" class="quiet" aria-current={(i == clock.branch).then_some("true")} {onclick}>
                { words::branch(i, line) }</button></li>
        }
    };
    let tall = (TALL * clock.branches.len()).to_string();
    let body = html! {
        <>
            <p class="soft">{ words::TREE_NOTE }</p>
            <div class="tree">
                <svg viewBox={format!("0 0 {WIDE} {tall}")} width={WIDE.to_string()} height={tall} preserveAspectRatio="none"
                    aria-hidden="true">
                    { for clock.branches.iter().enumerate().map(path) }
                </svg>
                <ol>{ for clock.branches.iter().enumerate().map(label) }</ol>
            </div>
        </>
    };
    yew::html! { <Dialog title={words::TREE}>{ body }</Dialog> }
}
