//! Calls through a breaker by `on`, blocking and async, with a classifier.

use crate::drive::{fail, ms};
use persevere::{Sleeper, Verdict};
use persevere_breaker::{BreakerError, CircuitBreaker, State};
use persevere_testkit::{Polled, VirtualTime};
use std::error::Error;
use std::future::{Ready, pending, poll_fn};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

const DOWN: Result<(), &str> = Err("down");

/// Whether a future that has ended panics when it is polled again.
fn panics_when_polled(mut call: Polled<impl Future>) -> bool {
    catch_unwind(AssertUnwindSafe(|| _ = call.poll())).is_err()
}

#[test]
fn blocking_calls_open_probe_and_close() {
    let breaker = CircuitBreaker::consecutive_failures(2).open_for(ms(50)).build();
    let time = VirtualTime::new();
    time.advance(ms(1_000));
    for _ in 0..2 {
        assert_eq!(
            breaker.on(&time).run_blocking(|| DOWN),
            Err(BreakerError::Inner("down"))
        );
    }
    time.advance(ms(20));
    let rejected = breaker
        .on(&time)
        .run_blocking(|| -> Result<(), &str> { unreachable!("it is open") });
    let rejected = rejected.unwrap_err().rejected().unwrap();
    assert_eq!((rejected.state(), rejected.retry_after()), (State::Open, Some(ms(30))));
    time.advance(ms(30));
    assert_eq!(breaker.on(&time).run_blocking(|| Ok::<_, &str>(7)), Ok(7));
    assert_eq!(breaker.state(time.elapsed()), State::Closed);
    assert!(time.waits().is_empty(), "a breaker never sleeps");
}

#[tokio::test]
async fn async_calls_open_probe_and_close_when_spawned() {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1).open_for(ms(50)).build();
    let time = VirtualTime::new();
    let call = BREAKER.on(time.asynchronous()).run(|| async { DOWN });
    let result = tokio::spawn(call).await.unwrap();
    assert_eq!(result, Err(BreakerError::Inner("down")));
    let result = BREAKER.on(time.asynchronous()).run(|| async { DOWN }).await;
    assert!(matches!(result, Err(BreakerError::Rejected(_))));
    time.advance(ms(50));
    let result = BREAKER.on(time.asynchronous()).run(|| async { Ok::<_, &str>(1) }).await;
    assert_eq!((result, BREAKER.state(time.elapsed())), (Ok(1), State::Closed));
}

#[test]
fn healthy_call_reads_no_clock() {
    let breaker = CircuitBreaker::default();
    let time = VirtualTime::new();
    for _ in 0..10 {
        breaker.on(&time).run_blocking(|| Ok::<_, &str>(())).unwrap();
    }
    fail(&breaker, 5, ms(0));
    time.advance(breaker.try_acquire(ms(0)).unwrap_err().retry_after().unwrap());
    breaker.on(&time).run_blocking(|| Ok::<_, &str>(())).unwrap();
    assert_eq!(
        (breaker.state(ms(0)), time.reads()),
        (State::Closed, 1),
        "to admit, and not to report"
    );
    let timed = CircuitBreaker::consecutive_failures(1).slow_after(ms(5)).build();
    let result = timed.on(&time).run_blocking(|| {
        time.advance(ms(5));
        Ok::<_, &str>(())
    });
    assert_eq!(
        (result, timed.state(time.elapsed()), time.reads()),
        (Ok(()), State::Open, 3)
    );
}

#[test]
fn classifier_decides_what_counts() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .classify_outcome_with(|outcome: &io::Result<u16>| match outcome {
            Ok(503) => Verdict::RetryAfter(ms(90)),
            Ok(_) => Verdict::Accept,
            Err(error) if error.kind() == ErrorKind::InvalidInput => Verdict::Stop,
            Err(_) => Verdict::Retry,
        })
        .open_for(ms(10))
        .build();
    let time = VirtualTime::new();
    let invalid = || Err(io::Error::from(ErrorKind::InvalidInput));
    assert!(matches!(
        breaker.on(&time).run_blocking(invalid),
        Err(BreakerError::Inner(_))
    ));
    assert_eq!(breaker.state(time.elapsed()), State::Closed, "ignored");
    assert_eq!(
        breaker.on(&time).run_blocking(|| Ok(503)).unwrap(),
        503,
        "the caller gets the outcome"
    );
    assert_eq!(
        breaker.try_acquire(time.elapsed()).unwrap_err().retry_after(),
        Some(ms(90)),
        "the hint"
    );
    time.advance(ms(90));
    assert!(breaker.on(&time).run_blocking(invalid).is_err());
    assert_eq!(
        breaker.state(time.elapsed()),
        State::HalfOpen,
        "an ignored probe decides nothing"
    );
    assert_eq!(breaker.on(&time).run_blocking(|| Ok(200)).unwrap(), 200);
    assert_eq!(breaker.state(time.elapsed()), State::Closed);
}

#[test]
fn dropped_call_is_abandoned() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let time = VirtualTime::new();
    fail(&breaker, 1, ms(0));
    time.advance(ms(10));
    for _ in 0..3 {
        let mut call = Polled::new(breaker.on(&time).run(pending::<Result<(), ()>>));
        assert!(call.poll().is_pending());
        assert!(breaker.try_acquire(time.elapsed()).is_err(), "the probe is out");
    }
    assert_eq!(
        (breaker.state(time.elapsed()), breaker.stats().abandoned),
        (State::HalfOpen, 3)
    );
    breaker.on(&time).run_blocking(|| Ok::<_, ()>(())).unwrap();
    assert_eq!(breaker.state(time.elapsed()), State::Closed);
}

