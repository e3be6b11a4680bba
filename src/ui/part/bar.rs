//! Everything that defines the run. Changing it starts a new run.

use super::state::{Do, Hand, Open, Theme, use_hand};
use crate::protocol::{Info, Variant};
use crate::protocols::registry;
use crate::scenario::{Model, Scenario, library};
use crate::ui::strings::{self, bar};
use crate::ui::tree::{classes, html};
use crate::ui::{dom, setup};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

pub const MODELS: [Model; 3] = [Model::Synchronous, Model::PartiallySynchronous, Model::Asynchronous];
const FILE: &str = "file";

#[derive(Clone, PartialEq, Properties)]
pub struct BarProps {
    pub scenario: Rc<Scenario>,
    pub theme: Theme,
    pub embed: bool,
}

/// The bar.
#[component]
pub fn Bar(properties: &BarProps) -> Html {
    let hand = use_hand();
    let shown = use_state(|| false);
    let file = use_node_ref();
    let shipped = use_memo((), |()| shipped());
    let scenario = &properties.scenario;
    let name = html! { <h1 class="name"><b>{ strings::NAME.0 }</b>{ " " }{ strings::NAME.1 }</h1> };
    if properties.embed {
        return html! { <header class="bar">{ name }<span class="soft">{ scenario.info.title }</span></header> };
    }
    let share = {
        let hand = hand.clone();
        move |_| {
            let link = hand.runner.link();
            if let Ok(link) = &link {
                dom::set_hash(link);
            }
            hand.open(Open::Share(link));
        }
    };
    let open = |open: Open| {
        let hand = hand.clone();
        move |_: MouseEvent| hand.open(open.clone())
    };
    let theme = {
        let (hand, theme) = (hand.clone(), properties.theme);
        move |_| {
            hand.tell(Do::Theme(match theme {
                Theme::System if dom::matches("(prefers-color-scheme: dark)") => Theme::Light,
                Theme::System | Theme::Light => Theme::Dark,
                Theme::Dark => Theme::Light,
            }));
        }
    };
    let theme_label = format!("{}: {}", bar::THEME, bar::THEMES[properties.theme as usize]);
    let reveal = {
        let shown = shown.clone();
        move |_| shown.set(!*shown)
    };
    html! {
        <header class="bar">
            { name }
            <button type="button" class="reveal" aria-expanded={shown.to_string()} aria-controls="controls"
                onclick={reveal}>{ bar::CHANGE }</button>
            <div class={classes!("controls", shown.then_some("shown"))} id="controls" role="group"
                aria-label={bar::LABEL}>
                { protocol(&hand, scenario) }
                { model(&hand, scenario) }
                { nodes(&hand, scenario) }
                { seed(&hand, scenario) }
                { scenarios(&hand, scenario, &shipped, file) }
                <button type="button" onclick={open(Open::Settings)}>{ bar::SETTINGS }</button>
            </div>
            <div class="tools">
                <button type="button" class="plain" onclick={open(Open::Check)}>{ bar::CHECK }</button>
                <button type="button" class="first" onclick={share}>{ bar::SHARE }</button>
                <button type="button" class="icon" aria-label={theme_label.clone()} title={theme_label} onclick={theme}>
                    { "◐" }</button>
                <button type="button" class="icon" aria-label={bar::HELP} title={bar::HELP}
                    onclick={open(Open::Keys)}>{ "?" }</button>
            </div>
        </header>
    }
}

fn chosen(event: &Event) -> String {
    event
        .target()
        .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
        .map_or_else(String::new, |s| s.value())
}

