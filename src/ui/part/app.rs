//! The root: state, keys, the link in the address; it lays the panels out and nothing more.

use super::state::{Do, Hand, Notice, Open, State, Theme};
use super::{
    bar, branches, check, clock, keys, links, order, partition, settings, share, side, spacetime, stage, story,
};
use crate::protocol::{NodeId, Shape};
use crate::session::Session;
use crate::ui::goal::Quest;
use crate::ui::runner::Runner;
use crate::ui::view::{Look, Side, View};
use crate::ui::{dom, setup, strings};
use std::rc::Rc;
use yew::prelude::*;

/// How the page opens.
#[derive(Clone, PartialEq, Properties)]
pub struct AppProps {
    /// Stage, order and clock only, for a frame in another page.
    #[prop_or_default]
    pub embed: bool,
    /// Whether time runs from the beginning.
    #[prop_or_default]
    pub autoplay: bool,
}

/// Puts the page into the element with the id `app`; where there is none, the program is only the interface of
/// [`crate::js`].
pub fn start() {
    let Some(root) = dom::document().get_element_by_id("app") else { return };
    let embed = dom::embedded();
    let properties = AppProps { embed, autoplay: !embed && !dom::still() };
    yew::Renderer::<App>::with_root_and_props(root, properties).render();
}

/// The whole page.
#[component]
pub fn App(properties: &AppProps) -> Html {
    let runner = use_memo((), |()| opening());
    let state = use_reducer(|| first_state(&runner));
    let hand = Hand { runner: (*runner).clone(), state: state.dispatcher() };

    use_effect_with((), {
        let (hand, autoplay) = (hand.clone(), properties.autoplay);
        move |()| {
            let told = hand.clone();
            hand.runner.listen(Callback::from(move |view| told.tell(Do::View(view))));
            if dom::hash().len() > 1 {
                hand.open_link(&dom::hash());
            } else if autoplay {
                hand.runner.play();
            }
            let opened = hand.clone();
            let listener = dom::Listener::new(&dom::window(), "hashchange", move |_| {
                if dom::hash().len() > 1 {
                    opened.open_link(&dom::hash());
                }
            });
            move || drop(listener)
        }
    });
    use_effect_with(state.theme, {
        let runner = hand.runner.clone();
        move |theme| paint_theme(*theme, &runner)
    });
    keys::use_keys(&hand, state.keys && state.open == Open::Nothing);
    use_effect_with((state.node, state.side, state.eyes), {
        let runner = hand.runner.clone();
        move |(node, side, eyes)| runner.look(|look| (look.node, look.side, look.eyes) = (Some(*node), *side, *eyes))
    });

    use_effect_with(state.view.clock.quest, {
        let (hand, one_value) = (hand.clone(), state.scenario.info.shape == Shape::OneValue);
        move |quest| match *quest {
            Some(Quest::Reached(goal)) => hand.say(strings::quest(goal, one_value, true)),
            Some(Quest::Missed(goal)) => hand.say(strings::quest(goal, one_value, false)),
            Some(Quest::Running(_)) | None => {}
        }
    });

    let view = &state.view;
    let embed = properties.embed;
    let tab = if embed { 0 } else { state.tab };
    html! {
        <ContextProvider<Hand> context={hand.clone()}>
            <div class={if embed { "page embed" } else { "page" }} data-tab={tab.to_string()}
                data-hash={view.hash.clone()} data-event={view.clock.event.to_string()}>
                <bar::Bar scenario={state.scenario.clone()} theme={state.theme} {embed} />
                <story::StoryLine story={view.story.clone()} notice={state.notice.clone()}
                    decides={!embed && state.scenario.info.shape != Shape::Broadcast} />
                // `www/ahead.js` fills it, where there is a box to tick.
                <output class="ahead" id="ahead-says"></output>
                { rule_left_out(&state) }
                <p class="hidden" role="status" aria-live="polite">{ announcement(&state) }</p>
                if !embed { { tabs(&hand, state.tab) } }
                <main class="panels">
                    <stage::Stage stage={view.stage.clone()} open={state.open.clone()} />
                    <order::Order order={view.order.clone()} progress={view.progress.clone()} />
                    if !embed {
                        <spacetime::SpaceTime />
                        <side::SidePanel side={state.side} properties={view.properties.clone()} node={state.node}
                            nodes={state.scenario.nodes} inspected={view.node.clone()}
                            messages={view.messages.clone()} log={view.log.clone()} />
                    }
                </main>
                <clock::Clock clock={view.clock.clone()} {embed} one_value={state.scenario.info.shape == Shape::OneValue} />
                { over(&hand, &state) }
            </div>
        </ContextProvider<Hand>>
    }
}

