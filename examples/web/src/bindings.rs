//! The functions that the page calls.

use crate::playground::Playground;
use wasm_bindgen::prelude::wasm_bindgen;

/// Everything that the page shows, as text. If the choices have a mistake, only `problem` is set.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The mistakes in the choices; empty if there is none.
    pub problem: String,
    /// The worst case and the load.
    pub summary: String,
    /// The rows of the table.
    pub table: String,
    /// The delays as SVG.
    pub schedule: String,
    /// The retries as SVG.
    pub spread: String,
    /// The policy in TOML.
    pub toml: String,
    /// The policy in Rust.
    pub rust: String,
}

/// Shows choices such as `curve=exponential&base=100ms`.
#[wasm_bindgen]
#[must_use]
pub fn show(choices: &str) -> Shown {
    match Playground::read(choices) {
        Ok(playground) => Shown {
            problem: String::new(),
            table: playground.table(),
            summary: playground.summary,
            schedule: playground.schedule,
            spread: playground.spread,
            toml: playground.toml,
            rust: playground.rust,
        },
        Err(problem) => Shown {
            problem,
            ..Shown::default()
        },
    }
}
