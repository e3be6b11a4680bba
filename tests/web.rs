//! What has to be seen in a real browser: `wasm-pack test --headless --chrome`.
//!
//! Two things: the engine gives the traces that it gives natively, and the page's components do what a person asks.
#![cfg(target_arch = "wasm32")]

#[path = "golden/mod.rs"]
mod golden;
#[allow(dead_code)]
#[path = "exhausted/known.rs"]
mod known;

use consensus_playground::check::models::paxos_tla::{Paxos, Rule};
use consensus_playground::check::models::two_phase::TwoPhase;
use consensus_playground::check::{Bounds, Ended, Order, Progress, Search};
use consensus_playground::js;
use consensus_playground::ui::{App, AppProps};
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Document, Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn golden_recordings_give_their_traces() {
    let mut seen = 0;
    for (name, line) in golden::lines() {
        assert_eq!(golden::replay(name), line);
        seen += 1;
    }
    assert!(seen > 40, "only {seen} golden recordings");
}

#[wasm_bindgen_test]
fn the_search_counts_what_it_counts_natively() {
    let counts = |progress: Progress| (progress.generated, progress.unique, progress.depth, progress.ended);
    let all = Some(Ended::Exhausted);
    let mut search = Search::new(TwoPhase::new(5), Order::Breadth, Bounds::NONE);
    assert_eq!(counts(search.run(u64::MAX)), (58_146, 8_832, 17, all));
    let mut search = Search::new(TwoPhase::new(7), Order::Depth, Bounds::NONE);
    assert_eq!(counts(search.run(u64::MAX)), (2_744_706, 296_448, 23, all));
    let mut search = Search::new(Paxos::new(3, Rule::Highest), Order::Breadth, Bounds::NONE);
    assert_eq!(counts(search.run(u64::MAX)), (1_361_380, 185_369, 25, all));
    // Where it ends in the middle, it ends at the same step, by the same path.
    let mut search = Search::new(Paxos::new(3, Rule::AnyReported), Order::Breadth, Bounds::NONE);
    assert_eq!(counts(search.run(u64::MAX)), (811_909, 130_067, 18, Some(Ended::Found)));
    assert_eq!(search.path(0).map(|path| path.depth()), Some(18));
    assert_eq!(search.trail(0), Some(&[0, 0, 1, 2, 3, 3, 4, 1, 4, 3, 4, 3, 4, 8, 6, 3, 3, 6][..]));
}

#[wasm_bindgen_test]
fn the_checker_counts_the_states_that_it_counts_natively() {
    known::KNOWN.iter().for_each(|known| known::exhausts(known, 1));
}

fn done<T>(result: Result<T, JsError>) -> T {
    result.unwrap_or_else(|error| panic!("{:?}", JsValue::from(error)))
}

#[wasm_bindgen_test]
fn the_interface_walks_a_run_and_gives_its_link() {
    let file = include_str!("../www/scenarios/raft-split-brain.json");
    let mut run = done(js::Run::new(&file.into(), None));
    assert_eq!((done(run.step(Some(300.0))), run.event()), (300, 300));
    let (hash, link) = (run.hash(), done(run.link()));
    run.run_to_end();
    assert!(run.events() > 1000 && run.hash() != hash);
    let opened = done(js::Run::open(&link.as_str().into()));
    assert_eq!((opened.event(), opened.hash()), (300, hash.clone()));
    done(run.seek(300.0));
    assert_eq!(run.hash(), hash);
    let report = done(run.report());
    let said = js_sys::Reflect::get(&report, &"trace_hash".into()).unwrap();
    assert_eq!(said.as_string(), Some(hash));
    assert!(run.seek(-1.0).is_err());
    let object = js_sys::JSON::parse(file).unwrap();
    let mut run = done(js::Run::new(&object, Some(true)));
    assert_eq!(done(run.step(None)), 1);
}

/// What a function of the interface throws, in words.
fn thrown<T>(result: Result<T, JsError>) -> String {
    let error = result.err().map(JsValue::from).expect("an error");
    error.dyn_into::<js_sys::Error>().expect("an Error").message().into()
}

