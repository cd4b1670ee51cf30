use core::time::Duration;
use embedded_hal::delay::DelayNs;
use persevere::{DelaySleeper, Policy};

struct Board;

impl DelayNs for Board {
    fn delay_ns(&mut self, _: u32) {}
}

fn main() {
    let policy = Policy::default();
    let run = policy.on(DelaySleeper::new(Board)).timeout(Duration::from_secs(1));
    let _ = run.run_blocking(|| Ok::<_, u8>(7));
}
