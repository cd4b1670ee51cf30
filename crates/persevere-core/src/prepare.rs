//! What the drivers share before an attempt.

use crate::as_policy::AsPolicy;
use crate::attempt::Attempt;
use crate::error::{RetryError, StopReason};
use crate::gate::Refused;
use crate::guards::sealed::Admit;
use crate::machine::Machine;
use crate::observe::{Event, Failure, Observer};
use crate::run::Run;
use crate::sleeper::Sleeper;
use crate::span::Span;
use core::time::Duration;

/// What the drivers share before an attempt.
impl<P: AsPolicy, S: Sleeper, O, G> Run<P, S, O, G> {
    #[inline]
    pub(crate) fn start<E>(&mut self)
    where
        O: Observer<E>,
    {
        if let Some(now) = self.now() {
            self.machine = Some(Machine::start(now));
        }
        self.observer.on_event(&Event::Started);
    }

    /// [`start`](Run::start), unless the sleeper is cancelled already.
    #[inline]
    pub(crate) fn begin<E>(&mut self) -> Result<(), RetryError<E>>
    where
        O: Observer<E>,
    {
        self.start();
        if self.sleeper.is_cancelled() {
            Err(self.cancelled())
        } else {
            Ok(())
        }
    }

    /// Asks the guards for an attempt. Whoever cannot tell a panic from a drop asks for the time `at_once`.
    #[inline]
    pub(crate) fn enter(&mut self, at_once: bool) -> Result<(), Refused>
    where
        G: Admit,
    {
        let clock = || self.sleeper.now();
        self.guards.enter(clock, at_once)?;
        self.guards.begin(clock);
        Ok(())
    }

    /// [`refused`](Run::refused) as a call, for a run that is in memory anyway.
    #[cold]
    pub(crate) fn refused_apart<E>(&mut self, refused: Refused) -> Result<Span, RetryError<E>>
    where
        O: Observer<E>,
    {
        self.refused(refused)
    }

    /// Decides what follows an attempt that was not let through: the delay until it is asked for again, or the end of the run
    /// with its error.
    // Not a call, which would put a blocking run into memory, where the compiler sees no constants.
    #[inline(always)]
    pub(crate) fn refused<E>(&mut self, refused: Refused) -> Result<Span, RetryError<E>>
    where
        O: Observer<E>,
    {
        let (now, retry_after) = (self.now(), refused.retry_after());
        let machine = self.machine.get_or_insert(Machine::NEW);
        let attempt = machine.attempt();
        self.observer.on_event(&Event::Rejected { attempt, retry_after });
        let failure = Failure::Rejected;
        match machine.wait_out(&self.policy, retry_after, now) {
            Some(delay) if self.sleeper.is_cancelled() => {
                machine.unwait_nanos(delay.nanos());
                machine.end(StopReason::Cancelled);
            }
            Some(delay) => {
                self.observer.on_event(&Event::Waiting {
                    attempt,
                    failure,
                    delay: delay.into(),
                });
                return Ok(delay);
            }
            None => {}
        }
        self.tell_end(Some(failure));
        Err(self.state().error(now, None))
    }

    #[inline]
    pub(crate) fn attempt(&self) -> Attempt {
        let machine = self.state();
        Attempt {
            number: machine.attempt(),
            timeout: machine.timeout(&self.policy, self.now().unwrap_or_default()),
        }
    }

    /// When to cut off an async attempt.
    #[inline]
    pub(crate) fn cut_off(&self) -> Option<Duration> {
        self.policy
            .limits()
            .attempt_timeout
            .and_then(|_| self.attempt().timeout)
    }
}
