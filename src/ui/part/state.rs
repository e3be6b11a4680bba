//! The root's state: light things only. The run itself is the runner's.

use super::check;
use crate::protocol::{NodeId, SettingValue};
use crate::scenario::{Action, Scenario, Scheduler, Verb, link};
use crate::ui::geometry::Point;
use crate::ui::runner::Runner;
use crate::ui::view::{Side, View};
use crate::ui::{dom, strings};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use yew::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `www/boot.js`: a scenario file as a link, or an `Error`.
    #[wasm_bindgen(js_name = playgroundRead, catch)]
    async fn read(file: &str) -> Result<JsValue, JsValue>;
}

/// What lies over the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Open {
    /// Nothing.
    Nothing,
    /// What to do with a node.
    Node(NodeId),
    /// What to do with a message that was picked up there.
    Message(u32, Point),
    /// The settings of the run.
    Settings,
    /// Groups of nodes.
    Partition,
    /// The links of a node.
    Links(NodeId),
    /// The branch tree.
    Branches,
    /// The checker.
    Check,
    /// The link, or why there is none.
    Share(Result<String, String>),
    /// The keys.
    Keys,
}

/// A sentence beside the title.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Something was done.
    Said(String),
    /// Something was not possible.
    Refused(String),
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The root's state.
#[derive(Clone, PartialEq)]
pub struct State {
    /// What the page shows of the run.
    pub view: Rc<View>,
    /// What runs.
    pub scenario: Rc<Scenario>,
    /// What lies over the page.
    pub open: Open,
    /// A sentence beside the title.
    pub notice: Option<Notice>,
    /// The panel that a phone shows.
    pub tab: usize,
    /// The tab of the side panel.
    pub side: Side,
    /// The node in the inspector.
    pub node: NodeId,
    /// Whose knowledge is shown, if not everybody's.
    pub eyes: Option<NodeId>,
    /// Light or dark.
    pub theme: Theme,
    /// Whether keys are listened to.
    pub keys: bool,
}

/// A change of the root's state.
pub enum Do {
    /// A new view.
    View(Rc<View>),
    /// Another run; what is said of it.
    Run(Rc<Scenario>, Notice),
    /// Lay something over the page.
    Open(Open),
    /// A sentence, or none.
    Notice(Option<Notice>),
    /// The panel that a phone shows.
    Tab(usize),
    /// A tab of the side panel.
    Side(Side),
    /// A node to inspect; opens the inspector.
    Inspect(NodeId),
    /// Whose knowledge is shown.
    Eyes(Option<NodeId>),
    /// Light or dark.
    Theme(Theme),
    /// Whether keys are listened to.
    Keys(bool),
}

impl Reducible for State {
    type Action = Do;

    fn reduce(self: Rc<Self>, action: Do) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Do::View(view) if view == self.view => return self,
            Do::View(view) => next.view = share(&self.view, &view),
            Do::Run(scenario, notice) => {
                next.node = NodeId(next.node.0.min(scenario.nodes - 1));
                next.eyes = None;
                (next.scenario, next.notice, next.open) = (scenario, Some(notice), Open::Nothing);
            }
            Do::Open(open) => next.open = open,
            Do::Notice(notice) => next.notice = notice,
            Do::Tab(tab) => next.tab = tab,
            Do::Side(side) => next.side = side,
            Do::Inspect(node) => (next.node, next.side, next.tab, next.open) = (node, Side::Node, 3, Open::Nothing),
            Do::Eyes(eyes) => (next.eyes, next.open) = (eyes, Open::Nothing),
            Do::Theme(theme) => next.theme = theme,
            Do::Keys(keys) => next.keys = keys,
        }
        if next == *self { self } else { Rc::new(next) }
    }
}

/// The new view, with the old one's parts where they are equal: parts are then compared by address.
fn share(old: &View, new: &View) -> Rc<View> {
    fn part<T: PartialEq>(old: &Rc<T>, new: &Rc<T>) -> Rc<T> {
        if old == new { old.clone() } else { new.clone() }
    }
    Rc::new(View {
        story: part(&old.story, &new.story),
        stage: part(&old.stage, &new.stage),
        order: part(&old.order, &new.order),
        progress: part(&old.progress, &new.progress),
        clock: part(&old.clock, &new.clock),
        properties: part(&old.properties, &new.properties),
        node: new.node.clone(),
        messages: part(&old.messages, &new.messages),
        log: part(&old.log, &new.log),
        hash: new.hash.clone(),
    })
}

