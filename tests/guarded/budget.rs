//! The reports of a run to its budget.

use persevere::budget::{Budget, Class, LastFailure, TokenBucket, WindowedRatio};
use persevere::{Jitter, Policy, Sleeper, StopReason, Verdict, retry};
use persevere_testkit::{Entry, Recorder, VirtualTime};
use std::sync::Mutex;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A report to a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Report {
    Attempted,
    Withdraw(Class),
    GiveBack(u32),
    Succeeded(Option<u32>),
    Failed(LastFailure),
}
use Report::{Attempted, Failed, GiveBack, Succeeded, Withdraw};

/// Admits the given number of retries, and notes each report with its time.
struct Watched {
    left: Mutex<u32>,
    reports: Mutex<Vec<(Report, Duration)>>,
}

impl Watched {
    fn new(retries: u32) -> Watched {
        Watched {
            left: Mutex::new(retries),
            reports: Mutex::default(),
        }
    }

    fn note(&self, report: Report, now: Duration) {
        self.reports.lock().unwrap().push((report, now));
    }

    fn reports(&self) -> Vec<Report> {
        self.reports.lock().unwrap().iter().map(|(report, _)| *report).collect()
    }
}

impl Budget for Watched {
    fn attempted(&self, now: Duration) {
        self.note(Attempted, now);
    }

    fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
        self.note(Withdraw(class), now);
        let mut left = self.left.lock().unwrap();
        *left = left.checked_sub(1)?;
        Some(10 + *left)
    }

    fn give_back(&self, cost: u32) {
        self.note(GiveBack(cost), Duration::ZERO);
    }

    fn succeeded(&self, last: Option<u32>, now: Duration) {
        self.note(Succeeded(last), now);
    }

    fn failed(&self, failure: LastFailure, now: Duration) {
        self.note(Failed(failure), now);
    }
}

const TRANSIENT: Class = Class::Transient;

/// The reports of a blocking run with these outcomes, and why it ended.
fn reports(
    policy: Policy<persevere::backoff::Fixed>,
    retries: u32,
    outcomes: &[Verdict],
) -> (Vec<Report>, Option<StopReason>) {
    let (time, budget) = (VirtualTime::new(), Watched::new(retries));
    let mut outcomes = outcomes.iter().copied();
    let policy = policy.classify_with(|verdict: &Verdict| *verdict);
    let result = policy.on(&time).budget(&budget).run_blocking(|| match outcomes.next() {
        Some(Verdict::Accept) | None => Ok(()),
        Some(verdict) => Err(verdict),
    });
    (budget.reports(), result.err().map(|error| error.reason()))
}

/// Each attempt is reported, each retry is withdrawn, and each run has one end.
#[test]
fn budget_receives_each_report_once() {
    use Verdict::{Accept, Retry, RetryAfter, Stop};
    let policy = Policy::fixed(SECOND).max_attempts(3);
    let expected: [(&[Verdict], Vec<Report>, Option<StopReason>); 5] = [
        (&[Accept], vec![Attempted, Succeeded(None)], None),
        (
            &[Retry, Accept],
            vec![Attempted, Withdraw(TRANSIENT), Attempted, Succeeded(Some(15))],
            None,
        ),
        (
            &[Stop],
            vec![Attempted, Failed(LastFailure::Permanent)],
            Some(StopReason::Permanent),
        ),
        (
            &[RetryAfter(2 * SECOND)],
            vec![Attempted, Failed(LastFailure::Pushback)],
            Some(StopReason::Hint),
        ),
        (
            &[Retry; 3],
            vec![
                Attempted,
                Withdraw(TRANSIENT),
                Attempted,
                Withdraw(TRANSIENT),
                Attempted,
                Failed(LastFailure::Retryable(TRANSIENT)),
            ],
            Some(StopReason::Attempts),
        ),
    ];
    for (outcomes, events, reason) in expected {
        let policy = policy.max_hint(SECOND);
        assert_eq!(reports(policy, 6, outcomes), (events, reason), "{outcomes:?}");
    }
}

/// G5: an exhausted budget stops the retry and not the first attempt; the error has the reason, and no wait is made.
#[test]
fn exhausted_budget_stops_the_retry() {
    let (time, budget, recorder) = (VirtualTime::new(), Watched::new(1), Recorder::new());
    let policy = Policy::fixed(SECOND).max_attempts(5);
    let run = policy.on(&time).budget(&budget).observe(&recorder);
    let error = run.run_blocking(|| Err::<(), _>("down")).unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), error.waited()),
        (StopReason::Budget, 2, SECOND)
    );
    assert_eq!((error.last_error(), time.waits()), (Some(&"down"), vec![SECOND]));
    assert_eq!(
        error.to_string(),
        "the retry budget is exhausted after 2 attempts: down"
    );
    let waits = recorder
        .entries()
        .iter()
        .filter(|entry| matches!(entry, Entry::Waiting { .. }))
        .count();
    assert_eq!(waits, 1, "no event of a wait that is not made");
    let first = policy
        .on(&time)
        .budget(&Watched::new(0))
        .run_blocking(|| Err::<(), _>("down"));
    assert_eq!(first.unwrap_err().attempts(), 1);
}

