//! The space–time diagram: the canvas, its buttons, zoom, pan and scrub, and the event that was picked.

use super::grip::{self, Grip};
use super::state::{Hand, use_hand};
use crate::ui::dom;
use crate::ui::paint::{self, STEP, Sheet, Span};
use crate::ui::strings::{side, spacetime as words};
use crate::ui::tree::html;
use crate::ui::view::picked::Picked;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

/// What is shown first: half a second, or sixty steps.
const OPENING: u64 = 500_000;
const OPENING_STEPS: u64 = 60 * STEP;

fn span() -> Span {
    Span {
        width: Cell::new(OPENING),
        fixed: Cell::new(None),
        steps: Cell::new(false),
        from: Cell::new(0),
        pointer: Cell::new(None),
        hover: Cell::new(None),
        picked: Cell::new(None),
        rings: RefCell::new(Vec::new()),
    }
}

/// The panel.
#[component]
pub fn SpaceTime() -> Html {
    let hand = use_hand();
    let canvas = use_node_ref();
    let span = use_memo((), |()| Rc::new(span()));
    let picked = use_state(|| None::<Picked>);
    // Zoom and pan change the words in the head.
    let drawn = use_force_update();
    use_effect_with((), {
        let (runner, canvas, span) = (hand.runner.clone(), canvas.clone(), (*span).clone());
        move |()| {
            let sheet = canvas.cast::<HtmlCanvasElement>().and_then(Sheet::new);
            let id = sheet.map(|sheet| runner.attach(Box::new(paint::SpaceTime::new(sheet, span))));
            let resized = {
                let runner = runner.clone();
                dom::Listener::new(&dom::window(), "resize", move |_| runner.refresh())
            };
            move || {
                drop(resized);
                if let Some(id) = id {
                    runner.detach(id);
                }
            }
        }
    });
    let pick = {
        let (hand, span, picked) = (hand.clone(), (*span).clone(), picked.setter());
        Callback::from(move |event: Option<u32>| {
            let found = event.and_then(|event| hand.runner.read(|session, _| Picked::of(session, event)));
            span.picked.set(found.as_ref().map(|found| found.number));
            let rings = found.as_ref().and_then(|found| found.quorum.clone());
            span.rings.replace(rings.map(|(_, told)| told).unwrap_or_default());
            picked.set(found);
            hand.runner.refresh();
        })
    };
    let grip = use_memo((), |()| Grip::new((*span).clone(), hand.runner.clone()));
    grip::use_grip(&grip, &canvas, pick.clone(), drawn.clone());
    let change = |change: fn(&Grip)| {
        let (grip, drawn) = (grip.clone(), drawn.clone());
        move |_: MouseEvent| {
            change(&grip);
            drawn.force_update();
        }
    };
    let toggle = change(|grip| {
        let steps = !grip.span.steps.get();
        grip.span.steps.set(steps);
        grip.span.width.set(if steps { OPENING_STEPS } else { OPENING });
        grip.follow();
    });
    let why = {
        let (hand, pick) = (hand.clone(), pick.clone());
        move |_| pick.emit(hand.runner.read(|session, _| session.world().events().checked_sub(1)))
    };
    let icon = |label: &'static str, sign: &'static str, act: fn(&Grip)| {
        html! {
            <button type="button" class="icon" aria-label={label} title={label} onclick={change(act)}>{ sign }</button>
        }
    };
    let (wide, steps) = (span.width.get(), span.steps.get());
    let shown = if steps { words::steps(wide / STEP) } else { words::shown(wide) };
    html! {
        <section class="card spacetime" aria-labelledby="spacetime-title">
            <div class="head">
                <h2 id="spacetime-title">{ words::TITLE }<small>{ shown }</small></h2>
                if span.fixed.get().is_some() {
                    <button type="button" class="quiet" id="follow" onclick={change(Grip::follow)}>{ words::FOLLOW }</button>
                }
                <button type="button" class="quiet" id="what-led-here" onclick={why}>{ words::WHY }</button>
                <button type="button" class="quiet" aria-pressed={steps.to_string()}
                    title={words::STEPS_LABEL} onclick={toggle}>{ words::STEPS }</button>
                { icon(words::ZOOM_OUT, "−", |grip| grip.zoom(0.8, true)) }
                { icon(words::ZOOM_IN, "+", |grip| grip.zoom(0.8, false)) }
            </div>
            { picked.as_ref().map(|picked| told(&hand, picked, &pick)).unwrap_or_default() }
            <div class="field">
                <canvas ref={canvas} role="img" aria-label={words::LABEL} title={words::KEYS} tabindex="0"></canvas>
            </div>
        </section>
    }
}

/// What is said of the event that was picked.
fn told(hand: &Hand, picked: &Picked, pick: &Callback<Option<u32>>) -> Html {
    let (runner, pick, number) = (hand.runner.clone(), pick.clone(), picked.number);
    let n = usize::from(hand.runner.read(|session, _| session.scenario().nodes));
    html! {
        <div class="picked" id="picked">
            <p><b>{ side::jump(number) }{ ": " }{ &picked.text }{ ". " }</b>
                if let Some((nodes, _)) = &picked.quorum { { words::quorum(*nodes, n) }{ " " } }
                <span class="soft">{ words::cone(picked.cone.0, picked.cone.1) }</span>
                if let Some(rule) = picked.rule { <span class="rule">{ " " }{ rule.words() }</span> }
            </p>
            <button type="button" class="quiet" onclick={move |_| runner.seek(number + 1)}>{ words::GO }</button>
            <button type="button" class="icon quiet" aria-label={crate::ui::strings::dialog::CLOSE}
                onclick={move |_| pick.emit(None)}>{ "×" }</button>
        </div>
    }
}
