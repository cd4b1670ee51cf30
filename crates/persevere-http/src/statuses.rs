//! A set of status codes.

use core::fmt;
use http::StatusCode;

/// The lowest and the highest status code that a set can hold.
const LOWEST: u16 = 100;
const HIGHEST: u16 = 999;
const WORDS: usize = ((HIGHEST - LOWEST) as usize + 64) / 64;

/// A set of status codes, editable in a `const`.
///
/// ```
/// use persevere::http::Statuses;
///
/// const CONFLICTS_TOO: Statuses = Statuses::STANDARD.with(409).without(500);
/// assert!(CONFLICTS_TOO.contains(409) && !CONFLICTS_TOO.contains(500));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Statuses([u64; WORDS]);

impl Statuses {
    /// No status.
    pub const NONE: Statuses = Statuses([0; WORDS]);

    /// The statuses that are worth a retry by default: 408, 421, 425, 429, 500, 502, 503 and 504.
    ///
    /// It has neither 501 (Not Implemented) nor 505 (HTTP Version Not Supported), since the same request gets the same
    /// answer.
    pub const STANDARD: Statuses = Statuses::REJECTED.with(408).with(500).with(502).with(503).with(504);

    /// The statuses that mean that the request was not processed: 421 (Misdirected Request), 425 (Too Early) and 429
    /// (Too Many Requests).
    pub const REJECTED: Statuses = Statuses::NONE.with(421).with(425).with(429);

    /// Adds a status.
    ///
    /// # Panics
    ///
    /// If `status` is not within `100..=999`, which in a `const` or `static` is a compile error.
    /// [`try_with`](Statuses::try_with) returns `None` instead.
    #[must_use]
    pub const fn with(self, status: u16) -> Statuses {
        match self.try_with(status) {
            Some(statuses) => statuses,
            None => panic!("a status code must be within 100..=999"),
        }
    }

    /// Adds a status; `None` if it is not within `100..=999`.
    #[must_use]
    pub const fn try_with(mut self, status: u16) -> Option<Statuses> {
        if status < LOWEST || status > HIGHEST {
            return None;
        }
        let (word, bit) = place(status);
        self.0[word] |= bit;
        Some(self)
    }

    /// Removes a status.
    #[must_use]
    pub const fn without(mut self, status: u16) -> Statuses {
        if LOWEST <= status && status <= HIGHEST {
            let (word, bit) = place(status);
            self.0[word] &= !bit;
        }
        self
    }

    /// Whether the set has this status.
    #[must_use]
    pub const fn contains(&self, status: u16) -> bool {
        if status < LOWEST || status > HIGHEST {
            return false;
        }
        let (word, bit) = place(status);
        self.0[word] & bit != 0
    }

    /// [`contains`](Statuses::contains) for a [`StatusCode`].
    #[must_use]
    pub fn has(&self, status: StatusCode) -> bool {
        self.contains(status.as_u16())
    }

    /// The statuses in ascending order.
    ///
    /// ```
    /// use persevere::http::Statuses;
    /// assert!(Statuses::REJECTED.iter().eq([421, 425, 429]));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (LOWEST..=HIGHEST).filter(|status| self.contains(*status))
    }
}

/// The word and the bit of a status.
const fn place(status: u16) -> (usize, u64) {
    let place = (status - LOWEST) as usize;
    (place / 64, 1 << (place % 64))
}

impl fmt::Debug for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
