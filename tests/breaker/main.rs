//! The circuit breaker on its own: against a reference model, the faults of other breakers, and many threads.

mod calls;
mod clocks;
mod control;
mod drive;
mod faults;
mod invalid;
mod judged;
mod manual;
mod probes;
mod properties;
mod seeded;
mod shared;
mod stress;
mod unfinished;
mod user_code;
mod windows;