#[wasm_bindgen_test]
fn the_interface_says_in_a_sentence_what_cannot_be_done() {
    assert_eq!(
        thrown(js::Run::new(&"{\"version\": 2}".into(), None)),
        "version: expected 1, the version of the format, found 2"
    );
    let expected = "a run expects the text of a scenario file, or the object in it";
    let cyclic = js_sys::Array::new();
    cyclic.push(&cyclic);
    let symbol = js_sys::Symbol::iterator().into();
    for nonsense in [JsValue::UNDEFINED, JsValue::NULL, 3.5.into(), true.into(), symbol, cyclic.into()] {
        assert_eq!(thrown(js::Run::new(&nonsense, None)), expected);
    }
    assert_eq!(thrown(js::Run::open(&7.into())), "open expects the text of a link");
    assert!(js::Run::open(&"#v1.nonsense".into()).is_err());
    assert_eq!(thrown(js::linearize(&JsValue::NULL)), "linearize expects the text of a history file");
    assert!(thrown(js::linearize(&"{}".into())).starts_with("line 1: "));
}

#[wasm_bindgen_test]
fn the_interface_lists_what_there_is_and_judges_a_history() {
    let written = |value: &JsValue| String::from(js_sys::JSON::stringify(value).unwrap());
    assert!(written(&done(js::list())).contains("\"id\":\"vr\""));
    let history = "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}
        {\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":\"x\"}";
    let verdict = done(js::linearize(&history.into()));
    let expected =
        "{\"linearizable\":false,\"operations\":1,\"witness\":{\"prefix\":2,\"key\":null,\"operations\":[0],\"why\":";
    assert!(written(&verdict).starts_with(expected), "{}", written(&verdict));
}

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a document")
}

/// The page in an element of its own, at rest.
struct Page {
    root: Element,
    handle: Option<yew::AppHandle<App>>,
}

impl Page {
    async fn open(embed: bool) -> Page {
        let root = document().create_element("div").unwrap();
        document().body().unwrap().append_child(&root).unwrap();
        let properties = AppProps { embed, autoplay: false };
        let handle = yew::Renderer::<App>::with_root_and_props(root.clone(), properties).render();
        let page = Page { root, handle: Some(handle) };
        page.settle().await;
        page
    }

    /// Three frames, in which views are published, and everything that follows from them.
    async fn settle(&self) {
        for _ in 0..3 {
            yew::scheduler::flush().await;
            let frame = js_sys::Promise::new(&mut |resolve, _| {
                web_sys::window().unwrap().request_animation_frame(&resolve).unwrap();
            });
            wasm_bindgen_futures::JsFuture::from(frame).await.unwrap();
        }
        yew::scheduler::flush().await;
    }

    fn all(&self, selector: &str) -> Vec<Element> {
        let list = self.root.query_selector_all(selector).unwrap();
        (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
    }

    fn one(&self, selector: &str) -> Element {
        self.root.query_selector(selector).unwrap().unwrap_or_else(|| panic!("{selector} is there"))
    }

    fn text(&self, selector: &str) -> String {
        self.one(selector).text_content().unwrap_or_default()
    }

    /// The button that says `label`, or is labelled so.
    fn button(&self, label: &str) -> HtmlElement {
        let found = self.all("button").into_iter().find(|button| {
            button.text_content().as_deref() == Some(label)
                || button.get_attribute("aria-label").as_deref() == Some(label)
        });
        found.unwrap_or_else(|| panic!("a button {label}")).dyn_into().unwrap()
    }

    async fn click(&self, label: &str) {
        self.button(label).click();
        self.settle().await;
    }

    async fn click_on(&self, selector: &str) {
        let event = web_sys::MouseEvent::new_with_mouse_event_init_dict("click", &{
            let init = web_sys::MouseEventInit::new();
            init.set_bubbles(true);
            init
        });
        self.one(selector).dispatch_event(&event.unwrap()).unwrap();
        self.settle().await;
    }

    fn event(&self) -> u32 {
        self.one(".page").get_attribute("data-event").and_then(|event| event.parse().ok()).expect("an event")
    }

    fn hash(&self) -> String {
        self.one(".page").get_attribute("data-hash").expect("a hash")
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            handle.destroy();
        }
        self.root.remove();
    }
}

