//! How long each sleep of the timer work lasts.
//!
//! Drawn here and not from the tool's own generator, so that every tool sleeps the same times and none is measured by the
//! speed of its random numbers.

use std::time::Duration;

/// An endless series of sleeps, uniform from 1 ms (inclusive) to 10 ms (exclusive) in whole nanoseconds.
#[derive(Debug)]
pub struct Pace(u64);

impl Pace {
    const SHORTEST_NS: u64 = 1_000_000;
    const LONGEST_NS: u64 = 10_000_000;

    /// The series of the task with this number; each number has its own.
    #[must_use]
    pub fn of_task(number: u64) -> Self {
        Self(number)
    }

    /// The next sleep. SplitMix64 (Steele, Lea and Flood, 2014), scaled by multiplication (Lemire, 2019, without its rejection
    /// step: the bias is below 2^-40).
    pub fn draw(&mut self) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        // The upper 32 bits times a span below 2^24 stay below 2^56.
        let offset = ((bits >> 32) * (Self::LONGEST_NS - Self::SHORTEST_NS)) >> 32;
        Duration::from_nanos(Self::SHORTEST_NS + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_fill_the_range_and_never_leave_it() {
        let mut pace = Pace::of_task(3);
        let sleeps: Vec<_> = (0..100_000).map(|_| pace.draw()).collect();
        let (shortest, longest) = (sleeps.iter().min().expect("drawn"), sleeps.iter().max().expect("drawn"));
        assert!(*shortest >= Duration::from_millis(1) && *shortest < Duration::from_micros(1_010), "{shortest:?}");
        assert!(*longest < Duration::from_millis(10) && *longest > Duration::from_micros(9_990), "{longest:?}");
        let mean = sleeps.iter().sum::<Duration>() / 100_000;
        assert!(mean.abs_diff(Duration::from_micros(5_500)) < Duration::from_micros(30), "{mean:?}");
    }
}
