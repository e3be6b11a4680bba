//! What several tests share; each of them uses its part.
#![allow(dead_code)]

pub mod files;
pub mod scenarios;
