//! The interface for other people's pages: the engine without the page.
//!
//! ```js
//! import init, { run, link } from "./app.js";
//! await init();
//! const report = JSON.parse(run(scenarioOrLink));
//! ```

use crate::scenario::{ENGINE, Recording, Scenario, link};
use crate::session::Session;
use wasm_bindgen::prelude::*;

/// Runs a scenario file or the run of a link to its end, or a link to its cursor, and gives the report as JSON, the
/// same to the letter as `headless run`. Throws one sentence when the input is wrong.
#[wasm_bindgen]
pub fn run(input: &str) -> Result<String, JsError> {
    let session = Session::open(recording(input)?).map_err(sentence)?;
    Ok(session.report().json())
}

/// The link of a scenario file, from its `#`. Throws one sentence when the file is wrong.
#[wasm_bindgen]
pub fn link(scenario: &str) -> Result<String, JsError> {
    link::encode(&recording(scenario)?).map_err(sentence)
}

/// The version of the engine: links made by another may give other traces.
#[wasm_bindgen]
pub fn engine() -> u32 {
    ENGINE
}

fn recording(input: &str) -> Result<Recording, JsError> {
    if input.trim_start().starts_with('{') {
        Ok(Recording::new(Scenario::from_json(input).map_err(sentence)?))
    } else {
        Ok(link::decode(input).map_err(sentence)?.0)
    }
}

fn sentence(text: String) -> JsError {
    JsError::new(&text)
}
