//! The tables of a file: what each of their settings means.

pub(crate) mod backoff;
pub(crate) mod breaker;
pub(crate) mod budget;
pub(crate) mod hedge;
pub(crate) mod jitter;
pub(crate) mod limit;
pub(crate) mod retry;
