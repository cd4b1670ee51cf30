//! The layers over services that check how they are called, over tower's own layers, and over real connections.

mod breaker;
mod buffered;
mod contract;
mod deciding;
mod dropping;
mod explained;
mod fallback;
mod hedge;
mod inference;
mod limits;
mod parity;
mod probe;
mod readiness;
mod replay;
mod timeout;
mod unrepeatable;
mod wire;