/// An attempt that timed out has the class `Timeout`, and a closure returns the class of an error.
#[test]
fn failures_have_a_class() {
    let (time, budget) = (VirtualTime::new(), Watched::new(9));
    let policy = Policy::fixed(SECOND).max_attempts(2).attempt_timeout(SECOND);
    let run = policy.on(time.asynchronous()).budget(&budget);
    assert!(time.block_on(run.run(std::future::pending::<Result<(), u16>>)).is_err());
    let class_of = |status: &u16| {
        if *status == 429 {
            Class::Throttling
        } else {
            Class::Transient
        }
    };
    let run = policy.on(&time).budget_by(&budget, class_of);
    assert!(run.run_blocking(|| Err::<(), _>(429_u16)).is_err());
    let run = policy.on(time.asynchronous()).budget_by(&budget, class_of);
    assert!(time.block_on(run.run(std::future::pending::<Result<(), u16>>)).is_err());
    let classes = |class| {
        [
            Attempted,
            Withdraw(class),
            Attempted,
            Failed(LastFailure::Retryable(class)),
        ]
    };
    let expected = [Class::Timeout, Class::Throttling, Class::Timeout]
        .map(classes)
        .concat();
    assert_eq!(budget.reports(), expected);
}

/// A run that is cancelled while it waits gives back the cost of the retry.
#[test]
fn cancelled_wait_gives_the_withdrawal_back() {
    let (time, budget, token) = (VirtualTime::new(), Watched::new(1), persevere::CancelToken::new());
    let policy = Policy::fixed(SECOND);
    let run = policy.on(time.asynchronous().cancelled_by(&token)).budget(&budget);
    let run = run.on_retry(|_, _: Option<&&str>, _| token.cancel());
    let error = time.block_on(run.run(async || Err::<(), _>("down"))).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    assert_eq!(budget.reports(), [Attempted, Withdraw(TRANSIENT), GiveBack(10)]);
}

/// A budget receives the time of the run. The clock is not read for a budget that needs none.
#[test]
fn clock_is_read_for_a_budget_that_looks_at_it() {
    let (time, budget) = (VirtualTime::starting_at(9 * SECOND), Watched::new(1));
    let _ = Policy::fixed(SECOND)
        .max_attempts(2)
        .on(&time)
        .budget(&budget)
        .run_blocking(|| Err::<(), _>("down"));
    let reports: Vec<_> = budget
        .reports
        .lock()
        .unwrap()
        .iter()
        .map(|(_, now)| *now / 1_000_000_000)
        .collect();
    assert_eq!(reports, [9, 9, 10, 10].map(Duration::from_nanos));

    let (time, bucket) = (VirtualTime::new(), TokenBucket::new(100));
    let _ = Policy::fixed(SECOND)
        .on(&time)
        .budget(&bucket)
        .run_blocking(|| Err::<(), _>("down"));
    assert_eq!(time.reads(), 0);
}

/// A function declared to return its own error is retried within the budget too.
#[test]
fn attribute_asks_a_budget() {
    static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(3);

    #[retry(max_attempts = 3, backoff = fixed("0s"), budget = &BUDGET)]
    fn call(calls: &mut u32) -> Result<(), &'static str> {
        *calls += 1;
        Err("down")
    }
    let mut calls = 0;
    for _ in 0..3 {
        assert_eq!(call(&mut calls), Err("down"));
    }
    assert_eq!(calls, 3 + 2 + 1);

    let watched = Watched::new(1);
    call_watched(&watched).unwrap_err();
    assert_eq!(
        watched.reports(),
        [Attempted, Withdraw(TRANSIENT), Attempted, Withdraw(TRANSIENT)]
    );
}

#[retry(max_attempts = 3, backoff = fixed("0s"), budget = watched)]
fn call_watched(watched: &Watched) -> Result<(), &'static str> {
    assert!(
        !watched.reports().is_empty(),
        "an attempt is reported before it is made"
    );
    Err("down")
}

/// The ninth conformance vector of the AWS clients' "retry 2.1": the hints of a server, in milliseconds. At the first
/// retry `max_hint` gives the window of such a hint: from the computed delay to five seconds more.
#[test]
fn aws_vector_9_hints() {
    let policy = Policy::exponential(Duration::from_millis(50))
        .max_delay(Duration::from_secs(20))
        .jitter(Jitter::None)
        .max_hint(Duration::from_millis(5_050))
        .exact_hints()
        .clamp_hints(true)
        .classify_with(|header: &&str| match header.parse() {
            Ok(milliseconds) => Verdict::RetryAfter(Duration::from_millis(milliseconds)),
            Err(_) => Verdict::Retry,
        });
    for (header, delay) in [
        ("1500", 1_500),
        ("0", 50),
        ("10000", 5_050),
        ("invalid", 50),
        ("-100", 50),
    ] {
        let (time, bucket) = (VirtualTime::new(), TokenBucket::aws_2_1());
        let mut answers = [Err(header), Ok(())].into_iter();
        let run = policy.on(&time).budget(&bucket);
        assert_eq!(run.run_blocking(|| answers.next().unwrap()), Ok(()));
        assert_eq!(time.waits(), [Duration::from_millis(delay)], "{header}");
        assert_eq!(bucket.available(), 500, "the retry's cost is back");
    }
}