#[wasm_bindgen_test]
async fn the_page_shows_a_cluster_with_a_leader() {
    let page = Page::open(false).await;
    assert_eq!(page.all(".node").len(), 5);
    assert_eq!(page.all(".node.leads").len(), 1);
    assert!(page.text(".sentence").contains("leads term"), "{}", page.text(".sentence"));
    assert!(page.all(".cell.delivered").len() >= 5, "something is delivered everywhere");
    assert!(page.all(".properties li").len() > 8, "the properties are listed");
}

#[wasm_bindgen_test]
async fn the_leader_is_crashed_and_restarted_by_hand() {
    let page = Page::open(false).await;
    let before = page.event();
    page.click("Crash the leader").await;
    assert_eq!(page.all(".node.down").len(), 1);
    assert_eq!(page.event(), before + 1);
    let down = page.one(".node.down").id();
    page.click_on(&format!("#{down}")).await;
    page.click("Restart, disk kept").await;
    assert_eq!(page.all(".node.down").len(), 0);
    assert_eq!(page.event(), before + 2);
}

#[wasm_bindgen_test]
async fn one_event_forward_and_back_is_the_same_moment() {
    let page = Page::open(false).await;
    let (event, hash) = (page.event(), page.hash());
    page.click("One event forward").await;
    assert_eq!(page.event(), event + 1);
    assert_ne!(page.hash(), hash);
    page.click("One event back").await;
    assert_eq!((page.event(), page.hash()), (event, hash));
}

#[wasm_bindgen_test]
async fn a_node_is_cut_off_and_the_network_healed() {
    let page = Page::open(false).await;
    page.click_on("#node-0").await;
    page.click("Cut off").await;
    assert_eq!(page.all(".node.apart").len(), 1);
    assert!(!page.all(".wall").is_empty(), "a wall is drawn");
    page.click("Heal the network").await;
    assert_eq!(page.all(".node.apart").len(), 0);
}

#[wasm_bindgen_test]
async fn acting_in_the_past_leaves_both_branches() {
    let page = Page::open(false).await;
    page.click("Crash the leader").await;
    for _ in 0..3 {
        page.click("One event back").await;
    }
    page.click_on("#node-1").await;
    page.click("Pause").await;
    assert_eq!(page.all("#branch option").len(), 2);
    page.click("Take back").await;
    assert_eq!(page.all(".node.paused").len(), 0);
}

#[wasm_bindgen_test]
async fn what_led_to_an_event_is_told() {
    let page = Page::open(false).await;
    page.click("What led here").await;
    let told = page.text("#picked");
    assert!(told.contains(&format!("event {}", page.event() - 1)) && told.contains("events led to it"), "{told}");
    page.click("One event back").await;
    page.click("Go there").await;
    assert!(told.contains(&format!("event {}", page.event() - 1)));
}

#[wasm_bindgen_test]
async fn one_direction_of_a_link_is_cut_and_slowed_in_its_dialog() {
    let page = Page::open(false).await;
    page.click_on("#node-0").await;
    page.click("Its links…").await;
    page.click("Cut: n0 → n1").await;
    page.click("+200 ms: n2 → n0").await;
    assert_eq!((page.all(".link.oneway").len(), page.all(".link.slow").len()), (1, 1));
    page.click("Join: n0 → n1").await;
    assert_eq!(page.all(".link.oneway").len(), 0);
}

#[wasm_bindgen_test]
async fn an_embedded_page_is_stage_order_and_clock() {
    let page = Page::open(true).await;
    assert_eq!(page.all("main section").len(), 2);
    assert_eq!(page.all(".clock").len(), 1);
    assert_eq!(page.all("#protocol").len(), 0);
    assert_eq!(page.text("#play"), "▶", "it does not play by itself");
}

/// Closures of a page that is gone must be gone as well: nothing may be called any more.
#[wasm_bindgen_test]
async fn a_page_can_be_taken_away() {
    let page = Page::open(false).await;
    page.click("Play").await;
    drop(page);
    let wait = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window().unwrap().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 100).unwrap();
    });
    wasm_bindgen_futures::JsFuture::from(wait).await.unwrap();
    assert_eq!(document().query_selector_all(".page").unwrap().length(), 0);
}