/// The run that the page opens on, some way into it.
fn opening() -> Runner {
    let session = Session::new(setup::opening()).expect("the opening run is a valid one");
    let look = Look { columns: 20, node: None, side: Side::Properties, top: 0, eyes: None };
    let runner = Runner::new(session, look);
    runner.ahead(setup::OPENING_US);
    runner
}

fn first_state(runner: &Runner) -> State {
    State {
        view: Rc::new(runner.view()),
        scenario: Rc::new(runner.scenario()),
        open: Open::Nothing,
        notice: None,
        tab: 0,
        side: Side::Properties,
        node: NodeId(0),
        eyes: None,
        theme: Theme::System,
        keys: true,
    }
}

/// In a run of a broken variant: the rule that is left out, where it is written, what to watch.
fn rule_left_out(state: &State) -> Html {
    let variants = state.scenario.info.variants.iter();
    let Some(variant) = variants.into_iter().find(|variant| variant.id == state.scenario.variant) else {
        return html! {};
    };
    html! {
        <section class="left-out" id="variant" aria-label={strings::RULE_LEFT_OUT}><p><b>{ variant.code }{ " " }{ variant.title.words() }{ ". " }</b>
            { strings::LEFT_OUT }{ variant.rule.words() }{ " " }<cite>{ variant.source.words() }</cite>{ " " }
            <span class="watch">{ strings::WATCH }<b>{ variant.breaks }</b></span></p></section>
    }
}

/// What those hear who do not see the page: what was done, or else what is new in the story, a property that breaks, a
/// stall.
fn announcement(state: &State) -> String {
    match &state.notice {
        Some(Notice::Said(sentence) | Notice::Refused(sentence)) => sentence.clone(),
        None => {
            let View { story, progress, .. } = &*state.view;
            // In a broadcast every delivery changes the sentence: nobody wants to hear each.
            let broadcast = state.scenario.info.shape == Shape::Broadcast;
            let mut words = if broadcast { String::new() } else { story.lead.clone() };
            if let Some((name, _)) = story.alarm {
                words = format!("{words} {}.", strings::broken(name));
            }
            match &progress.why {
                Some(why) => format!("{words} {}", strings::stalled(why.cause)),
                None => words,
            }
        }
    }
}

/// The dialogs. Menus of nodes and messages are the stage's.
fn over(hand: &Hand, state: &State) -> Html {
    match &state.open {
        Open::Settings => html! { <settings::Settings scenario={state.scenario.clone()} /> },
        Open::Partition => html! { <partition::Partition stage={state.view.stage.clone()} /> },
        Open::Links(node) => html! { <links::Links stage={state.view.stage.clone()} node={*node} /> },
        Open::Check => yew::html! { <check::Check /> },
        Open::Branches => branches::branches(hand, &state.view.clock),
        Open::Share(link) => html! { <share::Share link={link.clone()} /> },
        Open::Keys => keys::keys(hand, state.keys),
        Open::Node(_) | Open::Message(..) | Open::Nothing => html! {},
    }
}

fn paint_theme(theme: Theme, runner: &Runner) -> impl FnOnce() + use<> {
    if let Some(root) = dom::document().document_element() {
        let _ = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light => root.set_attribute("data-theme", "light"),
            Theme::Dark => root.set_attribute("data-theme", "dark"),
        };
    }
    runner.repaint();
    let runner = runner.clone();
    let list = dom::window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let listener = list.map(|list| dom::Listener::new(&list, "change", move |_| runner.repaint()));
    move || drop(listener)
}

/// On a phone, panels become tabs.
fn tabs(hand: &Hand, now: usize) -> Html {
    let tab = |(i, name): (usize, &&'static str)| {
        let hand = hand.clone();
        html! {
            <button type="button" aria-pressed={(i == now).to_string()}
                onclick={move |_| hand.tell(Do::Tab(i))}>{ *name }</button>
        }
    };
    html! {
        <nav class="tabs" aria-label={strings::TABS_LABEL}>{ for strings::TABS.iter().enumerate().map(tab) }</nav>
    }
}
