//! Checks that must hold without std: the policy as a `static`, the machine, the drivers, the errors, breaker and
//! budget.
//!
//! `tests/no-std` runs these checks on a bare Linux process, `tests/firmware` on an emulated microcontroller.

#![no_std]
#![forbid(unsafe_code)]

mod breaker;
mod budget;
mod guarded;
mod hedged;
mod polled;
mod sensor;
mod text;

use crate::sensor::Delay;
pub use crate::sensor::{SensorError, busy};
use crate::text::Text;
use core::cell::Cell;
use core::error::Error;
use core::time::Duration;
use persevere_blocking::DelaySleeper;
use persevere_core::backoff::Exponential;
use persevere_core::sleeper::Slept;
use persevere_core::{
    Backoff, Classifier, Event, InvalidPolicy, Jitter, Machine, Policy, RetryError, Sleeper, Step, StopReason, Verdict,
};

/// The outcome of a check: an error names the claim that does not hold.
pub type Claim = Result<(), &'static str>;

/// A check by its name.
pub type Check = (&'static str, fn() -> Claim);

/// All checks, in order.
pub const CHECKS: &[Check] = &[
    ("a static policy retries on a delay routine", static_policy),
    ("the machine is stepped by hand", machine),
    ("a device's waits are its clock", limits),
    ("a hint is obeyed and bounded", hints),
    ("an async run is polled by hand", polled::polled),
    ("an async attempt times out", polled::times_out),
    ("jitter follows its seed", jitter),
    ("an error says what happened", errors),
    ("numbers that no policy may have are refused", refusals),
    ("extreme numbers saturate", extremes),
    ("trait objects need no allocator", objects),
    ("events are complete", events),
    ("a static breaker opens and closes again", breaker::by_hand),
    ("a breaker around a run and within one", breaker::with_runs),
    ("a breaker of slices of time and its snapshot", breaker::by_rate),
    ("a budget bounds the retries of many runs", budget::windowed),
    ("budgets without a clock", budget::buckets),
    ("a throttle rejects by what is rejected", budget::adaptive),
    ("each attempt of a run asks its breaker", guarded::by_breaker),
    ("each retry of a run asks its budget", guarded::by_budget),
    ("runs are counted", guarded::counted),
    ("a hedge is polled by hand", hedged::by_time),
    ("the next leg follows a failure", hedged::by_failure),
];

/// A millisecond.
pub const MS: Duration = Duration::from_millis(1);

/// Four attempts, after 1, 2 and 4 ms.
pub static TRANSIENT: Policy<Exponential> = Policy::exponential(MS).jitter(Jitter::None).max_attempts(4);

/// Claims `what`.
///
/// # Errors
///
/// `what`, unless it holds.
pub fn claim(holds: bool, what: &'static str) -> Claim {
    if holds { Ok(()) } else { Err(what) }
}

fn static_policy() -> Claim {
    let nanoseconds = Cell::new(0);
    let sleeper = DelaySleeper::new(Delay(&nanoseconds));
    let value = TRANSIENT.on(&sleeper).run_blocking(busy(3));
    claim(value == Ok(4), "the fourth attempt succeeds")?;
    claim(nanoseconds.get() == 7_000_000, "it waited 1, 2 and 4 ms")?;
    let failed = TRANSIENT.on(&sleeper).run_blocking(busy(4));
    let failed = failed.err().ok_or("four attempts are not five")?;
    claim(
        (failed.attempts(), failed.reason()) == (4, StopReason::Attempts),
        "it counts its attempts",
    )?;
    claim(
        failed.into_last_error() == Some(SensorError::Busy),
        "it hands the last error back",
    )
}

fn machine() -> Claim {
    let mut machine = Machine::start(Duration::ZERO);
    for wait in [MS, 2 * MS, 4 * MS] {
        let step = machine.step(&TRANSIENT, Verdict::Retry, Duration::ZERO);
        claim(step == Step::Wait(wait), "delays double")?;
        machine.count_wait(wait);
    }
    for _ in 0..2 {
        let step = machine.step(&TRANSIENT, Verdict::Retry, Duration::ZERO);
        claim(step == Step::Stop(StopReason::Attempts), "stopped stays stopped")?;
    }
    claim(machine.waited() == 7 * MS, "it sums its waits")?;
    let mut retry = TRANSIENT.start(Duration::ZERO);
    claim(
        retry.failed(&SensorError::Busy, Duration::ZERO) == Step::Wait(MS),
        "policy and state in one",
    )?;
    claim(
        TRANSIENT.delays().sum::<Duration>() == 7 * MS,
        "a policy shows its schedule",
    )?;
    claim(
        TRANSIENT.worst_case().total_delay == 7 * MS,
        "a policy shows its worst case",
    )
}

fn limits() -> Claim {
    let nanoseconds = Cell::new(0);
    let policy = TRANSIENT.max_attempts(u32::MAX).max_delay(2 * MS).max_elapsed(10 * MS);
    let failed = policy
        .on(DelaySleeper::new(Delay(&nanoseconds)))
        .run_blocking(busy(u32::MAX));
    let failed = failed.err().ok_or("it never succeeds")?;
    claim(failed.reason() == StopReason::Elapsed, "the limit of time binds")?;
    // 1 + 2 + 2 + 2 + 2, and the next would end past 10.
    claim(
        (failed.attempts(), failed.waited()) == (6, 9 * MS),
        "no wait ends at or past the limit",
    )?;
    claim(failed.elapsed() == Some(9 * MS), "the clock is what was slept")
}

fn hints() -> Claim {
    let nanoseconds = Cell::new(0);
    let sleeper = DelaySleeper::new(Delay(&nanoseconds));
    let policy = TRANSIENT
        .max_hint(50 * MS)
        .exact_hints()
        .classify_with(|error: &SensorError| match error {
            SensorError::Busy => Verdict::RetryAfter(50 * MS),
            SensorError::Broken => Verdict::RetryAfter(51 * MS),
        });
    claim(
        policy.on(&sleeper).run_blocking(busy(1)) == Ok(2),
        "a hint is waited for",
    )?;
    claim(sleeper.now() == 50 * MS, "a hint takes the place of the delay")?;
    let failed = policy.on(&sleeper).run_blocking(|| Err::<(), _>(SensorError::Broken));
    claim(
        failed.err().map(|failed| failed.reason()) == Some(StopReason::Hint),
        "a longer hint stops",
    )
}

fn jitter() -> Claim {
    let policy = TRANSIENT.jitter(Jitter::Full).max_delay(3 * MS).max_attempts(32);
    let seeded = policy.seed(7);
    claim(seeded.delays().eq(seeded.delays()), "one seed gives one schedule")?;
    claim(!seeded.delays().eq(policy.seed(8).delays()), "another gives another")?;
    claim(!policy.delays().eq(policy.delays()), "two runs of one device differ")?;
    claim(seeded.delays().all(|delay| delay <= 3 * MS), "no delay exceeds the cap")?;
    claim(
        seeded.delays().skip(2).any(|delay| delay < 2 * MS),
        "delays at the cap are spread",
    )
}

fn errors() -> Claim {
    let nanoseconds = Cell::new(0);
    let policy = TRANSIENT.retry_if(|error: &SensorError| *error == SensorError::Busy);
    let failed: RetryError<SensorError> = policy
        .on(DelaySleeper::new(Delay(&nanoseconds)))
        .run_blocking(|| Err::<(), _>(SensorError::Broken))
        .err()
        .ok_or("what is broken does not succeed")?;
    claim(
        (failed.attempts(), nanoseconds.get()) == (1, 0),
        "a permanent error comes back at once",
    )?;
    let text = Text::of(format_args!("{failed}")).map_err(|_| "the text fits")?;
    claim(
        text.as_str() == "not retryable: the sensor is broken",
        "it says why, and the error",
    )?;
    claim(failed.source().is_none(), "its source is that of the error")
}

fn refusals() -> Claim {
    claim(
        TRANSIENT.try_max_attempts(0).err() == Some(InvalidPolicy::Attempts),
        "no attempts",
    )?;
    claim(
        Jitter::try_proportional(1.5) == Err(InvalidPolicy::JitterRatio(1.5)),
        "a share of more than all",
    )?;
    let shrinking = Exponential::new(MS).try_factor(0.5);
    claim(
        matches!(shrinking, Err(InvalidPolicy::Factor(_))),
        "a factor that shrinks",
    )?;
    let text = Text::of(format_args!("{}", InvalidPolicy::JitterRatio(1.5))).map_err(|_| "the text fits")?;
    claim(text.as_str().ends_with("not 1.5"), "the refusal names the number")
}

/// Where 64-bit nanoseconds saturate.
const LONGEST: Duration = Duration::from_nanos(u64::MAX);

fn extremes() -> Claim {
    let ages = Policy::exponential(Duration::MAX)
        .max_attempts(u32::MAX)
        .jitter(Jitter::None);
    claim(ages.delays().take(70).all(|delay| delay == LONGEST), "growth saturates")?;
    let spread = ages.jitter(Jitter::Full).seed(1);
    claim(
        spread.delays().take(70).any(|delay| delay < LONGEST / 2),
        "and is spread there",
    )?;
    let zero = Policy::exponential(Duration::ZERO).max_attempts(70);
    claim(zero.delays().all(|delay| delay.is_zero()), "zero stays zero")?;
    let mut machine = Machine::start(Duration::MAX);
    let step = machine.step(&ages.max_elapsed(Duration::MAX), Verdict::Retry, Duration::ZERO);
    claim(
        step == Step::Stop(StopReason::Elapsed),
        "a clock that runs backwards and a wait without end",
    )
}

fn objects() -> Claim {
    let nanoseconds = Cell::new(0);
    let sleeper = DelaySleeper::new(Delay(&nanoseconds));
    let sleeper: &dyn Sleeper<Sleep = Slept> = &sleeper;
    let backoff: &dyn Backoff = &Exponential::new(MS);
    let classifier: &dyn Classifier<SensorError> = &persevere_core::classify::AnyError;
    let policy = Policy::new(backoff).classify(classifier);
    claim(
        policy.on(sleeper).run_blocking(busy(2)) == Ok(3),
        "every part behind `dyn`",
    )?;
    claim(nanoseconds.get() == 3_000_000, "it waited 1 and 2 ms")
}

fn events() -> Claim {
    let nanoseconds = Cell::new(0);
    let (seen, waits) = (Cell::new(0), Cell::new(Duration::ZERO));
    let value = TRANSIENT
        .on(DelaySleeper::new(Delay(&nanoseconds)))
        .on_event(|_: &Event<'_, SensorError>| seen.set(seen.get() + 1))
        .on_retry(|_, _: Option<&SensorError>, delay| waits.set(waits.get() + delay))
        .run_blocking(busy(2));
    claim(value == Ok(3), "watching changes nothing")?;
    // Started, three attempts started, two of them failed and waiting, one succeeded.
    claim(
        (seen.get(), waits.get()) == (9, 3 * MS),
        "each event once, with the true delay",
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_check_holds_on_this_computer() {
        for (name, check) in super::CHECKS {
            assert_eq!(check(), Ok(()), "{name}");
        }
    }
}
