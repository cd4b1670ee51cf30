//! The circuit breaker on its own: against a reference model, the faults of other breakers, and many threads.

mod calls;
mod drive;
mod faults;
mod invalid;
mod judged;
mod manual;
mod properties;
mod stress;
mod user_code;
mod windows;
