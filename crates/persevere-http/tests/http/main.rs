//! The rules of HTTP, row by row.

mod hints;
mod rules;
mod statuses;
