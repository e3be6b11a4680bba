//! The checker: everything that may happen from the start of the scenario, within bounds, in a worker. What breaks a
//! property opens as a run.

use super::dialog::Dialog;
use super::state::{Hand, use_hand};
use crate::ui::strings::check as words;
use crate::ui::tree::html;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `www/boot.js`: asks the question about a scenario file and tells what is found, again and again; the result
    /// stops the search.
    #[wasm_bindgen(js_name = playgroundCheck, catch)]
    fn ask(source: &str, question: &str, tell: &js_sys::Function) -> Result<js_sys::Function, JsValue>;
}

/// What the search has told last.
#[derive(Clone, Default, PartialEq)]
struct Told {
    states: f64,
    depth: f64,
    rate: f64,
    /// Empty while it goes on.
    verdict: String,
    /// The way to the violation.
    steps: Vec<String>,
    link: String,
}

impl Told {
    /// An array: states, depth, states a second, verdict, steps by line, link.
    fn of(what: &JsValue) -> Told {
        let what: &js_sys::Array = what.unchecked_ref();
        let number = |at| what.get(at).as_f64().unwrap_or(0.0);
        let text = |at| what.get(at).as_string().unwrap_or_default();
        let steps = text(4).lines().map(str::to_owned).collect();
        Told { states: number(0), depth: number(1), rate: number(2), verdict: text(3), steps, link: text(5) }
    }
}

/// A search that goes on; ends when it is dropped.
struct Search {
    stop: js_sys::Function,
    _tell: Closure<dyn FnMut(JsValue)>,
}

impl Drop for Search {
    fn drop(&mut self) {
        let _ = self.stop.call0(&JsValue::NULL);
    }
}

fn number(node: &NodeRef, least: u32, most: u32) -> u32 {
    let entered = node.cast::<HtmlInputElement>().and_then(|input| input.value().trim().parse().ok());
    entered.unwrap_or(least).clamp(least, most)
}

/// The dialog.
#[component]
pub fn Check() -> Html {
    let hand = use_hand();
    let (crashes, timeouts, states) = (use_node_ref(), use_node_ref(), use_node_ref());
    let told = use_state(|| None::<Told>);
    let search = use_state(|| None::<Rc<Search>>);
    let running = search.is_some() && told.as_ref().is_some_and(|told| told.verdict.is_empty());
    let toggle = {
        let (hand, told, search) = (hand.clone(), told.clone(), search.clone());
        let fields = (crashes.clone(), timeouts.clone(), states.clone());
        move |_| {
            if running {
                search.set(None);
                return told.set(None);
            }
            let question = format!(
                r#"{{"crashes":{},"timeouts":{},"states":{}}}"#,
                number(&fields.0, 0, 9),
                number(&fields.1, 0, 99),
                number(&fields.2, 1, 100_000_000)
            );
            told.set(Some(Told::default()));
            let heard = told.setter();
            let tell = Closure::<dyn FnMut(JsValue)>::new(move |what| heard.set(Some(Told::of(&what))));
            match ask(&hand.runner.scenario().to_json(), &question, tell.as_ref().unchecked_ref()) {
                Ok(stop) => search.set(Some(Rc::new(Search { stop, _tell: tell }))),
                Err(_) => told.set(Some(Told { verdict: words::NONE.to_owned(), ..Told::default() })),
            }
        }
    };
    let input = |label: &'static str, id: &'static str, value: &'static str, node: &NodeRef| {
        html! {
            <label class="row"><span>{ label }</span>
                <input id={id} class="short" type="number" min="0" value={value} disabled={running} ref={node.clone()} /></label>
        }
    };
    let body = html! {
        <>
            <p class="soft">{ words::NOTE }</p>
            { input(words::CRASHES, "check-crashes", "0", &crashes) }
            { input(words::TIMEOUTS, "check-timeouts", "1", &timeouts) }
            { input(words::STATES, "check-states", "1000000", &states) }
            { told.as_ref().map(|told| found(&hand, told)).unwrap_or_default() }
            <div class="foot">
                <button type="button" class="first" id="check-start" onclick={toggle}>
                    { if running { words::STOP } else { words::START } }</button>
            </div>
        </>
    };
    yew::html! { <Dialog title={words::TITLE}>{ body }</Dialog> }
}

/// How far it is, or what was found.
fn found(hand: &Hand, told: &Told) -> Html {
    let (hand, link) = (hand.clone(), told.link.clone());
    let open = move |_| {
        hand.close();
        hand.open_link(&link);
    };
    html! {
        <div class="found">
            <p id="check-progress">{ words::progress(told.states, told.depth, told.rate) }</p>
            <p id="check-verdict" role="status"><b>{ &told.verdict }</b></p>
            if !told.link.is_empty() {
                <button type="button" class="try" id="check-open" onclick={open}>{ words::OPEN }</button>
            }
            <ol class="steps">{ for told.steps.iter().map(|step| html! { <li>{ step }</li> }) }</ol>
        </div>
    }
}
