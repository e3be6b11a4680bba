//! What several tests share.

pub mod scenarios;
