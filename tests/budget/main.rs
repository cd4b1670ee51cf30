//! The retry budgets on their own: against reference models, the rules of their originals, and many threads.

mod accounts;
mod adaptive;
mod aws;
mod grpc;
mod invalid;
mod keyed;
mod optional;
mod properties;
mod stress;
mod windowed;
