//! Components, one a file.

pub mod app;
mod bar;
mod branches;
mod check;
mod clock;
mod dialog;
mod drag;
mod grip;
mod inspector;
mod keys;
mod links;
mod log;
mod menu;
mod messages;
mod order;
mod partition;
mod popover;
mod progress;
mod properties;
mod settings;
mod share;
mod side;
mod spacetime;
mod stage;
mod state;
mod story;
