//! The rules that a policy brings along.

use crate::{Transient, transient};
use persevere_core::classify::AnyError;

/// A policy's classifier as HTTP clients read it. A [`Transient`] is used as it is. A policy without a classifier has
/// the standard rules, so that `static API: Policy = Policy::exponential(..)` is enough.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not judge HTTP requests",
    label = "this policy has a classifier for something else",
    note = "leave the classifier out for the standard rules, or change them by `.classify(transient().statuses(..))` from `persevere::http`"
)]
pub trait Rules {
    /// The rules.
    fn rules(&self) -> Transient;
}

impl Rules for AnyError {
    fn rules(&self) -> Transient {
        transient()
    }
}

impl Rules for Transient {
    fn rules(&self) -> Transient {
        *self
    }
}

impl<C: Rules + ?Sized> Rules for &C {
    fn rules(&self) -> Transient {
        (**self).rules()
    }
}
