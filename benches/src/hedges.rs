//! A call that is hedged and needs no hedge: it answers at once, or when it is polled a second time. On tokio with its time
//! paused, since the peer needs its timers.

use crate::case::{Job, case};
use ::tower::hedge::Policy as HedgePolicy;
use ::tower::{Layer, Service, ServiceExt, service_fn};
use persevere::TokioSleeper;
use persevere::hedge::{Hedge, Latency, Quantile};
use persevere::tower::HedgeLayer;
use persevere_budget::WindowedRatio;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::io;
use std::time::Duration;

/// The settings of both.
const SAMPLES: u32 = 100;
const SHARE: f32 = 0.95;
const WINDOW: Duration = Duration::from_secs(30);

static LATENCY: Latency = Latency::new().window(WINDOW).minimum_samples(SAMPLES);
static HEDGE: Hedge = Hedge::at(&LATENCY, Quantile::P95);
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);

fn at_once(request: u32) -> Ready<io::Result<u32>> {
    ready(Ok(black_box(request)))
}

async fn pending_once(request: u32) -> io::Result<u32> {
    tokio::task::yield_now().await;
    Ok(black_box(request))
}

/// Every request is hedged.
#[derive(Clone)]
struct All;

impl HedgePolicy<u32> for All {
    fn clone_request(&self, request: &u32) -> Option<u32> {
        Some(*request)
    }

    fn can_retry(&self, _: &u32) -> bool {
        true
    }
}

/// The peer, with enough samples of the given milliseconds.
fn peer<V>(inner: V) -> ::tower::hedge::Hedge<V, All>
where
    V: Service<u32, Error = io::Error> + Clone,
{
    let samples = [1; SAMPLES as usize];
    ::tower::hedge::Hedge::new_with_mock_latencies(inner, All, SAMPLES.into(), SHARE, WINDOW, &samples)
}

macro_rules! contestants {
    ($job:expr, $case:literal, $operation:expr) => {
        case!($job, concat!("hedge/bare/", $case), let service = service_fn($operation); 0, |_operation| paused {
            async { service.ready().await?.call(7).await }
        });
        case!($job, concat!("hedge/persevere/", $case), 0, |_operation| paused {
            HEDGE.on(TokioSleeper).budget(&BUDGET).run(|_| $operation(7))
        });
        case!($job, concat!("hedge/persevere-layer/", $case), let service = HedgeLayer::new(HEDGE.on(TokioSleeper).budget(&BUDGET)).layer(service_fn($operation)); 0, |_operation| paused {
            async { service.ready().await?.call(7).await }
        });
        case!($job, concat!("hedge/tower/", $case), let service = peer(service_fn($operation)); 0, |_operation| paused {
            async { service.ready().await?.call(7).await }
        });
    };
}

pub(crate) fn cases(job: Job) {
    contestants!(job, "ready", at_once);
    contestants!(job, "pending", pending_once);
}
