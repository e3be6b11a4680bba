//! A playground for consensus: a whole cluster in one deterministic simulation.
//!
//! The rooms, from the ground up; each knows only those before it:
//!
//! - [`protocol`]: what a protocol is. Every protocol needs this file only.
//! - [`growing`]: a list that grows at its end and is cloned often.
//! - [`sorted`]: an ordered map that grows and is cloned often.
//! - [`sorting`]: sorting in little code.
//! - [`text`]: words for people, which are a file of their own beside the page.
//! - [`protocols`]: one folder each, and one registry.
//! - [`properties`]: what must hold of a run, watched as it happens.
//! - [`scenario`]: what a run is given: the scenario file, the recording and the link.
//! - [`sim`]: the simulated world that a protocol runs in: nodes, disks, clocks, network, clients, time travel.
//! - [`diagnosis`]: why nothing moves.
//! - [`report`]: the report of a run.
//! - `catalogue`: what there is, as JSON.
//! - `check`: every run up to a bound, instead of one.
//! - `swarm`: random scenarios, judged and minimised.
//! - [`session`]: the one face of a running world; page, JavaScript and headless runner all stand on it.
//! - `storm`: one scenario on several protocols.
//! - `js`: the engine for other people's pages; on the browser's target only.
//! - [`ui`]: the page. What it shows is made of plain data on any target; components and canvases are for the browser.
//!
//! The page's own program is built with the feature `page`, and does without `catalogue`, `check`, `js`, `storm` and
//! `swarm`: what it needs of them, a second program does for it, `src/bin/worker.rs`.

// `ui::tree::html` takes a step for every tag and attribute.
#![recursion_limit = "512"]

// In the rooms where a run is made nothing may differ from machine to machine: no floating-point arithmetic, and none
// of the types of clippy.toml.

// First, for its macro.
#[macro_use]
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod text;

#[cfg(not(feature = "page"))]
pub mod catalogue;
#[cfg(not(feature = "page"))]
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod check;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod diagnosis;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod growing;
#[cfg(all(target_arch = "wasm32", not(feature = "page")))]
pub mod js;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod properties;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod protocol;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod protocols;
pub mod report;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod scenario;
pub mod session;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod sim;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod sorted;
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod sorting;
#[cfg(not(feature = "page"))]
pub mod storm;
#[cfg(not(feature = "page"))]
#[deny(clippy::float_arithmetic, clippy::disallowed_types)]
pub mod swarm;
pub mod ui;
