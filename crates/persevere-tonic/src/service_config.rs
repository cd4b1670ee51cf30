//! gRPC's service config, as far as it is about retries.

mod json;

use crate::Codes;
use json::{At, Found};
use persevere_budget::GrpcThrottle;
use persevere_core::backoff::Exponential;
use persevere_core::{Jitter, Policy};
use std::collections::BTreeMap;
use std::time::Duration;
use tonic::Code;

/// gRPC's limit: a greater `maxAttempts` counts as this.
const MOST_ATTEMPTS: u32 = 5;

/// The retries of a [gRPC service config], by method.
///
/// `methodConfig` and `retryThrottling` are read and validated as in [proposal A6]. A method's `timeout` becomes the
/// policy's `max_elapsed`. All else is ignored, such as `waitForReady` and message limits. `hedgingPolicy` is not
/// supported: its methods are not retried.
///
/// A policy differs from gRPC's in these points:
///
/// - Delays are spread by ±20 %, but never above `maxBackoff`.
/// - A pushback of zero leaves the delay to the policy, and no pushback restarts the curve.
/// - A pushback longer than [`Policy::max_hint`] (5 minutes by default) ends the run.
/// - A `backoffMultiplier` below 1 counts as 1.
/// - The server's delay in a `google.rpc.RetryInfo` is obeyed too.
///
/// # Examples
///
/// ```
/// use persevere_tonic::ServiceConfig;
///
/// let config = ServiceConfig::parse(
///     r#"{
///         "methodConfig": [{
///             "name": [{ "service": "pkg.Service" }],
///             "retryPolicy": {
///                 "maxAttempts": 4,
///                 "initialBackoff": "0.1s",
///                 "maxBackoff": "1s",
///                 "backoffMultiplier": 2,
///                 "retryableStatusCodes": ["UNAVAILABLE"]
///             }
///         }],
///         "retryThrottling": { "maxTokens": 10, "tokenRatio": 0.1 }
///     }"#,
/// )?;
/// assert_eq!(config.for_method("pkg.Service/Get").limits().max_attempts(), Some(4));
/// assert_eq!(config.for_method("pkg.Other/Get").limits().max_attempts(), Some(1));
/// assert_eq!(config.throttle().unwrap().available(), 10.0);
/// # Ok::<(), persevere_tonic::InvalidServiceConfig>(())
/// ```
///
/// [gRPC service config]: https://github.com/grpc/grpc/blob/master/doc/service_config.md
/// [proposal A6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#validation-of-retrypolicy
#[derive(Debug, Clone)]
pub struct ServiceConfig {
    /// By service and method. An empty method stands for any method, and an empty service for any service.
    policies: BTreeMap<(String, String), Policy<Exponential, Codes>>,
    throttle: Option<(u32, f64)>,
}

/// A service config that is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidServiceConfig {
    /// The text is not JSON.
    #[error("invalid gRPC service config: {0}")]
    Json(String),
    /// A field is missing or has a value that is not allowed.
    #[error("invalid gRPC service config: `{field}` must be {allowed}, {}", or_missing(.found))]
    #[non_exhaustive]
    Field {
        /// The path of the field, such as `methodConfig[0].retryPolicy.maxAttempts`.
        field: String,
        /// The values that are allowed there.
        allowed: &'static str,
        /// The value as JSON; `None` if the field is missing.
        found: Option<String>,
    },
}

fn or_missing(found: &Option<String>) -> String {
    match found {
        Some(found) => format!("not {found}"),
        None => "but is missing".to_owned(),
    }
}

impl ServiceConfig {
    /// Parses the JSON of a service config.
    ///
    /// # Errors
    ///
    /// [`InvalidServiceConfig`] if the text is not JSON, or a field about retries is invalid. As in gRPC, an invalid part
    /// makes the whole config invalid.
    pub fn parse(json: &str) -> Result<ServiceConfig, InvalidServiceConfig> {
        let root = serde_json::from_str(json).map_err(|error| InvalidServiceConfig::Json(error.to_string()))?;
        let root = At::root(&root);
        root.object()?;
        let mut policies = BTreeMap::new();
        for method in root.list("methodConfig")? {
            method.object()?;
            let policy = policy(&method)?;
            for name in method.list("name")? {
                let (service, of_service) = (name.text("service")?, name.text("method")?);
                if service.is_empty() && !of_service.is_empty() {
                    return name.field("service").invalid("the service of the method");
                }
                if policies.insert((service, of_service), policy).is_some() {
                    return name.invalid("a name that no other method config has");
                }
            }
        }
        let throttle = match root.field("retryThrottling") {
            At { found: None, .. } => None,
            throttling => Some(throttle(&throttling)?),
        };
        Ok(ServiceConfig { policies, throttle })
    }

