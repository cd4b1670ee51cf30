//! A retry budget: one success deposits and one retry withdraws, so that there is always enough.

use crate::case::{Job, case};
use persevere_budget::{AdaptiveThrottle, Budget, Class, GrpcThrottle, TokenBucket, WindowedRatio};
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// The smallest budget that keeps the rule: never above `MOST`, and never below zero.
struct Tokens(AtomicU32);

const MOST: u32 = 100;

impl Tokens {
    #[inline]
    fn deposit(&self) {
        let more = |tokens| (tokens < MOST).then_some(tokens + 1);
        let _full = self.0.fetch_update(Relaxed, Relaxed, more);
    }

    #[inline]
    fn withdraw(&self) -> Result<u32, u32> {
        self.0.fetch_update(Relaxed, Relaxed, |tokens| tokens.checked_sub(1))
    }
}

/// The calls of a run with an attempt that fails and a retry that succeeds.
#[inline]
fn pair(budget: &impl Budget) -> Result<u32, &'static str> {
    let now = black_box(Duration::from_secs(1));
    budget.attempted(now);
    let cost = budget.withdraw(Class::Transient, now);
    budget.attempted(now);
    budget.succeeded(cost, now);
    cost.ok_or("exhausted")
}

pub(crate) fn cases(job: Job) {
    case!(job, "budget/bare/pair", 0, |_operation| sync black_box(Some(1)).ok_or("exhausted"));
    case!(job, "budget/best/pair", let tokens = Tokens(AtomicU32::new(MOST)); 0, |_operation| sync {
        let withdrawn = tokens.withdraw();
        tokens.deposit();
        withdrawn
    });
    case!(job, "budget/persevere/windowed/pair", let budget = WindowedRatio::new().ratio(1.0); 0, |_operation| sync
        pair(budget));
    case!(job, "budget/persevere/bucket/pair", let budget = TokenBucket::new(MOST); 0, |_operation| sync pair(budget));
    case!(job, "budget/persevere/grpc/pair", let budget = GrpcThrottle::new(MOST, 1.0); 0, |_operation| sync
        pair(budget));
    case!(job, "budget/persevere/adaptive/pair", let budget = AdaptiveThrottle::new(); 0, |_operation| sync
        pair(budget));
    #[cfg(feature = "peers")]
    {
        use tower::retry::budget::{Budget, TpsBudget};
        case!(job, "budget/tower/pair", let budget = TpsBudget::new(Duration::from_secs(10), 10, 1.0); 0, |_operation| sync {
            let is_withdrawn = budget.withdraw();
            budget.deposit();
            is_withdrawn.then_some(()).ok_or("exhausted")
        });
    }
}
