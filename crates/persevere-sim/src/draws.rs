//! Random draws of a simulation: the same for a seed on every machine.

use persevere_core::Random;

/// The purpose of a draw. Each purpose has a separate stream, so that two policies meet the same arrivals, service
/// times and errors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Arrivals,
    Processes,
    Runs,
    Guards,
    Service,
    Errors,
    Replicas,
    Keys,
}

/// A stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Draws(Random);

impl Draws {
    pub(crate) fn new(seed: u64, stream: Stream) -> Draws {
        let base = Random::seeded(seed).bits();
        Draws(Random::seeded(base ^ stream as u64))
    }

    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// A uniform draw of a whole number below `end`.
    #[inline]
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0.within(0, u64::from(end.max(1) - 1)) as u32
    }

    /// A uniform draw above 0 and at most 1.
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        ((self.bits() >> 11) + 1) as f64 * STEP
    }

    /// Whether an event of this probability happens.
    #[inline]
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.unit() <= probability
    }

    /// An exponential draw with the given mean.
    #[inline]
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.unit())
    }

    /// A draw from the standard normal distribution, by the polar method.
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * libm::sqrt(-2.0 * libm::log(square) / square);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(draws: u32, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..draws {
            let x = draw();
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(draws);
        (mean, squares / f64::from(draws) - mean * mean)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut draws = Draws::new(1, Stream::Service);
        let (mean, variance) = moments(200_000, || draws.exponential(3.0));
        assert!(
            (mean - 3.0).abs() < 0.04 && (variance - 9.0).abs() < 0.3,
            "{mean} {variance}"
        );
        let (mean, variance) = moments(200_000, || draws.normal());
        assert!(mean.abs() < 0.012 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let (mean, _) = moments(200_000, || f64::from(draws.below(11)));
        assert!((mean - 5.0).abs() < 0.04, "{mean}");
    }

    #[test]
    fn draws_are_the_same_on_every_machine() {
        let mut draws = Draws::new(7, Stream::Arrivals);
        let exact = [draws.bits(), draws.exponential(1e9).to_bits(), draws.normal().to_bits()];
        let expected = [10117098294558233136, 4741954943267900713, 13830693213874976154];
        assert_eq!(exact, expected);
    }
}