/// What components act with: the runner, and the root's state.
#[derive(Clone, PartialEq)]
pub struct Hand {
    /// The run.
    pub runner: Runner,
    /// The root's state.
    pub state: UseReducerDispatcher<State>,
}

impl Hand {
    /// Changes the root's state.
    pub fn tell(&self, change: Do) {
        self.state.dispatch(change);
    }

    /// Lays something over the page.
    pub fn open(&self, open: Open) {
        self.tell(Do::Open(open));
    }

    /// Takes away what lies over the page.
    pub fn close(&self) {
        self.open(Open::Nothing);
    }

    /// Says that something was done.
    pub fn say(&self, sentence: String) {
        self.tell(Do::Notice(Some(Notice::Said(sentence))));
    }

    /// Says that something was not possible.
    pub fn refuse(&self, sentence: String) {
        self.tell(Do::Notice(Some(Notice::Refused(sentence))));
    }

    /// Does verbs at the cursor, and says so when they have no effect.
    pub fn perform(&self, verbs: &[Verb]) {
        self.done(self.runner.perform(verbs), || verbs.first().map_or_else(String::new, strings::verb));
    }

    /// Does something at the cursor.
    pub fn act(&self, action: Action) {
        let words = strings::action(&action);
        self.done(self.runner.act(action), || words);
    }

    fn done(&self, done: bool, words: impl FnOnce() -> String) {
        if done {
            let words = words();
            self.tell(Do::Notice((!words.is_empty()).then(|| Notice::Said(format!("{words}: done.")))));
        } else {
            self.refuse(strings::ENDED.to_owned());
        }
    }

    /// Starts a run; what runs is kept when that is not possible.
    pub fn start(&self, scenario: Scenario) -> Result<(), String> {
        let playing = self.runner.playing();
        self.runner.start(&scenario)?;
        if !dom::hash().is_empty() {
            dom::set_hash("#");
        }
        let scenario = Rc::new(scenario);
        let said = strings::new_run(&scenario.title, scenario.info.title, scenario.nodes, scenario.seed);
        let adversarial = scenario.network.scheduler == Scheduler::Adversary;
        self.tell(Do::Run(scenario.clone(), Notice::Said(said)));
        if adversarial {
            check::schedule(self, &scenario);
        } else if playing || !dom::still() {
            self.runner.play();
        }
        Ok(())
    }

    /// Starts the same run anew with one setting changed.
    pub fn restart_with(&self, (name, value): (&'static str, SettingValue)) {
        let mut next = self.runner.scenario();
        next.settings.retain(|(given, _)| *given != name);
        next.settings.push((name, value));
        let place = |(given, _): &(&str, SettingValue)| next.info.settings.iter().position(|it| it.name == *given);
        crate::sorting::sort_by_key(&mut next.settings, place);
        self.try_start(next);
    }

    /// Starts a run and says beside the title when that is not possible.
    pub fn try_start(&self, scenario: Scenario) {
        if let Err(sentence) = self.start(scenario) {
            self.refuse(sentence);
        }
    }

    /// Opens what a link holds; what runs is kept when that is not possible.
    pub fn open_link(&self, text: &str) {
        let opened = link::decode(text).and_then(|(recording, notice)| {
            let scenario = Rc::new(recording.scenario.clone());
            let event = recording.cursor;
            self.runner.open(recording).map(|()| (scenario, event, notice))
        });
        match opened {
            Err(sentence) => self.refuse(sentence),
            Ok((scenario, event, notice)) => {
                let at = event.unwrap_or_else(|| u64::from(self.runner.read(|session, _| session.world().events())));
                let notice = match notice {
                    Some(notice) => Notice::Refused(notice.to_string()),
                    None => Notice::Said(strings::opened(at as u32)),
                };
                self.tell(Do::Run(scenario, notice));
            }
        }
    }

    /// Opens a scenario file. Files are read by the second program, which is loaded for it.
    pub fn open_file(&self, text: String) {
        let hand = self.clone();
        yew::platform::spawn_local(async move {
            let read = read(&text).await.map_err(|error| error.unchecked_into::<js_sys::Error>().message().into());
            match read.and_then(|link| link::carried(&link.as_string().unwrap_or_default())) {
                Ok((recording, _)) => hand.try_start(recording.scenario),
                Err(sentence) => hand.refuse(sentence),
            }
        });
    }
}

/// What a component acts with.
#[hook]
pub fn use_hand() -> Hand {
    use_context::<Hand>().expect("the root gives every component its hand")
}
