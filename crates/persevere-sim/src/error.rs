//! Why a scenario cannot be simulated.

use thiserror::Error;

/// Why a scenario cannot be simulated.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum InvalidScenario {
    /// There is no service to call.
    #[error("the scenario has no service")]
    NoService,
    /// A service of this name is called or disturbed, and does not come after its caller or is not there.
    #[error("there is no service `{0}` (a service can call those that come after it)")]
    NoSuchService(String),
    /// A number is out of range: its name and value.
    #[error("{0} is out of range: {1}")]
    Number(String, String),
    /// The text of a scenario is wrong.
    #[error("{0}")]
    Text(String),
}
