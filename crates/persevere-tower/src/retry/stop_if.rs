//! The errors that stop a call at once.

/// A predicate on errors. Sealed: implemented by [`Never`] and by closures.
pub trait StopIf<E>: sealed::Sealed<E> {
    /// Whether a call stops on this error.
    fn stops(&self, error: &E) -> bool;
}

/// No error stops a call at once: the classifier decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Never;

impl<E> StopIf<E> for Never {
    fn stops(&self, _: &E) -> bool {
        false
    }
}

impl<E, F: Fn(&E) -> bool> StopIf<E> for F {
    fn stops(&self, error: &E) -> bool {
        self(error)
    }
}

mod sealed {
    pub trait Sealed<E> {}
    impl<E> Sealed<E> for super::Never {}
    impl<E, F: Fn(&E) -> bool> Sealed<E> for F {}
}
