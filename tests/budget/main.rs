//! The retry budgets by themselves: against reference models, the rules they are made after, and many threads.

mod accounts;
mod adaptive;
mod aws;
mod grpc;
mod invalid;
mod properties;
mod stress;
mod windowed;
