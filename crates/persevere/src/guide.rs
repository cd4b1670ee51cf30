//! The guide: one chapter for each question, with samples that run.
//!
//! | question | chapter |
//! |---|---|
//! | How often, and after which delays? | [`choosing`] |
//! | Which failures are worth a retry? | [`errors`] |
//! | May this be done twice? | [`idempotence`] |
//! | When is it too late? | [`deadlines`] |
//! | How does a run end on Ctrl-C? | [`cancellation`] |
//! | How do retries survive a restart? | [`queues`] |
//! | What protects a server that is down? | [`breakers`] |
//! | What limits the retries of a whole program? | [`budgets`] |
//! | What if the server makes all of us wait? | [`limits`] |
//! | What if a few calls are slow? | [`hedging`] |
//! | What must many processes share? | [`fleets`] |
//! | In which order do these go? | [`composition`] |
//! | How do I see what happens? | [`telemetry`] |
//! | How do operators change it? | [`configuration`] |
//! | How do I test it? | [`testing`] |
//! | Does it survive an outage? | [`simulating`] |
//! | I write a library. | [`libraries`] |
//! | Which sleeper for my runtime? | [`runtimes`] |
//! | I write firmware. | [`embedded`] |
//! | I write for the browser. | [`wasm`] |
//! | What should I avoid? | [`anti_patterns`] |
//! | What does this message of the compiler mean? | [`faq`] |
//! | I come from another crate. | [`migration`] |
//!
//! A first program takes three of them: [`choosing`], [`errors`] and [`deadlines`]. Add [`budgets`] before many
//! callers share a server.
//!
//! # Retry, breaker, budget
//!
//! | | question | scope | rejects |
//! |---|---|---|---|
//! | policy | Is *this* failure worth another attempt, and when? | one run | further attempts of the run |
//! | breaker | Is *any* call worth making now? | all calls to one dependency | every attempt, first ones included, until a probe succeeds |
//! | budget | May *all* callers together retry this much? | all runs that share it | retries, never a first attempt |
//! | hedge | Is *this* call slow, so that a second one may be faster? | one call | nothing |
//!
//! The promises behind the chapters, rule by rule, are in
//! [`docs/contract.md`](https://github.com/persevere-rs/persevere/blob/main/docs/contract.md).

#[doc = include_str!("guide/choosing.md")]
pub mod choosing {}
#[doc = include_str!("guide/errors.md")]
pub mod errors {}
#[doc = include_str!("guide/idempotence.md")]
pub mod idempotence {}
#[doc = include_str!("guide/deadlines.md")]
pub mod deadlines {}
#[doc = include_str!("guide/cancellation.md")]
pub mod cancellation {}
#[doc = include_str!("guide/queues.md")]
pub mod queues {}
#[doc = include_str!("guide/breakers.md")]
pub mod breakers {}
#[doc = include_str!("guide/budgets.md")]
pub mod budgets {}
#[doc = include_str!("guide/limits.md")]
pub mod limits {}
#[doc = include_str!("guide/hedging.md")]
pub mod hedging {}
#[doc = include_str!("guide/fleets.md")]
pub mod fleets {}
#[doc = include_str!("guide/composition.md")]
pub mod composition {}
#[doc = include_str!("guide/telemetry.md")]
pub mod telemetry {}
#[doc = include_str!("guide/configuration.md")]
pub mod configuration {}
#[doc = include_str!("guide/testing.md")]
pub mod testing {}
#[doc = include_str!("guide/simulating.md")]
pub mod simulating {}
#[doc = include_str!("guide/libraries.md")]
pub mod libraries {}
#[doc = include_str!("guide/runtimes.md")]
pub mod runtimes {}
#[doc = include_str!("guide/embedded.md")]
pub mod embedded {}
#[doc = include_str!("guide/wasm.md")]
pub mod wasm {}
#[doc = include_str!("guide/anti_patterns.md")]
pub mod anti_patterns {}
#[doc = include_str!("guide/faq.md")]
pub mod faq {}
#[doc = include_str!("guide/migration.md")]
pub mod migration {}