#[test]
fn panic_in_call_is_a_failure_at_its_time() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let time = VirtualTime::new();
    let panicking = || -> Result<(), ()> {
        time.advance(ms(1_000));
        resume_unwind(Box::new("operation"))
    };
    assert!(catch_unwind(AssertUnwindSafe(|| breaker.on(&time).run_blocking(panicking))).is_err());
    assert_eq!(breaker.try_acquire(ms(1_000)).unwrap_err().retry_after(), Some(ms(10)));
}

/// The executor may catch the panic, and drop the call later or never.
#[test]
fn panic_in_async_call_is_a_failure_at_its_time() {
    for polls in 0..3 {
        let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
        let time = VirtualTime::new();
        let attempt = || {
            let mut left = polls;
            if left == 0 {
                resume_unwind(Box::new("operation"));
            }
            poll_fn(move |_| {
                left -= 1;
                match left {
                    0 => resume_unwind(Box::new("attempt")),
                    _ => Poll::<Result<(), ()>>::Pending,
                }
            })
        };
        let mut call = Polled::new(breaker.on(&time).run(attempt));
        for _ in 1..polls {
            assert!(call.poll().is_pending());
        }
        time.advance(ms(1_000));
        assert!(catch_unwind(AssertUnwindSafe(|| call.poll())).is_err());
        assert_eq!(breaker.try_acquire(ms(1_000)).unwrap_err().retry_after(), Some(ms(10)));
        assert!(panics_when_polled(call));
        assert_eq!(breaker.stats().abandoned, 0);
    }
}

#[test]
fn async_call_resumes() {
    let breaker = CircuitBreaker::consecutive_failures(2).slow_after(ms(20)).build();
    let time = VirtualTime::new();
    for (slow, state) in [(false, State::Closed), (true, State::Closed), (true, State::Open)] {
        let mut call = Polled::new(breaker.on(&time).run(|| {
            let mut polls = 0;
            poll_fn(move |_| {
                polls += 1;
                if polls < 3 {
                    Poll::Pending
                } else {
                    Poll::Ready(Ok::<_, ()>(polls))
                }
            })
        }));
        for _ in 0..2 {
            assert!(call.poll().is_pending());
            time.advance(ms(if slow { 10 } else { 9 }));
        }
        assert_eq!(call.poll(), Poll::Ready(Ok(3)));
        assert_eq!(breaker.state(time.elapsed()), state);
        assert!(panics_when_polled(call));
    }
    let mut call = Polled::new(
        breaker
            .on(&time)
            .run(|| -> Ready<Result<(), ()>> { unreachable!("it is open") }),
    );
    assert!(matches!(call.poll(), Poll::Ready(Err(BreakerError::Rejected(_)))));
    assert!(panics_when_polled(call));
    assert_eq!((breaker.stats().abandoned, breaker.stats().stale), (0, 0));
}

/// Otherwise another call would be admitted beside it.
#[test]
fn dropped_attempt_holds_its_place_until_it_is_gone() {
    struct Attempt<'b>(&'b CircuitBreaker);
    impl Future for Attempt<'_> {
        type Output = Result<(), ()>;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
            Poll::Pending
        }
    }
    impl Drop for Attempt<'_> {
        fn drop(&mut self) {
            assert!(self.0.try_acquire(ms(10)).is_err(), "the attempt is not gone yet");
        }
    }
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let time = VirtualTime::new();
    fail(&breaker, 1, ms(0));
    time.advance(ms(10));
    {
        let mut call = Polled::new(breaker.on(&time).run(|| Attempt(&breaker)));
        assert!(call.poll().is_pending());
    }
    assert!(breaker.try_acquire(ms(10)).is_ok());
}

#[test]
fn panic_in_clock_leaves_nothing_behind() {
    struct Broken;
    impl Sleeper for Broken {
        type Sleep = std::future::Ready<()>;
        fn sleep(&self, _: std::time::Duration) -> Self::Sleep {
            std::future::ready(())
        }
        fn now(&self) -> std::time::Duration {
            resume_unwind(Box::new("clock"))
        }
    }
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    assert!(catch_unwind(AssertUnwindSafe(|| breaker.on(Broken).run_blocking(|| DOWN))).is_err());
    assert_eq!(breaker.state(ms(0)), State::Closed);
    fail(&breaker, 1, ms(0));
    assert!(catch_unwind(AssertUnwindSafe(|| breaker.on(Broken).run_blocking(|| DOWN))).is_err());
    fail(&breaker, 1, ms(10));
}

#[test]
fn errors_display_what_happened() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    let time = VirtualTime::new();
    let number = || "seven".parse::<u8>();
    let inner = breaker.on(&time).run_blocking(number).unwrap_err();
    assert_eq!(inner.to_string(), "invalid digit found in string");
    let rejected = breaker.on(&time).run_blocking(number).unwrap_err();
    assert_eq!(
        rejected.to_string(),
        "rejected by the circuit breaker: open for another 10ms"
    );
    assert!(rejected.source().is_none());
    assert_eq!(
        format!("{rejected:?}"),
        "Rejected(Rejected { state: Open, retry_after: Some(10ms) })"
    );
    assert_eq!(rejected.into_inner(), None);
    breaker.force_open();
    let rejected = breaker.on(&time).run_blocking(number).unwrap_err();
    assert_eq!(rejected.to_string(), "rejected by the circuit breaker: forced open");
}
