//! The page.
//!
//! - [`strings`]: every word that a person reads.
//! - [`setup`]: what the bar sets, and the run that the page opens on.
//! - [`geometry`]: where things stand on the stage.
//! - [`goal`]: what a run can be played until.
//! - [`view`]: what the page shows, as plain data read off a session. Small, comparable, made a few times a second.
//! - `runner`: owns the session outside the virtual DOM, plays it, publishes views.
//! - `paint`: canvases, drawn every frame outside the virtual DOM.
//! - `tree`: `html!` in little code.
//! - `part`: components, one a file.
//!
//! The last four are for the browser only.

pub mod geometry;
pub mod goal;
pub mod setup;
pub mod strings;
pub mod view;

#[cfg(target_arch = "wasm32")]
mod crash;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod paint;
#[cfg(target_arch = "wasm32")]
mod part;
#[cfg(target_arch = "wasm32")]
mod runner;
#[cfg(target_arch = "wasm32")]
mod tree;

#[cfg(target_arch = "wasm32")]
pub use part::app::{App, AppProps, start};
