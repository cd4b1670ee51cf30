//! The values of scripts, drawn from bytes. When there are no more bytes, every value is at its least.

use arbitrary::{Result, Unstructured};
use std::time::Duration;

/// One of the choices.
///
/// # Errors
///
/// If there are no choices.
pub fn one_of<T: Copy>(bytes: &mut Unstructured<'_>, choices: &[T]) -> Result<T> {
    bytes.choose(choices).copied()
}

/// Any duration, often a duration where a representation ends or changes.
///
/// # Errors
///
/// None that is known.
pub fn any_duration(bytes: &mut Unstructured<'_>) -> Result<Duration> {
    let edge = one_of(
        bytes,
        &[
            Duration::ZERO,
            Duration::from_secs(1),
            Duration::from_secs(u64::MAX / 1_000_000_000),
            Duration::from_nanos(u64::MAX / 2),
            Duration::from_nanos(u64::MAX),
            Duration::MAX,
        ],
    )?;
    Ok(match bytes.int_in_range(0..=7)? {
        0 => few_millis(bytes)?,
        1 => Duration::from_millis(bytes.int_in_range(0..=600_000)?),
        2 => Duration::from_nanos(u64::from(bytes.arbitrary::<u16>()?)),
        3 => Duration::from_nanos(bytes.arbitrary()?),
        4 => Duration::new(bytes.arbitrary()?, bytes.int_in_range(0..=999_999_999)?),
        5 => edge,
        6 => edge.saturating_sub(Duration::from_nanos(bytes.arbitrary::<u32>()?.into())),
        _ => edge.saturating_add(Duration::from_nanos(bytes.arbitrary::<u32>()?.into())),
    })
}

/// A few milliseconds, so that sums often meet limits exactly.
///
/// # Errors
///
/// None that is known.
pub fn few_millis(bytes: &mut Unstructured<'_>) -> Result<Duration> {
    Ok(Duration::from_millis(bytes.int_in_range(0..=15)?))
}

/// Either kind of duration, or none.
///
/// # Errors
///
/// None that is known.
pub fn maybe_duration(bytes: &mut Unstructured<'_>) -> Result<Option<Duration>> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 => None,
        1 => Some(few_millis(bytes)?),
        _ => Some(any_duration(bytes)?),
    })
}

/// The times of a script: from any origin mostly forward, and back where that is set.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The time.
    pub now: Duration,
    /// The time that it does not pass.
    pub end: Duration,
    /// Whether it goes back as well.
    pub backwards: bool,
}

impl Clock {
    /// Moves forward, or back.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub fn pass(&mut self, bytes: &mut Unstructured<'_>) -> Result<Duration> {
        let step = if bytes.ratio(7_u8, 8_u8)? {
            few_millis(bytes)?
        } else {
            any_duration(bytes)?
        };
        self.now = if self.backwards && bytes.ratio(1_u8, 8_u8)? {
            self.now.saturating_sub(step)
        } else {
            self.now.saturating_add(step).min(self.end)
        };
        Ok(self.now)
    }
}
