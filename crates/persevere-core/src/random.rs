//! Randomness for jitter: seedable, without state between draws, drawn only when a delay is computed.
//!
//! The generator is `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Its
//! finalizer also mixes seeds, so that the draws of neighbouring seeds are unrelated. The generator belongs to the
//! library: other code that seeds another generator changes nothing here, and a retry disturbs no other generator.

use crate::time::nanos;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;

/// A source of uniform draws, handed to a [`Backoff`](crate::Backoff) through its
/// [`Context`](crate::backoff::Context).
///
/// With a seed the draws depend on it and on the number of the attempt alone. Without one they differ from draw to draw,
/// between threads, between processes (also after a `fork`) and between machines that resume from one snapshot. Without
/// `std` there is no platform with randomness, so devices differ only by [`seed_device`](Random::seed_device).
///
/// ```
/// use persevere::Random;
/// use std::time::Duration;
///
/// let mut random = Random::seeded(7);
/// let (low, high) = (Duration::from_millis(5), Duration::from_millis(9));
/// let draw = random.between(low, high);
/// assert!(low <= draw && draw <= high);
/// assert_eq!(draw, Random::seeded(7).between(low, high), "the same seed gives the same draw");
/// ```
#[derive(Debug, Clone)]
pub struct Random(Source);

#[derive(Debug, Clone)]
enum Source {
    /// The state of a generator with a seed.
    Seeded(u64),
    /// The same bits at each draw.
    Bits(u64),
    /// The process, the platform and its clocks; `true` for the first draw of a run.
    Entropy(bool),
}

/// Where the draws of a policy come from. No part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draws {
    Entropy,
    Seeded(u64),
    Bits(u64),
}

/// 2^64 divided by the golden ratio, made odd: the increment of `SplitMix64`.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// A source that repeats the same draws for the same `seed`, on every target.
    #[must_use]
    pub const fn seeded(seed: u64) -> Random {
        Random(Source::Seeded(mix(seed)))
    }

    /// A source whose every draw is made of these bits: 0 for the lowest value of each range, `u64::MAX` for the highest,
    /// `1 << 63` for the middle. For tests.
    ///
    /// ```
    /// use persevere::Random;
    ///
    /// assert_eq!(Random::of_bits(0).within(5, 9), 5);
    /// assert_eq!(Random::of_bits(u64::MAX).within(5, 9), 9);
    /// assert_eq!(Random::of_bits(1 << 63).within(5, 9), 7);
    /// ```
    #[must_use]
    pub const fn of_bits(bits: u64) -> Random {
        Random(Source::Bits(bits))
    }

    /// Sets the base of all draws without a seed in this process, from any bytes. They may come from a hardware
    /// generator, or be the serial number of a device. Call it once at boot, where no platform has randomness: on
    /// `no_std` targets and on `wasm32-unknown-unknown`. Devices with different bytes draw differently.
    ///
    /// ```
    /// let serial_number = [0x17, 0x2A, 0x00, 0x51, 0xFF, 0x03, 0x20, 0x41, 0x36, 0x35, 0x39, 0x30];
    /// persevere::Random::seed_device(&serial_number);
    /// ```
    pub fn seed_device(bytes: &[u8]) {
        let base = bytes.iter().fold(GOLDEN, |base, byte| mix(base ^ u64::from(*byte)));
        // Ordering: relaxed, since a draw that races with this reads either base, and both are good.
        BASE[0].store(base as usize, Ordering::Relaxed);
        BASE[1].store((base >> 32) as usize, Ordering::Relaxed);
    }

    /// The source of one draw: a function of the seed and the number of the draw, so that a run keeps no state for it.
    #[inline]
    pub(crate) const fn of_draw(draws: Draws, draw: u64) -> Random {
        Random(match draws {
            Draws::Entropy => Source::Entropy(draw as u32 <= 1),
            Draws::Seeded(seed) => Source::Seeded(mix(seed).wrapping_add(mix(draw))),
            Draws::Bits(bits) => Source::Bits(bits),
        })
    }

    /// The next 64 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        match &mut self.0 {
            Source::Seeded(state) => {
                *state = state.wrapping_add(GOLDEN);
                mix(*state)
            }
            Source::Bits(bits) => *bits,
            Source::Entropy(stir) => entropy(*stir),
        }
    }

    /// A uniform draw from `low..=high`. If `high` is below `low`, it is `low`.
    ///
    /// By multiply and shift. Of 2^64 bits each value gets its share within one, so no value is favoured by more than
    /// one part in 2^64 / (high - low).
    #[inline]
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        let bits = self.bits();
        match high.saturating_sub(low).checked_add(1) {
            Some(values) => low + ((u128::from(bits) * u128::from(values)) >> 64) as u64,
            None => bits,
        }
    }

    /// A uniform draw from `low..=high`, to the nanosecond. If `high` is below `low`, it is `low`.
    #[inline]
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        Duration::from_nanos(self.within(nanos(low), nanos(high)))
    }
}

