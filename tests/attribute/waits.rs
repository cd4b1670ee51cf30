//! The waits of functions with the attribute, on virtual time.

use crate::calls::Calls;
use persevere_testkit::VirtualTime;

/// The waits of a run of ten attempts at most, in milliseconds.
pub(crate) fn waits(run: impl FnOnce(&VirtualTime, &Calls)) -> Vec<u64> {
    let (time, calls) = (VirtualTime::new(), Calls::always_failing());
    run(&time, &calls);
    assert_eq!(time.waits().len() as u32 + 1, calls.made());
    time.waits().iter().map(|wait| wait.as_millis() as u64).collect()
}

/// The waits of a function with these settings.
macro_rules! waits_of {
    ($($setting:tt)*) => {{
        #[persevere::retry(sleeper = time, $($setting)*)]
        fn run(time: &persevere_testkit::VirtualTime, calls: &$crate::calls::Calls) -> Result<u32, &'static str> {
            calls.call()
        }
        $crate::waits::waits(|time, calls| {
            run(time, calls).unwrap_err();
        })
    }};
}

pub(crate) use waits_of;
