//! Scripts of steps, and how they are read from bytes.

use super::{agree, built, consecutive, last_calls, slices, withstand};
use crate::compare::draw::{any_duration, few_millis};
use crate::model::breaker::{Condition, Model, Settings};
use arbitrary::{Result, Unstructured};
use persevere::Backoff;
use persevere_breaker::{Builder, Trip};
use std::time::Duration;

/// A step of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A call tries to acquire a permit.
    Acquire,
    /// One of the permits reports a success.
    Succeed(usize),
    /// One of the permits reports a failure.
    Fail(usize),
    /// One of the permits reports a failure with a hint.
    FailWithHint(usize, Duration),
    /// One of the permits is ignored.
    Ignore(usize),
    /// One of the permits is dropped.
    Abandon(usize),
    /// One of the permits is abandoned.
    Leave(usize),
    /// One of the permits is superseded.
    Supersede(usize),
    /// The breaker is opened for the given time.
    ForceOpenFor(Duration),
    /// Time passes.
    Pass(Duration),
    /// Time goes back. No clock may do that: a breaker withstands it, but need not agree with the model.
    Back(Duration),
    /// The breaker is forced open.
    ForceOpen,
    /// The breaker is forced closed.
    ForceClose,
    /// A forced breaker is released.
    Release,
    /// The breaker is reset.
    Reset,
    /// A snapshot is taken.
    Keep,
    /// The last snapshot is restored, if there is one.
    Restore,
    /// A snapshot is taken, and restored in another breaker.
    Restart,
}

/// Reads a breaker and a script from the bytes, and follows the script.
///
/// # Panics
///
/// If breaker and model differ.
pub fn check(bytes: &[u8]) {
    // Bytes that hold no script are skipped.
    let _ = follow(&mut Unstructured::new(bytes));
}

fn follow(bytes: &mut Unstructured<'_>) -> Result<()> {
    let kind = bytes.int_in_range(0..=4)?;
    let settings = settings(bytes)?;
    let percent = bytes.int_in_range(1..=100)?;
    let (size, minimum) = (bytes.int_in_range(1..=128)?, bytes.int_in_range(1..=20)?);
    let failures = bytes.int_in_range(1..=6)?;
    let slice = Duration::from_millis(1) + few_millis(bytes)?;
    let now = any_duration(bytes)?;
    // Slices differ for as long as half of their numbers last.
    let most = if kind < 2 {
        Duration::MAX
    } else {
        slice.saturating_mul(1 << 31)
    };
    let backwards = bytes.ratio(1_u8, 4_u8)?;
    let script = script(bytes, most, backwards)?;
    let (first, one) = consecutive(failures);
    let (second, two) = last_calls(size, percent, minimum);
    let (ten, of_ten) = slices::<10>(slice, percent, minimum);
    let (single, of_one) = slices::<1>(slice, percent, minimum);
    match kind {
        0 => play(built(first, &settings), vec![one], settings, &script, now),
        1 => play(built(second, &settings), vec![two], settings, &script, now),
        2 => play(built(ten, &settings), vec![of_ten], settings, &script, now),
        3 => play(built(single, &settings), vec![of_one], settings, &script, now),
        _ => {
            let builder = built(first, &settings).or(second).or(ten);
            play(builder, vec![one, two, of_ten], settings, &script, now);
        }
    }
    Ok(())
}

fn play<T: Trip, B: Backoff + Copy>(
    builder: Builder<T, B>,
    conditions: Vec<Condition>,
    settings: Settings,
    script: &[Step],
    now: Duration,
) {
    if script.iter().any(|step| matches!(step, Step::Back(_))) {
        withstand(builder, settings.max_probes, script, now);
    } else {
        agree(builder, &Model::new(settings, conditions), script, now);
    }
}

fn settings(bytes: &mut Unstructured<'_>) -> Result<Settings> {
    let mut time = || {
        if bytes.ratio(3_u8, 4_u8)? {
            few_millis(bytes)
        } else {
            any_duration(bytes)
        }
    };
    let (base, most, slow, lease, max_hint) = (time()?, time()?, time()?, time()?, time()?);
    let least = Duration::from_nanos(1);
    Ok(Settings {
        base,
        most: most.max(least),
        slow: slow.max(least),
        // Zero stands for the default.
        lease: Some(lease).filter(|lease| !lease.is_zero()),
        max_hint,
        max_probes: bytes.int_in_range(1..=8)?,
        successes_to_close: bytes.int_in_range(1..=4)?,
        failures_to_reopen: bytes.int_in_range(1..=3)?,
        open_on_hints: bytes.arbitrary()?,
    })
}

/// Reads a script that lasts at most `left`.
fn script(bytes: &mut Unstructured<'_>, mut left: Duration, backwards: bool) -> Result<Vec<Step>> {
    let mut script = Vec::new();
    while !bytes.is_empty() {
        let kind = bytes.int_in_range(0..=31)?;
        let step = match kind {
            0..=9 => Step::Acquire,
            10..=14 => Step::Succeed(bytes.arbitrary::<u8>()?.into()),
            15..=19 => Step::Fail(bytes.arbitrary::<u8>()?.into()),
            20 => Step::FailWithHint(bytes.arbitrary::<u8>()?.into(), any_duration(bytes)?),
            21 => Step::Ignore(bytes.arbitrary::<u8>()?.into()),
            22 => match bytes.int_in_range(0..=2)? {
                0 => Step::Abandon(bytes.arbitrary::<u8>()?.into()),
                1 => Step::Leave(bytes.arbitrary::<u8>()?.into()),
                _ => Step::Supersede(bytes.arbitrary::<u8>()?.into()),
            },
            23 if bytes.arbitrary()? => Step::ForceOpenFor(few_millis(bytes)?),
            23 => Step::ForceOpen,
            24 => Step::ForceClose,
            25 => Step::Release,
            26 => Step::Reset,
            27 => Step::Keep,
            28 => Step::Restore,
            29 => Step::Restart,
            30 if backwards => Step::Back(any_duration(bytes)?),
            _ => {
                let time = if kind == 30 {
                    few_millis(bytes)?
                } else {
                    any_duration(bytes)?
                };
                let time = time.min(left);
                left -= time;
                Step::Pass(time)
            }
        };
        script.push(step);
    }
    Ok(script)
}
