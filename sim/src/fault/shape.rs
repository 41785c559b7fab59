//! Shapes of latency.

use crate::chance::{Odds, scale};
use antfarm_machine::Span;

/// How long something takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shape {
    /// Even between two bounds, both included.
    Uniform {
        /// The least.
        low: Span,
        /// The most.
        high: Span,
    },
    /// `low` and an exponential tail with this mean beyond it, as of a queue that is served at random; the tail is cut at
    /// 22 means.
    Exponential {
        /// The least.
        low: Span,
        /// The mean of what is added.
        mean: Span,
    },
    /// Even up to `fast`, but with these odds even up to `slow`: retransmissions, garbage collection, a route that flaps.
    Bimodal {
        /// The most, mostly.
        fast: Span,
        /// The most, sometimes.
        slow: Span,
        /// How often is sometimes.
        odds: Odds,
    },
}

impl Shape {
    /// The time that an evenly drawn `word` stands for.
    #[inline]
    pub fn sample(self, word: u64) -> Span {
        match self {
            Self::Uniform { low, high } => even(word, low, high),
            Self::Exponential { low, mean } => low + exponential(word, mean),
            Self::Bimodal { fast, slow, odds } => {
                let [a, b, c, d, ..] = word.to_le_bytes();
                even(word, Span::ZERO, if odds.hit(u32::from_le_bytes([a, b, c, d])) { slow } else { fast })
            }
        }
    }
}

#[inline]
fn even(word: u64, low: Span, high: Span) -> Span {
    low + Span::from_nanos(scale(word, (high - low).as_nanos().saturating_add(1)))
}

/// Inverse transform sampling, -ln(u) x mean, with the logarithm to base 2 by repeated squaring in 32 fractional bits.
fn exponential(word: u64, mean: Span) -> Span {
    const LN_2: u128 = 2_977_044_472; // ln 2 in units of 2^-32
    let word = word.max(1 << 32); // u >= 2^-32: the tail is cut at 32 ln 2 = 22 means
    let zeros = word.leading_zeros();
    let mut mantissa = u128::from(word << zeros); // in 2^63..2^64: 1..2 in units of 2^-63
    let mut fraction: u64 = 0;
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 63;
        fraction <<= 1;
        if mantissa >= 1 << 64 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    // -log2(u) = zeros + 1 - log2(mantissa), in units of 2^-32
    let bits = (u128::from(zeros + 1) << 32) - u128::from(fraction);
    let nanos = (((u128::from(mean.as_nanos()) * bits) >> 32) * LN_2) >> 32;
    Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(shape: Shape) -> u64 {
        let n = 100_000_u64;
        let step = u64::MAX / n;
        (0..n).map(|i| shape.sample(i * step + step / 2).as_nanos()).sum::<u64>() / n
    }

    #[test]
    fn an_exponential_latency_has_its_mean() {
        let mean = mean_of(Shape::Exponential { low: Span::ZERO, mean: Span::from_millis(5) });
        assert!((4_950_000..5_050_000).contains(&mean), "the mean of a 5 ms tail is {mean} ns");
    }

    #[test]
    fn a_uniform_latency_keeps_its_bounds() {
        let shape = Shape::Uniform { low: Span::from_millis(1), high: Span::from_millis(10) };
        assert_eq!(shape.sample(0), Span::from_millis(1));
        assert_eq!(shape.sample(u64::MAX), Span::from_millis(10));
    }
}
