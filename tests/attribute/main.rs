//! The attribute: what it does with functions of every form.

mod beside;
mod calls;
mod classifiers;
mod counts;
mod derive;
mod features;
mod forms;
mod interrupted;
mod parity;
mod settings;
mod spawning;
mod ui;
mod watching;
