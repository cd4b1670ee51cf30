//! The circuit breaker by itself: against a reference model, the faults of others, and many threads.

mod calls;
mod drive;
mod faults;
mod hand;
mod invalid;
mod judged;
mod properties;
mod stress;
mod user_code;
mod windows;
