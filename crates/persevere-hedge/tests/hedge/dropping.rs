//! Calls that are dropped in each state, legs that panic, and delays at the ends of their range.

use crate::world::{AFTER_10, Legs, ms};
use persevere::Sleeper;
use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::WindowedRatio;
use persevere::gate::{Ended, Gate, Rejected, Report};
use persevere::hedge::{Hedge, Leg};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// Counts the permits that are held.
#[derive(Default)]
struct Places {
    admitted: Cell<usize>,
    held: Cell<usize>,
}

struct Place<'p>(&'p Places);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.held.set(self.0.held.get() - 1);
    }
}

impl<'p> Gate for &'p Places {
    type Permit = Place<'p>;

    fn admit(&self, _: Duration) -> Result<Place<'p>, Rejected> {
        self.admitted.set(self.admitted.get() + 1);
        self.held.set(self.held.get() + 1);
        Ok(Place(self))
    }
}

impl<T, E> Report<T, E> for &Places {
    fn report(&self, _: Self::Permit, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}
}

#[test]
fn call_that_is_dropped_in_any_state_leaves_nothing_behind() {
    // Not polled, one leg, two legs, two legs of which one failed, three legs, all over.
    for stop in [None, Some(0), Some(10), Some(15), Some(20), Some(40)] {
        let places = Places::default();
        let legs = Legs::new([(30, Ok(1)), (50, Ok(2)), (50, Err("down"))]);
        let budget = WindowedRatio::new();
        let hedge = AFTER_10
            .max_hedges::<2>()
            .on(legs.time.asynchronous())
            .budget(&budget)
            .breaker(&places);
        let mut call = Polled::new(hedge.run(|leg| legs.call(leg)));
        let wakes = call.wakes();
        while stop.is_some_and(|stop| legs.time.elapsed() <= ms(stop)) {
            if call.poll().is_ready() {
                break;
            }
            legs.time.advance(ms(5));
        }
        let begun = legs.began().len();
        drop(call);
        assert_eq!((legs.time.pending(), Arc::strong_count(&wakes)), (0, 1), "{stop:?}");
        assert_eq!((places.admitted.get(), places.held.get()), (begun, 0), "{stop:?}");
    }
}

#[test]
fn leg_that_failed_is_dropped_while_another_runs() {
    let (time, held) = (VirtualTime::new(), Arc::new(()));
    let hedge = AFTER_10.on(time.asynchronous()).budget(WindowedRatio::new());
    let mut call = Polled::new(hedge.run(|leg: Leg| {
        let connection = Arc::clone(&held);
        // Unlike an async block, this keeps what it captures after its end.
        std::future::poll_fn(move |_| match (&connection, leg.is_hedge()) {
            (_, true) => Poll::Ready(Err::<(), _>("down")),
            (_, false) => Poll::Pending,
        })
    }));
    assert!(call.poll().is_pending());
    time.advance(ms(10));
    assert!(call.poll().is_pending());
    assert_eq!(Arc::strong_count(&held), 2, "the first leg alone has its connection");
}

#[test]
fn panic_in_a_leg_is_reported_and_unwinds() {
    for panicking in [0, 1] {
        for is_at_once in [true, false] {
            let breakers = [(); 2].map(|()| CircuitBreaker::consecutive_failures(1).build());
            let time = VirtualTime::new();
            let budget = WindowedRatio::new();
            let hedge = AFTER_10
                .on(time.asynchronous())
                .budget(&budget)
                .breakers(|leg| &breakers[leg.index()]);
            let mut call = Polled::new(hedge.run(|leg: Leg| {
                assert!(!(is_at_once && leg.index() == panicking), "while the leg is made");
                let pass = time.pass(ms(20));
                async move {
                    pass.await;
                    assert!(leg.index() != panicking, "while the leg is polled");
                    std::future::pending::<Result<u32, &str>>().await
                }
            }));
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                for _ in 0..8 {
                    assert!(call.poll().is_pending());
                    time.advance(ms(5));
                }
            }));
            assert!(outcome.is_err(), "leg {panicking} panics");
            drop(call);
            let is_open = breakers
                .each_ref()
                .map(|breaker| breaker.state(time.elapsed()) == State::Open);
            assert_eq!(is_open, [panicking == 0, panicking == 1], "at once: {is_at_once}");
            assert_eq!(time.pending(), 0);
        }
    }
}

