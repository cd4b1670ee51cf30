//! The conformance vectors of the AWS clients' "retry 2.1" that concern the bucket, with their policy. Without jitter,
//! since the vectors are for a draw of 1.

use persevere::{Jitter, Machine, Policy, Step, Verdict, backoff::Exponential};
use persevere_budget::{Account, Class, InvalidBudget, TokenBucket};
use std::time::Duration;

/// An answer of the server.
#[derive(Clone, Copy)]
enum Answer {
    Ok,
    Internal,
    Throttled,
    Silence,
}
use Answer::{Internal, Ok as Fine, Silence, Throttled};

/// No time passes.
const NOW: Duration = Duration::ZERO;

const fn base(milliseconds: u64, attempts: u32) -> Policy<Exponential> {
    Policy::exponential(Duration::from_millis(milliseconds))
        .max_delay(Duration::from_secs(20))
        .jitter(Jitter::None)
        .max_attempts(attempts)
}

/// Makes one call, and returns its delays in milliseconds, the tokens after each attempt, and whether the bucket stopped it.
fn call(policy: &Policy<Exponential>, bucket: &TokenBucket, answers: &[Answer]) -> (Vec<u128>, Vec<u32>, bool) {
    let mut account = Account::open(bucket);
    let mut machine = Machine::start(NOW);
    let (mut delays, mut quota) = (Vec::new(), Vec::new());
    for answer in answers {
        account.attempt(NOW);
        let class = match answer {
            Answer::Ok => {
                account.succeeded(NOW);
                quota.push(bucket.available());
                return (delays, quota, false);
            }
            Answer::Internal => Class::Transient,
            Answer::Throttled => Class::Throttling,
            Answer::Silence => Class::Timeout,
        };
        let step = machine.step(policy, Verdict::Retry, NOW);
        let Step::Wait(delay) = step else {
            quota.push(bucket.available());
            return (delays, quota, false);
        };
        let is_paid = account.withdraw(class, NOW).is_ok();
        quota.push(bucket.available());
        if !is_paid {
            return (delays, quota, true);
        }
        delays.push(delay.as_millis());
    }
    panic!("the call made more attempts than there are answers");
}

#[test]
fn vector_1_success_on_the_third_attempt() {
    let bucket = TokenBucket::aws_2_1();
    let (delays, quota, _) = call(&base(50, 3), &bucket, &[Internal, Internal, Fine]);
    assert_eq!((delays, quota), (vec![50, 100], vec![486, 472, 486]));
}

#[test]
fn vector_2_attempts_run_out() {
    let bucket = TokenBucket::aws_2_1();
    let result = call(&base(50, 3), &bucket, &[Internal; 3]);
    assert_eq!(result, (vec![50, 100], vec![486, 472, 472], false));
}

#[test]
fn vector_3_bucket_runs_out_after_one_retry() {
    let bucket = TokenBucket::aws_2_1().capacity(14);
    let result = call(&base(50, 3), &bucket, &[Internal; 2]);
    assert_eq!(result, (vec![50], vec![0, 0], true));
}

/// An empty bucket cannot be built, so it is emptied first.
#[test]
fn vector_4_no_retry_without_tokens() {
    assert_eq!(
        TokenBucket::aws_2_1().try_capacity(0).unwrap_err(),
        InvalidBudget::Capacity
    );
    let bucket = TokenBucket::aws_2_1().capacity(14);
    call(&base(50, 2), &bucket, &[Internal; 2]);
    assert_eq!(call(&base(50, 3), &bucket, &[Internal]), (vec![], vec![0], true));
}

#[test]
fn vector_5_rest_of_the_tokens_is_too_little() {
    let bucket = TokenBucket::aws_2_1().capacity(20);
    assert_eq!(
        call(&base(50, 3), &bucket, &[Internal; 2]),
        (vec![50], vec![6, 6], true)
    );
}

#[test]
fn vector_6_bucket_outlives_the_call() {
    let bucket = TokenBucket::aws_2_1().capacity(30);
    let (_, quota, _) = call(&base(50, 5), &bucket, &[Internal, Internal, Fine]);
    assert_eq!(quota, [16, 2, 16]);
    let (_, quota, _) = call(&base(50, 5), &bucket, &[Internal, Fine]);
    assert_eq!(quota, [2, 16]);
}

#[test]
fn vector_7_throttling_costs_less_and_waits_longer() {
    let bucket = TokenBucket::aws_2_1();
    let (delays, quota, _) = call(&base(1000, 3), &bucket, &[Throttled, Fine]);
    assert_eq!((delays, quota), (vec![1000], vec![495, 500]));
}

#[test]
fn vector_8_delays_grow_to_the_cap() {
    let bucket = TokenBucket::aws_2_1();
    let (delays, quota, _) = call(&base(50, 12), &bucket, &[Internal; 12]);
    assert_eq!(delays, [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000]);
    assert_eq!(quota.last(), Some(&(500 - 11 * 14)));
}

#[test]
fn vector_10_four_attempts_at_a_shorter_delay() {
    let bucket = TokenBucket::aws_2_1();
    let result = call(&base(25, 4), &bucket, &[Internal; 4]);
    assert_eq!(result, (vec![25, 50, 100], vec![486, 472, 458, 458], false));
}

/// With the numbers of 2.0, a retry after a timeout costs twice as much as any other.
#[test]
fn numbers_of_2_0_charge_timeouts_twice() {
    let bucket = TokenBucket::aws_2_0();
    let (_, quota, _) = call(&base(1000, 4), &bucket, &[Internal, Silence, Throttled, Fine]);
    assert_eq!(quota, [495, 485, 480, 485]);
    let (_, quota, _) = call(&base(1000, 3), &bucket, &[Fine]);
    assert_eq!(quota, [486], "a success at once is worth one");
}

/// Fourteen calls that succeed at once pay for a retry.
#[test]
fn fourteen_successes_pay_for_a_retry() {
    let bucket = TokenBucket::aws_2_1().capacity(14);
    call(&base(50, 2), &bucket, &[Internal; 2]);
    for successes in 1..=14 {
        assert!(Account::open(&bucket).withdraw(Class::Transient, NOW).is_err());
        let (_, quota, _) = call(&base(50, 3), &bucket, &[Fine]);
        assert_eq!(quota, [successes]);
    }
    assert!(Account::open(&bucket).withdraw(Class::Transient, NOW).is_ok());
    call(&base(50, 3), &bucket, &[Fine]);
    assert_eq!(bucket.available(), 14, "never more than full");
}