/// The finalizer of `SplitMix64`: a bijection whose every output bit depends on every input bit.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// The base of draws without a seed, in two words, since the smallest targets have none of 64 bits.
static BASE: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

fn base() -> u64 {
    let [low, high] = [0, 1].map(|word: usize| BASE[word].load(Ordering::Relaxed) as u64);
    low ^ (high << 32)
}

/// 64 bits that differ from draw to draw, and from process to process where there is a platform. `stir` is set for the
/// first draw of a run.
#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
#[inline(never)]
fn entropy(stir: bool) -> u64 {
    use std::cell::Cell;
    use std::hash::Hash;
    use std::process;
    use std::time::SystemTime;

    std::thread_local! {
        /// The state of this thread; 0 at first.
        static STATE: Cell<u64> = const { Cell::new(0) };
    }

    let mut state = STATE.get();
    if stir {
        // Once a run, and not at every draw. A child of a `fork` has the state of its parent, and a machine that
        // resumes from a snapshot the state of its twins. But their process or time differs.
        if state == 0 {
            state = seed();
        }
        let mut mixer = Mixer(state);
        (process::id(), SystemTime::now()).hash(&mut mixer);
        state = mixer.0;
    }
    state = state.wrapping_add(GOLDEN);
    STATE.set(state);
    mix(state ^ base())
}

/// Mixes what is hashed into a state.
// perf: the standard hasher costs ten times as much (`jitter`). Each word changes the state one to one, and the draw mixes it.
#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
struct Mixer(u64);

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
impl core::hash::Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    #[inline]
    fn write_i64(&mut self, word: i64) {
        self.write_u64(word as u64);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(32) ^ word).wrapping_mul(GOLDEN);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A state that no other thread and no other process has: from random keys of the process, the thread and the time.
#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
#[cold]
fn seed() -> u64 {
    use std::collections::hash_map::RandomState;
    use std::hash::BuildHasher;
    use std::time::{Instant, SystemTime};
    use std::{process, thread};

    RandomState::new().hash_one((process::id(), thread::current().id(), SystemTime::now(), Instant::now()))
}

/// Without a platform, draws of one device differ by their number alone.
#[cfg(not(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown")))))]
fn entropy(_: bool) -> u64 {
    /// How many draws there were.
    static DRAWS: AtomicUsize = AtomicUsize::new(1);
    // Ordering: relaxed. A load and a store rather than a read-modify-write, which the smallest targets lack. Two draws
    // that race may be the same, which costs only that two delays are alike.
    let draw = DRAWS.load(Ordering::Relaxed);
    DRAWS.store(draw.wrapping_add(1), Ordering::Relaxed);
    mix(base().wrapping_add((draw as u64).wrapping_mul(GOLDEN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_seeds_draw_unrelated_values() {
        const SEEDS: u64 = 20_000;
        let unit = |seed: u64, draw| Random::of_draw(Draws::Seeded(seed), draw).bits() as f64 / u64::MAX as f64 - 0.5;
        for step in [1, 1024] {
            let (mut product, mut squares) = (0.0, 0.0);
            for seed in (0..SEEDS).map(|n| 123_456 + n * step) {
                let (one, other) = (unit(seed, 1), unit(seed + step, 1));
                product += one * other;
                squares += one * one;
            }
            let correlation: f64 = product / squares;
            // Four standard deviations of the correlation of unrelated values.
            assert!(correlation.abs() < 4.0 / (SEEDS as f64).sqrt(), "{step}: {correlation}");
            // A uniform value has a variance of one twelfth.
            let variance: f64 = squares / SEEDS as f64;
            assert!((variance - 1.0 / 12.0).abs() < 0.003, "{step}: {variance}");
        }
    }

    #[test]
    fn draws_without_a_seed_differ() {
        let mut draws: std::vec::Vec<_> = (0..10_000).map(|_| Random::of_draw(Draws::Entropy, 1).bits()).collect();
        draws.sort_unstable();
        draws.dedup();
        assert_eq!(draws.len(), 10_000);
    }
}
