//! Breakers and budgets in runs.

mod breaker;
mod budget;
mod clocks;
mod leaving;
mod parity;
mod series;
