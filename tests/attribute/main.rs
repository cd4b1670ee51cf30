//! The attribute `#[retry]` and the derive `Retryable`.

mod beside;
mod calls;
mod classifiers;
mod counts;
mod derive;
mod forms;
mod guards;
mod interrupted;
mod parity;
mod policies;
mod settings;
mod spawning;
mod waits;
mod watching;
