//! `#[derive(Retryable)]`: the verdict of an error by its attributes.

use persevere::classify::ByError;
use persevere::{Policy, Retryable, Verdict, retry};
use persevere_testkit::VirtualTime;
use std::error::Error;
use std::fmt;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, PartialEq, Retryable)]
#[retryable(permanent)]
enum StoreError {
    #[retryable(transient)]
    Busy,
    #[retryable(transient)]
    Locked {
        by: u32,
    },
    #[retryable(after = wait)]
    Throttled {
        wait: Duration,
    },
    #[retryable(after = 1)]
    Overloaded(u8, Option<Duration>),
    #[retryable(transparent)]
    Disk(DiskError),
    #[retryable(transparent)]
    Called {
        path: String,
        source: DiskError,
    },
    Corrupt,
}

#[derive(Debug, Clone, PartialEq, Retryable)]
#[retryable(after = retry_in)]
struct DiskError {
    retry_in: Option<Duration>,
}

#[derive(Retryable)]
#[retryable(transient)]
struct Interrupted;

/// A field of a generic type with other bounds.
#[derive(Debug, Retryable)]
#[retryable(crate = persevere)]
enum Wrapped<E: fmt::Debug, const N: usize>
where
    E: PartialEq,
{
    #[retryable(transparent)]
    Inner(E),
    #[retryable(permanent)]
    Numbers([u8; N]),
}

#[derive(Debug, Retryable)]
enum Never {}

/// Together with `thiserror`, whose attributes mark the source.
#[derive(Debug, thiserror::Error, Retryable)]
enum Api {
    #[error("the store failed after {attempts} attempts")]
    #[retryable(transparent)]
    Store {
        attempts: u32,
        #[source]
        cause: Disk,
    },
    #[error(transparent)]
    #[retryable(transparent)]
    Disk(#[from] Disk),
    #[error("no such {0}")]
    #[retryable(permanent)]
    NotFound(String),
}

#[derive(Debug, thiserror::Error, Retryable)]
#[error("the disk is busy")]
#[retryable(transient)]
struct Disk;

#[test]
fn variant_has_the_verdict_of_its_attribute() {
    let disk = |retry_in| DiskError { retry_in };
    let called = |retry_in| StoreError::Called {
        path: "/".to_owned(),
        source: disk(retry_in),
    };
    for (error, verdict) in [
        (StoreError::Busy, Verdict::Retry),
        (StoreError::Locked { by: 7 }, Verdict::Retry),
        (StoreError::Throttled { wait: SECOND }, Verdict::RetryAfter(SECOND)),
        (StoreError::Overloaded(3, Some(SECOND)), Verdict::RetryAfter(SECOND)),
        (StoreError::Overloaded(3, None), Verdict::Retry),
        (StoreError::Disk(disk(Some(SECOND))), Verdict::RetryAfter(SECOND)),
        (StoreError::Disk(disk(None)), Verdict::Retry),
        (called(Some(SECOND)), Verdict::RetryAfter(SECOND)),
        (StoreError::Corrupt, Verdict::Stop),
    ] {
        assert_eq!(error.verdict(), verdict, "{error:?}");
    }
    assert_eq!(Interrupted.verdict(), Verdict::Retry);
}

#[test]
fn transparent_generic_has_the_verdict_of_its_field() {
    assert_eq!(Wrapped::<_, 1>::Inner(StoreError::Corrupt).verdict(), Verdict::Stop);
    assert_eq!(Wrapped::<_, 1>::Inner(StoreError::Busy).verdict(), Verdict::Retry);
    assert_eq!(Wrapped::<StoreError, 2>::Numbers([1, 2]).verdict(), Verdict::Stop);
    let is_retryable = |_: Option<&dyn Retryable>| ();
    is_retryable(None::<&Never>.map(|never| never as _));
}

#[test]
fn transparent_has_the_verdict_of_the_marked_source() {
    let store = Api::Store {
        attempts: 1,
        cause: Disk,
    };
    assert!(store.source().is_some());
    assert_eq!(store.verdict(), Verdict::Retry);
    assert_eq!(Api::from(Disk).verdict(), Verdict::Retry);
    assert_eq!(Api::NotFound("page".to_owned()).verdict(), Verdict::Stop);
}

#[test]
fn by_error_decides_in_the_attribute() {
    const EXACT: Policy = Policy::DEFAULT.exact_hints();

    #[retry(policy = EXACT, max_attempts = 5, classify = ByError, sleeper = time)]
    fn run(time: &VirtualTime, errors: &mut Vec<StoreError>) -> Result<(), StoreError> {
        errors.pop().map_or(Ok(()), Err)
    }

    let time = VirtualTime::new();
    let mut errors = vec![
        StoreError::Busy,
        StoreError::Corrupt,
        StoreError::Throttled { wait: SECOND },
    ];
    assert_eq!(run(&time, &mut errors), Err(StoreError::Corrupt));
    assert_eq!((errors.len(), time.waits()), (1, vec![SECOND]));
}
