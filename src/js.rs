//! The engine for other people's pages: the class `Run`, to JavaScript what [`crate::session`] is to the page.
//!
//! `docs/embedding.md` tells how a page gets hold of it. Whatever JavaScript hands in, what cannot be done is thrown
//! as an `Error` whose message is one sentence.

use crate::catalogue;
use crate::properties::linearizable;
use crate::scenario::{ENGINE, Scenario, link};
use crate::session::Session;
use crate::sim::Options;
use js_sys::{JSON, Number};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// A run of a cluster, walked forward and back.
#[wasm_bindgen]
pub struct Run {
    session: Session,
}

#[wasm_bindgen]
impl Run {
    /// The run of a scenario, before its first event: the text of a scenario file, or what `JSON.parse` makes of it.
    /// With `bare`, neither trace nor properties are kept: faster, but then the report is silent about both.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "string | object")] scenario: &JsValue,
        bare: Option<bool>,
    ) -> Result<Run, JsError> {
        let kept = !bare.unwrap_or(false);
        let scenario = match scenario.is_object() {
            true => JSON::stringify(scenario).map(JsValue::from).unwrap_or_default(),
            false => scenario.clone(),
        };
        let scenario = text(&scenario, "a run expects the text of a scenario file, or the object in it")?;
        let scenario = Scenario::from_json(scenario).map_err(thrown)?;
        let session = Session::with(scenario, Vec::new(), Options { trace: kept, properties: kept });
        session.map(|session| Run { session }).map_err(thrown)
    }

    /// The run behind a link, at the event that the link points to.
    pub fn open(#[wasm_bindgen(unchecked_param_type = "string")] link: &JsValue) -> Result<Run, JsError> {
        let (recording, _) = link::decode(&text(link, "open expects the text of a link")?).map_err(thrown)?;
        Session::open(recording).map(|session| Run { session }).map_err(thrown)
    }

    /// Up to `count` events forward, one if no number is given; tells how many there were. Fewer: the run is over.
    pub fn step(&mut self, count: Option<f64>) -> Result<u32, JsError> {
        let count = number("step", count.unwrap_or(1.0))?;
        Ok((0..count).take_while(|_| self.session.step()).count() as u32)
    }

    /// To where `event` events have happened, or to the end of the run if that comes first.
    pub fn seek(&mut self, event: f64) -> Result<(), JsError> {
        self.session.seek(number("seek", event)?);
        Ok(())
    }

    /// To the end of the run.
    #[wasm_bindgen(js_name = runToEnd)]
    pub fn run_to_end(&mut self) {
        self.session.run();
    }

    /// How many events have happened at the cursor.
    #[wasm_bindgen(getter)]
    pub fn event(&self) -> u32 {
        self.session.world().events()
    }

    /// How many events were computed.
    #[wasm_bindgen(getter)]
    pub fn events(&self) -> u32 {
        self.session.head().events()
    }

    /// Virtual time at the cursor, µs.
    #[wasm_bindgen(getter)]
    pub fn now_us(&self) -> f64 {
        self.session.world().now() as f64
    }

    /// The hash of the trace up to the cursor, 16 hex digits.
    #[wasm_bindgen(getter)]
    pub fn hash(&self) -> String {
        format!("{:016x}", self.session.world().trace().hash())
    }

    /// The report at the cursor: the object whose JSON `headless run` prints.
    pub fn report(&self) -> Result<JsValue, JsError> {
        JSON::parse(&self.session.report().json()).map_err(|_| JsError::new("the report cannot be read"))
    }

    /// The link that opens this run at this event in the page: from its `#`.
    pub fn link(&self) -> Result<String, JsError> {
        link::encode(&self.session.recording()).map_err(thrown)
    }
}

/// The version of the engine: links made by another may give other traces.
#[wasm_bindgen]
pub fn engine() -> u32 {
    ENGINE
}

/// Whether a history is linearizable, and what shows it: the text of a history file to the object whose JSON
/// `headless linearize` prints. `linearizable` is null where that was not settled within some seconds.
#[wasm_bindgen]
pub fn linearize(#[wasm_bindgen(unchecked_param_type = "string")] history: &JsValue) -> Result<JsValue, JsError> {
    let history = linearizable::parse(&text(history, "linearize expects the text of a history file")?);
    let verdict = linearizable::check(&history.map_err(thrown)?);
    verdict.serialize(&Serializer::json_compatible()).map_err(JsError::from)
}

/// What there is, as `headless list` prints it: protocols with their variants, settings, messages and properties.
#[wasm_bindgen]
pub fn list() -> Result<JsValue, JsError> {
    JSON::parse(&catalogue::json()).map_err(|_| JsError::new("the list cannot be read"))
}

/// The text that JavaScript handed in. Without looking, anything else would be a `TypeError` of the glue, or a text by
/// the browser's own conversion.
fn text(given: &JsValue, expected: &str) -> Result<String, JsError> {
    given.as_string().ok_or_else(|| JsError::new(expected))
}

fn thrown(sentence: String) -> JsError {
    JsError::new(&sentence)
}

/// A number of events. JavaScript's conversion would make something of anything: -1 would be a very late event.
fn number(whose: &str, given: f64) -> Result<u32, JsError> {
    if given >= 0.0 && given <= f64::from(u32::MAX) && given.fract() == 0.0 {
        Ok(given as u32)
    } else {
        // The browser's own conversion: Rust's weighs 6 kB.
        let found = Number::from(given).to_string_with_radix(10).map_or_else(|_| String::new(), String::from);
        Err(JsError::new(&format!("{whose} expects a whole number of events, not {found}")))
    }
}
