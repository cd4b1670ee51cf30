//! Classifiers that look for an error within another.

use super::{Classifier, Verdict};
use core::error::Error;
use core::fmt;
use core::marker::PhantomData;

/// Classifies each `T` in the chain of an error, from the error itself over its [`source`](Error::source) downwards,
/// until a verdict is not `Stop`. An error without a `T` stops. It also looks into `io::Error::other(..)`, which
/// `source()` skips.
///
/// ```
/// use persevere::classify::{ByError, within};
/// use persevere::{Classifier, Verdict};
/// use std::io;
///
/// let reset = io::Error::from(io::ErrorKind::ConnectionReset);
/// let nested = io::Error::other(reset);
/// assert_eq!(within::<io::Error, _>(ByError).classify(&nested), Verdict::Retry);
/// ```
///
/// For a boxed error there is [`within_dyn`].
#[must_use]
pub const fn within<T: Error + 'static, C: Classifier<T>>(classifier: C) -> Within<T, C> {
    Within {
        classifier,
        of: PhantomData,
    }
}

/// [`within`] for errors that are a `dyn Error` behind a pointer: `anyhow::Error`, `Box<dyn Error + Send + Sync>`.
///
/// ```
/// use persevere::classify::{ByError, within_dyn};
/// use persevere::{Classifier, Verdict};
/// use std::{error::Error, io};
///
/// let boxed: Box<dyn Error + Send + Sync> = io::Error::from(io::ErrorKind::ConnectionReset).into();
/// assert_eq!(within_dyn::<io::Error, _>(ByError).classify(&boxed), Verdict::Retry);
/// ```
#[must_use]
pub const fn within_dyn<T: Error + 'static, C: Classifier<T>>(classifier: C) -> WithinDyn<T, C> {
    WithinDyn(within(classifier))
}

/// Looks for a `T` in the chain of an error; made by [`within`].
pub struct Within<T, C> {
    classifier: C,
    of: PhantomData<fn(&T)>,
}

/// Looks for a `T` in the chain of a boxed error; made by [`within_dyn`].
#[derive(Debug)]
pub struct WithinDyn<T, C>(Within<T, C>);

impl<T: Error + 'static, C: Classifier<T>> Within<T, C> {
    fn judge(&self, error: &(dyn Error + 'static)) -> Verdict {
        let mut next = Some(error);
        let mut verdict = Verdict::Stop;
        while let Some(error) = next {
            next = inner(error);
            if let Some(found) = error.downcast_ref::<T>() {
                verdict = self.classifier.classify(found);
                if verdict != Verdict::Stop {
                    break;
                }
            }
        }
        verdict
    }
}

/// The error below this one.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    #[cfg(feature = "std")]
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        return io.get_ref().map(|inner| inner as _);
    }
    error.source()
}

impl<E: Error + 'static, T: Error + 'static, C: Classifier<T>> Classifier<E> for Within<T, C> {
    fn classify(&self, error: &E) -> Verdict {
        self.judge(error)
    }
}

impl<E, T, C> Classifier<E> for WithinDyn<T, C>
where
    E: AsRef<dyn Error + Send + Sync + 'static>,
    T: Error + 'static,
    C: Classifier<T>,
{
    fn classify(&self, error: &E) -> Verdict {
        self.0.judge(error.as_ref())
    }
}

// Not derived, since that would require `T: Clone`.
impl<T, C: Clone> Clone for Within<T, C> {
    fn clone(&self) -> Self {
        Within {
            classifier: self.classifier.clone(),
            of: PhantomData,
        }
    }
}

impl<T, C: Copy> Copy for Within<T, C> {}

impl<T, C: Clone> Clone for WithinDyn<T, C> {
    fn clone(&self) -> Self {
        WithinDyn(self.0.clone())
    }
}

impl<T, C: Copy> Copy for WithinDyn<T, C> {}

impl<T, C: fmt::Debug> fmt::Debug for Within<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Within").field(&self.classifier).finish()
    }
}
