//! The errors that are retried, by `retry_if`, `classify`, `classify_with` and `on`.

use crate::calls::Calls;
use persevere::classify::ByError;
use persevere::{Retryable, Verdict, retry};
use persevere_testkit::VirtualTime;
use std::io;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Busy(u32),
    Slow { since: Duration },
    Broken,
}

impl Retryable for Fault {
    fn verdict(&self) -> Verdict {
        match self {
            Fault::Busy(_) => Verdict::Retry,
            Fault::Slow { since } => Verdict::RetryAfter(*since),
            Fault::Broken => Verdict::Stop,
        }
    }
}

fn is_busy(fault: &Fault) -> bool {
    matches!(fault, Fault::Busy(_))
}

fn predicate() -> fn(&Fault) -> bool {
    is_busy
}

/// The number of attempts with this setting, if each fails with this value.
macro_rules! attempts_with {
    ($error:ty, $value:expr, $($setting:tt)*) => {{
        #[retry(max_attempts = 5, $($setting)*, sleeper = VirtualTime::new())]
        fn run(value: $error, calls: &Calls) -> Result<u32, $error> {
            calls.call().map_err(|_| value.clone())
        }
        let calls = Calls::always_failing();
        let _ = run($value, &calls);
        calls.made()
    }};
}

#[test]
fn classifier_decides_what_is_retried() {
    let slow = Fault::Slow {
        since: Duration::from_secs(1),
    };
    let all = [Fault::Busy(3), slow, Fault::Broken];
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, retry_if = is_busy)),
        [5, 1, 1]
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, retry_if = |fault| !is_busy(fault))),
        [1, 5, 5]
    );
    static IS_BUSY: (fn(&Fault) -> bool,) = (is_busy,);
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, retry_if = IS_BUSY.0)),
        [5, 1, 1],
        "a field"
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, retry_if = predicate())),
        [5, 1, 1],
        "a call"
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, classify_with = Retryable::verdict)),
        [5, 5, 1]
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, classify = ByError)),
        [5, 5, 1]
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, classify_with = |fault| fault.verdict())),
        [5, 5, 1]
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, on = [Fault::Busy(1..=3)])),
        [5, 1, 1]
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, on = [Fault::Busy(4..), Fault::Broken])),
        [1, 1, 5]
    );
    assert_eq!(
        all.map(|fault| attempts_with!(Fault, fault, on = [Fault::Busy(..) | Fault::Slow { .. }])),
        [5, 5, 1]
    );
}

#[test]
fn pattern_of_error_kind_matches_the_kind() {
    use io::ErrorKind;

    #[retry(max_attempts = 5, on = [io::ErrorKind::TimedOut, ErrorKind::Interrupted | ErrorKind::NotFound], sleeper = VirtualTime::new())]
    fn run(kind: ErrorKind, calls: &Calls) -> io::Result<u32> {
        calls.call().map_err(|error| io::Error::new(kind, error))
    }

    let attempts = |kind| {
        let calls = Calls::always_failing();
        let _ = run(kind, &calls);
        calls.made()
    };
    let kinds = [
        ErrorKind::TimedOut,
        ErrorKind::Interrupted,
        ErrorKind::NotFound,
        ErrorKind::Other,
    ];
    assert_eq!(kinds.map(attempts), [5, 5, 5, 1]);
    assert_eq!(
        attempts_with!(ErrorKind, ErrorKind::TimedOut, on = [ErrorKind::TimedOut]),
        5,
        "the error is an `ErrorKind`"
    );
    assert_eq!(
        attempts_with!(ErrorKind, ErrorKind::Other, on = [ErrorKind::TimedOut]),
        1
    );
}
