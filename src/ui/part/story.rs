//! The line under the title: what is happening, what one may try, what it costs.

use super::state::{Do, Notice, use_hand};
use crate::ui::tree::{classes, html};
use crate::ui::view::story::Story;
use crate::ui::{dom, strings};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct StoryProps {
    pub story: Rc<Story>,
    pub notice: Option<Notice>,
    /// Whether there is anything to decide.
    pub decides: bool,
}

/// The line.
#[component]
pub fn StoryLine(properties: &StoryProps) -> Html {
    let hand = use_hand();
    let story = &properties.story;
    // What was done is soon seen; what was refused stays until it is read.
    use_effect_with(properties.notice.clone(), {
        let hand = hand.clone();
        move |notice| {
            let fades = matches!(notice, Some(Notice::Said(_)));
            let timer = fades.then(|| dom::Timer::new(6000, move || hand.tell(Do::Notice(None))));
            move || drop(timer)
        }
    });
    let invitation = story.invitation.clone().map(|invitation| {
        let hand = hand.clone();
        html! {
            <button type="button" class="try" id="invitation"
                onclick={move |_| hand.perform(std::slice::from_ref(&invitation.verb))}>{ &invitation.label }</button>
        }
    });
    let alarm = story.alarm.map(|(name, event)| {
        let runner = hand.runner.clone();
        html! {
            <p class="alarm" id="alarm"><b>{ strings::broken(name) }</b>
                <button type="button" class="quiet" aria-label={strings::side::jump_to(name, event)}
                    onclick={move |_| runner.seek(event + 1)}>{ strings::side::jump(event) }</button></p>
        }
    });
    let notice = properties.notice.clone().map(|notice| {
        let (class, sentence) = match notice {
            Notice::Said(sentence) => ("said", sentence),
            Notice::Refused(sentence) => ("refused", sentence),
        };
        let hand = hand.clone();
        html! {
            <p class={classes!("notice", class)} role={(class == "refused").then_some("alert")}>
                { sentence }
                <button type="button" class="icon" aria-label={strings::dialog::CLOSE}
                    onclick={move |_| hand.tell(Do::Notice(None))}>{ "×" }</button>
            </p>
        }
    });
    html! {
        <section class="story" aria-label={strings::STORY}>
            <p class="sentence"><b>{ &story.lead }</b>{ " " }{ &story.rest }</p>
            { alarm.unwrap_or_default() }
            { invitation.unwrap_or_default() }
            { notice.unwrap_or_default() }
            if properties.decides {
                <label class="switch"><input type="checkbox" id="ahead" />{ strings::AHEAD }</label>
            }
            <p class="cost">{ story.cost.map(strings::cost).unwrap_or_default() }</p>
        </section>
    }
}
