//! D1: A simulated run equals a real run on virtual time, event by event.

use crate::draws::{Draws, Stream};
use crate::{Arrivals, Candidate, Fault, Faults, Scenario, Service, ServiceTime, Trigger};
use core::cell::RefCell;
use core::time::Duration;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{TokenBucket, WindowedRatio};
use persevere::{Backoff, Event, Jitter, Observer, Policy};
use persevere_testkit::VirtualTime;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// The events of all runs, in order.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Observer<Fault> for Log {
    fn on_event(&self, event: &Event<'_, Fault>) {
        self.0.borrow_mut().push(format!("{event:?}"));
    }
}

/// The server refuses connections, then replies too late, then is well.
const DOWN: Duration = Duration::from_secs(5);
const LATE: Duration = Duration::from_secs(12);

const RUNS: u32 = 210;

/// When a run begins: about seven in a second, and never when another ends.
fn begin(run: u32) -> Duration {
    143 * MILLI * run + Duration::from_nanos(u64::from(run * run) * 37 + 1)
}

async fn call(time: &VirtualTime) -> Result<(), Fault> {
    let now = time.elapsed();
    if now < DOWN {
        return Err(Fault::Refused);
    }
    // The latency of a reply is the latency that holds when the call has been served.
    let served = 30 * MILLI;
    time.pass(served).await;
    if now + served < LATE {
        time.pass(3 * SECOND).await;
    }
    Ok(())
}

fn assert_equal<B: Backoff + Clone + Send + Sync + 'static>(policy: Policy<B>, seed: u64) {
    let breaker = || {
        CircuitBreaker::failure_rate(0.6)
            .over(10 * SECOND)
            .open_for(700 * MILLI)
            .seed(3)
    };
    let budget = || WindowedRatio::new().ratio(0.5).reserve(4);

    let scenario = Scenario::new("parity")
        .arrivals(Arrivals::Trace((0..RUNS).map(begin).collect()))
        .service(
            Service::new("server")
                .workers(1000)
                .takes(ServiceTime::constant(30 * MILLI)),
        )
        .trigger(Trigger::at(Duration::ZERO).lasting(DOWN).down())
        .trigger(Trigger::at(DOWN).lasting(LATE - DOWN).latency(3 * SECOND))
        .duration(100 * SECOND);
    let candidate = Candidate::new("parity", policy.clone())
        .budget(move |_| budget())
        .breaker(move |_| breaker());
    let simulated = Log::default();
    scenario.run_observed(&candidate, seed, &simulated).unwrap();

    let time = VirtualTime::new();
    let mut seeds = Draws::new(seed, Stream::Runs);
    let policy = policy.with_classifier(Faults);
    let breaker = breaker().classify(Faults).build().shared();
    let budget = budget();
    let real = Log::default();
    let runs = (0..RUNS).map(|run| {
        let own = policy.clone().seed(seeds.bits());
        let (time, real, breaker, budget) = (&time, &real, breaker.clone(), &budget);
        async move {
            time.pass(begin(run)).await;
            let run = own.on(time.asynchronous()).observe(real).breaker(breaker);
            let _ = run.budget_by(budget, Fault::class).run(|| call(time)).await;
        }
    });
    time.run_all(runs);

    let (simulated, real) = (simulated.0.into_inner(), real.0.into_inner());
    for (index, (ours, theirs)) in simulated.iter().zip(&real).enumerate() {
        let before = &real[index.saturating_sub(5)..index];
        assert_eq!(ours, theirs, "event {index}, after {before:#?}");
    }
    assert_eq!(simulated.len(), real.len());
    for word in ["Succeeded", "TimedOut", "Rejected", "Budget", "Waiting"] {
        assert!(real.iter().any(|event| event.contains(word)), "{word} is not covered");
    }
}

#[test]
fn simulated_runs_equal_real_runs_event_by_event() {
    let exponential = Policy::exponential(100 * MILLI).attempt_timeout(SECOND).max_attempts(5);
    for seed in 0..4 {
        assert_equal(exponential.jitter(Jitter::Full), seed);
        assert_equal(exponential.jitter(Jitter::Equal).max_elapsed(4 * SECOND), seed);
        assert_equal(exponential.retry_rejected(true), seed);
        let decorrelated = Policy::decorrelated(50 * MILLI).max_delay(2 * SECOND);
        assert_equal(
            decorrelated
                .attempt_timeout(SECOND)
                .max_elapsed(6 * SECOND)
                .unlimited_attempts(),
            seed,
        );
    }
}

#[test]
fn budget_of_a_real_run_is_that_of_a_simulated_run() {
    // A bucket ignores time: equal levels show that both were used alike.
    let budget = TokenBucket::aws_2_1();
    let _ = Policy::fixed(SECOND)
        .max_attempts(3)
        .on(&VirtualTime::new())
        .budget_by(&budget, Fault::class)
        .run_blocking(|| Err::<(), _>(Fault::Failed));
    assert_eq!(budget.available(), 500 - 2 * 14);
    let scenario = Scenario::new("one call")
        .arrivals(Arrivals::Trace([SECOND].into()))
        .service(Service::new("server").error_rate(1.0))
        .duration(10 * SECOND);
    let candidate = Candidate::new("bucket", Policy::fixed(SECOND).max_attempts(3)).budget(|_| TokenBucket::aws_2_1());
    let outcome = scenario.run(&candidate, 1).unwrap();
    assert_eq!(
        outcome.seconds().last().unwrap().budget,
        Some(f64::from(budget.available()))
    );
}
