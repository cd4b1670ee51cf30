//! The hook for circuit breakers.

use crate::kind::Kind;
use crate::trace::{Trace, emit};
use persevere_breaker::{State, Transition};
use tracing::Level;

impl<P> Trace<P> {
    /// Logs a transition of a circuit breaker: for its setting `on_transition`.
    ///
    /// ```
    /// use persevere::breaker::CircuitBreaker;
    /// use persevere::tracing::Trace;
    /// use std::time::Duration;
    ///
    /// static TRACE: Trace = Trace::named("billing");
    /// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5)
    ///     .open_for(Duration::from_secs(30))
    ///     .on_transition(&|transition| TRACE.transition(transition))
    ///     .build();
    ///
    /// BREAKER.force_open(); // WARN persevere: billing: circuit breaker forced open
    /// # BREAKER.release();
    /// ```
    pub fn transition(&self, transition: Transition) {
        let (kind, text) = match transition.to {
            State::Open => (Kind::Opened, "opened"),
            State::ForcedOpen => (Kind::Opened, "forced open"),
            State::HalfOpen => (Kind::HalfOpened, "is half-open"),
            State::Closed if transition.from == State::Closed => (Kind::Closed, "was reset"),
            State::Closed => (Kind::Closed, "closed"),
            State::ForcedClosed => (Kind::Closed, "forced closed"),
            _ => (Kind::HalfOpened, "changed"),
        };
        if let Some(level) = self.level_of(kind) {
            emit!(
                level,
                persevere.name = self.name(),
                persevere.state = transition.to.as_str(),
                "{}circuit breaker {text}",
                self.prefix(),
            );
        }
    }
}
