//! A policy with jitter and a limit of time, a breaker and a budget.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{DelaySleeper, Jitter, Policy, Sleeper, Step};
use persevere_breaker::CircuitBreaker;
use persevere_budget::{Account, Class, TokenBucket};
use persevere_firmware::{Delay, exit, read};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .jitter(Jitter::Full)
    .max_delay(Duration::from_micros(30))
    .max_elapsed(Duration::from_secs(1))
    .max_attempts(4);

static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();

static BUDGET: TokenBucket = TokenBucket::new(10);

#[entry]
fn main() -> ! {
    let sleeper = DelaySleeper::new(Delay);
    let mut account = Account::open(&BUDGET);
    let mut retry = POLICY.start(sleeper.now());
    loop {
        account.attempt(sleeper.now());
        let Ok(permit) = BREAKER.try_acquire(sleeper.now()) else {
            exit(None)
        };
        let error = match read() {
            Ok(value) => {
                permit.success(sleeper.now());
                account.succeeded(sleeper.now());
                exit(Some(value));
            }
            Err(error) => error,
        };
        permit.failure(sleeper.now());
        match retry.failed(&error, sleeper.now()) {
            Step::Wait(delay) if account.withdraw(Class::Transient, sleeper.now()).is_ok() => {
                let _done = sleeper.sleep(delay);
            }
            _ => exit(None),
        }
    }
}
