//! Breakers and budgets in runs.

mod breaker;
mod budget;
mod cancelling;
mod clocks;
mod leaving;
mod parity;
mod series;
mod several;
