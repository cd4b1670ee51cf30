//! Operations that follow a script, count their calls and take time.

use crate::answers::ran_out;
use crate::call::Call;
use crate::shared::Shared;
use crate::time::VirtualTime;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::time::Duration;

/// An operation whose calls follow a script: each call is the next [`Call`].
///
/// Clones share the position in the script.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Call, Script, VirtualTime};
/// use std::time::Duration;
///
/// let time = VirtualTime::new();
/// let fetch = Script::new([Call::err("down").taking(Duration::from_secs(2)), Call::ok(7)]).on(&time);
///
/// let policy = Policy::fixed(Duration::from_secs(1));
/// assert_eq!(policy.on(&time).run_blocking(|| fetch.call()).unwrap(), 7);
/// assert_eq!(fetch.calls(), 2);
/// assert_eq!(fetch.started(), [0, 3].map(Duration::from_secs));
/// ```
///
/// # Panics
///
/// A call after the end of the script panics, so that a test fails at the first attempt too many.
pub struct Script<T, E> {
    source: Shared<Source<T, E>>,
    /// The start time of each call.
    started: Shared<Vec<Duration>>,
    /// The number of async calls that have neither ended nor been dropped.
    running: Shared<usize>,
    time: Option<VirtualTime>,
}

enum Source<T, E> {
    List(VecDeque<Call<T, E>>),
    Repeating(VecDeque<Call<T, E>>, fn(&Call<T, E>) -> Call<T, E>),
    Function(Box<dyn FnMut(u32) -> Call<T, E> + Send>),
}

impl<T, E> Script<T, E> {
    /// Creates a script of `calls`: values of [`Call`] or plain `Result`s.
    pub fn new(calls: impl IntoIterator<Item: Into<Call<T, E>>>) -> Script<T, E> {
        Script::by(Source::List(calls.into_iter().map(Into::into).collect()))
    }

    /// Creates a script from a function of the call's number, from 1.
    ///
    /// ```
    /// use persevere_testkit::{Call, Script};
    ///
    /// let flaky = Script::from_fn(|number| if number % 3 == 0 { Call::ok(number) } else { Call::err("down") });
    /// assert_eq!([flaky.call(), flaky.call(), flaky.call()], [Err("down"), Err("down"), Ok(3)]);
    /// ```
    pub fn from_fn(function: impl FnMut(u32) -> Call<T, E> + Send + 'static) -> Script<T, E> {
        Script::by(Source::Function(Box::new(function)))
    }

    fn by(source: Source<T, E>) -> Script<T, E> {
        Script {
            source: Shared::new(source),
            started: Shared::default(),
            running: Shared::default(),
            time: None,
        }
    }

    /// Returns the same script, which repeats its last call forever.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Script, VirtualTime};
    ///
    /// let (time, down) = (VirtualTime::new(), Script::new([Err::<(), _>("down")]).repeating_last());
    /// let error = Policy::default().max_attempts(9).on(&time).run_blocking(|| down.call()).unwrap_err();
    /// assert_eq!((error.attempts(), down.calls()), (9, 9));
    /// ```
    #[must_use]
    pub fn repeating_last(self) -> Script<T, E>
    where
        T: Clone,
        E: Clone,
    {
        self.source.with(|source| {
            if let Source::List(calls) = source {
                *source = Source::Repeating(core::mem::take(calls), Clone::clone);
            }
        });
        self
    }

    /// Returns the same script on the clock `time`, on which its calls take time.
    #[must_use]
    pub fn on(self, time: &VirtualTime) -> Script<T, E> {
        Script {
            time: Some(time.clone()),
            ..self
        }
    }

    /// Makes the next call, as a blocking operation: `run_blocking(|| script.call())`.
    ///
    /// # Errors
    ///
    /// The error of the scripted call.
    ///
    /// # Panics
    ///
    /// If the script has ended, or if the call takes time and the script has no clock.
    pub fn call(&self) -> Result<T, E> {
        let Call { answer, takes } = self.next();
        if let Some(time) = &self.time {
            time.advance(takes);
        }
        answer
    }

    /// Makes the next call, as an async operation: `run(|| script.call_async())`.
    ///
    /// The call is counted at once, and not when the future is polled. A call that takes time ends when the clock
    /// reaches its end. [`VirtualTime::block_on`] advances the clock, and so does [`VirtualTime::advance`].
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Call, Script, VirtualTime};
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::new();
    /// let fetch: Script<u32, &str> = Script::new([Call::ok(1).taking(Duration::MAX), Call::ok(2)]).on(&time);
    /// let policy = Policy::fixed(Duration::from_secs(1)).attempt_timeout(Duration::from_secs(5));
    /// let run = policy.on(time.asynchronous()).run(|| fetch.call_async());
    /// assert_eq!(time.block_on(run).unwrap(), 2, "the first call timed out");
    /// assert_eq!(fetch.started(), [0, 6].map(Duration::from_secs));
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the scripted call.
    ///
    /// # Panics
    ///
    /// Like [`call`](Script::call).
    pub fn call_async(&self) -> impl Future<Output = Result<T, E>> + use<T, E> {
        let Call { answer, takes } = self.next();
        let pass = self
            .time
            .as_ref()
            .filter(|_| !takes.is_zero())
            .map(|time| time.pass(takes));
        let running = Running::begin(&self.running);
        async move {
            if let Some(pass) = pass {
                pass.await;
            }
            drop(running);
            answer
        }
    }

    /// Returns the number of calls.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.started.with(|started| started.len() as u32)
    }

    /// Returns the start time of each call on the script's clock; zero for all if the script has no clock.
    #[must_use]
    pub fn started(&self) -> Vec<Duration> {
        self.started.with(|started| started.clone())
    }

    /// Returns the number of async calls that have neither ended nor been dropped. It is zero after a run.
    ///
    /// ```
    /// use persevere_testkit::Script;
    ///
    /// let script = Script::new([Ok::<_, ()>(7)]);
    /// let call = script.call_async();
    /// assert_eq!(script.running(), 1);
    /// drop(call);
    /// assert_eq!(script.running(), 0);
    /// ```
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.with(|running| *running)
    }

    fn next(&self) -> Call<T, E> {
        let now = self.time.as_ref().map_or(Duration::ZERO, VirtualTime::elapsed);
        let number = self.started.with(|started| {
            started.push(now);
            started.len() as u32
        });
        let call = self.source.with(|source| match source {
            Source::List(calls) => calls.pop_front(),
            Source::Repeating(calls, clone) if calls.len() == 1 => calls.front().map(*clone),
            Source::Repeating(calls, _) => calls.pop_front(),
            Source::Function(function) => Some(function(number)),
        });
        let call = call.unwrap_or_else(|| ran_out(number - 1));
        assert!(
            call.takes.is_zero() || self.time.is_some(),
            "call {number} takes {:?}, but the script has no clock: set one with `.on(&time)`",
            call.takes
        );
        call
    }
}

impl<T, E> Clone for Script<T, E> {
    fn clone(&self) -> Self {
        Script {
            source: self.source.clone(),
            started: self.started.clone(),
            running: self.running.clone(),
            time: self.time.clone(),
        }
    }
}

impl<T, E> fmt::Debug for Script<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("calls", &self.calls())
            .finish_non_exhaustive()
    }
}

/// A running call, until it is dropped.
struct Running(Shared<usize>);

impl Running {
    fn begin(running: &Shared<usize>) -> Running {
        running.with(|running| *running += 1);
        Running(running.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.with(|running| *running -= 1);
    }
}
