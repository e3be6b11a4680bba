//! The clock: play, step in both directions, scrub, speed, branches.

use super::keys::mark;
use super::state::{Hand, Open, use_hand};
use crate::ui::goal::GOALS;
use crate::ui::runner::SPEEDS;
use crate::ui::strings::{clock as words, side};
use crate::ui::tree::html;
use crate::ui::view::clock::{BranchLine, Clock as Model, Tick};
use crate::ui::view::seconds;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct ClockProps {
    pub clock: Rc<Model>,
    pub embed: bool,
    pub one_value: bool,
}

fn number(event: &InputEvent) -> Option<u64> {
    event.target()?.dyn_into::<HtmlInputElement>().ok()?.value().parse().ok()
}

/// The bar at the foot.
#[component]
pub fn Clock(properties: &ClockProps) -> Html {
    let hand = use_hand();
    let clock = &properties.clock;
    let button = |label: &'static str, sign: &'static str, disabled: bool, act: Callback<MouseEvent>| {
        html! {
            <button type="button" class="icon" aria-label={label} title={label} {disabled} onclick={act}>{ sign }</button>
        }
    };
    let runner = &hand.runner;
    let toggle = {
        let runner = runner.clone();
        move |_| runner.toggle()
    };
    let back = {
        let runner = runner.clone();
        Callback::from(move |_| {
            runner.back();
        })
    };
    let forward = {
        let runner = runner.clone();
        Callback::from(move |_| {
            runner.step();
        })
    };
    let previous = {
        let hand = hand.clone();
        Callback::from(move |_| mark(&hand, hand.runner.previous_mark()))
    };
    let next = {
        let hand = hand.clone();
        Callback::from(move |_| mark(&hand, hand.runner.next_mark()))
    };
    let undo = {
        let runner = runner.clone();
        move |_| {
            runner.undo();
        }
    };
    let seek = {
        let runner = runner.clone();
        move |event: InputEvent| {
            if let Some(ms) = number(&event) {
                runner.seek_time(ms * 1000);
            }
        }
    };
    let speed = {
        let runner = runner.clone();
        move |event: InputEvent| {
            if let Some(place) = number(&event) {
                runner.set_speed(place as usize);
            }
        }
    };
    let place = SPEEDS.iter().position(|speed| *speed >= clock.speed).unwrap_or(0);
    let (label, sign) = if clock.playing { (words::PAUSE, "❚❚") } else { (words::PLAY, "▶") };
    html! {
        <footer class="clock" aria-label={words::LABEL}>
            <button type="button" class="first play" id="play" aria-label={label} title={label} onclick={toggle}>{ sign }</button>
            { button(words::BACK, "‹", clock.event == 0, back) }
            { button(words::FORWARD, "›", clock.over, forward) }
            { button(words::PREVIOUS, "«", clock.event == 0, previous) }
            { button(words::NEXT, "»", clock.over, next) }
            <div class="scrub">
                <svg viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
                    { for clock.ticks.iter().map(tick) }
                </svg>
                <input id="scrub" type="range" min="0" max={(clock.head / 1000).to_string()} step="1"
                    value={(clock.now / 1000).to_string()} aria-label={words::TIME}
                    aria-valuetext={words::at(clock.now, clock.event)} oninput={seek} />
            </div>
            <p class="time"><b>{ seconds(clock.now) }{ " s" }</b><small>{ if clock.over && !clock.by_hand { words::OVER.to_owned() } else { side::jump(clock.event) } }</small></p>
            if clock.undoable {
                <button type="button" class="quiet" onclick={undo}>{ words::UNDO }</button>
            }
            if clock.branches.len() > 1 { { branches(&hand, clock) } }
            if !properties.embed { { until(&hand, clock, properties.one_value) } }
            <label class="speed"><span>{ words::speed(clock.speed) }</span>
                <input id="speed" type="range" min="0" max={(SPEEDS.len() - 1).to_string()} step="1"
                    value={place.to_string()} aria-label={words::SPEED} aria-valuetext={words::speed(clock.speed)}
                    oninput={speed} />
            </label>
        </footer>
    }
}

fn tick(&(part, kind): &(u16, Tick)) -> Html {
    let (class, top, tall) = match kind {
        Tick::Elected => ("elected", 6, 6),
        Tick::Fault => ("fault", 3, 9),
        Tick::Violated => ("violated", 0, 12),
    };
    html! { <rect {class} x={part.to_string()} y={top.to_string()} width="1.6" height={tall.to_string()} /> }
}

/// What the run can be played until.
fn until(hand: &Hand, clock: &Model, one_value: bool) -> Html {
    let runner = hand.runner.clone();
    let onchange = move |event: Event| {
        let Some(select) = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok()) else {
            return;
        };
        if let Some(goal) = select.value().parse().ok().and_then(|place: usize| GOALS.get(place)) {
            runner.until(*goal);
        }
        // The same may be asked for again.
        select.set_value("");
    };
    let option = |(i, goal): (usize, &crate::ui::goal::Goal)| {
        html! { <option value={i.to_string()}>{ words::goal(*goal, one_value) }</option> }
    };
    html! {
        <select id="until" aria-label={words::UNTIL} disabled={clock.over} {onchange}>
            <option value="" selected={true}>{ words::UNTIL }</option>
            { for GOALS.iter().enumerate().filter(|(i, _)| !one_value || *i != 2).map(option) }
        </select>
    }
}

/// Acting in the past leaves the old course of events behind: here one gets back to it.
fn branches(hand: &Hand, clock: &Model) -> Html {
    let (tree, hand) = (hand.clone(), hand.clone());
    let onchange = move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(branch) = select.and_then(|select| select.value().parse().ok()) {
            hand.runner.switch(branch);
        }
    };
    let option = |(i, line): (usize, &BranchLine)| {
        html! { <option value={i.to_string()} selected={i == clock.branch}>{ words::branch(i, line) }</option> }
    };
    html! {
        <span class="pair">
            <select id="branch" aria-label={words::BRANCH} {onchange}>{ for clock.branches.iter().enumerate().map(option) }</select>
            <button type="button" class="icon" id="tree" aria-label={words::TREE} title={words::TREE}
                onclick={move |_| tree.open(Open::Branches)}>{ "⋔" }</button>
        </span>
    }
}
