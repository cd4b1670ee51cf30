//! Breakers and budgets in runs.

mod breaker;
mod budget;
mod leaving;
mod parity;
mod series;
