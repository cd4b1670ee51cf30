//! The playground: the effects of a policy, as pictures and numbers for a page.
//!
//! `cargo xtask web` builds the page into `target/web/playground.html`, one file that works without a network. The page
//! passes its inputs to [`Playground::read`] and shows the result: no number on it is computed elsewhere.

#![forbid(unsafe_code)]

#[cfg(target_arch = "wasm32")]
pub mod bindings;
mod chart;
mod choices;
mod fleet;
mod playground;
#[path = "../../../crates/persevere-sim/src/report/svg.rs"]
mod svg;
mod words;

pub use choices::Choices;
pub use playground::{Playground, Row};
