//! Sizes in bytes as text: `64b`, `2kb`, `64b..2kb`. Exact; a kilobyte is 1024 bytes.

use std::fmt;

/// The longest put that a scenario may ask for, in bytes: twice what a keeper takes, so that a refusal can be shown.
const MOST: u64 = 128 << 10;

/// A range of sizes, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sizes {
    low: u64,
    high: u64,
}

impl Sizes {
    /// From `low` to `high` bytes; `None` when the range runs downwards.
    pub const fn new(low: u64, high: u64) -> Option<Self> {
        if low <= high { Some(Self { low, high }) } else { None }
    }

    /// Reads `64b`, `2kb` or `64b..2kb`.
    ///
    /// # Errors
    ///
    /// See [`BadSize`].
    pub fn parse(text: &str) -> Result<Self, BadSize> {
        match text.split_once("..") {
            None => one(text).map(|size| Self { low: size, high: size }),
            Some((low, high)) => Self::new(one(low)?, one(high)?).ok_or(BadSize::Downwards),
        }
    }

    /// The least.
    pub const fn low(self) -> u64 {
        self.low
    }

    /// The most.
    pub const fn high(self) -> u64 {
        self.high
    }
}

fn one(text: &str) -> Result<u64, BadSize> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale = match unit {
        "b" => 1,
        "kb" => 1 << 10,
        _unknown => return Err(BadSize::Unit),
    };
    let number: u64 = number.parse().map_err(|_| BadSize::Number)?;
    number.checked_mul(scale).filter(|size| *size <= MOST).ok_or(BadSize::TooMuch)
}

/// Why a text is not a size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadSize {
    /// There is no whole number before the unit, or it has too many digits.
    Number,
    /// The unit is neither `b` nor `kb`.
    Unit,
    /// It is more than 128 kilobytes.
    TooMuch,
    /// The range runs downwards.
    Downwards,
}

impl fmt::Display for BadSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("a whole number is missing; write a size such as \"64b\" or \"64b..2kb\""),
            Self::Unit => f.write_str("the unit of a size is `b` or `kb`; write \"64b\" or \"64b..2kb\""),
            Self::TooMuch => f.write_str("a put is at most 128kb; a keeper takes 64kb"),
            Self::Downwards => f.write_str("a range runs upwards: write the lesser size first"),
        }
    }
}

impl std::error::Error for BadSize {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_exactly_and_refused_with_a_reason() {
        let size = |low, high| Ok(Sizes { low, high });
        for (text, wanted) in [
            ("64b", size(64, 64)),
            ("0b", size(0, 0)),
            ("64b..2kb", size(64, 2048)),
            ("128kb", size(131_072, 131_072)),
            ("129kb", Err(BadSize::TooMuch)),
            ("99999999999999999kb", Err(BadSize::TooMuch)),
            ("999999999999999999999b", Err(BadSize::Number)),
            ("b", Err(BadSize::Number)),
            ("64", Err(BadSize::Unit)),
            ("64mb", Err(BadSize::Unit)),
            ("-1b", Err(BadSize::Unit)),
            ("2kb..64b", Err(BadSize::Downwards)),
            ("", Err(BadSize::Unit)),
        ] {
            assert_eq!(Sizes::parse(text), wanted, "{text}");
        }
    }
}
