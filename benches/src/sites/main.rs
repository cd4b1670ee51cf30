//! A program that retries at 1 or at 50 places of its code, for the bytes that a further call site takes. It is never run.
//!
//! `SITES_FORM=async/persevere SITES=50 cargo build --release --features sites --bin sites`. Each place has an
//! operation of its own, which the compiler cannot merge with another, and nothing of the other forms is compiled in.

use backon::{BlockingRetryable, ExponentialBuilder, Retryable};
use futures_timer::Delay;
use persevere::{FuturesTimerSleeper, Jitter, Policy, ThreadSleeper, backoff::Exponential};
use std::future::{Future, ready};
use std::hint::black_box;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};
use std::time::Duration;

const BASE: Duration = Duration::from_millis(100);
const CAP: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 5;

static POLICY: Policy<Exponential> = Policy::exponential(BASE)
    .max_delay(CAP)
    .max_attempts(ATTEMPTS)
    .jitter(Jitter::Full);

const BACKON: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(BASE)
    .with_max_delay(CAP)
    .with_factor(2.0)
    .with_max_times(ATTEMPTS as usize - 1)
    .with_jitter();

fn main() {
    macro_rules! call {
        ($($site:literal)*) => {
            $(if SITES > $site { call::<$site>(); })*
        };
    }
    call!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42
        43 44 45 46 47 48 49);
}

const FORM: &str = match option_env!("SITES_FORM") {
    Some(form) => form,
    None => "",
};

/// The number of call sites.
const SITES: u32 = match option_env!("SITES") {
    Some(number) => match u32::from_str_radix(number, 10) {
        Ok(number) => number,
        Err(_) => panic!("SITES is a number"),
    },
    None => 1,
};

/// Whether this program is of the form.
const fn is_form(name: &str) -> bool {
    let (form, name) = (FORM.as_bytes(), name.as_bytes());
    let mut index = 0;
    while index < form.len() && index < name.len() && form[index] == name[index] {
        index += 1;
    }
    index == form.len() && index == name.len()
}

/// A call site of the chosen form.
#[inline(never)]
fn call<const SITE: u32>() {
    let blocking = || operation(SITE);
    let awaited = async || {
        ready(()).await;
        operation(SITE)
    };
    if const { is_form("sync/best") } {
        take(blocking_loop(blocking));
    } else if const { is_form("sync/persevere") } {
        take(POLICY.on(ThreadSleeper).run_blocking(blocking));
    } else if const { is_form("sync/persevere/inlined") } {
        take(Policy::inlined(|| &POLICY).on(ThreadSleeper).run_blocking(blocking));
    } else if const { is_form("sync/backon") } {
        take(blocking.retry(BACKON).call());
    } else if const { is_form("async/bare") } {
        poll(awaited());
    } else if const { is_form("async/best") } {
        poll(async_loop(awaited));
    } else if const { is_form("async/persevere") } {
        poll(POLICY.on(FuturesTimerSleeper).run(awaited));
    } else if const { is_form("async/persevere/inlined") } {
        poll(Policy::inlined(|| &POLICY).on(FuturesTimerSleeper).run(awaited));
    } else if const { is_form("async/backon") } {
        poll(async { (|| awaited()).retry(BACKON).sleep(Delay::new).await });
    }
}

/// Fails or succeeds; the compiler cannot foresee which.
#[inline(never)]
fn operation(site: u32) -> io::Result<u32> {
    black_box(if site == 0 {
        Ok(site)
    } else {
        Err(io::ErrorKind::TimedOut.into())
    })
}

#[inline(always)]
fn blocking_loop(operation: impl Fn() -> io::Result<u32>) -> io::Result<u32> {
    for attempt in 1..ATTEMPTS {
        if let Ok(value) = operation() {
            return Ok(value);
        }
        std::thread::sleep(delay(attempt));
    }
    operation()
}

async fn async_loop(operation: impl AsyncFn() -> io::Result<u32>) -> io::Result<u32> {
    for attempt in 1..ATTEMPTS {
        if let Ok(value) = operation().await {
            return Ok(value);
        }
        Delay::new(delay(attempt)).await;
    }
    operation().await
}

#[inline(always)]
fn delay(attempt: u32) -> Duration {
    let delay = ((BASE.as_nanos() as u64) << (attempt - 1).min(31)).min(CAP.as_nanos() as u64);
    Duration::from_nanos(((u128::from(fastrand::u64(..)) * u128::from(delay + 1)) >> 64) as u64)
}

#[inline(always)]
fn take<E>(result: Result<u32, E>) {
    if let Ok(value) = result {
        black_box(value);
    }
}

/// Polls a future as executors do, through a pointer that hides its type.
#[inline(always)]
fn poll<T>(future: impl Future<Output = T>) {
    let future: Pin<&mut dyn Future<Output = T>> = pin!(future);
    let _ = black_box(future).poll(&mut Context::from_waker(Waker::noop()));
}
