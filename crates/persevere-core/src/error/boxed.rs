//! An error of any type.

use super::RetryError;
use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use core::ops::Deref;

/// An error of any type, which unlike `Box<dyn Error + Send + Sync>` is an [`Error`] itself; made by
/// [`RetryError::boxed`].
pub struct BoxError(Box<dyn Error + Send + Sync>);

impl BoxError {
    /// The error itself, to be downcast.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }
}

impl Deref for BoxError {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for BoxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for BoxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for BoxError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> RetryError<E> {
    /// Boxes the last error, so that `?` and `.context(..)` work for an `E` that is not an [`Error`] itself:
    /// `anyhow::Error`, `eyre::Report`, `Box<dyn Error + Send + Sync>`, `String`.
    #[must_use]
    #[doc(alias("anyhow", "eyre"))]
    pub fn boxed(self) -> RetryError<BoxError> {
        self.map_last(|last| BoxError(last.into()))
    }
}
