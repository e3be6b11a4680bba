//! The knobs of the network, the protocol's own settings, the workload. Applied together, they start a new run.

use super::dialog::Dialog;
use super::state::use_hand;
use crate::protocol::{Setting, SettingKind, SettingValue, Shape};
use crate::scenario::{Model, Scenario, Scheduler, StateMachine};
use crate::ui::setup;
use crate::ui::strings::settings as words;
use crate::ui::tree::html;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct SettingsProps {
    pub scenario: Rc<Scenario>,
}

/// Changes a scenario; an error is a sentence about the field.
type Change = Rc<dyn Fn(&mut Scenario, &str) -> Result<(), &'static str>>;

fn change(change: impl Fn(&mut Scenario, &str) -> Result<(), &'static str> + 'static) -> Change {
    Rc::new(change)
}

/// A field that holds a whole number.
fn whole(set: impl Fn(&mut Scenario, u64) + 'static) -> Change {
    change(move |scenario, text| {
        set(scenario, text.trim().parse().map_err(|_| words::NOT_A_NUMBER)?);
        Ok(())
    })
}

/// A field that holds milliseconds.
fn milliseconds(set: impl Fn(&mut Scenario, u64) + 'static) -> Change {
    whole(move |scenario, ms| set(scenario, ms.saturating_mul(1000)))
}

/// A field that holds a percentage.
fn percentage(set: impl Fn(&mut Scenario, u32) + 'static) -> Change {
    change(move |scenario, text| {
        // The browser's own conversion: Rust's brings 12 kB of tables to the page.
        let share = JsValue::from_str(text).unchecked_into_f64();
        if text.trim().is_empty() || !(0.0..=100.0).contains(&share) {
            return Err(words::NOT_A_SHARE);
        }
        set(scenario, (share * 10_000.0).round() as u32);
        Ok(())
    })
}

/// The dialog.
#[component]
pub fn Settings(properties: &SettingsProps) -> Html {
    let hand = use_hand();
    let draft = use_state(|| (*properties.scenario).clone());
    let wrong = use_state(|| None::<String>);
    let apply = {
        let (draft, wrong, hand) = (draft.clone(), wrong.clone(), hand.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let mut next = (*draft).clone();
            next.title = String::new();
            if let Err(sentence) = hand.start(next) {
                wrong.set(Some(sentence));
            }
        }
    };
    let set = {
        let (draft, wrong) = (draft.clone(), wrong.clone());
        Callback::from(move |(label, change, text): (&'static str, Change, String)| {
            let mut next = (*draft).clone();
            match change(&mut next, &text) {
                Ok(()) => {
                    draft.set(next);
                    wrong.set(None);
                }
                Err(sentence) => wrong.set(Some(format!("{label}: {sentence}"))),
            }
        })
    };
    let form = Form { draft: &draft, set };
    let body = html! {
            <form onsubmit={apply}>
                <p class="soft">{ words::NOTE }</p>
                <div class="form">
                    { form.network() }
                    { form.protocol() }
                    { form.workload() }
                </div>
                <div class="foot">
                    if let Some(sentence) = &*wrong { <p class="refused" role="alert">{ sentence }</p> }
                    <button type="submit" class="first" disabled={wrong.is_some()}>{ words::APPLY }</button>
                </div>
            </form>
    };
    yew::html! { <Dialog title={words::TITLE}>{ body }</Dialog> }
}

struct Form<'a> {
    draft: &'a Scenario,
    set: Callback<(&'static str, Change, String)>,
}

