//! A process of a fleet: makes calls under a quota, and prints when each was made.
//!
//! `fleet-worker URL QUOTA BATCH PROCESSES RATE WEIGHT PERIOD_MS TIME_MS SLOW_AFTER_MS`

use persevere::{CancelToken, Policy, ThreadSleeper};
use persevere_redis::Fleet;
use std::env;
use std::error::Error;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, numbers @ ..] = &arguments[..] else {
        return Err("usage: fleet-worker URL QUOTA BATCH PROCESSES RATE WEIGHT PERIOD_MS TIME_MS SLOW_AFTER_MS".into());
    };
    let numbers = numbers
        .iter()
        .map(|number| number.parse())
        .collect::<Result<Vec<u32>, _>>()?;
    let [quota, batch, processes, rate, weight, period, time, slow] = numbers[..] else {
        return Err("eight numbers follow the URL".into());
    };
    let time = Duration::from_millis(time.into());
    let period = Duration::from_millis(period.into());
    let fleet = Fleet::open(url, "test")?.slow_after(Duration::from_millis(slow.into()))?;
    let quota = fleet
        .quota("calls", quota.into(), period)
        .batch(batch)
        .processes(processes)
        .build()?;

    let token = CancelToken::new();
    thread::scope(|scope| {
        scope.spawn(|| quota.keep_filled_blocking(ThreadSleeper.cancelled_by(&token)));
        let (start, policy) = (Instant::now(), Policy::default());
        let mut calls = 0;
        while let Some(left) = time.checked_sub(start.elapsed()) {
            let call = || {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                println!("{} {weight}", now.map_or(0, |now| now.as_micros()));
                Ok::<_, ()>(())
            };
            let run = policy.on(ThreadSleeper).pace(quota.weigh(weight)).timeout(left);
            // Without permits to the end, the run is out of time.
            let _ = run.run_blocking(call);
            calls += 1;
            let next = Duration::from_secs(1) * weight * calls / rate;
            thread::sleep(next.saturating_sub(start.elapsed()).min(time));
        }
        token.cancel();
    });
    eprintln!("{:?}", quota.stats());
    Ok(())
}
