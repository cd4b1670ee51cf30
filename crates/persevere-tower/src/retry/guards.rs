//! The guards of a layer, which each call puts into its run.

use persevere_core::Run;
use persevere_core::budget::Budget;
use persevere_core::gate::Gate;
use persevere_core::policy::PolicyParts;
use persevere_core::run::{AnyClass, Budgeted, FirstAsked, Gated, Paced};

/// Puts the guards of a layer into a run. Sealed.
pub trait Equip: sealed::Sealed {
    /// The guards of the run.
    type Guards;

    /// Puts the guards into a run.
    #[doc(hidden)]
    fn equip<P: PolicyParts, S, O>(&self, run: Run<P, S, O>) -> Run<P, S, O, Self::Guards>;
}

/// No guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoGuards;

impl Equip for NoGuards {
    type Guards = ();

    fn equip<P: PolicyParts, S, O>(&self, run: Run<P, S, O>) -> Run<P, S, O> {
        run
    }
}

/// A budget, after other guards; made by [`RetryLayer::budget`](crate::RetryLayer::budget).
#[derive(Debug, Clone, Copy)]
pub struct WithBudget<Q, B> {
    others: Q,
    budget: B,
}

impl<Q, B> WithBudget<Q, B> {
    pub(super) const fn new(others: Q, budget: B) -> Self {
        WithBudget { others, budget }
    }
}

impl<Q: Equip, B: Budget + Clone> Equip for WithBudget<Q, B> {
    type Guards = (Q::Guards, Budgeted<B, AnyClass>);

    fn equip<P: PolicyParts, S, O>(&self, run: Run<P, S, O>) -> Run<P, S, O, Self::Guards> {
        self.others.equip(run).budget(self.budget.clone())
    }
}

/// A gate, after other guards; made by [`RetryLayer::breaker`](crate::RetryLayer::breaker) and
/// [`RetryLayer::gate`](crate::RetryLayer::gate).
#[derive(Debug, Clone, Copy)]
pub struct WithGate<Q, N> {
    others: Q,
    gate: N,
}

impl<Q, N> WithGate<Q, N> {
    pub(super) const fn new(others: Q, gate: N) -> Self {
        WithGate { others, gate }
    }
}

impl<Q: Equip, N: Gate + Clone> Equip for WithGate<Q, N> {
    type Guards = (Q::Guards, Gated<N>);

    fn equip<P: PolicyParts, S, O>(&self, run: Run<P, S, O>) -> Run<P, S, O, Self::Guards> {
        self.others.equip(run).gate(self.gate.clone())
    }
}

/// A gate that the call waits for, after other guards; made by [`RetryLayer::pace`](crate::RetryLayer::pace).
#[derive(Debug, Clone, Copy)]
pub struct WithPace<Q, N> {
    others: Q,
    gate: N,
}

impl<Q, N> WithPace<Q, N> {
    pub(super) const fn new(others: Q, gate: N) -> Self {
        WithPace { others, gate }
    }
}

impl<Q: Equip, N: Gate + Clone> Equip for WithPace<Q, N> {
    type Guards = (Q::Guards, Paced<N>);

    fn equip<P: PolicyParts, S, O>(&self, run: Run<P, S, O>) -> Run<P, S, O, Self::Guards> {
        self.others.equip(run).pace(self.gate.clone())
    }
}

/// A bulkhead, after other guards; made by [`RetryLayer::bulkhead`](crate::RetryLayer::bulkhead).
#[derive(Debug, Clone, Copy)]
pub struct WithBulkhead<Q, N> {
    others: Q,
    bulkhead: N,
}

impl<Q, N> WithBulkhead<Q, N> {
    pub(super) const fn new(others: Q, bulkhead: N) -> Self {
        WithBulkhead { others, bulkhead }
    }
}

impl<Q: Equip, N: Gate + Clone> Equip for WithBulkhead<Q, N> {
    type Guards = (Q::Guards, Gated<N, FirstAsked>);

    fn equip<P: PolicyParts, S, O>(&self, run: Run<P, S, O>) -> Run<P, S, O, Self::Guards> {
        self.others.equip(run).bulkhead(self.bulkhead.clone())
    }
}

mod sealed {
    pub trait Sealed {}
    impl<Q, N> Sealed for super::WithPace<Q, N> {}
    impl<Q, N> Sealed for super::WithBulkhead<Q, N> {}
    impl Sealed for super::NoGuards {}
    impl<Q, B> Sealed for super::WithBudget<Q, B> {}
    impl<Q, N> Sealed for super::WithGate<Q, N> {}
}
