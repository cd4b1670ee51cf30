//! A call that answers at once, through limits of the concurrent calls: with room, and without.

use crate::case::{Job, case};
use ::tower::limit::ConcurrencyLimit;
use ::tower::load_shed::LoadShed;
use ::tower::{Layer, Service, ServiceExt, service_fn};
use persevere::tower::{BreakerLayer, RetryLayer};
use persevere::{Policy, TokioSleeper};
use persevere_limit::{AdaptiveLimit, Bulkhead, BulkheadPermit};
use std::future::{Ready, ready};
use std::hint::black_box;
use std::io;

const CALLS: u32 = 10;
static BULKHEAD: Bulkhead = Bulkhead::new(CALLS);
static FULL: Bulkhead = Bulkhead::new(1);
static ADAPTIVE: AdaptiveLimit = AdaptiveLimit::new(persevere_limit::Gradient2::new());
static ONCE: Policy = Policy::DEFAULT.max_attempts(1);

fn server(request: u32) -> Ready<io::Result<u32>> {
    ready(Ok(black_box(request)))
}

/// The only place.
fn taken() -> BulkheadPermit<&'static Bulkhead> {
    FULL.try_acquire().expect("it is free")
}

/// A limit of tower, whose only place is taken by the second instance.
fn shedding<V>(inner: V) -> (LoadShed<ConcurrencyLimit<V>>, ConcurrencyLimit<V>)
where
    V: Service<u32, Error = io::Error> + Clone,
{
    let limit = ConcurrencyLimit::new(inner, 1);
    let mut other = limit.clone();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(other.poll_ready(&mut context).is_ready(), "it is free");
    (LoadShed::new(limit), other)
}

pub(crate) fn cases(job: Job) {
    case!(job, "limited/bare/admitted", let service = service_fn(server); 0, |_operation| async {
        async { service.ready().await?.call(7).await }
    });
    case!(job, "limited/persevere/admitted", let service = BreakerLayer::new(&BULKHEAD, TokioSleeper).layer(service_fn(server)); 0, |_operation| async {
        async { service.ready().await?.call(7).await }
    });
    case!(job, "limited/persevere-waiting/admitted", let service = RetryLayer::new(&ONCE, TokioSleeper).explained().pace(&BULKHEAD).layer(service_fn(server)); 0, |_operation| async {
        async { service.ready().await?.call(7).await }
    });
    case!(job, "limited/persevere-adaptive/admitted", let service = BreakerLayer::new(&ADAPTIVE, TokioSleeper).layer(service_fn(server)); 0, |_operation| async {
        async { service.ready().await?.call(7).await }
    });
    case!(job, "limited/tower/admitted", let service = ConcurrencyLimit::new(service_fn(server), CALLS as usize); 0, |_operation| async {
        async { service.ready().await?.call(7).await }
    });
    case!(job, "limited/persevere/rejected", let state = (BreakerLayer::new(&FULL, TokioSleeper).layer(service_fn(server)), taken()); 0, |_operation| async {
        async { state.0.ready().await?.call(7).await }
    });
    case!(job, "limited/tower/rejected", let state = shedding(service_fn(server)); 0, |_operation| async {
        async { state.0.ready().await?.call(7).await }
    });
}
