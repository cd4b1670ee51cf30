//! The places of the legs in the future of a hedge.

use core::marker::PhantomData;
use core::pin::Pin;
use pin_project_lite::pin_project;

/// The most legs that a hedge has.
pub(crate) const MAX_LEGS: usize = 4;

/// The given number of hedges of a call. Sealed, and implemented by `Hedges<1>`, `Hedges<2>` and `Hedges<3>`.
#[derive(Debug, Clone, Copy)]
pub struct Hedges<const N: usize>;

/// The places of the legs of a call with the given number of hedges.
#[diagnostic::on_unimplemented(
    message = "a call has 1, 2 or 3 hedges",
    note = "write `.max_hedges::<1>()`, `.max_hedges::<2>()` or `.max_hedges::<3>()`; for a call that must not be repeated write `.repeatable(false)`"
)]
pub trait Legs: sealed::Sealed {
    /// A place for each leg of type `A`.
    type Slots<A>: Slots<A>;
}

impl Legs for Hedges<1> {
    type Slots<A> = Slot<A, Slot<A, End<A>>>;
}

impl Legs for Hedges<2> {
    type Slots<A> = Slot<A, Slot<A, Slot<A, End<A>>>>;
}

impl Legs for Hedges<3> {
    type Slots<A> = Slot<A, Slot<A, Slot<A, Slot<A, End<A>>>>>;
}

/// Places for legs, some of them empty. Sealed.
pub trait Slots<A>: sealed::Sealed {
    /// The number of places.
    #[doc(hidden)]
    const COUNT: usize;
    /// Places that are all empty.
    #[doc(hidden)]
    fn empty() -> Self;
    /// The place with this index; `None` if there are fewer.
    #[doc(hidden)]
    fn slot(self: Pin<&mut Self>, index: usize) -> Option<Pin<&mut Option<A>>>;
}

pin_project! {
    /// One place, and the places after it. Nested, since an array has no safe access to a pinned element.
    #[derive(Debug)]
    pub struct Slot<A, R> {
        #[pin]
        leg: Option<A>,
        #[pin]
        rest: R,
    }
}

/// No further place.
#[derive(Debug)]
pub struct End<A>(PhantomData<fn() -> A>);

impl<A, R: Slots<A>> Slots<A> for Slot<A, R> {
    const COUNT: usize = 1 + R::COUNT;

    fn empty() -> Self {
        Slot {
            leg: None,
            rest: R::empty(),
        }
    }

    #[inline]
    fn slot(self: Pin<&mut Self>, index: usize) -> Option<Pin<&mut Option<A>>> {
        let this = self.project();
        match index.checked_sub(1) {
            None => Some(this.leg),
            Some(index) => this.rest.slot(index),
        }
    }
}

impl<A> Slots<A> for End<A> {
    const COUNT: usize = 0;

    fn empty() -> Self {
        End(PhantomData)
    }

    #[inline]
    fn slot(self: Pin<&mut Self>, _: usize) -> Option<Pin<&mut Option<A>>> {
        None
    }
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Hedges<N> {}
    impl<A, R> Sealed for super::Slot<A, R> {}
    impl<A> Sealed for super::End<A> {}
}
