//! Quantities as text, beyond plain durations: chances, rates, amounts, and ranges of them. Exact: nothing is rounded, nothing is
//! floating point.
//!
//! ```text
//! chance  2%  0.5%  10ppm      range  1.2s..1.4s      rate  10/s  0.5/m
//! ```

use crate::chance::Dice;
use crate::scenario::key::Unit;
use antfarm_strict::{Complaint, Decimal, LONGEST, UNITS};

/// A range of numbers, both ends included; a single number is a range too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Spread {
    low: i64,
    high: i64,
}

impl Spread {
    /// Just this.
    pub const fn just(it: i64) -> Self {
        Self { low: it, high: it }
    }

    /// From `low` to `high`, which is not less.
    pub const fn new(low: i64, high: i64) -> Option<Self> {
        if low <= high { Some(Self { low, high }) } else { None }
    }

    /// The least.
    pub const fn low(self) -> i64 {
        self.low
    }

    /// The most.
    pub const fn high(self) -> i64 {
        self.high
    }

    /// An even draw from the range. A single number draws nothing.
    pub fn sample(self, dice: &mut Dice) -> i64 {
        let width = self.high.abs_diff(self.low);
        if width == 0 {
            return self.low;
        }
        self.low.saturating_add_unsigned(dice.between(0, width))
    }
}

/// A chance, in parts per million.
pub(super) fn chance(text: &str) -> Result<i64, Complaint> {
    let complaint = "a chance such as \"2%\", \"0.5%\" or \"10ppm\"";
    let (number, unit) = split(text, |c| c.is_ascii_digit() || c == '.');
    let number = Decimal::parse(number).ok_or_else(|| Complaint::Text { wanted: complaint, found: text.to_owned() })?;
    let scale = match unit {
        "%" => 10_000,
        "ppm" => 1,
        unit => return Err(Complaint::Unit { unit: unit.to_owned(), known: "`%` or `ppm`" }),
    };
    let ppm = number.times(scale).ok_or_else(|| bounds("a chance is a whole number of parts per million"))?;
    i64::try_from(ppm).ok().filter(|ppm| *ppm <= 1_000_000).ok_or_else(|| bounds("a chance is at most 100%"))
}

/// An amount, in the smallest parts of its unit.
pub(super) fn amount(text: &str, unit: &'static Unit, most: u64) -> Result<u64, Complaint> {
    let (number, name) = split(text, |c| c.is_ascii_digit() || c == '.');
    let number = Decimal::parse(number).ok_or_else(|| Complaint::Text { wanted: unit.wanted, found: text.to_owned() })?;
    if name.trim_start() != unit.name {
        return Err(Complaint::Unit { unit: name.trim_start().to_owned(), known: unit.name });
    }
    let parts = number.times(i128::from(unit.parts)).ok_or_else(|| bounds("nothing is finer than the unit's smallest part"))?;
    u64::try_from(parts).ok().filter(|parts| *parts <= most).ok_or_else(|| bounds("this is more than there can be"))
}

/// A rate error of a clock, in parts per million: at most 10 % either way.
pub(super) fn drift(text: &str) -> Result<i64, Complaint> {
    const MOST: i64 = 100_000;
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let ppm = chance(rest)?;
    if ppm > MOST {
        return Err(bounds("a clock drifts at most 10%"));
    }
    Ok(if negative { -ppm } else { ppm })
}

/// A rate: the mean gap that it stands for, in nanoseconds.
pub(super) fn rate(text: &str) -> Result<i64, Complaint> {
    const WANTED: &str = "a rate such as \"10/s\" or \"30/m\"";
    let malformed = || Complaint::Text { wanted: WANTED, found: text.to_owned() };
    let (number, unit) = text.split_once('/').ok_or_else(malformed)?;
    let number = Decimal::parse(number).ok_or_else(malformed)?;
    let Some((_, nanos)) = UNITS.iter().find(|(known, _)| *known == unit) else {
        return Err(Complaint::Unit { unit: unit.to_owned(), known: "`s`, `m`, `h` or `d`" });
    };
    let gap = number.divides(i128::from(*nanos)).and_then(|gap| i64::try_from(gap).ok()).filter(|gap| *gap <= LONGEST / 2);
    gap.filter(|gap| *gap > 0).ok_or_else(|| bounds("a rate is between one in fifty years and one in a nanosecond"))
}

/// One quantity, or a range of them.
pub(super) fn spread(text: &str, one: impl Fn(&str) -> Result<i64, Complaint>) -> Result<Spread, Complaint> {
    match text.split_once("..") {
        None => one(text).map(Spread::just),
        Some((low, high)) => Spread::new(one(low)?, one(high)?).ok_or(Complaint::Downwards),
    }
}

/// A chance as text that reads back as itself.
pub(super) fn chance_text(ppm: i64) -> String {
    if ppm % 10_000 == 0 { format!("{}%", ppm / 10_000) } else { format!("{ppm}ppm") }
}

fn bounds(words: &str) -> Complaint {
    Complaint::Bounds { bounds: words.to_owned() }
}

fn split(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_strict::duration;

    #[test]
    fn chances_and_rates_are_read_exactly() {
        assert_eq!(chance("2%"), Ok(20_000));
        assert_eq!(chance("0.5%"), Ok(5_000));
        assert_eq!(chance("10ppm"), Ok(10));
        assert!(chance("101%").is_err() && chance("0.00001%").is_err() && chance("2").is_err());
        assert_eq!(rate("10/s"), Ok(100_000_000));
        assert_eq!(rate("30/m"), Ok(2_000_000_000));
        assert_eq!(rate("0.5/s"), Ok(2_000_000_000));
        assert!(rate("0/s").is_err() && rate("5").is_err() && rate("5/fortnight").is_err());
    }

    #[test]
    fn amounts_are_read_exactly() {
        const UNIT: Unit = Unit { name: "usdc", parts: 1_000_000, bare: 1, wanted: "an amount" };
        for (text, parts) in [("20 usdc", 20_000_000), ("0.000001 usdc", 1), ("1.5usdc", 1_500_000), ("0 usdc", 0)] {
            assert_eq!(amount(text, &UNIT, 20_000_000), Ok(parts), "{text}");
        }
        for text in ["", "usdc", "20", "20 usd", "0.0000001 usdc", "20.000001 usdc", "-1 usdc", "1. usdc"] {
            assert!(amount(text, &UNIT, 20_000_000).is_err(), "`{text}`");
        }
    }

    #[test]
    fn a_range_runs_upwards() {
        assert_eq!(spread("1.2s..1.4s", duration), Ok(Spread { low: 1_200_000_000, high: 1_400_000_000 }));
        assert_eq!(spread("-5s..5s", duration), Ok(Spread { low: -5_000_000_000, high: 5_000_000_000 }));
        assert_eq!(spread("2s..1s", duration), Err(Complaint::Downwards));
    }
}
