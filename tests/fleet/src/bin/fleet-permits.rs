//! Takes permits, for their instructions to be counted: `fleet-permits quota|rate|bulkhead COUNT`.

use persevere::gate::{Ended, Rejected, Report};
use persevere::limit::{Bulkhead, Quota as Rate, RateLimit};
use persevere::{Sleeper, ThreadSleeper};
use persevere_redis::Fleet;
use std::env;
use std::error::Error;
use std::hint::black_box;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, count] = &arguments[..] else {
        return Err("usage: fleet-permits quota|rate|bulkhead COUNT".into());
    };
    let count: u32 = count.parse()?;
    match kind.as_str() {
        // The share of one process is taken by the same lease as the permits of a server.
        "quota" => {
            let fleet = Fleet::open("redis://127.0.0.1:1", "test")?;
            let quota = fleet
                .quota("calls", i32::MAX as u64, Duration::from_secs(86_400))
                .batch(i32::MAX as u32);
            let quota = quota.build()?;
            while quota.try_acquire(1, ThreadSleeper.now()).is_err() {
                thread::sleep(Duration::from_millis(1));
            }
            take(&&quota, count)
        }
        "rate" => take(&&RateLimit::new(Rate::per_second(NonZero::<u32>::MAX)), count),
        "bulkhead" => take(&&Bulkhead::new(1), count),
        _ => Err("there is no such kind".into()),
    }
}

/// Takes permits, and reports successes.
fn take<G: Report<(), ()>>(gate: &G, count: u32) -> Result<(), Box<dyn Error>> {
    let clock = || black_box(Duration::from_secs(1_000_000));
    let permits = (0..count).try_for_each(|_| {
        let permit = gate.admit_by(clock)?;
        gate.report(permit, Ended::Returned(&Ok(())), clock);
        Ok(())
    });
    permits.map_err(|error: Rejected| error.into())
}
