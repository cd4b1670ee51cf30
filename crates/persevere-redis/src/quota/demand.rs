//! The permits that the callers of a process use and wait for, and how many to lease.

use super::settings::Settings;

/// For how many slices a lease is valid at most.
const LONGEST: u32 = 16;

/// The permits that were used up to a point in time.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    used: u64,
    at: u64,
}

/// The permits that the callers of a process use and wait for. All times are in nanoseconds.
#[derive(Debug)]
pub(crate) struct Demand {
    quota: u32,
    batch: u32,
    /// The length of a slice.
    width: u64,
    /// The most that a call waited for before the last answer, and since.
    needed: [u32; 2],
    /// Since when calls wait.
    since: Option<u64>,
    /// The weight of the last call that waited.
    weight: u32,
    /// The permits that were taken, less the permits that went back.
    granted: u64,
    /// How many of them were used at two points in time, eight slices apart or more, for the rate.
    marks: [Mark; 2],
    /// The last grant, and when it arrived.
    grant: (u32, u64),
}

impl Demand {
    pub(crate) fn new(settings: &Settings) -> Demand {
        Demand {
            quota: settings.quota,
            batch: settings.batch,
            width: settings.width(),
            needed: [0; 2],
            since: None,
            weight: 0,
            granted: 0,
            marks: [Mark::default(); 2],
            grant: (0, 0),
        }
    }

    /// A call waits for permits. Returns since when calls wait.
    pub(crate) fn wait(&mut self, permits: u32, now: u64) -> u64 {
        self.needed[1] = self.needed[1].max(permits);
        self.weight = permits;
        *self.since.get_or_insert(now)
    }

    /// The most that a call waits for; 0 if none does.
    pub(crate) fn needed(&self) -> u32 {
        self.needed[0].max(self.needed[1])
    }

    /// Calls that waited have got their permits.
    pub(crate) fn serve(&mut self) {
        (self.needed, self.since) = ([0; 2], None);
    }

    /// The server has answered. A call that still waits for more tries again before the next answer. Otherwise it is
    /// gone.
    pub(crate) fn answered(&mut self, granted: u32, now: u64) {
        if granted > 0 {
            self.grant = (granted, now);
        }
        let needed = [self.needed[1], 0];
        if granted >= self.needed() || needed == [0; 2] {
            self.serve();
        } else {
            self.needed = needed;
        }
    }

    /// Counts permits of a new lease.
    pub(crate) fn add(&mut self, permits: u32) {
        self.granted += u64::from(permits);
    }

    /// Counts permits that go back.
    pub(crate) fn remove(&mut self, permits: u32) {
        self.granted -= u64::from(permits);
    }

    /// How many permits were used, if the given number is left.
    fn used(&self, left: u32) -> u64 {
        self.granted.saturating_sub(left.into())
    }

    /// Marks what was used up to now, if the last mark is old enough.
    pub(crate) fn mark(&mut self, left: u32, now: u64) {
        let mark = Mark {
            used: self.used(left),
            at: now,
        };
        let slices = now.saturating_sub(self.marks[1].at) / self.width;
        if slices >= 8 {
            self.marks = if slices < 32 { [self.marks[1], mark] } else { [mark; 2] };
        }
    }

    /// How many permits to lease, and for how many slices: a batch, or as many as a slice uses. Less than a batch if a
    /// whole batch is not used while a lease is valid. 0 if there are enough permits, or if none are expected to be
    /// used.
    pub(crate) fn wanted(&self, left: u32, is_scarce: bool, now: u64) -> (u32, u32) {
        let needed = self.needed();
        // A single call is no rate.
        let used = self.used(left).saturating_sub(self.marks[0].used);
        let used = used.saturating_sub(self.weight.max(1).into());
        let time = now.saturating_sub(self.marks[0].at).max(self.width / 8);
        let longest = if is_scarce { 2 } else { LONGEST };
        let expected = u128::from(used) * u128::from(self.width) * u128::from(longest) / u128::from(time);
        let expected = u32::try_from(expected).unwrap_or(u32::MAX);
        let most = (self.quota / 8).max(self.batch);
        let mut size = expected.min((expected / longest).max(self.batch));
        if needed > 0 && used > 0 {
            // Callers wait, and not for the first time: as many again as were used at once.
            let (granted, at) = self.grant;
            let at_once = if now.saturating_sub(at) < self.width {
                granted.saturating_mul(2)
            } else {
                0
            };
            size = size.max(self.batch).max(at_once);
        }
        let size = size.min(most);
        let is_enough = needed == 0 && (size == 0 || left > 0 && left >= size / 2);
        if is_enough {
            return (0, 0);
        }
        let slices = (u64::from(size) * u64::from(longest)).div_ceil(u64::from(expected.max(1))) + 1;
        let slices = u32::try_from(slices).unwrap_or(longest).clamp(2, longest);
        (size.max(needed), slices)
    }
}