    /// Returns the policy of a method, such as `pkg.Service/Get`: from the config of the method, else of its service, else
    /// of all services. Without a `retryPolicy` there, it is a policy of one attempt.
    pub fn for_method(&self, method: &str) -> Policy<Exponential, Codes> {
        let method = method.strip_prefix('/').unwrap_or(method);
        let (service, method) = method.rsplit_once('/').unwrap_or((method, ""));
        let of = |service: &str, method: &str| self.policies.get(&(service.to_owned(), method.to_owned()));
        let policy = of(service, method).or_else(|| of(service, "")).or_else(|| of("", ""));
        policy.copied().unwrap_or(NO_RETRIES)
    }

    /// Returns a new throttle with the numbers of `retryThrottling`; `None` without them. All calls to a server should share
    /// one throttle, as the [`budget`](persevere_core::Run::budget) of their runs.
    #[must_use]
    pub fn throttle(&self) -> Option<GrpcThrottle> {
        let (max_tokens, token_ratio) = self.throttle?;
        GrpcThrottle::try_new(max_tokens, token_ratio).ok()
    }
}

const NO_RETRIES: Policy<Exponential, Codes> = Policy::exponential(Duration::from_secs(1))
    .max_attempts(1)
    .classify(Codes::NONE);

/// The policy of a method config.
fn policy(method: &At<'_>) -> Found<Policy<Exponential, Codes>> {
    check_hedging(method)?;
    let policy = retries(method)?;
    match method.field("timeout").found {
        Some(_) => Ok(policy.max_elapsed(method.duration("timeout")?)),
        None => Ok(policy),
    }
}

/// Validates a `hedgingPolicy`, which is not followed: its method is not retried.
fn check_hedging(method: &At<'_>) -> Found<()> {
    let hedging = method.field("hedgingPolicy");
    if hedging.found.is_none() {
        return Ok(());
    }
    if method.field("retryPolicy").found.is_some() {
        return hedging.invalid("absent where there is a `retryPolicy`");
    }
    hedging.object()?;
    hedging.whole("maxAttempts", 2..=u64::MAX, "an integer of at least 2")?;
    if hedging
        .field("hedgingDelay")
        .found
        .is_some_and(|delay| delay.as_str() != Some("0s"))
    {
        hedging.duration("hedgingDelay")?;
    }
    for status in hedging.list("nonFatalStatusCodes")? {
        code(&status)?;
    }
    Ok(())
}

/// The policy of a method config, without its timeout.
fn retries(method: &At<'_>) -> Found<Policy<Exponential, Codes>> {
    let retries = method.field("retryPolicy");
    if retries.found.is_none() {
        return Ok(NO_RETRIES);
    }
    retries.object()?;
    let attempts = retries.whole("maxAttempts", 2..=u64::MAX, "an integer of at least 2")?;
    let initial = retries.duration("initialBackoff")?;
    let longest = retries.duration("maxBackoff")?;
    let multiplier = retries.number("backoffMultiplier", |number| number > 0.0, "a number above 0")?;
    let list = retries.field("retryableStatusCodes");
    let statuses = retries.list("retryableStatusCodes")?;
    if statuses.is_empty() {
        return list.invalid("a list of at least one status code");
    }
    let mut codes = Codes::NONE;
    for status in statuses {
        codes = codes.with(code(&status)?);
    }
    let attempts = u32::try_from(attempts).unwrap_or(MOST_ATTEMPTS).min(MOST_ATTEMPTS);
    let curve = Exponential::new(initial).factor(multiplier.clamp(1.0, f64::MAX));
    let policy = Policy::new(curve).max_delay(longest).jitter(Jitter::proportional(0.2));
    Ok(policy.max_attempts(attempts).exact_hints().classify(codes))
}

/// `maxTokens` and `tokenRatio`.
fn throttle(throttling: &At<'_>) -> Found<(u32, f64)> {
    throttling.object()?;
    let most = throttling.whole("maxTokens", 1..=1000, "an integer from 1 to 1000")?;
    let is_ratio = |ratio: f64| (0.001..=1000.0).contains(&ratio);
    let ratio = throttling.number("tokenRatio", is_ratio, "a number from 0.001 to 1000")?;
    Ok((most as u32, ratio))
}

/// A status code by its number or its name.
fn code(status: &At<'_>) -> Found<Code> {
    let by_number = status.found.and_then(|value| value.as_u64());
    let by_name = status.found.and_then(|value| value.as_str()).and_then(|name| {
        let index = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
        index.map(|index| index as u64)
    });
    match by_number.or(by_name) {
        Some(number @ 0..=16) => Ok(Code::from_i32(number as i32)),
        _ => status.invalid("the name or the number of a gRPC status code"),
    }
}

/// The status codes by number.
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
