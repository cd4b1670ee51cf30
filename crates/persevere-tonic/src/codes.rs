//! The statuses that are worth a retry.

use crate::retry_info::retry_delay;
use core::fmt;
use persevere_budget::{PUSHBACK_METADATA, Pushback};
use persevere_core::{Classifier, Verdict};
use tonic::{Code, Status};

/// Retries statuses with these codes: see [`Codes`].
#[must_use]
pub const fn codes<const N: usize>(codes: [Code; N]) -> Codes {
    Codes {
        retried: bits(&codes),
        delayed: 0,
    }
}

/// A classifier of [`Status`], and of `Result<T, Status>`, by code and by the server's delay; made by [`codes`].
///
/// The server's delay is its pushback (`grpc-retry-pushback-ms` in the metadata), otherwise the delay of a
/// `google.rpc.RetryInfo` among the details of the status.
///
/// | status | verdict |
/// |---|---|
/// | one of the codes, with a pushback that is negative, unreadable or repeated | [`Pushback`](Verdict::Pushback) |
/// | one of the codes, with the server's delay | [`RetryAfter`](Verdict::RetryAfter) |
/// | one of the codes | [`Retry`](Verdict::Retry) |
/// | a code of [`and_if_delayed`](Codes::and_if_delayed), with the server's delay | [`RetryAfter`](Verdict::RetryAfter) |
/// | any other | [`Stop`](Verdict::Stop) |
///
/// As every hint, a delay of zero leaves the delay to the policy, whereas gRPC retries at once.
/// [`exact_hints`](persevere_core::Policy::exact_hints) waits exactly the server's delay.
///
/// `UNAVAILABLE` is the code that most servers send for calls that were not processed. A call whose own deadline has
/// passed (`DEADLINE_EXCEEDED`) has no time left for another attempt.
///
/// # Examples
///
/// ```
/// use persevere::{Policy, backoff::Exponential};
/// use persevere_tonic::{Codes, codes};
/// use std::time::Duration;
/// use tonic::Code;
///
/// static RPC: Policy<Exponential, Codes> = Policy::exponential(Duration::from_millis(100))
///     .max_attempts(4)
///     .classify(codes([Code::Unavailable]).and_if_delayed([Code::ResourceExhausted]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Codes {
    /// One bit per code, as is `delayed`.
    retried: u32,
    delayed: u32,
}

impl Codes {
    /// Retries statuses with these codes too, but only if the server sends a delay. `RESOURCE_EXHAUSTED` is the common
    /// one: a server that throttles gives a delay, a quota that is used up does not come back.
    #[must_use]
    pub const fn and_if_delayed<const N: usize>(mut self, codes: [Code; N]) -> Self {
        self.delayed |= bits(&codes);
        self
    }

    /// Whether statuses with this code are retried without a delay of the server.
    #[must_use]
    pub const fn contains(&self, code: Code) -> bool {
        self.retried & bit(code) != 0
    }

    /// No code. Only [`with`](Codes::with) adds any.
    pub(crate) const NONE: Codes = codes([]);

    /// Adds a code.
    pub(crate) const fn with(mut self, code: Code) -> Codes {
        self.retried |= bit(code);
        self
    }
}

impl Classifier<Status> for Codes {
    fn classify(&self, status: &Status) -> Verdict {
        let bit = bit(status.code());
        if (self.retried | self.delayed) & bit == 0 {
            return Verdict::Stop;
        }
        let pushback = status.metadata().get_all(PUSHBACK_METADATA);
        if let Some(pushback) = Pushback::read(pushback.iter().map(|value| value.as_encoded_bytes())) {
            return pushback.verdict();
        }
        match retry_delay(status.details()) {
            Some(delay) => Verdict::RetryAfter(delay),
            None if self.retried & bit != 0 => Verdict::Retry,
            None => Verdict::Stop,
        }
    }
}

impl<T> Classifier<Result<T, Status>> for Codes {
    fn classify(&self, outcome: &Result<T, Status>) -> Verdict {
        match outcome {
            Ok(_) => Verdict::Accept,
            Err(status) => self.classify(status),
        }
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |bits: u32| (0..=16).map(Code::from_i32).filter(move |code| bits & bit(*code) != 0);
        f.debug_struct("Codes")
            .field("retried", &of(self.retried).collect::<Vec<_>>())
            .field("delayed", &of(self.delayed).collect::<Vec<_>>())
            .finish()
    }
}

const fn bit(code: Code) -> u32 {
    1 << code as u32
}

const fn bits(codes: &[Code]) -> u32 {
    let (mut bits, mut index) = (0, 0);
    while index < codes.len() {
        bits |= bit(codes[index]);
        index += 1;
    }
    bits
}
