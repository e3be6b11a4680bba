//! The checker: everything that may happen from the start of the scenario or from the present moment, within bounds, in
//! a worker. What breaks a property opens as a run, and so does the schedule of an adversary.

use super::dialog::Dialog;
use super::state::{Hand, use_hand};
use crate::protocol::Shape;
use crate::scenario::{Recording, Scenario, link};
use crate::ui::dom;
use crate::ui::strings::check as words;
use crate::ui::tree::html;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `www/boot.js`: asks the question about a scenario file or a link and tells what is found, again and again; the
    /// result is told "pause", "resume" or "stop".
    #[wasm_bindgen(js_name = playgroundCheck, catch)]
    fn ask(order: &str, source: &str, question: &str, tell: &js_sys::Function) -> Result<js_sys::Function, JsValue>;
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
    /// An array: states, depth, states a second, verdict, steps by line (or the decisions that are open), link.
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
    say: js_sys::Function,
    _tell: Closure<dyn FnMut(JsValue)>,
}

impl Search {
    fn say(&self, what: &str) {
        let _ = self.say.call1(&JsValue::NULL, &what.into());
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.say("stop");
    }
}

/// What the checker is asked.
const CHECK: &str = "check";
const VALENCE: &str = "valence";
const ADVERSARY: &str = "adversary";
const ROUNDS: &str = "rounds";
/// Over how many seeds rounds are counted.
const SEEDS: &str = "200";
/// Up to which event an adversary picks: the link must hold its picks.
const PICKED: &str = "3000";

fn number(node: &NodeRef, least: u32, most: u32) -> u32 {
    let entered = node.cast::<HtmlInputElement>().and_then(|input| input.value().trim().parse().ok());
    entered.unwrap_or(least).clamp(least, most)
}

/// The dialog.
#[component]
pub fn Check() -> Html {
    let hand = use_hand();
    let (crashes, timeouts, states, here) = (use_node_ref(), use_node_ref(), use_node_ref(), use_node_ref());
    let told = use_state(|| None::<Told>);
    let search = use_state(|| None::<Rc<Search>>);
    let paused = use_state(|| false);
    let running = search.is_some() && told.as_ref().is_some_and(|told| told.verdict.is_empty());
    let shape = hand.runner.scenario().info.shape;
    let start = |order: &'static str| {
        let (hand, told, search, paused) = (hand.clone(), told.clone(), search.clone(), paused.clone());
        let fields = (crashes.clone(), timeouts.clone(), states.clone(), here.clone());
        move |_: MouseEvent| {
            paused.set(false);
            if running {
                search.set(None);
                return told.set(None);
            }
            let from_here = order == VALENCE || fields.3.cast::<HtmlInputElement>().is_some_and(|here| here.checked());
            let source = if from_here { hand.runner.carried() } else { start_of(&hand.runner.scenario()) };
            let question = if order == ROUNDS {
                SEEDS.to_owned()
            } else {
                format!(
                    r#"{{"crashes":{},"timeouts":{},"states":{}}}"#,
                    number(&fields.0, 0, 9),
                    number(&fields.1, 0, 99),
                    number(&fields.2, 1, 100_000_000)
                )
            };
            told.set(Some(Told::default()));
            let heard = told.setter();
            let tell = Closure::<dyn FnMut(JsValue)>::new(move |what| {
                let mut what = Told::of(&what);
                if order == VALENCE && !what.verdict.is_empty() {
                    what.verdict = words::valence(&what.verdict, &std::mem::take(&mut what.steps));
                }
                heard.set(Some(what));
            });
            match ask(order, &source, &question, tell.as_ref().unchecked_ref()) {
                Ok(say) => search.set(Some(Rc::new(Search { say, _tell: tell }))),
                Err(_) => told.set(Some(Told { verdict: words::NONE.to_owned(), ..Told::default() })),
            }
        }
    };
    let pause = {
        let (search, paused) = (search.clone(), paused.clone());
        move |_: MouseEvent| {
            if let Some(search) = &*search {
                search.say(if *paused { "resume" } else { "pause" });
            }
            paused.set(!*paused);
        }
    };
    let adversary = {
        let hand = hand.clone();
        move |_: MouseEvent| {
            hand.close();
            schedule(&hand, &hand.runner.scenario());
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
            <label class="row"><span>{ words::HERE }</span>
                <input id="check-here" type="checkbox" disabled={running} ref={here.clone()} /></label>
            { told.as_ref().map(|told| found(&hand, told)).unwrap_or_default() }
            <div class="foot">
                <button type="button" class="first" id="check-start" onclick={start(CHECK)}>
                    { if running { words::STOP } else { words::START } }</button>
                if running {
                    <button type="button" id="check-pause" onclick={pause}>
                        { if *paused { words::RESUME } else { words::PAUSE } }</button>
                }
                if !running && shape == Shape::OneValue {
                    <button type="button" id="check-valence" onclick={start(VALENCE)}>{ words::VALENCE }</button>
                }
                if !running && hand.runner.scenario().info.id == "ben-or" {
                    <button type="button" id="check-rounds" onclick={start(ROUNDS)}>{ words::ROUNDS }</button>
                }
                if !running && shape != Shape::Broadcast {
                    <button type="button" id="check-adversary" onclick={adversary}>{ words::ADVERSARY }</button>
                }
            </div>
        </>
    };
    yew::html! { <Dialog title={words::TITLE}>{ body }</Dialog> }
}

/// The start of a run, for the second program to read.
fn start_of(scenario: &Scenario) -> String {
    link::carry(&Recording { cursor: Some(0), ..Recording::new(scenario.clone()) }).unwrap_or_default()
}

/// Lets an adversary pick what happens in a run of `scenario`, and opens that. It looks ahead with the checker.
pub fn schedule(hand: &Hand, scenario: &Scenario) {
    let (opener, asked) = (hand.clone(), scenario.clone());
    let tell = Closure::once_into_js(move |what: JsValue| {
        let told = Told::of(&what);
        // Meanwhile the visitor may have gone elsewhere.
        if opener.runner.scenario() != asked {
            return;
        }
        if told.link.is_empty() {
            return opener.refuse(told.verdict);
        }
        opener.open_link(&told.link);
        if !dom::still() {
            opener.runner.play();
        }
    });
    if ask(ADVERSARY, &start_of(scenario), PICKED, tell.unchecked_ref()).is_err() {
        hand.refuse(words::NONE.to_owned());
    } else {
        hand.say(words::PLANS.to_owned());
    }
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
            if told.states > 0.0 {
                <p id="check-progress">{ words::progress(told.states, told.depth, told.rate) }</p>
            }
            // `www/checker.js` draws there in how many rounds runs decide.
            <div id="check-drawn"></div>
            <p id="check-verdict" role="status"><b>{ &told.verdict }</b></p>
            if !told.link.is_empty() {
                <button type="button" class="try" id="check-open" onclick={open}>{ words::OPEN }</button>
            }
            <ol class="steps">{ for told.steps.iter().map(|step| html! { <li>{ step }</li> }) }</ol>
        </div>
    }
}
