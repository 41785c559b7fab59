//! Which seeds to run: `--seeds 100`, `--seeds 2000..3000`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A half-open range of seeds that is not empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seeds(Range<u64>);

impl Seeds {
    /// The seeds from 0 on, `n` of them; `None` when that is no seed.
    pub(crate) fn first(n: u64) -> Option<Self> {
        Self::range(0, n)
    }

    /// `seed` alone. The last seed of all, 2^64 - 1, is left out so that a range can be half open.
    pub(crate) fn only(seed: u64) -> Option<Self> {
        Self::range(seed, seed.checked_add(1)?)
    }

    fn range(from: u64, to: u64) -> Option<Self> {
        (from < to).then_some(Self(from..to))
    }

    /// How many seeds there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.end - self.0.start
    }

    /// The seeds, in order.
    pub(crate) fn iter(&self) -> Range<u64> {
        self.0.clone()
    }
}

impl FromStr for Seeds {
    type Err = BadSeeds;

    fn from_str(text: &str) -> Result<Self, BadSeeds> {
        let number = |text: &str| text.replace('_', "").parse::<u64>().map_err(|_| BadSeeds::Number(text.to_owned()));
        match text.split_once("..") {
            Some((from, to)) => Self::range(number(from)?, number(to)?),
            None => Self::first(number(text)?),
        }
        .ok_or(BadSeeds::Empty)
    }
}

/// Why a text names no seeds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BadSeeds {
    /// A part is no decimal number below 2^64.
    Number(String),
    /// The range has no seed in it.
    Empty,
}

impl fmt::Display for BadSeeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(text) => write!(f, "`{text}` is not a seed; write a count as `100` or a range as `2000..3000`"),
            Self::Empty => f.write_str("no seed is in that range; the first number must be below the second"),
        }
    }
}

impl std::error::Error for BadSeeds {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<Vec<u64>, BadSeeds>) {
        assert_eq!(text.parse::<Seeds>().map(|seeds| seeds.iter().collect()), expected, "{text}");
    }

    #[test]
    fn a_count_or_a_half_open_range_names_seeds() {
        check("3", Ok(vec![0, 1, 2]));
        check("1_000..1_002", Ok(vec![1000, 1001]));
        check("0", Err(BadSeeds::Empty));
        check("5..5", Err(BadSeeds::Empty));
        check("9..5", Err(BadSeeds::Empty));
        check("five", Err(BadSeeds::Number("five".to_owned())));
        check("1..", Err(BadSeeds::Number(String::new())));
        check("18446744073709551616", Err(BadSeeds::Number("18446744073709551616".to_owned())));
    }
}
