//! The lock-free parts under a model checker: every interleaving of two or three threads, with the reorderings that the
//! memory model allows. `cargo test -p persevere-model --release --features loom`
//!
//! Loom, rather than a random scheduler, since the promises are about every interleaving and about memory orderings, which
//! sequentially consistent schedulers do not vary. What is too long for it, eight threads with thousands of calls, is left to
//! the stress test of the breaker on real threads.

#![cfg(feature = "loom")]

use loom::sync::Arc;
use loom::thread;
use persevere_breaker::{CircuitBreaker, State, Transition, Trip};
use std::time::Duration;

/// Milliseconds.
#[must_use]
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Every interleaving with at most so many preemptions; a preemption is a switch from a thread that could have gone on.
pub fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 50_000;
    builder.check(model);
}

/// Opens on this many failures, for 10 ms, with leases of 10 ms.
#[must_use]
pub fn breaker(failures: u32, max_probes: u8) -> Arc<CircuitBreaker> {
    let builder = CircuitBreaker::consecutive_failures(failures).open_for(ms(10));
    shared(builder.max_probes(max_probes).build())
}

/// Known to the checker, and ready to be shared.
pub fn shared<T: Trip>(breaker: CircuitBreaker<T>) -> Arc<CircuitBreaker<T>> {
    breaker.touch();
    Arc::new(breaker)
}

/// Opened by a failure, and half-open at 10 ms.
#[must_use]
pub fn half_open(max_probes: u8) -> Arc<CircuitBreaker> {
    let breaker = breaker(1, max_probes);
    breaker.try_acquire(ms(0)).unwrap().failure(ms(0));
    breaker
}

/// What one thread does.
pub type Part<T> = Box<dyn FnOnce(&CircuitBreaker<T>)>;

/// Runs each on a thread of its own, to their end.
pub fn race<T: Trip + 'static>(breaker: &Arc<CircuitBreaker<T>>, parts: Vec<Part<T>>) {
    let threads: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let breaker = Arc::clone(breaker);
            thread::spawn(move || part(&breaker))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// All transitions from the first, each following from the one before.
pub fn chain(transitions: impl Iterator<Item = Transition>) -> Vec<State> {
    let mut last = State::Closed;
    (1..)
        .zip(transitions)
        .map(|(sequence, transition)| {
            assert_eq!((transition.sequence, transition.from), (sequence, last));
            last = transition.to;
            last
        })
        .collect()
}
