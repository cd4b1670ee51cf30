//! How a policy behaves, on virtual time: each module claims one thing.

mod backoff;
mod behind;
mod cancellation;
mod cancelled_waits;
mod dropping;
mod errors;
mod events;
mod factors;
mod faults;
mod hints;
mod invalid;
mod jitter;
mod limits;
mod machine;
mod own_loop;
mod panics;
mod parity;
mod paused;
mod printed;
mod registry;
mod seeds;
mod settings;
mod stats;
mod timeouts;
mod worst_case;
mod zero;
