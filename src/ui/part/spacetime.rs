//! The space–time diagram: the canvas and its buttons.

use super::state::use_hand;
use crate::ui::dom;
use crate::ui::paint::{self, Sheet, Span};
use crate::ui::strings::spacetime as words;
use crate::ui::tree::html;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

/// The parts of time that can be shown, µs.
const WIDTHS: [u64; 10] =
    [100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 30_000_000, 120_000_000, 600_000_000];
/// The one that is shown first.
const OPENING: usize = 2;

/// The panel.
#[component]
pub fn SpaceTime() -> Html {
    let hand = use_hand();
    let canvas = use_node_ref();
    let place = use_state(|| OPENING);
    let span = use_memo((), |()| Rc::new(Span { width: Cell::new(WIDTHS[OPENING]), from: Cell::new(0) }));
    use_effect_with((), {
        let (runner, canvas, span) = (hand.runner.clone(), canvas.clone(), (*span).clone());
        move |()| {
            let sheet = canvas.cast::<HtmlCanvasElement>().and_then(Sheet::new);
            let id = sheet.map(|sheet| runner.attach(Box::new(paint::SpaceTime::new(sheet, span))));
            let resized = {
                let runner = runner.clone();
                dom::Listener::new(&dom::window(), "resize", move |_| runner.repaint())
            };
            move || {
                drop(resized);
                if let Some(id) = id {
                    runner.detach(id);
                }
            }
        }
    });
    let zoom = |by: isize| {
        let (place, span, runner) = (place.clone(), span.clone(), hand.runner.clone());
        move |_| {
            let next = place.saturating_add_signed(by).min(WIDTHS.len() - 1);
            span.width.set(WIDTHS[next]);
            place.set(next);
            runner.repaint();
        }
    };
    let seek = {
        let (runner, span) = (hand.runner.clone(), span.clone());
        move |event: MouseEvent| {
            let Some(target) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else {
                return;
            };
            let edge = target.get_bounding_client_rect();
            let part = (f64::from(event.client_x()) - edge.x() - paint::LEFT) / (edge.width() - paint::LEFT);
            if part > 0.0 {
                runner.seek_time(span.from.get() + (span.width.get() as f64 * part) as u64);
            }
        }
    };
    html! {
        <section class="card spacetime" aria-labelledby="spacetime-title">
            <div class="head">
                <h2 id="spacetime-title">{ words::TITLE }<small>{ words::shown(WIDTHS[*place]) }</small></h2>
                <button type="button" class="icon" aria-label={words::ZOOM_OUT} title={words::ZOOM_OUT}
                    disabled={*place + 1 == WIDTHS.len()} onclick={zoom(1)}>{ "−" }</button>
                <button type="button" class="icon" aria-label={words::ZOOM_IN} title={words::ZOOM_IN}
                    disabled={*place == 0} onclick={zoom(-1)}>{ "+" }</button>
            </div>
            <div class="field">
                <canvas ref={canvas} role="img" aria-label={words::LABEL} onclick={seek}></canvas>
            </div>
        </section>
    }
}