#[test]
fn delay_of_zero_makes_all_legs_at_once() {
    let legs = Legs::new([(100, Ok(1)), (30, Ok(2)), (20, Ok(3))]);
    let budget = WindowedRatio::new();
    let hedge = Hedge::after(Duration::ZERO).max_hedges::<2>();
    let hedge = hedge.on(legs.time.asynchronous()).budget(&budget);
    assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), Ok(3));
    assert_eq!(
        (legs.began(), legs.time.elapsed()),
        (vec![(0, 0), (1, 0), (2, 0)], ms(20))
    );
}

#[test]
fn delay_of_zero_does_not_hedge_a_leg_that_is_ready() {
    let legs = Legs::new([(0, Ok(1))]);
    let budget = WindowedRatio::new();
    let hedge = Hedge::after(Duration::ZERO)
        .on(legs.time.asynchronous())
        .budget(&budget);
    assert_eq!(Polled::new(hedge.run(|leg| legs.call(leg))).poll(), Poll::Ready(Ok(1)));
}

#[test]
fn huge_delay_hedges_failures_alone() {
    for (plans, answer) in [
        (vec![(1_000_000, Ok(1))], Ok(1)),
        (vec![(7, Err("down")), (1, Ok(2))], Ok(2)),
    ] {
        let legs = Legs::new(plans);
        let budget = WindowedRatio::new();
        let hedge = Hedge::after(Duration::MAX).on(legs.time.asynchronous()).budget(&budget);
        assert_eq!(legs.time.block_on(hedge.run(|leg| legs.call(leg))), answer);
    }
}

#[test]
fn cancelled_sleeper_makes_no_hedge() {
    /// A sleeper whose sleeps are over at once, since it is cancelled.
    struct Cancelled;
    impl Sleeper for Cancelled {
        type Sleep = std::future::Ready<()>;
        fn sleep(&self, _: Duration) -> Self::Sleep {
            std::future::ready(())
        }
        fn now(&self) -> Duration {
            Duration::ZERO
        }
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let calls = Cell::new(0);
    let hedge = AFTER_10.on(Cancelled).budget(WindowedRatio::new());
    let mut call = Polled::new(hedge.run(|_| {
        calls.set(calls.get() + 1);
        std::future::pending::<Result<(), ()>>()
    }));
    assert!(call.poll_until_idle().is_pending());
    assert_eq!(calls.get(), 1);
}

#[test]
fn call_that_has_ended_panics_if_it_is_polled_again() {
    let hedge = AFTER_10
        .on(VirtualTime::new().asynchronous())
        .budget(WindowedRatio::new());
    let mut call = Polled::new(hedge.run(|_| async { Ok::<_, ()>(7) }));
    assert_eq!(call.poll(), Poll::Ready(Ok(7)));
    assert!(catch_unwind(AssertUnwindSafe(|| call.poll())).is_err());
}

#[tokio::test(start_paused = true)]
async fn call_on_tokio_can_be_spawned() {
    static BUDGET: WindowedRatio = WindowedRatio::new();
    let hedge = AFTER_10.on(persevere::TokioSleeper).budget(&BUDGET);
    let call = tokio::spawn(hedge.run(|leg| async move {
        if !leg.is_hedge() {
            tokio::time::sleep(ms(100)).await;
        }
        Ok::<_, ()>(leg.index())
    }));
    assert_eq!(call.await.unwrap(), Ok(1));
}

#[test]
fn future_is_little_more_than_its_legs() {
    let legs = Legs::new([]);
    let budget = WindowedRatio::new();
    let leg = size_of_val(&legs.call(Leg::new(0)));
    let size = |future: usize, places: usize| future - places * leg;
    let hedge = AFTER_10.on(persevere::TokioSleeper).budget(&budget);
    let one = size(size_of_val(&hedge.clone().run(|leg| legs.call(leg))), 2);
    let hedge = AFTER_10.max_hedges::<3>().on(persevere::TokioSleeper).budget(&budget);
    let three = size(size_of_val(&hedge.run(|leg| legs.call(leg))), 4);
    assert!(
        one <= 512 && three <= one + 32,
        "{one} and {three} bytes beside the legs"
    );
}