impl Form<'_> {
    fn input(&self, label: &'static str, value: String, change: Change) -> Html {
        let set = self.set.clone();
        let oninput = move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                set.emit((label, change.clone(), input.value()));
            }
        };
        html! {
            <label class="row"><span>{ label }</span><input class="short" inputmode="decimal" {value} {oninput} /></label>
        }
    }

    fn choice(&self, label: &'static str, options: &[(String, bool)], change: Change) -> Html {
        let set = self.set.clone();
        let onchange = move |event: Event| {
            if let Some(select) = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok()) {
                set.emit((label, change.clone(), select.value()));
            }
        };
        let option = |(i, (name, selected)): (usize, &(String, bool))| {
            html! { <option value={i.to_string()} selected={*selected}>{ name }</option> }
        };
        html! {
            <label class="row"><span>{ label }</span>
                <select {onchange}>{ for options.iter().enumerate().map(option) }</select></label>
        }
    }

    fn network(&self) -> Html {
        let network = self.draft.network;
        let ms = |us: u64| (us / 1000).to_string();
        let partial = network.model == Model::PartiallySynchronous;
        let share = |ppm: u32| {
            let digits = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        html! {
            <fieldset><legend>{ words::NETWORK }</legend>
                if network.model != Model::Asynchronous {
                    { self.input(words::DELTA, ms(network.delta_us), milliseconds(|s, us| s.network.delta_us = us)) }
                }
                { self.input(words::MIN, ms(network.min_us), milliseconds(|s, us| s.network.min_us = us)) }
                if partial {
                    { self.input(words::GST, ms(network.gst_us), milliseconds(|s, us| s.network.gst_us = us)) }
                    { self.input(words::DRIFT, network.drift_ppm.to_string(),
                        whole(|s, ppm| s.network.drift_ppm = ppm.min(u64::from(u32::MAX)) as u32)) }
                }
                if network.model != Model::Synchronous {
                    { self.input(if partial { words::LOSS_GST } else { words::LOSS }, share(network.loss_ppm),
                        percentage(|s, ppm| s.network.loss_ppm = ppm)) }
                    { self.input(words::DUPLICATION, share(network.duplication_ppm),
                        percentage(|s, ppm| s.network.duplication_ppm = ppm)) }
                    { self.choice(words::SCHEDULER, &[
                        (words::RANDOM.to_owned(), network.scheduler == Scheduler::Random),
                        (words::MANUAL.to_owned(), network.scheduler == Scheduler::Manual),
                    ], change(|s, text| {
                        s.network.scheduler = if text == "1" { Scheduler::Manual } else { Scheduler::Random };
                        Ok(())
                    })) }
                }
            </fieldset>
        }
    }

    fn protocol(&self) -> Html {
        let info = self.draft.info;
        let mut variants = vec![(words::CORRECT.to_owned(), self.draft.variant == "correct")];
        variants.extend(
            info.variants.iter().map(|variant| {
                (format!("{}: {}", variant.code, variant.title.words()), variant.id == self.draft.variant)
            }),
        );
        let choose = change(move |s, text| {
            let place = text.parse::<usize>().unwrap_or(0);
            s.variant = place.checked_sub(1).and_then(|i| info.variants.get(i)).map_or("correct", |variant| variant.id);
            Ok(())
        });
        html! {
            <fieldset><legend>{ words::PROTOCOL }</legend>
                if !info.variants.is_empty() { { self.choice(words::VARIANT, &variants, choose) } }
                { for info.settings.iter().map(|setting| self.setting(setting)) }
            </fieldset>
        }
    }

    fn setting(&self, setting: &'static Setting) -> Html {
        let name = setting.name;
        let given = self.draft.settings.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
        let field = match (setting.kind, given) {
            (SettingKind::Flag { default }, given) => {
                let on = if let Some(SettingValue::Flag(flag)) = given { flag } else { default };
                let set = change(move |s, text| put(s, setting, SettingValue::Flag(text == "0")));
                self.choice(name, &[("on".to_owned(), on), ("off".to_owned(), !on)], set)
            }
            (SettingKind::Integer { default, .. }, given) => {
                let value = if let Some(SettingValue::Integer(value)) = given { value } else { default };
                self.input(
                    name,
                    value.to_string(),
                    change(move |s, text| {
                        let value = text.trim().parse().map_err(|_| words::NOT_A_NUMBER)?;
                        put(s, setting, SettingValue::Integer(value))
                    }),
                )
            }
            (SettingKind::Range { default, .. }, given) => {
                let (low, high) = if let Some(SettingValue::Range(low, high)) = given { (low, high) } else { default };
                self.input(
                    name,
                    format!("{low}–{high}"),
                    change(move |s, text| {
                        let (low, high) = text.split_once(['–', '-']).ok_or(words::NOT_A_RANGE)?;
                        let number = |text: &str| text.trim().parse().map_err(|_| words::NOT_A_RANGE);
                        put(s, setting, SettingValue::Range(number(low)?, number(high)?))
                    }),
                )
            }
        };
        html! { <div title={setting.about.words()}>{ field }</div> }
    }

    fn workload(&self) -> Html {
        if self.draft.info.shape == Shape::OneValue {
            return html! {};
        }
        let count = whole(|s, count| {
            let mut clients = s.clients.unwrap_or_else(setup::workload);
            clients.count = count.min(u64::from(u16::MAX)) as u16;
            s.clients = (count > 0).then_some(clients);
        });
        let clients = self.draft.clients;
        const MACHINES: [StateMachine; 3] = [StateMachine::Log, StateMachine::Register, StateMachine::Kv];
        let machines: Vec<(String, bool)> = MACHINES
            .iter()
            .zip(words::MACHINES)
            .map(|(machine, name)| (name.to_owned(), clients.is_some_and(|clients| clients.state_machine == *machine)))
            .collect();
        let machine = change(|s, text| {
            if let (Some(clients), Some(machine)) =
                (&mut s.clients, text.parse().ok().and_then(|i: usize| MACHINES.get(i)))
            {
                clients.state_machine = *machine;
            }
            Ok(())
        });
        html! {
            <fieldset><legend>{ words::WORKLOAD }</legend>
                { self.input(words::CLIENTS, clients.map_or(0, |clients| clients.count).to_string(), count) }
                if let Some(clients) = clients {
                    { self.choice(words::MACHINE, &machines, machine) }
                    { self.input(words::THINK, (clients.think_us / 1000).to_string(), milliseconds(|s, us| {
                        if let Some(clients) = &mut s.clients {
                            clients.think_us = us;
                        }
                    })) }
                }
            </fieldset>
        }
    }
}

/// Gives a setting a value, in the order in which the card declares them.
fn put(scenario: &mut Scenario, setting: &'static Setting, value: SettingValue) -> Result<(), &'static str> {
    let mut given = std::mem::take(&mut scenario.settings);
    given.retain(|(name, _)| *name != setting.name);
    given.push((setting.name, value));
    crate::sorting::sort_by_key(&mut given, |(name, _)| {
        scenario.info.settings.iter().position(|declared| declared.name == *name)
    });
    scenario.settings = given;
    Ok(())
}
