//! Ten sensors that are read in the same way.

/// A way to read a sensor.
pub trait Site {
    /// Reads the sensor `N`; `None` if it has no value.
    fn read<const N: u32>() -> Option<u32>;
}

/// Reads the sensors 0 to 9, each by code of its own; `None` if one has no value.
pub fn read_ten<S: Site>() -> Option<u32> {
    let values = [
        S::read::<0>(),
        S::read::<1>(),
        S::read::<2>(),
        S::read::<3>(),
        S::read::<4>(),
        S::read::<5>(),
        S::read::<6>(),
        S::read::<7>(),
        S::read::<8>(),
        S::read::<9>(),
    ];
    combined(values)
}

/// Combines the values; `None` if one is missing. Never inlined, so that it takes the same code in every program.
#[inline(never)]
fn combined(values: [Option<u32>; 10]) -> Option<u32> {
    values.into_iter().try_fold(0, |sum, value| Some(sum ^ value?))
}