fn entered(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

fn protocol(hand: &Hand, now: &Rc<Scenario>) -> Html {
    let (hand, now) = (hand.clone(), now.clone());
    let onchange = {
        let now = now.clone();
        move |event: Event| {
            if let Some(info) = registry::info(&chosen(&event)) {
                hand.try_start(setup::fresh(info, setup::home(info), now.nodes, now.seed));
            }
        }
    };
    html! {
        <label><span>{ bar::PROTOCOL }</span>
            <select id="protocol" {onchange}>
                { for registry::ALL.iter().map(|info| html! {
                    <option value={info.id} selected={info.id == now.info.id}>{ info.title }</option> }) }
            </select>
        </label>
    }
}

fn model(hand: &Hand, now: &Rc<Scenario>) -> Html {
    let (hand, now) = (hand.clone(), now.clone());
    let place = MODELS.iter().position(|model| *model == now.network.model).unwrap_or(0);
    let onchange = {
        let now = now.clone();
        move |event: Event| {
            let Some(model) = chosen(&event).parse().ok().and_then(|i: usize| MODELS.get(i)) else { return };
            let mut next = setup::resized(&now, now.nodes);
            next.network = setup::network(*model);
            hand.try_start(next);
        }
    };
    html! {
        <label title={bar::MODEL_NOTES[place]}><span>{ bar::NETWORK }</span>
            <select id="model" {onchange}>
                { for bar::MODELS.iter().enumerate().map(|(i, name)| html! {
                    <option value={i.to_string()} selected={i == place}>{ *name }</option> }) }
            </select>
        </label>
    }
}

fn nodes(hand: &Hand, now: &Rc<Scenario>) -> Html {
    let (hand, now) = (hand.clone(), now.clone());
    let value = now.nodes.to_string();
    let onchange = move |event: Event| {
        let Some(input) = entered(&event) else { return };
        match input.value().trim().parse::<u8>() {
            Ok(nodes) if (1..=crate::protocol::MAX_NODES as u8).contains(&nodes) => {
                hand.try_start(setup::resized(&now, nodes));
            }
            _ => {
                hand.refuse(format!("{}: expected a number from 1 to {}", bar::NODES, crate::protocol::MAX_NODES));
                input.set_value(&now.nodes.to_string());
            }
        }
    };
    html! {
        <label><span>{ bar::NODES }</span>
            <input id="nodes" class="short" type="number" min="1" max="25" {value} {onchange} />
        </label>
    }
}

fn seed(hand: &Hand, now: &Rc<Scenario>) -> Html {
    let (hand, now) = (hand.clone(), now.clone());
    let value = now.seed.to_string();
    let roll = {
        let (hand, now) = (hand.clone(), now.clone());
        move |_| hand.try_start(Scenario { seed: dom::fresh_seed(), ..(*now).clone() })
    };
    let onchange = move |event: Event| {
        let Some(input) = entered(&event) else { return };
        match input.value().trim().parse() {
            Ok(seed) => hand.try_start(Scenario { seed, ..(*now).clone() }),
            Err(_) => {
                hand.refuse(format!("{}: {}", bar::SEED, strings::settings::NOT_A_NUMBER));
                input.set_value(&now.seed.to_string());
            }
        }
    };
    html! {
        <span class="pair">
            <label><span>{ bar::SEED }</span>
                <input id="seed" class="short" inputmode="numeric" {value} {onchange} />
            </label>
            <button type="button" class="icon" aria-label={bar::DIE} title={bar::DIE} onclick={roll}>{ "⚄" }</button>
        </span>
    }
}

/// Titles of the shipped scenarios, by stem.
type Shipped = Vec<(&'static str, String)>;

fn shipped() -> Shipped {
    let titled = |shipped: &library::Shipped| Some((shipped.stem, shipped.title()?));
    library::LIBRARY.iter().filter_map(titled).collect()
}

/// The broken variants that have a scenario: its stem, and what is wrong.
fn bugs(now: &Scenario, shipped: &Shipped) -> Html {
    let own = now.title.is_empty() || shipped.iter().any(|(_, title)| *title == now.title);
    let option = |info: &'static Info, variant: &'static Variant| {
        let bug = library::bug(info.id, variant.id)?;
        let selected = !own && (info.id, variant.id) == (now.info.id, now.variant);
        Some(
            html! { <option value={bug.stem} {selected}>{ info.title }{ " " }{ variant.code }{ ": " }{ variant.title.words() }</option> },
        )
    };
    let all =
        registry::ALL.iter().flat_map(|info| info.variants.iter().filter_map(move |variant| option(info, variant)));
    html! { <optgroup label={bar::BUGS}>{ for all }</optgroup> }
}

fn scenarios(hand: &Hand, now: &Scenario, shipped: &Shipped, file: NodeRef) -> Html {
    let hand = hand.clone();
    let title = &now.title;
    let onchange = {
        let (hand, file) = (hand.clone(), file.clone());
        move |event: Event| {
            let stem = chosen(&event);
            if stem == FILE {
                if let Some(input) = file.cast::<HtmlInputElement>() {
                    input.click();
                }
            } else if stem.is_empty() {
                hand.try_start(setup::opening());
            } else if let Some(shipped) = library::LIBRARY.iter().chain(library::BUGS).find(|known| known.stem == stem)
            {
                match shipped.scenario() {
                    Ok(scenario) => hand.try_start(scenario),
                    Err(sentence) => hand.refuse(sentence),
                }
            }
        }
    };
    let onfile = move |event: Event| {
        let Some(input) = entered(&event) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        let hand = hand.clone();
        yew::platform::spawn_local(async move {
            let text = wasm_bindgen_futures::JsFuture::from(file.text()).await;
            match text.ok().and_then(|text| text.as_string()) {
                Some(text) => hand.open_file(text),
                None => hand.refuse(strings::NOT_READ.to_owned()),
            }
            input.set_value("");
        });
    };
    html! {
        <label><span>{ bar::SCENARIO }</span>
            <select id="scenario" {onchange}>
                <option value="" selected={title.is_empty()}>{ bar::OWN }</option>
                <optgroup label={bar::SCENARIOS}>
                    { for shipped.iter().map(|(stem, name)| html! {
                        <option value={*stem} selected={name == title}>{ name }</option> }) }
                </optgroup>
                { bugs(now, shipped) }
                <option value={FILE}>{ bar::OPEN_FILE }</option>
            </select>
            <input type="file" class="nowhere" accept=".json,application/json" tabindex="-1" aria-hidden="true"
                aria-label={bar::OPEN_FILE} ref={file} onchange={onfile} />
        </label>
    }
}
